"""All distances between two sets of images: with two loops, one loop, and none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from lib.tasks.counting import peak_bytes, steps
from lib.tasks.facts import any_spread, are_same
from lib.tasks.task import Task

Distances = Callable[[np.ndarray, np.ndarray], Any]
FUNCTIONS = ("l1_two_loops", "l2_two_loops", "l2_one_loop", "l2_no_loops")

task = Task(
    "a1.distances",
    "Distances",
    defines=FUNCTIONS,
    parts={
        "l1_two_loops": 3,
        "bytes in l1_two_loops": 1,
        "l2_two_loops": 3,
        "bytes in l2_two_loops": 1,
        "l2_one_loop": 3,
        "bytes in l2_one_loop": 1,
        "only one loop": 1,
        "l2_no_loops": 3,
        "bytes in l2_no_loops": 1,
        "identical images": 1,
        "no loop at all": 1,
        "memory": 1,
    },
)


def pair(rng: np.random.Generator, tests: int, trains: int, features: int) -> tuple[np.ndarray, np.ndarray]:
    """Test and training images as rows of numbers of both signs."""
    return rng.normal(size=(tests, features)), 2 * rng.normal(size=(trains, features)) + 0.3


def check_numbers(function: Distances, rng: np.random.Generator) -> dict[str, Any]:
    """float numbers"""
    N, M, D = (int(size) for size in rng.permutation(np.arange(3, 9))[:3])
    test, train = pair(rng, N, M, D)
    before, moved = (test.copy(), train.copy()), train.copy()
    distances, _ = np.array(function(test, train)), function(test, moved)
    moved *= 2
    return {
        "distances": distances,
        "distances after train has changed in its place": np.array(function(test, moved)),
        "test and train are as before": are_same(test, before[0], train, before[1]),
        "distances of one test image": np.array(function(test[1:2], train)),
        "distances to one training image": np.array(function(test, train[:1])),
        "distances of float32 numbers": function(test.astype(np.float32), train.astype(np.float32)),
    }


def check_square(function: Distances, rng: np.random.Generator) -> dict[str, Any]:
    """N = M = D"""
    size = int(rng.integers(4, 8))
    return {"distances": function(*pair(rng, size, size, size))}


def check_bytes(function: Distances, rng: np.random.Generator) -> dict[str, Any]:
    """uint8"""
    test, train = rng.integers(0, 256, size=(2, 7, 7), dtype=np.uint8)
    test[0], train[0] = 255, 0
    return {"distances": function(test, train)}


def check_identical(function: Distances, rng: np.random.Generator) -> dict[str, Any]:
    """copies"""
    train, copies = pair(rng, 1, 40, 40)[1], rng.permutation(40)
    found = np.array(function(train[copies], train))
    return {
        "distances of one": found[0],
        "distances of all to two": found[np.arange(40), [copies, np.roll(copies, 1)]],
    }


def add_check(part: str, name: str, run: Callable[..., dict[str, Any]], within: float = 1e-4) -> None:
    """A check of one of the functions, which the others have no part in."""
    place = FUNCTIONS.index(name)

    def one(*given: Any) -> dict[str, Any]:
        return run(given[place], given[-1])

    one.__name__, one.__doc__ = f"{run.__name__}_{name}", run.__doc__
    task.check(part, within=within)(one)


for each in FUNCTIONS:
    add_check(each, each, check_numbers)
    add_check(each, each, check_square)
    add_check(f"bytes in {each}", each, check_bytes)
add_check("l2_one_loop", "l2_one_loop", check_identical, within=0.01)
add_check("identical images", "l2_no_loops", check_identical, within=0.01)


@task.check("only one loop")
def steps_of_one_loop(
    l1_two_loops: Any, l2_two_loops: Any, l2_one_loop: Any, l2_no_loops: Any, rng: np.random.Generator
) -> dict[str, Any]:
    """ten times as many images"""
    few, many = pair(rng, 6, 6, 6), pair(rng, 60, 60, 60)
    differ = any_spread(l2_one_loop(*few))
    return {
        "less than twenty times the steps": steps(l2_one_loop, *many) < 20 * steps(l2_one_loop, *few),
        "the distances differ": differ,
    }


@task.check("no loop at all")
def steps_without_loops(
    l1_two_loops: Any, l2_two_loops: Any, l2_one_loop: Any, l2_no_loops: Any, rng: np.random.Generator
) -> dict[str, Any]:
    """ten times as many images"""
    few, many = pair(rng, 5, 5, 5), pair(rng, 50, 50, 50)
    differ = any_spread(l2_no_loops(*few))
    return {
        "less than double the steps": steps(l2_no_loops, *many) < 2 * steps(l2_no_loops, *few),
        "the distances differ": differ,
    }


@task.check("memory")
def memory_of_the_product(
    l1_two_loops: Any, l2_two_loops: Any, l2_one_loop: Any, l2_no_loops: Any, rng: np.random.Generator
) -> dict[str, Any]:
    """N = M = D = 80"""
    images = pair(rng, 80, 80, 80)
    differ = any_spread(l2_no_loops(*images))
    return {
        "less than all differences need": peak_bytes(l2_no_loops, *images) < 80**3 * 8 / 4,
        "the distances differ": differ,
    }
