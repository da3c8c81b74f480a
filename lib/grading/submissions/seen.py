"""Digests of submissions that are kept: files that look as before are not read again."""

from __future__ import annotations

import contextlib
import json
import os
import time
from pathlib import Path
from types import TracebackType

from lib.files import replacing_text
from lib.grading.journal import digest_of_bytes, journal_file, submission_digest

SETTLED = 3.0  # seconds after which another change surely has another time, on any file system


class SeenSubmissions:
    """Gives the digests of an assignment's submissions; when the block ends, they are kept for the next time.

    assignment: in full
    root: of the course

    A submission looks as before while names, sizes, times and places on the disk of its files do. On Linux
    and macOS one of these times is the system's own, which no program sets. What is kept names no student.
    """

    def __init__(self, assignment: str, root: Path):
        self.path = journal_file(assignment, root).with_suffix(".seen.json")
        self.before: dict[str, str] = {}  # how a folder looks → its digest
        self.now: dict[str, str] = {}
        try:
            kept = json.loads(self.path.read_text("utf-8"))
            self.before = {str(look): str(digest) for look, digest in kept.items()}
        except (OSError, ValueError, AttributeError):  # none yet, or another file: all is read again
            pass

    def digest(self, folder: Path) -> str:
        """As `submission_digest` gives it."""
        look, newest = look_of(folder)
        if look in self.before:
            self.now[look] = self.before[look]
            return self.before[look]
        found = submission_digest(folder)
        if newest < time.time() - SETTLED and look_of(folder)[0] == look:  # nobody wrote meanwhile
            self.now[look] = found
        return found

    def __enter__(self) -> SeenSubmissions:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: BaseException | TracebackType | None) -> None:
        if kind is None and self.now != self.before:
            with contextlib.suppress(OSError), replacing_text(self.path) as file:  # it only saves time
                json.dump(self.now, file)


def look_of(folder: Path) -> tuple[str, float]:
    """How the files of a folder look from outside, as a digest, and the newest of their times."""
    seen, newest = [str(folder)], 0.0
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        its = os.lstat(path)
        seen.append(f"{path} {its.st_mode} {its.st_size} {its.st_mtime_ns} {its.st_ctime_ns} {its.st_ino}")
        newest = max(newest, its.st_mtime, its.st_ctime)
    return digest_of_bytes(text.encode("utf-8", "surrogateescape") for text in seen), newest
