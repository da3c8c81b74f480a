"""What the criteria share that compare a row of scores with a class."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.checks import check_whole, mismatch, shown
from lib.nn.arguments import unusual
from lib.nn.criterion import Criterion


class ClassCriterion(Criterion):
    """A loss of each row of scores and its class; those of `classification` and your own subclass it.

    Shapes: x and grad_input (N, C), with target (N,) of integers from 0 to C − 1. Also (N, C, H, W) with
        (N, H, W), a class for each pixel, and a single (C,) with one integer. The output has the shape of
        target where the reduction is "none".
    weight: (C,), how much each class counts, ≥ 0; None counts all alike
    ignore_index: examples with this target count nothing, neither in the loss nor in the mean's divisor
    reduction: "mean", "sum" or "none"

    A subclass writes `losses` and `slope` for scores (M, C) and classes (M,), whatever the shape of x was.
    """

    def __init__(
        self,
        weight: np.ndarray | None = None,
        *,
        ignore_index: int | None = -100,
        reduction: str = "mean",
    ):
        super().__init__(reduction=reduction)
        self.weight = None if weight is None else check_weights(self, "weight", weight)
        if self.weight is not None and self.weight.ndim != 1:
            raise mismatch(type(self).__name__, "weight", "(C,), one a class", f"shape {self.weight.shape}")
        self.ignore_index = (
            None
            if ignore_index is None
            else check_whole(ignore_index, name="ignore_index", owner=self, low=None)
        )

    def describe(self):
        return ", ".join(unusual(self, weight=None, ignore_index=-100, reduction="mean"))

    def losses(self, scores: np.ndarray, y: np.ndarray, shares: np.ndarray) -> np.ndarray:
        """The loss of each row of the scores (M, C) for its class in y (M,), times its share (M,): (M,)."""
        raise NotImplementedError(f"{type(self).__name__}: write losses(self, scores, y, shares)")

    def slope(self, scores: np.ndarray, y: np.ndarray, shares: np.ndarray) -> np.ndarray:
        """The derivative of the sum of `losses` in the scores, (M, C)."""
        raise NotImplementedError(f"{type(self).__name__}: write slope(self, scores, y, shares)")

    def counted(self, y: np.ndarray, dtype: Any) -> tuple[np.ndarray, np.ndarray]:
        """The classes (M,), 0 for what is ignored, and how much each example counts in the loss, (M,)."""
        kept = self.kept(y)
        y = np.where(kept, y, 0)
        weights = kept if self.weight is None else self.weight[y] * kept
        return y, (weights / self.divisor(weights)).astype(dtype)

    def kept(self, y: np.ndarray) -> np.ndarray:
        """Which examples are not ignored, (M,) of bool."""
        return np.ones(len(y), bool) if self.ignore_index is None else y != self.ignore_index

    def divisor(self, weights: np.ndarray) -> float:
        """What the mean divides by: the sum of the weights (M,); ∞ where that is 0, so that the loss is 0."""
        return (float(weights.sum()) or np.inf) if self.reduction == "mean" else 1.0

    def reduced(self, losses: np.ndarray, target_shape: tuple[int, ...]) -> Any:
        """The losses (M,) added up; or one by one, in the shape of the target."""
        return losses.reshape(target_shape) if self.reduction == "none" else losses.sum()

    def check_target(self, x: np.ndarray, target: np.ndarray) -> None:
        if x.ndim == 0:
            raise mismatch(self, "x", "scores of shape (N, C)", "shape ()")
        axis = class_axis(x)
        takes, classes = x.shape[:axis] + x.shape[axis + 1 :], x.shape[axis]
        if self.weight is not None and len(self.weight) != classes:
            raise mismatch(self, "x", f"{len(self.weight)} classes, as weight has", f"{classes}")
        if self.reduction == "mean" and 0 in takes:
            raise mismatch(self, "x", "at least one example", f"shape {x.shape}")
        if not classes and 0 not in takes:
            raise mismatch(self, "x", "at least one class", f"shape {x.shape}")
        self.check_classes(x, target, takes, classes)

    def check_classes(self, x: np.ndarray, target: np.ndarray, takes: tuple[int, ...], classes: int) -> None:
        """Raises `ValueError` unless target has this shape and holds integers from 0 to classes − 1."""
        if target.shape != takes:
            raise mismatch(
                self,
                "target",
                f"{takes}, one class for each row of scores {x.shape}",
                f"shape {target.shape}",
            )
        if target.dtype.kind not in "ui":
            advice = "convert with .astype(np.int64)"
            raise mismatch(self, "target", "integers", f"dtype {target.dtype}", advice)
        if target.size and (target.min() < 0 or target.max() >= classes):
            outside = ((target < 0) | (target >= classes)) & self.kept(target.ravel()).reshape(target.shape)
            if outside.any():
                where = tuple(int(i) for i in np.argwhere(outside)[0])
                raise mismatch(self, "target", f"0 to {classes - 1}", f"{target[where]} at {list(where)}")

    def update_output(self, x, target):
        y, shares = self.counted(target.ravel(), x.dtype)
        return self.reduced(self.losses(to_rows(x), y, shares), target.shape)

    def update_grad_input(self, x, target):
        y, shares = self.counted(target.ravel(), x.dtype)
        self.grad_input = from_rows(self.slope(to_rows(x), y, shares), x)
        return self.grad_input


def check_weights(owner: Criterion, name: str, weights: Any) -> np.ndarray:
    """A copy of weights, float64; raises `ValueError` unless all are finite numbers ≥ 0."""
    try:
        checked = np.array(weights, np.float64)
    except (TypeError, ValueError):
        checked = np.array(np.nan)
    if not ((checked >= 0) & np.isfinite(checked)).all():
        raise mismatch(type(owner).__name__, name, "finite numbers, 0 or more", shown(weights))
    return checked


def right(y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The index of each row's right class."""
    return np.arange(len(y)), y


def class_axis(x: np.ndarray) -> int:
    """Along which axis of x the classes lie."""
    return min(1, x.ndim - 1)


def to_rows(x: np.ndarray) -> np.ndarray:
    """The scores as (M, C), one row for each target."""
    return x if x.ndim == 2 else np.moveaxis(x, class_axis(x), -1).reshape(-1, x.shape[class_axis(x)])


def from_rows(rows: np.ndarray, x: np.ndarray) -> np.ndarray:
    """The reverse: rows in the shape of x."""
    if x.ndim == 2:
        return rows
    last = np.moveaxis(x, class_axis(x), -1).shape
    return np.moveaxis(rows.reshape(last), -1, class_axis(x))
