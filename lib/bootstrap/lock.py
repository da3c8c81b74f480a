"""One installation at a time: a file lock that the operating system frees when its holders have died."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl


@contextmanager
def locked(path: Path, *, on_wait: Callable[[], None]) -> Iterator[int]:
    """Hold the lock on this file, which is made where it is missing; gives its file descriptor.

    on_wait: called once where another process holds the lock

    A child process that inherits the descriptor holds the lock too: pip may outlive its parent for a moment.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        if not _take(descriptor):
            on_wait()
            while not _take(descriptor):
                time.sleep(0.2)
        yield descriptor
    finally:
        os.close(descriptor)


def _take(descriptor: int) -> bool:
    try:
        if sys.platform == "win32":
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):  # PermissionError: how Windows says that it is taken
        return False
    return True
