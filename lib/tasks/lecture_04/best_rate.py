"""Which learning rates arrive in a ravine, and which one is best."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.tasks.several import one_of
from lib.tasks.task import Task

task = Task(
    "04.best_rate",
    "Rates of a ravine",
    defines=("rates_of",),
    parts={"limit": 1, "best": 1},
    hints=(
        "Each step multiplies a weight of curvature c by 1 − η c. When does a factor make numbers smaller?",
        "It must lie between −1 and 1. The largest c is the first to break this: what must η stay below?",
        "The best η makes the worst factor as small as possible: that of the flattest direction is positive, "
        "that of the steepest is negative, and both have the same size.",
        "1 − η c_min = η c_max − 1. Solve for η.",
    ),
    minutes=8,
    tells=("2/25", "0.077", "0.08", "2/26"),
)


def some_curvatures(rng: np.random.Generator) -> np.ndarray:
    """Four curvatures in no order, well apart; the first and the last tell neither of the two rates."""
    order = rng.permutation(4)
    while order[-1] == 3 or (order[0], order[-1]) == (3, 0):
        order = np.roll(order, 1)
    return (np.array([0.5, 2.0, 7.0, 19.0]) * rng.uniform(0.8, 1.3, 4))[order]


@task.check("limit", within=1e-9)
def largest_rate(rates_of: Any, rng: np.random.Generator) -> dict[str, Any]:
    """the first of the two, for four curvatures in no order"""
    return {"limit": one_of(rates_of(some_curvatures(rng)), 0)}


@task.check("best", within=1e-9)
def fastest_rate(rates_of: Any, rng: np.random.Generator) -> dict[str, Any]:
    """the second of the two, for four curvatures in no order"""
    return {"best": one_of(rates_of(some_curvatures(rng)), 1)}


@task.reference
def rates_of(curvatures):
    steepest, flattest = max(curvatures), min(curvatures)
    limit = 2 / steepest
    best = 2 / (steepest + flattest)
    return limit, best


@task.wrong(
    0,
    "Your limit is that of the flattest direction; the steepest one diverges long before.",
    breaks="limit",
)
def limit_of_the_flattest(curvatures):
    return 2 / min(curvatures), rates_of(curvatures)[1]


@task.wrong(
    0,
    "Up to your limit no factor is negative. It may be: with −0.9 the path jumps over the minimum, "
    "and still comes nearer.",
    breaks="limit",
)
def without_jumps(curvatures):
    return 1 / max(curvatures), rates_of(curvatures)[1]


@task.wrong(
    0,
    "This is best for the steepest direction alone: it arrives in one step, and the flattest has to wait.",
    breaks="best",
)
def best_for_the_steepest(curvatures):
    return rates_of(curvatures)[0], 1 / max(curvatures)


@task.wrong(
    0,
    "The mean of all curvatures came in; only the steepest and the flattest count, the others lie between.",
    breaks="best",
)
def best_for_the_mean(curvatures):
    return rates_of(curvatures)[0], 1 / np.mean(curvatures)


@task.wrong(0, "The two are exchanged: return the limit first, then the best.", breaks=("limit", "best"))
def best_comes_first(curvatures):
    return rates_of(curvatures)[::-1]


@task.wrong(
    0,
    "You take the first curvature and the last; they come in no order: take the largest and the smallest.",
    breaks=("limit", "best"),
)
def first_and_last(curvatures):
    return 2 / curvatures[-1], 2 / (curvatures[0] + curvatures[-1])
