"""The line of least squares through points."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.tasks.several import one_of
from lib.tasks.task import Task

task = Task(
    "03.best_line",
    "The best line",
    defines=("best_line",),
    parts={"slope": 1, "offset": 1},
    hints=(
        "Shift both first: u = x - x.mean() and v = y - y.mean(). The best line passes through the mean.",
        "Of lines through the origin, v ≈ slope · u: set the derivative of Σ (slope · u − v)² to 0.",
        "slope = Σ u v / Σ u². The line passes through the mean: offset = y.mean() - slope * x.mean().",
    ),
    minutes=5,
    tells=("(u * v).sum()", "slope * x.mean()", "\\\\bar x"),
)


def scattered_points(rng: np.random.Generator) -> tuple[Any, Any]:
    """Points x and y (N,) somewhere around a line."""
    x = rng.uniform(1, 5, size=6)
    return x, float(rng.uniform(0.5, 2)) * x + 2 + rng.normal(size=6)


@task.check("slope", within=1e-9)
def slope_of_the_line(best_line: Any, rng: np.random.Generator) -> dict[str, Any]:
    """the first of the two"""
    return {"the slope for six points": one_of(best_line(*scattered_points(rng)), 0)}


@task.check("offset", within=1e-9)
def offset_of_the_line(best_line: Any, rng: np.random.Generator) -> dict[str, Any]:
    """the second of the two"""
    return {"the offset for six points": one_of(best_line(*scattered_points(rng)), 1)}


@task.reference
def best_line(x, y):
    u, v = x - x.mean(), y - y.mean()
    slope = (u * v).sum() / (u**2).sum()
    return slope, y.mean() - slope * x.mean()


@task.wrong(
    0,
    "This line is made to pass through the origin: shift x and y by their means first.",
    breaks=("slope", "offset"),
)
def through_the_origin(x, y):
    return (x * y).sum() / (x**2).sum(), 0.0


@task.wrong(
    0,
    "This joins the first point and the last one; all points have a say in the sum of squares.",
    breaks=("slope", "offset"),
)
def first_to_last(x, y):
    slope = (y[-1] - y[0]) / (x[-1] - x[0])
    return slope, y[0] - slope * x[0]


@task.wrong(
    0,
    "You divide by the spread of y, which would fit x from y. Divide by that of x, Σ u².",
    breaks=("slope", "offset"),
)
def fitted_the_other_way(x, y):
    u, v = x - x.mean(), y - y.mean()
    slope = (u * v).sum() / (v**2).sum()
    return slope, y.mean() - slope * x.mean()


@task.wrong(0, "The mean of y is the height of the line at the mean of x, not at x = 0.", breaks="offset")
def height_at_the_mean(x, y):
    return best_line(x, y)[0], y.mean()


@task.wrong(0, "The two are exchanged: return the slope first.", breaks=("slope", "offset"))
def offset_comes_first(x, y):
    return best_line(x, y)[::-1]
