"""Two values or traces side by side: equal, or where they differ."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from lib.tasks.task import Check, Task
from lib.tasks.trace import Trace
from lib.tasks.values import Plain

NUMBERS = ("float", "int")
SPECK = 1e-8  # what rounding leaves where exact arithmetic gives 0


@dataclass(frozen=True)
class Difference:
    """A value that is not what it should be.

    check: in which it came up
    name: of the value
    expected, got: None where the check ended before
    """

    check: Check
    name: str
    expected: Plain
    got: Plain | None

    @property
    def place(self) -> tuple[int, ...] | None:
        """Where an element differs first, in reading order; None where the shapes differ."""
        if self.got is None or not comparable(self.expected, self.got) or not self.expected.shape:
            return None
        wrong = ~close(self.expected, self.got, self.check.within)
        return tuple(int(i) for i in np.unravel_index(np.argmax(wrong), wrong.shape))


def comparable(expected: Plain, got: Plain) -> bool:
    """Whether two values are of one kind and shape; whole numbers may come as floats."""
    kinds = expected.kind == got.kind or {expected.kind, got.kind} <= set(NUMBERS)
    return kinds and expected.shape == got.shape


def close(expected: Plain, got: Plain, within: float) -> np.ndarray:
    """Which elements agree; a float may be off by a share of the largest finite one that is expected.

    What is not finite must be the same; where the expected numbers are whole, there is no tolerance.
    """
    if expected.kind not in NUMBERS:
        return np.asarray(expected.array == got.array)
    right, found = (np.asarray(value.array, dtype=np.float64) for value in (expected, got))
    finite = np.abs(right[np.isfinite(right)])
    margin = max(within * finite.max(initial=0), SPECK) if expected.kind == "float" else 0.0
    with np.errstate(invalid="ignore"):
        near = np.abs(right - found) <= margin
    return np.asarray(near | (right == found) | (np.isnan(right) & np.isnan(found)))


def same_value(expected: Plain, got: Plain | None, within: float) -> bool:
    """Whether a value is the expected one; of errors their class counts, not their words."""
    if got is None or not comparable(expected, got):
        return False
    if expected.kind in ("error", "other"):
        return expected.dtype == got.dtype
    return bool(close(expected, got, within).all())


def value_differences(task: Task, expected: Trace, got: Trace) -> Iterator[Difference]:
    """Every value of a trace that is not the expected one, in the order of the task's checks."""
    for check in task.checks:
        found = got.get(check.name, {})
        if error := found.get("error"):
            first = next(iter(expected[check.name].items()))
            if not same_value(first[1], error, check.within):
                yield Difference(check, first[0], first[1], error)
            continue
        for name, value in expected[check.name].items():
            if not same_value(value, found.get(name), check.within):
                yield Difference(check, name, value, found.get(name))


def same_part(task: Task, part: str, one: Trace, other: Trace) -> bool:
    """Whether two traces agree in all that a part is looked at for."""
    for check in task.checks:
        if check.part == part:
            first, second = one.get(check.name, {}), other.get(check.name, {})
            if first.keys() != second.keys():
                return False
            if not all(same_value(first[name], second[name], check.within) for name in first):
                return False
    return True
