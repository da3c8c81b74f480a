"""`course submissions list`: who has handed in what, and when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from lib.assignments.places import ROOT
from lib.grading.places import result_file, submission_folder
from lib.grading.results import load_result
from lib.grading.submissions.anew import handed_in_anew
from lib.grading.submissions.kept import finish_imports, read_note, students_with, versions
from lib.grading.submissions.roster import Person

STATES = ("graded", "handed in again", "handed in", "missing")  # again: after it was graded


@dataclass(frozen=True)
class SubmissionRow:
    """A line of the list.

    student: the id
    when: it came; None where nothing did, or nobody knows
    late: whether that was after the deadline
    versions: how many earlier ones are kept
    state: one of STATES
    """

    student: str
    when: datetime | None
    late: bool
    versions: int
    state: str


def submission_rows(assignment: str, root: Path = ROOT, roster: Sequence[Person] = ()) -> list[SubmissionRow]:
    """The list of an assignment, by id; those of the roster among them of whom there is nothing.

    assignment: in full
    """
    finish_imports(root)
    there = set(students_with(assignment, root))
    anew = handed_in_anew(assignment, root)
    rows = []
    for student in sorted(there | {person.id for person in roster}):
        note = read_note(submission_folder(student, assignment, root))
        kept = len(versions(student, assignment, root))
        state = _state(student, assignment, root) if student in there else "missing"
        state = "handed in again" if student in anew else state
        rows.append(SubmissionRow(student, note.when, note.late, kept, state))
    return rows


def _state(student: str, assignment: str, root: Path) -> str:
    try:
        load_result(result_file(student, assignment, root))
    except (OSError, ValueError):
        return "handed in"
    return "graded"
