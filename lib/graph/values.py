"""What a graph asks of its values: numbers, in float64, that nobody changes behind its back."""

from __future__ import annotations

import reprlib
from typing import Any

import numpy as np


def as_float64(value: Any, name: str, *subjects: Any) -> np.ndarray:
    """A read-only float64 copy; raises `ValueError` where value is neither a number nor an array of them.

    name: what the value is, for the message
    subjects: what fills the {} of the name, one after the other

    >>> as_float64("2", "input 'x'")
    Traceback (most recent call last):
    ValueError: input 'x': expected a number or an array of numbers, got str '2'
    """
    try:
        array = np.array(value)
    except (ValueError, TypeError):  # rows of different lengths, or a node among them
        array = np.empty(0, object)
    if array.dtype.kind not in "biuf":
        came = "None" if value is None else f"{type(value).__name__} {reprlib.repr(value)}"
        what = name.format(*subjects)
        raise ValueError(f"{what}: expected a number or an array of numbers, got {came}")
    return frozen(array.astype(np.float64, copy=False))


def frozen(array: Any) -> np.ndarray:
    """The array, read-only."""
    array = np.asarray(array)
    array.flags.writeable = False
    return array


def is_broadcast(shape: tuple[int, ...], wide: tuple[int, ...]) -> bool:
    """Whether an array of this shape can be broadcast to the wide one.

    >>> is_broadcast((3, 1), (2, 3, 4)), is_broadcast((2, 3, 4), (3, 1))
    (True, False)
    """
    ends = zip(reversed(shape), reversed(wide), strict=False)
    return len(shape) <= len(wide) and all(size in (1, stretched) for size, stretched in ends)


def sum_to_shape(grad: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Undoes broadcasting: a value that was used many times gets the sum of its gradients.

    >>> sum_to_shape(np.ones((4, 3)), (3,))
    array([4., 4., 4.])
    """
    grad = grad.sum(axis=tuple(range(grad.ndim - len(shape))))
    stretched = tuple(axis for axis, size in enumerate(shape) if size == 1)
    return grad.sum(axis=stretched, keepdims=True)
