"""What a sandbox shows, what it allows, and what every kind of sandbox can do."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol


@dataclass(frozen=True)
class Room:
    """What a sandbox shows beside the system and Python, all of it read-only.

    course: a students' copy of the course, seen as /course and first on Python's path
    data: a folder of data sets, seen as /data and named by COURSE_DATA; None for none
    hidden: packages that cannot be imported, such as "torch"
    preload: modules that a warm template has imported
    """

    course: Path
    data: Path | None = None
    hidden: tuple[str, ...] = ()
    preload: tuple[str, ...] = ("numpy", "matplotlib.pyplot", "ipykernel.ipkernel")


@dataclass(frozen=True)
class Limits:
    """What one submission may take.

    cpu_seconds: of all its processes together
    wall_seconds: only against waiting for ever: five to ten times as long
    memory: bytes of all its processes together, where the system can count them; of each where not
    processes: at a time, threads among them
    file_bytes: of one file
    open_files: at a time, of one process
    """

    cpu_seconds: float = 120.0
    wall_seconds: float = 900.0
    memory: int = 3 << 30
    processes: int = 128
    file_bytes: int = 200 << 20
    open_files: int = 256


@dataclass(frozen=True)
class Usage:
    """What a kernel took until now.

    cpu_seconds: of all its processes, those that have ended among them
    memory: bytes at the peak; 0 where it cannot be known
    ended: why the system ended it: "cpu", "memory", "signal 11", "exit 3"; "" while it runs, and where it was
        asked to end
    """

    cpu_seconds: float = 0.0
    memory: int = 0
    ended: str = ""


class Sandbox(Protocol):
    """Runs one kernel after the other, each with nothing left of the one before."""

    kind: str  # "bubblewrap", "template", "container", "none"

    def kernel(self, folder: Path) -> Any:
        """A jupyter_client `AsyncKernelManager` that is not started yet.

        folder: new for each kernel; the only place in which it can write, seen as its working folder
        """

    def usage(self) -> Usage:
        """Of the kernel that was made last, while it runs and after it."""

    def close(self) -> None:
        """Ends whatever still runs."""

    def __enter__(self) -> Sandbox: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
