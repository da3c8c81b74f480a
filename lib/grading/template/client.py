"""The grader's side of a template: starts it in a sandbox of its own, asks it for kernels, ends it."""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from ..sandbox.bubblewrap import Place, bubblewrap_command, prepare, this_interpreter
from ..sandbox.filter import filter_file
from ..sandbox.folders import forget_folder, new_folder
from ..sandbox.fonts import warm_fonts
from ..sandbox.privileges import new_account
from ..sandbox.room import Limits, Room
from .inside import start_code, write_inside
from .messages import LONGEST, channel, receive, send

# What ipykernel and IPython import only when they run, as cells run, fail, and show figures
KERNEL_MODULES = (
    "ipykernel.kernelapp",
    "ipykernel.debugger",
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.core.logger",
    "IPython.core.magics.ast_mod",
    "IPython.core.magics.execution",
    "IPython.core.magics.pylab",
    "IPython.core.oinspect",
    "IPython.core.pylabtools",
    "IPython.extensions.storemagic",
    "IPython.utils.wildcard",
    "PIL.BmpImagePlugin",
    "PIL.GifImagePlugin",
    "PIL.JpegImagePlugin",
    "PIL.PpmImagePlugin",
    "http.server",
    "numpy.random",
    "matplotlib.backends.backend_agg",
    "psutil",
    "pygments.formatters.terminal256",
    "pygments.lexers.python",
    "pygments.styles.default",
    "sqlite3",
    "stack_data",
    "tornado.platform.asyncio",
    "tornado.queues",
)
START, ANSWER = 180.0, 60.0  # seconds: for imports, also of torch, on a busy machine; for any answer
PATIENCE = 20.0  # seconds for killed processes to be gone
WHO = struct.Struct("3i")  # struct ucred: process, user, group
BACKEND = {"MPLBACKEND": "module://matplotlib_inline.backend_inline"}  # as each kernel sets it


class TemplateProcess:
    """One template that runs.

    room, limits: as of a `Sandbox`
    Raises `RuntimeError` if it does not start.
    """

    def __init__(self, room: Room, limits: Limits):
        self.room, self.limits = room, limits
        self.base = new_folder()
        self._lock = threading.Lock()
        self._said = tempfile.TemporaryFile()  # noqa: SIM115  (lives as long as the process)
        self._process: subprocess.Popen[bytes] | None = None
        self.place = Place(self.base / "work", self.base / "connection")
        self._inside = -1  # a handle of process 1 of its sandbox
        self._end, theirs = channel()
        rules = filter_file()
        try:
            self._account = new_account()
            self.place.work.mkdir(mode=0o755)
            prepare(room, self.place, self._account, warm_fonts())
            write_inside(self.place.connection)
            self._start(room, theirs, rules)
            theirs.close()  # or nobody would notice that it is killed while it starts
            self.about = self._first_words()
        except BaseException:
            self.close()
            raise
        finally:
            theirs.close()
            if rules is not None:
                os.close(rules)

    def _start(self, room: Room, theirs: socket.socket, rules: int | None) -> None:
        interpreter = this_interpreter()
        whole = bubblewrap_command(
            [], room, self.limits, self.place, self._account, interpreter, seccomp=rules, more=BACKEND
        )
        options = whole[
            : whole.index("--")
        ]  # the limits that follow are those of a kernel, not the template's
        code = start_code(theirs.fileno(), [*KERNEL_MODULES, *room.preload])
        program = [*self._account.prefix("/"), interpreter.program, "-c", code]
        command = [shutil.which(options[0]) or options[0], *options[1:], "--as-pid-1", "--", *program]
        kept = [theirs.fileno(), *([rules] if rules is not None else [])]
        nothing = subprocess.DEVNULL
        self._process = subprocess.Popen(
            command, stdin=nothing, stdout=nothing, stderr=self._said, env={}, cwd="/", pass_fds=kept
        )

    def _first_words(self) -> dict[str, Any]:
        self._end.settimeout(START)
        try:
            self._end.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
            content, who = self._end.recvmsg(LONGEST, socket.CMSG_SPACE(WHO.size))[:2]
            self._end.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 0)
            about = json.loads(content)
            self._inside = os.pidfd_open(WHO.unpack(who[0][2])[0])  # of the sender, as it is called here
        except (ValueError, OSError) as error:
            raise RuntimeError(f"template: expected it to start, got: {self.said() or error}") from error
        if about["threads"] != 1 or about["process"] != 1:
            raise RuntimeError(f"template: expected process 1 with one thread, got {about}")
        missing = {name: why for name, why in about["missing"] if name in self.room.preload}
        if missing:
            raise RuntimeError(f"template: expected modules that are there, got {missing}")
        self._end.settimeout(ANSWER)
        return about

    def ask(self, what: str, files: Sequence[int] = (), **more: Any) -> dict[str, Any]:
        """One question, and its answer; raises `RuntimeError` where there is none."""
        with self._lock:
            try:
                send(self._end, {"do": what, **more}, files)
                answer, _ = receive(self._end)
            except (EOFError, OSError) as error:
                self.kill()
                raise RuntimeError(f"template: expected an answer, got: {self.said() or error}") from error
        if "error" in answer:
            raise RuntimeError(f"template: expected to fork, got: {answer['error']}")
        return answer

    def fill(self, folder: Path) -> None:
        """Copies what a submission brings into its working folder, which is empty; links are left out."""
        shutil.copytree(folder, self.place.work, ignore=_links, dirs_exist_ok=True)
        self._account.own(self.place.work)

    @property
    def alive(self) -> bool:
        return self._inside >= 0 and not _ended(self._inside, 0)

    def said(self) -> str:
        """The end of what it wrote on its standard error."""
        self._said.seek(max(0, self._said.seek(0, os.SEEK_END) - 2000))
        return self._said.read().decode("utf-8", "replace").strip()

    def kill(self) -> None:
        """Ends it, and with it all processes in its sandbox.

        (bubblewrap alone cannot: where root started it, it has given up the right to.)
        """
        if self._inside >= 0:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._inside, signal.SIGKILL)
            _ended(self._inside, PATIENCE)
        if self._process:
            self._process.kill()
            self._process.wait()

    def close(self) -> None:
        """Ends it and removes its folders."""
        self.kill()
        self._end.close()
        if self._inside >= 0:
            os.close(self._inside)
        self._inside = -1
        forget_folder(self.base)
        self._said.close()


def _ended(handle: int, seconds: float) -> bool:
    """Whether a process has ended; waits so long for it."""
    poll = select.poll()
    poll.register(handle, select.POLLIN)
    return bool(poll.poll(1000 * seconds))


def _links(folder: str, names: list[str]) -> set[str]:
    return {name for name in names if os.path.islink(os.path.join(folder, name))}
