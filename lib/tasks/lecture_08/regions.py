"""How many regions n hyperplanes make of d dimensions, at most."""

from __future__ import annotations

from math import comb
from typing import Any

import numpy as np

from lib.tasks.task import Task

task = Task(
    "08.regions",
    "Regions",
    defines=("regions",),
    parts={"plane": 1, "space": 1, "many": 1},
    hints=(
        "Without a hyperplane there is one region. On a point, d = 0, there is one, too.",
        "Otherwise: the regions of n − 1 hyperplanes, plus the pieces of the new one.",
        "The new one is a space of d − 1 dimensions, cut by the n − 1 others: regions(n - 1, d - 1) pieces.",
    ),
    minutes=4,
    tells=("\\binom", "comb(", "n - 1, d - 1", "n - 1, d)"),
)


@task.check("plane")
def lines_in_the_plane(regions: Any, rng: np.random.Generator) -> dict[str, Any]:
    """lines in the plane, d = 2"""
    return {f"regions({n}, 2)": regions(n, 2) for n in (3, int(rng.integers(5, 9)))}


@task.check("space")
def planes_in_space(regions: Any, rng: np.random.Generator) -> dict[str, Any]:
    """planes in space, d = 3"""
    return {f"regions({n}, 3)": regions(n, 3) for n in (4, int(rng.integers(6, 9)))}


@task.check("many")
def as_many_dimensions(regions: Any, rng: np.random.Generator) -> dict[str, Any]:
    """no more hyperplanes than dimensions"""
    n = int(rng.integers(3, 6))
    return {f"regions({n}, {n + 2})": regions(n, n + 2)}


@task.reference
def regions(n, d):
    if n == 0 or d == 0:
        return 1
    return regions(n - 1, d) + regions(n - 1, d - 1)


@task.wrong(
    0,
    "Each hyperplane doubles the regions here; the new one cuts only those that it meets.",
    breaks=("plane", "space"),
)
def each_doubles(n, d):
    return 2**n


@task.wrong(
    0,
    "This is right in the plane, for every d: the pieces of the new hyperplane depend on d.",
    breaks=("space", "many"),
)
def always_the_plane(n, d):
    return 1 + n + n * (n - 1) // 2


@task.wrong(
    0, "One region is missing: without a hyperplane, there is one.", breaks=("plane", "space", "many")
)
def none_at_first(n, d):
    return sum(comb(n, s) for s in range(1, d + 1))


@task.wrong(
    0,
    "The new hyperplane adds only one region here, as if it met no other: count its pieces.",
    breaks=("plane", "space", "many"),
)
def one_more_each(n, d):
    return n + 1
