"""A gate that puts two stacks of maps on top of each other."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.graph.gate import Gate
from lib.tasks.task import Task

task = Task(
    "09.concat",
    "A concat gate",
    defines=("Concat",),
    parts={"forward": 1, "backward": 1},
    allows=("lib.graph.gate", "lib.graph.node", "lib.graph.values", "lib.graph.vocabulary"),
    hints=(
        "The channels are axis 0 of (C, H, W). np.concatenate takes a list of arrays, and an axis.",
        "Nothing is computed on the way, so each map gets the gradient of the place where it went.",
        "Keep len(x) in forward. Backward, the first len(x) maps of dz belong to x, the rest to y.",
    ),
    minutes=3,
    tells=("len(x)", "dz["),
)


def two_stacks(rng: np.random.Generator) -> tuple[Any, Any]:
    """Two maps and four, of 3 × 5 pixels."""
    return rng.normal(size=(2, 3, 5)), rng.normal(size=(4, 3, 5))


@task.check("forward", within=1e-9)
def concat_forward(Concat: Any, rng: np.random.Generator) -> dict[str, Any]:
    """forward"""
    return {"forward of 2 maps and 4": Concat().forward(*two_stacks(rng))}


@task.check("backward", within=1e-9)
def concat_backward(Concat: Any, rng: np.random.Generator) -> dict[str, Any]:
    """forward, then backward"""
    gate = Concat()
    gate.forward(*two_stacks(rng))
    dx, dy = gate.backward(rng.normal(size=(6, 3, 5)))
    return {"the gradient of x, 2 maps": dx, "the gradient of y, 4 maps": dy}


@task.reference
class Concat(Gate):
    def forward(self, x, y):
        self.first = len(x)
        z = np.concatenate([x, y])
        return z

    def backward(self, dz):
        return dz[: self.first], dz[self.first :]


@task.wrong(0, "y stands before x: put the maps of x first.", breaks="forward")
class SecondOnTop(Concat):
    def forward(self, x, y):
        self.first = len(x)
        z = np.concatenate([y, x])
        return z


@task.wrong(
    0, "You cut dz in the middle, but x may have fewer maps than y: keep their number.", breaks="backward"
)
class CutInTheMiddle(Concat):
    def backward(self, dz):
        middle = len(dz) // 2
        return dz[:middle], dz[middle:]


@task.wrong(
    0, "Both get all of dz, as from a sum; each gets only the maps that were its own.", breaks="backward"
)
class AllToBoth(Concat):
    def backward(self, dz):
        return dz, dz


@task.wrong(0, "The two gradients are exchanged: the first maps of dz belong to x.", breaks="backward")
class PartsExchanged(Concat):
    def backward(self, dz):
        return dz[self.first :], dz[: self.first]
