"""The softmax classifier's loss and its gradient, in loops and without."""

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
    "a1.softmax",
    "Softmax loss",
    defines=("softmax_naive", "softmax_vectorized"),
    parts=PARTS,
)


def softmax_losses(loss: Any, rng: np.random.Generator) -> dict[str, Any]:
    """Losses of examples that are drawn, and of special ones."""
    W, X, y = linear_problem(rng)
    return {
        "loss": loss_and_gradient(loss, (W, X, y))[0],
        "loss at W = 0": loss_and_gradient(loss, (0 * W, X, y))[0],
        "loss of one example": loss_and_gradient(loss, (W, X[:1], y[:1]))[0],
        "loss of scores about 1000 and about −1000": loss_and_gradient(loss, far_apart(rng))[0],
        "loss of scores about −10,000": loss_and_gradient(loss, far_down(rng))[0],
        "loss where a wrong class is sure": loss_and_gradient(loss, sure_and_wrong(rng))[0],
        "loss of bytes, X and y in uint8": loss_and_gradient(loss, of_bytes(rng))[0],
        "loss in float32": loss_and_gradient(loss, of_floats(rng))[0],
    }


def softmax_gradients(loss: Any, rng: np.random.Generator) -> dict[str, Any]:
    """Gradients of examples that are drawn, and of special ones."""
    W, X, y = linear_problem(rng)
    first, second, third = gradients_of_two_calls(loss, linear_problem(rng))
    return {
        "gradient": loss_and_gradient(loss, (W, X, y))[1],
        "gradient at W = 0": loss_and_gradient(loss, (0 * W, X, y))[1],
        "gradient of one example": loss_and_gradient(loss, (W, X[:1], y[:1]))[1],
        "gradient for scores about 1000 and about −1000": drawn_columns(loss, far_apart(rng)),
        "gradient for scores about −10,000": drawn_columns(loss, far_down(rng)),
        "gradient where a wrong class is sure": drawn_columns(loss, sure_and_wrong(rng)),
        "gradient of bytes, X and y in uint8": loss_and_gradient(loss, of_bytes(rng))[1],
        "gradient in float32": loss_and_gradient(loss, of_floats(rng))[1],
        "gradient of a first call": first,
        "gradient of a second call with the same arrays": second,
        "gradient of a third call, after W has changed in its place": third,
    }


def drawn_columns(loss: Any, arrays: LossArguments) -> np.ndarray:
    """The last two columns of the gradient, whose features are drawn: the others are as large as scores."""
    return np.asarray(loss_and_gradient(loss, arrays)[1])[..., -2:]


def small_scores(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Whole scores (N, C) from −3 to 3, and labels; no example is of the last class."""
    classes, examples = (int(size) for size in rng.permutation(np.arange(4, 8))[:2])
    scores = rng.integers(-3, 4, size=(examples, classes)).astype(float)
    return scores, rng.integers(classes - 1, size=examples)


def far_apart(rng: np.random.Generator) -> LossArguments:
    """Scores about 1000 in one row, about −1000 in the next, and so on."""
    scores, y = small_scores(rng)
    return with_scores(scores + 1000.0 * (-1) ** np.arange(len(y))[:, None], y, rng)


def far_down(rng: np.random.Generator) -> LossArguments:
    """Scores about −10,000."""
    scores, y = small_scores(rng)
    return with_scores(scores - 10_000, y, rng)


def sure_and_wrong(rng: np.random.Generator) -> LossArguments:
    """The right class has a score of −1000, the last class, which is wrong, one of 1000."""
    scores, y = small_scores(rng)
    scores[np.arange(len(y)), y] = -1000
    scores[:, -1] = 1000
    return with_scores(scores, y, rng)


add_loss_checks(task, "softmax", softmax_losses, softmax_gradients)
