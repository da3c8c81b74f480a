"""A gate that lets the larger number through."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.graph.gate import Gate
from lib.tasks.lecture_05._gates import GATES, drawn, there_and_back
from lib.tasks.task import Task

task = Task(
    "05.max_gate",
    "MaxGate",
    defines=("MaxGate",),
    parts={"forward": 1, "backward": 1, "arrays": 1},
    allows=GATES,
    hints=(
        "Nudge the smaller number a little: does max(x, y) move? So what is its local gradient?",
        "backward must know who won. forward knows it: keep it, such as self.first = x > y.",
        "x > y is True or False, for arrays element by element. A product with it is a product with 1 or 0.",
    ),
    minutes=5,
    tells=("self.first", "router"),
)


@task.check("forward", within=1e-9)
def max_forward(MaxGate: Any, rng: np.random.Generator) -> dict[str, Any]:
    """forward, the larger number first, then last"""
    low, high = sorted([drawn(rng), drawn(rng)])
    return {
        f"forward({high:.4g}, {low:.4g})": MaxGate().forward(high, low),
        f"forward({low:.4g}, {high:.4g})": MaxGate().forward(low, high),
    }


@task.check("backward", within=1e-9)
def max_backward(MaxGate: Any, rng: np.random.Generator) -> dict[str, Any]:
    """forward, then backward"""
    low, high = sorted([drawn(rng), drawn(rng)])
    both = there_and_back(MaxGate(), high, low, upstream=drawn(rng))
    both |= there_and_back(MaxGate(), low, high, upstream=drawn(rng))
    return {name: value for name, value in both.items() if name.startswith("backward")}


@task.check("arrays", within=1e-9)
def max_of_arrays(MaxGate: Any, rng: np.random.Generator) -> dict[str, Any]:
    """two arrays, element by element"""
    x, y = drawn(rng, 5), drawn(rng, 5)
    x[0], y[0] = y[0] + 1, x[0] - 1  # so that each wins somewhere
    x[1], y[1] = -3.5, 1.0
    return there_and_back(MaxGate(), x, y, upstream=drawn(rng, 5))


@task.reference
class MaxGate(Gate):
    def forward(self, x, y):
        self.first = x > y
        return np.maximum(x, y)

    def backward(self, dz):
        return dz * self.first, dz * (1 - self.first)


@task.wrong(
    0, "Both inputs get the gradient; nudging the smaller one changes nothing, so it gets 0.",
    breaks=("backward", "arrays"),
)  # fmt: skip
class BothGetIt(MaxGate):
    def backward(self, dz):
        return dz, dz


@task.wrong(
    0, "The smaller input gets the gradient and the larger one nothing: it is the other way round.",
    breaks=("backward", "arrays"),
)  # fmt: skip
class ToTheLoser(MaxGate):
    def backward(self, dz):
        return dz * (1 - self.first), dz * self.first


@task.wrong(
    0, "The upstream gradient is missing: what you hand on is right only where it is 1.",
    breaks=("backward", "arrays"),
)  # fmt: skip
class OneOrZero(MaxGate):
    def backward(self, dz):
        return 1.0 * self.first, 1.0 - self.first


@task.wrong(
    0, "You hand on the winner's value; the local gradient is 1 for the winner, whatever its value is.",
    breaks=("backward", "arrays"),
)  # fmt: skip
class TimesItsValue(MaxGate):
    def forward(self, x, y):
        self.x, self.y = x, y
        return super().forward(x, y)

    def backward(self, dz):
        return dz * self.x * self.first, dz * self.y * (1 - self.first)


@task.wrong(
    0, "An if, a not, or Python's max asks for one answer, and an array has many: np.maximum, 1 − first.",
    breaks="arrays",
)  # fmt: skip
class NumbersAlone(MaxGate):
    def forward(self, x, y):
        self.first = bool(x > y)
        return max(x, y)


@task.wrong(
    0, "~ turns numpy's True and False round, but ~True of Python is −2: take 1 − first, or np.logical_not.",
    breaks="backward",
)  # fmt: skip
class WithTilde(MaxGate):
    def backward(self, dz):
        return dz * self.first, dz * ~self.first


@task.wrong(
    0,
    "These are True and False alone: multiply the upstream gradient by them.",
    breaks=("backward", "arrays"),
)
class FlagsAlone(MaxGate):
    def backward(self, dz):
        return self.first, np.logical_not(self.first)


@task.wrong(
    0, "Both get the gradient where x wins; y gets it where x has lost, so by 1 − first.",
    breaks=("backward", "arrays"),
)  # fmt: skip
class BothWhereTheFirstWins(MaxGate):
    def backward(self, dz):
        return dz * self.first, dz * self.first


@task.wrong(
    0, "One gradient came back, and there are two inputs: return one for each.", breaks=("backward", "arrays")
)
class OneForTwo(MaxGate):
    def backward(self, dz):
        return dz * self.first


@task.wrong(
    0, "Is it np.max(x, y)? That takes y for an axis; np.maximum compares two, element by element.",
    breaks=("forward", "backward", "arrays"),
)  # fmt: skip
class LargestOfOneArray(MaxGate):
    def forward(self, x, y):
        self.first = x > y
        return np.max(x, y)
