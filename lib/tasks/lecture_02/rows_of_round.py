"""One round of cross-validation: which rows to train on, and which to validate on."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.tasks.several import one_of
from lib.tasks.task import Task

task = Task(
    "02.rows_of_round",
    "One round of folds",
    defines=("rows_of_round",),
    parts={"training": 1, "validation": 1},
    hints=(
        "fold_of == number is True for the pictures of one fold. Which of the two lists are they?",
        "np.flatnonzero(condition) gives the rows where a condition is True.",
        "Validate where fold_of == number, train where fold_of != number. Training rows come first.",
    ),
    minutes=3,
    tells=("fold_of == number", "fold_of != number"),
)


def dealt(rng: np.random.Generator) -> tuple[np.ndarray, int]:
    """The fold of each of some pictures, and one fold that is neither the first nor the last."""
    return rng.permutation(np.arange(int(rng.integers(21, 25))) % 5), int(rng.integers(1, 4))


def as_row_numbers(part: Any) -> np.ndarray:
    """Sorted rows; True and False for each picture are as good, a column is not: it would not pick rows."""
    part = np.asarray(part)
    if part.dtype == object or (part.ndim == 2 and part.shape[1] == 1):
        return part
    return np.flatnonzero(part) if part.dtype == bool else np.sort(part, axis=None)


@task.check("training")
def rows_to_train_on(rows_of_round: Any, rng: np.random.Generator) -> dict[str, Any]:
    """the rows to train on"""
    fold_of, number = dealt(rng)
    rows = one_of(rows_of_round(fold_of, number), 0)
    return {f"training rows, fold {number} of\n{fold_of}": as_row_numbers(rows)}


@task.check("validation")
def rows_to_validate_on(rows_of_round: Any, rng: np.random.Generator) -> dict[str, Any]:
    """the rows to validate on"""
    fold_of, number = dealt(rng)
    rows = one_of(rows_of_round(fold_of, number), 1)
    return {f"validation rows, fold {number} of\n{fold_of}": as_row_numbers(rows)}


@task.reference
def rows_of_round(fold_of, number):
    return np.flatnonzero(fold_of != number), np.flatnonzero(fold_of == number)


BOTH = ("training", "validation")


@task.wrong(0, "The two are exchanged: training rows come first, and they are the many.", breaks=BOTH)
def validation_first(fold_of, number):
    return np.flatnonzero(fold_of == number), np.flatnonzero(fold_of != number)


@task.wrong(
    0,
    "You train on all rows, so the pictures that judge are in the training set: leave them out.",
    breaks="training",
)
def trains_on_everything(fold_of, number):
    return np.arange(len(fold_of)), np.flatnonzero(fold_of == number)


@task.wrong(
    0, "You train on the folds before this one alone; those after it belong there too.", breaks="training"
)
def trains_on_the_folds_before(fold_of, number):
    return np.flatnonzero(fold_of < number), np.flatnonzero(fold_of == number)


@task.wrong(
    0,
    "You cut the rows in blocks, as if the pictures lay fold by fold: fold_of says where each one is.",
    breaks=BOTH,
)
def cut_in_blocks(fold_of, number):
    size = len(fold_of) // (fold_of.max() + 1)
    held = np.arange(number * size, (number + 1) * size)
    return np.setdiff1d(np.arange(len(fold_of)), held), held


@task.wrong(0, "These are numbers of folds; the rows of the pictures are asked for.", breaks=BOTH)
def folds_for_rows(fold_of, number):
    return fold_of[fold_of != number], fold_of[fold_of == number]


@task.wrong(
    0, "These are columns, (n, 1), as np.argwhere gives them: np.flatnonzero gives (n,).", breaks=BOTH
)
def columns_of_rows(fold_of, number):
    return np.argwhere(fold_of != number), np.argwhere(fold_of == number)
