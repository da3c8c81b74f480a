"""A table of which class was taken for which."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.tasks.task import Task

task = Task(
    "01.confusion",
    "Which for which",
    defines=("count_confusions",),
    parts={"counts": 1},
    hints=(
        "Begin with np.zeros((C, C), int), and go through the pictures one by one.",
        "zip(labels, answers) gives the two classes of a picture. Which of them is the row?",
        "Each picture adds 1 to table[label, answer].",
    ),
    minutes=3,
    tells=("[label, answer]", "np.add.at"),
)


@task.check("counts")
def counts_of_answers(count_confusions: Any, rng: np.random.Generator) -> dict[str, Any]:
    """60 pictures of four classes"""
    labels = rng.integers(4, size=60)
    answers = np.where(rng.random(60) < 0.4, labels, rng.integers(3, size=60))  # nobody is taken for class 3
    return {"count_confusions(labels, answers, 4)": count_confusions(labels, answers, 4)}


@task.reference
def count_confusions(labels, answers, C):
    table = np.zeros((C, C), int)
    for label, answer in zip(labels, answers, strict=True):
        table[label, answer] += 1
    return table


@task.wrong(
    0,
    "Each pair counts once, however often it comes: numpy adds in one go. Loop over the pictures.",
    breaks="counts",
)
def each_pair_once(labels, answers, C):
    table = np.zeros((C, C), int)
    table[labels, answers] += 1
    return table


@task.wrong(0, "Rows and columns are exchanged: a row is a true class, a column an answer.", breaks="counts")
def answers_in_rows(labels, answers, C):
    return count_confusions(labels, answers, C).T


@task.wrong(
    0, "These are shares; the table counts pictures, so that its sum is their number.", breaks="counts"
)
def shares_of_all(labels, answers, C):
    return count_confusions(labels, answers, C) / len(labels)


@task.wrong(0, "The right answers are missing: they stand on the diagonal.", breaks="counts")
def mistakes_alone(labels, answers, C):
    table = count_confusions(labels, answers, C)
    np.fill_diagonal(table, 0)
    return table
