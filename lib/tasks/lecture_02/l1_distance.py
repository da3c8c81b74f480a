"""The L1 distance of two pictures of bytes."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.tasks.task import Task

task = Task(
    "02.l1_distance",
    "The L1 distance",
    defines=("l1_distance",),
    parts={"numbers": 1, "bytes": 1},
    hints=(
        "Three steps: subtract, drop the signs, add up. numpy has np.abs, and arrays have .sum().",
        "a and b are bytes. What is 3 − 5 in bytes? Lecture 01 says it.",
        "a.astype(int) is the same picture in a type that has room for signs. Convert before you subtract.",
    ),
    minutes=3,
    tells=("astype(int) - b",),
)


@task.check("numbers")
def distance_of_numbers(l1_distance: Any, rng: np.random.Generator) -> dict[str, Any]:
    """two small pictures"""
    a, b = rng.integers(0, 100, size=(2, 2, 3))
    large = rng.integers(0, 256, size=(2, 3, 5, 4))
    return {
        f"l1_distance of {a.tolist()} and {b.tolist()}": l1_distance(a, b),
        "l1_distance of two pictures in colour": l1_distance(*large),
    }


@task.check("bytes")
def distance_of_bytes(l1_distance: Any, rng: np.random.Generator) -> dict[str, Any]:
    """the same of bytes"""
    a, b = rng.integers(0, 256, size=(2, 6, 7), dtype=np.uint8)
    a[0], b[0], a[1], b[1] = 3, 5, 250, 20  # differences of either sign
    return {"l1_distance of two pictures of bytes": l1_distance(a, b)}


@task.reference
def l1_distance(a, b):
    return np.abs(a.astype(int) - b).sum()


EVERYWHERE = ("numbers", "bytes")


@task.wrong(0, "In bytes 3 − 5 is 254: convert the pictures before you subtract.", breaks="bytes")
def wraps_around(a, b):
    return np.abs(a - b).sum()


@task.wrong(
    0, "Negative and positive differences cancel here: drop each sign before you add up.", breaks=EVERYWHERE
)
def with_signs(a, b):
    return (a.astype(int) - b).sum()


@task.wrong(
    0, "This is the absolute value of the whole sum: drop the sign of each difference.", breaks=EVERYWHERE
)
def sign_of_the_sum_alone(a, b):
    return abs((a.astype(int) - b).sum())


@task.wrong(0, "These are sums of one axis: a distance is one number, so add up all.", breaks=EVERYWHERE)
def one_axis(a, b):
    return np.abs(a.astype(int) - b).sum(axis=0)


@task.wrong(0, "This is the largest difference: L1 adds all of them up.", breaks=EVERYWHERE)
def worst_pixel(a, b):
    return np.abs(a.astype(int) - b).max()


@task.wrong(0, "This adds squares: L1 adds the differences themselves, without signs.", breaks=EVERYWHERE)
def squares_added(a, b):
    return ((a.astype(int) - b) ** 2).sum()


@task.wrong(0, "This is the mean of the differences: L1 adds them up.", breaks=EVERYWHERE)
def mean_of_differences(a, b):
    return np.abs(a.astype(int) - b).mean()


@task.wrong(
    0,
    "This adds squares and takes a root: L1 adds the differences themselves, without signs.",
    breaks=EVERYWHERE,
)
def root_of_squares(a, b):
    return np.sqrt(((a.astype(int) - b) ** 2).sum())


@task.wrong(
    0,
    "This type goes from −128 to 127 only: take np.int16, or int, which has room for 255 and for −255.",
    breaks=EVERYWHERE,
)
def a_type_too_small(a, b):
    return np.abs(a.astype(np.int8) - b.astype(np.int8)).sum()
