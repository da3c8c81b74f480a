"""Which assignments there are, and which one a name stands for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from lib.checks import mismatch, shown

ROOT = Path(__file__).resolve().parents[2]
SOURCES, RELEASES, HANDED_IN = "solutions", "assignments", "handed-in"
ASSIGNMENT = re.compile(r"a\d+_\w+")


def assignments_in(folder: Path) -> list[str]:
    """The names of the assignments that have a folder of their own in this one, in order."""
    found = [path.name for path in folder.glob("a*_*") if path.is_dir() and ASSIGNMENT.fullmatch(path.name)]
    return sorted(found, key=lambda name: (int(short_name(name)[1:]), name))


def short_name(name: str) -> str:
    """What people call an assignment.

    >>> short_name("a1_image_classification")
    'a1'
    """
    return name.partition("_")[0]


def find_assignment(name: str, there: Sequence[str]) -> str:
    """The full name of an assignment; raises `ValueError` where there is none.

    name: such as "a1" or "a1_image_classification"; a path to it will do, too
    there: the full names of all that there are

    >>> find_assignment("assignments/a1_images/", ["a1_images", "a2_gradients"])
    'a1_images'
    """
    wanted = Path(name).stem.lower()
    for full in there:
        if wanted in (full.lower(), short_name(full)):
            return full
    expected = f"one of {', '.join(map(short_name, there))}" if there else "an assignment, and there is none"
    raise mismatch("", "assignment", expected, shown(name))
