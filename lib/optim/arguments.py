"""Checks of what optimisers and schedules are built with."""

from __future__ import annotations

from typing import Any

import numpy as np


def check_number(
    owner: Any,
    name: str,
    value: Any,
    *,
    above: float = -np.inf,
    least: float = -np.inf,
    below: float = np.inf,
    otherwise: str = "",
    advice: str = "",
) -> float:
    """value as a float; raises `ValueError` unless it is a finite number, > above, ≥ least and < below.

    owner: the optimiser, or the name of the schedule
    otherwise: what else is accepted, for the error
    advice: what to do next, for the error
    """
    number = isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool)
    if not number or not np.isfinite(value) or not above < value or not least <= value < below:
        limit = "" if above == -np.inf else f" above {above:g}"
        limit += "" if least == -np.inf else f" of at least {least:g}"
        limit += "" if below == np.inf else f" and below {below:g}"
        raise mismatch(owner, name, f"a finite number{limit}{otherwise}", what_came(value), advice)
    return float(value)


def check_count(owner: str, name: str, value: Any) -> int:
    """value as an int; raises `ValueError` unless it is a whole number of at least 1."""
    whole = isinstance(value, (int, np.integer)) and not isinstance(value, bool)
    if not whole or value < 1:
        raise mismatch(owner, name, "a whole number of at least 1", what_came(value))
    return int(value)


def mismatch(owner: Any, name: str, expected: str, got: str, advice: str = "") -> ValueError:
    """The error for an argument that does not fit, in the course's one voice."""
    who = owner if isinstance(owner, str) else type(owner).__name__
    return ValueError(f"{who}: {name}: expected {expected}, got {got}" + (f"; {advice}" if advice else ""))


def what_came(value: Any) -> str:
    """What came instead, in a few words: an array, or a list of them, is not printed.

    >>> what_came("0.1"), what_came(np.ones((2, 3))), what_came([np.ones(100)])
    ("'0.1'", 'an array of float64, shape (2, 3)', 'list')
    """
    if isinstance(value, np.ndarray):
        return (
            f"{'an' if value.flags.writeable else 'a read-only'} array of {value.dtype}, shape {value.shape}"
        )
    text = repr(value)
    return text if len(text) <= 40 and "array" not in text else type(value).__name__
