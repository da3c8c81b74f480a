"""Checks of what a layer is built with, and of an input that must be one array."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.nn.errors import describe

Pair = tuple[int, int]  # (height, width)


def check_number(
    owner: Any, name: str, value: Any, *, above: float | None = None, least: float | None = None
) -> float:
    """value as a float; raises `ValueError` unless it is a finite number, > above and ≥ least where given."""
    number = isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool)
    fine = number and np.isfinite(value)
    if not fine or (above is not None and value <= above) or (least is not None and value < least):
        limit = "" if above is None else f" above {above:g}"
        limit += "" if least is None else f" of at least {least:g}"
        raise ValueError(f"{type(owner).__name__}: {name} is {value!r}, it takes a finite number{limit}")
    return float(value)


def check_integer(owner: Any, name: str, value: Any, *, least: int | None = None) -> int:
    """value as an int; raises `ValueError` unless it is a whole number, and ≥ least where given."""
    whole = isinstance(value, (int, np.integer)) and not isinstance(value, bool)
    if not whole or (least is not None and value < least):
        limit = "" if least is None else f" of at least {least}"
        raise ValueError(f"{type(owner).__name__}: {name} is {value!r}, it takes a whole number{limit}")
    return int(value)


def check_pair(owner: Any, name: str, value: int | Pair, *, least: int) -> Pair:
    """value as (height, width), one number standing for both; raises `ValueError` unless both are ≥ least."""
    both = value if isinstance(value, (tuple, list)) else (value, value)
    if len(both) != 2:
        raise ValueError(
            f"{type(owner).__name__}: {name} is {value!r}, it takes one number or (height, width)"
        )
    height, width = (check_integer(owner, name, number, least=least) for number in both)
    return height, width


def check_one_array(module: Any, x: Any) -> None:
    """Raises `ValueError` where x is a list of arrays."""
    if not isinstance(x, np.ndarray):
        raise ValueError(
            f"{describe(module)}: x is a list of {len(x)} arrays, it takes one array; CAddTable adds them up"
        )
