"""What a call costs, counted instead of timed: steps of Python, and bytes at the peak.

Loops are seen wherever they hide: in comprehensions, generators, recursion, `map`, `np.vectorize` and
`np.apply_along_axis`. A loop in C is seen where it runs through `map`, or over the rows of an array that
`steps` handed over; `sum(np.asarray(x))` and `itertools.starmap(operator.mul, x.tolist())` are not, nor is
what a thread or process computes that was there before.
"""

from __future__ import annotations

import builtins
import math
import sys
import threading
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import numpy as np

IMPORTS = vars(sys.modules["_frozen_importlib"])  # where Python's own code of imports runs
LIMIT = 1_000_000  # steps, which take about a second to count


class Counted(np.ndarray):
    """An array that runs a little Python whenever another one comes from it: a row in a loop, a product."""

    def __array_finalize__(self, source: Any) -> None:
        pass

    def __array_wrap__(self, array: np.ndarray, context: Any = None, return_scalar: bool = False) -> Any:
        return array[()] if return_scalar else array.view(Counted)


class Enough(BaseException):
    """Ends a call whose steps are too many; no `except Exception` of an answer holds it up."""


class Counter:
    """A tracer that counts calls and lines of all frames that begin after it was set.

    The next turn of a loop is a line too, where the whole loop stands in one. (Bytecodes would be finer, but
    Python 3.13.0 does not tell of all.)
    """

    def __init__(self, limit: float):
        self.limit, self.steps = limit, 0
        self.importing = False  # which happens at a first call only

    def begin(self, frame: FrameType, event: str, _: Any) -> Callable[..., Any] | None:
        if self.importing:
            return None
        if frame.f_globals is IMPORTS:
            self.importing = True
            frame.f_trace_lines = False
            return self.end_of_import
        return self.step(frame, event, _)

    def end_of_import(self, frame: FrameType, event: str, _: Any) -> Callable[..., Any]:
        self.importing = event != "return"
        return self.end_of_import

    def step(self, frame: FrameType, event: str, _: Any) -> Callable[..., Any]:
        if event in ("call", "line"):
            self.steps += 1
            if self.steps > self.limit:
                raise Enough
        return self.step


def steps(function: Callable[..., Any], *args: Any, limit: float = LIMIT) -> float:
    """How many calls and lines Python runs, turns of a loop among them.

    Not a number, which is neither less nor more than another, where they are more than `limit`, or where the
    call does not leave the counting alone.

    args: of the call; arrays are handed over as views, of a subclass
    limit: after so many the call is ended

    >>> import numpy as np
    >>> def loop(x): return [row.sum() for row in x]
    >>> def sums(x): return x.sum(axis=1)
    >>> few, many = np.ones((10, 3)), np.ones((1000, 3))
    >>> steps(loop, many) > 50 * steps(loop, few), steps(sums, many) == steps(sums, few)
    (True, True)
    """
    counter = Counter(limit)
    views = [thing.view(Counted) if type(thing) is np.ndarray else thing for thing in args]
    with _traced_by(counter.begin), _map_in_python():
        try:
            function(*views)
            count = counter.steps
        except Enough:
            return math.nan
        left_alone = sys.gettrace() == counter.begin
    return count if left_alone and count <= limit else math.nan


class Peak:
    """A tracer that keeps the most memory that it has seen: `tracemalloc` may be told to forget."""

    def __init__(self) -> None:
        self.bytes: float = 0.0

    def begin(self, frame: FrameType, event: str, _: Any) -> Callable[..., Any]:
        frame.f_trace_opcodes = True
        return self.step(frame, event, _)

    def step(self, frame: FrameType, event: str, _: Any) -> Callable[..., Any]:
        now = tracemalloc.get_traced_memory()[1] if tracemalloc.is_tracing() else math.inf
        self.bytes = max(self.bytes, now)
        return self.step


def peak_bytes(function: Callable[..., Any], *args: Any) -> float:
    """How much memory a call takes at its peak, in bytes, beside what was there before; arrays count.

    Infinite where the call does not leave the counting alone.

    >>> import numpy as np
    >>> 8_000_000 <= peak_bytes(np.ones, 1_000_000) < 8_100_000
    True
    """
    running = tracemalloc.is_tracing()
    if not running:
        tracemalloc.start()
    try:
        peak = Peak()
        tracemalloc.reset_peak()
        before, _ = tracemalloc.get_traced_memory()
        with _traced_by(peak.begin):
            function(*args)
            left_alone = sys.gettrace() == peak.begin
        peak.bytes = max(peak.bytes, tracemalloc.get_traced_memory()[1])
        return max(peak.bytes - before, 0) if left_alone else math.inf
    finally:
        if not running:
            tracemalloc.stop()


@contextmanager
def _traced_by(begin: Callable[..., Any]) -> Iterator[None]:
    """A tracer for what follows, in this thread and new ones; then the one that was there."""
    before, in_threads = sys.gettrace(), threading.gettrace()
    threading.settrace(begin)
    sys.settrace(begin)
    try:
        yield
    finally:
        sys.settrace(before)
        threading.settrace(in_threads)  # type: ignore[arg-type]  # None is what it was before


@contextmanager
def _map_in_python() -> Iterator[None]:
    """`map` takes a step of Python for each of its items, whatever function it is given."""
    before = builtins.map
    builtins.map = _map  # type: ignore[assignment, misc]
    try:
        yield
    finally:
        builtins.map = before  # type: ignore[misc]


def _map(function: Callable[..., Any], *iterables: Any, **strict: Any) -> Iterator[Any]:
    for items in zip(*iterables, **strict):  # noqa: B905  # as the caller says
        yield function(*items)
