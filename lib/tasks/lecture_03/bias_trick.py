"""The bias as one more column of W."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.tasks.several import one_of
from lib.tasks.task import Task

task = Task(
    "03.bias_trick",
    "The bias trick",
    defines=("with_bias_inside",),
    parts={"W": 1, "x": 1},
    hints=(
        "The new W has the shape (C, D + 1), the new x has D + 1 numbers.",
        "Each score needs its own b_j once. By which number must b_j be multiplied?",
        "np.column_stack([A, v]) puts v beside A as a last column; np.append(v, 7) puts 7 at the end of v.",
    ),
    minutes=4,
    tells=("append(x, 1", "append a 1", "column_stack([W"),
)


def one_linear_layer(rng: np.random.Generator) -> tuple[Any, Any, Any]:
    """W (C, D), b (C,) and x (D,); no two sizes are alike."""
    C, D = (int(size) for size in rng.permutation(np.arange(2, 7))[:2])
    return rng.normal(size=(C, D)), rng.normal(size=C), rng.normal(size=D)


@task.check("W", within=1e-9)
def wider_weights(with_bias_inside: Any, rng: np.random.Generator) -> dict[str, Any]:
    """the first of the two"""
    W, b, x = one_linear_layer(rng)
    return {f"the new W, where the old one is {W.shape}": one_of(with_bias_inside(W, b, x), 0)}


@task.check("x", within=1e-9)
def longer_image(with_bias_inside: Any, rng: np.random.Generator) -> dict[str, Any]:
    """the second of the two"""
    W, b, x = one_linear_layer(rng)
    return {f"the new x, where the old one is {x.shape}": one_of(with_bias_inside(W, b, x), 1)}


@task.reference
def with_bias_inside(W, b, x):
    return np.column_stack([W, b]), np.append(x, 1)


@task.wrong(0, "A 0 at the end of x switches the bias off: 0 · b is nothing. Append a 1.", breaks="x")
def zero_appended(W, b, x):
    return np.column_stack([W, b]), np.append(x, 0)


@task.wrong(
    0,
    "The bias and the 1 are exchanged: b is learnt, so it belongs into W, and the 1 into x.",
    breaks=("W", "x"),
)
def bias_into_the_image(W, b, x):
    return np.column_stack([W, np.ones(len(W))]), np.append(x, b)


@task.wrong(
    0, "Here b is the first column of W, and the 1 is the last entry of x: they never meet.", breaks="W"
)
def bias_in_front(W, b, x):
    return np.column_stack([b, W]), np.append(x, 1)


@task.wrong(0, "Here the 1 is the first entry of x, and b is the last column: they never meet.", breaks="x")
def one_in_front(W, b, x):
    return np.column_stack([W, b]), np.append(1, x)


@task.wrong(
    0,
    "This gives the right scores. But put b in the last column and the 1 at the end, as the lecture does.",
    breaks=("W", "x"),
)
def both_in_front(W, b, x):
    return np.column_stack([b, W]), np.append(1, x)


@task.wrong(
    0,
    "W has become one long row: np.append flattens a matrix. Put b beside it as a column.",
    breaks="W",
)
def weights_in_one_row(W, b, x):
    return np.append(W, b), np.append(x, 1)


@task.wrong(
    0,
    "This is the product, the scores; the wider W and the longer x are asked for, with a comma between.",
    breaks=("W", "x"),
)
def product_of_the_two(W, b, x):
    scores = np.column_stack([W, b]) @ np.append(x, 1)
    return scores, scores
