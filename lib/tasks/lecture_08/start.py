"""Start values for a leaky ReLU."""

from __future__ import annotations

from math import sqrt
from typing import Any

import numpy as np

from lib.tasks.task import Task

task = Task(
    "08.start",
    "Start values for a leaky ReLU",
    defines=("deviation_for",),
    parts={"ReLU": 1, "leaky": 1},
    hints=(
        "Half of the numbers h are positive and stay. The others become α h. What is the mean square of α h?",
        "It is α² times that of h. So the mean square of the outputs is ½ + ½ α² of the variance of h.",
        "So each layer multiplies the variance by ½ (1 + α²) n σ², with σ for σ_W. Set this to 1.",
    ),
    minutes=6,
    tells=("1 + alpha", "1 + \\alpha^2", "alpha**2"),
)


@task.check("ReLU", within=1e-9)
def deviation_for_relu(deviation_for: Any, rng: np.random.Generator) -> dict[str, Any]:
    """α = 0, which is ReLU"""
    n = int(rng.integers(20, 200))
    return {f"deviation_for({n}, 0)": deviation_for(n, 0.0)}


@task.check("leaky", within=1e-9)
def deviation_for_leaky(deviation_for: Any, rng: np.random.Generator) -> dict[str, Any]:
    """a slope between 0.3 and 0.8"""
    n, alpha = int(rng.integers(20, 200)), float(rng.uniform(0.3, 0.8))
    return {f"deviation_for({n}, {alpha:.3f})": deviation_for(n, alpha)}


@task.reference
def deviation_for(n, alpha):
    return sqrt(2 / ((1 + alpha**2) * n))


BOTH = ("ReLU", "leaky")


@task.wrong(0, "This is the variance of the weights: the deviation is its root.", breaks=BOTH)
def variance_of_the_weights(n, alpha):
    return 2 / ((1 + alpha**2) * n)


@task.wrong(
    0, "α is missing: this is Kaiming's start for ReLU, and a leaky ReLU lets more through.", breaks="leaky"
)
def as_if_cut_off(n, alpha):
    return sqrt(2 / n)


@task.wrong(0, "α has to be squared: sizes are measured by mean squares here.", breaks="leaky")
def alpha_not_squared(n, alpha):
    return sqrt(2 / ((1 + alpha) * n))


@task.wrong(0, "The 2 is missing: half of the numbers h are negative, and only those shrink.", breaks=BOTH)
def all_are_negative(n, alpha):
    return sqrt(1 / ((1 + alpha**2) * n))


@task.wrong(0, "It is upside down: more inputs need smaller weights.", breaks=BOTH)
def upside_down(n, alpha):
    return sqrt((1 + alpha**2) * n / 2)


@task.wrong(0, "The mean squares of both halves add: it is 1 + α², and not 1 − α².", breaks="leaky")
def squares_subtracted(n, alpha):
    return sqrt(2 / ((1 - alpha**2) * n))


@task.wrong(
    0, "A leaky ReLU lets more through than ReLU: its weights have to be smaller, not larger.", breaks="leaky"
)
def larger_with_alpha(n, alpha):
    return sqrt(2 / n) * (1 + alpha)
