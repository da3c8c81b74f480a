"""Runs something in a forked process and says how it ended, how long it took, and how much memory."""

import json
import os
import resource
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
    """The Outcome of `call()`."""
    out, into = os.pipe()
    if not (child := os.fork()):
        os.close(out)
        with os.fdopen(into, "w") as pipe:
            json.dump(asdict(_run(call)), pipe)
        os._exit(0)
    os.close(into)
    with os.fdopen(out) as pipe:
        said = pipe.read()
    _, status, used = os.wait4(child, 0)
    if said:
        return Outcome(**json.loads(said))
    return Outcome(f"signal {os.WTERMSIG(status)}", "", used.ru_utime + used.ru_stime, used.ru_maxrss << 10)


def _run(call):
    signal.setitimer(signal.ITIMER_PROF, STOP_SECONDS)
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (STOP_MEMORY + _status("VmSize"), -1))
    _forget_peak()
    before, peak_before = time.process_time(), _status("VmHWM")
    kind = said = ""
    try:
        call()
    except BaseException as error:
        kind, said = type(error).__name__, str(error)
    seconds = time.process_time() - before
    started = resource.getrusage(resource.RUSAGE_CHILDREN)
    peak, peak_of_started = _status("VmHWM"), started.ru_maxrss << 10
    memory = peak - peak_before
    if peak_of_started > peak:  # what it starts begins as its copy: less than its own size says nothing
        memory += peak_of_started
    return Outcome(kind, said, seconds + started.ru_utime + started.ru_stime, memory)


def _forget_peak():
    if sys.platform == "linux":
        with open("/proc/self/clear_refs", "w") as file:
            file.write("5")


def _status(key):
    """Bytes: VmHWM is the peak of memory in use, VmSize the addresses now."""
    if sys.platform != "linux":
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # of macOS: bytes
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) << 10 for line in file if line.startswith(key + ":"))
