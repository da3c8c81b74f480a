"""What all processes of a submission take together, as process 1 of their sandbox sees it."""

from __future__ import annotations

import os
import resource
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..sandbox.folders import disk_use
from ..sandbox.room import Limits
from ..sandbox.watch import DISK, FILES, STEP, disk_state, process_usage


class Counts:
    """CPU seconds and memory until now, and why it ended.

    limits: beyond which it is too much
    folders: in which they write on the computer's own disk
    """

    def __init__(self, limits: Limits, folders: Sequence[Path] = ()):
        self.limits, self.folders = limits, folders
        self.disk = disk_state(folders)
        self.gone = self.cpu = 0.0
        self.now = self.peak = self.crowd = 0
        self.status: int | None = None
        self.reason = ""

    def look(self) -> None:
        """At all processes but the first."""
        running, memory = 0.0, 0
        names = [name for name in os.listdir("/proc") if name.isdigit() and name != "1"]
        for name in names:
            if process := process_usage(int(name)):
                running += process.own + process.waited
                memory += process.memory
        if memory > self.limits.memory:  # what forks still share was counted for each: look again, slowly
            memory = sum(map(_own_part, names))
        self.cpu = max(self.cpu, self.gone + running)
        self.crowd = len(names)
        self.now, self.peak = memory, max(self.peak, memory)

    def ended_one(self, used: resource.struct_rusage, status: int | None) -> None:
        """A process ended that took so much; status: of the kernel, None if it is another."""
        self.gone += used.ru_utime + used.ru_stime
        self.cpu = max(self.cpu, self.gone)
        if status is not None:
            self.status = status
            self.peak = max(self.peak, used.ru_maxrss << 10)
            self.reason = self.reason or self._reason(status)

    def over(self) -> bool:
        """Whether it has taken too much; says so from then on."""
        if not self.reason:
            self.reason = "cpu" if self.cpu > self.limits.cpu_seconds else ""
            self.reason = self.reason or ("memory" if self.now > self.limits.memory else "")
            self.reason = self.reason or ("disk" if self._fills_the_disk() else "")
        crowded = self.crowd > 2 * self.limits.processes + 16  # where the system itself does not count them
        return self.reason in ("cpu", "memory", "disk") or crowded

    def _fills_the_disk(self) -> bool:
        """Looks into the folders only when the disk has become fuller since the last time."""
        size, number = disk_state(self.folders)
        if size - self.disk[0] < STEP and number - self.disk[1] < FILES // 4:
            return False
        self.disk = size, number
        used = [disk_use(folder, FILES) for folder in self.folders]
        size, number = (sum(values) for values in zip(*used, strict=True))
        return size > DISK * self.limits.file_bytes or number > FILES

    def _reason(self, status: int) -> str:
        if status == -signal.SIGXCPU or (status == -signal.SIGKILL and self.cpu >= self.limits.cpu_seconds):
            return "cpu"
        return f"signal {-status}" if status < 0 else f"exit {status}"

    def told(self) -> dict[str, Any]:
        """As a message."""
        return {"cpu": self.cpu, "memory": self.peak, "ended": self.reason, "status": self.status}


def _own_part(process: str) -> int:
    """Bytes of memory, of which what several processes share is divided among them."""
    try:
        with open(f"/proc/{process}/smaps_rollup", "rb") as file:
            parts = dict(line.split(b":", 1) for line in file.read().splitlines()[1:])
    except (OSError, ValueError):
        return 0
    return sum(int(parts.get(name, b"0").split()[0]) for name in (b"Pss_Anon", b"Pss_Shmem")) << 10
