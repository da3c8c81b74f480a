"""The labels of the nearest training images, and what they vote for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from lib.tasks.facts import are_same
from lib.tasks.task import Task

task = Task(
    "a1.vote",
    "Vote of the neighbours",
    defines=("nearest_labels", "vote"),
    parts={
        "nearest_labels": 3,
        "equal distances": 2,
        "vote": 2,
        "any labels": 1,
        "equal votes": 2,
    },
)
# Neighbours, nearest first, by the letters of their classes.
CLEAR = "a", "abb", "aab", "bbbaa", "cababa", "cdabaa", "abcc", "dabbc"
TIES = "ab", "abba", "baab", "abab", "abc", "cabba", "cbaab", "cabab", "dcabba", "abccba", "cbaabd", "dabbcca"


def distinct_distances(rng: np.random.Generator, tests: int, trains: int) -> np.ndarray:
    """(tests, trains), no two alike in a row."""
    return np.stack([rng.permutation(trains) for _ in range(tests)]) + 0.5


@task.check("nearest_labels")
def neighbours_of_distances(nearest_labels: Any, vote: Any, rng: np.random.Generator) -> dict[str, Any]:
    """N < M"""
    N, M = int(rng.integers(4, 7)), int(rng.integers(9, 13))
    distances, labels = distinct_distances(rng, N, M), rng.permutation(M) + 20
    before = distances.copy(), labels.copy()
    found = {
        f"nearest_labels with k = {k}": np.array(nearest_labels(distances, labels, k)) for k in (3, 1, 5)
    }
    close = 100 + 1e-9 * distances
    found["nearest_labels where distances are nearly alike"] = np.array(nearest_labels(close, labels, 3))
    found["nearest_labels with k = M"] = np.array(nearest_labels(distances, labels, M))
    found["nearest_labels of one test image"] = nearest_labels(distances[:1], labels, 4)
    unchanged = are_same(distances, before[0], labels, before[1])
    return found | {"distances and train_labels are as before": unchanged}


@task.check("nearest_labels")
def neighbours_of_a_square(nearest_labels: Any, vote: Any, rng: np.random.Generator) -> dict[str, Any]:
    """N = M"""
    size = int(rng.integers(6, 9))
    labels = (rng.permutation(size) + 30).astype(np.uint8)
    return {"nearest_labels with k = 2": nearest_labels(distinct_distances(rng, size, size), labels, 2)}


@task.check("equal distances")
def neighbours_at_equal_distances(nearest_labels: Any, vote: Any, rng: np.random.Generator) -> dict[str, Any]:
    """ties"""
    N, M = 5, int(rng.integers(290, 310))
    distances = rng.integers(0, 4, size=(N, M)) / 2
    return {"nearest_labels with k = 110": nearest_labels(distances, rng.permutation(M), 110)}


def outcomes(vote: Callable[[np.ndarray], Any], rows: Sequence[str], classes: np.ndarray) -> np.ndarray:
    """What is voted for in each row of letters, where a is the first of the classes, b the second …"""
    return np.array([vote(np.array([classes["abcd".index(letter)] for letter in row])) for row in rows])


def four_classes(rng: np.random.Generator) -> list[np.ndarray]:
    """Four labels of ten, eight times: for all that are in one order there are some in the other."""
    drawn = [rng.choice(10, 4, replace=False) for _ in range(4)]
    return drawn + [each[[1, 0, 3, 2]] for each in drawn]


@task.check("vote")
def votes_for_one(nearest_labels: Any, vote: Any, rng: np.random.Generator) -> dict[str, Any]:
    """one winner"""
    found = {f"vote {i}": outcomes(vote, CLEAR, each) for i, each in enumerate(four_classes(rng), 1)}
    return found | {"vote of 500 neighbours": vote(np.repeat([3, 8], [200, 300]))}


@task.check("any labels")
def votes_of_any_labels(nearest_labels: Any, vote: Any, rng: np.random.Generator) -> dict[str, Any]:
    """large, negative, bytes"""
    large = 1000 * (rng.choice(50, 4, replace=False) + 1)
    labels = np.array([4, 7, 7, 4, 7])
    before = labels.copy()
    return {
        "vote among 1000, 2000 …": outcomes(vote, CLEAR, large),
        "vote among negative labels": outcomes(vote, CLEAR, -large),
        "vote among labels of both signs": outcomes(vote, CLEAR, np.array([-1, 3, 8, -7])),
        "vote among uint8": outcomes(vote, CLEAR, rng.choice(np.arange(100, 256, dtype=np.uint8), 4, False)),
        "vote among int32": outcomes(vote, CLEAR, (large + 10**6).astype(np.int32)),
        "the labels are as before": are_same(vote(labels), 7, labels, before),
    }


@task.check("equal votes")
def votes_for_several(nearest_labels: Any, vote: Any, rng: np.random.Generator) -> dict[str, Any]:
    """several winners"""
    return {f"vote {i}": outcomes(vote, TIES, each) for i, each in enumerate(four_classes(rng), 1)}
