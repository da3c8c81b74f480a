"""Runs the training of one notebook in a sandbox, and brings back the labels that it predicts."""

from __future__ import annotations

import asyncio
import copy
import inspect
import os
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
import numpy as np

from data_loaders.looks import printable
from lib.assignments.cells import Notebook, cell_named, grade_id
from lib.assignments.originals import write_files
from lib.grading.challenge import inside
from lib.grading.examination.client import Ended, SandboxClient, call_of
from lib.grading.examination.examination import SHELL, cell_errors, drop_outputs
from lib.grading.intake.folder import open_plain
from lib.grading.sandbox.bubblewrap import DATA
from lib.grading.sandbox.folders import forget_folder, new_folder
from lib.grading.sandbox.room import Limits, Sandbox

SECONDS = 1800.0  # of processor time, as the assignment says
MEMORY = 4 << 30  # bytes
IDLE = 45.0  # seconds of the clock without any processor time, after which a training hangs
PATIENCE = 8.0  # times as long as the processor time it may take by the clock, on a busy computer
LEAST = 60.0  # seconds of the clock

RUN, WRITE = "run", "file-write"  # cells of a4: the one that trains, the one that predicts
BEGIN = "begin"
SHARE = 1 / 3  # of the time, which each other cell may take; one that takes more is left out
LEAVES_OUT, MOST_LEFT_OUT = ("slow", "hangs", "output"), 3
TRAINING = "model = train(learn.images, learn.labels, SEED, validation=validation)"
INSIDE = inspect.getsource(inside)
WORDS = {  # kind of an end → what it means
    "slow": "needs more than {minutes:g} minutes of processor time",
    "hangs": "waits for something that does not come",
    "memory": "needs more than {memory:g} GB of memory",
    "output": "prints without end",
    "disk": "writes more files, or larger ones, than it may",
    "dead": "ended its own process",
}


@dataclass(frozen=True)
class TrainingCode:
    """What a student has handed in.

    notebook: the release with what the student wrote
    modules: Python files beside it; other files, such as weights, stay out
    """

    notebook: Notebook
    modules: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class TrainingRun:
    """What came of running it.

    labels: int64 (N,), in the order of the images; None where there are none
    said: why there are none, in a sentence; else "", or which cells were left out
    seconds: of processor time
    ended: whether the process ended by itself, which can be somebody else's doing
    """

    labels: np.ndarray | None
    said: str = ""
    seconds: float = 0.0
    ended: bool = False


def limits_of_training(seconds: float) -> Limits:
    """What the sandbox allows; its own limits come after those that are told in words.

    seconds: of processor time
    """
    return Limits(
        cpu_seconds=seconds + 30,
        wall_seconds=_clock(seconds) + 60,
        memory=MEMORY,
        file_bytes=100 << 20,
    )


def train_again(
    code: TrainingCode, images: np.ndarray, sandbox: Sandbox, *, classes: int, seconds: float = SECONDS
) -> TrainingRun:
    """Trains as the notebook does, then asks for the labels of images that were not there before.

    images: uint8 (N, C, H, W)
    sandbox: whose room has the training images as its data
    classes: how many there are
    seconds: of processor time, for all together

    Whatever the code does, there is an answer. Raises `RuntimeError` where the sandbox is at fault.
    """
    run = _Run(code, images, sandbox, classes, seconds)
    return asyncio.run(run.outcome())


class _Run:
    """One notebook, in one kernel; in another one where a cell of the student's own had to be left out."""

    def __init__(
        self, code: TrainingCode, images: np.ndarray, sandbox: Sandbox, classes: int, seconds: float
    ):
        self.code, self.images, self.sandbox = code, images, sandbox
        self.classes, self.seconds = classes, seconds
        self.notebook: Notebook = code.notebook
        self.place: dict[str, int] = {}  # grade_id → cell
        self.at: int | str = BEGIN  # what runs: a cell, or one of ours by its name
        self.spent = 0.0
        self.without: dict[int, str] = {}  # cells that were left out, and how they ended

    async def outcome(self) -> TrainingRun:
        asyncio.get_running_loop().set_exception_handler(lambda *_: None)  # of what is no message
        while True:
            base = new_folder()
            try:
                came = await self.attempt(base / "work")
            finally:
                forget_folder(base)
            if came is not None:
                return came

    async def attempt(self, folder: Path) -> TrainingRun | None:
        """What came of a fresh kernel; None where one more is to begin."""
        folder.mkdir()
        write_files(folder, self.code.modules)
        self.notebook = copy.deepcopy(self.code.notebook)
        drop_outputs(self.notebook)
        self.place = {grade_id(cell): at for at, cell in enumerate(self.notebook.cells)}
        file = folder / f"{secrets.token_hex(8)}.labels"
        said = kind = ""
        try:
            said = await self.said_by(folder, file)
        except Ended as end:
            kind = end.kind
        self.spent += self.sandbox.usage().cpu_seconds
        if kind and self.at == BEGIN:
            raise RuntimeError(f"sandbox: expected a place in which a training can run, got its end ({kind})")
        if kind in LEAVES_OUT and isinstance(self.at, int) and len(self.without) < MOST_LEFT_OUT:
            self.without[self.at] = kind
            return None
        if kind:
            who = cell_named(self.notebook, self.at) if isinstance(self.at, int) else self.at
            said = f"{printable(who)} {in_words(kind, self.seconds)}"
        if said:
            return TrainingRun(None, said + self.left_out(), self.spent, kind == "dead")
        try:  # nothing of the student's runs any more
            labels = read_labels(file, len(self.images), self.classes)
        except (OSError, ValueError) as error:
            return TrainingRun(None, f"what predict gave cannot be read: {error}", self.spent)
        return TrainingRun(labels, self.left_out(), self.spent)

    async def said_by(self, folder: Path, file: Path) -> str:
        """Runs all; why there are no labels, or ""."""
        given = file.with_suffix(".npy")
        begin = self.added(call_of(INSIDE, f"give_training_images({DATA!r})", {}))
        arguments = {"images": given.name, "to": file.name}
        predict = self.added(call_of(INSIDE, f"keep_labels({SHELL}.user_ns, images, to)", arguments))
        end = time.monotonic() + _clock(self.seconds)
        self.at = BEGIN
        client = SandboxClient(self.notebook, self.sandbox, folder, self.seconds, end)
        try:
            await client.start()
            await client.run_cell(begin, self.seconds, IDLE, self.seconds)
            if said := self.error(begin):
                raise RuntimeError(f"sandbox: expected a place in which a training can run, got: {said}")
            for at in range(self.place[WRITE]):
                cell = self.notebook.cells[at]
                if at == self.place[RUN]:
                    cell.source = TRAINING
                    if said := await self.step(client, at, "train"):
                        return said
                elif self.is_run(at):
                    self.at = at
                    await client.run_cell(at, SHARE * self.seconds, IDLE, self.seconds)
            _write_images(given, self.images)  # only now, so that nothing could learn from them
            return await self.step(client, predict, "predict")
        finally:
            await client.stop()

    def added(self, source: str) -> int:
        """The place of a cell of ours, behind all others: their numbers stay as students know them."""
        self.notebook.cells.append(nbformat.v4.new_code_cell(source))
        return len(self.notebook.cells) - 1

    def is_run(self, at: int) -> bool:
        """Whether a cell of the notebook is run: what checks is none of it, and takes time."""
        cell = self.notebook.cells[at]
        checks = cell.source.lstrip().startswith("check(")
        return cell.cell_type == "code" and at not in self.without and not checks

    async def step(self, client: SandboxClient, at: int, name: str) -> str:
        """Trains or predicts; what it raised, with the first error before it, or ""."""
        self.at = name
        await client.run_cell(at, self.seconds, IDLE, self.seconds)
        if not (said := self.error(at)):
            return ""
        above = nbformat.v4.new_notebook(cells=self.notebook.cells[: self.place[WRITE]])
        first = next((one.said for one in cell_errors(above, {self.place[RUN]})), "")
        return f"{name} raised {said}" + (f"; before that, {printable(first)}" if first else "")

    def error(self, at: int) -> str:
        """What a cell raised, or ""."""
        alone = nbformat.v4.new_notebook(cells=[self.notebook.cells[at]])
        found = next(cell_errors(alone, ()), None)
        return printable(found.said.partition(" raised ")[2]) if found else ""

    def left_out(self) -> str:
        """What was left out, as the end of a sentence, or ""."""
        return "".join(
            f"; {printable(cell_named(self.notebook, at))} was left out: it "
            f"{in_words(kind, SHARE * self.seconds)}"
            for at, kind in sorted(self.without.items())
        )


def in_words(kind: str, seconds: float) -> str:
    """How something ended.

    kind: as of `Ended`
    seconds: of processor time that it had
    """
    return WORDS[kind].format(minutes=round(seconds / 60, 2), memory=MEMORY / (1 << 30))


def read_labels(path: Path, count: int, classes: int) -> np.ndarray:
    """A file of labels that a student's code may have written, int64 (count,): a byte for each.

    Raises `OSError` where there is no plain file, `ValueError` for another size or a number of no class.
    """
    with open_plain(path) as file:
        content = file.read(count + 1)
    if len(content) != count:
        size = "more" if len(content) > count else str(len(content))
        raise ValueError(f"labels: expected {count}, got {size}")
    labels = np.frombuffer(content, np.uint8).astype(np.int64)
    if labels.max(initial=0) >= classes:
        raise ValueError(f"labels: expected 0 to {classes - 1}, got {labels.max()}")
    return labels


def _write_images(path: Path, images: np.ndarray) -> None:
    """A new file beside the notebook, never through a link, that the student's code can only read."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
    with open(os.open(path, flags, 0o444), "wb") as file:
        np.save(file, images, allow_pickle=False)
    path.chmod(0o444)


def _clock(seconds: float) -> float:
    return max(LEAST, PATIENCE * seconds)
