"""Where the course keeps its data on this computer."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import platformdirs

from .looks import shortened

COURSE = Path(__file__).resolve().parents[1]


def data_folder() -> Path:
    """The folder of downloads and caches: $COURSE_DATA where it is set, else the user's data folder.

    A relative $COURSE_DATA belongs to the course's folder, whichever folder a command or a notebook runs in.
    A user without a home folder, as in some containers, has the folder data of the course.

    Raises `ValueError` where $COURSE_DATA is a file, or begins with the home folder of an unknown user.
    """
    if os.environ.get("COURSE_DATA"):
        folder = Path(os.path.abspath(COURSE / chosen_folder()))  # without /../
        if os.path.isfile(folder):
            raise ValueError(
                f"COURSE_DATA: expected the path of a folder, got {shortened(str(folder), 200)}, which is a "
                "file; name the folder in which it lies"
            )
        return folder
    return COURSE / "data" if home() is None else Path(platformdirs.user_data_dir("deep-vision-course"))


def cache_folder() -> Path:
    """The folder of the cache, with one folder for each data set; raises `ValueError` as above."""
    return data_folder() / "cache"


def chosen_folder() -> Path:
    """$COURSE_DATA as it is set, with the home folder in the place of ~; raises `ValueError` as above."""
    chosen = os.environ.get("COURSE_DATA", "")
    try:
        return Path(chosen).expanduser()
    except RuntimeError as error:
        raise ValueError(
            f"COURSE_DATA: expected the path of a folder, got {shortened(chosen)}, the home folder of a user "
            "who is not known here; write the whole path"
        ) from error


def home() -> Path | None:
    """The home folder; None where the user has none."""
    try:
        return Path.home()
    except RuntimeError:
        return None


def command(words: str) -> str:
    """A command of the course as it is typed here: `course …` where its environment is active.

    >>> command("data fetch cifar10").split()[-3:]
    ['data', 'fetch', 'cifar10']
    """
    active = [os.environ.get("VIRTUAL_ENV"), os.environ.get("CONDA_PREFIX")]
    if any(prefix and os.path.realpath(prefix) == os.path.realpath(sys.prefix) for prefix in active):
        return f"course {words}"
    return f"{'python' if os.name == 'nt' else 'python3'} course.py {words}"
