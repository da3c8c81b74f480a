"""The contract of every criterion: how wrong an output is, and in which direction it should move."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.nn.arguments import unusual
from lib.nn.errors import check_arrays, describe

REDUCTIONS = ("mean", "sum")


class Criterion:
    """A loss: one number from the network's output and the target, and its gradient in the output.

    reduction: "mean" over the elements (over the examples, where the target is one class an example) or "sum"

    A subclass writes `update_output(x, target)`, the loss, and `update_grad_input(x, target)`, its gradient
    shaped like x, and may check shapes in `check_target`.

    Source: Torch7's nn.Criterion; deck A2, "Feed Forward – In Torch7".
    """

    reduction: str = "mean"
    output: float | None = None
    grad_input: np.ndarray | None = None

    def __init__(self, *, reduction: str = "mean"):
        if reduction not in REDUCTIONS:
            raise ValueError(f"{type(self).__name__}: reduction is {reduction!r}, it takes 'mean' or 'sum'")
        self.reduction = reduction

    def update_output(self, x: np.ndarray, target: np.ndarray) -> float:
        """The loss."""
        raise NotImplementedError(f"{type(self).__name__}: write update_output(self, x, target)")

    def update_grad_input(self, x: np.ndarray, target: np.ndarray) -> np.ndarray:
        """∂loss/∂x, shaped like x, of its dtype."""
        raise NotImplementedError(f"{type(self).__name__}: write update_grad_input(self, x, target)")

    def check_target(self, x: np.ndarray, target: Any) -> None:
        """Raises `ValueError` where x and target do not fit; by default, where their shapes differ."""
        if np.shape(target) != x.shape:
            raise ValueError(
                f"{describe(self)}: target has shape {np.shape(target)}, it takes {x.shape}, as the output is"
            )

    def forward(self, x: np.ndarray, target: Any) -> float:
        """The loss of the output x for the target, a Python float."""
        self._check(x, target)
        self.output = float(self.update_output(x, self._like(x, target)))
        return self.output

    def __call__(self, x: np.ndarray, target: Any) -> float:
        return self.forward(x, target)

    def backward(self, x: np.ndarray, target: Any) -> np.ndarray:
        """The gradient of the loss in x, of its shape and dtype; both arguments as in `forward`."""
        if self.output is None:
            raise RuntimeError(f"{describe(self)}: backward before forward; call forward(x, target) first")
        self._check(x, target)
        self.grad_input = self.update_grad_input(x, self._like(x, target))
        return self.grad_input

    def _check(self, x: Any, target: Any) -> None:
        if isinstance(x, (list, tuple)):
            raise ValueError(f"{describe(self)}: x is a list of {len(x)}, it takes one array")
        check_arrays(self, "x", x)
        self.check_target(x, target)

    def _like(self, x: np.ndarray, target: Any) -> np.ndarray:
        """The target as an array; floats in the dtype of x, so that float32 stays float32."""
        target = np.asarray(target)
        return target.astype(x.dtype, copy=False) if target.dtype.kind == "f" else target

    def describe(self) -> str:
        """What stands between the brackets when the criterion is printed: all that is not as usual."""
        return ", ".join(unusual(self, reduction="mean"))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.describe()})"
