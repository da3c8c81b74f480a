"""The folder in which a student works: copies of lectures and assignments, and what is remembered."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from lib.checks import mismatch, shown

ROOT = Path(__file__).resolve().parents[2]
WORK = "work"


def work_folder() -> Path:
    """$COURSE_WORK, else the folder work of the course; where that is read-only, one in the user's data.

    A relative $COURSE_WORK belongs to the course's folder. The folder need not be there yet.

    Raises `ValueError` where it is a file, and where a user without a home has a read-only course.
    """
    if chosen := os.environ.get("COURSE_WORK"):
        folder = ROOT / os.path.expanduser(chosen)  # which leaves the name of an unknown user as it is
        if folder.exists() and not folder.is_dir():
            raise mismatch(
                "", "COURSE_WORK", "the path of a folder", f"{shown(str(folder))}, which is a file"
            )
        return folder
    own = ROOT / WORK
    if own.exists() and not own.is_dir():
        raise mismatch("", WORK, "a folder for your copies", f"the file {own}", "give that file another name")
    if can_be_written(own if own.is_dir() else ROOT):
        return own
    import platformdirs  # here, since nearly nobody needs it

    try:
        home = platformdirs.user_data_dir("deep-vision-course")
    except RuntimeError:
        home = "~"
    if home.startswith("~"):
        raise mismatch(
            "", "COURSE_WORK", "a folder for your work, since the course is read-only and you have no home",
            "none", "set COURSE_WORK to a folder of yours",
        )  # fmt: skip
    return Path(home) / WORK


def can_be_written(folder: Path) -> bool:
    """Whether files can be made in a folder: asked of the file system, since permissions do not tell all."""
    try:
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False
