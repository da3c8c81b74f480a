"""The share of pictures whose true class is not among the best five."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.tasks.task import Task

task = Task(
    "01.top_5_error",
    "Top-5 error",
    defines=("top_5_error",),
    parts={"error": 1},
    hints=(
        "np.argsort(scores, axis=1) gives the classes of each row, from the smallest score to the largest.",
        "So the best five are the last five columns, shape (N, 5). Is the label one of them?",
        "best == labels[:, None] compares each row with its own label; .any(axis=1) is True where one fits.",
        "found.mean() is the share that was found. The error is the rest.",
    ),
    minutes=6,
    tells=("-5:]", "labels[:, None]", "any(axis=1)"),
)


def ranked(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Scores (26, 13) and labels whose ranks are known: the first, the best five, between, the last five."""
    first, five, between, last = rng.permutation([3, 5, 7, 11])
    ranks = np.concatenate([
        np.zeros(first, int),
        rng.integers(1, 5, size=five),
        rng.integers(5, 8, size=between),
        rng.integers(8, 13, size=last),
    ])  # fmt: skip
    order = np.stack([rng.permutation(13) for _ in ranks])  # the classes of each row, best first
    scores = np.empty(order.shape)
    np.put_along_axis(scores, order, -np.arange(13) + rng.uniform(-0.4, 0.4, order.shape), axis=1)
    mixed = rng.permutation(len(ranks))
    return scores[mixed], order[np.arange(len(ranks)), ranks][mixed]


@task.check("error", within=1e-9)
def error_of_ranked(top_5_error: Any, rng: np.random.Generator) -> dict[str, Any]:
    """26 pictures, 13 classes"""
    scores, labels = ranked(rng)
    return {"top_5_error(scores, labels)": top_5_error(scores, labels)}


@task.reference
def top_5_error(scores, labels):
    best = np.argsort(scores, axis=1)[:, -5:]
    found = (best == labels[:, None]).any(axis=1)
    return 1 - found.mean()


@task.wrong(0, "This is the share that was found; the error is the share that was not.", breaks="error")
def share_found(scores, labels):
    return 1 - top_5_error(scores, labels)


@task.wrong(0, "This counts only the one best name; a program may name five.", breaks="error")
def the_best_alone(scores, labels):
    return np.mean(np.argmax(scores, axis=1) != labels)


@task.wrong(0, "These are the five worst names: argsort begins with the smallest score.", breaks="error")
def five_worst(scores, labels):
    return top_5_error(-scores, labels)


@task.wrong(
    0,
    "Scores are compared with labels here, and never fit: np.sort gives scores, np.argsort gives classes.",
    breaks="error",
)
def scores_for_classes(scores, labels):
    best = np.sort(scores, axis=1)[:, -5:]
    return 1 - (best == labels[:, None]).any(axis=1).mean()


@task.wrong(
    0,
    "The mean is taken over all five names; a picture counts as found as soon as one of them is right.",
    breaks="error",
)
def name_by_name(scores, labels):
    best = np.argsort(scores, axis=1)[:, -5:]
    return 1 - (best == labels[:, None]).mean()


@task.wrong(0, "This is the number of errors; divide it by the number of pictures.", breaks="error")
def number_of_errors(scores, labels):
    return top_5_error(scores, labels) * len(labels)


@task.wrong(0, "This is in per cent; a share lies between 0 and 1.", breaks="error")
def error_in_per_cent(scores, labels):
    return 100 * top_5_error(scores, labels)
