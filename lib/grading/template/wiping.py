"""Are the folders that submissions write in as at the start?"""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from contextlib import suppress


def looks(paths: Sequence[str]) -> dict[str, list[object]]:
    """Mode, owner, attributes and, of folders, the names in them: for `paths` and all in them.

    Not for what lies in other disks that are mounted there, such as Python's: nobody can write in those.
    """
    found: dict[str, list[object]] = {}
    pending = [(path, os.lstat(path).st_dev) for path in paths if os.path.lexists(path)]
    while pending:
        path, disk = pending.pop()
        try:
            status = os.lstat(path)
            folder = stat.S_ISDIR(status.st_mode) and status.st_dev == disk
            names = sorted(os.listdir(path)) if folder else []
            attributes = sorted(os.listxattr(path, follow_symlinks=False))
        except OSError as error:
            found[path] = [error.errno]
            continue
        found[path] = [status.st_mode, status.st_uid, status.st_gid, attributes, names]
        pending += [(os.path.join(path, name), disk) for name in names]
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
