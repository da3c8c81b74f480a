"""What other threads and processes of this one compute, by their clocks: no tracer can be set in them."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterator
from glob import glob

THREAD, PROCESS = 6, 2  # kinds of Linux' CPU clocks: of one thread, of all threads of a process


def clocks_of_others() -> dict[tuple[str, int], int]:
    """CPU time, in ns, of each other thread of Python in this process and of each process that it started.

    Who only waits takes none: between two calls its clock has not moved, not by a nanosecond. A thread that
    hides from `threading` has no clock here, and counts as one that always computes. Empty on other systems
    than Linux.
    """
    if sys.platform != "linux":
        return {}
    own = threading.get_native_id()
    threads = [thread.native_id for thread in threading.enumerate() if thread.native_id]
    hidden = len(sys._current_frames()) - len(threads)
    found = {("hidden", place): time.perf_counter_ns() for place in range(hidden)}
    found |= _times("thread", [thread for thread in threads if thread != own], THREAD)
    return found | _times("process", list(_descendants(os.getpid())), PROCESS)


def worked(before: dict[tuple[str, int], int], after: dict[tuple[str, int], int]) -> bool:
    """Whether others have computed between two looks: a thread that was there before, or any process."""
    new = [kind for kind, _ in after.keys() - before.keys()]
    return "process" in new or any(after.get(name) != clock for name, clock in before.items())


def _times(kind: str, ids: list[int], clock: int) -> dict[tuple[str, int], int]:
    found = {}
    for number in ids:
        try:
            found[kind, number] = time.clock_gettime_ns((~number << 3) | clock)
        except OSError:  # it has ended
            continue
    return found


def _descendants(process: int) -> Iterator[int]:
    for path in glob(f"/proc/{process}/task/*/children"):
        try:
            with open(path) as file:
                children = [int(number) for number in file.read().split()]
        except OSError:  # it has ended
            continue
        for child in children:
            yield child
            yield from _descendants(child)
