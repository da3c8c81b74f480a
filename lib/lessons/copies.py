"""Copies of the course's notebooks in which a student works, and what an update of the course does to them.

A copy that nobody has changed becomes the new version. One that somebody has changed stays, byte for byte,
and the new version is put beside it. The course never writes into a file in which somebody has written.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from lib.lessons.one_at_a_time import one_at_a_time
from lib.lessons.placing import PART, bring_back, free_name, left_aside, place, replace_unchanged
from lib.lessons.record import CopyRecord, read_record, write_record
from lib.lessons.sources import file_fingerprint, short_hash, source_fingerprint

LOCK = ".copies.lock"
PATIENCE = 20.0  # seconds
BESIDE = re.compile(
    r".+ \(new \d{4}-\d\d-\d\d(, \d+)?\)(\.\w+)?"
)  # what a new version is called beside a copy


def refresh(
    work: Path,
    originals: Mapping[str, bytes],
    first: Mapping[str, bytes] | None = None,
    unknown: tuple[str, ...] = (),
) -> list[str]:
    """Makes the copies that are missing and brings the others up to date; returns what is to be said.

    work: the folder for the copies; it is made where it is missing
    originals: path of each file of the course, relative to `work` → content
    first: path → content of a copy that is made now, where a student has written into the course itself
    unknown: beginnings of paths of which nobody knows now what the course has: such copies stay as they are

    Raises `OSError` where that folder cannot be made.
    """
    work.mkdir(parents=True, exist_ok=True)
    with one_at_a_time(work / LOCK, PATIENCE) as alone:
        return _Refresh(work, originals, first or {}, alone).run(unknown)


class _Refresh:
    """One look at all copies."""

    def __init__(
        self,
        work: Path,
        originals: Mapping[str, bytes],
        first: Mapping[str, bytes],
        alone: bool,
    ):
        self.work, self.originals, self.first, self.alone = work, originals, first, alone
        self.record = read_record(work)
        self.said: list[str] = []
        self.updated: list[str] = []
        self.failed: dict[str, list[str]] = {}  # reason → paths

    def run(self, unknown: tuple[str, ...]) -> list[str]:
        self._tidy()
        others = [path for path in self.record if path not in self.originals and not path.startswith(unknown)]
        for path in [*self.originals, *others]:
            before = dict(self._known(path))
            try:
                if path in self.originals:
                    self._refresh(path, self.originals[path])
                else:
                    self._gone(path)
                if self._known(path) != before:  # at once: a kill then costs nothing
                    self._write(path)
            except OSError as error:
                self.failed.setdefault(error.strerror or str(error), []).append(path)
        if self.updated:
            self.said.append(f"New versions of what you had not changed: {', '.join(self.updated)}.")
        for reason, paths in self.failed.items():
            more = f" and {len(paths) - 1} more" if len(paths) > 1 else ""
            self.said.append(
                f"{paths[0]}{more}: not brought up to date ({reason}). Nothing of yours was changed."
            )
        return self.said

    def _known(self, path: str) -> dict[str, str]:
        return vars(self.record[path]) if path in self.record else {}

    def _write(self, path: str) -> None:
        """Writes down what is known of one path; of the others somebody at work may know more by now."""
        latest = {**read_record(self.work), path: self.record.get(path)}
        write_record(self.work, {each: made for each, made in latest.items() if made})

    def _tidy(self) -> None:
        """Brings back what killed processes have left aside, and deletes what they have left half written."""
        known = {mark for made in self.record.values() for mark in (made.made_from, made.beside_made_from)}
        for folder in sorted({(self.work / path).parent for path in self.originals}):
            for path in left_aside(folder, 0 if self.alone else PATIENCE):
                if kept := bring_back(path, known):
                    self.said.append(f"{path.name}: an earlier version of yours lies beside it: {kept.name}")
            for part in folder.glob(f".*{PART}") if self.alone else ():
                part.unlink(missing_ok=True)

    def _refresh(self, path: str, content: bytes) -> None:
        copy, made, version = self.work / path, self.record.get(path), short_hash(content)
        new = source_fingerprint(content)
        if not os.path.lexists(copy) and place(copy, self.first.get(path, content)):
            self._drop_beside(path)
            self.record[path] = CopyRecord("" if path in self.first else new, version)
            return
        if made and made.offered == version:
            return
        theirs = file_fingerprint(copy)
        if made and theirs and theirs in (made.made_from, made.beside_made_from):
            if replace_unchanged(copy, content, theirs):
                self._drop_beside(path)
                self.record[path] = CopyRecord(new, version)
                self.updated.append(Path(path).name)
                return
            if not os.path.lexists(copy):  # another start has put it aside meanwhile
                return self._refresh(path, content)
            theirs = file_fingerprint(copy)  # somebody has saved it meanwhile
        if theirs == new and (made is None or made.made_from):  # the record was lost, or not yet written
            self._drop_beside(path)
            self.record[path] = CopyRecord(new, version)
        elif made and new in (theirs, made.made_from):  # what the student would read is there already
            made.offered = version
        else:
            self._put_beside(path, content)

    def _put_beside(self, path: str, content: bytes) -> None:
        """Gives a student the new version of what is changed; an untouched earlier one makes room."""
        copy, made = self.work / path, self.record.setdefault(path, CopyRecord())
        new = source_fingerprint(content)
        self._drop_beside(path)
        beside = copy.with_name(f"{copy.stem} (new {date.today()}){copy.suffix}")
        while file_fingerprint(beside) != new:
            beside = free_name(copy, f"new {date.today()}")
            place(beside, content)
        made.beside, made.beside_made_from, made.offered = beside.name, new, short_hash(content)
        self.said.append(
            f"{path}: there is a new version. Yours stays; the new one is beside it: {beside.name}"
        )

    def _drop_beside(self, path: str) -> None:
        made = self.record.get(path)
        if made and made.beside:
            replace_unchanged((self.work / path).with_name(made.beside), None, made.beside_made_from)
            made.beside = made.beside_made_from = ""

    def _gone(self, path: str) -> None:
        """The course has this file no more."""
        copy, made = self.work / path, self.record[path]
        self._drop_beside(path)
        if os.path.lexists(copy) and not (made.made_from and replace_unchanged(copy, None, made.made_from)):
            self.said.append(f"{path}: the course has this file no more. Yours stays.")
        del self.record[path]


def note_original(work: Path, path: str, content: bytes) -> None:
    """Says that a copy has just become the original again, so that updates find it unchanged."""
    with one_at_a_time(work / LOCK, PATIENCE) as alone:
        look = _Refresh(work, {path: content}, {}, alone)
        look._drop_beside(path)
        look.record[path] = CopyRecord(source_fingerprint(content), short_hash(content))
        write_record(work, look.record)
