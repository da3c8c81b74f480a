"""The exponential linear unit and its slope."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.tasks.task import Task

task = Task(
    "08.elu",
    "ELU",
    defines=("elu",),
    parts={"value": 1, "slope": 1},
    hints=(
        "np.where(x > 0, this, that) chooses element by element. For the value: x, or α(eˣ − 1).",
        "Right of 0 the slope is 1. Left of 0, what is the derivative of α eˣ − α?",
        "It is α eˣ, which is the value plus α: the exponential is there already.",
    ),
    minutes=4,
    tells=("np.exp(x) - 1", "value + alpha", "alpha * np.exp"),
)


def values_and_slopes(elu: Any, rng: np.random.Generator) -> tuple[Any, Any]:
    """Numbers of both signs, and an α that is not 1."""
    x = rng.uniform(0.3, 2, (3, 4)) * np.array([1, -1, -1, 1])
    value, slope = elu(x, float(rng.uniform(0.3, 0.8)))
    return value, slope


@task.check("value", within=1e-9)
def elu_of_both_signs(elu: Any, rng: np.random.Generator) -> dict[str, Any]:
    """the first of the two, for numbers of both signs"""
    return {"the value": values_and_slopes(elu, rng)[0]}


@task.check("slope", within=1e-9)
def elu_slopes_of_both_signs(elu: Any, rng: np.random.Generator) -> dict[str, Any]:
    """the second of the two, for numbers of both signs"""
    return {"the slope": values_and_slopes(elu, rng)[1]}


@task.reference
def elu(x, alpha):
    value = np.where(x > 0, x, alpha * (np.exp(x) - 1))
    slope = np.where(x > 0, 1.0, value + alpha)
    return value, slope


@task.wrong(
    0, "Left of 0 this is the leaky ReLU: its slope is α everywhere, that of ELU fades.", breaks="slope"
)
def slope_of_the_leaky(x, alpha):
    return elu(x, alpha)[0], np.where(x > 0, 1.0, alpha)


@task.wrong(0, "Left of 0 this slope is 0, as that of ReLU; ELU still rises there.", breaks="slope")
def dead_on_the_left(x, alpha):
    return elu(x, alpha)[0], np.where(x > 0, 1.0, 0.0)


@task.wrong(
    0, "Left of 0 this slope is the value itself, which is negative: α has to be added.", breaks="slope"
)
def value_for_slope(x, alpha):
    value, _ = elu(x, alpha)
    return value, np.where(x > 0, 1.0, value)


@task.wrong(0, "The −1 is missing in the value: ELU jumps at 0.", breaks="value")
def jumps_at_zero(x, alpha):
    return np.where(x > 0, x, alpha * np.exp(x)), elu(x, alpha)[1]


@task.wrong(0, "α stands in front of all of eˣ − 1, not of eˣ alone.", breaks="value")
def alpha_inside(x, alpha):
    return np.where(x > 0, x, alpha * np.exp(x) - 1), elu(x, alpha)[1]
