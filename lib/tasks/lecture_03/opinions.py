"""The softmax loss where people do not agree what is on the image."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.tasks.several import one_of
from lib.tasks.task import Task

task = Task(
    "03.opinions",
    "Ten opinions",
    defines=("opinion_loss",),
    parts={"loss": 1, "slopes": 1},
    hints=(
        "The loss is the sum over all classes l of −opinions[l] · log p[l].",
        "Slopes: log p_l = s_l − log Σ e^s. Its derivative in s_j is 1(j = l) − p_j.",
        "Σ_l −opinions[l] (1(j = l) − p_j): the first term is −opinions[j]. The opinions add up to 1.",
    ),
    minutes=8,
    tells=("p - opinions", "p − opinions", "p_j - t_j"),
)


def image_and_opinions(rng: np.random.Generator) -> tuple[Any, Any]:
    """Scores of four classes, and what share of the people said each."""
    counts = rng.permutation(np.array([5, 3, 2, 0]))
    return rng.normal(size=4), counts / 10


@task.check("loss", within=1e-9)
def loss_of_opinions(opinion_loss: Any, rng: np.random.Generator) -> dict[str, Any]:
    """the first of the two"""
    scores, opinions = image_and_opinions(rng)
    return {f"the loss for opinions {opinions.tolist()}": one_of(opinion_loss(scores, opinions), 0)}


@task.check("slopes", within=1e-9)
def slopes_of_opinions(opinion_loss: Any, rng: np.random.Generator) -> dict[str, Any]:
    """the second of the two"""
    scores, opinions = image_and_opinions(rng)
    return {f"the slopes for opinions {opinions.tolist()}": one_of(opinion_loss(scores, opinions), 1)}


@task.reference
def opinion_loss(scores, opinions):
    p = np.exp(scores) / np.exp(scores).sum()
    loss = -(opinions * np.log(p)).sum()
    return loss, p - opinions


@task.wrong(
    0,
    "Only the class that most people named counts here: every opinion has its share in the loss.",
    breaks=("loss", "slopes"),
)
def majority_decides(scores, opinions):
    return opinion_loss(scores, np.eye(len(scores))[opinions.argmax()])


@task.wrong(
    0,
    "This is the logarithm of a sum; the loss is a sum of logarithms, each times its opinion.",
    breaks="loss",
)
def log_of_the_mixture(scores, opinions):
    p = np.exp(scores) / np.exp(scores).sum()
    return -np.log((opinions * p).sum()), p - opinions


@task.wrong(0, "The sign of the slopes: where p is too high, the loss grows with the score.", breaks="slopes")
def slopes_uphill(scores, opinions):
    loss, slopes = opinion_loss(scores, opinions)
    return loss, -slopes


@task.wrong(
    0,
    "These are the slopes in the probabilities, −opinions / p. Go on to the scores by the chain rule.",
    breaks="slopes",
)
def slopes_in_the_probabilities(scores, opinions):
    p = np.exp(scores) / np.exp(scores).sum()
    return opinion_loss(scores, opinions)[0], -opinions / p


@task.wrong(0, "The minus of the loss is missing: the logarithm of a probability is below 0.", breaks="loss")
def loss_below_zero(scores, opinions):
    loss, slopes = opinion_loss(scores, opinions)
    return -loss, slopes


@task.wrong(
    0,
    "You subtract 1 from every class, as if all were right; subtract from each its own opinion.",
    breaks="slopes",
)
def all_are_right(scores, opinions):
    p = np.exp(scores) / np.exp(scores).sum()
    return opinion_loss(scores, opinions)[0], p - 1
