"""Checks of what a layer is built with, and of an input that must be one array."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.nn.errors import describe

Pair = tuple[int, int]  # (height, width)


def check_number(
    owner: Any,
    name: str,
    value: Any,
    *,
    above: float = -np.inf,
    least: float = -np.inf,
    most: float = np.inf,
) -> float:
    """value as a float; raises `ValueError` unless it is a finite number, > above, ≥ least and ≤ most."""
    number = isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool)
    if not number or not np.isfinite(value) or not above < value or not least <= value <= most:
        limit = "" if above == -np.inf else f" above {above:g}"
        limit += "" if least == -np.inf else f" of at least {least:g}"
        limit += "" if most == np.inf else f" and at most {most:g}"
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


def unusual(owner: Any, **usual: Any) -> list[str]:
    """Which attributes of owner are not as usual, for its print; of an array its shape.

    >>> from types import SimpleNamespace
    >>> unusual(SimpleNamespace(eps=0.1, affine=True, weight=np.ones(3)), eps=1e-5, affine=True, weight=None)
    ['eps=0.1', 'weight of shape (3,)']
    """
    values = {name: np.asarray(getattr(owner, name)) for name in usual}
    return [
        f"{name} of shape {value.shape}" if value.ndim else f"{name}={value.item()!r}"
        for name, value in values.items()
        if not np.array_equal(value, usual[name])
    ]


def check_one_array(module: Any, x: Any) -> None:
    """Raises `ValueError` where x is a list of arrays."""
    if not isinstance(x, np.ndarray):
        raise ValueError(
            f"{describe(module)}: x is a list of {len(x)} arrays, it takes one array; CAddTable adds them up"
        )
