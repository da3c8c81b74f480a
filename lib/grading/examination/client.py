"""Runs the cells of a notebook in a sandbox's kernel, within limits, and asks the kernel for plain data."""

from __future__ import annotations

import asyncio
import json
import math
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from queue import Empty
from typing import Any

import zmq
from jupyter_client.utils import ensure_async
from nbclient.exceptions import CellExecutionComplete, DeadKernelError

from lib.assignments.cells import Notebook
from lib.assignments.run import CappedClient
from lib.grading.examination.answers import opened_answer
from lib.grading.sandbox.room import Sandbox

LARGEST_MESSAGE = 50_000_000  # bytes; a larger one of a kernel's ends its connection
POURED = 20_000_000  # letters that a cell may print before it is ended: most were dropped long before
LOOK = 0.25  # seconds between two looks at what a kernel takes
DEEPEST = 60  # levels of what a cell shows
GROWS = 0.02  # CPU seconds; a kernel that takes less between two looks waits


class Ended(Exception):
    """The kernel ended, or was ended.

    kind: of a flag: "dead", "slow", "hangs", "memory", "output", "disk"
    """

    def __init__(self, kind: str):
        super().__init__(kind)
        self.kind = kind


class SandboxClient(CappedClient):
    """Runs cells and answers requests in one kernel of a sandbox.

    folder: in which it runs, which it may write
    most: CPU seconds for all that it runs and answers
    end: time of the clock after which what still runs "hangs"
    """

    def __init__(self, notebook: Notebook, sandbox: Sandbox, folder: Path, most: float, end: float):
        super().__init__(
            notebook,
            km=sandbox.kernel(folder),
            resources={"metadata": {"path": str(folder)}},
            allow_errors=True,
            record_timing=False,
            timeout=None,
            shutdown_kernel="immediate",
            raise_on_iopub_timeout=False,
            startup_timeout=120,
        )
        self.log.setLevel("CRITICAL")  # what happens is told by flags
        self.sandbox = sandbox
        self.kind = ""  # of the end, as in `Ended`
        self.end = end
        self.most = most
        self.limit, self.idle = 0.0, 0.0  # CPU seconds of this kernel; seconds without any
        self.cpu, self.grew = 0.0, 0.0  # CPU seconds when they last grew, and when that was
        self.broken: set[int] = set()  # cells whose outputs could not be read
        self.poured = 0  # letters that the cell at hand has printed

    async def start(self) -> None:
        """Starts the kernel."""
        assert self.km is not None
        self.km.context.setsockopt(zmq.MAXMSGSIZE, LARGEST_MESSAGE)
        await self.async_start_new_kernel()
        await self.async_start_new_kernel_client()

    async def stop(self) -> None:
        """Ends the kernel and all that it has started."""
        manager, client = self.km, self.kc
        self.km = self.kc = None
        try:
            if manager is not None:
                await ensure_async(manager.shutdown_kernel(now=True))
        finally:  # or its sockets stay open
            if client is not None:
                client.stop_channels()

    async def run_cell(self, index: int, cpu_seconds: float, idle: float, until: float) -> None:
        """Runs a cell; raises `Ended` where the kernel does not outlive it.

        cpu_seconds: that it may take
        idle: seconds of the clock that it may wait without taking any
        until: CPU seconds of the kernel that it may not go beyond
        """
        self._allow(cpu_seconds, idle, until)
        try:
            await self.async_execute_cell(self.nb.cells[index], index)
        except DeadKernelError:
            raise Ended(self.kind or self._why()) from None
        except Exception:  # what came were no messages of a kernel
            raise Ended("dead") from None

    async def ask(self, expression: str, cpu_seconds: float, idle: float) -> Any:
        """What an expression gives, as `as_text` says it; None for anything else. Raises `Ended`."""
        return (await self.ask_each([expression], cpu_seconds, idle))[0]

    async def ask_each(self, expressions: Sequence[str], cpu_seconds: float, idle: float) -> list[Any]:
        """What each of some expressions gives, one after the other, as `ask` says it. Raises `Ended`."""
        self._allow(cpu_seconds, idle)
        assert self.kc is not None
        named = {f"answer_{place}": expression for place, expression in enumerate(expressions)}
        asked = self.kc.execute("", silent=True, user_expressions=named, allow_stdin=False)
        try:
            while True:
                try:
                    message = await ensure_async(self.kc.shell_channel.get_msg(timeout=LOOK))
                except Empty:
                    if not await self._goes_on():
                        raise Ended(self.kind) from None
                    continue
                if message["parent_header"].get("msg_id") == asked:
                    break
            await self._drain()
            replies = message["content"].get("user_expressions")
        except Ended:
            raise
        except Exception:  # what came were no messages of a kernel
            raise Ended("dead") from None
        found = replies if isinstance(replies, Mapping) else {}
        return [opened_answer(found.get(name)) for name in named]

    async def _drain(self) -> None:
        """Forgets what was printed meanwhile."""
        assert self.kc is not None
        while await ensure_async(self.kc.iopub_channel.msg_ready()):
            await ensure_async(self.kc.iopub_channel.get_msg(timeout=0))

    def _allow(self, cpu_seconds: float, idle: float, until: float = math.inf) -> None:
        self.cpu, self.grew = self.sandbox.usage().cpu_seconds, time.monotonic()
        self.limit, self.idle = min(self.cpu + cpu_seconds, until, self.most), idle
        self.poured = 0

    async def _goes_on(self) -> bool:
        """Whether the kernel lives and is within its limits; else it is ended, and `kind` says why."""
        if self.km is None:  # it was stopped meanwhile
            return False
        cpu, now = self.sandbox.usage().cpu_seconds, time.monotonic()
        if cpu > self.cpu + GROWS:
            self.cpu, self.grew = cpu, now
        if not await ensure_async(self.km.is_alive()):
            self.kind = self._why()
        elif cpu > self.limit:
            self.kind = "slow"
        elif self.poured > POURED:
            self.kind = "output"
        elif now > min(self.end, self.grew + self.idle):
            self.kind = "hangs"
        else:
            return True
        return False

    def _why(self) -> str:
        """Why the kernel ended by itself."""
        return {"cpu": "slow", "memory": "memory", "disk": "disk"}.get(self.sandbox.usage().ended, "dead")

    async def _async_poll_kernel_alive(self) -> None:
        await asyncio.sleep(LOOK)  # most cells need no look
        while await self._goes_on():
            await asyncio.sleep(LOOK)
        assert self.task_poll_for_reply is not None
        self.task_poll_for_reply.cancel()

    def process_message(self, msg: dict[str, Any], cell: Any, cell_index: int) -> Any:
        """Takes in what a kernel says; what cannot be read is dropped."""
        try:
            if is_deep(msg["content"]):
                raise ValueError
            return super().process_message(msg, cell, cell_index)
        except CellExecutionComplete:
            raise
        except Exception:  # whatever it was, only this message is lost
            self.broken.add(cell_index)
            return None

    def output(self, outs: list[Any], msg: dict[str, Any], display_id: str | None, cell_index: int) -> Any:
        if msg["msg_type"] == "stream":  # nbgrader gives 0 for a word on stderr
            msg["content"] = {**msg["content"], "name": "stdout"}
            self.poured += len(msg["content"]["text"])
        return super().output(outs, msg, display_id, cell_index)

    def handle_comm_msg(self, outs: list[Any], msg: dict[str, Any], cell_index: int) -> None:
        """Widgets have nobody to talk to."""


def is_deep(thing: Any, levels: int = DEEPEST) -> bool:
    """Whether lists and dictionaries are nested more deeply than what is read here can be."""
    inside = thing.values() if isinstance(thing, dict) else thing if isinstance(thing, list) else ()
    return levels == 0 or any(is_deep(part, levels - 1) for part in inside)


def call_of(source: str, call: str, arguments: Mapping[str, Any]) -> str:
    """An expression that runs a text of Python in a scope of its own, then calls something in it.

    call: an expression, in which the names of the text and of the arguments are known
    arguments: words, numbers and lists of them
    """
    scope = f"{{**{json.dumps(arguments)}}}"
    return (
        "(lambda scope: (__import__('builtins').exec("
        f"{source!r}, scope), __import__('builtins').eval({call!r}, scope))[1])({scope})"
    )
