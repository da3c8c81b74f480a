"""Grades rows of the bank as a class is graded, and tells what is not as it must be."""

from __future__ import annotations

import ctypes
import json
import os
import socket
import uuid
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from hostile_bank import LEAKED, NOTHING, Row, hand_in
from hostile_course import NAME, ROOT, hostile_course

from lib.assignments.cells import read_notebook
from lib.grading.coordinator import Class, grade_class, local_runner, plan_class
from lib.grading.examination.job import Allowance, marked_cells
from lib.grading.examination.known import KnownValues
from lib.grading.examination.sandbox_room import HIDDEN, course_for, data_for
from lib.grading.examining import Examination
from lib.grading.gradebook.opening import open_gradebook
from lib.grading.gradebook.recorder import Recorder
from lib.grading.results import Result
from lib.grading.sandbox.room import Limits, Room

SECRET = "0123456789abcdef" * 4
LIMITS = Limits(cpu_seconds=60, wall_seconds=180, memory=3 << 30)
QUICK = Allowance(cell=1.2, notebook=2, check=0.6, patience=60, idle=6)  # for what runs into them
USUAL = Allowance(cell=12, notebook=20, check=3, patience=12)
LARGEST = 8_000_000  # bytes of a notebook that is kept
IPC_RMID, IPC_CREAT = 0, 0o1000


class HostileSteps(Examination):
    """The steps of the hostile course, whose library and tasks are those of this one.

    rows: by the student's id
    """

    def __init__(self, root: Path, kind: str, rows: dict[str, Row], cache: Path):
        self.assignment, self.root, self.kind, self.limits = NAME, root, kind, LIMITS
        self.secret, self.rows = SECRET.encode(), rows
        source = root / "solutions" / NAME / f"{NAME}.ipynb"
        self.cells = marked_cells(read_notebook(source.read_bytes(), source.name))
        self.room = Room(course_for("a2", ROOT, cache), data_for(ROOT, cache), HIDDEN)
        self.known = KnownValues(self.secret, cache / "known")
        self.known.prepare(cell.task for cell in self.cells)

    def prepare(self, student, folder):
        prepared = super().prepare(student, folder)
        allowance = QUICK if self.rows[student].slow else USUAL
        return replace(prepared, job=replace(prepared.job, allowance=allowance))


@dataclass
class Graded:
    """A class after grading."""

    root: Path
    results: dict[str, Result]
    failed: dict[str, str]
    again: list[str]  # who is graded when nothing has changed

    def outputs(self, student: str) -> str:
        """What the cells of a notebook have put out, as text."""
        path = self.root / "autograded" / student / NAME / f"{NAME}.ipynb"
        if not path.exists():
            return ""
        cells = json.loads(path.read_bytes())["cells"]
        return "\n".join(json.dumps(cell.get("outputs", [])) for cell in cells)

    def wrong(self, row: Row) -> list[str]:
        """What is not as it must be with a row; nothing where all is well."""
        if row.id not in self.results:
            return [f"no result: {self.failed.get(row.id, 'not graded')}"]
        result, outputs = self.results[row.id], self.outputs(row.id)
        marks, kinds = marks_of(result), kinds_of(result)
        wrong = []
        if not marks_are_right(row, marks, kinds):
            wrong.append(f"the marks are {marks}, expected {row.marks}")
        if lacking := row.flags - kinds:
            wrong.append(f"it lacks the flags {', '.join(sorted(lacking))}")
        if more := kinds - row.flags - row.may:
            said = "; ".join(flag.said for flag in result.flags if flag.kind in more)
            wrong.append(f"it has the flags {', '.join(sorted(more))}: {said}")
        if LEAKED in outputs:
            wrong.append(f"it got at something: …{outputs[outputs.index(LEAKED) - 100 :][:300]}")
        if row.says not in outputs:
            wrong.append(f"its outputs lack “{row.says}”: {outputs[:300]}")
        if len(outputs) > LARGEST:
            wrong.append(f"{len(outputs)} letters of output are kept")
        if after := row.after(self.root):
            wrong.append(after)
        return wrong


def marks_of(result: Result) -> tuple[float, ...]:
    return tuple(task.earned for task in result.tasks)


def kinds_of(result: Result) -> set[str]:
    return {flag.kind for flag in result.flags} - {"unsandboxed"}


def marks_are_right(row: Row, marks: tuple[float, ...], kinds: set[str]) -> bool:
    """One that has tampered, and may be found out, gets nothing at all."""
    if "tampered" in kinds and "tampered" in row.flags | row.may:
        return marks == NOTHING
    return row.marks is None or marks in (row.marks if isinstance(row.marks, list) else [row.marks])


def grade_rows(rows: Sequence[Row], folder: Path, cache: Path, kind: str, workers: int = 3) -> Graded:
    """Hands in the submissions of rows, and grades them as a class.

    folder: new; of the course
    cache: of what is the same in each run
    kind: of sandbox
    """
    root = hostile_course(folder / "course")
    release = (root / "assignments" / NAME / f"{NAME}.ipynb").read_text("utf-8")
    with outside(root) as words:
        for row in rows:
            hand_in(row, root, release, words)
        steps = HostileSteps(root, kind, {row.id: row for row in rows}, cache)
        group = Class(NAME, root, SECRET.encode(), LIMITS)
        with open_gradebook(root) as gradebook:
            students = sorted(steps.rows)
            with Recorder(gradebook, NAME) as recorder:
                first, second = (local_runner(steps, workers, LIMITS) for _ in range(2))
                outcome = grade_class(plan_class(group, students, recorder), steps, first)
                again = grade_class(plan_class(group, students, recorder), steps, second)
        problems = [text for text in (outcome.stopped, outcome.unrecorded) if text]
        failed = outcome.failed | dict.fromkeys(students if problems else [], "; ".join(problems))
        return Graded(root, outcome.results, failed, again.graded)


@contextmanager
def outside(root: Path):
    """What an instructor's computer has, for students to get at; gives the words to fill in."""
    secret = root.parent / "secret"
    secret.write_text(SECRET, "utf-8")
    mark = uuid.uuid4().hex
    (root / "mark").write_text(mark, "utf-8")
    os.environ["HOSTILE_TEST_MARK"] = mark
    libc = ctypes.CDLL(None, use_errno=True)
    key = int(mark[:6], 16) + 1
    memory = libc.shmget(key, 4096, IPC_CREAT | 0o666)
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket(socket.AF_UNIX) as nameless:
        nameless.bind(f"\0hostile-{mark}")
        nameless.listen()
        try:
            yield {
                "ROOT": str(root), "MARK": mark, "REPO": str(ROOT), "SECRET": str(secret),
                "PORT": str(server.getsockname()[1]), "KEY": str(key),
            }  # fmt: skip
        finally:
            libc.shmctl(memory, IPC_RMID, None)
            del os.environ["HOSTILE_TEST_MARK"]
