"""One step of gradient descent with momentum."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.tasks.several import one_of
from lib.tasks.task import Task

task = Task(
    "04.momentum",
    "Momentum",
    defines=("momentum_step",),
    parts={"m": 1, "W": 1},
    hints=(
        "First the new m: a share α of the old one, plus what gradient descent would subtract.",
        "Then W moves by the new m, not by the gradient.",
    ),
    minutes=3,
    tells=("alpha * m",),
)


def step_with_memory(momentum_step: Any, rng: np.random.Generator) -> tuple[Any, Any]:
    """W and m after a step of weights that are under way already."""
    W, m, g = rng.normal(size=(3, 3, 2))
    after = momentum_step(W, m, g, float(rng.uniform(0.1, 0.4)), float(rng.uniform(0.6, 0.9)))
    return one_of(after, 0), one_of(after, 1)


@task.check("m", within=1e-9)
def memory_after_a_step(momentum_step: Any, rng: np.random.Generator) -> dict[str, Any]:
    """m after a step, the second of the two"""
    return {"the new m": step_with_memory(momentum_step, rng)[1]}


@task.check("W", within=1e-9)
def weights_after_a_step(momentum_step: Any, rng: np.random.Generator) -> dict[str, Any]:
    """W after a step, the first of the two"""
    return {"the new W": step_with_memory(momentum_step, rng)[0]}


@task.reference
def momentum_step(W, m, g, rate, alpha):
    m = alpha * m + rate * g
    return W - m, m


BOTH = ("m", "W")


@task.wrong(0, "The old m is forgotten: this is plain gradient descent.", breaks=BOTH)
def without_memory(W, m, g, rate, alpha):
    return W - rate * g, rate * g


@task.wrong(0, "W moves by the old m: compute the new one first.", breaks="W")
def by_the_old_m(W, m, g, rate, alpha):
    return W - m, alpha * m + rate * g


@task.wrong(
    0,
    "This is an average of old and new, with 1 − α before the gradient; here it counts in full.",
    breaks=BOTH,
)
def averages(W, m, g, rate, alpha):
    m = alpha * m + (1 - alpha) * rate * g
    return W - m, m


@task.wrong(0, "The rate is missing in m: α m + η g.", breaks=BOTH)
def gradient_in_full(W, m, g, rate, alpha):
    m = alpha * m + g
    return W - m, m


@task.wrong(
    0,
    "The rate is not in m here but multiplies at the end, as in torch: α m + η g, then W − m.",
    breaks=BOTH,
)
def rate_at_the_end(W, m, g, rate, alpha):
    m = alpha * m + g
    return W - rate * m, m


@task.wrong(0, "This goes uphill: subtract m from W.", breaks="W")
def adds_m(W, m, g, rate, alpha):
    m = alpha * m + rate * g
    return W + m, m


@task.wrong(0, "The two are exchanged: return W first, then m.", breaks=BOTH)
def memory_comes_first(W, m, g, rate, alpha):
    return momentum_step(W, m, g, rate, alpha)[::-1]


@task.wrong(0, "The rate counts twice here: it is in m already, so W moves by m alone.", breaks="W")
def rate_counts_twice(W, m, g, rate, alpha):
    m = alpha * m + rate * g
    return W - rate * m, m


@task.wrong(0, "α is in m already: W moves by m, not by α m.", breaks="W")
def alpha_counts_twice(W, m, g, rate, alpha):
    m = alpha * m + rate * g
    return W - alpha * m, m


@task.wrong(0, "α and the rate are exchanged: α m + η g.", breaks=BOTH)
def rate_before_m(W, m, g, rate, alpha):
    m = rate * m + alpha * g
    return W - m, m


@task.wrong(
    0,
    "The sign of m is the other way round: here m = α m + η g, and W − m.",
    breaks=BOTH,
)
def sign_in_m(W, m, g, rate, alpha):
    m = alpha * m - rate * g
    return W + m, m
