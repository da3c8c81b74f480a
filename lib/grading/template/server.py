"""The template: process 1 of a sandbox, which has imported what submissions need and forks a kernel for each.

It never runs code of a student, has one thread, and knows nothing that is worth reading: neither solutions
nor hidden cases nor other submissions. It answers one question after the other, until the grader is gone.
"""

from __future__ import annotations

import gc
import importlib
import os
import select
import signal
import socket
import sys
import time
import traceback
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from ..sandbox.folders import empty_folder
from ..sandbox.landlock import landlock_abi
from ..sandbox.room import Limits
from ..sandbox.seccomp import install_seccomp
from .counting import Counts
from .fork import SHARED, WORK, WRITABLE, become_kernel
from .messages import receive, send
from .wiping import looks, restore

PAUSE = 0.2  # seconds between two looks at a running submission
PATIENCE = 20.0  # seconds for killed processes to be gone


class Template:
    """Forks kernels when asked to, one at a time.

    control: this end of the channel
    """

    def __init__(self, control: socket.socket):
        self.control = control
        self.kernel = 0  # its process, 0 for none
        self.counts = Counts(Limits())
        self.before = looks(SHARED)

    def serve(self) -> None:
        """Answers until the other end is gone."""
        while True:
            pause = PAUSE if self.kernel else None
            if select.select([self.control], [], [], pause)[0]:
                try:
                    message, files = receive(self.control)
                except EOFError:
                    return
                try:
                    self._look()
                    answer = getattr(self, f"_{message['do']}")(message, files)
                finally:
                    for file in files:
                        os.close(file)
                send(self.control, answer)
            else:
                self._look()

    def _start(self, message: dict[str, Any], files: Sequence[int]) -> dict[str, Any]:
        if self.kernel:
            return {"error": "one is running"}
        self.counts = Counts(Limits(**message["limits"]), [Path(WORK)])
        child = os.fork()
        if child == 0:
            os.close(self.control.detach())
            _live_as_kernel(message, files)
        self.kernel = child
        return {}

    def _usage(self, message: dict[str, Any], files: Sequence[int]) -> dict[str, Any]:
        return self.counts.told()

    def _signal(self, message: dict[str, Any], files: Sequence[int]) -> dict[str, Any]:
        with suppress(ProcessLookupError):
            if self.kernel and self.counts.status is None:
                os.kill(self.kernel, message["number"])
        return {}

    def _end(self, message: dict[str, Any], files: Sequence[int]) -> dict[str, Any]:
        """All that is left of a submission goes."""
        gone = self._kill_all()
        for folder in WRITABLE:
            empty_folder(folder, kept=list(self.before))
        restore(self.before)
        clean = gone and looks(SHARED) == self.before
        self.kernel = 0
        return {**self.counts.told(), "clean": clean}

    def _look(self) -> None:
        if self.kernel:
            self._reap()
            self.counts.look()
            if self.counts.over():
                self._kill_all()

    def _reap(self) -> bool:
        """Takes leave of what has ended; whether there is nothing left."""
        while True:
            try:
                process, status, used = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                return True
            if process == 0:
                return False
            self.counts.ended_one(used, os.waitstatus_to_exitcode(status) if process == self.kernel else None)

    def _kill_all(self) -> bool:
        """Ends all processes but this one, which is the first; whether they are gone."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            with suppress(ProcessLookupError):
                os.kill(-1, signal.SIGKILL)
            if self._reap():
                return True
            time.sleep(0.002)
        return False


def _live_as_kernel(message: dict[str, Any], files: Sequence[int]) -> None:
    """The rest of the life of a fork; does not return."""
    status = 70
    try:
        become_kernel(message, files)
        status = 0
    except SystemExit as error:
        status = error.code if isinstance(error.code, int) else int(error.code is not None)
    except BaseException:
        with suppress(OSError, ValueError):
            traceback.print_exc(file=sys.__stderr__)
    finally:
        os._exit(status)


def prepared(modules: Sequence[str]) -> dict[str, Any]:
    """Imports what each kernel will need; what there is to say about this process afterwards."""
    missing = []
    for name in modules:
        try:
            importlib.import_module(name)
        except ImportError as error:
            missing.append((name, str(error)))
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP, signal.SIGCHLD}:
        with suppress(OSError, ValueError):
            signal.signal(number, signal.SIG_DFL)  # of process 1 the kernel then ignores it
    if not _filtered():
        install_seccomp()
    gc.collect()
    gc.disable()
    gc.freeze()
    threads = len(os.listdir("/proc/self/task"))
    return {"process": os.getpid(), "threads": threads, "landlock": landlock_abi(), "missing": missing}


def _filtered() -> bool:
    with open("/proc/self/status", encoding="ascii", errors="replace") as file:
        return any(line.split() == ["Seccomp:", "2"] for line in file)


def main(descriptor: int, modules: Sequence[str]) -> None:
    """The life of the template.

    descriptor: of its end of the channel
    modules: to import
    """
    control = socket.socket(fileno=descriptor)
    control.set_inheritable(False)
    send(control, prepared(modules))
    Template(control).serve()
