"""The contract of every criterion: how wrong an output is, and in which direction it should move."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lib.checks import check_choice, mismatch, name_of
from lib.nn.arguments import unusual
from lib.nn.constructors import give_constructor
from lib.nn.errors import (
    as_array,
    check_arrays,
    holds_numbers,
    kind_of,
    no_attribute,
    same_values,
)


class Criterion:
    """A loss: one number from the network's output and the target, and its gradient in the output.

    reduction: "mean" over the elements (over the examples, where the target is one class an example), "sum",
        or "none" for the losses one by one, in an array; `backward` then is the gradient of their sum

    A subclass writes `update_output(x, target)`, the loss, and `update_grad_input(x, target)`, its gradient
    shaped like x, and may check shapes in `check_target`.

    Source: Torch7's nn.Criterion; deck A2, "Feed Forward – In Torch7".
    """

    reduction: str = "mean"
    input: np.ndarray | None = None
    target: Any = None
    output: Any = None
    grad_input: np.ndarray | None = None

    def __init_subclass__(cls, **options: Any):
        super().__init_subclass__(**options)
        give_constructor(cls)

    def __init__(self, *, reduction: str = "mean"):
        self.reduction = check_choice(reduction, ("mean", "sum", "none"), name="reduction", owner=self)

    def update_output(self, x: np.ndarray, target: np.ndarray) -> Any:
        """The loss; an array of losses where the reduction is "none"."""
        raise NotImplementedError(f"{type(self).__name__}: write update_output(self, x, target)")

    def update_grad_input(self, x: np.ndarray, target: np.ndarray) -> np.ndarray:
        """∂loss/∂x, shaped like x, of its dtype."""
        raise NotImplementedError(f"{type(self).__name__}: write update_grad_input(self, x, target)")

    def check_target(self, x: np.ndarray, target: np.ndarray) -> None:
        """Raises `ValueError` where x and target do not fit; by default, where their shapes differ."""
        if target.shape != x.shape:
            raise mismatch(self, "target", f"{x.shape}, as the output is", f"shape {target.shape}")

    def forward(self, x: np.ndarray, target: Any) -> Any:
        """The loss of the output x for the target, a Python float; an array where the reduction is "none"."""
        x, known = self._checked(x, target)
        loss = self.update_output(x, known)
        self.output = loss if self.reduction == "none" else float(loss)
        self.input, self.target = x, target
        return self.output

    def __call__(self, x: np.ndarray, target: Any) -> Any:
        return self.forward(x, target)

    def backward(self, x: np.ndarray, target: Any) -> np.ndarray:
        """The gradient of the loss in x, of its shape and dtype.

        x, target: those of the last `forward`, or copies of them; not changed in place since
        Raises `RuntimeError` before the first `forward`, `ValueError` where x or target are others.
        """
        if self.output is None:
            raise RuntimeError(
                f"{name_of(self)}: backward: expected forward before it, got none; "
                "call forward(x, target) first"
            )
        x, known = self._checked(x, target)
        for name, value, last in (("x", x, self.input), ("target", target, self.target)):
            if value is not last and not same_values(np.asarray(value), np.asarray(last)):
                raise mismatch(
                    self, name, "that of the last forward", "other numbers", "call forward(x, target) before"
                )
        self.grad_input = self.update_grad_input(x, known)
        return self.grad_input

    def _checked(self, x: Any, target: Any) -> tuple[np.ndarray, np.ndarray]:
        """Both as arrays that fit; a target of floats in the dtype of x, so that float32 stays float32."""
        x = as_array(x)
        if isinstance(x, (list, tuple)):
            numbers = holds_numbers(x)
            came, advice = ("a list of numbers", "np.array(x, float)") if numbers else (kind_of(x), "")
            raise mismatch(self, "x", "one array", came, advice)
        check_arrays(self, "x", x)
        try:
            known = np.asarray(target)
        except ValueError as error:  # numpy's words for [[1], [1, 2]] are of inhomogeneous shapes
            raise mismatch(self, "target", "one array", "a list of parts of different shapes") from error
        self.check_target(x, known)
        return x, known.astype(x.dtype, copy=False) if known.dtype.kind == "f" else known

    def describe(self) -> str:
        """What stands between the brackets when the criterion is printed: all that is not as usual."""
        return ", ".join(unusual(self, reduction="mean"))

    if not TYPE_CHECKING:  # or every misspelt attribute would count as one

        def __getattr__(self, name):
            raise no_attribute(self, name)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.describe()})"
