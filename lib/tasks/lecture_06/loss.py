"""Softmax and cross-entropy of scores, with the gradient in the scores, from one-hot targets."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.tasks.lecture_06._net import as_array, drawn_problem
from lib.tasks.several import one_of
from lib.tasks.task import Task

task = Task(
    "06.loss",
    "Loss and dscores",
    defines=("loss_and_dscores",),
    parts={"loss": 1, "dscores": 1, "large scores": 1},
    hints=(
        "E = np.exp(scores), and P is E, each row divided by its own sum: axis=1, keepdims=True.",
        "P * T keeps one number in each row, the probability of the right class. Sum over axis 1, take the "
        "logarithm, the mean, and minus.",
        "∂loss/∂score is (p − t) / N for each score. Where do you find p and t for all of them at once?",
        "e^1000 is infinite. Subtract the largest score of each row from the row before np.exp.",
    ),
    minutes=7,
    tells=("p - t)", "(p * t)", "p − t", "P_{ij} - T"),
)


def drawn_scores(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Scores and one-hot targets, (N, C)."""
    T = drawn_problem(rng).T
    return 2 * rng.normal(size=T.shape), T


@task.check("loss", within=1e-9)
def loss_of_targets(loss_and_dscores: Any, rng: np.random.Generator) -> dict[str, Any]:
    """the first of the two"""
    scores, T = drawn_scores(rng)
    return {"loss": one_of(loss_and_dscores(scores, T), 0)}


@task.check("dscores", within=1e-9)
def slopes_of_scores(loss_and_dscores: Any, rng: np.random.Generator) -> dict[str, Any]:
    """the second of the two"""
    scores, T = drawn_scores(rng)
    return as_array("dscores", one_of(loss_and_dscores(scores, T), 1))


@task.check("large scores")
def scores_of_a_thousand(loss_and_dscores: Any, rng: np.random.Generator) -> dict[str, Any]:
    """1000 added to all scores"""
    scores, T = drawn_scores(rng)
    with np.errstate(all="ignore"):
        both = loss_and_dscores(scores + 1000, T)
    loss, dscores = one_of(both, 0), one_of(both, 1)
    if loss is None or dscores is None:
        return {"loss and dscores are finite": None}
    return {"loss and dscores are finite": bool(np.isfinite(loss).all() and np.isfinite(dscores).all())}


@task.reference
def loss_and_dscores(scores, T):
    E = np.exp(scores - np.max(scores, axis=1, keepdims=True))
    P = E / E.sum(axis=1, keepdims=True)
    loss = -np.log((P * T).sum(axis=1)).mean()
    dscores = (P - T) / len(T)
    return loss, dscores


@task.wrong(0, "This is the sum of the losses; take their mean, so that batches of all sizes are alike.",
            breaks="loss")  # fmt: skip
def losses_added(scores, T):
    loss, dscores = loss_and_dscores(scores, T)
    return loss * len(T), dscores


@task.wrong(0, "The loss is negative: a logarithm of a number below 1 needs a minus.", breaks="loss")
def sign_left_out(scores, T):
    loss, dscores = loss_and_dscores(scores, T)
    return -loss, dscores


@task.wrong(0, "This is the logarithm to base 10: np.log is the natural one.", breaks="loss")
def base_of_ten(scores, T):
    loss, dscores = loss_and_dscores(scores, T)
    return loss / np.log(10), dscores


@task.wrong(0, "These are the probabilities; the targets are not yet subtracted.", breaks="dscores")
def targets_forgotten(scores, T):
    loss, dscores = loss_and_dscores(scores, T)
    return loss, dscores + T / len(T)


@task.wrong(0, "Each number has the wrong sign: the gradient points uphill, from T to P.", breaks="dscores")
def points_downhill(scores, T):
    loss, dscores = loss_and_dscores(scores, T)
    return loss, -dscores


@task.wrong(0, "The loss is a mean over N examples, so its slopes are divided by N, too.", breaks="dscores")
def mean_forgotten(scores, T):
    loss, dscores = loss_and_dscores(scores, T)
    return loss, dscores * len(T)


@task.wrong(
    0, "Each row is an example, and its probabilities add up to 1; yours do so in each column: use axis=1.",
    breaks=("loss", "dscores"),
)  # fmt: skip
def down_the_columns(scores, T):
    E = np.exp(scores - np.max(scores))
    P = E / E.sum(axis=0, keepdims=True)
    return -np.log((P * T).sum(axis=1)).mean(), (P - T) / len(T)


@task.wrong(
    0, "With scores of 1000 the powers are infinite: subtract the largest score of each row first.",
    breaks="large scores",
)  # fmt: skip
def powers_too_large(scores, T):
    E = np.exp(scores)
    P = E / E.sum(axis=1, keepdims=True)
    return -np.log((P * T).sum(axis=1)).mean(), (P - T) / len(T)


@task.wrong(0, "This divides by N · C; the mean is one over the N examples.", breaks="loss")
def averaged_over_all(scores, T):
    loss, dscores = loss_and_dscores(scores, T)
    return loss / T.shape[1], dscores


@task.wrong(
    0, "Sums and maxima of rows are (N,), and do not fit (N, C): keepdims=True keeps them (N, 1).",
    breaks=("loss", "dscores", "large scores"),
)  # fmt: skip
def without_keepdims(scores, T):
    E = np.exp(scores)
    P = E / E.sum(axis=1)
    return -np.log((P * T).sum(axis=1)).mean(), (P - T) / len(T)


@task.wrong(
    0, "All numbers together add up to 1 here; each row is an example, with a sum of its own.",
    breaks=("loss", "dscores"),
)  # fmt: skip
def one_softmax_for_all(scores, T):
    E = np.exp(scores - np.max(scores))
    P = E / E.sum()
    return -np.log((P * T).sum(axis=1)).mean(), (P - T) / len(T)


@task.wrong(
    0, "P * T is 0 for the wrong classes, and the log of 0 is infinite: sum each row before np.log.",
    breaks=("loss", "large scores"),
)  # fmt: skip
def log_of_zeros(scores, T):
    _, dscores = loss_and_dscores(scores, T)
    return -np.log((dscores * len(T) + T) * T).sum() / len(T), dscores


@task.wrong(0, "A loss for each example came out: return their mean, one number.", breaks="loss")
def loss_of_each(scores, T):
    _, dscores = loss_and_dscores(scores, T)
    return -np.log(((dscores * len(T) + T) * T).sum(axis=1)), dscores


@task.wrong(0, "The logarithm is missing: this is the mean of the probabilities themselves.", breaks="loss")
def without_the_logarithm(scores, T):
    _, dscores = loss_and_dscores(scores, T)
    return ((dscores * len(T) + T) * T).sum(axis=1).mean(), dscores


@task.wrong(0, "dscores is divided by N · C; the mean is one over the N examples.", breaks="dscores")
def slopes_over_all(scores, T):
    loss, dscores = loss_and_dscores(scores, T)
    return loss, dscores / T.shape[1]


@task.wrong(
    0, "Only the right classes have slopes here; a wrong class has one, too: its probability.",
    breaks="dscores",
)  # fmt: skip
def right_classes_alone(scores, T):
    loss, dscores = loss_and_dscores(scores, T)
    return loss, dscores * T
