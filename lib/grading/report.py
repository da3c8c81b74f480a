"""What `course grade` says at its end: a table of marks and flags, and what is left to do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from lib.assignments.cells import Notebook, is_marked, is_solution
from lib.assignments.places import short_name
from lib.grading.coordinator import Outcome
from lib.grading.results import Result

WIDEST = 60  # letters of the flags in a line of the table; the rest stands below


def marks_table(results: Iterable[Result], failed: Sequence[str] = ()) -> list[str]:
    """A line a student: the marks by task and of all checks, and the flags.

    failed: students without a new result
    """
    rows = {result.student: result for result in results}
    tasks = list(dict.fromkeys(task.task for result in rows.values() for task in result.tasks))
    heading = ["student", *(task.rpartition(".")[2] for task in tasks), "by checks", "flags"]
    lines = [heading]
    for student in sorted({*rows, *failed}):
        result = rows.get(student)
        found = {task.task: task for task in result.tasks} if result else {}
        cells = [f"{found[task].earned:g}/{found[task].marks:g}" if task in found else "–" for task in tasks]
        most = sum(task.marks for task in found.values())
        together = f"{result.earned:g}/{most:g}" if result else "–"
        flags = list(dict.fromkeys(flag.kind for flag in result.flags)) if result else []
        if student in failed:
            flags.append("not graded now" if result else "not graded")
        lines.append([student, *cells, together, ", ".join(flags)])
    widths = [max(len(row[k]) for row in lines) for k in range(len(heading))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in lines
    ]


def flag_lines(results: Iterable[Result]) -> list[str]:
    """Each flag in a sentence; the same one of several students once."""
    by_sentence: dict[str, list[str]] = {}
    for result in results:
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
