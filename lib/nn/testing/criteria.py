"""The properties of a right criterion."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from lib.gradient_check import GradientReport, check_gradients
from lib.nn.criterion import Criterion
from lib.nn.testing.arrays import expect, expect_close

MISSING = "is a return missing?"


@dataclass(frozen=True)
class CriterionCase:
    """A criterion, fresh, with an output in float64 and its target."""

    criterion: Criterion
    x: np.ndarray
    target: Any
    tolerance: float

    @classmethod
    def of(cls, criterion: Criterion, x: np.ndarray, target: Any, tolerance: float) -> Self:
        """A copy of the criterion that has not computed anything yet."""
        criterion = copy.deepcopy(criterion)
        criterion.output = None
        return cls(criterion, np.array(x, np.float64), target, tolerance)


def compare_criterion(case: CriterionCase) -> GradientReport:
    """The gradient against finite differences."""
    criterion = copy.deepcopy(case.criterion)

    def loss_and_gradient(x: np.ndarray) -> tuple[float, np.ndarray]:
        return criterion.forward(x, case.target), criterion.backward(x, case.target)

    return check_gradients(loss_and_gradient, case.x, tolerance=case.tolerance)


def too_early(case: CriterionCase) -> str:
    """`backward` before `forward` raises."""
    try:
        copy.deepcopy(case.criterion).backward(case.x, case.target)
    except RuntimeError:
        return "backward before forward is refused"
    raise AssertionError("backward before forward passes, expected a RuntimeError")


def written(case: CriterionCase) -> str:
    """Both methods return something."""
    criterion = copy.deepcopy(case.criterion)
    x, target = criterion._checked(case.x.copy(), copy.deepcopy(case.target))
    loss = criterion.update_output(x, target)
    expect(loss is not None, f"update_output: expected the loss, one number, got None; {MISSING}")
    criterion.forward(case.x, case.target)
    gradient = criterion.backward(case.x, case.target)
    wanted = f"expected an array of shape {case.x.shape}, as x has"
    expect(gradient is not None, f"update_grad_input: {wanted}, got None; {MISSING}")
    return "loss and gradient are returned"


def returns(case: CriterionCase) -> str:
    """What forward and backward return and keep, and that they change no argument."""
    criterion, x, target = copy.deepcopy(case.criterion), case.x.copy(), copy.deepcopy(case.target)
    loss = criterion.forward(x, target)
    expect(isinstance(loss, float), f"forward: expected one float, got {type(loss).__name__}")
    expect(np.array_equal(criterion.output, loss, equal_nan=True), "`output` is not what forward returned")
    gradient = criterion.backward(x, target)
    expect(criterion.grad_input is gradient, "`grad_input` is not what backward returned")
    expect(np.array_equal(x, case.x), "x was changed in place: it belongs to the caller, work on a copy")
    expect(np.array_equal(target, case.target), "target was changed in place: it belongs to the caller")
    return "loss and gradient are kept, arguments stay as they were"


def float32(case: CriterionCase) -> str:
    """float32 in, float32 out."""
    criterion, x, single = copy.deepcopy(case.criterion), case.x, case.x.astype(np.float32)
    loss, gradient = criterion.forward(x, case.target), criterion.backward(x, case.target)
    expect_close(
        np.float64(criterion.forward(single, case.target)), np.float64(loss), 1e-4, "the loss in float32"
    )
    short = criterion.backward(single, case.target)
    expect(
        short.dtype == np.float32, f"the gradient of a float32 output: expected float32, got {short.dtype}"
    )
    expect_close(short, gradient, 1e-4, "the gradient in float32")
    return "float32 in, float32 out"
