"""How slow this computer is now: a factor for every limit of time in a test."""

from __future__ import annotations

import os
import time

REFERENCE = 0.1  # seconds that `work` takes on the computer on which the limits were chosen


def slowness() -> float:
    """At least 1: 4 means that limits are four times as long.

    It is measured once, when the tests begin (tests/conftest.py), and handed on to worker processes in
    COURSE_SLOWNESS, which may also be set by hand.
    """
    if "COURSE_SLOWNESS" not in os.environ:
        os.environ["COURSE_SLOWNESS"] = f"{measured():.2f}"
    return max(1.0, float(os.environ["COURSE_SLOWNESS"]))


def measured() -> float:
    """The time of a fixed bit of work, on the clock: another program that keeps the processor busy counts."""
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) / REFERENCE


def work() -> int:
    """Arithmetic, strings and dictionaries, as tests and servers are made of."""
    seen: dict[str, int] = {}
    for number in range(1_000_000):
        seen[str(number % 1000)] = number * number % 7
    return sum(seen.values())
