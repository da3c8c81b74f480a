"""Boxes (x1, y1, x2, y2) in pixels: x to the right, y down; a box ends at x2, so its width is x2 − x1."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.checks import as_numbers, shown

SIDES = 1e-9, 1e9  # pixels; with others an area would soon be 0 or infinite


def area(boxes: np.ndarray) -> np.ndarray:
    """The areas of boxes (…, 4), in square pixels: (…,).

    >>> area(np.array([10.0, 20.0, 30.0, 25.0]))
    np.float64(100.0)
    """
    boxes = _as_floats(boxes)
    return (boxes[..., 2] - boxes[..., 0]) * (boxes[..., 3] - boxes[..., 1])


def iou(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Intersection over union of each box of a (N, 4) with each of b (M, 4): float64 (N, M), from 0 to 1.

    Boxes that only touch have 0. Raises `ValueError` where a box is inside out, empty or not finite.

    >>> iou(np.array([[0, 0, 10, 10]]), np.array([[5, 0, 15, 10], [0, 0, 10, 10], [10, 0, 20, 10]])).round(3)
    array([[0.333, 1.   , 0.   ]])
    """
    a, b = check_boxes(a, name="a"), check_boxes(b, name="b")
    return overlap(a[:, None].astype(np.float64), b.astype(np.float64))


def overlap(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Intersection over union of boxes (…, 4) that broadcast, which are not checked: (…,)."""
    width = np.minimum(a[..., 2], b[..., 2]) - np.maximum(a[..., 0], b[..., 0])
    height = np.minimum(a[..., 3], b[..., 3]) - np.maximum(a[..., 1], b[..., 1])
    shared = np.maximum(width, 0) * np.maximum(height, 0)
    return shared / (area(a) + area(b) - shared)


def clip(boxes: np.ndarray, height: float, width: float) -> np.ndarray:
    """Boxes (N, 4) cut at the borders of a scene, in pixels; what lay outside becomes empty."""
    boxes = _as_floats(boxes)
    return np.clip(boxes, 0, np.array([width, height, width, height], boxes.dtype))


def check_boxes(boxes: Any, *, name: str = "boxes") -> np.ndarray:
    """Boxes as an array (N, 4), float32 if they were, else float64; N may be 0, and [] is no box.

    name: of the argument, for the error

    Raises `ValueError` that names the first box which is inside out, empty or not finite.
    """
    array = as_numbers(boxes, name=name)
    array = _as_floats(array.reshape(0, 4) if array.shape == (0,) else array)
    if array.ndim != 2 or array.shape[1] != 4:
        hint = "; one box is box[None]" if array.shape == (4,) else ""
        raise ValueError(f"{name}: expected numbers of shape (N, 4), got {shown(array)}{hint}")
    with np.errstate(invalid="ignore", over="ignore"):
        sides = array[:, 2:] - array[:, :2]
    wrong = ~((sides >= SIDES[0]) & (sides <= SIDES[1])).all(axis=1)  # NaN is neither
    if wrong.any():
        row = int(wrong.argmax())
        text = ", ".join(f"{number:g}" for number in array[row])
        raise ValueError(f"{name}[{row}]: expected x1 < x2 and y1 < y2, sides of 1e-9 to 1e9, got ({text})")
    return array


def check_box_scores(scores: Any, count: int, *, name: str = "scores") -> np.ndarray:
    """Scores as a float array (count,); raises `ValueError` where there are others, or one is NaN."""
    array = _as_floats(as_numbers(scores, name=name))
    if array.shape != (count,):
        raise ValueError(f"{name}: expected {count} numbers, one a box, got {shown(array)}")
    if np.isnan(array).any():
        raise ValueError(f"{name}[{int(np.isnan(array).argmax())}]: expected a number, got nan")
    return array


def _as_floats(numbers: Any) -> np.ndarray:
    """An array of float32 or float64; other types, in which an area may overflow, become float64."""
    array = np.asarray(numbers)
    return array if array.dtype in (np.float32, np.float64) else array.astype(np.float64)
