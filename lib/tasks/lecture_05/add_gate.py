"""A gate that adds."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.graph.gate import Gate
from lib.tasks.lecture_05._gates import GATES, drawn, there_and_back
from lib.tasks.task import Task

task = Task(
    "05.add_gate",
    "AddGate",
    defines=("AddGate",),
    parts={"forward": 1, "backward": 1},
    allows=GATES,
    hints=(
        "forward returns one number, backward returns two: one for x and one for y.",
        "Move x up by a hundredth. By how much does x + y move? So what is the local gradient?",
        "Both local gradients are 1. Each input gets the upstream gradient times 1.",
    ),
    minutes=2,
    tells=("local gradients are 1", "distributor"),
)


@task.check("forward", within=1e-9)
def add_forward(AddGate: Any, rng: np.random.Generator) -> dict[str, Any]:
    """forward"""
    x, y = drawn(rng), drawn(rng)
    return {f"forward({x:.4g}, {y:.4g})": AddGate().forward(x, y)}


@task.check("backward", within=1e-9)
def add_backward(AddGate: Any, rng: np.random.Generator) -> dict[str, Any]:
    """forward, then backward"""
    one = there_and_back(AddGate(), drawn(rng), drawn(rng), upstream=drawn(rng))
    return {name: value for name, value in one.items() if name.startswith("backward")}


@task.reference
class AddGate(Gate):
    def forward(self, x, y):
        return x + y

    def backward(self, dz):
        return dz, dz


@task.wrong(
    0, "The upstream gradient is missing: what you hand on is right only where it is 1.", breaks="backward"
)
class LocalAlone(AddGate):
    def backward(self, dz):
        return 1.0, 1.0


@task.wrong(
    0,
    "This hands on the inputs, as a product would; a sum grows as fast as each of its terms.",
    breaks="backward",
)
class LikeAProduct(AddGate):
    def forward(self, x, y):
        self.x, self.y = x, y
        return x + y

    def backward(self, dz):
        return self.y * dz, self.x * dz


@task.wrong(0, "This shares the gradient out, half to each; each input gets all of it.", breaks="backward")
class HalfToEach(AddGate):
    def backward(self, dz):
        return dz / 2, dz / 2


@task.wrong(0, "One gradient came back, and there are two inputs: return one for each.", breaks="backward")
class OnlyOne(AddGate):
    def backward(self, dz):
        return dz


@task.wrong(
    0,
    "Each input gets the gradient times its own value here; the slope of a sum is 1, whatever the values.",
    breaks="backward",
)
class TimesTheInput(AddGate):
    def forward(self, x, y):
        self.x, self.y = x, y
        return x + y

    def backward(self, dz):
        return self.x * dz, self.y * dz
