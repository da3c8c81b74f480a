"""Quick mode: the same lecture on less data, for tests and for a first look."""

import os
from typing import TypeVar

Value = TypeVar("Value")


def is_quick() -> bool:
    """True where the environment says COURSE_QUICK=1."""
    return os.environ.get("COURSE_QUICK") == "1"


def pick(*, quick: Value, full: Value) -> Value:
    """The value for the mode the course runs in.

    >>> os.environ["COURSE_QUICK"] = "1"
    >>> pick(quick=500, full=10_000)
    500
    """
    return quick if is_quick() else full
