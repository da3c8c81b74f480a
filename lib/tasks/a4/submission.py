"""A file of predictions as the leaderboard reads it; whether they are right is not looked at."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from lib.checks import mismatch
from lib.leaderboard.predictions import TEST_IMAGES, read_predictions
from lib.tasks.facts import are_same
from lib.tasks.task import Task

task = Task(
    "a4.submission",
    "A file of predictions",
    defines=("write_submission",),
    parts={"file": 3},
    allows=("lib.leaderboard",),
)


@task.check("file")
def labels_read_back(write_submission: Any, rng: np.random.Generator) -> dict[str, Any]:
    """10,000 labels written, and read as the leaderboard reads them"""
    labels, found, wrong = written_and_read(write_submission, rng)
    if wrong:
        raise wrong
    return {"each label at its id": are_same(labels, found)}


@task.check("file")
def what_is_said(write_submission: Any, rng: np.random.Generator) -> dict[str, Any]:
    """10,000 labels written, and read as the leaderboard reads them"""
    said = str(written_and_read(write_submission, rng)[2] or "nothing")
    if said != "nothing" and is_path(write_submission):
        said = "as said above"  # with the line, which the usual slips do not name
    return {"what is wrong": said}


def written_and_read(
    write_submission: Any, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, ValueError | None]:
    """Labels that were written, those that were read, and the error where the file cannot be read."""
    labels = rng.integers(0, 10, TEST_IMAGES)
    with TemporaryDirectory() as folder:
        given = is_path(write_submission)
        path = Path(write_submission) if given else Path(folder, "predictions.csv")
        if not given:
            write_submission(path, (labels + 1) % 10)  # as when a cell is run twice
            write_submission(path, labels.copy())
        try:
            found = read_predictions(path)
        except FileNotFoundError:
            return labels, labels, mismatch("", path.name, "a file of this name", "none")
        except ValueError as error:
            return labels, labels, error
    return (found if given else labels), found, None


def is_path(thing: Any) -> bool:
    """Whether a file is given that is there already, in the place of a function that writes one."""
    return isinstance(thing, str | os.PathLike)
