"""A gate of one's own: log(1 + eˣ)."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.graph.gate import Gate
from lib.tasks.lecture_05._gates import GATES, drawn
from lib.tasks.task import Task

task = Task(
    "05.softplus",
    "Softplus",
    defines=("Softplus",),
    parts={"forward": 1, "backward": 1},
    allows=GATES,
    hints=(
        "Two gates in a row: u = 1 + e^x, then log u. Their local gradients are e^x and 1 / u.",
        "Their product is e^x / (1 + e^x). Do you know this function?",
        "It is 1 / (1 + e^(−x)), the sigmoid. backward needs x: keep it in forward.",
    ),
    minutes=4,
    tells=("np.exp(-self.x)",),
)


@task.check("forward", within=1e-9)
def softplus_forward(Softplus: Any, rng: np.random.Generator) -> dict[str, Any]:
    """forward, of a number and of an array"""
    x = drawn(rng)
    return {
        f"forward({x:.4g})": Softplus().forward(x),
        "forward(an array)": Softplus().forward(drawn(rng, 5)),
    }


@task.check("backward", within=1e-9)
def softplus_backward(Softplus: Any, rng: np.random.Generator) -> dict[str, Any]:
    """forward, then backward"""
    gate, x, upstream = Softplus(), drawn(rng, 5), drawn(rng, 5)
    gate.forward(x.copy())
    return {"backward(an array)": np.squeeze(gate.backward(upstream))}


@task.reference
class Softplus(Gate):
    def forward(self, x):
        self.x = x
        return np.logaddexp(0, x)

    def backward(self, dz):
        return dz / (1 + np.exp(-self.x))


@task.wrong(0, "The upstream gradient is missing: multiply the local one by it.", breaks="backward")
class JustTheSigmoid(Softplus):
    def backward(self, dz):
        return 1 / (1 + np.exp(-self.x))


@task.wrong(
    0,
    "This is the slope of the log alone, 1 / (1 + e^x); the gate e^x inside has a slope, too.",
    breaks="backward",
)
class SlopeOfTheLog(Softplus):
    def backward(self, dz):
        return dz / (1 + np.exp(self.x))


@task.wrong(
    0, "This is the slope of e^x alone; the log around it multiplies by 1 / (1 + e^x).", breaks="backward"
)
class SlopeOfThePower(Softplus):
    def backward(self, dz):
        return dz * np.exp(self.x)


@task.wrong(0, "The 1 inside the log is missing: log e^x is x again.", breaks="forward")
class LogOfThePower(Softplus):
    def forward(self, x):
        self.x = x
        return np.log(np.exp(x))
