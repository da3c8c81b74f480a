"""Runs something in a forked process and says how it ended, how long it took, and how much memory."""

import contextlib
import ctypes
import json
import os
import resource
import select
import signal
import sys
import time
from dataclasses import asdict, dataclass

SECONDS, MEMORY = 2.0, 300 << 20  # what a hostile file may take, beyond its own size
STOP_SECONDS, STOP_MEMORY = 10, 3 << 30  # where the measured process is ended


@dataclass
class Outcome:
    """How it ended.

    kind: the type of the exception, "" where there was none, "signal 11" where it crashed
    said: its message
    seconds: of CPU, with the processes it started
    memory: bytes at the peak, beyond those before, with the processes it started
    """

    kind: str
    said: str
    seconds: float
    memory: int

    def complaint(self, size: int) -> str:
        """What is wrong with it for a file of this size, or ""."""
        if self.kind not in ("", "ValueError"):
            return f"{self.kind}: {self.said[:200]}"
        if self.seconds > SECONDS:
            return f"{self.seconds:.1f} s of CPU time"
        if self.memory > size + MEMORY:
            return f"{self.memory >> 20} MB of memory for a file of {size >> 20} MB"
        if len(self.said) > 1_000:
            return f"a message of {len(self.said)} letters"
        return ""


def measured(call):
    """The Outcome of `call()`; too much memory must come twice: what a worker has kept is chance."""
    outcome = measured_once(call)
    return outcome if outcome.memory <= MEMORY else min(outcome, measured_once(call), key=lambda o: o.memory)


def measured_once(call):
    """The Outcome of `call()`."""
    out, into = os.pipe()
    if not (child := os.fork()):
        os.close(out)
        with os.fdopen(into, "w") as pipe:
            json.dump(asdict(_run(call)), pipe)
        os._exit(0)
    os.close(into)
    started = Started(child)
    with os.fdopen(out) as pipe:
        while not select.select([pipe], [], [], 0.002)[0]:
            started.look()
        said = pipe.read()
    _, status, used = os.wait4(child, 0)
    if said:
        outcome = Outcome(**json.loads(said))
        outcome.memory += started.memory
        return outcome
    return Outcome(f"signal {os.WTERMSIG(status)}", "", used.ru_utime + used.ru_stime, used.ru_maxrss << 10)


def _run(call):
    signal.setitimer(signal.ITIMER_PROF, STOP_SECONDS)
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (STOP_MEMORY + _status("VmSize"), -1))
    _return_free_memory()
    _forget_peak()
    before, peak_before = time.process_time(), _status("VmHWM")
    kind = said = ""
    try:
        call()
    except BaseException as error:
        kind, said = type(error).__name__, str(error)
    seconds = time.process_time() - before
    started = resource.getrusage(resource.RUSAGE_CHILDREN)
    memory = _status("VmHWM") - peak_before
    return Outcome(kind, said, seconds + started.ru_utime + started.ru_stime, memory)


class Started:
    """The memory of the processes that a process has started, on Linux, as far as `look` has seen it.

    What the system adds up for ended processes (ru_maxrss) begins with the size of whoever started them; a
    worker with many tests behind it is larger than all that is to be measured here.
    """

    def __init__(self, pid):
        self.pid, self.program = pid, _program(pid)
        self.peaks, self.copies = {}, {}

    def look(self):
        waiting = _children(self.pid)
        while waiting:
            pid = waiting.pop()
            waiting += _children(pid)
            with contextlib.suppress(OSError, StopIteration):  # it has ended meanwhile
                program, peak = _program(pid), _status("VmHWM", pid)
                if _program(pid) != program:
                    continue  # between the two looks it became another program
                if program == self.program:  # a copy so far: what it shares is counted once
                    self.copies.setdefault(pid, peak)
                    peak -= self.copies[pid]
                self.peaks[pid] = max(peak, self.peaks.get(pid, 0))

    @property
    def memory(self):
        """Bytes: the peaks of all of them together."""
        return sum(self.peaks.values())


def _children(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children") as file:
            return [int(child) for child in file.read().split()]
    except OSError:  # ended, or no Linux
        return []


def _program(pid):
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            return file.read()
    except OSError:
        return b""


def _return_free_memory():
    """What malloc keeps for later would be taken again unseen; after a training it keeps nearly all."""
    if sys.platform == "linux" and hasattr(ctypes.CDLL(None), "malloc_trim"):
        ctypes.CDLL(None).malloc_trim(0)


def _forget_peak():
    if sys.platform == "linux":
        with open("/proc/self/clear_refs", "w") as file:
            file.write("5")


def _status(key, pid="self"):
    """Bytes: VmHWM is the peak of memory in use, VmSize the addresses now."""
    if sys.platform != "linux":
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # of macOS: bytes
    with open(f"/proc/{pid}/status") as file:
        return next(int(line.split()[1]) << 10 for line in file if line.startswith(key + ":"))
