"""The multiclass SVM's loss and its gradient, in loops and without."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.tasks.a1.loss_checks import (
    PARTS,
    LossArguments,
    add_loss_checks,
    gradients_of_two_calls,
    linear_problem,
    loss_and_gradient,
    of_bytes,
    of_floats,
    with_scores,
)
from lib.tasks.task import Task

task = Task(
    "a1.hinge",
    "Hinge loss",
    defines=("hinge_naive", "hinge_vectorized"),
    parts=PARTS,
)


def hinge_losses(loss: Any, rng: np.random.Generator) -> dict[str, Any]:
    """Losses of examples that are drawn, and of special ones."""
    W, X, y = linear_problem(rng)
    return {
        "loss": loss_and_gradient(loss, (W, X, y))[0],
        "loss at W = 0": loss_and_gradient(loss, (0 * W, X, y))[0],
        "loss of one example": loss_and_gradient(loss, (W, X[:1], y[:1]))[0],
        "loss of scores in the thousands": loss_and_gradient(loss, (W, 1000 * X, y))[0],
        "loss where margins are exactly 0": loss_and_gradient(loss, at_the_kink(rng))[0],
        "loss of bytes, X and y in uint8": loss_and_gradient(loss, of_bytes(rng))[0],
        "loss in float32": loss_and_gradient(loss, of_floats(rng))[0],
    }


def hinge_gradients(loss: Any, rng: np.random.Generator) -> dict[str, Any]:
    """Gradients of examples that are drawn, and of special ones."""
    W, X, y = linear_problem(rng)
    first, second, third = gradients_of_two_calls(loss, linear_problem(rng))
    return {
        "gradient": loss_and_gradient(loss, (W, X, y))[1],
        "gradient at W = 0": loss_and_gradient(loss, (0 * W, X, y))[1],
        "gradient of one example": loss_and_gradient(loss, (W, X[:1], y[:1]))[1],
        "gradient where margins are exactly 0": loss_and_gradient(loss, at_the_kink(rng))[1],
        "gradient of bytes, X and y in uint8": loss_and_gradient(loss, of_bytes(rng))[1],
        "gradient in float32": loss_and_gradient(loss, of_floats(rng))[1],
        "gradient of a first call": first,
        "gradient of a second call with the same arrays": second,
        "gradient of a third call, after W has changed in its place": third,
    }


def at_the_kink(rng: np.random.Generator) -> LossArguments:
    """Whole scores, where of each example one class keeps the margin of 1 exactly."""
    classes = int(rng.integers(4, 8))
    right = np.array([np.roll(np.arange(classes), -i)[:2] for i in range(classes - 1)])
    scores = rng.integers(-3, 4, size=(len(right), classes)).astype(float)
    rows = np.arange(len(right))
    scores[rows, right[:, 1]] = scores[rows, right[:, 0]] - 1
    return with_scores(scores, right[:, 0], rng)


add_loss_checks(task, "hinge", hinge_losses, hinge_gradients)
