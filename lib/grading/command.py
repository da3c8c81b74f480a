"""`course grade` and `course regrade`."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from lib.assignments.originals import original_names
from lib.assignments.places import ROOT, find_assignment, short_name
from lib.checks import check_whole, mismatch, shown
from lib.grading.canary import check_canary
from lib.grading.coordinator import (
    INTERRUPTED,
    Class,
    Outcome,
    Plan,
    Runner,
    grade_class,
    local_runner,
    plan_class,
    students_of,
)
from lib.grading.examining import Examination, scheduled
from lib.grading.gradebook.mending import mend_gradebook
from lib.grading.gradebook.opening import OpenGradebook, open_gradebook
from lib.grading.gradebook.recorder import Recorder
from lib.grading.intake.take_in import released_notebook
from lib.grading.interrupt import one_interrupt
from lib.grading.journal import digest_of_bytes, key_of
from lib.grading.limits import Allowed, cell_seconds_of
from lib.grading.lock import alone
from lib.grading.pool import usual_workers
from lib.grading.regrade import comparison_lines, forget_former, keep_former
from lib.grading.report import flag_lines, marks_table, summary_lines, written_line
from lib.grading.results import Result
from lib.grading.sandbox.attempt import best_kind, try_all
from lib.grading.sandbox.folders import remove_left_over
from lib.grading.sandbox.start import KINDS
from lib.grading.submissions.kept import finish_imports
from lib.grading.submissions.listing import nobody_yet
from lib.grading.submissions.people import gradebook_names, known_people, short_names
from lib.grading.tables import screen_width
from lib.tasks.secret import read_secret


@one_interrupt()
def grade_command(args: argparse.Namespace, root: Path = ROOT) -> int:
    """Grades what is new or changed in an assignment; returns the exit status."""
    if args.mend_gradebook:
        with alone(root, "course grade --mend-gradebook"):
            print(mend_gradebook(root, args.db))
        return 0
    if not args.assignment:
        there = [short_name(name) for name in original_names(root)]
        advice = f"write `course grade {there[0]}`" if there else "`course release` makes them"
        raise mismatch("", "assignment", f"one of {', '.join(there) or 'the released ones'}", "none", advice)
    with alone(root, f"course grade {args.assignment}"):
        run = GradingRun(args, root)
        if run.nobody():
            return 0
        with open_gradebook(root, args.db) as gradebook:
            outcome = run.graded(gradebook, force=args.force)
    return run.told(outcome)


@one_interrupt()
def regrade_command(args: argparse.Namespace, root: Path = ROOT) -> int:
    """Grades all submissions again, and says whose marks have changed; returns the exit status."""
    with alone(root, f"course regrade {args.assignment}"):
        run = GradingRun(args, root)
        if run.nobody():
            return 0
        before = keep_former(run.assignment, root, write=not args.dry_run)
        with contextlib.nullcontext() if args.dry_run else open_gradebook(root, args.db) as gradebook:
            outcome = run.graded(gradebook, force=True)
        status = run.told(outcome, regraded=True, written=not args.dry_run)
        run.told_changes(before, outcome, written=not args.dry_run)
        if not args.dry_run and not outcome.stopped and not args.student:
            forget_former(run.assignment, root)
    return status


class GradingRun:
    """One run of a command.

    args: of the command
    root: of the course
    """

    def __init__(self, args: argparse.Namespace, root: Path):
        self.args, self.root = args, root
        self.assignment = find_assignment(args.assignment, original_names(root))
        self.short = short_name(self.assignment)
        finish_imports(root)  # what a killed import has begun counts
        remove_left_over()  # of graders that were killed, also where there is nothing to grade
        self.workers = check_whole(args.workers, name="workers") or usual_workers()
        self.students = students_of(self.assignment, root, args.student)
        cell = args.cell_seconds
        if self.students and not cell:
            cell = cell_seconds_of(released_notebook(self.assignment, root))
        allowed = Allowed(cell, args.notebook_seconds, args.memory)
        self.group = Class(self.assignment, root, read_secret(), allowed.limits, allowed.allowance)

    def nobody(self) -> bool:
        """Whether there is nothing to grade, which it says."""
        if not self.students:
            print(f"{self.short}: {nobody_yet(self.assignment)}")
        return not self.students

    def graded(self, gradebook: OpenGradebook | None, *, force: bool) -> Outcome:
        """What became of the class; without a gradebook nothing is written."""
        recorder = Recorder(gradebook, self.assignment, gradebook_names(self.root)) if gradebook else None
        write = gradebook is not None
        plan = plan_class(
            self.group, self.students, recorder, sandboxed=not self.args.unsandboxed, force=force
        )
        if not plan.todo:  # no sandbox is tried for that, and no room made
            return plan.finished(write=write)
        try:
            return self._graded(plan, write)
        except KeyboardInterrupt:  # before the first submission
            plan.outcome.stopped = INTERRUPTED
            return plan.finished(write=write)

    def _graded(self, plan: Plan, write: bool) -> Outcome:
        """What became of those that there are to do, once the canary has passed."""
        kind, group = chosen_kind(self.args), self.group
        steps = Examination(self.assignment, self.root, kind, group.limits, read_secret(), group.allowance)
        parts = [key_of(group.common), steps.fingerprint(), repr(group.allowed)]
        key = digest_of_bytes(part.encode() for part in parts)
        with self._runner(steps) as runner:
            if check_canary(self.assignment, self.root, steps, runner, key):
                print(f"{self.short}: the reference gets all marks, and the untouched release none.")
            return grade_class(plan, steps, runner, write=write, bar=sys.stderr.isatty())

    @contextlib.contextmanager
    def _runner(self, steps: Examination) -> Iterator[Runner]:
        if self.args.scheduler:
            with scheduled(self.args.scheduler, steps) as runner:
                yield runner
        else:
            yield local_runner(steps, self.workers, self.group.limits)

    def told(self, outcome: Outcome, *, regraded: bool = False, written: bool = True) -> int:
        """Prints what became of the class, as `summary_lines` does; returns the exit status."""
        anonymous = getattr(self.args, "anonymous", False)
        names = None if anonymous else short_names(known_people(self.root))
        results, failed = outcome.results.values(), list(outcome.failed)
        print("\n".join(marks_table(results, failed, names, screen_width())))
        if flags := flag_lines(results):
            print("\n".join(["", *flags]))
        print("\n".join(["", *summary_lines(outcome, self.assignment, regraded=regraded, written=written)]))
        if waiting := written_line(released_notebook(self.assignment, self.root), self.assignment):
            print(waiting)
        return 130 if outcome.stopped == INTERRUPTED else outcome.status

    def told_changes(self, before: dict[str, Result], outcome: Outcome, *, written: bool) -> None:
        """Prints whose marks have changed, or would."""
        now = {student: outcome.results[student] for student in outcome.graded}
        lines = comparison_lines(before, now, self.group.journal, outcome.graded, written=written)
        print("\n".join(["", *lines]))


def chosen_kind(args: argparse.Namespace) -> str:
    """The kind of sandbox to use; raises `ValueError`, with what mends it, where none works."""
    if args.unsandboxed:
        return "none"
    wanted = args.sandbox or os.environ.get("COURSE_SANDBOX", "")
    if wanted == "none" or (wanted and wanted not in KINDS):
        kinds = [kind for kind in KINDS if kind != "none"]
        raise mismatch("", "sandbox", f"one of {', '.join(kinds)}", shown(wanted), BARE)
    if args.scheduler:
        return wanted or "bubblewrap"  # the workers' computers are others
    attempts = [attempt for attempt in try_all() if wanted in ("", attempt.kind)]
    if (best := best_kind(attempts)) != "none":
        return best
    whys = "; ".join(f"{attempt.kind}: {attempt.why}" for attempt in attempts)
    fixes = "\n".join(dict.fromkeys(f"  {attempt.fix}" for attempt in attempts if attempt.fix))
    raise mismatch("", "sandbox", "one that works", f"none ({whys})", f"what mends it:\n{fixes}\n{BARE}")


BARE = "--unsandboxed grades without any: students' code can then read and change all of your files"
