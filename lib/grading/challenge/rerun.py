"""`course leaderboard rerun`: the handed-in code trains again, and what it predicts is compared."""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from filelock import FileLock, Timeout

from data_loaders import Dataset
from lib.assignments.originals import original_names
from lib.assignments.places import ROOT, find_assignment
from lib.checks import check_number, check_whole, mismatch, shown
from lib.grading.challenge.running import MEMORY, SECONDS, TrainingCode, limits_of_training, train_again
from lib.grading.challenge.training_room import SHORT, training_data, training_room
from lib.grading.challenge.written_labels import written_labels
from lib.grading.intake.take_in import take_in
from lib.grading.journal import submission_digest
from lib.grading.places import submission_folder
from lib.grading.pool import SandboxPool, free_memory
from lib.grading.progress import ClassProgress
from lib.grading.sandbox.attempt import try_bubblewrap, try_container
from lib.grading.sandbox.room import Limits, Room, Sandbox
from lib.grading.sandbox.start import open_sandbox
from lib.grading.submissions.kept import finish_imports, students_with
from lib.grading.tables import USUAL, table_lines
from lib.leaderboard.board.board import Board
from lib.leaderboard.board.records import RerunNote
from lib.leaderboard.competition import Key, digest_of
from lib.leaderboard.scoring import compare_runs
from lib.leaderboard.student_files import read_challenge

STUDENTS = "students"  # in the folder of a competition: what students get
NOTHING = ("missing", "unreadable")  # flags of a submission in which nothing can be run
MODULE, LARGEST = ".py", 1 << 20  # what goes in beside the notebook, and its most bytes: code, no weights
TRIED = {"bubblewrap": try_bubblewrap, "container": try_container}  # kinds of sandboxes, in this order

DIFFERS, NO_LABELS, NO_CODE = "differs", "no predictions", "nothing handed in"
REPRODUCED, NOT_RUN = "agrees", "not run"
NOTHING_CAME = "No predictions"  # a report begins so where there is nothing to compare


@dataclass(frozen=True)
class RerunLine:
    """What there is to say about the re-run of one student.

    student: the id
    entry: the number of the entry that counts
    state: "agrees"; "differs", "no predictions" or "nothing handed in", on which a person decides; "not run",
        of which the board knows nothing
    said: a sentence
    seconds: of processor time
    done: False where an earlier run had done it
    decided: whether a person has decided about the entry already
    """

    student: str
    entry: int
    state: str
    said: str
    seconds: float = 0.0
    done: bool = True
    decided: bool = False


@dataclass(frozen=True)
class _Task:
    """The code of one student, and the entry that it has to reach."""

    student: str
    entry: int
    folder: Path
    digest: str


def rerun_challenge(
    board: Board,
    folder: str | Path,
    *,
    students: Sequence[str] = (),
    force: bool = False,
    workers: int = 0,
    seconds: float = SECONDS,
    sandbox: str = "",
    root: Path = ROOT,
    data: Dataset | None = None,
) -> Iterator[RerunLine]:
    """Trains with the code of all who have an entry that counts; notes on the board what came of it.

    board: of the competition
    folder: of the competition; in it students/ holds the challenge's images
    students: ids, names or addresses of those who are looked at; none for all
    force: True to run again what has not changed; what a person decided about it goes
    workers: trainings at a time; 0 for as many as this computer has cores and room for
    seconds: of processor time that a training may take
    sandbox: "bubblewrap" or "container"; "" for the first that works
    root: of the course, where the submissions are
    data: whose training images are used; None for those of the data set that the key names

    Gives a line for each, in the order in which they are done. What is noted stays noted, whenever this is
    ended; a next time goes on from there. Raises `ValueError` where no sandbox works, and where the images
    are those of another key, `BlockingIOError` where another re-run is at work.
    """
    seconds = check_number(seconds, name="seconds", low=1)
    workers = check_whole(workers, name="workers") or _usual_workers()
    folder = Path(folder).expanduser()
    images = _images_of(board.key, folder / STUDENTS)
    finish_imports(root)
    settled, todo = _plan(board, students, force, root)
    _note_missing_code(board, settled)
    if not todo:
        return iter(settled)
    kind = sandbox_for_training(sandbox)
    room = training_room(data or training_data(board.key), root)
    again = _Rerunning(board, images, root, seconds, kind, room)
    return _all_lines(folder, again, settled, todo, workers)


def rerun_table(lines: Sequence[RerunLine], width: int = USUAL) -> list[str]:
    """A table for the terminal: a student a line, in order, and what is to be done next.

    width: letters in a line
    """
    rows = [["student", "entry", "state", "min", "report"]]
    for line in sorted(lines, key=lambda line: line.student.casefold()):
        minutes = f"{line.seconds / 60:.1f}" if line.seconds else ""
        state = f"{line.state}, decided" if line.decided else line.state
        rows.append([line.student, str(line.entry), state, minutes, line.said])
    table = table_lines(rows, width, (1, 3))
    states = [line.state for line in lines]
    count = {state: states.count(state) for state in dict.fromkeys(states)}
    known = sum(not line.done and line.state in (REPRODUCED, DIFFERS, NO_LABELS) for line in lines)
    told = [f"{number} {state}" for state, number in count.items()]
    table += ["", f"{', '.join(told) or 'nobody has an entry'}; {known} known from before"]
    open_states = [line.state for line in lines if not line.decided]
    if waiting := open_states.count(DIFFERS) + open_states.count(NO_LABELS):
        who = "1 student waits" if waiting == 1 else f"{waiting} students wait"
        table.append(f"{who} for a person, who decides on the page /staff of the site")
    if missing := open_states.count(NO_CODE):
        who = "1 student has" if missing == 1 else f"{missing} students have"
        until = "no marks until there is some, or a person decides"
        table.append(f"{who} an entry that counts, and no code that could run again: {until}")
    return table


def sandbox_for_training(wanted: str = "") -> str:
    """The kind of sandbox in which a training runs.

    wanted: "bubblewrap" or "container"; "" for what COURSE_SANDBOX says, else for the first that works

    Raises `ValueError`, with what mends it, where none works: students' code runs nowhere else.
    """
    name = wanted or os.environ.get("COURSE_SANDBOX", "")
    name = "bubblewrap" if name == "template" else name  # which stands on it
    if name and name not in TRIED:
        raise mismatch("", "sandbox", f"one of {', '.join(TRIED)}", shown(name))
    attempts = [trial() for kind, trial in TRIED.items() if name in ("", kind)]
    for attempt in attempts:
        if attempt.works:
            return attempt.kind
    whys = "; ".join(f"{attempt.kind}: {attempt.why}" for attempt in attempts)
    fixes = "\n".join(f"  {attempt.fix}" for attempt in attempts if attempt.fix)
    raise mismatch("", "sandbox", "one that works", f"none ({whys})", f"what mends it:\n{fixes}")


def _plan(
    board: Board, students: Sequence[str], force: bool, root: Path
) -> tuple[list[RerunLine], list[_Task]]:
    """What is known already, and what there is to do."""
    assignment = find_assignment(SHORT, original_names(root))
    counting, former = board.entries.all_counting(), board.verdicts.reruns()
    decisions = board.verdicts.decisions()
    wanted = {board.people.find(name).number for name in students}
    spelt = {student.casefold(): student for student in students_with(assignment, root)}
    settled, todo = [], []
    for person in board.people.all():
        entry = counting.get(person.number)
        if entry is None or (students and person.number not in wanted):
            continue
        if person.student.casefold() not in spelt:
            advice = f"`course submissions import {SHORT} FOLDER_OR_ZIP` takes it in"
            said = f"there is no submission of {SHORT}: {advice}"
            decided = entry.number in decisions
            settled.append(
                RerunLine(person.student, entry.number, NO_CODE, said, done=False, decided=decided)
            )
            continue
        place = submission_folder(spelt[person.student.casefold()], assignment, root)
        digest, before = submission_digest(place), former.get(entry.number)
        if before is not None and before.code == digest and not force:
            line = _line(person.student, before, done=False)
            settled.append(replace(line, decided=entry.number in decisions))
        else:
            todo.append(_Task(person.student, entry.number, place, digest))
    return settled, todo


def _note_missing_code(board: Board, lines: Sequence[RerunLine]) -> None:
    """Lets a person decide about entries without code, on the page of staff; code that comes later is run."""
    known = board.verdicts.reruns()
    for line in lines:
        if line.state == NO_CODE and line.entry not in known and not line.decided:
            report = f"{NOTHING_CAME}: no code was handed in"
            board.verdicts.note_rerun(RerunNote(line.entry, board.clock(), False, report, 0.0, ""))


@dataclass(frozen=True)
class _Rerunning:
    """Re-runs for one board."""

    board: Board
    images: np.ndarray
    root: Path
    seconds: float
    kind: str
    room: Room

    @property
    def limits(self) -> Limits:
        return limits_of_training(self.seconds)

    def open(self) -> Sandbox:
        return open_sandbox(self.kind, self.room, self.limits)

    def rerun(self, task: _Task, sandbox: Sandbox) -> tuple[RerunNote, bool]:
        """What came of one, and whether its process ended by itself; in any thread."""
        intake = take_in(SHORT, task.folder, self.root)
        if said := next((flag.said for flag in intake.flags if flag.kind in NOTHING), ""):
            return self.note(task, False, f"{NOTHING_CAME}: {said}", 0.0), False
        modules = {
            path: content
            for path, content in intake.files.items()
            if path.endswith(MODULE) and len(content) <= LARGEST
        }
        key = self.board.key
        order = _order(key, task.entry)
        code, classes = TrainingCode(intake.notebook, modules), len(key.classes)
        came = train_again(code, self.images[order], sandbox, classes=classes, seconds=self.seconds)
        if came.labels is None:
            return self.note(task, False, f"{NOTHING_CAME}: {came.said}", came.seconds), came.ended
        again = np.empty(len(key), np.int64)
        again[order] = came.labels
        compared = compare_runs(self.board.entries.labels_of(task.entry), again, key)
        doubt = written_labels(code)
        report = f"{compared}{came.said}{doubt}"
        return self.note(task, compared.agrees and not doubt, report, came.seconds), False

    def note(self, task: _Task, agrees: bool, report: str, seconds: float) -> RerunNote:
        return RerunNote(task.entry, self.board.clock(), agrees, report, seconds, task.digest)


def _all_lines(
    folder: Path, again: _Rerunning, settled: list[RerunLine], todo: list[_Task], workers: int
) -> Generator[RerunLine, None, None]:
    """First what is known, then each that is done, once the board has it."""
    lock = FileLock(folder / "rerun.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise BlockingIOError(
            "rerun: expected no other re-run of this competition at work, got one; wait until it has ended"
        ) from None
    longest = again.limits.wall_seconds + 120
    pool = SandboxPool(again.open, again.rerun, workers, lambda made: made[1], longest=longest)
    try:
        yield from settled
        with (
            ClassProgress(len(todo), "re-runs", sys.stderr.isatty()) as progress,
            contextlib.closing(pool.run(todo)) as done,  # or threads would go on
        ):
            for task, made in done:
                line = _noted(again.board, task, made)
                progress.step(flagged=line.state in (DIFFERS, NO_LABELS), failed=line.state == NOT_RUN)
                yield line
    finally:
        lock.release()


def _noted(board: Board, task: _Task, made: tuple[RerunNote, bool] | Exception) -> RerunLine:
    """What came of one, once the board has it; where something of ours went wrong, it has nothing."""
    try:
        if isinstance(made, Exception):
            raise made
        board.verdicts.note_rerun(made[0])
    except Exception as error:  # whatever it is, the others run
        return RerunLine(task.student, task.entry, NOT_RUN, " ".join(str(error).split()) or repr(error))
    return _line(task.student, made[0], done=True)


def _line(student: str, rerun: RerunNote, *, done: bool) -> RerunLine:
    differs = NO_LABELS if rerun.report.startswith(NOTHING_CAME) else DIFFERS
    state = REPRODUCED if rerun.agrees else differs
    return RerunLine(student, rerun.entry, state, rerun.report, rerun.seconds, done)


def _order(key: Key, entry: int) -> np.ndarray:
    """The order in which a notebook gets the images, int64 (N,): only who has the key can foresee it.

    So labels that are written down in the code, image by image, are wrong.
    """
    seed = hashlib.sha256(key.labels.tobytes() + key.public.tobytes() + str(entry).encode()).digest()
    return np.random.default_rng(list(seed)).permutation(len(key))


def _images_of(key: Key, folder: Path) -> np.ndarray:
    images = read_challenge(folder)
    if digest_of(images) != key.digest:
        raise mismatch("", "folder", "the images of this competition's key", f"others in {folder}")
    return images


def _usual_workers() -> int:
    """One for every two processors that the system counts: two of them may share a core, and its speed."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(cores // 2, free_memory() // MEMORY))
