"""Boxes (x1, y1, x2, y2) in pixels: x to the right, y down; a box ends at x2, so its width is x2 − x1."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.checks import shown


def area(boxes: np.ndarray) -> np.ndarray:
    """The areas of boxes (…, 4), in square pixels: (…,).

    >>> area(np.array([10.0, 20.0, 30.0, 25.0]))
    np.float64(100.0)
    """
    return (boxes[..., 2] - boxes[..., 0]) * (boxes[..., 3] - boxes[..., 1])


def iou(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Intersection over union of each box of a (N, 4) with each of b (M, 4): (N, M), from 0 to 1.

    Boxes that only touch have 0. Raises `ValueError` where a box is inside out, empty or not finite.

    >>> iou(np.array([[0, 0, 10, 10]]), np.array([[5, 0, 15, 10], [0, 0, 10, 10], [10, 0, 20, 10]])).round(3)
    array([[0.333, 1.   , 0.   ]])
    """
    a, b = check_boxes(a, name="a"), check_boxes(b, name="b")
    return overlap(a[:, None], b[None])


def overlap(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Intersection over union of boxes (…, 4) that broadcast, which are not checked: (…,)."""
    size = np.minimum(a[..., 2:], b[..., 2:]) - np.maximum(a[..., :2], b[..., :2])
    shared = np.maximum(size, 0).prod(axis=-1)
    return shared / (area(a) + area(b) - shared)


def clip(boxes: np.ndarray, height: float, width: float) -> np.ndarray:
    """Boxes (N, 4) cut at the borders of a scene, in pixels; what lay outside becomes empty."""
    return np.clip(boxes, 0, np.array([width, height, width, height], boxes.dtype))


def check_boxes(boxes: Any, *, name: str = "boxes") -> np.ndarray:
    """Boxes as a float array (N, 4), float64 where they were no floats; N may be 0.

    name: of the argument, for the error

    Raises `ValueError` that names the first box which is inside out, empty or not finite.
    """
    array = np.asarray(boxes)
    if array.dtype.kind not in "fiu" or array.ndim != 2 or array.shape[1] != 4:
        hint = "; one box is box[None]" if array.shape == (4,) else ""
        raise ValueError(f"{name}: expected numbers of shape (N, 4), got {shown(array)}{hint}")
    array = array if array.dtype.kind == "f" else array.astype(np.float64)
    wrong = ~(np.isfinite(array).all(axis=1) & (array[:, :2] < array[:, 2:]).all(axis=1))
    if wrong.any():
        row = int(wrong.argmax())
        text = ", ".join(f"{number:g}" for number in array[row])
        raise ValueError(f"{name}[{row}]: expected x1 < x2 and y1 < y2, got ({text})")
    return array


def check_scores(scores: Any, count: int, *, name: str = "scores") -> np.ndarray:
    """Scores as a float array (count,); raises `ValueError` where there are others, or one is NaN."""
    array = np.asarray(scores)
    if array.dtype.kind not in "fiu" or array.shape != (count,):
        raise ValueError(f"{name}: expected {count} numbers, one a box, got {shown(array)}")
    array = array if array.dtype.kind == "f" else array.astype(np.float64)
    if np.isnan(array).any():
        raise ValueError(f"{name}[{int(np.isnan(array).argmax())}]: expected a number, got nan")
    return array
