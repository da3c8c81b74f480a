"""The Jacobian of a small function, by hand."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.tasks.task import Task

task = Task(
    "07.jacobian",
    "A Jacobian by hand",
    defines=("jacobian_by_hand",),
    parts={"slopes": 1},
    hints=(
        "Two numbers come out and three go in: two rows and three columns.",
        "The first row is the gradient of the first output, x1 · x2: its slopes in x1, in x2 and in x3.",
        "x1 · x2 has the slopes x2, x1 and 0. In the second row, x3² has the slope 2 · x3.",
    ),
    minutes=4,
    tells=("x2, x1, 0", "2 * x3", "2 x_3"),
)


@task.check("slopes", within=1e-9)
def slopes_by_hand(jacobian_by_hand: Any, rng: np.random.Generator) -> dict[str, Any]:
    """the matrix at a drawn point"""
    x1, x2, x3 = (float(part) for part in rng.choice([-1, 1], 3) * (1.3, 2.4, 3.7))
    x1, x2, x3 = x1 + rng.uniform(0, 0.3), x2 + rng.uniform(0, 0.3), x3 + rng.uniform(0, 0.3)
    return {f"the Jacobian at ({x1:.4g}, {x2:.4g}, {x3:.4g})": jacobian_by_hand(x1, x2, x3)}


@task.reference
def jacobian_by_hand(x1, x2, x3):
    return np.array([[x2, x1, 0], [0, 1, 2 * x3]])


@task.wrong(0, "This is the transpose: a row for each output, a column for each input.", breaks="slopes")
def row_for_each_input(x1, x2, x3):
    return jacobian_by_hand(x1, x2, x3).T


@task.wrong(
    0,
    "The slope of x1 · x2 in x1 is the other factor, x2; in x2 it is x1.",
    breaks="slopes",
)
def own_factor(x1, x2, x3):
    return np.array([[x1, x2, 0], [0, 1, 2 * x3]])


@task.wrong(0, "The slope of x3² is 2 · x3.", breaks="slopes")
def square_without_its_two(x1, x2, x3):
    return np.array([[x2, x1, 0], [0, 1, x3]])


@task.wrong(
    0, "The terms of the outputs stand here; the Jacobian holds their slopes in each input.", breaks="slopes"
)
def terms_for_slopes(x1, x2, x3):
    return np.array([[x1 * x2, x1 * x2, 0], [0, x2, x3**2]])


@task.wrong(
    0, "The two rows are added up: keep a row for each output, and do not sum over them.", breaks="slopes"
)
def summed_over_outputs(x1, x2, x3):
    return jacobian_by_hand(x1, x2, x3).sum(axis=0)


@task.wrong(0, "The second output has x2 as a term of its own: its slope in x2 is 1.", breaks="slopes")
def term_for_its_slope(x1, x2, x3):
    return np.array([[x2, x1, 0], [0, x2, 2 * x3]])
