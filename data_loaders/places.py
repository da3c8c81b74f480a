"""Where the course keeps its data on this computer."""

import os
from pathlib import Path

import platformdirs


def data_folder() -> Path:
    """The folder of downloads and caches: $COURSE_DATA where it is set, else the user's data folder."""
    chosen = os.environ.get("COURSE_DATA")
    return Path(chosen).expanduser() if chosen else Path(platformdirs.user_data_dir("deep-vision-course"))
