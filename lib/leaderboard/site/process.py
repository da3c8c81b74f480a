"""What a process needs that serves thousands of readers."""

from __future__ import annotations

import gc
import sys
from contextlib import suppress

SPARE = 300  # files that are open beside the connections: the board, for each thread; uploads
RARELY = 10_000, 10, 10  # Python's own is 700, 10, 10


def prepare_process(connections: int) -> int:
    """Lets this process hold many connections at once, and pause seldom.

    connections: how many; each is an open file, of which systems allow 256 or 1,024 until a program asks
    Returns how many it can hold: the system may allow fewer.
    """
    gc.collect()
    gc.freeze()  # what is imported stays, and need not be looked at again
    gc.set_threshold(*RARELY)  # a look at all that 2,000 readers hold takes 0.1 s, in which no page is served
    return allow_open_files(connections + SPARE) - SPARE


def allow_open_files(count: int) -> int:
    """Lets this process, and those that it starts, open so many files; returns how many they may."""
    if sys.platform == "win32":  # which has no such limit
        return count
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    unlimited = resource.RLIM_INFINITY
    most = count if hard == unlimited else min(count, hard)
    if soft != unlimited and soft < most:
        with suppress(OSError, ValueError):  # a system may have further limits
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
            soft = most
    return count if soft == unlimited else soft
