"""Criteria for targets that are classes: one integer for each row of scores."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.nn.criterion import Criterion
from lib.nn.errors import describe


class ClassCriterion(Criterion):
    """A loss of each row of scores and its class.

    Shapes: x (N, C) with target (N,), integers from 0 to C − 1; also x (N, C, H, W) with target (N, H, W),
    a class for each pixel, and a single x (C,) with one integer.
    weight: (C,), how much each class counts, ≥ 0; None counts all alike

    A subclass writes `loss` and `slope` for scores (M, C), whatever the shape of x.
    """

    def __init__(self, weight: np.ndarray | None = None, *, reduction: str = "mean"):
        super().__init__(reduction=reduction)
        self.weight = None if weight is None else np.array(weight, np.float64)
        if self.weight is not None and (
            self.weight.ndim != 1 or not ((self.weight >= 0) & np.isfinite(self.weight)).all()
        ):
            raise ValueError(
                f"{type(self).__name__}: weight is {weight}, it takes one number ≥ 0 for each class"
            )

    def loss(self, scores: np.ndarray, y: np.ndarray) -> float:
        """The loss of scores (M, C) for the classes y (M,)."""
        raise NotImplementedError(f"{type(self).__name__}: write loss(self, scores, y)")

    def slope(self, scores: np.ndarray, y: np.ndarray) -> np.ndarray:
        """∂loss/∂scores, (M, C)."""
        raise NotImplementedError(f"{type(self).__name__}: write slope(self, scores, y)")

    def check_target(self, x: np.ndarray, target: Any) -> None:
        if x.ndim == 0:
            raise ValueError(f"{describe(self)}: x has shape (), it takes (N, C)")
        target, takes, classes = np.asarray(target), x.shape[:-1][:1] + x.shape[2:], x.shape[x.ndim > 1]
        if target.shape != takes:
            raise ValueError(
                f"{describe(self)}: target has shape {target.shape}, it takes {takes}, one class for each row "
                f"of the scores {x.shape}"
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
        if not target.size:
            if self.reduction == "mean":
                raise ValueError(f"{describe(self)}: x has shape {x.shape}, it takes at least one example")
        elif target.min() < 0 or target.max() >= classes:
            where = tuple(int(i) for i in np.argwhere((target < 0) | (target >= classes))[0])
            raise ValueError(
                f"{describe(self)}: target is {target[where]} at {list(where)}, it takes 0 to {classes - 1}"
            )

    def update_output(self, x, target):
        return self.loss(rows(x), target.ravel())

    def update_grad_input(self, x, target):
        slope = self.slope(rows(x), target.ravel())
        self.grad_input = slope if x.ndim == 2 else np.moveaxis(slope.reshape())
        return self.grad_input
