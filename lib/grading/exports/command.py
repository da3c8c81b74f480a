"""`course grades` and `course grades export`."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path

from data_loaders.looks import printable
from lib.assignments.places import ROOT, find_assignment, short_name
from lib.files import replacing_bytes
from lib.grading.exports.forms import FORMS, ClassMarks, Someone, check_complete, number
from lib.grading.exports.titles import titles_of
from lib.grading.gradebook.marks import (
    foreign_changes,
    give_back,
    graded_assignments,
    marks_in_gradebook,
    results_of,
)
from lib.grading.gradebook.opening import OpenGradebook, open_gradebook
from lib.grading.lock import alone
from lib.grading.results import FLAGS
from lib.grading.similarity.attention import similar_students
from lib.grading.submissions.anew import handed_in_anew
from lib.grading.submissions.kept import students_with
from lib.grading.submissions.people import roster_file

Say = Callable[[str], object]
HINTS = {  # what has to be so on the platform
    "canvas": "Canvas makes a new assignment of a heading that it does not know. So first put yours in its "
    "place, such as “Assignment 1 (12345)”, as Canvas' own export has it.",
    "moodle": "The assignment in Moodle must have {most} marks. Where it has grades already, tick “Allow "
    "updating records that have been modified more recently”.",
}


def grades_command(args: argparse.Namespace, root: Path = ROOT, say: Say = print) -> int:
    """`course grades`: a table, and what somebody else has changed; returns the exit status.

    args: assignment, such as "a1", or "" for all; give_back, whether to write our marks again; db; roster, a
        file or None
    """
    with (
        alone(root, "course grades --give-back") if args.give_back else nullcontext(),
        open_gradebook(root, args.db or "", backup=bool(args.give_back)) as gradebook,
    ):
        names = chosen_assignments(gradebook, args.assignment)
        changes = [
            c for name in names for c in (give_back if args.give_back else foreign_changes)(gradebook, name)
        ]
        group = class_marks(gradebook, names, people_of(args.roster))
    similar = {(student, name) for name in names for student in similar_students(name, root)}
    if not group.people:
        say("Nobody has marks yet: `course grade` gives them.")
        return 0
    say("\n".join(grades_table(group, similar)))
    if changes and args.give_back:
        say(f"\nGiven back: {len(changes)} marks that `nbgrader autograde` had changed.")
    elif changes:
        lines = [f"- {change}" for change in changes]
        say("\n".join(["", "Somebody ran `nbgrader autograde` over these marks:", *lines]))
        say("`course grades --give-back` writes those of `course grade` again; a person's marks stay.")
    return 0


def export_command(args: argparse.Namespace, root: Path = ROOT, say: Say = print) -> int:
    """`course grades export`; returns the exit status.

    args: assignment, such as "a1", or "" for all; form, of FORMS; to, the file; written_pending;
        missing_zero; db; roster, a file or None

    Raises `ValueError` where a mark is above its maximum or not there.
    """
    with open_gradebook(root, args.db or "", backup=False) as gradebook:
        if not graded_assignments(gradebook):
            raise ValueError("grades: expected marks to export, got none; `course grade` gives them")
        names = chosen_assignments(gradebook, args.assignment)
        roster = args.roster or (kept_roster(root) if args.missing_zero else None)
        group = class_marks(gradebook, names, people_of(roster))
        changes = [change for name in names for change in foreign_changes(gradebook, name)]
    check_complete(group, written_pending=args.written_pending, missing_zero=args.missing_zero)
    with replacing_bytes(args.to) as file:
        file.write(FORMS[args.form](group))
    say(str(args.to))
    if args.missing_zero and roster is None:
        say("--missing-zero writes no 0 without a roster, which says who is missing: add --roster FILE")
    if hint := HINTS.get(args.form):
        say(hint.format(most=number(max(map(group.most, names), default=0.0))))
    if waiting := sorted({s for (s, _), marks in group.marks.items() if marks.waiting}):
        left = "left out" if args.form in ("canvas", "moodle") else "marked as such"
        who = "1 student waits" if len(waiting) == 1 else f"{len(waiting)} students wait"
        say(f"{who} for a person, and {'is' if len(waiting) == 1 else 'are'} {left}: {', '.join(waiting)}")
        for line in filter(None, map(group.waiting_line, names)):
            say(line)
    if changes:
        say(f"{len(changes)} marks are those of `nbgrader autograde`: `course grades` says which")
    return 0


def chosen_assignments(gradebook: OpenGradebook, name: str) -> list[str]:
    """The full names of the assignments that are meant; raises `ValueError` for one that is not there."""
    there = graded_assignments(gradebook)
    return [find_assignment(name, there)] if name else there


def kept_roster(root: Path) -> Path | None:
    """The roster of former imports; None where there was none."""
    return roster_file(root) if roster_file(root).exists() else None


def people_of(roster: Path | None) -> dict[str, Someone]:
    """Those of a roster: id → who that is."""
    if roster is None:
        return {}
    from lib.grading.submissions.roster import read_roster

    return {
        person.id: Someone(person.id, person.name, person.email, person.lms, person.group)
        for person in read_roster(Path(roster))
    }


def class_marks(
    gradebook: OpenGradebook, assignments: Sequence[str], people: Mapping[str, Someone]
) -> ClassMarks:
    """The marks of all, with the names that the roster has, else the gradebook."""
    found = {(m.student, name): m for name in assignments for m in marks_in_gradebook(gradebook, name)}
    known = dict(people)
    for (student, _), marks in found.items():
        if student not in known:
            name = ", ".join(filter(None, [marks.last_name, marks.first_name]))
            known[student] = Someone(student, name, marks.email, marks.lms_user_id)
    results = {
        (student, name): result
        for name in assignments
        for student, result in results_of(name, gradebook.root).items()
    }
    titles = {name: titles_of(name, gradebook.root) for name in assignments}
    handed_in = {(s, name) for name in assignments for s in students_with(name, gradebook.root)}
    for student, _ in sorted(handed_in):
        known.setdefault(student, Someone(student))
    anew = frozenset((s, name) for name in assignments for s in handed_in_anew(name, gradebook.root))
    return ClassMarks(tuple(assignments), found, known, results, titles, frozenset(handed_in), anew)


def grades_table(group: ClassMarks, similar: Collection[tuple[str, str]] = ()) -> list[str]:
    """The lines of a table: a student a line, with the total and the flags, and what these mean.

    similar: (student, assignment) of those that ask for a look; in this table alone, in no export and no page
    """
    shorts = [short_name(name) for name in group.assignments]
    several = len(shorts) > 1
    lines = [["student", *shorts, *(["total"] if several else []), "flags"]]
    seen: set[str] = set()
    for student in sorted(group.people):
        line, total = [student], 0.0
        flags: list[str] = []
        for name, short in zip(group.assignments, shorts, strict=True):
            marks = group.marks.get((student, name))
            line.append(
                "–" if marks is None else number(round(marks.score, 2)) + ("*" if marks.waiting else "")
            )
            total += marks.score if marks else 0.0
            own = ("not graded yet",) if group.ungraded(student, name) else group.flags(student, name)
            again = ["handed in again"] if (student, name) in group.anew else []
            kinds = (*own, *again, *(["similar"] if (student, name) in similar else []))
            seen |= set(kinds)
            flags += [f"{short}: {', '.join(kinds)}"] if kinds and several else kinds
        lines.append(
            [*line, *([number(round(total, 2))] if several else []), ("; " if several else ", ").join(flags)]
        )
    most = [group.most(name) for name in group.assignments]
    lines.append(["of", *map(number, most), *([number(sum(most))] if several else []), ""])
    table = list(aligned(lines))
    waits = list(filter(None, map(group.waiting_line, group.assignments)))
    table += [""] if waits or seen else []
    table += ["* a person has not read all answers yet", *waits] if waits else []
    return table + [f"{kind}: {meaning}" for kind, meaning in FLAGS.items() if kind in seen]


def aligned(lines: Sequence[Sequence[str]]) -> Iterable[str]:
    """A table in columns: words to the left, numbers to the right."""
    lines = [[printable(cell) for cell in line] for line in lines]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    last = len(widths) - 1
    for line in lines:
        cells = [
            cell.ljust(width) if place in (0, last) else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(line, widths, strict=True))
        ]
        yield "  ".join(cells).rstrip()
