"""Folders that submissions write in are emptied after each one; are they as at the start?"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import count

OPEN = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def empty_folder(path: str, kept: Sequence[str] = ()) -> None:
    """Removes all that a folder holds, however deep, without following links.

    kept: folders in it, by path, that are emptied and stay, such as those that hold a mount

    No other process may write in it meanwhile. What cannot be removed is left: `looks` tells.
    """
    top = os.open(path, OPEN)
    try:
        with suppress(OSError):
            os.chmod(path, 0o700)
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
            empty_folder(name)


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
        inside = os.open(name, OPEN, dir_fd=top)
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


def looks(paths: Sequence[str]) -> dict[str, list[object]]:
    """Mode, owner, attributes and, of folders, the names in them: for `paths` and all in them."""
    found: dict[str, list[object]] = {}
    pending = list(paths)
    while pending:
        path = pending.pop()
        try:
            status = os.lstat(path)
            folder = stat.S_ISDIR(status.st_mode)
            names = sorted(os.listdir(path)) if folder else []
            attributes = sorted(os.listxattr(path, follow_symlinks=False))
        except OSError as error:
            found[path] = [error.errno]
            continue
        found[path] = [status.st_mode, status.st_uid, status.st_gid, attributes, names]
        pending += [os.path.join(path, name) for name in names]
    return found


def restore(before: dict[str, list[object]]) -> None:
    """Gives modes back to what is still there; the rest of a difference stays, and is seen by `looks`."""
    for path, (mode, *_) in before.items():
        with suppress(OSError):
            for attribute in os.listxattr(path):
                os.removexattr(path, attribute)
        with suppress(OSError):
            if os.lstat(path).st_mode != mode and isinstance(mode, int):
                os.chmod(path, stat.S_IMODE(mode))
