"""What a layer or criterion says where it is made with other arguments than it takes, or too large ones."""

from __future__ import annotations

import functools
import inspect
import re
from typing import Any

import numpy as np

from lib.checks import mismatch, shown, wrong_call

# What numpy says of shapes that no computer could hold; where only this one lacks memory, MemoryError.
TOO_LARGE = re.compile("array is too big|Maximum allowed dimension|maximum supported dimension")

# Arguments of torch's classes that have none here, and why: as in docs/layers.md, "What differs from torch".
REASONS = {
    "inplace": "nothing works in place: backward needs x as it was",
    "padding_mode": "padding is with zeros only, as in the decks",
    "return_indices": "only MaxUnpool2d needs them, which isn't here",
    "track_running_stats": "each image is normalised by itself, also in evaluation mode",
    "recompute_scale_factor": "it matters only in networks that are exported",
}
REASONS |= dict.fromkeys(
    ("device", "dtype"),
    "arrays lie in the computer's memory: .double() and .float() convert a whole network",
)
REASONS |= dict.fromkeys(("size_average", "reduce"), "torch itself has given them up for reduction")
REASONS |= dict.fromkeys(("min_value", "max_value"), "they are old names of min_val and max_val")


def give_constructor(kind: type) -> None:
    """Gives a class of this library an __init__ that speaks in its name where it is called wrongly.

    Python's own errors name the parent that has the __init__, and show no right call.
    A class of a student's own stays as it is.
    """
    if not _is_ours(kind):
        return
    owner = next(k for k in kind.__mro__ if "__init__" in vars(k))
    build = getattr(vars(owner)["__init__"], "as_written", vars(owner)["__init__"])
    if owner is object:

        def build(self: Any) -> None:
            super(kind, self).__init__()  # type: ignore[arg-type]  # a class, which mypy takes for an object

    @functools.wraps(build)
    def __init__(self: Any, *values: Any, **named: Any) -> None:
        try:
            build(self, *values, **named)
        except TypeError:
            name = type(self).__name__ if type(self).__init__ is __init__ else kind.__name__
            wrong = wrong_call(name, build, (self, *values), named, reasons=REASONS)
            if wrong is None:
                raise  # the call was right: the fault is further inside
        except (MemoryError, OverflowError, ValueError) as error:
            if next(filter(_is_ours, type(self).__mro__)) is not kind:
                raise  # a parent's arguments are not those that somebody wrote
            if isinstance(error, ValueError) and not TOO_LARGE.match(str(error)):
                raise
            given = inspect.signature(build).bind(self, *values, **named).arguments
            largest = max(list(given)[1:], key=lambda name: _largest(given[name]), default="memory")
            expected = "a size for whose arrays there is memory"
            raise mismatch(type(self).__name__, largest, expected, shown(given.get(largest))) from error
        else:
            return
        raise wrong

    __init__.__qualname__, __init__.__module__ = f"{kind.__qualname__}.__init__", kind.__module__
    __init__.__dict__["as_written"] = build
    setattr(kind, "__init__", __init__)  # noqa: B010  # an assignment is what mypy forbids


def _is_ours(kind: type) -> bool:
    return kind.__module__.startswith(f"{__package__}.")


def _largest(value: Any) -> int:
    """The largest whole number in an argument, 0 where it has none."""
    if isinstance(value, (list, tuple)):
        return max(map(_largest, value), default=0)
    return int(value) if isinstance(value, (int, np.integer)) else 0
