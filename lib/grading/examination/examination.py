"""Examines one submission: runs its cells, then asks what its answers do; nothing is judged here."""

from __future__ import annotations

import asyncio
import base64
import inspect
import json
import random
import secrets
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
import numpy as np

from lib.assignments.cells import Notebook, cell_named, is_solution, read_notebook
from lib.assignments.originals import write_files
from lib.assignments.run import MOST, MOST_OF_A_CELL, cap_replaced
from lib.grading.examination import examiner, tripwire
from lib.grading.examination.answers import names_of, sentence_of, values_of
from lib.grading.examination.client import Ended, SandboxClient, call_of
from lib.grading.examination.integrity import changed, tampered_sentence
from lib.grading.examination.job import TRAINS, Job, MarkedCell
from lib.grading.results import FLAGS, Flag
from lib.grading.sandbox.privileges import emptied
from lib.grading.sandbox.room import Sandbox
from lib.tasks.check import VISIBLE
from lib.tasks.compare import same_value, value_differences
from lib.tasks.task import find_task
from lib.tasks.values import Plain

SHELL = "__import__('IPython').get_ipython()"
RESTARTS = 3  # of the notebook, each without the cell that ended it
DEATHS_OF_A_TASK = 3  # in its checks one by one; then those that have not answered yet are not asked
DEATHS = 10  # in all checks of a submission
WHOLE = 3.0  # times what one check may take, for all checks of a task
SETUP = 10.0  # CPU seconds of what is asked beside the checks

PlainValues = dict[str, dict[str, Any]]  # name → Plain.to_json()


@dataclass(frozen=True)
class CellError:
    """A cell that raised an error.

    solution: whether students write into this cell; a task without its marks may explain the others
    """

    said: str
    kind: str
    solution: bool


@dataclass(frozen=True)
class Examined:
    """What came out of a submission, plain data that nobody has judged yet.

    notebook: with its outputs
    answers: task → counted seed → check → name → Plain.to_json()
    missing: task → names that the notebook does not define
    refused: task → why nothing of it counts
    errors: of cells
    flags: all others
    phases: CPU seconds in the kernels: "start", "cells", "checks"
    """

    notebook: bytes
    answers: Mapping[str, Mapping[int, Mapping[str, PlainValues]]]
    missing: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)
    errors: tuple[CellError, ...] = ()
    flags: tuple[Flag, ...] = ()
    sandbox: str = ""
    cpu_seconds: float = 0.0
    wall_seconds: float = 0.0
    memory: int = 0
    phases: Mapping[str, float] = field(default_factory=dict)


def examine(job: Job, sandbox: Sandbox) -> Examined:
    """Runs a submission in a sandbox; whatever it does, there is a result.

    Raises `RuntimeError` where no kernel starts, which is nobody's fault but the sandbox's.
    """
    begun = time.monotonic()
    one = _Examination(job, sandbox)
    asyncio.run(one.run())
    return one.result(time.monotonic() - begun)


@dataclass
class _Asked:
    """What is known of a marked cell's task.

    checks: that are still asked for
    alone: whether they are asked for one by one, since they once ended the kernel together
    out: check → why it is asked for no more
    """

    cell: MarkedCell
    checks: list[str]
    alone: bool = False
    deaths: int = 0
    out: dict[str, str] = field(default_factory=dict)
    answers: dict[int, dict[str, PlainValues]] = field(default_factory=lambda: defaultdict(dict))


class _Examination:
    def __init__(self, job: Job, sandbox: Sandbox):
        self.job, self.sandbox = job, sandbox
        self.notebook: Notebook = read_notebook(job.notebook, job.assignment)
        self.client: SandboxClient | None = None
        self.folder: Path | None = None
        self.without: set[int] = set()  # cells that ended a kernel
        self.upto = len(self.notebook.cells)
        self.at = 0
        self.before: Any = None  # what the tripwire saw before the first cell
        self.course, self.key = "", ""
        self.tampered: list[str] = []
        self.flags: dict[Flag, None] = {}
        self.missing: dict[str, tuple[str, ...]] = {}
        self.refused: dict[str, str] = {}
        self.phases = dict.fromkeys(("start", "cells", "checks"), 0.0)
        self.counted = self.memory = 0.0
        self.deaths = 0
        tasks = {cell.task: find_task(cell.task) for cell in job.cells}
        self.tasks = tasks
        self.asked = [_Asked(cell, [check.name for check in tasks[cell.task].checks]) for cell in job.cells]

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda *_: None)  # of what is no message: flags tell of it
        drop_outputs(self.notebook)
        try:
            await self.run_cells()
            await self.ask_all()
            await self.look_again()
        except Ended as end:  # beside all checks, or too often
            self.flag(end.kind, "the kernel ended again and again; the checks that were left were not run")
        finally:
            await self.stop()
            cap_replaced(self.notebook)

    # The cells.

    async def run_cells(self) -> None:
        """Runs all cells, in a fresh kernel without those that have ended one before."""
        for attempt in range(RESTARTS + 1):
            if attempt == RESTARTS:
                self.upto = min(self.without)  # all before it ran well
            try:
                await self.fresh()
                return
            except Ended as end:
                self.spent("cells")
                self.without.add(self.at)
                self.cell_ended(end)

    def cell_ended(self, end: Ended) -> None:
        said = f"{cell_named(self.notebook, self.at)} was left out: {FLAGS[end.kind]}"
        self.flag(end.kind, said)
        error = nbformat.v4.new_output("error", ename=end.kind, evalue=said, traceback=[said])
        self.notebook.cells[self.at].outputs.append(error)

    async def fresh(self) -> None:
        """A fresh kernel in which the cells have run. Raises `Ended`, with `at` saying in which cell."""
        await self.stop()
        self.folder = Path(tempfile.mkdtemp(prefix="course-grading-")).resolve()
        write_files(self.folder, self.job.files)
        self.client = client = SandboxClient(self.notebook, self.sandbox, self.folder)
        await client.start()
        seen = await self.look("as_begun")
        self.before, self.course = seen.get("marks"), str(seen.get("course"))
        self.spent("start")
        start, allowance = self.sandbox.usage().cpu_seconds, self.job.allowance
        for index, cell in enumerate(self.notebook.cells[: self.upto]):
            if cell.cell_type == "code" and index not in self.without:
                self.at = index
                left = allowance.notebook - (self.sandbox.usage().cpu_seconds - start)
                await client.run_cell(index, min(allowance.cell, left), allowance.patience)
        self.outputs_dropped(client)
        self.spent("cells")
        seen = await self.look()
        self.tampered += changed(self.before, seen.get("marks"))
        self.key = f"_{secrets.token_hex(8)}"
        arguments = {"key": self.key, "course": self.course}
        call = f"keep_examiner({SHELL}, key, course)"
        await self.client.ask(call_of(EXAMINER, call, arguments), SETUP, self.job.allowance.patience)

    async def stop(self) -> None:
        """Ends the kernel, and takes away its folder."""
        if self.client:
            usage = self.sandbox.usage()
            self.memory = max(self.memory, usage.memory)
            await self.client.stop()
            self.counted, self.client = 0.0, None
        if self.folder:
            emptied(self.folder)
            self.folder = None

    def outputs_dropped(self, client: SandboxClient) -> None:
        large = [index for index, used in client.used.items() if used > MOST_OF_A_CELL]
        if large or sum(client.used.values()) > MOST:
            where = cell_named(self.notebook, large[0]) if large else "the notebook"
            self.flag("output", f"{where} printed or showed too much: the rest was dropped")

    # The checks.

    async def look(self, function: str = "as_seen") -> Mapping[str, Any]:
        """What the tripwire sees."""
        assert self.client is not None
        call = call_of(TRIPWIRE, f"{function}({SHELL})", {})
        seen = await self.client.ask(call, SETUP, self.job.allowance.patience)
        return seen if isinstance(seen, dict) else {}

    async def look_again(self) -> None:
        self.tampered += changed(self.before, (await self.look()).get("marks"))

    async def ask_all(self) -> None:
        """Every task with each of its seeds, decoys among them, twice, in an order that nobody foresees."""
        order = random.Random(repr(sorted(self.job.seeds.items())))  # follows from the secret
        mended = [one for one in self.asked if one.cell.mended]
        for group in ([one for one in self.asked if not one.cell.mended], mended):
            plan = [
                (one, seed)
                for one in group
                for seeds in self.job.seeds[one.cell.task]
                for seed in seeds
                for _ in range(1 if one.cell.task in TRAINS and seed != seeds[0] else 2)
            ]
            order.shuffle(plan)
            stand_ins = {one.cell.cell: await self.stand_ins(one.cell) for one in group}
            for one, seed in plan:
                await self.ask(one, seed, stand_ins[one.cell.cell])
        self.spent("checks")

    async def ask(self, one: _Asked, seed: int, stand_ins: Mapping[str, Any]) -> None:
        """The checks of a task that are still asked for, with one seed."""
        if one.cell.task in self.missing:
            return
        groups = [[name] for name in one.checks] if one.alone else [list(one.checks)]
        while groups:
            checks = [name for name in groups.pop(0) if name in one.checks]
            if not checks:
                continue
            try:
                reply = await self.request(one.cell.task, one.cell.names, seed, checks, stand_ins)
            except Ended as end:
                self.spent("checks")
                if one.alone:
                    one.checks.remove(checks[0])
                    one.out[checks[0]] = end.kind
                    one.deaths += 1
                    if one.deaths >= DEATHS_OF_A_TASK:
                        answered = {name for values in one.answers.values() for name in values}
                        one.out |= {name: end.kind for name in one.checks if name not in answered}
                        one.checks = [name for name in one.checks if name in answered]
                    self.flag(end.kind, f"{one.cell.task}: in a check: {FLAGS[end.kind]}")
                else:
                    one.alone = True
                    groups = [[name] for name in checks]
                self.deaths += 1
                if self.deaths > DEATHS:
                    raise
                await self.fresh()
                continue
            self.keep(one, seed, checks, reply)

    async def request(
        self,
        task: str,
        names: Sequence[str],
        seed: int,
        checks: Sequence[str],
        stand_ins: Mapping[str, Any] | None = None,
    ) -> Any:
        assert self.client is not None
        allowance = self.job.allowance
        content = {
            "task": task, "names": names, "seed": seed, "checks": checks, "seconds": allowance.check,
            "wall_seconds": allowance.check * allowance.patience, "stand_ins": stand_ins or {},
        }  # fmt: skip
        text = base64.b64encode(json.dumps(content).encode()).decode()
        call = f"{SHELL}.kernel.__dict__[{self.key!r}].served({text!r})"
        return await self.client.ask(call, WHOLE * allowance.check, allowance.patience)

    async def stand_ins(self, cell: MarkedCell) -> dict[str, Any]:
        """Right answers in the place of those that fail the visible checks of their own task."""
        found = {}
        for name in cell.mended:
            stand_in = self.job.stand_ins[name]
            task = find_task(stand_in.task)
            checks = [check.name for check in task.checks]
            try:
                reply = await self.request(stand_in.task, [name], VISIBLE, checks)
            except Ended:
                reply = None
                await self.fresh()
            values = _values_in(reply, checks)
            expected, got = _trace(stand_in.values), _trace({c: v for c, v in values.items() if v})
            refused = isinstance(reply, dict) and bool(reply.get("refused"))
            if refused or any(value_differences(task, expected, got)):
                found[name] = (stand_in.task, stand_in.source)
        return found

    def keep(self, one: _Asked, seed: int, checks: Sequence[str], reply: Any) -> None:
        """What came, where it is plain data; and where it is not what came before, that."""
        task, content = one.cell.task, reply if isinstance(reply, dict) else {}
        if missing := names_of(content.get("missing"), one.cell.names):
            self.missing[task] = missing
            return
        if refused := sentence_of(content.get("refused"), f"{task}: "):
            self.refused[task] = refused
        values = _values_in(content, checks)
        slow = content.get("slow")
        for name in checks:
            if isinstance(slow, dict) and name in slow:
                one.checks.remove(name)
                one.out[name] = kind = "hangs" if slow[name] == "Waits" else "slow"
                self.flag(kind, f"{task}: in a check: {FLAGS[kind]}")
        for name in (name for name in checks if name not in one.out):
            found, before = values[name], one.answers[seed].get(name)
            if found is None:
                one.answers[seed][name] = _said("NoValue", "no plain values came")
                self.flag("error", f"{task}: no plain values came from a check")
            elif before is None:
                one.answers[seed][name] = found
            elif not self.alike(task, name, before, found):
                one.answers[seed][name] = _said("Unsteady", "the same call gave two different answers")
                self.flag("unsteady", f"{task}: {FLAGS['unsteady']}")

    def alike(self, task: str, check: str, one: PlainValues, other: PlainValues) -> bool:
        """Whether two answers to the same request are the same, but for rounding."""
        within = next(c.within for c in self.tasks[task].checks if c.name == check)
        if one.keys() != other.keys():
            return False
        return one == other or all(
            same_value(Plain.from_json(one[name]), Plain.from_json(other[name]), within) for name in one
        )

    def answers(self, one: _Asked) -> dict[int, dict[str, PlainValues]]:
        """Of the counted seeds; checks that were given up say why."""
        found = {}
        for seed in self.job.seeds[one.cell.task][0]:
            found[seed] = dict(one.answers.get(seed, {}))
            for name, kind in one.out.items():
                found[seed][name] = _said("OutOfTime" if kind in ("slow", "hangs") else "Ended", FLAGS[kind])
        return found

    # What it all gave.

    def flag(self, kind: str, said: str) -> None:
        self.flags[Flag(kind, said)] = None

    def spent(self, phase: str) -> None:
        """What the kernel has taken since the last time counts for a phase."""
        now = self.sandbox.usage().cpu_seconds
        self.phases[phase] += max(0.0, now - self.counted)
        self.counted = now

    def result(self, wall_seconds: float) -> Examined:
        if self.tampered:
            self.flag("tampered", tampered_sentence(list(dict.fromkeys(self.tampered))))
        return Examined(
            nbformat.writes(self.notebook, version=4).encode("utf-8"),
            {one.cell.task: self.answers(one) for one in self.asked},
            self.missing,
            self.refused,
            tuple(cell_errors(self.notebook, self.without)),
            tuple(self.flags),
            self.sandbox.kind,
            sum(self.phases.values()),
            wall_seconds,
            int(self.memory),
            self.phases,
        )


def drop_outputs(notebook: Notebook) -> None:
    """As before the first run."""
    notebook.metadata.pop("widgets", None)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None


def cell_errors(notebook: Notebook, without: set[int]) -> Iterator[CellError]:
    """The cells that raised an error, but for those that have a flag of their own."""
    for index, cell in enumerate(notebook.cells):
        for output in cell.get("outputs", ()):
            if output.output_type == "error" and index not in without:
                said = " ".join(f"{output.ename}: {output.evalue}".split())[:200]
                yield CellError(
                    f"{cell_named(notebook, index)} raised {said}", output.ename, is_solution(cell)
                )


def _values_in(reply: Any, checks: Sequence[str]) -> dict[str, PlainValues | None]:
    content = reply.get("values") if isinstance(reply, dict) else None
    return {name: values_of(content.get(name)) if isinstance(content, dict) else None for name in checks}


def _trace(values: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Plain]]:
    return {c: {n: Plain.from_json(v) for n, v in found.items()} for c, found in values.items()}


def _said(kind: str, words: str) -> PlainValues:
    return {"error": Plain("error", kind, np.array(words)).to_json()}


EXAMINER, TRIPWIRE = inspect.getsource(examiner), inspect.getsource(tripwire)
