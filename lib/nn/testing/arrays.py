"""ArrayOrArrays, and lists of arrays, alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

ArrayOrArrays = Any  # one, or a list of them: what is checked may be a Module or a TableModule


def leaves(value: Any) -> list[np.ndarray]:
    """Every array in a list of arrays, or of lists of them; one array as the only one."""
    return [leaf for part in value for leaf in leaves(part)] if isinstance(value, (list, tuple)) else [value]


def map_arrays(function: Callable[[Any], Any], value: Any) -> Any:
    """The function of every array, in the same lists."""
    if isinstance(value, (list, tuple)):
        return [map_arrays(function, part) for part in value]
    return function(value)


def shapes(value: Any) -> Any:
    """The shape of every array, in the same lists."""
    return map_arrays(np.shape, value)


def flatten(value: Any) -> np.ndarray:
    """One array as it is; a list of arrays as one vector."""
    return np.concatenate([leaf.ravel() for leaf in leaves(value)]) if isinstance(value, list) else value


def unflatten(flat: np.ndarray, value: Any) -> Any:
    """What `flatten` made flat, in the form of `value` again."""
    if not isinstance(value, list):
        return flat
    parts = np.split(flat, np.cumsum([leaf.size for leaf in leaves(value)])[:-1])
    rest = iter(parts)
    return map_arrays(lambda leaf: next(rest).reshape(leaf.shape), value)


def same(a: Any, b: Any) -> bool:
    """Whether all arrays are equal."""
    return all(np.array_equal(*pair) for pair in zip(leaves(a), leaves(b), strict=True))


def columns_first(array: np.ndarray) -> np.ndarray:
    """The same values, the first axis varying fastest in memory."""
    return np.array(array, order="F")


def channels_last(array: np.ndarray) -> np.ndarray:
    """The same values, the second axis varying fastest in memory."""
    return np.moveaxis(np.ascontiguousarray(np.moveaxis(array, 1, -1)), -1, 1) if array.ndim > 2 else array


def with_gaps(array: np.ndarray) -> np.ndarray:
    """The same values, with gaps between them in memory."""
    wide = np.zeros((*array.shape, 2), array.dtype)
    wide[..., 0] = array
    return wide[..., 0]


def expect(condition: bool, problem: str) -> None:
    """Raises `AssertionError` with this problem unless the condition holds."""
    if not condition:
        raise AssertionError(problem)


def expect_close(found: Any, expected: Any, tolerance: float, what: str) -> None:
    """Every element within `tolerance` of the largest expected magnitude."""
    for ours, theirs in zip(leaves(found), leaves(expected), strict=True):
        expect(ours.shape == theirs.shape, f"{what}: expected shape {theirs.shape}, got {ours.shape}")
        error = np.abs(ours - theirs).max(initial=0)
        limit = tolerance * max(1, np.abs(theirs).max(initial=0))
        expect(error <= limit, f"{what} is off by up to {error:.3g}, expected at most {limit:.3g}")
