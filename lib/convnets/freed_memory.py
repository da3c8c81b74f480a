"""Memory that one step frees is kept for the next one: a fifth more images a second on Linux."""

from __future__ import annotations

import ctypes
import sys

# Of the C library of GNU, from its malloc.h.
TRIM_THRESHOLD, TOP_PAD, MMAP_MAX = -1, -2, -4
PAD = 64 * 2**20  # bytes that are asked for at a time


def keep_freed_memory() -> bool:
    """Has this process keep what it frees; returns whether it can: it needs Linux with GNU's C library.

    Otherwise each large tensor is new memory from the system, which clears it, page by page; that took a
    tenth to a fifth of a step. The training takes more memory for that, up to twice as much.
    """
    if sys.platform != "linux":
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return False
    settings = ((MMAP_MAX, 0), (TRIM_THRESHOLD, 2**31 - 1), (TOP_PAD, PAD))
    return min(mallopt(name, value) for name, value in settings) == 1
