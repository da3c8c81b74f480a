"""What all processes of a submission take together, and their end where that is more than it may."""

from __future__ import annotations

import os
import select
import signal
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from .folders import disk_use
from .groups import end_group, group_ran_out, group_seconds
from .room import Limits, Usage

PAUSE = 0.2  # seconds between two looks
STEP = 64 << 20  # bytes more in use on the disk, after which a submission's folders are measured
DISK, FILES = 4, 5_000  # times the size of one file for all of them, and how many they may be
TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


@dataclass(frozen=True)
class ProcessUsage:
    """What one process took until now.

    started: when, in ticks; with the id it names a process for ever
    own, waited: CPU seconds, of itself and of the children that it has waited for
    memory: bytes that are its own or shared with its children
    threads: how many
    """

    started: int
    own: float
    waited: float
    memory: int
    threads: int


def process_usage(pid: int) -> ProcessUsage | None:
    """None where there is no such process."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            fields = file.read().rpartition(b")")[2].split()
        with open(f"/proc/{pid}/status", "rb") as file:
            status = dict(line.split(b":", 1) for line in file.read().splitlines() if b":" in line)
    except (OSError, ValueError):
        return None
    user, system, child_user, child_system = (int(value) / TICKS for value in fields[11:15])
    memory = sum(int(status.get(name, b"0").split()[0]) for name in (b"RssAnon", b"RssShmem"))
    threads = int(status.get(b"Threads", b"1"))
    return ProcessUsage(int(fields[19]), user + system, child_user + child_system, memory << 10, threads)


def descendants(pid: int) -> Iterator[int]:
    """This process, its children, theirs, and so on."""
    pending = [pid]
    while pending:
        current = pending.pop()
        yield current
        with suppress(OSError):
            for task in os.listdir(f"/proc/{current}/task"):
                with suppress(OSError), open(f"/proc/{current}/task/{task}/children", "rb") as file:
                    pending += map(int, file.read().split())


def disk_state(folders: Sequence[Path]) -> tuple[int, int]:
    """Bytes and files in use on the disk of the first folder."""
    if not folders:
        return 0, 0
    disk = os.statvfs(folders[0])
    return (disk.f_blocks - disk.f_bfree) * disk.f_frsize, disk.f_files - disk.f_ffree


def shared_memory_of_all() -> int:
    """Bytes in files that lie in memory, of the whole computer."""
    with suppress(OSError), open("/proc/meminfo", "rb") as file:
        for line in file:
            if line.startswith(b"Shmem:"):
                return int(line.split()[1]) << 10
    return 0


def shared_memory(pids: Sequence[int]) -> int:
    """The most that these processes can hold in memory of no process: nobody need have it mapped now."""
    sizes: dict[bytes, int] = {}
    for pid in pids:
        with suppress(OSError), open(f"/proc/{pid}/maps", "rb") as file:
            for line in file:
                if b"/dev/zero" in line or b"/memfd:" in line or b"/SYSV" in line:
                    start, _, end = line.split()[0].partition(b"-")
                    key = line.split()[4] + line.split()[0]
                    sizes[key] = int(end, 16) - int(start, 16)
        with suppress(OSError):
            for entry in os.scandir(f"/proc/{pid}/fd"):
                with suppress(OSError):
                    if os.readlink(entry.path).startswith("/memfd:"):
                        held = os.stat(entry.path)
                        sizes[b"%d" % held.st_ino] = 512 * held.st_blocks
    return sum(sizes.values())


class Watcher:
    """Looks at a process and its descendants five times a second, from `start` until it ends.

    limits: beyond which it is ended
    group: a control group that holds these processes and nothing else, and counts exactly; None for none
    first: whether the end of this process ends all others, as in a namespace of processes
    folders: those that they can write in, on the computer's own disk
    """

    def __init__(
        self,
        pid: int,
        limits: Limits,
        group: Path | None = None,
        *,
        first: bool = True,
        folders: Sequence[Path] = (),
    ):
        self.pid, self.limits, self.group, self.first = pid, limits, group, first
        self._folders, self._disk = folders, disk_state(folders)
        self._shared = shared_memory_of_all()
        self.usage = Usage()
        self._handle = os.pidfd_open(pid)
        process = process_usage(pid)
        self._started = process.started if process else -1
        self._seen: dict[tuple[int, int], float] = {}
        self._stopped = threading.Event()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="sandbox watch", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def look(self) -> None:
        """Once, now."""
        with self._lock:
            running = waited = 0.0
            memory = threads = 0
            pids = list(descendants(self.pid))
            for pid in pids:
                process = process_usage(pid)
                if pid == self.pid and (process is None or process.started != self._started):
                    break  # it has ended, and perhaps another one has its number
                if process:
                    self._seen[pid, process.started] = process.own
                    running, waited = running + process.own, waited + process.waited
                    memory, threads = memory + process.memory, threads + process.threads
            # The first lacks children that nobody waits for, the second those that came and went unseen.
            cpu = max(self.usage.cpu_seconds, running + waited, sum(self._seen.values()))
            cpu = max(cpu, group_seconds(self.group) if self.group else 0)
            self.usage = replace(self.usage, cpu_seconds=cpu, memory=max(self.usage.memory, memory))
            if shared_memory_of_all() - self._shared > self.limits.memory // 2:
                memory = max(memory, shared_memory(pids))
            if not self.usage.ended:
                self._judge(memory, threads)

    def _judge(self, memory: float, threads: int) -> None:
        over = "cpu" if self.usage.cpu_seconds > self.limits.cpu_seconds else ""
        over = over or ("memory" if memory > self.limits.memory or self._ran_out() else "")
        over = over or ("disk" if self._fills_the_disk() else "")
        if over:
            self.usage = replace(self.usage, ended=over)
        if over or threads > 2 * self.limits.processes + 16:  # where the system itself does not count them
            self.kill()

    def _ran_out(self) -> bool:
        return self.group is not None and group_ran_out(self.group)

    def _fills_the_disk(self) -> bool:
        """Looks into its folders only when the disk has become fuller since the last time."""
        size, number = disk_state(self._folders)
        if size - self._disk[0] < STEP and number - self._disk[1] < FILES // 4:
            return False
        self._disk = size, number
        used = [disk_use(folder, FILES) for folder in self._folders]
        total, files = (sum(values) for values in zip(*used, strict=True))
        return total > DISK * self.limits.file_bytes or files > FILES

    def kill(self) -> None:
        """Ends all, at once."""
        with suppress(OSError):
            signal.pidfd_send_signal(self._handle, signal.SIGKILL)
        if not self.first:
            for pid, started in list(self._seen):
                process = process_usage(pid)
                if process and process.started == started:
                    with suppress(OSError):
                        os.kill(pid, signal.SIGKILL)

    def gone(self, seconds: float = 10.0) -> bool:
        """Whether the first process has ended, and all others with it; waits so long for it."""
        if self._handle < 0:
            return True
        poll = select.poll()
        poll.register(self._handle, select.POLLIN)
        return bool(poll.poll(1000 * seconds))

    def close(self) -> None:
        """Ends all, and the watch."""
        self._stopped.set()
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join()
        if self._handle >= 0:
            self.look()
            self.kill()
            self.gone()
            os.close(self._handle)
            self._handle = -1
            if self.group:
                end_group(self.group)

    def ended(self, why: str) -> None:
        """Says why it ended, unless that is known."""
        with self._lock:
            self.usage = replace(self.usage, ended=self.usage.ended or why)

    def _run(self) -> None:
        pause = 0.02
        while not self._stopped.wait(pause):
            started = time.thread_time()
            self.look()
            if self.gone(0):
                return
            cost = time.thread_time() - started
            pause = max(PAUSE, 50 * cost)  # never more than 2 % of a processor
