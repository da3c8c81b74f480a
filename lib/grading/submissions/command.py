"""`course submissions import`, `list`, `forget` and `purge`.

Arguments of the commands, for lib/commands.py; `action` is which of them:

import: name ASSIGNMENT, source FOLDER_OR_ZIP, --roster FILE, --deadline "2026-11-28 23:59"
list: name ASSIGNMENT, --roster FILE, --anonymous, --db URL
forget: student ID, --db URL, --yes
purge: --before DATE, --yes
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Collection, Sequence
from pathlib import Path

from lib.assignments.originals import original_names
from lib.assignments.places import ROOT, find_assignment
from lib.checks import mismatch
from lib.grading.lock import alone
from lib.grading.submissions.forget import NOT_YES, date_of, forget_student, purge_before, why_nothing_goes
from lib.grading.submissions.importing import import_submissions
from lib.grading.submissions.listing import (
    GONE,
    NOT_ENROLLED,
    STATES,
    SubmissionRow,
    nobody_yet,
    students_with_marks,
    submission_rows,
)
from lib.grading.submissions.people import (
    keep_people,
    known_people,
    no_longer_enrolled,
    people_of_class,
    short_names,
)
from lib.grading.submissions.roster import Person
from lib.grading.tables import screen_width, table_lines


def submissions_command(args: argparse.Namespace, root: Path = ROOT) -> int:
    """Runs one of the commands; returns 1 where a person should look at something."""
    if args.action == "list":
        return list_command(args, root)
    run = {"import": import_command, "forget": forget_command, "purge": purge_command}[args.action]
    with alone(root, f"course submissions {args.action}"):  # or a run would read half of a submission
        return run(args, root)


def import_command(args: argparse.Namespace, root: Path = ROOT) -> int:
    deadline = date_of(args.deadline, ends=True) if getattr(args, "deadline", None) else None
    people = people_of_class(root, args.roster)
    report = import_submissions(
        args.name, Path(args.source), root, roster=people, deadline=deadline, say=_progress
    )
    before = {person.id for person in people_of_class(root)}
    keep_people(people, root)  # for the gradebook
    print("\n".join([*report.lines(), *_left(people, root, before)]))
    if report.unmatched and not people:
        print("A roster tells whose files without an id are: import once more with --roster class.csv")
    if people and not args.roster:
        print(f"The roster is that of former imports ({len(people)} people); --roster FILE is another one.")
    return 1 if report.unmatched or report.refused or report.wrong or not report.found else 0


def list_command(args: argparse.Namespace, root: Path = ROOT) -> int:
    full = find_assignment(args.name, original_names(root))
    people = people_of_class(root, args.roster)
    marked = students_with_marks(full, root, getattr(args, "db", None) or "")
    rows = submission_rows(full, root, people, marked)
    if not rows:
        print(f"{full}: {nobody_yet(full)}")
        return 0
    names, enrolled = short_names([*known_people(root), *people]), {p.id.casefold() for p in people}
    table = [["student", "name", "state", "came", ""]]
    table += [[row.student, names.get(row.student.casefold(), ""), *_told(row, enrolled)] for row in rows]
    named = any(names.values()) and not getattr(args, "anonymous", False)
    if not named:
        table = [[student, *told] for student, _, *told in table]
    print("\n".join(table_lines(table, screen_width(), names=1 if named else None)))
    states = [row.state for row in rows]
    if set(states) == {"missing"}:
        print(f"{full}: {nobody_yet(full)}")
        return 0
    shown = [state for state in STATES if state != "handed in again" or state in states]
    counts = ", ".join(f"{states.count(state)} {state}" for state in shown)
    print("\n".join([f"{full}: {counts}, {sum(row.late for row in rows)} late", *_left(people, root)]))
    return 0


def forget_command(args: argparse.Namespace, root: Path = ROOT) -> int:
    from lib.grading.challenge.places import challenge_folder  # here, since no other action needs a board

    db = getattr(args, "db", None) or ""
    removed = forget_student(args.student, root, yes=lambda what: _asked(what, args), db=db)
    print("\n".join(f"Removed: {what}" for what in removed) or NOT_YES)
    if removed:
        print("Exports, pages written elsewhere, downloads of your platform, and dumps that you made of a")
        print("gradebook on a server are yours to delete.")
    if challenge_folder().board.exists():
        print("The challenge's board is another place: `course leaderboard forget ID` deletes there.")
    return 0


def purge_command(args: argparse.Namespace, root: Path = ROOT) -> int:
    date = date_of(args.before)
    removed = purge_before(date, root, yes=lambda what: _asked(what, args))
    print("\n".join(f"Removed: {what}" for what in removed) or why_nothing_goes(date, root))
    return 0


def _left(people: Sequence[Person], root: Path, before: Collection[str] = ()) -> list[str]:
    """A line on those whom only an older roster has, and what to do; none where there is nothing to say.

    before: ids of the roster that this one replaces; those of it who only were missing are worth a word
    """
    with_work, others = no_longer_enrolled(people, root)
    gone = len(set(before).intersection(others))
    said = []
    if with_work:
        advice = "`course submissions forget ID` deletes what is kept of one"
        said.append(f"No longer in the roster: {', '.join(with_work)}; {advice}.")
    if gone:
        have, are = ("has", "is") if gone == 1 else ("have", "are")
        who = f"{gone} more {have}" if with_work else f"No longer in the roster: {gone} who {have}"
        said.append(f"{who} handed in nothing, and {are} not missing any more.")
    return [" ".join(said)] if said else []


def _told(row: SubmissionRow, enrolled: Collection[str]) -> list[str]:
    """The state, the time, and what else there is to say of a submission.

    enrolled: ids of the roster, in small letters
    """
    when = f"{row.when:%Y-%m-%d %H:%M}" if row.when else ""
    more = ["late"] if row.late else []
    if row.versions:
        more.append("1 earlier version" if row.versions == 1 else f"{row.versions} earlier versions")
    if row.gone:
        more.append(GONE)
    if enrolled and row.student.casefold() not in enrolled:
        more.append(NOT_ENROLLED)
    return [row.state, when, ", ".join(more)]


def _asked(what: list[str], args: argparse.Namespace) -> bool:
    """Whether somebody at the terminal says yes; --yes says it before."""
    if getattr(args, "yes", False):
        return True
    print("\n".join(["This would be removed:", *(f"- {line}" for line in what)]))
    if not sys.stdin.isatty():
        raise mismatch("", "yes", "an answer at a terminal", "none", "add --yes")
    return input("Remove all of it? Type yes: ").strip().lower() == "yes"


def _progress(done: int, all: int) -> None:
    if sys.stderr.isatty() and all:
        print(f"\r{done} of {all}", end="\n" if done == all else "", file=sys.stderr, flush=True)
