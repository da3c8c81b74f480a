"""A folder, or an archive, as names and bytes: what the readers of all forms work on."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Protocol

from . import places
from .looks import reason

LARGEST_FILE = 400 << 20  # bytes; the largest file of any form, tr_data.bin, has 154 MB
MOST_FILES = 500_000  # Kaggle's folder has 350,000
DEEPEST = 5  # levels of folders
GLIMPSE = 1_000  # entries of a folder, and at most as many folders, that show its form


class Files(Protocol):
    """Named files, in a folder or in an archive.

    path: the folder or the archive itself
    names: every file, relative to it, parts joined by "/", sorted
    """

    path: Path
    names: list[str]

    def read(self, name: str) -> bytes:
        """The content of one of the names."""


class Folder:
    """The files of a folder on disk, down to five levels; the course's own cache is passed over.

    path: the folder
    flat: look at its own files only, not into the folders inside
    only: the name of one of its files, where the others are of no concern

    Raises `ValueError` where there are more than any form of the data set has.
    """

    def __init__(self, path: Path, *, flat: bool = False, only: str | None = None):
        self.path = path
        self.names = sorted(_walk(path, 0 if flat else DEEPEST)) if only is None else [only]
        self._known = set(self.names)

    def read(self, name: str) -> bytes:
        if name not in self._known:
            raise ValueError(f"{self.path}: expected the file {name}, got none of this name")
        path = self.path / name
        try:
            with path.open("rb") as file:
                size = os.fstat(file.fileno()).st_size
                if size <= LARGEST_FILE:
                    return file.read(size)  # and no more: files of /proc say 0, and some have no end
        except OSError as error:
            raise ValueError(f"{path}: expected a file that can be read, got {reason(error)}") from error
        raise ValueError(f"{path}: expected at most {LARGEST_FILE:,} bytes, as CIFAR-10 has, got {size:,}")


def identity(folder: Path) -> tuple[int, int] | None:
    """A key of the folder, whichever name leads to it, so that links in a circle are followed only once.

    None where it cannot be looked at, as where a link leads to itself.
    """
    try:
        found = folder.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def entry_kind(entry: os.DirEntry) -> str:
    """Whether it is a "folder" or a "file", through links; "" for all else, such as a link to itself."""
    try:
        return "folder" if entry.is_dir() else "file" if entry.is_file() else ""
    except OSError:
        return ""


def glimpse(folder: Path, *, deepest: int = DEEPEST) -> list[str]:
    """Names in a folder, enough to see its form and quickly listed; none where it cannot be looked into.

    deepest: levels of folders below it that are looked into
    """
    names: list[str] = []
    with suppress(ValueError):  # its reader says why
        names += islice(_walk(folder, deepest, GLIMPSE), 100 * GLIMPSE)
    return sorted(names)


def own_cache() -> tuple[int, int] | None:
    """The `identity` of the course's cache, which is nobody's data; None where there is none."""
    try:
        return identity(places.cache_folder())
    except ValueError:
        return None


def _walk(root: Path, deepest: int, most: int = MOST_FILES) -> Iterator[str]:
    """The files below a folder; of each folder at most so many entries, and at most so many folders."""
    pending, count = deque([("", 0)]), 0
    seen = {own_cache()}
    while pending and len(seen) <= most:
        folder, depth = pending.popleft()
        if (place := identity(root / folder)) in seen or place is None:
            continue
        seen.add(place)
        for entry in islice(_entries(root / folder), most + 1):
            count += 1
            if count > MOST_FILES:
                raise ValueError(
                    f"{root}: expected at most {MOST_FILES:,} files, got more; "
                    "pass the folder of the data set itself"
                )
            if entry.name.startswith("."):
                continue
            kind = entry_kind(entry)
            if kind == "folder" and depth < deepest:
                pending.append((f"{folder}{entry.name}/", depth + 1))
            elif kind == "file":
                yield folder + entry.name


def _entries(folder: Path) -> Iterator[os.DirEntry]:
    """What lies in a folder; `ValueError`, naming it, where it cannot be looked into."""
    try:
        with os.scandir(folder) as entries:
            yield from entries
    except OSError as error:
        raise ValueError(f"{folder}: expected a folder that can be read, got {reason(error)}") from error
