"""A block that one process at a time runs, as far as the file system has locks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout


@contextmanager
def one_at_a_time(path: Path, seconds: float) -> Iterator[bool]:
    """A `with` block; its value is whether no other process is in such a block.

    path: of the lock
    seconds: to wait for another process; then the block runs all the same, as it does without locks
    """
    lock = FileLock(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=seconds)
    except (OSError, NotImplementedError, Timeout):
        yield False
        return
    try:
        yield True
    finally:
        lock.release()
