"""A row, sent back through two modules without any Jacobian."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.tasks.several import one_of
from lib.tasks.task import Task

task = Task(
    "07.row_back",
    "A row through two modules",
    defines=("row_back",),
    parts={"in x": 1, "in W": 1},
    hints=(
        "First from z to a. The Jacobian of a² is diagonal: each entry of g times a slope of its own.",
        "The slope of a² is 2 · a. The row g * 2 * a is ∂L/∂a; give it a name.",
        "∂L/∂x is that row times the matrix W. ∂L/∂W has the entry (row of a, number of x): np.outer.",
    ),
    minutes=6,
    tells=("g * 2 * a", "np.outer(dL_da"),
)


def both_gradients(row_back: Any, rng: np.random.Generator) -> tuple[Any, Any]:
    """Those in x and in W, for sizes that differ."""
    outputs, inputs = (int(size) for size in rng.permutation(np.arange(3, 8))[:2])
    x, W, g = rng.normal(size=inputs), rng.normal(size=(outputs, inputs)), rng.normal(size=outputs)
    both = row_back(x, W, g)
    in_x, in_W = one_of(both, 0), one_of(both, 1)
    return (in_x[0] if np.shape(in_x) == (1, inputs) else in_x), in_W  # a row may have two axes


@task.check("in x", within=1e-9)
def row_in_x(row_back: Any, rng: np.random.Generator) -> dict[str, Any]:
    """the gradient in x"""
    return {"∂L/∂x": both_gradients(row_back, rng)[0]}


@task.check("in W", within=1e-9)
def row_in_weights(row_back: Any, rng: np.random.Generator) -> dict[str, Any]:
    """the gradient in W"""
    return {"∂L/∂W": both_gradients(row_back, rng)[1]}


@task.reference
def row_back(x, W, g):
    a = W @ x
    dL_da = g * 2 * a
    return dL_da @ W, np.outer(dL_da, x)


@task.wrong(
    0,
    "The square is left out on the way back: multiply g by its slope, 2 · a, first.",
    breaks=("in x", "in W"),
)
def square_skipped(x, W, g):
    return g @ W, np.outer(g, x)


@task.wrong(0, "The slope of a² is 2 · a, not a.", breaks=("in x", "in W"))
def half_a_slope(x, W, g):
    return row_back(x, W, g / 2)


@task.wrong(
    0,
    "The slope is taken at z, behind the square; take it at a, what went into the square.",
    breaks=("in x", "in W"),
)
def slope_behind_the_square(x, W, g):
    row = g * 2 * (W @ x) ** 2
    return row @ W, np.outer(row, x)


@task.wrong(0, "g is missing: these are the gradients of the sum of z.", breaks=("in x", "in W"))
def of_the_sum(x, W, g):
    return row_back(x, W, np.ones_like(g))


@task.wrong(0, "∂L/∂W has the shape of W, and this is its transpose.", breaks="in W")
def other_outer(x, W, g):
    in_x, in_W = row_back(x, W, g)
    return in_x, in_W.T


@task.wrong(0, "On the way to W the square is left out: use ∂L/∂a, as for x, and not g.", breaks="in W")
def square_skipped_for_weights(x, W, g):
    return row_back(x, W, g)[0], np.outer(g, x)


@task.wrong(
    0,
    "Do the sizes fit? ∂L/∂x is a row times the matrix W; ∂L/∂W has an entry for each pair: np.outer.",
    breaks=("in x", "in W"),
)
def entry_by_entry(x, W, g):
    row = g * 2 * (W @ x)
    return row @ W, row * x


@task.wrong(0, "This multiplies by z = a² itself; the slope of the square is 2 · a.", breaks=("in x", "in W"))
def value_for_slope(x, W, g):
    row = g * (W @ x) ** 2
    return row @ W, np.outer(row, x)


@task.wrong(
    0, "The slope of a in an entry of W is a number of x, what W multiplies; you take a.", breaks="in W"
)
def outer_with_the_output(x, W, g):
    a = W @ x
    return row_back(x, W, g)[0], np.outer(g * 2 * a, a)


@task.wrong(0, "The two are exchanged: return ∂L/∂x first, then ∂L/∂W.", breaks=("in x", "in W"))
def weights_come_first(x, W, g):
    return row_back(x, W, g)[::-1]
