"""Room on the disk: it is asked for before something large is written, and an error says where it ends."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ELSEWHERE = "set COURSE_DATA to a folder on another disk"


class DiskFull(OSError):
    """There is no room left; the message says where, how much is needed, and what to do."""


@contextmanager
def room_for(name: str, folder: Path, size: int, *, instead: str = ELSEWHERE) -> Iterator[None]:
    """The context in which a file or folder is written; raises `DiskFull` where there is too little room.

    name: what is written, for the error
    folder: where, an existing folder
    size: bytes that are needed; 0 where that is not known
    instead: what to do where no space can be freed
    """
    try:
        free = shutil.disk_usage(folder).free
    except OSError:  # some network disks do not tell
        free = size
    todo = f"free some space, or {instead}"
    if free < size:
        amounts = f"{size / 1e6:,.0f} MB are needed, {free / 1e6:,.0f} MB are free"
        raise DiskFull(f"{name}: no room left in {folder} ({amounts}); {todo}")
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull(f"{name}: no room left in {folder}; {todo}") from error
        raise
