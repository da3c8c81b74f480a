"""Only one command at a time changes what there is of a class, or reads it whole."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

from lib.files import replacing_text
from lib.grading.places import OWN


@contextmanager
def alone(root: Path, command: str) -> Iterator[None]:
    """Within this block no other process is in one of its own.

    command: as it is typed, for whoever comes meanwhile

    It waits for nobody, since grading takes minutes: raises `BlockingIOError` that says who is there. The
    system frees the lock of a process that is killed.
    """
    folder = root / OWN
    folder.mkdir(parents=True, exist_ok=True)
    lock, note = FileLock(folder / "lock"), folder / "lock.json"
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise BlockingIOError(
            f"{command}: expected no other command at work in this course, got {_said(note)}; wait until it "
            "has ended, or end it with Ctrl-C: what it has done stays"
        ) from None
    try:
        since = f"{datetime.now():%Y-%m-%d %H:%M:%S}"
        with contextlib.suppress(OSError), replacing_text(note) as file:  # it only tells others
            json.dump({"command": command, "process": os.getpid(), "since": since}, file)
        yield
    finally:
        with contextlib.suppress(OSError):
            note.unlink(missing_ok=True)
        lock.release()


def _said(note: Path) -> str:
    """Who holds the lock, in words."""
    try:
        found = json.loads(note.read_text("utf-8"))
        return f"`{found['command']}` (process {found['process']}, since {found['since']})"
    except (OSError, ValueError, TypeError, KeyError):
        return "one that has just begun"
