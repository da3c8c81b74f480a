"""How a fork of the template becomes a kernel: it gives up all rights but those of a submission."""

from __future__ import annotations

import gc
import os
import random
import resource
import signal
import sys
from collections.abc import Sequence
from typing import Any

from ..sandbox.kernel import serve_kernel
from ..sandbox.landlock import restrict_writing
from ..sandbox.room import Limits

INSIDE = "/connection/template"  # where the modules of this package lie in the sandbox
WORK = "/submission"
WRITABLE = (WORK, "/tmp", "/dev/shm")
SHARED = (*WRITABLE, "/dev/pts")  # what one submission might leave for the next
DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/ptmx", "/dev/pts")
SPARE = 4 << 30  # what is set aside and not used costs nothing


def become_kernel(message: dict[str, Any], files: Sequence[int]) -> None:
    """Everything from here on is a submission's; returns when the kernel ends.

    message: limits, the kernel's connection and arguments
    files: sockets that listen, one for each channel
    """
    os.setsid()
    report = _only(files)
    _signals()
    _limits(Limits(**message["limits"]))
    restrict_writing(WRITABLE, [path for path in DEVICES if os.path.exists(path)])
    _new_randomness()
    _forget_the_template()
    gc.enable()
    os.chdir(WORK)
    sys.path.append(WORK)  # a folder numpy/ of the submission comes last, and hides nothing
    serve_kernel(message, files, lambda: os.close(report))


def _only(files: Sequence[int]) -> int:
    """Closes all open files but these, and what says why a start failed, whose number is given back."""
    report = os.dup(2)
    kept = {0, 1, 2, report, *files}
    for name in os.listdir("/proc/self/fd"):
        if int(name) not in kept:
            try:
                os.close(int(name))
            except OSError:
                continue
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nowhere, standard)
    os.close(nowhere)
    return report


def _signals() -> None:
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
        try:
            signal.signal(number, signal.SIG_DFL)
        except (OSError, ValueError):
            continue
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)  # as Python has it
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def _limits(limits: Limits) -> None:
    """Those of the system, for each process; the sizes count from what the template has already."""
    mapped, data = _own_size()
    cpu = int(limits.cpu_seconds) + 5  # the template counts all processes together, and ends them before
    most = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_CPU: cpu,
        resource.RLIMIT_FSIZE: limits.file_bytes,
        resource.RLIMIT_NOFILE: limits.open_files,
        resource.RLIMIT_NPROC: limits.processes + 1,  # and the template
        resource.RLIMIT_DATA: limits.memory + data,
        resource.RLIMIT_AS: limits.memory + SPARE + mapped,
    }
    for name, wanted in most.items():
        _, allowed = resource.getrlimit(name)
        value = wanted if allowed == resource.RLIM_INFINITY else min(wanted, allowed)
        resource.setrlimit(name, (value, value))


def _own_size() -> tuple[int, int]:
    """Bytes of addresses, and of data, that this process has now."""
    with open("/proc/self/statm", encoding="ascii") as file:
        fields = [int(field) for field in file.read().split()]
    page = resource.getpagesize()
    return fields[0] * page, fields[5] * page


def _new_randomness() -> None:
    """Each fork draws other numbers. (What texts hash to is the same in all kernels here.)"""
    random.seed()
    numpy, torch = sys.modules.get("numpy"), sys.modules.get("torch")
    if numpy is not None:
        numpy.random.seed()
    if torch is not None:
        torch.seed()


def _forget_the_template() -> None:
    """Its modules and its way to them are not there for the submission."""
    top = __name__.partition(".")[0]
    for name in [name for name in sys.modules if name.partition(".")[0] == top]:
        del sys.modules[name]
    sys.path[:] = [path for path in sys.path if path != INSIDE]
