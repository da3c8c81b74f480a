"""`course release a4` and `course leaderboard init` make: the students' folder, the key elsewhere."""

from __future__ import annotations

import os
from pathlib import Path

from data_loaders import Dataset, load_dataset, load_shapes10
from data_loaders.shapes10 import NUISANCES
from lib.checks import mismatch
from lib.leaderboard.competition import make_competition
from lib.leaderboard.key_file import check_apart, read_key, write_key
from lib.leaderboard.student_files import write_challenge


def make_challenge(to: str | Path, secret: bytes, key: str | Path, *, data: str = "auto") -> list[Path]:
    """Makes a competition; returns the files that students get. The same secret makes the same again.

    to: the folder that students get, new or empty
    secret: at least 16 bytes, as `lib.tasks.secret` keeps them
    key: the file of the key, outside of that folder, of the course and of any repository; one that is there
        must be the key of these images
    data: the name of a data set, as `load_dataset` takes it: its test images are used, in Shapes-10 those
        with every nuisance at its strongest, on which a4 trains

    Raises `ValueError` for other places, another key or a short secret; then nothing is written.
    """
    place = Path(os.path.abspath(Path(key).expanduser()))
    check_apart(place)
    if place.resolve().is_relative_to(Path(to).expanduser().resolve()):
        raise mismatch("", "key", "a file outside of the students' folder", str(key))
    competition = make_competition(challenging(load_dataset(data)), secret)
    if place.exists() and read_key(place).digest != competition.key.digest:
        advice = "students may have its images: take the same data and secret again, or name another folder"
        raise mismatch("", "key", "that of these images", f"another one in {place}", advice)
    files = write_challenge(to, competition.images, competition.key.classes)
    write_key(place, competition.key)
    return files


def challenging(data: Dataset) -> Dataset:
    """The same data set; Shapes-10 as hard as it can be."""
    return load_shapes10(0, **dict.fromkeys(NUISANCES, 1.0)) if data.name == "Shapes-10" else data
