"""What the criteria share that compare a row of scores with a class."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.nn.arguments import unusual
from lib.nn.criterion import Criterion
from lib.nn.errors import describe


class ClassCriterion(Criterion):
    """A loss of each row of scores and its class; the criteria below, and your own, subclass it.

    Shapes: x and grad_input (N, C), with target (N,) of integers from 0 to C − 1. Also (N, C, H, W) with
        (N, H, W), a class for each pixel, and a single (C,) with one integer.
    weight: (C,), how much each class counts, ≥ 0; None counts all alike
    reduction: "mean" or "sum"

    A subclass writes `loss` and `slope` for scores (M, C) and classes (M,), whatever the shape of x was.
    """

    def __init__(self, weight: np.ndarray | None = None, *, reduction: str = "mean"):
        super().__init__(reduction=reduction)
        self.weight = None if weight is None else check_weights(self, "weight", weight)
        if weight is not None and self.weight.ndim != 1:
            raise ValueError(
                f"{type(self).__name__}: weight has shape {self.weight.shape}, it takes (C,): one a class"
            )

    def describe(self):
        return ", ".join(unusual(self, weight=None, reduction="mean"))

    def loss(self, scores: np.ndarray, y: np.ndarray) -> float:
        """The loss of scores (M, C) for the classes y (M,)."""
        raise NotImplementedError(f"{type(self).__name__}: write loss(self, scores, y)")

    def slope(self, scores: np.ndarray, y: np.ndarray) -> np.ndarray:
        """∂loss/∂scores, (M, C)."""
        raise NotImplementedError(f"{type(self).__name__}: write slope(self, scores, y)")

    def shares(self, y: np.ndarray, dtype: type) -> np.ndarray:
        """How much each example counts in the loss, (M,): for the mean, a share of the sum of weights."""
        if self.weight is None:
            return np.full(len(y), 1 / self.divisor(y), dtype)
        return (self.weight[y] / self.divisor(y)).astype(dtype)

    def divisor(self, y: np.ndarray) -> float:
        """The sum of the examples' weights for the mean; ∞ where all are 0, and so is then the loss."""
        if self.reduction == "sum":
            return 1.0
        return len(y) if self.weight is None else float(self.weight[y].sum()) or np.inf

    def check_target(self, x: np.ndarray, target: Any) -> None:
        if not isinstance(x, np.ndarray) or x.ndim == 0:
            raise ValueError(f"{describe(self)}: x is {x!r}, it takes scores of shape (N, C)")
        target, axis = np.asarray(target), class_axis(x)
        takes, classes = x.shape[:axis] + x.shape[axis + 1 :], x.shape[axis]
        if target.shape != takes:
            raise ValueError(
                f"{describe(self)}: target has shape {target.shape}, it takes {takes}, "
                f"one class for each row of the scores {x.shape}"
            )
        if target.dtype.kind not in "ui":
            raise ValueError(
                f"{describe(self)}: target has dtype {target.dtype}, it takes integers; "
                "convert with .astype(np.int64)"
            )
        if self.weight is not None and len(self.weight) != classes:
            raise ValueError(
                f"{describe(self)}: x has {classes} classes, it takes {len(self.weight)}, as weight has"
            )
        if not target.size and self.reduction == "mean":
            raise ValueError(f"{describe(self)}: x has shape {x.shape}, it takes at least one example")
        if target.size and (target.min() < 0 or target.max() >= classes):
            where = tuple(int(i) for i in np.argwhere((target < 0) | (target >= classes))[0])
            raise ValueError(
                f"{describe(self)}: target is {target[where]} at {list(where)}, it takes 0 to {classes - 1}"
            )

    def update_output(self, x, target):
        return self.loss(as_rows(x), target.ravel())

    def update_grad_input(self, x, target):
        self.grad_input = from_rows(self.slope(as_rows(x), target.ravel()), x)
        return self.grad_input


def check_weights(owner: Criterion, name: str, weights: Any) -> np.ndarray:
    """A copy of weights, float64; raises `ValueError` unless all are finite numbers ≥ 0."""
    try:
        checked = np.array(weights, np.float64)
    except (TypeError, ValueError):
        checked = np.array(np.nan)
    if not ((checked >= 0) & np.isfinite(checked)).all():
        raise ValueError(f"{type(owner).__name__}: {name} is {weights!r}, it takes finite numbers, 0 or more")
    return checked


def right(y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The index of each row's right class."""
    return np.arange(len(y)), y


def class_axis(x: np.ndarray) -> int:
    """Along which axis of x the classes lie."""
    return min(1, x.ndim - 1)


def as_rows(x: np.ndarray) -> np.ndarray:
    """The scores as (M, C), one row for each target."""
    return x if x.ndim == 2 else np.moveaxis(x, class_axis(x), -1).reshape(-1, x.shape[class_axis(x)])


def from_rows(rows: np.ndarray, x: np.ndarray) -> np.ndarray:
    """The reverse: rows in the shape of x."""
    if x.ndim == 2:
        return rows
    last = np.moveaxis(x, class_axis(x), -1).shape
    return np.moveaxis(rows.reshape(last), -1, class_axis(x))
