"""One step of the L1 penalty, which stops at zero."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.tasks.task import Task

task = Task(
    "03.shrink",
    "A step of the L1 penalty",
    defines=("step_to_zero",),
    parts={"large weights": 1, "small weights": 1},
    hints=(
        "A weight above 0 goes down by the amount, one below 0 goes up by it. None may pass 0.",
        "A weight that is nearer to 0 than the amount becomes 0. For all others the distance is the amount.",
        "What is taken away is W itself, cut to between −amount and amount: that is what np.clip does.",
    ),
    minutes=4,
    tells=("np.clip",),
)


def weights_beyond(rng: np.random.Generator, low: float, high: float) -> Any:
    """Weights (2, 3) of both signs whose sizes lie between two numbers."""
    return rng.uniform(low, high, (2, 3)) * rng.permutation([1, 1, 1, -1, -1, -1]).reshape(2, 3)


@task.check("large weights", within=1e-9)
def large_weights_shrink(step_to_zero: Any, rng: np.random.Generator) -> dict[str, Any]:
    """weights of more than the amount"""
    return {"a step of 0.3, weights of 0.5 to 2": step_to_zero(weights_beyond(rng, 0.5, 2), 0.3)}


@task.check("small weights", within=1e-9)
def small_weights_end(step_to_zero: Any, rng: np.random.Generator) -> dict[str, Any]:
    """weights of less than the amount"""
    return {"a step of 0.3, weights below 0.25": step_to_zero(weights_beyond(rng, 0.05, 0.25), 0.3) + 0}


@task.reference
def step_to_zero(W, amount):
    return W - np.clip(W, -amount, amount)


@task.wrong(
    0,
    "Small weights jump over 0 to the other side: a weight nearer to 0 than the amount becomes 0.",
    breaks="small weights",
)
def jumps_over_zero(W, amount):
    return np.where(W > 0, W - amount, W + amount)


@task.wrong(
    0,
    "This takes a share of each weight, as L2 does. L1 takes the same amount from all of them.",
    breaks=("large weights", "small weights"),
)
def a_share_of_each(W, amount):
    return W * (1 - amount)


@task.wrong(
    0,
    "All weights go down here, and those below 0 grow in size: move each of them towards 0.",
    breaks=("large weights", "small weights"),
)
def all_go_down(W, amount):
    return W - amount


@task.wrong(
    0,
    "Small weights become 0, but large ones stay as they were: they move towards 0, too.",
    breaks="large weights",
)
def large_ones_untouched(W, amount):
    return np.where(np.abs(W) > amount, W, 0.0)


@task.wrong(
    0,
    "Weights below 0 all become 0 here: they move up by the amount, and stop at 0.",
    breaks="large weights",
)
def negative_ones_lost(W, amount):
    return np.maximum(W - amount, 0)
