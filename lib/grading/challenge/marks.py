"""`course leaderboard export`: the marks of the challenge as a table, and into nbgrader's gradebook."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from lib.assignments.originals import original_names
from lib.assignments.places import ROOT, find_assignment
from lib.checks import mismatch
from lib.files import replacing_text
from lib.grading.challenge.places import ChallengeFolder
from lib.grading.exports.forms import csv_bytes, named, number
from lib.grading.gradebook.cells import BASE_CELL, GRADE, GRADE_CELL, SUBMITTED, grades_of
from lib.grading.gradebook.opening import FROM_BOARD, OpenGradebook, open_gradebook
from lib.grading.lock import alone
from lib.leaderboard.board.board import Board
from lib.leaderboard.board.outcomes import StudentOutcome, outcomes

SHORT, CELL = "a4", "accuracy-marks"  # the assignment, and its cell whose marks come from the board
COLUMNS = ("id", "name", "entry", "public", "private", "marks", "state", "flags")


@dataclass
class BoardMarks:
    """What writing the marks of a board into a gradebook did.

    written: id → the mark that is there now, and was not before
    same: how many were there already
    taken_back: ids whose marks were there, and wait for a person now
    waiting: id → the state of an outcome without marks
    ungraded: ids of those who have an entry, and no marks in the gradebook yet
    absent: ids of those who have neither
    by_person: id → the mark that a person has written there, and that of the board
    """

    written: dict[str, float] = field(default_factory=dict)
    same: int = 0
    taken_back: list[str] = field(default_factory=list)
    waiting: dict[str, str] = field(default_factory=dict)
    ungraded: list[str] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)
    by_person: dict[str, tuple[float, float]] = field(default_factory=dict)


def marks_command(args: argparse.Namespace, place: ChallengeFolder) -> int:
    """`course leaderboard export`; returns the exit status.

    args: to, the file, or None for marks.csv in the folder; gradebook, force, db, as of
        `export_challenge_marks`
    place: of the competition
    """
    to = args.to.expanduser() if args.to else place.folder / "marks.csv"
    if to.is_dir():
        raise mismatch("", "to", "a file for the table", f"a folder, {to}", f"write {to / 'marks.csv'}")
    with place.opened() as board:
        return export_challenge_marks(board, to, gradebook=args.gradebook, force=args.force, db=args.db or "")


def export_challenge_marks(
    board: Board,
    to: Path,
    *,
    gradebook: bool = False,
    force: bool = False,
    db: str = "",
    root: Path = ROOT,
    say: Callable[[str], object] = print,
) -> int:
    """Writes the table, and where it is asked for the gradebook; returns the exit status.

    to: the file of the table, for its owner alone; it is replaced whole or not at all
    gradebook: whether marks go into the gradebook, too
    force: True to replace what a person has written there
    db: the address of the gradebook, "" for the usual one
    root: of the course
    """
    found = outcomes(board)
    with replacing_text(to, private=True) as file:
        file.write(challenge_csv(found).decode())
    say(str(to))
    if not gradebook:
        for line in _waiting_lines({o.participant.student: o.state for o in found if o.marks is None}):
            say(line)
        return 0
    with alone(root, "course leaderboard export --gradebook"), open_gradebook(root, db) as opened:
        done = write_board_marks(found, opened, force=force, root=root)
    for line in board_mark_lines(done):
        say(line)
    return 0


def challenge_csv(found: Sequence[StudentOutcome]) -> bytes:
    """A line for each student: scores in percent; no marks where a re-run or a person is to come.

    Cells in which a spreadsheet would see a formula begin with an apostrophe.
    """
    lines: list[Sequence[object]] = [COLUMNS]
    for outcome in found:
        person, entry = outcome.participant, outcome.entry
        scores: list[object] = ["", "", ""]
        if entry is not None:
            scores = [entry.number, number(entry.public / 10), number(entry.private / 10)]
        flags = "; ".join((*entry.flags, *outcome.alike)) if entry is not None else ""
        lines.append([person.student, person.name, *scores, number(outcome.marks), outcome.state, flags])
    return csv_bytes(lines)


def write_board_marks(
    found: Sequence[StudentOutcome], gradebook: OpenGradebook, *, force: bool = False, root: Path = ROOT
) -> BoardMarks:
    """Gives the cell of a4 for accuracy the marks of the board, all of them or none; twice changes nothing.

    found: what `outcomes` gave; those without marks are left out, and a mark that the board gave before is
        taken back
    force: True to replace marks that a person has written

    Raises `ValueError` where the cell is worth less than a mark.
    """
    assignment = find_assignment(SHORT, original_names(root))
    done = BoardMarks()
    with gradebook.begin() as connection:
        rows = _rows_of_cell(connection, assignment)
        given = {row.notebook_id: row.mark for row in connection.execute(select(FROM_BOARD))}
        for outcome in found:
            student, row = outcome.participant.student, rows.get(outcome.participant.student.casefold())
            ours = row is not None and given.get(row.notebook_id) == row.manual_score is not None
            if outcome.marks is None:
                done.waiting[student] = outcome.state
                if row is not None and ours:
                    _set(connection, row, None)
                    done.taken_back.append(student)
            elif row is None:
                (done.absent if outcome.entry is None else done.ungraded).append(student)
            elif outcome.marks > row.max_score:
                raise mismatch(
                    student, "mark", f"at most {row.max_score:g}, as {CELL} says", f"{outcome.marks:g}"
                )
            elif row.manual_score == outcome.marks and not row.needs_manual_grade:
                done.same += 1
            elif row.manual_score not in (None, outcome.marks) and not ours and not force:
                done.by_person[student] = row.manual_score, outcome.marks
            else:
                _set(connection, row, outcome.marks)
                done.written[student] = outcome.marks
    return done


def board_mark_lines(done: BoardMarks) -> list[str]:
    """What was done, for the terminal, and what to do next."""
    lines = [f"Gradebook: {len(done.written)} marks written, {done.same} were there already"]
    if done.taken_back:
        lines.append(f"Taken back, since they wait again: {named(done.taken_back)}")
    lines += _waiting_lines(done.waiting)
    if done.ungraded:
        lines.append(f"Not in the gradebook yet, `course grade {SHORT}` first: {named(done.ungraded)}")
    if done.absent:
        lines.append(f"Neither on the board nor in the gradebook: {named(done.absent)}")
    if done.by_person:
        told = [
            f"{who} has {there:g}, the board says {ours:g}" for who, (there, ours) in done.by_person.items()
        ]
        lines.append(f"A person's marks stay, --force replaces them: {named(told, '; ')}")
    return lines


def _waiting_lines(waiting: Mapping[str, str]) -> list[str]:
    """Who has no marks yet, by state."""
    states = dict.fromkeys(waiting.values())
    return [
        f"Left out, {state}: {named([who for who, their in waiting.items() if their == state])}"
        for state in states
    ]


def _rows_of_cell(connection: Connection, assignment: str) -> dict[str, Any]:
    """id in small letters → the row of the cell's grade."""
    query = grades_of(
        assignment,
        SUBMITTED.c.student_id,
        GRADE.c.id,
        GRADE.c.notebook_id,
        GRADE.c.manual_score,
        GRADE.c.needs_manual_grade,
        GRADE_CELL.c.max_score,
    ).where(BASE_CELL.c.name == CELL)
    return {row.student_id.casefold(): row for row in connection.execute(query)}


def _set(connection: Connection, row: Any, mark: float | None) -> None:
    """Writes a mark as a person's, and remembers that it is the board's; None takes it away."""
    values = {"manual_score": mark, "needs_manual_grade": mark is None}
    connection.execute(update(GRADE).where(GRADE.c.id == row.id).values(values))
    connection.execute(delete(FROM_BOARD).where(FROM_BOARD.c.notebook_id == row.notebook_id))
    if mark is not None:
        connection.execute(insert(FROM_BOARD).values(notebook_id=row.notebook_id, mark=mark))
