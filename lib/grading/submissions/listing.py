"""`course submissions list`: who has handed in what, and when."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from lib.assignments.places import ROOT, short_name
from lib.grading.places import result_file, submission_folder
from lib.grading.results import load_result
from lib.grading.submissions.anew import handed_in_anew
from lib.grading.submissions.kept import finish_imports, read_note, students_with, versions
from lib.grading.submissions.roster import Person

WAIT = 5.0  # seconds for a run of `course grade a1` that writes the gradebook
GONE, NOT_ENROLLED = "files gone", "not in the roster"  # as all tables say it
STATES = ("graded", "handed in again", "handed in", "missing")  # again: after it was graded


@dataclass(frozen=True)
class SubmissionRow:
    """A line of the list.

    student: the id
    when: it came; None where nothing did, or nobody knows
    late: whether that was after the deadline
    versions: how many earlier ones are kept
    state: one of STATES
    gone: whether there are marks, and what was handed in is not there any more
    """

    student: str
    when: datetime | None
    late: bool
    versions: int
    state: str
    gone: bool = False


def submission_rows(
    assignment: str, root: Path = ROOT, roster: Sequence[Person] = (), marked: Collection[str] = ()
) -> list[SubmissionRow]:
    """The list of an assignment, by id; those of the roster among them of whom there is nothing.

    assignment: in full
    marked: the students who have marks in the gradebook
    """
    finish_imports(root)
    there = set(students_with(assignment, root))
    anew = handed_in_anew(assignment, root)
    rows = []
    spelt = {student.casefold() for student in there}
    wanted = {person.id for person in roster if person.id.casefold() not in spelt}
    for student in sorted(there | wanted | set(marked)):
        note = read_note(submission_folder(student, assignment, root))
        kept = len(versions(student, assignment, root))
        graded = student in marked or _has_result(student, assignment, root)
        state = "graded" if graded else "handed in" if student in there else "missing"
        state = "handed in again" if student in anew else state
        gone = graded and student not in there
        rows.append(SubmissionRow(student, note.when, note.late, kept, state, gone))
    return rows


def students_with_marks(assignment: str, root: Path = ROOT, db: str = "") -> frozenset[str]:
    """Who has marks in the gradebook, whoever gave them; nobody where there is none that can be read.

    assignment: in full
    db: the gradebook's address; "" for the one of the settings
    """
    from lib.assignments.nbgrader_settings import nbgrader_settings
    from lib.grading.gradebook.marks import marks_in_gradebook
    from lib.grading.gradebook.opening import database_url, open_gradebook, sqlite_file

    file = sqlite_file(database_url(root, db, nbgrader_settings(root)))
    if file is not None and not file.exists():
        return frozenset()
    try:
        with open_gradebook(root, db, backup=False, wait=WAIT) as gradebook:
            return frozenset(marks.student for marks in marks_in_gradebook(gradebook, assignment))
    except (ValueError, OSError):  # half made, locked or away, which `course grades` tells
        return frozenset()


def nobody_yet(assignment: str) -> str:
    """What to say before anything was handed in, and which command comes next."""
    command = f"course submissions import {short_name(assignment)} DOWNLOAD.zip --roster class.csv"
    return f"nobody has handed anything in yet; `{command}` takes in what your platform gives out."


def _has_result(student: str, assignment: str, root: Path) -> bool:
    try:
        load_result(result_file(student, assignment, root))
    except (OSError, ValueError):
        return False
    return True
