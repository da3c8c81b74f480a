"""What the criteria share that compare the output with the target element by element."""

from __future__ import annotations

import numpy as np

from lib.checks import mismatch
from lib.nn.criterion import Criterion


class ElementwiseCriterion(Criterion):
    """The mean, or the sum, of a loss of every element of x and the target beside it.

    Shapes: x, target and grad_input are all alike, of any shape, and so is the output where the reduction is
        "none"; target holds numbers of any dtype.
    A subclass writes `losses` and `slopes`, its derivative in x.
    """

    def losses(self, x: np.ndarray, target: np.ndarray) -> np.ndarray:
        """The loss of each element; target has the dtype of x."""
        raise NotImplementedError(f"{type(self).__name__}: write losses(self, x, target)")

    def slopes(self, x: np.ndarray, target: np.ndarray) -> np.ndarray:
        """The derivative of each element's loss in x, in a new array."""
        raise NotImplementedError(f"{type(self).__name__}: write slopes(self, x, target)")

    def check_target(self, x: np.ndarray, target: np.ndarray) -> None:
        super().check_target(x, target)
        if target.dtype.kind not in "buif":
            raise mismatch(self, "target", "numbers", f"dtype {target.dtype}")
        if self.reduction == "mean" and not x.size:
            raise mismatch(self, "x", "at least one element", f"shape {x.shape}")

    def update_output(self, x, target):
        losses = self.losses(x, target.astype(x.dtype, copy=False))
        if self.reduction == "none":
            return losses
        return losses.mean() if self.reduction == "mean" else losses.sum()

    def update_grad_input(self, x, target):
        self.grad_input = self.slopes(x, target.astype(x.dtype, copy=False))
        if self.reduction == "mean":
            self.grad_input /= x.size
        return self.grad_input
