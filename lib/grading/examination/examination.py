"""Examines one submission: runs its cells, then asks what its answers do; nothing is judged here."""

from __future__ import annotations

import asyncio
import base64
import copy
import inspect
import json
import random
import secrets
import time
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
import numpy as np

from lib.assignments.cells import Notebook, cell_named, is_solution, read_notebook
from lib.assignments.originals import write_files
from lib.assignments.plain_words import plain_words
from lib.assignments.run import MOST, MOST_OF_A_CELL, cap_replaced
from lib.grading.examination import examiner, tripwire
from lib.grading.examination.answers import changed_names, names_of, refusal_of, signed_answer, values_of
from lib.grading.examination.client import Ended, SandboxClient, call_of
from lib.grading.examination.integrity import (
    WATCHED,
    WATCHERS,
    changed,
    frames_sentence,
    is_more,
    looks_into_frames,
    tampered_sentence,
)
from lib.grading.examination.job import TRAINS, Job, MarkedCell
from lib.grading.examination.later import bound_again, is_own
from lib.grading.results import FLAGS, Flag
from lib.grading.sandbox.folders import forget_folder, new_folder
from lib.grading.sandbox.room import Sandbox
from lib.tasks.check import VISIBLE
from lib.tasks.compare import same_value, value_differences
from lib.tasks.task import find_task
from lib.tasks.values import Plain

SHELL = "__import__('IPython').get_ipython()"
RESTARTS = 4  # of the notebook, each without the cell that ended it; the first may have blamed another
DEATHS = 3  # of a task's in its checks one by one; then those that have not answered yet are not asked
TOGETHER = 32  # requests that travel as one
WHOLE = 3.0  # times what one check may take, for all checks of a task
SETUP = 10.0  # CPU seconds of what is asked beside the checks
PROBE = 3.0  # CPU seconds for an answer to nothing
PROBE_IDLE = 10.0  # seconds of the clock for it
HANGS = 4.0  # times what a kernel may wait, for all checks of a task
BURNT = 1.0  # CPU seconds of requests that travelled together: of more the last one is the reason
AGAIN = "the kernel ended again and again; the checks that were left were not run"

NO_VALUE, UNSTEADY = "no plain values came", "the same call gave two different answers"

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
    early: as `answers`, asked for right below the task; of tasks whose answer a later cell may have changed
    errors: of cells
    flags: all others
    phases: CPU seconds in the kernels: "start", "cells", "checks"
    visible: task → check → name → Plain.to_json() in the visible checks, all that a student is shown
    """

    notebook: bytes
    answers: Mapping[str, Mapping[int, Mapping[str, PlainValues]]]
    missing: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)
    early: Mapping[str, Mapping[int, Mapping[str, PlainValues]]] = field(default_factory=dict)
    errors: tuple[CellError, ...] = ()
    flags: tuple[Flag, ...] = ()
    sandbox: str = ""
    cpu_seconds: float = 0.0
    wall_seconds: float = 0.0
    memory: int = 0
    phases: Mapping[str, float] = field(default_factory=dict)
    visible: Mapping[str, Mapping[str, PlainValues]] = field(default_factory=dict)


def examine(job: Job, sandbox: Sandbox) -> Examined:
    """Runs a submission in a sandbox; whatever it does, there is a result.

    Raises `RuntimeError` where no kernel starts, which is nobody's fault but the sandbox's.
    """
    begun = time.monotonic()
    one = _Examination(job, sandbox)
    asyncio.run(one.run())
    return one.result(time.monotonic() - begun)


@dataclass(eq=False)
class _Asked:
    """What is known of a marked cell's task.

    checks: that are still asked for
    alone: whether they are asked for one by one, since they once ended the kernel together
    spent: CPU seconds, with those of kernels that began anew because of it
    waited: seconds of the clock, in what did not end by itself
    out: check → why it is asked for no more
    missing: names that the notebook does not define
    refused: why nothing of it counts
    """

    cell: MarkedCell
    checks: list[str]
    alone: bool = False
    deaths: int = 0
    spent: float = 0.0
    waited: float = 0.0
    out: dict[str, str] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    refused: str = ""
    answers: dict[int, dict[str, PlainValues]] = field(default_factory=lambda: defaultdict(dict))


class _Examination:
    def __init__(self, job: Job, sandbox: Sandbox):
        self.job, self.sandbox = job, sandbox
        self.notebook: Notebook = read_notebook(job.notebook, job.assignment)
        self.client: SandboxClient | None = None
        self.base: Path | None = None  # of the working folder
        self.begun = time.monotonic()
        self.end = self.begun + job.allowance.patience * job.allowance.notebook  # then what runs "hangs"
        self.without: dict[int, str] = {}  # cells that ended a kernel, and how
        self.upto = len(self.notebook.cells)
        self.at = 0
        self.before: Mapping[str, Any] = {}  # what the tripwire saw before the first cell
        self.course = ""
        self.running: Any = None  # how many threads and processes there were then
        self.tampered: list[str] = []
        self.flags: dict[Flag, None] = {}
        self.phases = dict.fromkeys(("start", "cells", "checks"), 0.0)
        self.counted = self.memory = self.cells_begun = 0.0
        self.together = True
        tasks = {cell.task: find_task(cell.task) for cell in job.cells}
        self.tasks = tasks
        self.asked = [self.to_ask(cell) for cell in job.cells]
        self.early: list[_Asked] = []

    def to_ask(self, cell: MarkedCell) -> _Asked:
        return _Asked(cell, [check.name for check in self.tasks[cell.task].checks])

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda *_: None)  # of what is no message: flags tell of it
        drop_outputs(self.notebook)
        try:
            await self.run_cells()
            self.give_time()
            await self.ask_all(self.asked)
            await self.look_at_the_end()
            await self.ask_early()
        except Ended as end:  # beside all checks, or too often
            self.flag(end.kind, AGAIN)
        finally:
            await self.stop()
            self.tell_of_cells()
            drop_unreadable(self.notebook)
            cap_replaced(self.notebook)

    # The cells.

    async def run_cells(self) -> None:
        """Runs all cells, in a fresh kernel without those that have ended one before.

        A kernel may end, or fall silent, after its reply: then a cell is blamed that only came next. From the
        second attempt on each of a student's cells is followed by a question, so that the one is found.
        """
        for attempt in range(RESTARTS + 1):
            if attempt == RESTARTS:
                self.upto = min(self.without)  # all before it ran well
            try:
                await self.fresh(probing=attempt > 0)
                return
            except Ended as end:
                self.spent("cells")
                if self.is_over() or self.spent_in_all() > self.job.allowance.cells:
                    raise
                if attempt == 1:  # those after it were blamed before there was a probe
                    self.without = {index: kind for index, kind in self.without.items() if index < self.at}
                self.without[self.at] = end.kind

    def give_time(self) -> None:
        """From here on each task has its time by the clock."""
        assert self.client is not None
        self.end = self.client.end = self.begun + self.job.allowance.clock(len(self.job.cells))

    def is_over(self) -> bool:
        """Whether the submission has had all that it may take."""
        return time.monotonic() > self.end or self.left() <= 0

    def left(self) -> float:
        """CPU seconds that are left to the submission."""
        return self.job.allowance.whole(len(self.job.cells)) - self.spent_in_all()

    def spent_in_all(self) -> float:
        """CPU seconds, in all kernels, up to the last time that they were counted."""
        return sum(self.phases.values())

    def tell_of_cells(self) -> None:
        """Flags of cells that ended the kernel, and of what they showed."""
        for index, kind in sorted(self.without.items()):
            said = f"{cell_named(self.notebook, index)} was left out: {FLAGS[kind]}"
            self.flag(kind, said)
            error = nbformat.v4.new_output("error", ename=kind, evalue=said, traceback=[said])
            self.notebook.cells[index].outputs.append(error)

    async def fresh(self, probing: bool = False) -> None:
        """A fresh kernel in which the cells have run. Raises `Ended`, with `at` saying in which cell."""
        await self.begin(self.notebook)
        for index in range(self.upto):
            await self.run_cell(index, probing)
        assert self.client is not None
        self.outputs_dropped(self.client)
        self.spent("cells")
        await self.look_below_the_cells()

    async def begin(self, notebook: Notebook) -> None:
        """A fresh kernel in which nothing has run yet."""
        await self.stop()
        self.at = 0
        if self.is_over():
            raise Ended("slow" if self.left() <= 0 else "hangs")
        self.base = new_folder()
        folder = self.base / "work"
        folder.mkdir()
        write_files(folder, self.job.files)
        self.client = SandboxClient(notebook, self.sandbox, folder, self.left(), self.end)
        await self.client.start()
        seen = await self.look()
        self.before, self.course = seen.get("marks") or {}, str(seen.get("course"))
        self.running = seen.get("running")
        self.spent("start")
        self.cells_begun = self.sandbox.usage().cpu_seconds

    async def run_cell(self, index: int, probing: bool = False) -> None:
        assert self.client is not None
        cell, allowance = self.notebook.cells[index], self.job.allowance
        if cell.cell_type != "code" or index in self.without:
            return
        self.at = index
        until = self.cells_begun + allowance.notebook
        await self.client.run_cell(index, allowance.cell, allowance.idle, until)
        if probing and is_own(cell):
            await self.client.ask("None", PROBE, min(PROBE_IDLE, allowance.idle))

    async def stop(self) -> None:
        """Ends the kernel, and takes away its folder."""
        if self.client:
            usage = self.sandbox.usage()
            self.memory = max(self.memory, usage.memory)
            await self.client.stop()
            self.counted, self.client = 0.0, None
        if self.base:
            forget_folder(self.base)
            self.base = None

    def outputs_dropped(self, client: SandboxClient) -> None:
        large = [index for index, used in client.used.items() if used > MOST_OF_A_CELL]
        if large or sum(client.used.values()) > MOST:
            where = cell_named(self.notebook, large[0]) if large else "the notebook"
            self.flag("output", f"{where} printed or showed too much: the rest was dropped")
        for index in client.broken:
            where = cell_named(self.notebook, index)
            self.flag("output", f"{where} showed something that cannot be read: it was dropped")

    # The checks.

    async def look(self) -> Mapping[str, Any]:
        """What the tripwire sees before the first cell."""
        assert self.client is not None
        call = call_of(TRIPWIRE, f"as_begun({SHELL})", {})
        seen = await self.client.ask(call, SETUP, self.job.allowance.idle)
        return seen if isinstance(seen, dict) else {}

    async def look_below_the_cells(self) -> None:
        """Compares what the tripwire sees before the first check; what watches is switched off."""
        seen = await self.compare("as_left", WATCHED)
        marks = seen.get("marks") or {}
        if is_more(self.running, seen.get("running")):
            self.flag("running", FLAGS["running"])
        if WATCHED in marks and marks[WATCHED] != self.before.get(WATCHED):
            self.before = {**self.before, WATCHED: marks[WATCHED]}
            self.flag("watched", "a profiler or a tracer was set: it was switched off before the checks")

    async def look_again(self) -> None:
        """Compares what the tripwire sees after the checks."""
        await self.compare("as_seen")

    async def compare(self, look: str, but: str = "") -> Mapping[str, Any]:
        """What the tripwire sees now, of which the marks are compared with those before.

        but: that may be another
        """
        assert self.client is not None
        seen = await self.client.ask(
            call_of(TRIPWIRE, f"{look}({SHELL})", {}), SETUP, self.job.allowance.idle
        )
        seen = seen if isinstance(seen, dict) and isinstance(seen.get("marks"), dict) else {}
        self.tampered += [name for name in changed(self.before, seen.get("marks")) if name != but]
        return seen

    async def look_at_the_end(self) -> None:
        """As `look_again`; a kernel that answers all and dies at this look has something to hide."""
        try:
            await self.look_again()
        except Ended as end:
            self.tampered += ["what is looked at, at the end"] if end.kind == "dead" else []
            raise

    async def ask_early(self) -> None:
        """Asks once more, right below the task, where a later cell may have changed what its answer uses.

        That is what students saw. In one more kernel, once through the cells.
        """
        if not (places := bound_again(self.notebook, self.job.cells)):
            return
        try:
            await self.begin(copy.deepcopy(self.notebook))
            for index in range(max(places) + 1):
                if index in places:
                    self.spent("cells")
                    await self.look_below_the_cells()
                    asked = [self.to_ask(cell) for cell in places[index]]
                    await self.ask_all(asked, again=False)
                    await self.look_again()
                    self.early += asked
                await self.run_cell(index)
        except Ended:  # the other answers count
            self.spent("cells")

    async def ask_all(self, asked: Sequence[_Asked], again: bool = True) -> None:
        """Every task with each of its seeds, decoys among them, twice, in an order that nobody foresees.

        again: whether a fresh kernel takes the place of one that a check has ended
        """
        order = random.Random(repr(sorted(self.job.seeds.items())))  # follows from the secret
        mended = [one for one in asked if one.cell.mended]
        for group in ([one for one in asked if not one.cell.mended], mended):
            plan = [
                (one, seed)
                for one in group
                for seeds in self.job.seeds[one.cell.task]
                for seed in seeds
                for _ in range(1 if one.cell.task in TRAINS and seed != seeds[0] else 2)
            ]
            order.shuffle(plan)
            if again:  # first, so that what it says cannot come from a hidden case
                plan = [(one, VISIBLE) for one in group if is_shown(one.cell)] + plan
            stand_ins = {one.cell.cell: await self.stand_ins(one.cell, again) for one in group}
            while plan:
                if not await self.ask_together(plan, stand_ins, again):
                    one, seed = plan.pop(0)
                    await self.ask(one, seed, stand_ins[one.cell.cell], again)
        self.spent("checks")

    async def ask_together(
        self, plan: list[tuple[_Asked, int]], stand_ins: Mapping[str, Mapping[str, Any]], again: bool
    ) -> bool:
        """Asks several at once, and takes out of the plan what was answered; whether anything was.

        Of what ends the kernel, or gives no answer, only asking one by one can tell what it was.
        """
        first = [
            (one, seed) for one, seed in plan[:TOGETHER] if one.checks and not (one.alone or one.missing)
        ]
        if not self.together or len(first) < 2:
            return False
        requests = [
            self.request(one.cell.task, one.cell.names, seed, one.checks, stand_ins[one.cell.cell])
            for one, seed in first
        ]
        asked = [list(one.checks) for one, _ in first]
        self.spent("checks")
        before = self.spent_in_all()
        try:
            replies = await self.replies(requests)
        except Ended:
            self.spent("checks")
            if not again or self.is_over():
                raise
            self.together = False
            await self.fresh()
            return False
        self.together = bool(replies)
        self.spent("checks")
        if replies and (burnt := self.spent_in_all() - before) > BURNT:
            first[min(len(replies), len(first)) - 1][0].spent += burnt
        for pair, checks, reply in zip(first, asked, replies, strict=False):
            plan.remove(pair)
            self.keep(*pair, checks, reply)
        return self.together

    async def ask(self, one: _Asked, seed: int, stand_ins: Mapping[str, Any], again: bool) -> None:
        """The checks of a task that are still asked for, with one seed, as long as it has time left."""
        groups = [[name] for name in one.checks] if one.alone else [list(one.checks)]
        while groups and not one.missing:
            checks = [name for name in groups.pop(0) if name in one.checks]
            if not checks:
                continue
            if kind := self.used_up(one):
                self.give_up(one, kind, one.checks)
                return
            self.spent("checks")
            spent, begun = self.spent_in_all(), time.monotonic()
            try:
                reply = await self.reply(one.cell.task, one.cell.names, seed, checks, stand_ins)
                self.keep(one, seed, checks, reply)
                ended = {one.out[name] for name in checks if name in one.out}
            except Ended as end:
                ended = {end.kind}
                self.spent("checks")
                if not again or self.is_over():
                    raise
                if one.alone:
                    self.give_up(one, end.kind, checks)
                    one.deaths += 1
                    if one.deaths >= DEATHS:
                        answered = {name for values in one.answers.values() for name in values}
                        self.give_up(one, end.kind, [name for name in one.checks if name not in answered])
                else:
                    one.alone = True
                    groups = [[name] for name in checks]
                await self.fresh()
            self.spent("checks")
            one.spent += self.spent_in_all() - spent
            if "hangs" in ended:
                one.waited += time.monotonic() - begun

    def used_up(self, one: _Asked) -> str:
        """Of what a task has had all that it may take, as the kind of a flag; "" where it may be asked."""
        allowance = self.job.allowance
        if one.spent > allowance.task:
            return "slow"
        return "hangs" if one.waited > HANGS * allowance.idle else ""

    def give_up(self, one: _Asked, kind: str, checks: Sequence[str]) -> None:
        """Asks for some checks of a task no more."""
        if checks:
            self.flag(kind, f"{one.cell.task}: in a check: {FLAGS[kind]}")
        one.out |= dict.fromkeys(checks, kind)
        one.checks = [name for name in one.checks if name not in one.out]

    def request(
        self, task: str, names: Sequence[str], seed: int, checks: Sequence[str], stand_ins: Mapping[str, Any]
    ) -> dict[str, Any]:
        """As the examiner takes it."""
        allowance = self.job.allowance
        return {
            "task": task, "names": names, "seed": seed, "checks": list(checks), "seconds": allowance.check,
            "idle_seconds": allowance.idle / 3, "stand_ins": stand_ins,
        }  # fmt: skip

    async def replies(self, requests: Sequence[Mapping[str, Any]]) -> list[Any]:
        """To the first of the requests, or to all; none where what came is no list of them."""
        assert self.client is not None
        key = secrets.token_bytes(32)
        text = base64.b64encode(json.dumps(requests).encode()).decode()
        arguments = {"course": self.course, "key": key.hex(), "requests": text}
        call = call_of(EXAMINER, f"answered({SHELL}, course, key, requests)", arguments)
        allowance = self.job.allowance
        said = await self.client.ask(call, WHOLE * allowance.check, allowance.idle)
        found, is_genuine = signed_answer(said, key)
        if found is not None and not is_genuine:
            self.tampered.append("answers on their way")
        return found if isinstance(found, list) and len(found) <= len(requests) else []

    async def reply(self, *request: Any) -> Any:
        """To one request, whose parts `request` names; None where there is none."""
        return next(iter(await self.replies([self.request(*request)])), None)

    async def stand_ins(self, cell: MarkedCell, again: bool) -> dict[str, Any]:
        """Right answers in the place of those that fail the visible checks of their own task."""
        found = {}
        for name in cell.mended:
            stand_in = self.job.stand_ins[name]
            task = find_task(stand_in.task)
            checks = [check.name for check in task.checks]
            try:
                reply = await self.reply(stand_in.task, [name], VISIBLE, checks, {})
            except Ended:
                if not again:
                    raise
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
        if found := content.get("changed"):
            self.tampered += [f"{name} while it was called" for name in changed_names(found)]
        if missing := names_of(content.get("missing"), one.cell.names):
            one.missing = missing
            return
        if refused := refusal_of(content.get("refused"), task):
            one.refused = refused
        values = _values_in(content, checks)
        slow = content.get("slow")
        for name in checks:
            if isinstance(slow, dict) and name in slow and name in one.checks:
                self.give_up(one, "hangs" if slow[name] == "Waits" else "slow", [name])
        for name in (name for name in checks if name not in one.out):
            found, before = values[name], one.answers[seed].get(name)
            if found is None:
                one.answers[seed][name] = _said("NoValue", NO_VALUE)
                self.flag("error", f"{task}: no plain values came from a check")
            elif before is None:
                one.answers[seed][name] = found
            elif not self.alike(task, name, before, found):
                one.answers[seed][name] = _said("Unsteady", UNSTEADY)
                self.flag("unsteady", f"{task}: {FLAGS['unsteady']}")

    def alike(self, task: str, check: str, one: PlainValues, other: PlainValues) -> bool:
        """Whether two answers to the same request are the same, but for rounding."""
        within = next(c.within for c in self.tasks[task].checks if c.name == check)
        if one.keys() != other.keys():
            return False
        return one == other or all(
            same_value(Plain.from_json(one[name]), Plain.from_json(other[name]), within) for name in one
        )

    def answers(self, one: _Asked, seeds: Sequence[int] = ()) -> dict[int, dict[str, PlainValues]]:
        """Of these seeds, or those that count; checks that were given up say why."""
        found = {}
        for seed in seeds or self.job.seeds[one.cell.task][0]:
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
        sources = [cell.source for cell in self.notebook.cells if is_own(cell)]
        names = list(dict.fromkeys(name for source in sources for name in looks_into_frames(source)))
        if deeper := [name for name in names if name not in WATCHERS]:
            self.flag("tampered", frames_sentence(deeper))
        return Examined(
            nbformat.writes(self.notebook, version=4).encode("utf-8"),
            {one.cell.task: self.answers(one) for one in self.asked},
            {one.cell.task: one.missing for one in self.asked if one.missing},
            {one.cell.task: one.refused for one in self.asked if one.refused},
            {one.cell.task: self.answers(one) for one in self.early if not (one.missing or one.refused)},
            tuple(cell_errors(self.notebook, self.without.keys())),
            tuple(self.flags),
            self.sandbox.kind,
            sum(self.phases.values()),
            wall_seconds,
            int(self.memory),
            self.phases,
            {
                one.cell.task: self.answers(one, [VISIBLE])[VISIBLE]
                for one in self.asked
                if is_shown(one.cell)
            },
        )


def is_shown(cell: MarkedCell) -> bool:
    """Whether a task is asked for its visible checks: not those that stand on right answers, or take long."""
    return not cell.mended and cell.task not in TRAINS


def drop_outputs(notebook: Notebook) -> None:
    """As before the first run."""
    notebook.metadata.pop("widgets", None)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None


def drop_unreadable(notebook: Notebook) -> None:
    """Takes away outputs that cannot be written into a file: half letters, for instance."""
    for cell in notebook.cells:
        if cell.get("outputs"):
            try:
                nbformat.writes(nbformat.v4.new_notebook(cells=[cell]), version=4).encode("utf-8")
            except (ValueError, RecursionError, TypeError):
                cell.outputs = []


def cell_errors(notebook: Notebook, without: Collection[int]) -> Iterator[CellError]:
    """The cells that raised an error, but for those that have a flag of their own."""
    for index, cell in enumerate(notebook.cells):
        for output in cell.get("outputs", ()):
            if output.output_type == "error" and index not in without:
                said = plain_words(" ".join(f"{output.ename}: {output.evalue}"[:1000].split()))[:200]
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
