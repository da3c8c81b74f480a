"""One step of Adam."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.tasks.several import one_of
from lib.tasks.task import Task

task = Task(
    "04.adam",
    "Adam",
    defines=("adam_step",),
    parts={"memory": 1, "W": 1},
    hints=(
        "m is an average of the gradients: 0.9 of the old one, 0.1 of the new gradient.",
        "v is an average of their squares: 0.999 of the old one, 0.001 of g**2.",
        "For the step alone, m / (1 - 0.9**t) and v / (1 - 0.999**t) undo the start at 0.",
        "W moves by rate times the first of these, divided by the root of the second. Return W, m and v.",
    ),
    minutes=6,
    tells=("0.9**t", "0.9 * m", "0.999 * v"),
)


def step_of_adam(adam_step: Any, rng: np.random.Generator) -> tuple[Any, Any, Any]:
    """W, m and v after the third step."""
    W, m, g = rng.normal(size=(3, 3, 2))
    v = rng.uniform(0.01, 0.05, (3, 2))
    after = adam_step(W, m, v, g, 3, float(rng.uniform(0.1, 0.4)))
    return one_of(after, 0, 3), one_of(after, 1, 3), one_of(after, 2, 3)


@task.check("memory", within=1e-9)
def what_adam_remembers(adam_step: Any, rng: np.random.Generator) -> dict[str, Any]:
    """m and v after step t = 3"""
    _, m, v = step_of_adam(adam_step, rng)
    return {"the new m": m, "the new v": v}


@task.check("W", within=1e-6)
def where_adam_goes(adam_step: Any, rng: np.random.Generator) -> dict[str, Any]:
    """W after step t = 3"""
    return {"the new W": step_of_adam(adam_step, rng)[0]}


@task.reference
def adam_step(W, m, v, g, t, rate):
    m = 0.9 * m + 0.1 * g
    v = 0.999 * v + 0.001 * g**2
    m_hat, v_hat = m / (1 - 0.9**t), v / (1 - 0.999**t)
    return W - rate * m_hat / (np.sqrt(v_hat) + 1e-8), m, v


@task.wrong(0, "The step uses m and v as they are: divide by 1 − α₁ᵗ and 1 − α₂ᵗ first.", breaks="W")
def start_not_undone(W, m, v, g, t, rate):
    _, m, v = adam_step(W, m, v, g, t, rate)
    return W - rate * m / (np.sqrt(v) + 1e-8), m, v


@task.wrong(0, "The root is missing: v̂ has the size of g², and the step divides by √v̂.", breaks="W")
def root_forgotten(W, m, v, g, t, rate):
    _, m, v = adam_step(W, m, v, g, t, rate)
    return W - rate * (m / (1 - 0.9**t)) / (v / (1 - 0.999**t) + 1e-8), m, v


@task.wrong(
    0,
    "m̂ and v̂ came back as m and v: they serve this step only, and are not what is remembered.",
    breaks="memory",
)
def remembers_the_hats(W, m, v, g, t, rate):
    W, m, v = adam_step(W, m, v, g, t, rate)
    return W, m / (1 - 0.9**t), v / (1 - 0.999**t)


@task.wrong(0, "v takes in the gradient itself: it is an average of squares, g².", breaks=("memory", "W"))
def squares_forgotten(W, m, v, g, t, rate):
    _, m, _ = adam_step(W, m, v, g, t, rate)
    v = 0.999 * v + 0.001 * np.abs(g)
    return W - rate * m / (1 - 0.9**t) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8), m, v


@task.wrong(0, "The powers are one too high: the first step has t = 1, so take t as it is.", breaks="W")
def one_power_too_high(W, m, v, g, t, rate):
    _, m, v = adam_step(W, m, v, g, t, rate)
    return W - rate * (m / (1 - 0.9 ** (t + 1))) / (np.sqrt(v / (1 - 0.999 ** (t + 1))) + 1e-8), m, v
