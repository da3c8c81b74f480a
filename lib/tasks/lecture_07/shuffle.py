"""A layer that puts the features of each example into another order."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib import nn
from lib.tasks.lecture_07._layers import MODULE
from lib.tasks.task import Task

task = Task(
    "07.shuffle",
    "Shuffle",
    defines=("Shuffle",),
    parts={"output": 1, "grad_input": 1, "x": 1},
    allows=MODULE,
    hints=(
        "x has the shape (N, features). x[:, self.order] takes columns in another order, and copies them.",
        "Backward: output k came from input order[k]. So gradient k belongs to place order[k] of grad_input.",
        "Make self.grad_input with np.empty_like(grad_output), and assign to self.grad_input[:, self.order].",
    ),
    minutes=6,
    tells=("grad_input[:, self.order]", "each gradient goes home", "argsort"),
)


def drawn_order(rng: np.random.Generator, features: int) -> np.ndarray:
    """An order that is not its own inverse."""
    while True:
        order = rng.permutation(features)
        if (order[order] != np.arange(features)).any():
            return order


@task.check("output", within=1e-9)
def shuffle_forward(Shuffle: Any, rng: np.random.Generator) -> dict[str, Any]:
    """forward"""
    order, x = drawn_order(rng, 5), rng.normal(size=(3, 5))
    return {f"forward(x) with order {order}": Shuffle(order).forward(x)}


@task.check("grad_input", within=1e-9)
def shuffle_backward(Shuffle: Any, rng: np.random.Generator) -> dict[str, Any]:
    """backward, after a forward"""
    order, x, grad_output = drawn_order(rng, 5), rng.normal(size=(3, 5)), rng.normal(size=(3, 5))
    return {f"∂L/∂x with order {order}": Shuffle(order).update_grad_input(x, grad_output)}


@task.check("x")
def shuffle_leaves_x(Shuffle: Any, rng: np.random.Generator) -> dict[str, Any]:
    """x, beside a copy made before"""
    layer, x = Shuffle(drawn_order(rng, 5)), rng.normal(size=(3, 5))
    before = x.copy()
    came = layer.forward(x)
    shuffled = not np.allclose(came, before)
    return {"x is as before": np.array_equal(x, before), "and the output is not": shuffled}


@task.reference
class Shuffle(nn.Module):
    def __init__(self, order):
        self.order = np.array(order)

    def update_output(self, x):
        self.output = x[:, self.order]
        return self.output

    def update_grad_input(self, x, grad_output):
        self.grad_input = np.empty_like(grad_output)
        self.grad_input[:, self.order] = grad_output
        return self.grad_input


@task.wrong(
    0,
    "This shuffles the gradients once more. Backward has to send each of them to the place it came from.",
    breaks="grad_input",
)
class ShuffledTwice(Shuffle):
    def update_grad_input(self, x, grad_output):
        self.grad_input = grad_output[:, self.order]
        return self.grad_input


@task.wrong(
    0, "The gradients come back in the order of the output; x has another order.", breaks="grad_input"
)
class GradientsUnmoved(Shuffle):
    def update_grad_input(self, x, grad_output):
        self.grad_input = grad_output
        return self.grad_input


@task.wrong(
    0,
    "This is the inverse order: output k should be input order[k], and not the other way round.",
    breaks="output",
)
class InverseOrder(Shuffle):
    def update_output(self, x):
        self.output = np.empty_like(x)
        self.output[:, self.order] = x
        return self.output


@task.wrong(
    0, "x[order] takes rows, which are examples. Features are columns: x[:, order].", breaks=("output", "x")
)
class RowsTaken(Shuffle):
    def update_output(self, x):
        self.output = x[self.order]
        return self.output


@task.wrong(0, "The caller's x is shuffled, too: make a new array, and leave x as it is.", breaks="x")
class ShuffledInPlace(Shuffle):
    def update_output(self, x):
        x[:] = x[:, self.order]
        self.output = x
        return self.output
