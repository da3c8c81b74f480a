"""How much all values must change to be as far away as one value that changes a lot."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.tasks.several import one_of
from lib.tasks.task import Task

task = Task(
    "02.as_far",
    "As far away",
    defines=("as_far",),
    parts={"L1": 1, "L2": 1},
    hints=(
        "One value changed by c: the L1 distance is c, and the L2 distance is c too.",
        "All D values changed by u: the L1 distance is D · u. For L2, add up D squares, and take the root.",
        "That root is u times √D. Set both equal to c, and solve for u.",
    ),
    minutes=4,
    tells=("c / D", "np.sqrt(D)"),
)


def change_and_size(rng: np.random.Generator) -> tuple[float, int]:
    """A change, and a number of values of which neither root nor square is alike."""
    return float(rng.uniform(20, 250)), int(rng.integers(5, 3000))


@task.check("L1")
def change_by_l1(as_far: Any, rng: np.random.Generator) -> dict[str, Any]:
    """the first of the two"""
    c, D = change_and_size(rng)
    return {f"by L1, as_far({c:.4g}, {D})": one_of(as_far(c, D), 0)}


@task.check("L2")
def change_by_l2(as_far: Any, rng: np.random.Generator) -> dict[str, Any]:
    """the second of the two"""
    c, D = change_and_size(rng)
    return {f"by L2, as_far({c:.4g}, {D})": one_of(as_far(c, D), 1)}


@task.reference
def as_far(c, D):
    return c / D, c / np.sqrt(D)


BOTH = ("L1", "L2")


@task.wrong(0, "Both are the change by L1; by L2, D squares add up, and a root is taken.", breaks="L2")
def l1_twice(c, D):
    return c / D, c / D


@task.wrong(0, "Both are the change by L2; by L1 the D changes simply add up.", breaks="L1")
def l2_twice(c, D):
    return c / np.sqrt(D), c / np.sqrt(D)


@task.wrong(0, "The two are exchanged: the change by L1 comes first.", breaks=BOTH)
def l2_first(c, D):
    return c / np.sqrt(D), c / D


@task.wrong(0, "The root is missing at the end: this is the square of the change by L2.", breaks="L2")
def square_of_the_change(c, D):
    return c / D, c**2 / D


@task.wrong(0, "You multiply by D: a change of many values may be smaller, so divide.", breaks=BOTH)
def multiplied_by_d(c, D):
    return c * D, c * np.sqrt(D)
