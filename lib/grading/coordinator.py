"""Grades a class: what is new or changed, some at a time, and nothing that is done is lost."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

from lib.assignments.places import short_name
from lib.checks import mismatch, shown
from lib.files import replacing_bytes
from lib.grading.examination.job import Allowance
from lib.grading.gradebook.recorder import result_digest
from lib.grading.journal import (
    SUBMISSION,
    Journal,
    Parts,
    common_parts,
    journal_file,
    key_of,
    submission_digest,
)
from lib.grading.limits import limits_matter, limits_of
from lib.grading.places import SUBMITTED, graded_notebook, result_file, submission_folder
from lib.grading.pool import SandboxPool
from lib.grading.progress import ClassProgress
from lib.grading.regrade import former_place, results_in
from lib.grading.results import Result, load_result, save_result
from lib.grading.sandbox.room import Limits, Sandbox
from lib.grading.steps import Recording, Steps

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)  # the same for every submission that follows
PATIENCE = 8  # times the wall seconds of a kernel: a submission may need several
INTERRUPTED = "it was interrupted"


@dataclass
class Outcome:
    """What became of a class.

    results: student → the result that counts now
    graded: student → what the marks depend on, of those that were graded in this run
    failed: student → why there is no new result; a former one stays
    unrecorded: why results are not in the gradebook yet; "" where they are
    stopped: why it ended before its end; "" where it did not
    """

    results: dict[str, Result] = field(default_factory=dict)
    graded: dict[str, Parts] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    unrecorded: str = ""
    stopped: str = ""

    @property
    def status(self) -> int:
        """For the shell."""
        return int(bool(self.failed or self.unrecorded or self.stopped))


@dataclass(frozen=True)
class Submission:
    """What one student has handed in, and what its marks depend on."""

    student: str
    folder: Path
    parts: Parts

    @property
    def key(self) -> str:
        return key_of(self.parts)


class Runner(Protocol):
    """Something that examines many submissions."""

    def run(self, items: Sequence[Submission]) -> Generator[tuple[Submission, Any], None, None]:
        """Each with (job, what came out), or with an error, in the order in which they are done."""


def local_runner(steps: Steps, workers: int, limits: Limits) -> Runner:
    """Threads of this process, each with a sandbox.

    workers: submissions at a time
    """

    def work(submission: Submission, sandbox: Sandbox) -> tuple[Any, Any]:
        job = steps.prepare(submission.student, submission.folder)
        return job, steps.examine(job, sandbox)

    longest = PATIENCE * limits.wall_seconds + 60
    return SandboxPool(steps.open_sandbox, work, workers, lambda made: steps.ended(made[1]), longest=longest)


def students_of(assignment: str, root: Path, only: Sequence[str] = ()) -> list[str]:
    """Who has handed in an assignment, in order; raises `ValueError` for one of `only` who has not."""
    folder = root / SUBMITTED
    there = sorted(
        path.name
        for path in folder.glob("*")
        if not path.name.startswith(".") and (path / assignment).is_dir()
    )
    for student in only:
        if student not in there:
            advice = f"`course submissions list {short_name(assignment)}` shows them"
            expected = f"one with a folder in {SUBMITTED} for {assignment}"
            raise mismatch("", "student", expected, shown(student), advice)
    return [student for student in there if not only or student in only]


class Class:
    """The submissions of one assignment, and their results.

    assignment: in full
    root: of the course
    secret: from which the hidden cases follow
    limits, allowance: of each submission
    """

    def __init__(
        self,
        assignment: str,
        root: Path,
        secret: bytes,
        limits: Limits,
        allowance: Allowance | None = None,
    ):
        self.assignment, self.root, self.limits = assignment, root, limits
        self.allowance = allowance or Allowance()
        self.allowed = limits_of(self.allowance, limits)
        self.common = common_parts(assignment, root, secret)
        self.journal = Journal(journal_file(assignment, root))

    def former(self, student: str) -> Result | None:
        """The result of an earlier run; None where there is none that can be read."""
        try:
            return load_result(result_file(student, self.assignment, self.root))
        except (OSError, ValueError):
            return None

    def submission(self, student: str) -> Submission:
        """What a student has handed in now; raises `OSError` where it cannot be read."""
        folder = submission_folder(student, self.assignment, self.root)
        return Submission(student, folder, {**self.common, SUBMISSION: submission_digest(folder)})

    def notebook(self, student: str) -> bytes:
        """The notebook as it was run; b"" where there is none."""
        try:
            return graded_notebook(student, self.assignment, self.root).read_bytes()
        except OSError:
            return b""

    def keep(self, submission: Submission, result: Result, notebook: bytes) -> None:
        """Writes what was found; the result last, since it says that all is there."""
        self.journal.note(submission.parts)
        path = graded_notebook(submission.student, self.assignment, self.root)
        if notebook:
            with replacing_bytes(path) as file:
                file.write(notebook)
        else:
            path.unlink(missing_ok=True)
        save_result(result_file(submission.student, self.assignment, self.root), result)

    def tidy(self) -> None:
        """Takes out of the journal what no result names any more."""
        folders = (
            result_file("", self.assignment, self.root).parent,
            former_place(self.assignment, self.root),
        )
        files = [file for folder in folders for file in folder.glob("*.json")]
        if len(self.journal.entries) > 2 * len(files) + 100:
            keys = [result.key for folder in folders for result in results_in(folder).values()]
            self.journal.keep_only(keys)


@dataclass
class Plan:
    """What there is to do in a class, and what is known already.

    todo: submissions that are new or changed
    outcome: with the results that count
    """

    group: Class
    todo: list[Submission]
    outcome: Outcome
    record: _Recorder

    def finished(self, *, write: bool = True) -> Outcome:
        """The end of a run: what waits is in the gradebook, as far as it can be."""
        self.record.end()
        if write and not self.outcome.stopped:
            self.group.tidy()
        return self.outcome


def plan_class(
    group: Class,
    students: Sequence[str],
    recording: Recording | None,
    *,
    sandboxed: bool = True,
    force: bool = False,
) -> Plan:
    """Looks at what has been handed in, and hands results to the gradebook that an earlier run left.

    students: who is looked at
    recording: the gradebook; None to leave it as it is
    sandboxed: False where marks that were found without a sandbox count, too
    force: True to grade all of them again
    """
    outcome = Outcome()
    record = _Recorder(recording, outcome)
    todo: list[Submission] = []
    for student in students:
        try:
            submission = group.submission(student)
        except OSError as error:
            outcome.failed[student] = _said(error)
            submission = None
        former = group.former(student)
        if former is not None:
            outcome.results[student] = former
        if submission is not None and (force or not _counts(former, submission, sandboxed, group.allowed)):
            todo.append(submission)
        elif former is not None and not record.has(former):  # an earlier run was ended before
            if former.tasks and not group.notebook(student) and submission is not None:
                todo.append(submission)
            else:
                record.former(former, group)
    return Plan(group, todo, outcome, record)


def grade_class(
    plan: Plan, steps: Steps, runner: Runner, *, write: bool = True, bar: bool = False
) -> Outcome:
    """Grades what there is to do, and records the results.

    write: False to keep results in memory alone
    bar: True to show how far it is

    Ctrl-C, a full disk, a locked gradebook or a scheduler that went away is told in the outcome; what is done
    till then is kept.
    """
    group, outcome, record = plan.group, plan.outcome, plan.record
    with ClassProgress(len(plan.todo), group.assignment, bar) as progress:
        try:
            with closing(runner.run(plan.todo)) as done:  # or threads would go on
                for submission, made in done:
                    result = _finished(group, submission, made, steps, outcome, write, record)
                    if result is None and (former := outcome.results.get(submission.student)):
                        record.former(former, group)
                    progress.step(flagged=bool(result and result.flags), failed=result is None)
                    if outcome.stopped:
                        break
        except KeyboardInterrupt:
            outcome.stopped = INTERRUPTED
        except ConnectionError as error:  # of the runner: nothing more can come
            outcome.stopped = str(error)
    return plan.finished(write=write)


def _counts(
    former: Result | None, submission: Submission, sandboxed: bool, allowed: dict[str, float]
) -> bool:
    """Whether the marks that there are depend on what there is now."""
    if former is None or former.key != submission.key or limits_matter(former, allowed):
        return False
    return former.sandbox != "none" or not sandboxed  # a sandbox that has come is used


def _finished(
    group: Class,
    submission: Submission,
    made: Any,
    steps: Steps,
    outcome: Outcome,
    write: bool,
    record: _Recorder,
) -> Result | None:
    """The result of a submission, written; None where something of ours went wrong."""
    try:
        if isinstance(made, Exception):
            raise made
        result, notebook = steps.judge(submission.student, submission.key, *made)
        result = replace(result, limits=group.allowed)
        if write:
            group.keep(submission, result, notebook)
    except Exception as error:  # whatever it is, the others are graded
        outcome.failed[submission.student] = _said(error)
        if isinstance(error, OSError) and error.errno in FULL and not isinstance(made, Exception):
            outcome.stopped = f"nothing can be written any more ({os.strerror(error.errno)})"
        return None
    outcome.results[submission.student] = result
    outcome.graded[submission.student] = submission.parts
    record(result, notebook)
    return result


class _Recorder:
    """Hands results to the gradebook; from the first error on they wait for the next run."""

    def __init__(self, recording: Recording | None, outcome: Outcome):
        self.recording, self.outcome = recording, outcome
        self.there: dict[str, str] = {}
        self._try(lambda recording: self.there.update(recording.recorded()))

    def has(self, result: Result) -> bool:
        """Whether the gradebook has it already, or is not to be written."""
        return self.recording is None or self.there.get(result.student) == result_digest(result)

    def __call__(self, result: Result, executed: bytes) -> None:
        self._try(lambda recording: recording.record(result, executed))

    def former(self, result: Result, group: Class) -> None:
        """Takes a result of an earlier run, where the gradebook lacks it."""
        if not self.has(result):
            self(result, group.notebook(result.student))

    def end(self) -> None:
        self._try(lambda recording: recording.flush())

    def _try(self, action: Callable[[Recording], None]) -> None:
        if self.recording is None or self.outcome.unrecorded:
            return
        try:
            action(self.recording)
        except Exception as error:
            self.outcome.unrecorded = _said(error)


def _said(error: BaseException) -> str:
    """An error in one line."""
    text = " ".join(str(error).split())
    expected = isinstance(error, (ValueError, OSError, TimeoutError))
    return text if text and expected else f"{type(error).__name__}{f': {text}' if text else ''}"
