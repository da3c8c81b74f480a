"""The key of a competition as a file that only its owner can read, outside of the course's folder."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np

from lib.checks import mismatch, shown
from lib.files import replacing_text
from lib.leaderboard.competition import UNREADABLE, Key

ROOT = Path(__file__).resolve().parents[2]


def write_key(path: str | Path, key: Key) -> None:
    """Writes the key, whole or not at all.

    path: of the file

    Raises `ValueError` for a place in the course's folder or in any other repository, which may be public.
    """
    place = Path(os.path.abspath(Path(path).expanduser()))
    check_apart(place)
    content = {
        "data": key.data,
        "classes": list(key.classes),
        "digest": key.digest,
        "labels": key.labels.tolist(),
        "treatment": key.treatment.tolist(),
        "public": key.public.astype(int).tolist(),
    }
    with replacing_text(place, private=True) as file:
        file.write(json.dumps(content) + "\n")


def check_apart(path: Path, name: str = "key") -> None:
    """Raises `ValueError` for a place where students may find a key, or a file of links.

    name: of what would lie there, for the error
    """
    real = path.resolve()
    if real.is_relative_to(ROOT) or any((folder / ".git").exists() for folder in real.parents):
        advice = "a repository may be public"
        raise mismatch("", name, "a file outside of the course and of any repository", str(path), advice)


def read_key(path: str | Path) -> Key:
    """What `write_key` wrote; raises `FileNotFoundError`, and `ValueError` for anything else."""
    try:
        content = json.loads(Path(path).expanduser().read_text("utf-8"))
        key = Key(
            np.array(content["labels"], np.int64),
            np.array(content["treatment"], np.int8),
            np.array(content["public"], bool),
            tuple(map(str, content["classes"])),
            str(content["data"]),
            str(content["digest"]),
        )
        count = len(key)
        whole = key.labels.shape == key.treatment.shape == key.public.shape == (count,) and count > 0
        fits = whole and 0 <= key.labels.min() <= key.labels.max() < len(key.classes)
        fits = fits and not (key.public & (key.treatment == UNREADABLE)).any()
    except (ValueError, KeyError, TypeError, OverflowError) as error:
        raise mismatch("", "key", "the file of a key", shown(Path(path).name)) from error
    if not fits:
        raise mismatch("", "key", "labels, treatments and halves that fit together", shown(Path(path).name))
    return key
