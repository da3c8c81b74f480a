"""Submissions on disk: written as a whole, with the versions before kept where nbgrader does not look."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from lib.assignments.places import ROOT
from lib.files import replacing_text
from lib.grading.intake.folder import TIMESTAMP
from lib.grading.places import OWN, SUBMITTED, submission_folder
from lib.grading.results import Flag

NOTE = ".submission.json"  # beside the notebook, hidden
INCOMING, KEPT_VERSIONS = "incoming", "kept"  # in places.OWN, each with ASSIGNMENT/
STAMP = "%Y-%m-%d-%H%M%S"
VERSION = re.compile(r"(?P<student>.+)@(?P<when>\d{4}-\d\d-\d\d-\d{6})(-\d+)?")  # no id has an @


@dataclass(frozen=True)
class Note:
    """What is known of a submission beside its files.

    when: it came, in the computer's own time; None where nobody knows
    late: whether that was after the deadline
    sure: False where that may be the time of the download
    """

    when: datetime | None = None
    late: bool = False
    sure: bool = True


def moment(when: datetime) -> float:
    """Seconds by which times are put in order, also those of the hour that comes twice in autumn."""
    try:
        return when.timestamp()
    except (OverflowError, ValueError, OSError):  # a year that the system's calendar does not have
        return (when.replace(tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()


def local_time(text: str) -> datetime:
    """A day or a time in ISO's way, in the computer's own time; raises `ValueError` for anything else."""
    when = datetime.fromisoformat(text.strip())
    if when.tzinfo is None:
        return when
    try:
        return datetime.fromtimestamp(when.timestamp())
    except (OverflowError, ValueError, OSError):
        return when.replace(tzinfo=None)


def read_note(folder: Path) -> Note:
    """What was noted of a submission; nothing for one that came another way."""
    try:
        said = json.loads((folder / NOTE).read_text("utf-8"))
        when = local_time(said["when"]) if said["when"] else None
        return Note(when, bool(said["late"]), bool(said["sure"]))
    except (OSError, ValueError, KeyError, TypeError):
        return Note()


def late_flag(folder: Path) -> tuple[Flag, ...]:
    """A flag where a submission came late.

    folder: in which it lies
    """
    note = read_note(folder)
    known = note.when if note.sure else None
    said = f"it came on {known:%Y-%m-%d at %H:%M}" if known else "the learning platform says so"
    return (Flag("late", said),) if note.late else ()


def write_note(folder: Path, note: Note) -> None:
    """Writes what is known beside the files; for nbgrader the time only, in UTC."""
    when = _with_offset(note.when).isoformat(" ") if note.when else ""
    with replacing_text(folder / NOTE) as file:
        file.write(json.dumps({"when": when, "late": note.late, "sure": note.sure}) + "\n")
    if note.when and note.sure:
        with replacing_text(folder / TIMESTAMP) as file:
            file.write(f"{_with_offset(note.when).astimezone(UTC):%Y-%m-%d %H:%M:%S.%f} UTC\n")


def _with_offset(when: datetime) -> datetime:
    """A time with its offset from UTC, which is another one in summer; as it is where no calendar has it."""
    try:
        return when.astimezone()
    except (OverflowError, ValueError, OSError):
        return when.replace(tzinfo=UTC)


def incoming_folder(student: str, assignment: str, root: Path) -> Path:
    """Where a submission is written before it takes its place; new and empty."""
    folder = root / OWN / INCOMING / assignment / f"{student}.part"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def put_in_place(folder: Path, student: str, assignment: str, root: Path) -> Path | None:
    """Gives a folder of `incoming_folder` its place; returns where the version before is kept, or None.

    A kill at any moment leaves the old or the new, once `finish_imports` has run.
    """
    whole = folder.with_name(student)
    shutil.rmtree(whole, ignore_errors=True)
    os.replace(folder, whole)  # from here on it counts
    return _placed(whole, student, assignment, root)


def finish_imports(root: Path = ROOT) -> list[str]:
    """Ends what a killed import has begun; returns the students whose new version now is in its place.

    Every command that reads submissions begins with it.
    """
    if not (root / OWN / INCOMING).exists():
        return []
    try:
        with import_lock(root).acquire(timeout=0):
            return finish_what_was_begun(root)
    except Timeout:  # an import runs, and ends what it begins
        return []


def import_lock(root: Path) -> FileLock:
    """Held while submissions are imported, so that two imports do not meet."""
    path = root / OWN / "import.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    return FileLock(path)


def finish_what_was_begun(root: Path) -> list[str]:
    """The same for whoever holds the lock."""
    finished = []
    for folder in sorted((root / OWN / INCOMING).glob("*/*")):
        if folder.name.endswith(".part"):
            shutil.rmtree(folder, ignore_errors=True)
        else:
            _placed(folder, folder.name, folder.parent.name, root)
            finished.append(folder.name)
    return finished


def _placed(whole: Path, student: str, assignment: str, root: Path) -> Path | None:
    place = submission_folder(student, assignment, root)
    place.parent.mkdir(parents=True, exist_ok=True)
    kept = None
    if place.exists() or place.is_symlink():
        kept = _free(root / OWN / KEPT_VERSIONS / assignment / f"{student}@{datetime.now():{STAMP}}")
        kept.parent.mkdir(parents=True, exist_ok=True)
        os.replace(place, kept)
    os.replace(whole, place)
    return kept


def same_files(one: Path, other: Path) -> bool:
    """Whether two folders hold the same, but for the time that is noted."""
    if not other.is_dir():
        return False
    ours, theirs = (dict(_contents(folder)) for folder in (one, other))
    return ours.keys() == theirs.keys() and all(_equal(ours[path], theirs[path]) for path in ours)


def versions(student: str, assignment: str, root: Path = ROOT) -> list[Path]:
    """The versions of a submission that are kept, oldest first."""
    return sorted(
        path
        for path in (root / OWN / KEPT_VERSIONS / assignment).glob(f"{student}@*")
        if (found := VERSION.fullmatch(path.name)) and found["student"] == student
    )


def students_with(assignment: str, root: Path = ROOT) -> list[str]:
    """The ids of all who have handed in an assignment, in order."""
    return sorted(path.parent.name for path in (root / SUBMITTED).glob(f"*/{assignment}") if path.is_dir())


def _contents(folder: Path) -> Iterator[tuple[str, Path]]:
    for path in folder.rglob("*"):
        name = path.relative_to(folder).as_posix()
        if not path.is_dir() and name not in (NOTE, TIMESTAMP):
            yield name, path


def _equal(one: Path, other: Path) -> bool:
    if one.is_symlink() or other.is_symlink() or one.stat().st_size != other.stat().st_size:
        return False
    with open(one, "rb") as ours, open(other, "rb") as theirs:
        while chunk := ours.read(1 << 20):
            if theirs.read(1 << 20) != chunk:
                return False
    return True


def _free(path: Path) -> Path:
    """A path of this name at which there is nothing yet."""
    tries = (path.with_name(f"{path.name}-{number}") for number in range(2, 1000))
    return path if not path.exists() else next(new for new in tries if not new.exists())
