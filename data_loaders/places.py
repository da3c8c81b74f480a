"""Where the course keeps its data on this computer."""

import os
from pathlib import Path

import platformdirs

COURSE = Path(__file__).resolve().parents[1]


def data_folder() -> Path:
    """The folder of downloads and caches: $COURSE_DATA where it is set, else the user's data folder.

    A relative $COURSE_DATA belongs to the course's folder, whichever folder a command or a notebook runs in.
    """
    if chosen := os.environ.get("COURSE_DATA"):
        return Path(os.path.abspath(COURSE / Path(chosen).expanduser()))  # without /../
    return Path(platformdirs.user_data_dir("deep-vision-course"))
