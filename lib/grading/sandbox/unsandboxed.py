"""No sandbox at all: a kernel with limits and a clean environment, that can read all that its user can."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress

from .bubblewrap import KERNEL, environment, limited, prepare, this_interpreter
from .fonts import warm_fonts
from .privileges import Account
from .provisioner import CONNECTION_FILE, KernelSandbox, SandboxedProvisioner
from .watch import Watcher


class NakedProvisioner(SandboxedProvisioner):
    """Starts a kernel as it is."""

    def _launch(self, cmd: list[str]) -> None:
        assert self.base is not None
        place, room = self.place, self.room
        prepare(room, place, Account(os.getuid() if hasattr(os, "getuid") else 0, False), warm_fonts())
        fonts = place.connection / "fonts"
        fonts.chmod(0o755)
        variables = environment(room, this_interpreter()) | {
            "HOME": str(place.work),
            "PYTHONPATH": os.pathsep.join([str(place.connection / "hidden"), str(room.course)]),
            "TMPDIR": str(place.work),
            "IPYTHONDIR": str(place.connection / "ipython"),
            "JUPYTER_CONFIG_DIR": str(place.connection / "jupyter"),
            "MPLCONFIGDIR": str(fonts),
            **({"COURSE_DATA": str(room.data)} if room.data else {}),
        }
        words = [word.replace("{connection file}", str(self.base / CONNECTION_FILE)) for word in cmd]
        linux = sys.platform == "linux"
        self.process = subprocess.Popen(
            [*(limited(self.allowed) if linux else []), *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self.said,
            env=variables,
            cwd=str(place.work),
            start_new_session=True,
        )
        if linux:
            self.watch = Watcher(self.process.pid, self.allowed, first=False)
            self.watch.start()

    def _end(self) -> None:
        process, ended = self.process, self.asked
        super()._end()
        if process is not None and not ended and hasattr(os, "killpg"):
            with suppress(OSError):  # it is the first of its session
                os.killpg(process.pid, signal.SIGKILL)


class NoSandbox(KernelSandbox):
    """A plain kernel each time."""

    kind = "none"
    provisioner = NakedProvisioner

    def arguments(self) -> list[str]:
        return [this_interpreter().program, "-c", KERNEL, "-f", "{connection file}"]
