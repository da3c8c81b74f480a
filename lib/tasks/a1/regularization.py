"""A penalty on the weights alone: L1, with a bias that is free."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.tasks.a1.loss_checks import copy_of
from lib.tasks.facts import any_nonzero, are_same
from lib.tasks.task import Task

task = Task(
    "a1.regularization",
    "L1 penalty",
    defines=("l1_penalty",),
    parts={"penalty": 2, "grad_W": 2, "grad_b": 1},
)


def weights_and_bias(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, float]:
    """W (C, D), b (C,) and reg; no two sizes are alike, and some weights are exactly 0."""
    classes, features = rng.permutation(np.arange(4, 9))[:2]
    W = rng.normal(size=(classes, features))
    W[rng.permutation(classes)[:3], rng.permutation(features)[:3]] = 0
    return W, rng.normal(size=classes), float(rng.uniform(0.5, 2))


def penalty_and_slopes(l1_penalty: Any, W: np.ndarray, b: np.ndarray, reg: float) -> tuple[Any, Any, Any]:
    """The three that the answer returns; whatever it does to its arguments, it does to copies."""
    penalty, grad_W, grad_b = l1_penalty(W.copy(), b.copy(), reg)
    return copy_of(penalty), copy_of(grad_W), copy_of(grad_b)


@task.check("penalty")
def value_of_the_penalty(l1_penalty: Any, rng: np.random.Generator) -> dict[str, Any]:
    """l1_penalty(W, b, reg)"""
    W, b, reg = weights_and_bias(rng)
    small = W.astype(np.float32), b.astype(np.float32)
    return {
        "penalty": penalty_and_slopes(l1_penalty, W, b, reg)[0],
        "penalty at b = 0": penalty_and_slopes(l1_penalty, W, 0 * b, reg)[0],
        "penalty at W = 0": penalty_and_slopes(l1_penalty, 0 * W, b, reg)[0],
        "penalty at reg = 0": penalty_and_slopes(l1_penalty, W, b, 0.0)[0],
        "penalty in float32": penalty_and_slopes(l1_penalty, *small, reg)[0],
    }


@task.check("grad_W")
def slope_of_the_weights(l1_penalty: Any, rng: np.random.Generator) -> dict[str, Any]:
    """l1_penalty(W, b, reg), where some weights are 0"""
    W, b, reg = weights_and_bias(rng)
    kept = W.copy(), b.copy()
    l1_penalty(*kept, reg)
    return {
        "grad_W": penalty_and_slopes(l1_penalty, W, b, reg)[1],
        "grad_W of tiny weights": penalty_and_slopes(l1_penalty, 1e-30 * W, b, reg)[1],
        "grad_W at W = 0": penalty_and_slopes(l1_penalty, 0 * W, b, reg)[1],
        "grad_W at reg = 0": penalty_and_slopes(l1_penalty, W, b, 0.0)[1],
        "W is as before": are_same(kept[0], W),
    }


@task.check("grad_b")
def slope_of_the_bias(l1_penalty: Any, rng: np.random.Generator) -> dict[str, Any]:
    """l1_penalty(W, b, reg)"""
    W, b, reg = weights_and_bias(rng)
    kept = W.copy(), b.copy()
    _, grad_W, _ = l1_penalty(*kept, reg)
    return {
        "grad_b": penalty_and_slopes(l1_penalty, W, b, reg)[2],
        "grad_W is not all 0": any_nonzero(grad_W),
        "b is as before": are_same(kept[1], b),
    }
