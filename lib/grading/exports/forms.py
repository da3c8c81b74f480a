"""The files that learning platforms import. Equal marks give equal bytes."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lib.assignments.archive import packed
from lib.assignments.places import short_name
from lib.grading.gradebook.marks import CellMarks, StudentMarks
from lib.grading.results import Result

NAMED = 5  # students that an error names
FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")  # a spreadsheet runs what begins so


@dataclass(frozen=True)
class Someone:
    """A student, as a roster or the gradebook knows one.

    lms: the id that the learning platform has given
    section: the group
    """

    student: str
    name: str = ""
    email: str = ""
    lms: str = ""
    section: str = ""


@dataclass(frozen=True)
class ClassMarks:
    """The marks of a class, for one assignment or several.

    assignments: full names, in order
    marks: (student, assignment) → marks
    people: id → who that is; all that have marks are in it, by id
    results: (student, assignment) → what grading gave
    titles: assignment → nbgrader's name of a cell → what students call it
    handed_in: (student, assignment) of all submissions, also of those that are not graded yet
    anew: those among them whose marks are for something that was handed in before
    numbers: (student, assignment) → platform → its number of the student
    gone: (student, assignment) of marks for what is not there any more
    strangers: ids that are in no roster, where there is one
    """

    assignments: tuple[str, ...]
    marks: Mapping[tuple[str, str], StudentMarks]
    people: Mapping[str, Someone]
    results: Mapping[tuple[str, str], Result] = field(default_factory=dict)
    titles: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    handed_in: frozenset[tuple[str, str]] = frozenset()
    anew: frozenset[tuple[str, str]] = frozenset()
    numbers: Mapping[tuple[str, str], Mapping[str, str]] = field(default_factory=dict)
    gone: frozenset[tuple[str, str]] = frozenset()
    strangers: frozenset[str] = frozenset()

    def ungraded(self, student: str, assignment: str) -> bool:
        """Whether something was handed in that has no marks yet."""
        place = (student, assignment)
        return place in self.handed_in and place not in self.marks

    def number_at(self, platform: str, student: str) -> str:
        """The number by which a platform knows a student; "" where neither a download nor a roster tells."""
        found = [self.numbers.get((student, name), {}).get(platform, "") for name in self.assignments]
        return next(filter(None, found), self.people[student].lms)

    def title(self, assignment: str, cell: str) -> str:
        """What students call a cell with marks; its name where no title is known."""
        return self.titles.get(assignment, {}).get(cell, cell)

    def in_order(self, marks: StudentMarks) -> list[CellMarks]:
        """The cells of a student as they follow one another in the notebook, where that is known."""
        order = list(self.titles.get(marks.assignment, {}))
        return sorted(
            marks.cells, key=lambda cell: order.index(cell.name) if cell.name in order else len(order)
        )

    def of(self, assignment: str) -> list[StudentMarks]:
        """The marks for one assignment, by id."""
        return [self.marks[s, assignment] for s in sorted(self.people) if (s, assignment) in self.marks]

    def flags(self, student: str, assignment: str) -> tuple[str, ...]:
        """The kinds of flags of a submission."""
        result = self.results.get((student, assignment))
        return tuple(dict.fromkeys(flag.kind for flag in result.flags)) if result else ()

    def settled(self) -> list[Someone]:
        """Those who wait for no person."""
        waits = {student for (student, _), marks in self.marks.items() if marks.waiting}
        return [someone for student, someone in sorted(self.people.items()) if student not in waits]

    def waiting(self, assignment: str) -> list[str]:
        """The students who wait for a person to read an answer."""
        return [marks.student for marks in self.of(assignment) if marks.waiting]

    def by_person(self, assignment: str) -> float:
        """The marks among all that a person gives."""
        found = (sum(cell.most for cell in marks.cells if cell.written) for marks in self.of(assignment))
        return max(found, default=0.0)

    def waiting_line(self, assignment: str) -> str:
        """How many marks are by checks, how many by a person, and who waits; "" where nobody does."""
        waiting, short = self.waiting(assignment), short_name(assignment)
        if not waiting:
            return ""
        most, person = self.most(assignment), self.by_person(assignment)
        who = "1 student waits" if len(waiting) == 1 else f"{len(waiting)} students wait"
        checks = f"{number(most - person)} of {number(most)} marks are by checks"
        return f"{short}: {checks}, {number(person)} by a person: {who}; `course formgrader {short}`"

    def most(self, assignment: str) -> float:
        """The marks that there are for an assignment."""
        return max((marks.most for marks in self.of(assignment)), default=0.0)


def check_complete(group: ClassMarks, *, written_pending: bool = False, missing_zero: bool = False) -> None:
    """Raises `ValueError` where a mark cannot be, or is not there.

    written_pending: answers that a person still has to read are allowed
    missing_zero: students who have handed in nothing of an assignment are allowed
    """
    above: dict[str, str] = {}  # what is wrong → in which assignment
    ungraded: dict[str, str] = {}
    none: dict[str, str] = {}
    missing: dict[str, str] = {}
    waiting: dict[str, str] = {}
    for student in sorted(group.people):
        for assignment in group.assignments:
            short, marks = short_name(assignment), group.marks.get((student, assignment))
            if marks is None:
                if group.ungraded(student, assignment):
                    ungraded[f"{student} has handed in {short}"] = short
                elif not missing_zero:
                    missing[f"{student} has no marks for {short}"] = short
                continue
            if (student, assignment) in group.anew:
                ungraded[f"{student} has handed in {short} again"] = short
            for cell in marks.cells:
                place = f"{cell.name} in {short}"
                if cell.score is not None and not 0 <= cell.score <= cell.most:
                    above[f"{student} has {cell.score:g} of {cell.most:g} for {place}"] = short
                if cell.waits or cell.score is None:
                    (waiting if cell.written else none)[f"{student} waits for {place}"] = short
    _refuse(above, "every score between 0 and its maximum", "`course formgrader {}` shows who gave it")
    _refuse(ungraded, "that all submissions are graded", "`course grade {}` grades them")
    _refuse(none, "marks for everybody", "`course grade {} --force` grades all again")
    _refuse(missing, "marks for everybody", "--missing-zero writes 0 for whoever has handed in nothing")
    if not written_pending:
        _refuse(
            waiting,
            "that a person has read all answers",
            "`course formgrader {}` shows them; --written-pending exports without",
        )


def named(found: Sequence[str], between: str = ", ") -> str:
    """The first of some, and how many more there are."""
    more = f", and {len(found) - NAMED} more" if len(found) > NAMED else ""
    return f"{between.join(found[:NAMED])}{more}"


def _refuse(found: Mapping[str, str], expected: str, advice: str) -> None:
    """Raises `ValueError` where there is something.

    found: what is wrong → in which assignment; the advice names the first
    """
    if found:
        advice = advice.format(next(iter(found.values())))
        raise ValueError(f"grades: expected {expected}, got: {named(list(found), '; ')}; {advice}")


def as_csv(group: ClassMarks) -> bytes:
    """One line a student and assignment; of a single assignment with a column for each task."""
    cells = _cell_names(group) if len(group.assignments) == 1 else []
    head = [
        "assignment", "student", "name", "email", "score", "max_score", "raw_score", "late_penalty",
        "waiting", "waiting_marks", "flags",
    ]  # fmt: skip
    lines: list[Sequence[object]] = [[*head, *cells]]
    for assignment in group.assignments:
        for student in sorted(group.people):
            someone, marks = group.people[student], group.marks.get((student, assignment))
            if marks is None:
                marks = StudentMarks(student, assignment)
            scores = {cell.name: cell.score for cell in marks.cells}
            score, most = number(marks.score), number(group.most(assignment))
            who = [assignment, student, someone.name, someone.email]
            late = [number(marks.raw_score), number(marks.penalty)]
            waits = [" ".join(marks.waiting), number(_waiting_marks(marks)) if marks.waiting else ""]
            told = [*waits, " ".join(group.flags(student, assignment))]
            lines.append([*who, score, most, *late, *told, *(number(scores.get(name)) for name in cells)])
    return csv_bytes(lines)


def as_canvas(group: ClassMarks) -> bytes:
    """What Canvas' gradebook imports; whoever waits for a person is left out: nothing is overwritten."""
    lines: list[Sequence[object]] = [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", *group.assignments],
        ["    Points Possible", "", "", "", "", *(number(group.most(name)) for name in group.assignments)],
    ]
    for someone in group.settled():
        student = someone.student
        who = [someone.name or student, group.number_at("canvas", student), student, student, someone.section]
        lines.append([*who, *(number(_score(group, student, name)) for name in group.assignments)])
    return csv_bytes(lines)


def as_moodle(group: ClassMarks) -> bytes:
    """What Moodle imports; whoever waits for a person is left out: nothing is overwritten.

    Of one assignment it is a grading worksheet, which Moodle's gradebook imports, too; of several it is for
    the gradebook only, which does not go by the number: that is another one for each assignment.
    """
    who = ["Identifier", "Full name", "ID number", "Email address"]
    if len(group.assignments) == 1:
        of_one = ["Grade", "Maximum grade", "Last modified (grade)", "Feedback comments"]
        lines: list[Sequence[object]] = [[*who, *of_one]]
    else:
        columns = [column for name in group.assignments for column in (name, f"{name} (feedback)")]
        lines = [[*who, *columns]]
    for someone in group.settled():
        known = group.number_at("moodle", someone.student) if len(group.assignments) == 1 else someone.lms
        line: list[object] = [
            f"Participant {known}" if known else "",
            someone.name,
            someone.student,
            someone.email,
        ]
        for assignment in group.assignments:
            score = number(_score(group, someone.student, assignment))
            more = [number(group.most(assignment)), ""] if len(group.assignments) == 1 else []
            line += [score, *more, _summary(group, someone.student, assignment)]
        lines.append(line)
    return csv_bytes(lines)


def as_gradescope(group: ClassMarks) -> bytes:
    """A zip archive with Gradescope's results.json of each submission: ASSIGNMENT/ID/results.json."""
    return packed(
        {
            f"{assignment}/{marks.student}/results.json": _json(gradescope_results(group, marks))
            for assignment in group.assignments
            for marks in group.of(assignment)
        },
        compressed=False,
    )


def gradescope_results(group: ClassMarks, marks: StudentMarks) -> dict[str, Any]:
    """What Gradescope reads of one submission."""
    result = group.results.get((marks.student, marks.assignment))
    tasks = {task.cell: task for task in result.tasks} if result else {}
    tests = []
    for cell in group.in_order(marks):
        lines = ["A person has not marked this yet."] if cell.waits else []
        if cell.name in tasks and cell.manual is None and cell.auto == tasks[cell.name].earned:
            task = tasks[cell.name]
            parts = [f"{name}: {got:g} of {most:g}" for name, (most, got) in task.parts.items()]
            lines += [*parts, *task.said]
        if cell.name in marks.comments:
            lines.append(marks.comments[cell.name])
        tests.append(
            {
                "name": group.title(marks.assignment, cell.name),
                "score": _rounded(cell.score or 0.0),
                "max_score": _rounded(cell.most),
                "output": "\n".join(lines),
                "output_format": "text",
                "visibility": "visible",
            }
        )
    made: dict[str, Any] = {"score": _rounded(marks.score), "tests": tests, "visibility": "visible"}
    told = []
    if marks.waiting:
        waits = number(_waiting_marks(marks))
        told.append(
            f"{waits} of {number(marks.most)} marks are by a person, who has not read the answers yet."
        )
    if marks.penalty:
        told.append(f"{marks.penalty:g} marks were taken off, since it was handed in late.")
    if told:
        made["output"] = "\n".join(told)
    return made


def as_json(group: ClassMarks) -> bytes:
    """All that there is, for programs."""
    return _json(
        [
            {
                "assignment": assignment,
                "student": marks.student,
                "score": _rounded(marks.score),
                "max_score": _rounded(marks.most),
                "late_penalty": _rounded(marks.penalty),
                "waiting": list(marks.waiting),
                "waiting_marks": _rounded(_waiting_marks(marks)),
                "flags": list(group.flags(marks.student, assignment)),
                "cells": [_cell(cell, marks) for cell in marks.cells],
            }
            for assignment in group.assignments
            for marks in group.of(assignment)
        ]
    )


FORMS: dict[str, Callable[[ClassMarks], bytes]] = {
    "csv": as_csv,
    "canvas": as_canvas,
    "moodle": as_moodle,
    "gradescope": as_gradescope,
    "json": as_json,
}


def number(value: float | None) -> str:
    """A mark, with at most four digits behind the point; "" for none.

    >>> number(7.0), number(2 / 3), number(None)
    ('7', '0.6667', '')
    """
    return "" if value is None else f"{_rounded(value):.10g}"


def without_formula(value: object) -> str:
    """A cell of a table that no spreadsheet takes for a formula.

    >>> without_formula("=HYPERLINK(...)"), without_formula("ada")
    ("'=HYPERLINK(...)", 'ada')
    """
    text = re.sub(
        "[\0-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+", " ", str(value)
    )  # one line; nothing that a terminal obeys
    return f"'{text}" if text.lstrip().startswith(FORMULA) else text


def csv_bytes(lines: Iterable[Sequence[object]]) -> bytes:
    """A table as CSV, in UTF-8."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(
        [[without_formula(cell) for cell in line] for line in lines]
    )
    return out.getvalue().encode()


def _score(group: ClassMarks, student: str, assignment: str) -> float:
    marks = group.marks.get((student, assignment))
    return marks.score if marks else 0.0


def _summary(group: ClassMarks, student: str, assignment: str) -> str:
    """Marks by task in one line, by the titles that students know."""
    marks = group.marks.get((student, assignment))
    if marks is None:
        return ""
    told = [
        f"{group.title(assignment, cell.name)}: {number(cell.score)} of {number(cell.most)}"
        for cell in group.in_order(marks)
    ]
    late = [f"late: −{number(marks.penalty)}"] if marks.penalty else []
    return "; ".join([*told, *late])


def _waiting_marks(marks: StudentMarks) -> float:
    """The marks that a person may still give."""
    return sum(cell.most for cell in marks.cells if cell.waits)


def _cell(cell: CellMarks, marks: StudentMarks) -> dict[str, Any]:
    return {
        "name": cell.name,
        "score": None if cell.score is None else _rounded(cell.score),
        "max_score": _rounded(cell.most),
        "by_person": cell.manual is not None,
        "waiting": cell.waits,
        "comment": marks.comments.get(cell.name, ""),
    }


def _cell_names(group: ClassMarks) -> list[str]:
    return sorted(
        {cell.name for name in group.assignments for marks in group.of(name) for cell in marks.cells}
    )


def _rounded(value: float) -> float:
    return round(value, 4) + 0.0  # no −0


def _json(content: Any) -> bytes:
    return (json.dumps(content, indent=1, ensure_ascii=False, sort_keys=True) + "\n").encode()
