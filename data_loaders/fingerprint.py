"""A text that changes with a folder or an archive, so that data are decoded again only after a change."""

from __future__ import annotations

import hashlib
import os
import stat
import time
from pathlib import Path

from .files import entry_kind, own_cache
from .safe_archive import is_archive

MOST_ENTRIES = 20_000  # far more than any form has outside its large folders
LARGE = 100  # entries of a folder that are looked at one by one


def fingerprint(source: Path) -> str:
    """A text that is another one after a change of names, sizes or times.

    source: a folder, an archive, or a file that stands for its folder

    Of a folder with over 100 entries only its own times are looked at, and not each entry.

    Times are those of writing and, on Linux and macOS, of any change, which no program can set back. Where
    something was changed so recently that a further change could get the same time, it waits until that is
    over: 20 ms, or two seconds on disks that keep whole seconds.

    Raises `ValueError` where there are more folders than any form of the data set has.
    """
    digest = hashlib.sha256()
    flat = source.is_file()
    pending = [source] if source.is_dir() or is_archive(source) else [source, source.parent]
    count = newest = 0
    own = own_cache()  # it changes whenever a data set is read, and is none
    seen: set[tuple[int, int]] = set()  # folders: links in a circle are followed once
    while pending:
        path = pending.pop()
        try:
            found = path.stat()
        except OSError:  # a link to nowhere: no reader can open it either
            continue
        place = found.st_dev, found.st_ino
        if place == own:
            continue
        facts = f"\0{found.st_size}\0{found.st_mtime_ns}\0{found.st_ctime_ns}\n"
        digest.update(os.fsencode(path) + facts.encode())
        newest = max(newest, found.st_mtime_ns, found.st_ctime_ns)
        if stat.S_ISDIR(found.st_mode) and place not in seen:
            seen.add(place)
            try:
                with os.scandir(path) as entries:
                    first = [entry for entry, _ in zip(entries, range(LARGE + 1), strict=False)]
            except OSError:  # it cannot be looked into: its reader says so
                continue
            if len(first) <= LARGE:
                pending += sorted(
                    Path(entry.path) for entry in first if not (flat and entry_kind(entry) == "folder")
                )
        count += 1
        if count > MOST_ENTRIES:
            raise ValueError(
                f"root: expected at most {MOST_ENTRIES:,} folders, got more in {source}; "
                "pass the folder of the data set itself"
            )
    if wait := _seconds_to_wait(newest):
        time.sleep(wait)
    return digest.hexdigest()


def _seconds_to_wait(changed: int) -> float:
    """How long the clock of the disk may still show the time of a change, given in nanoseconds."""
    tick = 2.0 if changed % 10**9 == 0 else 0.02
    age = time.time() - changed / 1e9
    return tick - age if 0 <= age < tick else 0.0
