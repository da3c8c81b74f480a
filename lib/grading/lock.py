"""Only one command at a time changes the results of a course."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from lib.grading.places import OWN


@contextmanager
def alone(root: Path) -> Iterator[None]:
    """Within this block no other process is in one of its own; raises `BlockingIOError` where one is.

    The system frees the lock of a process that is killed.
    """
    lock = FileLock(root / OWN / "lock")
    (root / OWN).mkdir(parents=True, exist_ok=True)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise BlockingIOError(
            "grading: another command is grading this course now; wait until it has ended, or end it with "
            "Ctrl-C: what it has graded stays"
        ) from None
    try:
        yield
    finally:
        lock.release()
