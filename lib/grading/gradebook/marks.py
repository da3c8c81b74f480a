"""Reads marks out of the gradebook; finds what others have written over ours, and gives it back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, bindparam, delete, select, update

from lib.grading.gradebook.cells import (
    ASSIGNMENT,
    BASE_CELL,
    COMMENT,
    GRADE,
    GRADE_CELL,
    NOTEBOOK,
    SOLUTION_CELL,
    STUDENT,
    SUBMITTED,
    SUBMITTED_NOTEBOOK,
    grades_of,
)
from lib.grading.gradebook.opening import FROM_BOARD, JOURNAL, OpenGradebook
from lib.grading.gradebook.recorder import result_digest
from lib.grading.places import result_file
from lib.grading.results import Result, load_result


@dataclass(frozen=True)
class CellMarks:
    """What a cell has got.

    name: nbgrader's of the cell
    most: marks
    written: whether it is text, which a person marks
    auto: what the computer found
    manual, extra: what a person gave
    waits: whether a person has to look at it
    """

    name: str
    most: float
    written: bool
    auto: float | None
    manual: float | None
    extra: float | None
    waits: bool

    @property
    def score(self) -> float | None:
        """What counts, as nbgrader counts it; None for no grade at all."""
        score = self.manual if self.manual is not None else self.auto
        return None if score is None else score + (self.extra or 0.0)


@dataclass(frozen=True)
class StudentMarks:
    """What a student has got for an assignment.

    penalty: for being late
    cells: those with marks, by name
    comments: name of a cell that students write → what a person wrote there
    """

    student: str
    assignment: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    lms_user_id: str = ""
    timestamp: datetime | None = None
    penalty: float = 0.0
    cells: tuple[CellMarks, ...] = ()
    comments: Mapping[str, str] = field(default_factory=dict)

    @property
    def score(self) -> float:
        """What counts, less the penalty; what waits for a person counts as 0."""
        return max(0.0, self.raw_score - self.penalty)

    @property
    def raw_score(self) -> float:
        """The same before the penalty."""
        return sum(cell.score or 0.0 for cell in self.cells)

    @property
    def most(self) -> float:
        return sum(cell.most for cell in self.cells)

    @property
    def waiting(self) -> tuple[str, ...]:
        """Names of the cells that a person has to look at."""
        return tuple(cell.name for cell in self.cells if cell.waits)


@dataclass(frozen=True)
class ForeignChange:
    """A mark of the computer's that is not the one that was found here."""

    student: str
    cell: str
    ours: float | None
    theirs: float | None

    def __str__(self) -> str:
        ours, theirs = (f"{x:g}" if x is not None else "none" for x in (self.ours, self.theirs))
        return f"{self.student}: {self.cell}: {theirs} in the gradebook, {ours} by `course grade`"


def graded_assignments(gradebook: OpenGradebook) -> list[str]:
    """The full names of the assignments in the gradebook."""
    with gradebook.begin() as connection:
        return list(connection.execute(select(ASSIGNMENT.c.name).order_by(ASSIGNMENT.c.name)).scalars())


def marks_in_gradebook(gradebook: OpenGradebook, assignment: str) -> list[StudentMarks]:
    """The marks of all students that have some, by id.

    assignment: in full
    """
    with gradebook.begin() as connection:
        submitted = connection.execute(
            select(
                STUDENT.c.id,
                STUDENT.c.first_name,
                STUDENT.c.last_name,
                STUDENT.c.email,
                STUDENT.c.lms_user_id,
                SUBMITTED.c.timestamp,
                SUBMITTED_NOTEBOOK.c.late_submission_penalty,
                SUBMITTED_NOTEBOOK.c.id.label("notebook"),
            )
            .join(SUBMITTED, SUBMITTED.c.student_id == STUDENT.c.id)
            .join(ASSIGNMENT, ASSIGNMENT.c.id == SUBMITTED.c.assignment_id)
            .join(SUBMITTED_NOTEBOOK, SUBMITTED_NOTEBOOK.c.assignment_id == SUBMITTED.c.id)
            .where(ASSIGNMENT.c.name == assignment)
        ).all()
        cells = _cells(connection, assignment)
        comments = _comments(connection, assignment)
    found = [
        StudentMarks(
            row.id,
            assignment,
            row.first_name or "",
            row.last_name or "",
            row.email or "",
            row.lms_user_id or "",
            row.timestamp,
            row.late_submission_penalty or 0.0,
            tuple(sorted(cells.get(row.notebook, ()), key=lambda cell: cell.name)),
            comments.get(row.notebook, {}),
        )
        for row in submitted
    ]
    return sorted(found, key=lambda marks: marks.student)


def results_of(assignment: str, root: Path) -> dict[str, Result]:
    """The results that are kept: student → result; files that are none are passed over.

    assignment: in full
    """
    found = {}
    for path in sorted(result_file("x", assignment, root).parent.glob("*.json")):
        try:
            result = load_result(path)
        except (ValueError, OSError):
            continue
        found[result.student] = result
    return found


def foreign_changes(gradebook: OpenGradebook, assignment: str) -> list[ForeignChange]:
    """Where the computer's marks are not those that were recorded: somebody ran `nbgrader autograde`.

    assignment: in full

    What a person gave in formgrader is no such change.
    """
    results = results_of(assignment, gradebook.root)
    with gradebook.begin() as connection:
        recorded = _recorded(connection, assignment)
    changes = []
    for marks in marks_in_gradebook(gradebook, assignment):
        result = results.get(marks.student)
        if result is None or recorded.get(marks.student) != result_digest(result):
            continue  # it is not recorded yet: grading does it
        earned = {task.cell: float(task.earned) for task in result.tasks}
        for cell in marks.cells:
            ours = earned.get(cell.name, None if earned else 0.0)
            if not cell.written and cell.auto != ours:
                changes.append(ForeignChange(marks.student, cell.name, ours, cell.auto))
    return changes


def give_back(gradebook: OpenGradebook, assignment: str) -> list[ForeignChange]:
    """Writes the marks that were found here again; returns what was changed. A person's marks stay.

    assignment: in full
    """
    changes = foreign_changes(gradebook, assignment)
    if not changes:
        return []
    with gradebook.begin() as connection:
        where = {
            (row.student_id, row.name): row
            for row in connection.execute(
                grades_of(
                    assignment, SUBMITTED.c.student_id, BASE_CELL.c.name, GRADE.c.id, GRADE.c.manual_score
                )
            )
        }
        rows = [(change, where[change.student, change.cell]) for change in changes]
        connection.execute(
            update(GRADE).where(GRADE.c.id == bindparam("key")),
            [{"key": row.id, "auto_score": change.ours} for change, row in rows],
        )
        unmarked = [
            {"key": row.id, "needs_manual_grade": change.ours is None}
            for change, row in rows
            if row.manual_score is None
        ]
        if unmarked:
            connection.execute(update(GRADE).where(GRADE.c.id == bindparam("key")), unmarked)
    return changes


def remove_student(gradebook: OpenGradebook, student: str) -> int:
    """Takes a student and all marks out of the gradebook; returns how many submissions that were."""
    with gradebook.begin() as connection:
        submissions = list(
            connection.execute(select(SUBMITTED.c.id).where(SUBMITTED.c.student_id == student)).scalars()
        )
        _remove_submissions(connection, submissions)
        connection.execute(delete(STUDENT).where(STUDENT.c.id == student))
    return len(submissions)


def _remove_submissions(connection: Connection, submissions: list[str]) -> None:
    query = select(SUBMITTED_NOTEBOOK.c.id).where(SUBMITTED_NOTEBOOK.c.assignment_id.in_(submissions))
    notebooks = list(connection.execute(query).scalars())
    for rows in (GRADE, COMMENT, JOURNAL, FROM_BOARD):
        connection.execute(delete(rows).where(rows.c.notebook_id.in_(notebooks)))
    connection.execute(delete(SUBMITTED_NOTEBOOK).where(SUBMITTED_NOTEBOOK.c.id.in_(notebooks)))
    connection.execute(delete(SUBMITTED).where(SUBMITTED.c.id.in_(submissions)))


def _cells(connection: Connection, assignment: str) -> dict[str, list[CellMarks]]:
    """Of each submitted notebook the marks."""
    query = grades_of(
        assignment,
        GRADE.c.notebook_id,
        BASE_CELL.c.name,
        GRADE_CELL.c.max_score,
        GRADE_CELL.c.cell_type,
        GRADE.c.auto_score,
        GRADE.c.manual_score,
        GRADE.c.extra_credit,
        GRADE.c.needs_manual_grade,
    )
    found: dict[str, list[CellMarks]] = {}
    for row in connection.execute(query):
        cell = CellMarks(
            row.name,
            row.max_score,
            row.cell_type == "markdown",
            row.auto_score,
            row.manual_score,
            row.extra_credit,
            bool(row.needs_manual_grade),
        )
        found.setdefault(row.notebook_id, []).append(cell)
    return found


def _comments(connection: Connection, assignment: str) -> dict[str, dict[str, str]]:
    """Of each submitted notebook what persons wrote."""
    query = (
        select(COMMENT.c.notebook_id, BASE_CELL.c.name, COMMENT.c.manual_comment)
        .join(SOLUTION_CELL, SOLUTION_CELL.c.id == COMMENT.c.cell_id)
        .join(BASE_CELL, BASE_CELL.c.id == COMMENT.c.cell_id)
        .join(NOTEBOOK, NOTEBOOK.c.id == BASE_CELL.c.notebook_id)
        .join(ASSIGNMENT, ASSIGNMENT.c.id == NOTEBOOK.c.assignment_id)
        .where(ASSIGNMENT.c.name == assignment, COMMENT.c.manual_comment.is_not(None))
    )
    found: dict[str, dict[str, str]] = {}
    for row in connection.execute(query):
        if row.manual_comment.strip():
            found.setdefault(row.notebook_id, {})[row.name] = row.manual_comment
    return found


def _recorded(connection: Connection, assignment: str) -> dict[str, str]:
    """student → digest of the result that is in the gradebook."""
    query = (
        select(SUBMITTED.c.student_id, JOURNAL.c.digest)
        .join(SUBMITTED_NOTEBOOK, SUBMITTED_NOTEBOOK.c.assignment_id == SUBMITTED.c.id)
        .join(ASSIGNMENT, ASSIGNMENT.c.id == SUBMITTED.c.assignment_id)
        .join(JOURNAL, JOURNAL.c.notebook_id == SUBMITTED_NOTEBOOK.c.id)
        .where(ASSIGNMENT.c.name == assignment)
    )
    return {row.student_id: row.digest for row in connection.execute(query)}
