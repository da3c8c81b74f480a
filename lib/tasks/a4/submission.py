"""A file of predictions as the leaderboard reads it; whether they are right is not looked at."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from lib.leaderboard.predictions import TEST_IMAGES, read_predictions
from lib.tasks.task import Task

task = Task("a4.submission", "A file of predictions", defines=("write_submission",), parts={"file": 3})


@task.check("file")
def the_file(write_submission: Any, rng: np.random.Generator) -> dict[str, Any]:
    """10,000 labels written, and read as the leaderboard reads them"""
    if isinstance(write_submission, str | os.PathLike):  # a file that is there already
        said = problem(Path(write_submission))
        return {"what is wrong": said or "nothing", "each label stands at its id": not said}
    labels = rng.integers(0, 10, TEST_IMAGES)
    with TemporaryDirectory() as folder:
        path = Path(folder, "predictions.csv")
        write_submission(path, labels.copy())
        said = problem(path)
        same = not said and bool((read_predictions(path) == labels).all())
    return {"what is wrong": said or "nothing", "each label stands at its id": same}


def problem(path: Path) -> str:
    """What is wrong with a file of predictions, in one sentence; "" where it is as it should be."""
    try:
        read_predictions(path)
    except FileNotFoundError:
        return f"there is no file {path.name}"
    except (ValueError, OSError) as error:
        return str(error)
    return ""
