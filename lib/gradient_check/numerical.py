"""The slope of a function by trying: a little to the right, a little to the left."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from lib.checks import check_number


def numerical_gradient(f: Callable[[np.ndarray], float], x: np.ndarray, h: float = 1e-5) -> np.ndarray:
    """(f(x + h) − f(x − h)) / 2h for each element of x in turn: float64, shaped like x.

    f: takes a float64 array shaped like x, returns one number; called twice for each element
    x: numbers, any shape
    h: the step to either side, above 0
    Raises `ValueError` where f returns anything else. Source: deck A1, whose slope is one-sided.

    >>> numerical_gradient(lambda w: w**2, 10.0, h=0.01).round(6)
    np.float64(20.0)
    """
    h = check_number(h, name="h", low=0, open_low=True, otherwise=", such as 1e-5")
    x = np.array(x, dtype=np.float64)
    gradient = np.empty_like(x)
    for index in np.ndindex(x.shape):
        gradient[index] = slope(f, x, index, h)
    return gradient[()]


def slope(f: Callable[[np.ndarray], float], x: np.ndarray, index: tuple[int, ...], h: float) -> float:
    """The central difference along one element of x."""
    right, left = x.copy(), x.copy()
    right[index] += h
    left[index] -= h
    run = right[index] - left[index]  # not quite 2h: x ± h were rounded
    if run == 0:
        raise ValueError(f"h: expected a step that changes x, here {x[index]}, got {h}; such as 1e-5")
    return (as_number(f(right)) - as_number(f(left))) / run


def as_number(value: Any) -> float:
    """The one number that a function returned."""
    if isinstance(value, tuple) or np.size(value) != 1:
        came = f"{len(value)} values" if isinstance(value, tuple) else f"shape {np.shape(value)}"
        raise ValueError(f"f: expected one number, the loss, got {came}; return the loss alone")
    return float(np.asarray(value).reshape(()))
