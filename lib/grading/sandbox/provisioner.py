"""Kernels in bubblewrap, for all that starts kernels through jupyter_client: nbclient, nbgrader, Jupyter."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import socket
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any
from uuid import uuid4

from jupyter_client import AsyncKernelManager
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.provisioning import LocalProvisioner
from traitlets import Dict, List, Unicode

from .bubblewrap import CONNECTION, Place, this_interpreter, write_new
from .folders import forget_folder, new_folder
from .fonts import warm_fonts
from .launch import launch
from .room import Limits, Room, Usage
from .watch import Watcher

CONNECTION_FILE = "kernel.json"  # outside; no sandbox shows it
CHANNELS = ("shell", "iopub", "stdin", "control", "hb")  # in the order in which a kernel takes their sockets
WAITING = 100  # that may connect before the kernel takes them
PROGRAM = "kernel.py"  # what runs inside
KILL, XCPU = 9, 24  # signals, by name only where the system has them


class SandboxedProvisioner(LocalProvisioner):
    """What all kinds of sandboxes share: a new folder for each kernel, its end, and what it took."""

    course = Unicode("", config=True, help="a students' copy of the course")
    data = Unicode("", config=True, help="a folder of data sets; empty for none")
    hidden = List(Unicode(), config=True, help="packages that cannot be imported")
    limits = Dict(config=True, help="those of `Limits` that are not the usual ones")
    work = Unicode("", config=True, help="the working folder; empty for a copy of the one that is asked for")

    watch: Watcher | None = None
    base: Path | None = None
    asked = False  # to end
    said: IO[bytes] | None = None
    last_words = ""  # on its standard error

    @property
    def room(self) -> Room:
        return Room(Path(self.course), Path(self.data) if self.data else None, tuple(self.hidden))

    @property
    def allowed(self) -> Limits:
        return Limits(**self.limits)

    @property
    def place(self) -> Place:
        assert self.base is not None
        return Place(Path(self.work), self.base / "connection")

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Makes the folders: those of the sockets and of the connection file are not for the submission."""
        self._forget()
        self.base = new_folder()
        (self.base / "sockets").mkdir(mode=0o700)
        if not self.work:
            copied = self.base / "work"
            _copy_without_notebooks(Path(kwargs.get("cwd") or os.devnull), copied)
            self.work = str(copied)
        self.asked = False
        manager: Any = self.parent
        if sys.platform != "win32":
            manager.transport, manager.ip = "ipc", str(self.base / "sockets" / "k")
        manager.connection_file = str(self.base / CONNECTION_FILE)
        return await super().pre_launch(**kwargs)

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Starts it; raises `RuntimeError` where the sandbox cannot be made."""
        self.said = tempfile.TemporaryFile()  # noqa: SIM115  (open as long as the kernel runs)
        try:
            self._launch(cmd)
        except BaseException:
            self._forget()
            raise
        assert self.process is not None
        self.pid, self.cwd = self.process.pid, self.work
        return self.connection_info

    def _launch(self, cmd: list[str]) -> None:
        """Sets `process` and, where there is something to watch, `watch`."""
        raise NotImplementedError

    def said_last(self) -> str:
        """The end of what it wrote on its standard error."""
        if self.said is None:
            return ""
        self.said.seek(max(0, self.said.seek(0, os.SEEK_END) - 2000))
        return self.said.read().decode("utf-8", "replace").strip()

    async def poll(self) -> int | None:
        status = await super().poll()
        self._note_end()
        return status

    def _note_end(self) -> None:
        """Where it has ended unasked, says why."""
        status = None if self.process is None or self.asked else self.process.poll()
        if status is not None and self.watch:
            self.watch.ended(self.reason(status, self.watch.usage))

    def reason(self, status: int, usage: Usage) -> str:
        """Why a kernel ended that nobody had asked to."""
        number = status - 128 if status > 128 else -status if status < 0 else 0
        if number == XCPU or (number == KILL and usage.cpu_seconds >= self.allowed.cpu_seconds):
            return "cpu"
        if number == KILL and usage.memory >= 0.9 * self.allowed.memory:
            return "memory"
        return f"signal {number}" if number else f"exit {status}"

    async def wait(self) -> int | None:
        status: int | None = 0
        while self.process and (status := await self.poll()) is None:
            await asyncio.sleep(0.01)
        await self._all_gone()
        self.process = None
        return status

    async def send_signal(self, signum: int) -> None:
        if signum != signal.SIGINT:
            await self.kill()
        # To interrupt, a message is sent: a signal from outside would reach bubblewrap, not the kernel.

    async def kill(self, restart: bool = False) -> None:
        self._end()
        await self._all_gone()

    async def terminate(self, restart: bool = False) -> None:
        await self.kill(restart)

    async def shutdown_requested(self, restart: bool = False) -> None:
        """All marks are taken by now: nothing is gained by its last words."""
        self._end()

    async def cleanup(self, restart: bool = False) -> None:
        self._end()
        await self._all_gone()
        self._forget()

    def _end(self) -> None:
        if self.process is None or self.asked:
            return
        self._note_end()
        self.asked = True
        if self.watch:
            self.watch.look()
            self.watch.kill()
        else:
            self.process.kill()

    async def _all_gone(self) -> None:
        """Waits until all of its processes have ended."""
        for _ in range(500):
            if (self.process is None or self.process.poll() is not None) and (
                self.watch is None or self.watch.gone(0)
            ):
                return
            await asyncio.sleep(0.02)
        raise RuntimeError("sandbox: expected its processes to end, got some that run on after 10 s")

    def usage(self) -> Usage:
        return self.watch.usage if self.watch else Usage()

    def close(self) -> None:
        """Ends it from any thread, and deletes its folders."""
        self._end()
        if self.watch:
            self.watch.close()
        if self.process:
            self.process.wait()
        self._forget()

    def _forget(self) -> None:
        if self.watch:
            self.watch.close()
        if self.base:
            if self.work == str(self.base / "work"):
                self.work = ""
            forget_folder(self.base)
        if self.said:
            self.last_words = self.said_last()
            self.said.close()
        self.base = self.said = None

    def __del__(self) -> None:
        with suppress(Exception):
            self.close()


class BubblewrapProvisioner(SandboxedProvisioner):
    """Starts a kernel in bubblewrap."""

    def _launch(self, cmd: list[str]) -> None:
        manager: Any = self.parent
        python, program, *arguments = cmd
        write_new(self.place.connection / PROGRAM, (Path(__file__).parent / PROGRAM).read_text("utf-8"))
        with listening(manager) as sockets, tempfile.TemporaryFile() as told:
            message = {"key": manager.session.key.decode(), "arguments": arguments, "files": sockets}
            told.write(json.dumps(message).encode())
            told.seek(0)
            try:
                started = launch(
                    [python, program, str(told.fileno())],
                    self.room,
                    self.allowed,
                    self.place,
                    fonts=warm_fonts(),
                    errors=self.said or -1,
                    files=[told.fileno(), *sockets],
                )
            except RuntimeError as error:
                raise RuntimeError(self.said_last() or str(error)) from error
        self.process, self.watch = started.process, started.watcher


@contextmanager
def listening(manager: Any) -> Iterator[list[int]]:
    """Sockets that listen for a kernel, one for each of `CHANNELS`."""
    with ExitStack() as opened:
        numbers = []
        for channel in CHANNELS:
            end = opened.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
            end.bind(f"{manager.ip}-{getattr(manager, f'{channel}_port')}")
            end.listen(WAITING)
            numbers.append(end.fileno())
        yield numbers


def _copy_without_notebooks(source: Path, target: Path) -> None:
    """The files of a submission; links are left out, and so is the notebook, in which hidden tests lie."""
    target.mkdir(mode=0o755)
    if source.is_dir():
        skipped = shutil.ignore_patterns("*.ipynb", ".ipynb_checkpoints")
        shutil.copytree(
            source,
            target,
            ignore=lambda folder, names: {
                *skipped(folder, names),
                *(name for name in names if os.path.islink(os.path.join(folder, name))),
            },
            dirs_exist_ok=True,
        )


class KernelSandbox:
    """Starts one kernel after the other with a provisioner.

    room, limits: what each one sees and may take
    """

    kind = ""
    provisioner: type[SandboxedProvisioner] = SandboxedProvisioner

    def __init__(self, room: Room, limits: Limits):
        self.room, self.limits = room, limits
        self._last: SandboxedProvisioner | None = None

    def arguments(self) -> list[str]:
        """The program of a kernel, as it is started inside."""
        return [this_interpreter().program, f"{CONNECTION}/{PROGRAM}"]

    def kernel(self, folder: Path) -> AsyncKernelManager:
        """A manager whose kernel is not started yet.

        The thread that starts it must live on: bubblewrap ends with it. Whoever uses it shuts it down, or
        closes the sandbox: nbclient leaves managers that it did not make alone.

        folder: new for each kernel; the only place in which it can write, seen as its working folder
        """
        self.close()
        spec = KernelSpec(
            argv=self.arguments(), display_name=self.kind, language="python", interrupt_mode="message"
        )
        manager = AsyncKernelManager(kernel_id=str(uuid4()), autorestart=False)
        manager._kernel_spec = spec
        manager.provisioner = self._last = self.provisioner(
            kernel_id=manager.kernel_id,
            kernel_spec=spec,
            parent=manager,
            course=str(self.room.course),
            data=str(self.room.data or ""),
            hidden=list(self.room.hidden),
            limits=asdict(self.limits),
            work=str(folder.resolve()),
        )
        return manager

    def usage(self) -> Usage:
        """Of the kernel that was made last, while it runs and after it."""
        return self._last.usage() if self._last else Usage()

    def last_words(self) -> str:
        """The end of what bubblewrap and the kernel wrote on their standard error, once it has ended."""
        return self._last.last_words if self._last else ""

    def close(self) -> None:
        """Ends whatever still runs."""
        if self._last:
            self._last.close()

    def __enter__(self) -> KernelSandbox:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class BubblewrapSandbox(KernelSandbox):
    """A fresh bubblewrap for each kernel."""

    kind = "bubblewrap"
    provisioner = BubblewrapProvisioner
