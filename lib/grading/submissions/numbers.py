"""The numbers by which platforms know who has handed in, as they stand in the names of their downloads.

Moodle gives each student another number for each assignment, and its grading worksheet goes by that alone;
Canvas gives one for all.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from lib.assignments.places import ROOT
from lib.files import replacing_text
from lib.grading.places import OWN
from lib.grading.submissions.uploads import Upload

NUMBERS = "numbers"  # in places.OWN, with ASSIGNMENT/ID.json, where `course submissions forget` looks, too


def keep_numbers(student: str, assignment: str, uploads: Iterable[Upload], root: Path = ROOT) -> None:
    """Keeps what the names of somebody's uploads say; nothing where two of them differ.

    assignment: in full
    """
    found: dict[str, set[str]] = {}
    for upload in uploads:
        if upload.account and not upload.disputed:
            platform, number = upload.account
            found.setdefault(platform, set()).add(number)
    sure = {platform: next(iter(some)) for platform, some in found.items() if len(some) == 1}
    path = root / OWN / NUMBERS / assignment / f"{student}.json"
    before = _read(path)
    if before | sure != before:
        with replacing_text(path, private=True) as file:
            file.write(json.dumps(before | sure) + "\n")


def numbers_of(assignment: str, root: Path = ROOT) -> dict[str, Mapping[str, str]]:
    """Student → platform, such as "moodle" → number.

    assignment: in full
    """
    return {path.stem: _read(path) for path in sorted((root / OWN / NUMBERS / assignment).glob("*.json"))}


def _read(path: Path) -> dict[str, str]:
    try:
        return {
            str(platform): str(number) for platform, number in json.loads(path.read_text("utf-8")).items()
        }
    except (OSError, ValueError, AttributeError):  # none yet, or a file of another kind
        return {}
