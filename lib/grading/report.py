"""What `course grade` says at its end: a table of marks and flags, and what is left to do."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence

from lib.assignments.cells import Notebook, is_marked, is_solution
from lib.assignments.places import short_name
from lib.grading.coordinator import Outcome
from lib.grading.results import Result
from lib.grading.tables import USUAL, table_lines, table_width

FLAGS_ROOM = 24  # letters that the flags have at least where tasks have their names


def marks_table(
    results: Iterable[Result],
    failed: Sequence[str] = (),
    names: Mapping[str, str] | None = None,
    width: int = USUAL,
) -> list[str]:
    """A line a student: the marks by task and of all checks, and the flags.

    Where that is too wide tasks have numbers, which are told below, with the most marks of each.

    failed: students without a new result
    names: id in small letters → name, where it is known; None for a table without names
    width: letters in a line
    """
    rows = {result.student: result for result in results}
    tasks = list(dict.fromkeys(task.task for result in rows.values() for task in result.tasks))
    titles = [task.rpartition(".")[2] for task in tasks]
    students = sorted({*rows, *failed})
    named = {student: (names or {}).get(student.casefold(), "") for student in students}
    column = 1 if any(named.values()) else None

    def line(student: str, name: str, cells: Iterable[str], flags: str) -> list[str]:
        return [student, *([name] if column else []), *cells, flags]

    marks = {student: _marks_of(rows.get(student), tasks) for student in students}
    flags = {student: _flags_of(rows.get(student), student in failed) for student in students}
    table = [line("student", "name", [*titles, "by checks"], "flags")]
    for student in students:
        cells = ["–" if own is None else f"{own:g}/{most:g}" for own, most in marks[student]]
        table.append(line(student, named[student], cells, flags[student]))
    if table_width(table, FLAGS_ROOM) <= width:
        return table_lines(table, width)
    numbers = [str(number) for number in range(1, len(tasks) + 1)]
    table = [line("student", "name", [*numbers, "checks"], "flags")]
    for student in students:
        cells = ["–" if own is None else f"{own:g}" for own, _ in marks[student]]
        table.append(line(student, named[student], cells, flags[student]))
    most = [f"{max(marks[student][place][1] for student in students):g}" for place in range(len(tasks) + 1)]
    table.append(line("of", "", most, ""))
    told = ", ".join(f"{number}\xa0{title}" for number, title in zip(numbers, titles, strict=True))
    right = range(len(table[0]) - len(most) - 1, len(table[0]) - 1)
    legend = [line.replace("\xa0", " ") for line in textwrap.wrap(f"Tasks: {told}", width)]
    return [*table_lines(table, width, right, column), *legend]


def _marks_of(result: Result | None, tasks: Sequence[str]) -> list[tuple[float | None, float]]:
    """(earned, most) of each task, and of all; None for what was not graded."""
    found = {task.task: task for task in result.tasks} if result else {}
    marks: list[tuple[float | None, float]] = [
        (found[task].earned, found[task].marks) if task in found else (None, 0.0) for task in tasks
    ]
    return [*marks, (result.earned if result else None, sum(task.marks for task in found.values()))]


def _flags_of(result: Result | None, failed: bool) -> str:
    flags = list(dict.fromkeys(flag.kind for flag in result.flags)) if result else []
    if failed:
        flags.append("not graded now" if result else "not graded")
    return ", ".join(flags)


def flag_lines(results: Iterable[Result]) -> list[str]:
    """Each flag in a sentence; the same one of several students once."""
    by_sentence: dict[str, list[str]] = {}
    for result in sorted(results, key=lambda result: result.student):
        for flag in result.flags:
            by_sentence.setdefault(f"{flag.kind}: {flag.said}", []).append(result.student)
    return [f"{_people(students)}: {said}" for said, students in by_sentence.items()]


def summary_lines(
    outcome: Outcome, assignment: str, *, regraded: bool = False, written: bool = True
) -> list[str]:
    """What was done, what was not and why, and what to do next.

    regraded: True for `course regrade`
    written: False where nothing was
    """
    short = short_name(assignment)
    graded = len(outcome.graded)
    kept = len(outcome.results) - graded - len(set(outcome.failed) & set(outcome.results))
    if not written:
        lines = [f"{short}: {_count(graded)} graded for a try; nothing was written."]
    elif not graded and not outcome.failed and not outcome.stopped:
        lines = [f"{short}: nothing is new or has changed; {_count(kept)} as before."]
    else:
        lines = [f"{short}: {_count(graded)} graded now, {kept} as before."]
    lines += [f"Not graded: {student}: {reason}" for student, reason in sorted(outcome.failed.items())]
    if outcome.unrecorded:
        lines.append(f"Not in the gradebook yet: {outcome.unrecorded}")
    if outcome.stopped:
        stays = "; what is graded stays" if written else ""
        lines.append(f"Ended before the end, since {outcome.stopped}{stays}.")
    if outcome.status and not written:
        lines.append(f"`course regrade {short} --dry-run` tries all of them again.")
    elif outcome.status and regraded:
        lines.append(f"`course regrade {short}` grades all again, and still knows the marks from before.")
    elif outcome.status:
        lines.append(
            f"`course grade {short}` goes on where this has ended; what is graded is not graded again."
        )
    return lines


def written_line(notebook: Notebook, assignment: str) -> str:
    """What a person still marks, which is in no table of checks; "" where there is nothing written.

    notebook: as it was released
    assignment: in full
    """
    points = [
        (is_solution(cell), float(cell.metadata["nbgrader"].get("points") or 0))
        for cell in notebook.cells
        if is_marked(cell)
    ]
    written, most = sum(marks for own, marks in points if own), sum(marks for _, marks in points)
    if not written:
        return ""
    short = short_name(assignment)
    said = f"Of {most:g} marks, {most - written:g} are by checks, and {written:g} by a person who reads"
    return f"{said} answers: `course formgrader {short}`; `course grades {short}` shows who waits for that."


def _count(number: int) -> str:
    return {0: "no submission", 1: "1 submission"}.get(number, f"{number} submissions")


def _people(students: Sequence[str]) -> str:
    shown = ", ".join(students[:5])
    return shown if len(students) <= 5 else f"{shown} and {len(students) - 5} more"
