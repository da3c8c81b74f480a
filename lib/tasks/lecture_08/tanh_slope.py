"""The slope of tanh, from its output alone."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.tasks.task import Task

task = Task(
    "08.tanh_slope",
    "Slope of tanh",
    defines=("tanh_slope",),
    parts={"slope": 1},
    hints=(
        "tanh is a quotient of sinh x = (eˣ − e⁻ˣ) / 2 and cosh x = (eˣ + e⁻ˣ) / 2. Each of the two is the "
        "derivative of the other.",
        "The quotient rule gives (cosh² − sinh²) / cosh². Divide both terms by cosh².",
        "What is left is 1 minus the square of sinh / cosh. And sinh / cosh is t.",
    ),
    minutes=3,
    tells=("1 - t", "1 - \\tanh^2", "t * t"),
)


@task.check("slope", within=1e-9)
def slopes_from_outputs(tanh_slope: Any, rng: np.random.Generator) -> dict[str, Any]:
    """outputs of tanh, in the shape (4, 3)"""
    return {"tanh_slope(t)": tanh_slope(rng.uniform(-0.9, 0.9, (4, 3)))}


@task.reference
def tanh_slope(t):
    return 1 - t**2


@task.wrong(0, "t is an output of tanh already: do not take tanh of it once more.", breaks="slope")
def tanh_once_more(t):
    return 1 - np.tanh(t) ** 2


@task.wrong(0, "This is the slope of the sigmoid, from its output; that of tanh differs.", breaks="slope")
def of_the_sigmoid(t):
    return t * (1 - t)


@task.wrong(0, "The square is missing: where t is negative, this slope is above 1.", breaks="slope")
def square_forgotten(t):
    return 1 - t


@task.wrong(
    0, "The sign is wrong: where |t| is nearly 1, tanh is flat, so its slope is nearly 0.", breaks="slope"
)
def steeper_outside(t):
    return 1 + t**2


@task.wrong(0, "The factor t is too much: where t is 0, tanh is steepest, with the slope 1.", breaks="slope")
def times_the_output(t):
    return t * (1 - t**2)
