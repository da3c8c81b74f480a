"""Gradient descent, and the way that it took."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.tasks.task import Task

task = Task(
    "04.descend",
    "Gradient descent",
    defines=("descend",),
    parts={"path": 1, "start": 1},
    hints=(
        "gradient is a function: gradient(theta) is the slope at the place where you are now.",
        "One step: the new theta is theta minus rate times the gradient at theta.",
        "Append theta after each step. Make a new array each time; `theta -= …` would change those in path.",
    ),
    minutes=4,
    tells=("rate * gradient(theta)",),
)


def bowl(rng: np.random.Generator) -> tuple[Any, np.ndarray]:
    """The gradient of a valley in three dimensions, and a place to start."""
    steepness, lowest = rng.uniform(0.5, 3, 3), rng.normal(size=3)
    return lambda theta: steepness * (theta - lowest), rng.uniform(1.5, 3, 3)


@task.check("path", within=1e-9)
def places_on_the_way(descend: Any, rng: np.random.Generator) -> dict[str, Any]:
    """four steps of rate 0.1, in a valley of three dimensions"""
    gradient, start = bowl(rng)
    return {"the path, from the start on": np.array(descend(gradient, start, 0.1, 4))}


@task.check("start")
def start_is_kept(descend: Any, rng: np.random.Generator) -> dict[str, Any]:
    """start, beside a copy of it made before"""
    gradient, start = bowl(rng)
    before = start.copy()
    moved = len(descend(gradient, start, 0.1, 3)) > 0
    return {"a path came": moved, "start stays as it is": bool(np.array_equal(start, before))}


@task.reference
def descend(gradient, start, rate, steps):
    theta, path = start, [start]
    for _ in range(steps):
        theta = theta - rate * gradient(theta)
        path.append(theta)
    return np.array(path)


@task.wrong(0, "This climbs: the gradient points uphill, so subtract.", breaks="path")
def climbs(gradient, start, rate, steps):
    return descend(gradient, start, -rate, steps)


@task.wrong(0, "The rate is missing: each step has the length of the whole gradient.", breaks="path")
def whole_gradient(gradient, start, rate, steps):
    return descend(gradient, start, 1.0, steps)


@task.wrong(
    0,
    "All steps use the slope at the start: compute the gradient anew at each place, within the loop.",
    breaks="path",
)
def slope_of_the_start(gradient, start, rate, steps):
    slope = gradient(start)
    return descend(lambda theta: slope, start, rate, steps)


@task.wrong(
    0,
    "All rows of the path are one array, moved in place, and so is start: write theta = theta − …, "
    "which makes a new one.",
    breaks=("path", "start"),
)
def moves_in_place(gradient, start, rate, steps):
    theta, path = start, [start]
    for _ in range(steps):
        theta -= rate * gradient(theta)
        path.append(theta)
    return np.array(path)


@task.wrong(0, "The start is missing: the path has steps + 1 rows, and the first is start.", breaks="path")
def without_the_start(gradient, start, rate, steps):
    return descend(gradient, start, rate, steps)[1:]


@task.wrong(0, "Only the last place came back: return all of them, one row each.", breaks="path")
def only_the_end(gradient, start, rate, steps):
    return descend(gradient, start, rate, steps)[-1]


@task.wrong(
    0,
    "One step is missing: the path has steps + 1 rows, the start and one after each step.",
    breaks="path",
)
def one_step_short(gradient, start, rate, steps):
    return descend(gradient, start, rate, steps - 1)


@task.wrong(
    0,
    "The place is appended before the step, so start is there twice: take the step first.",
    breaks="path",
)
def appended_before_the_step(gradient, start, rate, steps):
    path = descend(gradient, start, rate, steps)
    return np.array([start, *path[:-1]])


@task.wrong(
    0,
    "Each step begins at start again: it begins at theta, where the last step has ended.",
    breaks="path",
)
def always_from_the_start(gradient, start, rate, steps):
    theta, path = start, [start]
    for _ in range(steps):
        theta = start - rate * gradient(theta)
        path.append(theta)
    return np.array(path)


@task.wrong(
    0,
    "All rows but the first are one array, moved in place: write theta = theta − …, which makes a new one.",
    breaks="path",
)
def copied_once(gradient, start, rate, steps):
    theta, path = start.copy(), [start]
    for _ in range(steps):
        theta -= rate * gradient(theta)
        path.append(theta)
    return np.array(path)


@task.wrong(
    0,
    "There is one step only: the loop needs `steps` rounds, and return stands behind it, not in it.",
    breaks="path",
)
def one_step_only(gradient, start, rate, steps):
    return descend(gradient, start, rate, 1)
