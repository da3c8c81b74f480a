"""The multiclass SVM's loss and its gradient, in loops and without."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.tasks.a1.loss_checks import (
    Arrays,
    called,
    few_steps,
    made,
    of_bytes,
    of_floats,
    penalties,
    twice,
    untouched,
    with_scores,
)
from lib.tasks.task import Task

task = Task(
    "a1.hinge",
    "Hinge loss",
    defines=("hinge_naive", "hinge_vectorized"),
    parts={
        "naive loss": 2,
        "naive gradient": 3,
        "naive penalty": 1,
        "vectorized loss": 2,
        "vectorized gradient": 3,
        "vectorized penalty": 1,
        "no loops": 2,
        "arrays unchanged": 1,
    },
)


def losses(loss: Any, rng: np.random.Generator) -> dict[str, Any]:
    """Losses of examples that are drawn, and of special ones."""
    W, X, y = made(rng)
    return {
        "loss": called(loss, (W, X, y))[0],
        "loss at W = 0": called(loss, (0 * W, X, y))[0],
        "loss of one example": called(loss, (W, X[:1], y[:1]))[0],
        "loss of scores in the thousands": called(loss, (W, 1000 * X, y))[0],
        "loss where margins are exactly 0": called(loss, at_the_kink(rng))[0],
        "loss of bytes, X and y in uint8": called(loss, of_bytes(rng))[0],
        "loss in float32": called(loss, of_floats(rng))[0],
    }


def gradients(loss: Any, rng: np.random.Generator) -> dict[str, Any]:
    """Gradients of examples that are drawn, and of special ones."""
    W, X, y = made(rng)
    first, second = twice(loss, made(rng))
    return {
        "gradient": called(loss, (W, X, y))[1],
        "gradient at W = 0": called(loss, (0 * W, X, y))[1],
        "gradient of one example": called(loss, (W, X[:1], y[:1]))[1],
        "gradient where margins are exactly 0": called(loss, at_the_kink(rng))[1],
        "gradient of bytes, X and y in uint8": called(loss, of_bytes(rng))[1],
        "gradient in float32": called(loss, of_floats(rng))[1],
        "gradient of a first call": first,
        "gradient of a second call with the same arrays": second,
    }


def at_the_kink(rng: np.random.Generator) -> Arrays:
    """Whole scores, where of each example one class keeps the margin of 1 exactly."""
    classes = int(rng.integers(4, 8))
    right = np.array([np.roll(np.arange(classes), -i)[:2] for i in range(classes - 1)])
    scores = rng.integers(-3, 4, size=(len(right), classes)).astype(float)
    rows = np.arange(len(right))
    scores[rows, right[:, 1]] = scores[rows, right[:, 0]] - 1
    return with_scores(scores, right[:, 0], rng)


@task.check("naive loss")
def naive_loss(hinge_naive: Any, hinge_vectorized: Any, rng: np.random.Generator) -> dict[str, Any]:
    """hinge_naive, reg = 0"""
    return losses(hinge_naive, rng)


@task.check("naive gradient")
def naive_gradient(hinge_naive: Any, hinge_vectorized: Any, rng: np.random.Generator) -> dict[str, Any]:
    """hinge_naive, reg = 0"""
    return gradients(hinge_naive, rng)


@task.check("naive penalty")
def naive_penalty(hinge_naive: Any, hinge_vectorized: Any, rng: np.random.Generator) -> dict[str, Any]:
    """hinge_naive, with reg and without"""
    return penalties(hinge_naive, rng)


@task.check("vectorized loss")
def vectorized_loss(hinge_naive: Any, hinge_vectorized: Any, rng: np.random.Generator) -> dict[str, Any]:
    """hinge_vectorized, reg = 0"""
    return losses(hinge_vectorized, rng)


@task.check("vectorized gradient")
def vectorized_gradient(hinge_naive: Any, hinge_vectorized: Any, rng: np.random.Generator) -> dict[str, Any]:
    """hinge_vectorized, reg = 0"""
    return gradients(hinge_vectorized, rng)


@task.check("vectorized penalty")
def vectorized_penalty(hinge_naive: Any, hinge_vectorized: Any, rng: np.random.Generator) -> dict[str, Any]:
    """hinge_vectorized, with reg and without"""
    return penalties(hinge_vectorized, rng)


@task.check("no loops")
def steps_of_python(hinge_naive: Any, hinge_vectorized: Any, rng: np.random.Generator) -> dict[str, Any]:
    """hinge_vectorized at two sizes"""
    return few_steps(hinge_vectorized, rng)


@task.check("arrays unchanged")
def arguments(hinge_naive: Any, hinge_vectorized: Any, rng: np.random.Generator) -> dict[str, Any]:
    """W, X and y beside copies made before"""
    both = ("hinge_naive", hinge_naive), ("hinge_vectorized", hinge_vectorized)
    return {f"{name}: {what}": same for name, loss in both for what, same in untouched(loss, rng).items()}
