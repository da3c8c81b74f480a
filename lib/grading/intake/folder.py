"""What lies in the folder of a submission, looked at without following a link."""

from __future__ import annotations

import errno
import os
import stat
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from lib.assignments.originals import is_left_by_a_program

DEEPEST = 8  # levels of folders
MOST_ENTRIES = 5_000  # that are looked at
MOST_FILES = 200
LARGEST = 20_000_000  # bytes of a file, as `course hand-in` packs them
LARGEST_TOTAL = 60_000_000
LONGEST_PATH = 200
TIMESTAMP = "timestamp.txt"  # nbgrader's


def open_plain(path: Path) -> BinaryIO:
    """Opens a file for reading; raises `OSError` for a link, a pipe and whatever else is none."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    number = os.open(path, flags | getattr(os, "O_BINARY", 0))
    if not stat.S_ISREG(os.fstat(number).st_mode):
        os.close(number)
        raise OSError(errno.EINVAL, "it is no plain file", str(path))
    return os.fdopen(number, "rb")


def plain_files(folder: Path) -> Iterator[str]:
    """The path of each plain file below a folder, "/" between folders, but of hidden ones and caches.

    Those of a folder come before those in folders within it, so that a large one of a student's, such as an
    environment of Python's, hides nothing that lies higher.
    """
    waiting, seen = deque([""]), 0
    while waiting:
        place = waiting.popleft()
        try:
            with os.scandir(folder / place) as entries:
                there = sorted(entries, key=lambda entry: entry.name)
        except OSError:
            continue
        for entry in there:
            seen += 1
            if seen > MOST_ENTRIES:
                return
            path = f"{place}/{entry.name}".lstrip("/")
            if is_left_by_a_program(Path(entry.name)):
                continue
            if entry.is_dir(follow_symlinks=False) and path.count("/") + 1 < DEEPEST:
                waiting.append(path)
            elif entry.is_file(follow_symlinks=False):
                yield path


def is_notebook(path: str) -> bool:
    """Whether a file calls itself a notebook, also as browsers save it.

    >>> is_notebook("a1.ipynb"), is_notebook("A1.IPYNB.json"), is_notebook("a1.py")
    (True, True, False)
    """
    return ".ipynb" in path.rpartition("/")[2].lower()


def other_files(folder: Path) -> tuple[dict[str, bytes], list[str]]:
    """The files beside a notebook: path → content; and a reason for each that stays behind.

    folder: in which the notebook lies
    """
    files: dict[str, bytes] = {}
    left: list[str] = []
    total = 0
    for path in sorted(plain_files(folder)):
        if is_notebook(path) or path == TIMESTAMP:
            continue
        if not _is_good(path):
            left.append(f"{ascii(path)[:80]} has a name that not every system can hold")
            continue
        try:
            with open_plain(folder / path) as file:
                size = os.fstat(file.fileno()).st_size
                if size > LARGEST:
                    left.append(f"{path} is larger than {LARGEST // 10**6} MB")
                elif len(files) == MOST_FILES or total + size > LARGEST_TOTAL:
                    left.append(f"{path} is one of too many")
                else:
                    files[path] = file.read(size)
                    total += size
        except OSError as error:
            left.append(f"{path} cannot be read ({error.strerror})")
    return files, left


def _is_good(path: str) -> bool:
    return len(path) <= LONGEST_PATH and path.isprintable() and not set(path) & set('\\:*?"<>|')
