"""The share of right labels in a file of predictions."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.tasks.task import Task

task = Task(
    "11.score_file",
    "The score of a file",
    defines=("score_file",),
    parts={"in order": 1, "in any order": 1},
    hints=(
        "text.splitlines() gives the lines. The first one is the header: [1:] leaves it out.",
        'line.split(",") gives id and label as texts: make whole numbers of them by int.',
        "The id says which image it is. Ids count from 1, arrays from 0: truth[id - 1].",
    ),
    minutes=3,
    tells=(".splitlines()[1:]", "int(number)"),
)

IMAGES = 14


def drawn_file(rng: np.random.Generator) -> tuple[list[str], np.ndarray]:
    """The lines of a file without its header, and the true labels, of which some are met."""
    truth = rng.integers(0, 10, IMAGES)
    wrong = (truth + rng.integers(1, 10, IMAGES)) % 10
    right = rng.permutation(IMAGES) < rng.integers(4, 7)
    labels = np.where(right, truth, wrong)
    return [f"{number},{label}" for number, label in enumerate(labels, start=1)], truth


def as_text(rows: list[str]) -> str:
    return "\n".join(["id,label", *rows]) + "\n"


@task.check("in order", within=1e-9)
def score_in_order(score_file: Any, rng: np.random.Generator) -> dict[str, Any]:
    """ids from 1 to 14"""
    rows, truth = drawn_file(rng)
    return {"score_file(text, truth)": score_file(as_text(rows), truth)}


@task.check("in any order", within=1e-9)
def score_in_any_order(score_file: Any, rng: np.random.Generator) -> dict[str, Any]:
    """the same kind of file, its lines shuffled"""
    rows, truth = drawn_file(rng)
    tried = [score_file(as_text(list(rng.permutation(rows))), truth) for _ in range(3)]
    return {"three orders of the lines": tried}


@task.reference
def score_file(text, truth):
    right = 0
    for line in text.splitlines()[1:]:
        number, label = line.split(",")
        right += int(label) == truth[int(number) - 1]
    return right / len(truth)


BOTH = ("in order", "in any order")


@task.wrong(
    0,
    "The lines may come in any order: the id says which image a label belongs to.",
    breaks="in any order",
)
def ids_ignored(text, truth):
    labels = [int(line.split(",")[1]) for line in text.splitlines()[1:]]
    return float(np.mean(np.array(labels) == truth))


@task.wrong(
    0, "The lines are sorted as texts, where 10 comes before 2: make whole numbers of the ids.", breaks=BOTH
)
def sorted_as_texts(text, truth):
    labels = [int(line.split(",")[1]) for line in sorted(text.splitlines()[1:])]
    return float(np.mean(np.array(labels) == truth))


@task.wrong(0, "The header is counted as an image: divide by the number of images alone.", breaks=BOTH)
def header_counted(text, truth):
    return score_file(text, truth) * len(truth) / (len(truth) + 1)


@task.wrong(0, "This is how many are right; divide by the number of images.", breaks=BOTH)
def how_many(text, truth):
    return score_file(text, truth) * len(truth)


@task.wrong(0, "This is the share of wrong labels; the share of right ones is asked for.", breaks=BOTH)
def share_of_wrong_ones(text, truth):
    return 1 - score_file(text, truth)
