"""The folders of a kernel, outside: new, with a short path, closed to others, and gone afterwards."""

from __future__ import annotations

import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path
from uuid import uuid4

PREFIX = "k-"
SHORT = 60  # the path of a socket has at most 107 bytes
LOCK = "lock"
FOLDER = getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0)
_held: dict[Path, int] = {}


def new_folder() -> Path:
    """A folder with an empty folder "connection" in it; `forget_folder` deletes it."""
    base = Path(tempfile.mkdtemp(prefix=PREFIX, dir=_above())).resolve()
    (base / "connection").mkdir(mode=0o755)
    if sys.platform != "win32":
        import fcntl

        # Named only when it is locked: the folder of a process that was killed has one that is not.
        file = os.open(base / "new", os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        fcntl.flock(file, fcntl.LOCK_EX)
        (base / "new").rename(base / LOCK)
        _held[base] = file
    return base


def forget_folder(base: Path) -> None:
    """Deletes it, once nothing that could write there runs."""
    with suppress(OSError):  # what stays is for `remove_left_over`
        emptied(base)
    if base in _held:
        os.close(_held.pop(base))


def remove_left_over() -> list[Path]:
    """Deletes the folders of processes of this user that were killed, and returns them."""
    if sys.platform == "win32":
        return []
    import fcntl

    removed = []
    for base in _above().glob(f"{PREFIX}*"):
        with suppress(OSError):
            there = base.lstat()
            if not stat.S_ISDIR(there.st_mode) or there.st_uid != os.geteuid() or base.resolve() in _held:
                continue
            file = os.open(base / LOCK, os.O_RDWR | os.O_NOFOLLOW)
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                emptied(base)
                removed.append(base)
            finally:
                os.close(file)
    return removed


def _above() -> Path:
    usual = tempfile.gettempdir()
    return Path(usual if len(usual) < SHORT or sys.platform == "win32" else "/tmp")


def emptied(folder: Path) -> None:
    """Deletes a folder that a submission could write in, once nothing of it runs; follows no links.

    Folders in it are moved to its top before they are looked into: the deepest one has a short path, too.
    """
    if sys.platform == "win32":
        shutil.rmtree(folder, ignore_errors=True)
        return
    names = (uuid4().hex for _ in count())  # that nothing there has
    top = os.open(folder, FOLDER)
    try:
        os.fchmod(top, stat.S_IRWXU)
        pending = _clear(top, top, names)
        while pending:
            name = pending.pop()
            inside = os.open(name, FOLDER, dir_fd=top)
            try:
                pending += _clear(inside, top, names)
            finally:
                os.close(inside)
            os.rmdir(name, dir_fd=top)
    finally:
        os.close(top)
    folder.rmdir()


def _clear(where: int, top: int, names: Iterator[str]) -> list[str]:
    """Deletes the files of a folder, and moves the folders in it to the top; returns their new names."""
    moved = []
    with os.scandir(where) as entries:
        there = list(entries)
    for entry in there:
        if not entry.is_dir(follow_symlinks=False):
            os.unlink(entry.name, dir_fd=where)
            continue
        moved.append(next(names))
        os.chmod(entry.name, stat.S_IRWXU, dir_fd=where)
        os.rename(entry.name, moved[-1], src_dir_fd=where, dst_dir_fd=top)
    return moved


def disk_use(folder: Path, most: int) -> tuple[int, int]:
    """Bytes and number of all files below a folder.

    most: files, after which it stops to count; also what a folder counts that cannot be looked into
    """
    size = number = 0
    pending = [str(folder)]
    while pending and number <= most:
        try:
            with os.scandir(pending.pop()) as entries:
                for entry in entries:
                    number += 1
                    with suppress(FileNotFoundError):
                        size += 512 * getattr(entry.stat(follow_symlinks=False), "st_blocks", 0)
                    if entry.is_dir(follow_symlinks=False):
                        pending.append(entry.path)
        except FileNotFoundError:  # deleted meanwhile
            pass
        except OSError:
            number += most + 1
    return size, number
