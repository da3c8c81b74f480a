"""Puts files in their places such that nothing is lost, at a kill or where somebody saves meanwhile.

A copy that is replaced first goes aside, under a hidden name. There it is looked at once more, since
JupyterLab may have saved it a moment ago, and it is deleted when its successor is in its place. What a killed
process has left aside is found by `bring_back`.
"""

from __future__ import annotations

import os
import time
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

from lib.lessons.sources import file_fingerprint

PART, ASIDE = ".part", ".before"


def place(path: Path, content: bytes) -> bool:
    """Writes a file at once and whole; False where there is something of this name already, which stays.

    path: folders that are missing are made
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if os.path.lexists(path):
        return False
    part = path.with_name(f".{path.name}.{os.getpid()}{PART}")
    try:
        with open(part, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        return _moved_to_a_free_name(part, path)
    finally:
        with suppress(OSError):
            part.unlink()


def _moved_to_a_free_name(part: Path, path: Path) -> bool:
    """Gives a file the name of `path`; False where there is something of this name."""
    try:
        os.link(part, path)  # unlike a rename it never takes the place of another file
    except FileExistsError:
        return False
    except (OSError, NotImplementedError):  # a file system without links
        if os.path.lexists(path):
            return False
        os.replace(part, path)
    return True


def replace_unchanged(path: Path, content: bytes | None, expected: str) -> bool:
    """Puts a file in the place of an unchanged copy; False where somebody has changed it, and it stays.

    content: None deletes the copy
    expected: the fingerprint of the unchanged copy
    """
    if file_fingerprint(path) != expected:
        return False
    aside = aside_of(path)
    try:
        os.replace(path, aside)
    except FileNotFoundError:  # another start has put it aside meanwhile
        return False
    if file_fingerprint(aside) != expected:
        bring_back(path, ())
        return False
    try:
        placed = content is None or place(path, content)
    except OSError:  # such as a full disk
        bring_back(path, ())
        raise
    aside.unlink(missing_ok=True)
    return placed


def aside_of(path: Path) -> Path:
    """Where a copy is while its successor is put into its place."""
    return path.with_name(f".{path.name}{ASIDE}")


def left_aside(folder: Path, seconds: float = 0) -> list[Path]:
    """The copies in a folder that are aside, by the names that they should have.

    seconds: for so long at least; a process at work has a copy aside for much less than one
    """
    found = []
    for path in sorted(folder.glob(f".*{ASIDE}")):
        with suppress(FileNotFoundError):  # it is back meanwhile
            if time.time() - path.lstat().st_ctime >= seconds or not seconds:
                found.append(path.with_name(path.name[1 : -len(ASIDE)]))
    return found


def bring_back(path: Path, known: Collection[str]) -> Path | None:
    """Puts a copy that was left aside back; where there is a file again, the copy is kept beside it.

    known: fingerprints of versions of the course: such a copy need not be kept

    Returns where it is kept, if it is.
    """
    aside = aside_of(path)
    if not os.path.lexists(aside):
        return None
    if not os.path.lexists(path) and _moved_to_a_free_name(aside, path):
        with suppress(OSError):
            aside.unlink()
        return None
    mark = file_fingerprint(aside)
    if mark in known or mark == file_fingerprint(path):
        aside.unlink()
        return None
    kept = free_name(path, "before")
    os.replace(aside, kept)
    return kept


def free_name(path: Path, word: str) -> Path:
    """A name beside a file that nothing has yet.

    >>> free_name(Path("nowhere/05_gates.ipynb"), "new").name
    '05_gates (new).ipynb'
    """
    names = (path.with_name(f"{path.stem} ({word}{more}){path.suffix}") for more in ["", *_numbers()])
    return next(name for name in names if not os.path.lexists(name))


def _numbers() -> list[str]:
    return [f", {number}" for number in range(2, 10_000)]
