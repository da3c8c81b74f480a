"""One expression by hand, forward and back, in which a value is used twice."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.tasks.lecture_05._gates import drawn
from lib.tasks.several import one_of
from lib.tasks.task import Task

task = Task(
    "05.branch",
    "A branch by hand",
    defines=("by_hand",),
    parts={"f": 1, "in y": 1, "in x": 1},
    hints=(
        "Forward: q = x + y, then f = q * x. Backward: start with df = 1, and take the gate × first.",
        "The gate × hands df * x to q, and df * q to x. The gate + hands dq to x and to y.",
        "x got something from both gates. Nudge x, and f moves along both ways: add the two.",
    ),
    minutes=4,
    tells=("df * q + dq",),
)


def point(rng: np.random.Generator) -> tuple[float, float]:
    """Two numbers of which no sum or product is alike."""
    return drawn(rng), float(rng.uniform(3.5, 5))


@task.check("f", within=1e-9)
def value_of_f(by_hand: Any, rng: np.random.Generator) -> dict[str, Any]:
    """the value"""
    x, y = point(rng)
    return {f"f at x = {x:.4g}, y = {y:.4g}": one_of(by_hand(x, y), 0, 3)}


@task.check("in y", within=1e-9)
def slope_in_y(by_hand: Any, rng: np.random.Generator) -> dict[str, Any]:
    """the gradient in y"""
    x, y = point(rng)
    return {f"∂f/∂y at x = {x:.4g}, y = {y:.4g}": one_of(by_hand(x, y), 2, 3)}


@task.check("in x", within=1e-9)
def slope_in_x(by_hand: Any, rng: np.random.Generator) -> dict[str, Any]:
    """the gradient in x"""
    x, y = point(rng)
    return {f"∂f/∂x at x = {x:.4g}, y = {y:.4g}": one_of(by_hand(x, y), 1, 3)}


@task.reference
def by_hand(x, y):
    q = x + y
    f = q * x
    df = 1.0
    dq, dx_of_times = df * x, df * q
    dx_of_plus, dy = dq, dq
    return f, dx_of_times + dx_of_plus, dy


@task.wrong(
    0, "This is the share of x that comes through the gate × alone; add the one through +.", breaks="in x"
)
def through_times_alone(x, y):
    q = x + y
    return q * x, q, x


@task.wrong(
    0, "This is the share of x that comes through the gate + alone; add the one through ×.", breaks="in x"
)
def through_plus_alone(x, y):
    q = x + y
    return q * x, x, x


@task.wrong(0, "The two shares of x are multiplied here; at a branch gradients add.", breaks="in x")
def shares_multiplied(x, y):
    q = x + y
    return q * x, q * x, x


@task.wrong(
    0,
    "The gate + got an upstream gradient from ×, and it is missing in what + hands on.",
    breaks=("in x", "in y"),
)
def plus_without_upstream(x, y):
    q = x + y
    return q * x, q + 1, 1.0


@task.wrong(
    0,
    "The order is another: f first, then the gradient in x, then the one in y.",
    breaks=("f", "in x", "in y"),
)
def gradients_first(x, y):
    f, dx, dy = by_hand(x, y)
    return dx, dy, f


@task.wrong(
    0, "The two gradients are exchanged: first the one in x, then the one in y.", breaks=("in x", "in y")
)
def exchanged(x, y):
    f, dx, dy = by_hand(x, y)
    return f, dy, dx
