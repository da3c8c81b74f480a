"""`course grades` and `course grades export`."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Collection, Sequence
from contextlib import nullcontext
from pathlib import Path

from lib.assignments.originals import original_names
from lib.assignments.places import ROOT, find_assignment, short_name
from lib.files import replacing_bytes
from lib.grading.exports.forms import FORMS, ClassMarks, Someone, check_complete, named, number
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
from lib.grading.submissions.listing import GONE, NOT_ENROLLED
from lib.grading.submissions.numbers import numbers_of
from lib.grading.submissions.people import people_of_class
from lib.grading.submissions.roster import Person
from lib.grading.tables import USUAL, cut_text, screen_width, table_lines

Say = Callable[[str], object]
MEANINGS = {  # of words in the table that are no flags, or of flags that lead to a command
    "similar": f"{FLAGS['similar']}; `course similarity {{short}}` shows both",
    "handed in again": "the marks are for what was there before; `course grade {short}` grades the new one",
    "not graded yet": "`course grade {short}` grades it",
    GONE: "the marks stay, but what was handed in is no longer in submitted/",
    NOT_ENROLLED: "the roster has no such id; `course submissions forget ID` deletes what came of it",
}
HINTS = {  # what has to be so on the platform
    "canvas": "Canvas makes a new assignment of a heading that it does not know. So first put yours in its "
    "place, such as “Assignment 1 (12345)”, as Canvas' own export has it.",
    "moodle": "The assignment in Moodle must have {most} marks. Where it has grades already, tick “Allow "
    "updating records that have been modified more recently”.",
}
NO_NUMBER = (
    "Moodle's worksheet goes by the numbers in the column Identifier, and nobody has told that of {who}: "
    "import Moodle's own download, or give its grading worksheet as --roster."
)


def grades_command(args: argparse.Namespace, root: Path = ROOT, say: Say = print) -> int:
    """`course grades`: a table, and what somebody else has changed; returns the exit status.

    args: assignment, such as "a1", or "" for all; give_back, whether to write our marks again; db; roster, a
        file, or None for the one of former imports; anonymous, whether names are left out
    """
    with (
        alone(root, "course grades --give-back") if args.give_back else nullcontext(),
        open_gradebook(root, args.db or "", backup=bool(args.give_back)) as gradebook,
    ):
        names = chosen_assignments(gradebook, args.assignment, root)
        changes = [
            c for name in names for c in (give_back if args.give_back else foreign_changes)(gradebook, name)
        ]
        group = class_marks(gradebook, names, people_of_class(root, args.roster))
    similar = {(student, name) for name in names for student in similar_students(name, root)}
    if not names or not (group.marks or group.handed_in):
        of_one = f" for {args.assignment}" if args.assignment else ""
        say(f"Nobody has marks{of_one} yet: {_grading_command(args.assignment, root)} gives them.")
        return 0
    say("\n".join(grades_table(group, similar, screen_width(), anonymous=getattr(args, "anonymous", False))))
    if changes and args.give_back:
        say(f"\nGiven back: {len(changes)} marks that `nbgrader autograde` had changed.")
    elif changes:
        lines = [f"- {change}" for change in changes]
        say("\n".join(["", "Somebody ran `nbgrader autograde` over these marks:", *lines]))
        say("`course grades --give-back` writes the marks that were found here again; a person's stay.")
    return 0


def export_command(args: argparse.Namespace, root: Path = ROOT, say: Say = print) -> int:
    """`course grades export`; returns the exit status.

    args: assignment, such as "a1", or "" for all; form, of FORMS; to, the file; written_pending;
        missing_zero; db; roster, a file, or None for the one of former imports

    Raises `ValueError` where a mark is above its maximum or not there.
    """
    with open_gradebook(root, args.db or "", backup=False) as gradebook:
        names = chosen_assignments(gradebook, args.assignment, root)
        if not names:
            advice = f"{_grading_command(args.assignment, root)} gives them"
            raise ValueError(f"grades: expected marks to export, got none; {advice}")
        people = people_of_class(root, args.roster)
        group = class_marks(gradebook, names, people)
        changes = [change for name in names for change in foreign_changes(gradebook, name)]
    check_complete(group, written_pending=args.written_pending, missing_zero=args.missing_zero)
    with replacing_bytes(args.to) as file:
        file.write(FORMS[args.form](group))
    say(str(args.to))
    if args.missing_zero and not people:
        say("--missing-zero writes no 0 without a roster, which says who is missing: add --roster FILE")
    if hint := HINTS.get(args.form):
        say(hint.format(most=number(max(map(group.most, names), default=0.0))))
    if args.form == "moodle" and len(names) == 1 and (unknown := without_number(group)):
        say(NO_NUMBER.format(who=named(unknown)))
    if waiting := sorted({s for (s, _), marks in group.marks.items() if marks.waiting}):
        left = "left out" if args.form in ("canvas", "moodle") else "marked as such"
        who = "1 student waits" if len(waiting) == 1 else f"{len(waiting)} students wait"
        say(f"{who} for a person, and {'is' if len(waiting) == 1 else 'are'} {left}: {named(waiting)}")
        for line in filter(None, map(group.waiting_line, names)):
            say(line)
    if changes:
        say(f"{len(changes)} marks are those of `nbgrader autograde`: `course grades` says which")
    return 0


def chosen_assignments(gradebook: OpenGradebook, name: str, root: Path) -> list[str]:
    """The full names of the assignments that are meant and have marks.

    Raises `ValueError` for one that there is not; nothing is given where it was only not graded yet.
    """
    graded = graded_assignments(gradebook)
    if not name:
        return graded
    there = list(dict.fromkeys([*original_names(root), *graded]))
    return [full for full in graded if full == find_assignment(name, there)] if there else []


def _grading_command(assignment: str, root: Path) -> str:
    """What to type so that there are marks: for the one that was typed, else for one that was handed in.

    assignment: as it was typed, or ""
    """
    there = original_names(root)
    handed_in = [name for name in there if students_with(name, root)]
    return f"`course grade {assignment or short_name(next(iter([*handed_in, *there]), 'a1'))}`"


def without_number(group: ClassMarks) -> list[str]:
    """The students of whom nobody knows Moodle's number, by which its worksheet goes."""
    settled = (someone.student for someone in group.settled())
    return [student for student in settled if not group.number_at("moodle", student)]


def class_marks(gradebook: OpenGradebook, assignments: Sequence[str], people: Sequence[Person]) -> ClassMarks:
    """The marks of all who are in the class or have some; names are the roster's, else the gradebook's."""
    root = gradebook.root
    found = {(m.student, name): m for name in assignments for m in marks_in_gradebook(gradebook, name)}
    handed_in = {(s, name) for name in assignments for s in students_with(name, root)}
    spelt = {student.casefold(): student for student, _ in (*found, *sorted(handed_in))}
    known = {}
    for person in people:
        student = spelt.get(person.id.casefold(), person.id)
        known[student] = Someone(student, person.name, person.email, person.lms, person.group)
    enrolled = frozenset(known)
    for (student, _), marks in found.items():
        if student not in known:
            name = ", ".join(filter(None, [marks.last_name, marks.first_name]))
            known[student] = Someone(student, name, marks.email, marks.lms_user_id)
    results = {
        (student, name): result for name in assignments for student, result in results_of(name, root).items()
    }
    titles = {name: titles_of(name, root) for name in assignments}
    for student, _ in sorted(handed_in):
        known.setdefault(student, Someone(student))
    anew = frozenset((s, name) for name in assignments for s in handed_in_anew(name, root))
    numbers = {(s, name): some for name in assignments for s, some in numbers_of(name, root).items()}
    strangers = frozenset(known) - enrolled if people else frozenset()
    return ClassMarks(
        tuple(assignments), found, known, results, titles, frozenset(handed_in), anew, numbers,
        frozenset(found) - handed_in, strangers,
    )  # fmt: skip


def grades_table(
    group: ClassMarks,
    similar: Collection[tuple[str, str]] = (),
    width: int = USUAL,
    *,
    anonymous: bool = False,
) -> list[str]:
    """The lines of a table: a student a line, with the total and the flags, and what these mean.

    similar: (student, assignment) of those that ask for a look; in this table alone, in no export and no page
    width: letters in a line
    anonymous: whether names are left out
    """
    shorts = [short_name(name) for name in group.assignments]
    several = len(shorts) > 1
    names = {student: "" if anonymous else someone.name for student, someone in group.people.items()}
    has_names = any(names.values())
    sums = ["total"] if several else []
    lines = [["student", *(["name"] if has_names else []), *shorts, *sums, "flags"]]
    seen: dict[str, str] = {}  # kind → an assignment in which it comes
    for student in sorted(group.people):
        line, total = [student, *([cut_text(names[student])] if has_names else [])], 0.0
        flags: list[str] = []
        for name, short in zip(group.assignments, shorts, strict=True):
            marks = group.marks.get((student, name))
            line.append(
                "–" if marks is None else number(round(marks.score, 2)) + ("*" if marks.waiting else "")
            )
            total += marks.score if marks else 0.0
            own = ("not graded yet",) if group.ungraded(student, name) else group.flags(student, name)
            place = (student, name)
            told = (("handed in again", group.anew), ("similar", similar), (GONE, group.gone))
            kinds = (*own, *(kind for kind, places in told if place in places))
            seen |= {kind: seen.get(kind, short) for kind in kinds}
            flags += [f"{short}: {', '.join(kinds)}"] if kinds and several else kinds
        if student in group.strangers:
            flags.append(NOT_ENROLLED)
            seen[NOT_ENROLLED] = shorts[0]
        lines.append(
            [*line, *([number(round(total, 2))] if several else []), ("; " if several else ", ").join(flags)]
        )
    most = [group.most(name) for name in group.assignments]
    sums = [number(sum(most))] if several else []
    lines.append(["of", *([""] if has_names else []), *map(number, most), *sums, ""])
    table = table_lines(lines, width, range(1 + has_names, len(lines[0]) - 1), 1 if has_names else None)
    waits = list(filter(None, map(group.waiting_line, group.assignments)))
    table += [""] if waits or seen else []
    table += ["* a person has not read all answers yet", *waits] if waits else []
    meanings = {**FLAGS, **MEANINGS}
    return table + [
        f"{kind}: {meaning.format(short=seen[kind])}" for kind, meaning in meanings.items() if kind in seen
    ]
