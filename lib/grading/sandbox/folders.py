"""The folders of a kernel, outside: new, with a short path, closed to others, and gone afterwards."""

from __future__ import annotations

import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import count, islice
from pathlib import Path

PREFIX = "course-grading-"  # of the names: what is called so and held by nobody was left by a kill
SHORT = 60  # bytes; the path of a socket has at most 107 of them
FAR = 3000  # bytes; the path of a file has at most 4,095
FOLDER = getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0)
_held: dict[Path, int] = {}  # open, and locked, as long as this process lives


def new_folder() -> Path:
    """A folder with an empty folder "connection" in it, held by this process; `forget_folder` deletes it."""
    while True:
        base = Path(tempfile.mkdtemp(prefix=PREFIX, dir=_above())).resolve()
        with suppress(FileNotFoundError):  # another run took it for one that was left, before it was held
            if sys.platform != "win32":
                _held[base] = _locked(base, wait=True)
            (base / "connection").mkdir(mode=0o755)
            return base


def forget_folder(base: Path) -> None:
    """Deletes it, once nothing that could write there runs."""
    with suppress(OSError):  # what stays is for `remove_left_over`
        emptied(base)
    if base in _held:
        os.close(_held.pop(base))


@contextmanager
def passing_folder() -> Iterator[Path]:
    """Such a folder for a while."""
    base = new_folder()
    try:
        yield base
    finally:
        forget_folder(base)


def remove_left_over() -> list[Path]:
    """Deletes the folders of processes of this user that were killed, and returns them."""
    removed = []
    for base in _above().glob(f"{PREFIX}*") if sys.platform != "win32" else ():
        with suppress(OSError):
            there = base.lstat()
            if not stat.S_ISDIR(there.st_mode) or there.st_uid != os.geteuid() or base.resolve() in _held:
                continue
            file = _locked(base, wait=False)
            try:
                emptied(base)
                removed.append(base)
            finally:
                os.close(file)
    return removed


def _locked(base: Path, *, wait: bool) -> int:
    """A folder, open, that no other process holds; raises `OSError` where one does, or where it is gone.

    wait: until no other process holds it
    """
    if sys.platform == "win32":
        raise OSError("there are no locks of this kind")
    import fcntl

    file = os.open(base, FOLDER)
    try:
        fcntl.flock(file, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        if not os.path.samestat(os.fstat(file), base.lstat()):
            raise FileNotFoundError(base)
    except BaseException:
        os.close(file)
        raise
    return file


def _above() -> Path:
    usual = Path(tempfile.gettempdir()).resolve()
    return usual if len(os.fsencode(usual)) < SHORT or sys.platform == "win32" else Path("/tmp")


def emptied(folder: Path) -> None:
    """Deletes a folder that a submission could write in, once nothing of it runs; follows no links."""
    if sys.platform == "win32":
        shutil.rmtree(folder, ignore_errors=True)
        return
    empty_folder(str(folder))
    folder.rmdir()


def empty_folder(path: str, kept: Sequence[str] = ()) -> None:
    """Removes all that a folder holds, however deep, without following links.

    kept: folders in it, and in these, by path, that are emptied and stay, such as those that hold a mount

    No other process may write in it meanwhile. What cannot be removed is left.
    """
    with suppress(OSError):
        os.chmod(path, 0o700)
    top = os.open(path, FOLDER)
    try:
        numbers = (f"lifted {os.urandom(8).hex()} {number}" for number in count())  # of no folder there
        stuck: set[str] = {os.path.basename(name) for name in kept if os.path.dirname(name) == path}
        while folders := [name for name in _remove_files(top) if name not in stuck]:
            for name in folders:  # what lies in a folder comes up beside it: no path grows long
                if not _lift(top, name, numbers):
                    stuck.add(name)
    finally:
        os.close(top)
    for name in kept:
        if os.path.dirname(name) == path and os.path.isdir(name):
            empty_folder(name, kept)


def _remove_files(folder: int) -> list[str]:
    """Removes what is no folder; the names of the folders."""
    folders = []
    with os.scandir(folder) as entries:
        names = [(entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries]
    for name, is_folder in names:
        if is_folder:
            folders.append(name)
        else:
            with suppress(OSError):  # a mount
                os.unlink(name, dir_fd=folder)
    return folders


def _lift(top: int, name: str, numbers: Iterator[str]) -> bool:
    """Moves the folders of a folder up and removes it; whether that worked."""
    try:
        with suppress(OSError):
            os.chmod(name, 0o700, dir_fd=top)
        inside = os.open(name, FOLDER, dir_fd=top)
    except OSError:
        return False
    try:
        for each in _remove_files(inside):
            with suppress(OSError):
                os.chmod(each, 0o700, dir_fd=inside)  # a folder that moves must be writable
            os.rename(each, next(numbers), src_dir_fd=inside, dst_dir_fd=top)
        os.rmdir(name, dir_fd=top)
    except OSError:
        return False
    finally:
        os.close(inside)
    return True


def disk_use(folder: Path, most: int) -> tuple[int, int]:
    """Bytes and number of all files below a folder.

    most: files, after which it stops to count; also what a folder counts that cannot be looked into
    """
    if os.scandir not in os.supports_fd:  # Windows, which does not tell how much room a file takes
        return 0, sum(1 for _ in islice(folder.rglob("*"), most + 1))
    try:
        top = os.open(folder, FOLDER)
    except FileNotFoundError:
        return 0, 0
    except OSError:
        return 0, most + 1
    try:
        return _use(top, most)
    finally:
        os.close(top)


def _use(top: int, most: int) -> tuple[int, int]:
    """As `disk_use`; a folder whose path is long is opened, and looked into from there."""
    size = number = 0
    pending = ["."]
    while pending and number <= most:
        path = pending.pop()
        try:
            inside = os.open(path, FOLDER, dir_fd=top)
        except FileNotFoundError:  # deleted meanwhile
            continue
        except OSError:
            number += most + 1
            continue
        try:
            if len(os.fsencode(path)) > FAR:
                more = _use(inside, most - number)
                size, number = size + more[0], number + more[1]
                continue
            with os.scandir(inside) as entries:
                for entry in entries:
                    number += 1
                    with suppress(FileNotFoundError):
                        size += 512 * entry.stat(follow_symlinks=False).st_blocks
                    if entry.is_dir(follow_symlinks=False):
                        pending.append(f"{path}/{entry.name}")
        finally:
            os.close(inside)
    return size, number
