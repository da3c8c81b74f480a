"""A residual block on vectors, forward and back."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.tasks.task import Task

task = Task(
    "10.residual",
    "A wire around",
    defines=("residual",),
    parts={"y": 1, "gradient": 1},
    hints=(
        "Forward: the body gives np.tanh(W @ x), and the block adds it to x.",
        "Backward: x goes two ways. The wire hands g on as it is. What comes back through the body?",
        "Through tanh: g times 1 − t², where t = tanh(W x). Through W: multiply by W transposed.",
        "Where the ways part, gradients add: g + W.T @ (g * (1 - t**2)).",
    ),
    minutes=6,
    tells=("g + W.T", "W.T @ (g", "x + t"),
)


def a_block(rng: np.random.Generator) -> tuple[Any, Any, Any]:
    """x (4,), W (4, 4), g (4,)."""
    return rng.normal(size=4), rng.normal(size=(4, 4)), rng.normal(size=4)


@task.check("y", within=1e-9)
def block_forward(residual: Any, rng: np.random.Generator) -> dict[str, Any]:
    """the first of the two, for vectors of 4"""
    return {"y": residual(*a_block(rng))[0]}


@task.check("gradient", within=1e-9)
def block_backward(residual: Any, rng: np.random.Generator) -> dict[str, Any]:
    """the second of the two, for vectors of 4"""
    return {"the gradient in x": residual(*a_block(rng))[1]}


@task.reference
def residual(x, W, g):
    t = np.tanh(W @ x)
    return x + t, g + W.T @ (g * (1 - t**2))


@task.wrong(0, "The wire is missing on the way forward: y is x plus the tanh.", breaks="y")
def no_wire_forward(x, W, g):
    return np.tanh(W @ x), residual(x, W, g)[1]


@task.wrong(0, "The wire is missing on the way back: it hands on g as it is; add it.", breaks="gradient")
def no_wire_back(x, W, g):
    y, dx = residual(x, W, g)
    return y, dx - g


@task.wrong(
    0,
    "This is what comes back along the wire alone; add what comes back through the tanh.",
    breaks="gradient",
)
def wire_alone(x, W, g):
    return residual(x, W, g)[0], g + 0.0


@task.wrong(0, "Back through a matrix product one multiplies by W transposed, W.T.", breaks="gradient")
def not_transposed(x, W, g):
    t = np.tanh(W @ x)
    return x + t, g + W @ (g * (1 - t**2))


@task.wrong(0, "The slope of tanh is missing: multiply g by 1 − t² before W.T.", breaks="gradient")
def as_if_linear(x, W, g):
    return residual(x, W, g)[0], g + W.T @ g


@task.wrong(
    0, "The two ways are multiplied here; where a value goes two ways, gradients add.", breaks="gradient"
)
def ways_multiplied(x, W, g):
    y, dx = residual(x, W, g)
    return y, g * (dx - g)
