"""The answers of which a net is least sure."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.tasks.task import Task

task = Task(
    "11.least_sure",
    "Least sure",
    defines=("least_sure",),
    parts={"rows": 1, "large scores": 1},
    hints=(
        "First softmax: subtract the largest score of each row, exponentiate, divide by the sum of the row.",
        "np.sort(P, axis=1) has the two highest probabilities in its last two columns.",
        "Their difference is the lead of the first; np.argsort(lead)[:count] has the smallest ones.",
    ),
    minutes=4,
    tells=("np.argsort(", "np.sort("),
)


@task.check("rows")
def rows_of_the_least_sure(least_sure: Any, rng: np.random.Generator) -> dict[str, Any]:
    """9 of 30 images with 5 classes"""
    scores = rng.normal(size=(30, 5)) * rng.uniform(1, 4, (30, 1))
    return {"least_sure(scores, 9)": np.asarray(least_sure(scores, 9))}


@task.check("large scores")
def rows_of_large_scores(least_sure: Any, rng: np.random.Generator) -> dict[str, Any]:
    """30 images whose scores are near 1000"""
    scores = rng.normal(size=(30, 5)) + 1000
    return {"least_sure(scores + 1000, 30)": np.asarray(least_sure(scores, 30))}


@task.reference
def least_sure(scores, count):
    E = np.exp(scores - np.max(scores, axis=1, keepdims=True))
    P = np.sort(E / E.sum(axis=1, keepdims=True), axis=1)
    lead = P[:, -1] - P[:, -2]
    return np.argsort(lead)[:count]


EVERYTHING = ("rows", "large scores")


@task.wrong(0, "These are the surest: the smallest lead comes first, not the largest.", breaks=EVERYTHING)
def the_surest(scores, count):
    return least_sure(scores, len(scores))[::-1][:count]


@task.wrong(
    0,
    "This goes by the highest probability alone; the lead over the second one is asked for.",
    breaks=EVERYTHING,
)
def by_the_highest_alone(scores, count):
    E = np.exp(scores - np.max(scores, axis=1, keepdims=True))
    return np.argsort((E / E.sum(axis=1, keepdims=True)).max(axis=1))[:count]


@task.wrong(
    0, "The lead is one of scores here; make probabilities of them first, by softmax.", breaks=EVERYTHING
)
def lead_of_scores(scores, count):
    ordered = np.sort(scores, axis=1)
    return np.argsort(ordered[:, -1] - ordered[:, -2])[:count]


@task.wrong(
    0,
    "exp(1000) is too large for a float: subtract the largest score of each row first.",
    breaks="large scores",
)
def overflows(scores, count):
    with np.errstate(over="ignore", invalid="ignore"):
        E = np.exp(scores)
        P = np.sort(E / E.sum(axis=1, keepdims=True), axis=1)
        return np.argsort(P[:, -1] - P[:, -2])[:count]


@task.wrong(
    0,
    "This is the gap between the highest and the lowest probability; take the two highest.",
    breaks=EVERYTHING,
)
def down_to_the_lowest(scores, count):
    E = np.exp(scores - np.max(scores, axis=1, keepdims=True))
    P = E / E.sum(axis=1, keepdims=True)
    return np.argsort(np.max(P, axis=1) - np.min(P, axis=1))[:count]
