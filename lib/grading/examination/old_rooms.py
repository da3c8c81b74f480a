"""Rooms of the sandbox that nobody has used for long are removed, but for one in which a process grades."""

from __future__ import annotations

import os
import re
import shutil
import sys
import time
from contextlib import suppress
from pathlib import Path

KEPT = 30.0  # days
OURS = re.compile(r"\.?a\d+-[0-9a-f]{16}(-.*)?")  # names of rooms, and of what is left of one half made
FOLDER = getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0)
_in_use: dict[Path, int] = {}  # open, and locked, as long as this process lives


def hold_room(room: Path) -> bool:
    """Whether a room is there; then it stays while this process lives, and counts as used now."""
    if not room.is_dir():
        return False
    with suppress(OSError):
        os.utime(room)
    if sys.platform == "win32":
        return True
    import fcntl

    try:
        file = os.open(room, FOLDER)
        before, _in_use[room] = _in_use.get(room), file
        with suppress(OSError):  # some disks of other computers have no locks
            fcntl.flock(file, fcntl.LOCK_SH)
        if before is not None:
            os.close(before)
        return os.path.samestat(os.fstat(file), room.stat())
    except FileNotFoundError:  # it was being removed
        return False


def remove_old_rooms(folder: Path, days: float = KEPT) -> None:
    """Removes rooms, such as those of earlier versions of the course.

    folder: of all rooms
    days: that nobody has used them
    """
    for room in sorted(folder.glob("*")):
        if OURS.fullmatch(room.name) and _is_old(room, days):
            with suppress(OSError):
                _remove(room, days)


def _is_old(room: Path, days: float) -> bool:
    try:
        return time.time() - room.lstat().st_mtime > days * 24 * 3600
    except OSError:
        return False


def _remove(room: Path, days: float) -> None:
    file = os.open(room, FOLDER) if sys.platform != "win32" else -1
    try:
        if sys.platform != "win32":
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # refused while somebody uses it
        if _is_old(room, days):
            gone = room.with_name(f".{room.name.lstrip('.')}-{os.getpid()}")
            room.rename(gone)  # nobody finds half a room
            shutil.rmtree(gone, ignore_errors=True)
    finally:
        if file >= 0:
            os.close(file)
