"""The steps of grading a submission of an assignment: intake, examination, judging."""

from __future__ import annotations

import hashlib
import json
import platform
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path

import nbformat

from lib.assignments.cells import read_notebook
from lib.assignments.places import ROOT, SOURCES
from lib.grading.coordinator import Submission
from lib.grading.examination.examination import Examined, examine
from lib.grading.examination.job import Allowance, Job, job_for, marked_cells, stand_ins
from lib.grading.examination.judging import judge_all
from lib.grading.examination.known import KnownValues
from lib.grading.examination.sandbox_room import data_for, room_of
from lib.grading.feedback.inert import inert_notebook
from lib.grading.intake.take_in import take_in
from lib.grading.results import Flag, Result
from lib.grading.sandbox.room import Limits, Room, Sandbox
from lib.grading.sandbox.start import open_sandbox
from lib.grading.scheduled import Scheduled, pack_room
from lib.grading.steps import Steps
from lib.grading.submissions.kept import late_flag

NOTHING = ("missing", "unreadable")  # flags of a submission in which nothing can be run
BY_OTHERS = ("dead", "memory")  # flags that a computer with too little memory can be the reason of
MATTER = ("numpy", "ipykernel", "ipython")  # packages whose versions the canary looks at


@dataclass(frozen=True)
class Prepared:
    """A submission that was taken in.

    nothing: True where there is nothing to run
    """

    job: Job
    flags: tuple[Flag, ...]
    nothing: bool


class Examination(Steps):
    """The steps for one assignment.

    assignment: in full
    root: of the instructors' copy of the course
    kind: of the sandboxes
    secret: from which the hidden cases follow; it stays here
    allowance: of a submission
    """

    allowance = Allowance()

    def __init__(
        self,
        assignment: str,
        root: Path,
        kind: str,
        limits: Limits,
        secret: bytes,
        allowance: Allowance | None = None,
    ):
        self.assignment, self.root, self.kind, self.limits = assignment, root, kind, limits
        self.secret, self.allowance = secret, allowance or Allowance()
        source = root / SOURCES / assignment / f"{assignment}.ipynb"
        self.cells = marked_cells(read_notebook(source.read_bytes(), source.name))
        self.room: Room = room_of(assignment, root=root)
        self.known = KnownValues(secret)
        self.known.prepare(cell.task for cell in self.cells)
        stand_ins(self.cells)

    def prepare(self, student: str, folder: Path) -> Prepared:
        intake = take_in(self.assignment, folder, self.root)
        notebook = nbformat.writes(intake.notebook, version=4).encode("utf-8")
        job = job_for(self.assignment, notebook, self.cells, self.secret, intake.files, self.allowance)
        flags = (*intake.flags, *late_flag(folder))
        return Prepared(job, flags, any(flag.kind in NOTHING for flag in intake.flags))

    def open_sandbox(self) -> Sandbox:
        return open_sandbox(self.kind, self.room, self.limits)

    def examine(self, job: Prepared, sandbox: Sandbox) -> Examined:
        return examine_prepared(job, sandbox)

    def ended(self, examined: Examined) -> bool:
        return any(flag.kind in BY_OTHERS for flag in examined.flags)

    def judge(self, student: str, key: str, job: Prepared, examined: Examined) -> tuple[Result, bytes]:
        examined = replace(examined, sandbox=self.kind)
        result = judge_all(job.job, examined, self.known, student, key, job.flags)
        return result, inert_notebook(examined.notebook)  # instructors' browsers show it

    def fingerprint(self) -> str:
        room = [self.room.course.name, self.room.hidden, self.room.preload]
        versions = [platform.platform(), platform.python_version(), *map(version, MATTER)]
        return hashlib.sha256(json.dumps([self.kind, room, versions]).encode()).hexdigest()


def examine_prepared(prepared: Prepared, sandbox: Sandbox) -> Examined:
    """Runs a submission; one without anything to run costs nothing."""
    if not prepared.nothing:
        return examine(prepared.job, sandbox)
    missing = {cell.task: cell.names for cell in prepared.job.cells}
    return Examined(prepared.job.notebook, {}, missing)


def open_there(kind: str, room: Room, limits: Limits) -> Sandbox:
    """A sandbox on a worker, which draws the data of the room itself: they are larger than all else."""
    return open_sandbox(kind, replace(room, data=data_for(ROOT, room.course.parent)), limits)


def scheduled(address: str, steps: Examination) -> Scheduled[Submission]:
    """Examines on the workers of a scheduler."""
    digest = hashlib.sha256(repr((steps.room.course.name, steps.room.hidden)).encode()).hexdigest()[:16]
    return Scheduled(
        address,
        pack_room(steps.room, digest),
        steps.kind,
        steps.limits,
        prepare=lambda submission: steps.prepare(submission.student, submission.folder),
        examining=examine_prepared,
        again=steps.ended,
        opening=open_there,
    )
