"""The label of the training picture that is nearest to one picture."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.tasks.lecture_02.l1_distance import l1_distance
from lib.tasks.task import Task

task = Task(
    "02.predict_one",
    "One prediction",
    defines=("predict_one",),
    parts={"label": 1, "bytes": 1, "equal distances": 1},
    hints=(
        "Two things must be known while you walk: the smallest distance so far, and whose it was.",
        "Before the walk the smallest distance is np.inf: anything is nearer.",
        "if distance < smallest: keep i and distance. After the walk the answer is y at the kept i.",
    ),
    minutes=5,
    tells=("y[nearest]", "< smallest"),
)


def around(rng: np.random.Generator, *steps: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Training pictures that lie these steps away from a picture, with labels that all differ."""
    x = rng.integers(100, 150, size=len(steps[0]))
    return x + np.array(steps), rng.permutation(len(steps)) + 20, x


@task.check("label")
def label_of_one(predict_one: Any, rng: np.random.Generator) -> dict[str, Any]:
    """one picture among five"""
    flat, one, far = np.full(12, 8), np.zeros(12, int), np.full(12, 40)
    one[rng.integers(12)] = 60  # L1 60 against 96, L2 60 against 28
    found = {}
    for place in (1, 2):
        steps = [-far, far + 3, flat, far - 5, -far - 2]
        steps.insert(place, one)
        found[f"predict_one, its nearest is row {place}"] = predict_one(*around(rng, *steps))
    return found


@task.check("bytes")
def label_of_bytes(predict_one: Any, rng: np.random.Generator) -> dict[str, Any]:
    """the same of bytes"""
    X, y, x = around(rng, np.full(9, 30), np.full(9, -3), np.full(9, 20), np.full(9, 50))
    return {"predict_one of bytes": predict_one(X.astype(np.uint8), y, x.astype(np.uint8))}


@task.check("equal distances")
def label_of_equals(predict_one: Any, rng: np.random.Generator) -> dict[str, Any]:
    """two that are equally near"""
    far, near = np.full(7, 30), np.full(7, 4)
    return {
        "predict_one where rows 1 and 3 are alike": predict_one(
            *around(rng, far, near, far + 9, near, far + 2)
        )
    }


@task.reference
def predict_one(X, y, x):
    nearest, smallest = None, np.inf
    for i in range(len(X)):
        distance = l1_distance(X[i], x)
        if distance < smallest:
            nearest, smallest = i, distance
    return y[nearest]


EVERYWHERE = ("label", "bytes", "equal distances")


@task.wrong(0, "This is the row of the nearest picture: return its label.", breaks=EVERYWHERE)
def its_row(X, y, x):
    return min(range(len(X)), key=lambda i: l1_distance(X[i], x))


@task.wrong(0, "This is the smallest distance: return the label of that picture.", breaks=EVERYWHERE)
def its_distance(X, y, x):
    return min(l1_distance(row, x) for row in X)


@task.wrong(0, "This is the label of the farthest picture: keep the smallest distance.", breaks=EVERYWHERE)
def farthest_label(X, y, x):
    return y[max(range(len(X)), key=lambda i: l1_distance(X[i], x))]


@task.wrong(
    0,
    "The last picture always wins: keep its distance too, so that the next ones have something to beat.",
    breaks=EVERYWHERE,
)
def smallest_never_kept(X, y, x):
    nearest, smallest = None, np.inf
    for i in range(len(X)):
        if l1_distance(X[i], x) < smallest:
            nearest = i
    return y[nearest]


@task.wrong(
    0, "Of two that are equally near the first counts: compare with <, not with <=.", breaks="equal distances"
)
def last_of_equals(X, y, x):
    nearest, smallest = None, np.inf
    for i in range(len(X)):
        distance = l1_distance(X[i], x)
        if distance <= smallest:
            nearest, smallest = i, distance
    return y[nearest]


@task.wrong(0, "This compares squared differences; L1 takes their absolute values.", breaks="label")
def by_squares(X, y, x):
    return y[((X.astype(int) - x) ** 2).sum(axis=1).argmin()]


@task.wrong(0, "In bytes 3 − 5 is 254: use your l1_distance, or convert before you subtract.", breaks="bytes")
def walk_in_bytes(X, y, x):
    return y[np.abs(X - x).sum(axis=1).argmin()]


@task.wrong(
    0,
    "This is always the label of the first picture: return stands inside the loop, and ends it. Move it out.",
    breaks=EVERYWHERE,
)
def returns_within_the_loop(X, y, x):
    return y[0]


@task.wrong(
    0,
    "nearest is still None after the walk: where distance < smallest, keep i in nearest, too.",
    breaks=EVERYWHERE,
)
def nearest_never_kept(X, y, x):
    nearest = None
    return y[nearest]


@task.wrong(0, "This is the nearest picture itself: return its label, from y.", breaks=EVERYWHERE)
def its_pixels(X, y, x):
    return min(X, key=lambda row: l1_distance(row, x))
