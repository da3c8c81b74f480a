"""`course submissions forget` and `purge`: what is known of a student, or is old, goes."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, suppress
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path

from lib.assignments.places import ASSIGNMENT, ROOT
from lib.assignments.student import ID, check_id
from lib.checks import mismatch
from lib.grading.journal import Journal
from lib.grading.places import FEEDBACK, GRADED, OWN, SUBMITTED, backups_folder, submission_folder
from lib.grading.results import load_result
from lib.grading.submissions.kept import KEPT_VERSIONS, STAMP, VERSION, import_lock, local_time, moment
from lib.grading.submissions.people import files_with, forget_person, known_people

NOT_YES = "Nothing was removed, since the answer was not yes."
OLD = ("results", "backups", KEPT_VERSIONS)  # in places.OWN: what `purge` looks at


def forget_student(
    student: str,
    root: Path = ROOT,
    *,
    yes: Callable[[list[str]], bool],
    db: str = "",
    gradebooks: Callable[[str, Path], list[str]] | None = None,
) -> list[str]:
    """Removes everything of a student from this course; returns what was removed.

    student: the id
    yes: gets what would be removed, and says whether it shall be
    db: the gradebook's address; "" for the one of the settings
    gradebooks: takes the student out of the gradebook and its copies, and says of which

    What an export, a page that was written elsewhere or a platform's download says of a student stays.
    Raises `ValueError` for an id of which nothing is there.
    """
    check_id(student)
    with import_lock(root):
        places = places_of_student(student, root)
        rosters = files_with(student, root)
        recorded = recorded_students(root, db)
        if not (places or rosters or student in recorded):
            raise _nobody(student, {*recorded, *known_ids(root)})
        places += pages_about(student, root)
        shown = [path.relative_to(root).as_posix() for path in places]
        shown += [f"the name in {path.relative_to(root).as_posix()}" for path in rosters]
        if not yes([*shown, "marks and comments in the gradebook and its copies"]):
            return []
        cleared = gradebooks(student, root) if gradebooks else _clear_gradebooks(student, root, db)
        forget_person(student, root)
        for path in reversed(places):  # a kill leaves those by which the student is still known
            _remove(path)
        _clear_journals(root)
    return [*shown, *cleared]


def _nobody(student: str, known: Iterable[str]) -> ValueError:
    """The error for an id that nobody has, with those that are spelt much like it."""
    spelt = {name.casefold(): name for name in sorted(known)}
    wanted = student.casefold()
    near = [wanted] if wanted in spelt else get_close_matches(wanted, spelt, n=3, cutoff=0.6)
    advice = f"did you mean {' or '.join(spelt[name] for name in near)}?" if near else ""
    advice = advice or "`course submissions list a1` shows who has handed in"
    return mismatch("", "id", "one of this course", repr(student), advice)


def known_ids(root: Path = ROOT) -> set[str]:
    """The ids of all of whom there is a submission, work that was graded, a page or a line of the roster."""
    tops = (root / top for top in (SUBMITTED, GRADED, FEEDBACK))
    found = {path.name for top in tops if top.is_dir() for path in top.iterdir() if ID.fullmatch(path.name)}
    results = {path.stem for path in (root / OWN / "results").glob("*/*.json")}
    return found | results | {person.id for person in known_people(root)}


def recorded_students(root: Path = ROOT, db: str = "") -> set[str]:
    """The ids of all who are in nbgrader's gradebook, or in a copy of it.

    db: the gradebook's address; "" for the one of the settings
    """
    from sqlalchemy import select

    from lib.grading.gradebook.cells import STUDENT
    from lib.grading.gradebook.opening import open_gradebook

    url, urls = _gradebooks(root, db)
    found: set[str] = set()
    for address in urls:
        try:
            with open_gradebook(root, address, backup=False) as gradebook, gradebook.begin() as connection:
                found.update(connection.execute(select(STUDENT.c.id)).scalars())
        except ValueError:  # a copy of another version of nbgrader
            if address == url:
                raise
    return found


def places_of_student(student: str, root: Path = ROOT) -> list[Path]:
    """All files and folders of a student: those that bear the id as their name, or as that of a version.

    student: the id
    """
    found = [root / top / student for top in (SUBMITTED, GRADED, FEEDBACK)]
    found = [path for path in found if os.path.lexists(path)]
    for folder in sorted((root / OWN).glob("*/*")):  # such as results/a1_…; a student may be called “results”
        if folder.is_dir() and ASSIGNMENT.fullmatch(folder.name):
            found += [path for path in sorted(folder.iterdir()) if _is_of(path.name, student)]
    return found


def pages_about(student: str, root: Path = ROOT) -> list[Path]:
    """Pages of similarity in which a student comes up: they hold answers, and can be made again.

    student: the id
    """
    word = re.compile(rf"(?<![\w.-]){re.escape(student)}(?![\w-])")
    pages = sorted(path for path in (root / OWN / "similarity").rglob("*") if path.is_file())
    return [path for path in pages if word.search(path.read_text("utf-8", "replace"))]


def purge_before(date: datetime, root: Path = ROOT, *, yes: Callable[[list[str]], bool]) -> list[str]:
    """Removes old versions of submissions, copies of the gradebook and results that are older; returns which.

    date: in the computer's own time
    yes: gets what would be removed, and says whether it shall be

    What counts today stays: the gradebook, the submissions, and the results of those, without which nobody
    could tell what was graded, nor who has handed in something else since.
    """
    found = [path for when, path in _removable(root) if moment(when) < moment(date)]
    shown = [path.relative_to(root).as_posix() for path in found]
    if not shown or not yes(shown):
        return []
    for path in found:
        _remove(path)
    return shown


def why_nothing_goes(date: datetime, root: Path = ROOT) -> str:
    """Why `purge_before` has removed nothing, in a sentence."""
    ages = sorted(_removable(root), key=lambda age: moment(age[0]))
    if not ages:
        return (
            "Nothing was removed: there is no earlier version of a submission, no copy of the gradebook, and "
            "no result of a submission that is gone. What counts today stays."
        )
    when, oldest = ages[0]
    if moment(when) < moment(date):
        return NOT_YES
    return (
        f"Nothing was removed: of what `purge` removes, nothing is older than {date:%Y-%m-%d %H:%M}; the "
        f"oldest, {oldest.relative_to(root).as_posix()}, is of {when:%Y-%m-%d %H:%M}."
    )


def _removable(root: Path) -> Iterator[tuple[datetime, Path]]:
    """What `purge` removes once it is old enough, and since when it is there."""
    for top in OLD:
        for path in sorted((root / OWN / top).glob("*" if top == "backups" else "*/*")):
            if top == "results" and submission_folder(path.stem, path.parent.name, root).is_dir():
                continue
            if when := _age(path):
                yield when, path


def date_of(text: str, *, ends: bool = False) -> datetime:
    """A day, or a day and a time, in the computer's own time; raises `ValueError` for anything else.

    ends: whether a day alone means its last second, and not its first

    >>> date_of("2026-11-28"), date_of("2026-11-28 23:59")
    (datetime.datetime(2026, 11, 28, 0, 0), datetime.datetime(2026, 11, 28, 23, 59))
    >>> date_of("2026-11-28", ends=True)
    datetime.datetime(2026, 11, 28, 23, 59, 59)
    """
    try:
        when = local_time(text)
    except (ValueError, OverflowError):
        raise mismatch("", "date", "a day such as 2026-11-28, or 2026-11-28 23:59", repr(text)) from None
    return when.replace(hour=23, minute=59, second=59) if ends and len(text.strip()) <= 10 else when


def _is_of(name: str, student: str) -> bool:
    version = VERSION.fullmatch(name)
    whole = re.sub(r"(\.\d+)?\.part$", "", name)  # of a process that was killed
    stems = {name, whole, os.path.splitext(whole)[0]}
    return student in stems or bool(version and version["student"] == student)


def _age(path: Path) -> datetime | None:
    if version := VERSION.fullmatch(path.name):
        with suppress(ValueError):
            return datetime.strptime(version["when"], STAMP)
    try:
        return datetime.fromtimestamp(path.lstat().st_mtime)
    except FileNotFoundError:
        return None


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _gradebooks(root: Path, db: str) -> tuple[str, list[str]]:
    """The address of nbgrader's gradebook; and those of it, where there is one, and of its copies."""
    from lib.assignments.nbgrader_settings import nbgrader_settings
    from lib.grading.gradebook.opening import database_url, sqlite_file

    url = database_url(root, db, nbgrader_settings(root))
    file = sqlite_file(url)
    files = [path for path in sorted(backups_folder(root).glob("*")) if path.suffix != ".part"]
    copies = [path for path in files if _is_database(path)]
    there = [url] if file is None or file.exists() else []
    return url, [*there, *(f"sqlite:///{copy}" for copy in copies)]


def _clear_gradebooks(student: str, root: Path, db: str) -> list[str]:
    """Takes a student out of nbgrader's gradebook, and of each copy of it."""
    from lib.grading.gradebook.marks import remove_student
    from lib.grading.gradebook.opening import open_gradebook, sqlite_file

    halves = [path for path in sorted(backups_folder(root).glob("*.part")) if path.is_file()]
    for half in halves:  # of copies that were cut short; nobody reads them
        half.unlink()
    url, urls = _gradebooks(root, db)
    cleared = []
    for address in urls:
        try:
            with open_gradebook(root, address, backup=False) as gradebook:
                if remove_student(gradebook, student):
                    cleared.append(f"marks in {_shown(address, root)}")
        except ValueError:  # a copy of another version of nbgrader: it goes as a whole
            if address == url:
                raise
            Path(address.removeprefix("sqlite:///")).unlink(missing_ok=True)
            cleared.append(_shown(address, root))
    _overwrite(file for file in map(sqlite_file, urls) if file)
    return cleared


def _clear_journals(root: Path) -> None:
    """Takes out of the journals what belongs to no result any more, such as digests of a submission."""
    for path in sorted((root / OWN / "journal").glob("*.jsonl")):
        keys = []
        for file in (root / OWN).glob(f"*/{path.stem}/*.json"):
            with suppress(ValueError, OSError):
                keys.append(load_result(file).key)
        Journal(path).keep_only(keys)


def _is_database(path: Path) -> bool:
    """Whether a file is one of SQLite's, whatever its name ends in."""
    if not path.is_file():
        return False
    with open(path, "rb") as file:
        return file.read(16) == b"SQLite format 3\0"


def _overwrite(files: Iterable[Path]) -> None:
    """Takes what was deleted out of SQLite's files, in which it lies until its place is needed."""
    for file in files:
        if file.exists():
            with closing(sqlite3.connect(file)) as database:
                database.execute("VACUUM")


def _shown(address: str, root: Path) -> str:
    path = Path(address.removeprefix("sqlite:///"))
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else "the gradebook"
