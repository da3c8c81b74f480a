"""Two modules side by side: the same input, their outputs in one row."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib import nn
from lib.tasks.lecture_07._layers import sent_forward
from lib.tasks.task import Task

task = Task(
    "07.both",
    "Two modules side by side",
    defines=("Both",),
    parts={"output": 1, "grad_input": 1, "parameters": 1},
    allows=("lib.nn",),
    hints=(
        "Forward: np.hstack([…, …]) puts two outputs side by side.",
        "Backward: the first module gets the first columns of grad_output, as many as its output has.",
        "x went both ways, and a copy forward is a sum backward: add what the two backward calls return.",
    ),
    minutes=5,
    tells=("grad_output[:, :k]", "self.first.backward"),
)


def drawn_pair(Both: Any, rng: np.random.Generator) -> tuple[Any, np.ndarray, np.ndarray]:
    """Two linear layers of different sizes side by side, an input and a gradient from above."""
    examples, inputs, one, other = (int(size) for size in rng.permutation(np.arange(2, 8))[:4])
    layers = [nn.Linear(inputs, outputs, seed=rng).double() for outputs in (one, other)]
    return Both(*layers), rng.normal(size=(examples, inputs)), rng.normal(size=(examples, one + other))


def ready(pair: Any, x: np.ndarray) -> Any:
    """The pair after forward; both layers have seen x, whatever `Both` does."""
    sent_forward(pair, x)
    for layer in (pair.first, pair.second):
        layer.forward(x)
    return pair


@task.check("output", within=1e-9)
def both_forward(Both: Any, rng: np.random.Generator) -> dict[str, Any]:
    """forward"""
    pair, x, _ = drawn_pair(Both, rng)
    return {"forward(x)": pair.forward(x)}


@task.check("grad_input", within=1e-9)
def both_backward(Both: Any, rng: np.random.Generator) -> dict[str, Any]:
    """forward, then backward"""
    pair, x, grad_output = drawn_pair(Both, rng)
    return {"∂L/∂x": ready(pair, x).backward(x, grad_output)}


@task.check("parameters", within=1e-9)
def both_learn(Both: Any, rng: np.random.Generator) -> dict[str, Any]:
    """forward, then backward with scale 0.5"""
    pair, x, grad_output = drawn_pair(Both, rng)
    ready(pair, x).backward(x, grad_output, 0.5)
    return {f"grad_weight of the {name}": getattr(pair, name).grad_weight for name in ("first", "second")}


@task.reference
class Both:
    def __init__(self, first, second):
        self.first, self.second = first, second

    def forward(self, x):
        return np.hstack([self.first.forward(x), self.second.forward(x)])

    def backward(self, x, grad_output, scale=1.0):
        k = self.first.output.shape[1]
        one = self.first.backward(x, grad_output[:, :k], scale)
        two = self.second.backward(x, grad_output[:, k:], scale)
        return one + two


@task.wrong(
    0, "Only the way through the first module is counted; x has an effect through both.", breaks="grad_input"
)
class FirstWayOnly(Both):
    def backward(self, x, grad_output, scale=1.0):
        before = super().backward(x, grad_output, scale)
        k = self.first.output.shape[1]
        return before - self.second.update_grad_input(x, grad_output[:, k:])


@task.wrong(
    0,
    "The two gradients stand side by side here. Both are gradients in the same x: add them.",
    breaks="grad_input",
)
class SideBySideToo(Both):
    def backward(self, x, grad_output, scale=1.0):
        k = self.first.output.shape[1]
        one = self.first.backward(x, grad_output[:, :k], scale)
        two = self.second.backward(x, grad_output[:, k:], scale)
        return np.hstack([one, two])


@task.wrong(0, "This is the mean of the two gradients; at a branch they add.", breaks="grad_input")
class MeanOfBoth(Both):
    def backward(self, x, grad_output, scale=1.0):
        return super().backward(x, grad_output, scale) / 2


@task.wrong(0, "scale is not handed on: give it to both calls of backward.", breaks="parameters")
class ScaleKept(Both):
    def backward(self, x, grad_output, scale=1.0):
        return super().backward(x, grad_output)


@task.wrong(0, "The second output stands first: keep the order of the two modules.", breaks="output")
class SecondFirst(Both):
    def forward(self, x):
        return np.hstack([self.second.forward(x), self.first.forward(x)])
