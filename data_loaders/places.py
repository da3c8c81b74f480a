"""Where the course keeps its data on this computer."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

from .looks import shortened

COURSE = Path(__file__).resolve().parents[1]


def data_folder() -> Path:
    """The folder of downloads and caches: $COURSE_DATA where it is set, else the user's data folder.

    A relative $COURSE_DATA belongs to the course's folder, whichever folder a command or a notebook runs in.
    A user without a home folder, as in some containers, has the folder data of the course.

    Raises `ValueError` where $COURSE_DATA begins with the home folder of a user whom nobody knows.
    """
    if os.environ.get("COURSE_DATA"):
        return Path(os.path.abspath(COURSE / chosen_folder()))  # without /../
    return COURSE / "data" if home() is None else Path(platformdirs.user_data_dir("deep-vision-course"))


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
