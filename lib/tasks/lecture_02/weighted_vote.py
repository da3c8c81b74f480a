"""A vote in which near neighbours count more."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.tasks.task import Task

task = Task(
    "02.weighted_vote",
    "A weighted vote",
    defines=("weighted_vote",),
    parts={"one of each class": 1, "several of a class": 1},
    hints=(
        "Start with np.zeros(classes). Walk through labels and distances together, with zip.",
        "A neighbour at distance 2 adds a half to its class, one at distance 4 a quarter.",
        "In the loop: votes[label] += 1 / distance. Return votes after it.",
    ),
    minutes=4,
    tells=("+= 1 / distance", "np.add.at"),
)


@task.check("one of each class")
def votes_of_different_classes(weighted_vote: Any, rng: np.random.Generator) -> dict[str, Any]:
    """four neighbours of four classes"""
    labels, distances = rng.permutation(6)[:4], np.sort(rng.uniform(2, 9, size=4))
    return {f"votes of the classes {labels}": weighted_vote(labels, distances, 6)}


@task.check("several of a class")
def votes_of_equal_classes(weighted_vote: Any, rng: np.random.Generator) -> dict[str, Any]:
    """seven neighbours of three classes"""
    labels = rng.permutation([0, 0, 0, 2, 2, 2, 3])
    return {f"votes of the classes {labels}": weighted_vote(labels, np.sort(rng.uniform(2, 9, size=7)), 5)}


@task.reference
def weighted_vote(labels, distances, classes):
    votes = np.zeros(classes)
    for label, distance in zip(labels, distances, strict=True):
        votes[label] += 1 / distance
    return votes


BOTH = ("one of each class", "several of a class")


@task.wrong(
    0,
    "Of several neighbours of a class only the last counts: with an array of labels, += adds once a class.",
    breaks="several of a class",
)
def added_once(labels, distances, classes):
    votes = np.zeros(classes)
    votes[labels] += 1 / distances
    return votes


@task.wrong(0, "Far neighbours count more here: the vote is one divided by the distance.", breaks=BOTH)
def far_ones_count_more(labels, distances, classes):
    return np.bincount(labels, weights=distances, minlength=classes)


@task.wrong(
    0, "Every neighbour has one vote here, near or far: add one divided by its distance.", breaks=BOTH
)
def one_vote_each(labels, distances, classes):
    return np.bincount(labels, minlength=classes).astype(float)


@task.wrong(0, "This is the winner; the votes of all classes are asked for.", breaks=BOTH)
def winner_alone(labels, distances, classes):
    return np.bincount(labels, weights=1 / distances, minlength=classes).argmax()


@task.wrong(
    0,
    "This is the mean vote of a class: add up, so that a class with many neighbours has many votes.",
    breaks="several of a class",
)
def mean_vote(labels, distances, classes):
    votes, many = np.zeros(classes), np.bincount(labels, minlength=classes)
    for label, distance in zip(labels, distances, strict=True):
        votes[label] += 1 / distance
    return votes / np.maximum(many, 1)
