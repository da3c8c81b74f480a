"""The squared hinge: its loss, and its slopes in the scores."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.tasks.several import one_of
from lib.tasks.task import Task

task = Task(
    "03.squared_hinge",
    "The squared hinge",
    defines=("squared_hinge",),
    parts={"loss": 1, "slopes": 1},
    hints=(
        "Begin with what each class pays in the plain hinge, and 0 for the right one. Then square.",
        "The derivative of u² is 2u, times the derivative of u: 1 in s_j, −1 in the right score.",
        "slopes = 2 * debt. The right score appears in every u: its slope is minus the sum of all others.",
    ),
    minutes=5,
    tells=("2 * debt",),
)


def scores_near_the_margin(rng: np.random.Generator) -> tuple[Any, int]:
    """Scores of five classes, and the right one: three of the others pay, by different amounts."""
    order = rng.permutation(5)
    scores = np.empty(5)
    scores[order] = np.array([-5.0, 0.7, 1.3, 2.4, 1.0]) + rng.uniform(-0.1, 0.1, 5)
    return scores, int(order[4])


@task.check("loss", within=1e-9)
def squared_loss_of_one(squared_hinge: Any, rng: np.random.Generator) -> dict[str, Any]:
    """the first of the two"""
    scores, right = scores_near_the_margin(rng)
    return {
        f"the loss of {scores.round(1).tolist()}, right is {right}": one_of(squared_hinge(scores, right), 0)
    }


@task.check("slopes", within=1e-9)
def squared_slopes_of_one(squared_hinge: Any, rng: np.random.Generator) -> dict[str, Any]:
    """the second of the two"""
    scores, right = scores_near_the_margin(rng)
    return {
        f"the slopes of {scores.round(1).tolist()}, right is {right}": one_of(squared_hinge(scores, right), 1)
    }


@task.reference
def squared_hinge(scores, right):
    debt = np.maximum(0, scores - scores[right] + 1)
    debt[right] = 0
    slopes = 2 * debt
    slopes[right] = -slopes.sum()
    return (debt**2).sum(), slopes


@task.wrong(
    0,
    "These are the slopes of the plain hinge, 1 for all who pay; of a square it is 2 · what they pay.",
    breaks="slopes",
)
def slopes_of_the_plain_hinge(scores, right):
    loss, slopes = squared_hinge(scores, right)
    slopes = (slopes > 0).astype(float)
    slopes[right] = -slopes.sum()
    return loss, slopes


@task.wrong(0, "Half of the right slopes: the derivative of u² is 2u.", breaks="slopes")
def the_two_is_missing(scores, right):
    loss, slopes = squared_hinge(scores, right)
    return loss, slopes / 2


@task.wrong(
    0, "The right score has a slope, too: it is in every term, with a minus each time.", breaks="slopes"
)
def right_score_forgotten(scores, right):
    loss, slopes = squared_hinge(scores, right)
    slopes[right] = 0
    return loss, slopes


@task.wrong(0, "You square the sum; each class pays its own square, and these add up.", breaks="loss")
def sum_then_square(scores, right):
    debt = np.maximum(0, scores - scores[right] + 1)
    debt[right] = 0
    return debt.sum() ** 2, squared_hinge(scores, right)[1]


@task.wrong(0, "The right class pays 1 in your loss; leave it out.", breaks="loss")
def right_class_squared(scores, right):
    loss, slopes = squared_hinge(scores, right)
    return loss + 1, slopes
