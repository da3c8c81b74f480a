"""Criteria for targets that are numbers."""

from __future__ import annotations

import numpy as np

from lib.checks import check_number
from lib.nn.arguments import unusual
from lib.nn.elementwise_criterion import ElementwiseCriterion


class MSELoss(ElementwiseCriterion):
    """The squared error (x − t)², averaged over all elements.

    Shapes: x, target and grad_input are all alike, of any shape.
    reduction: "mean", "sum" or "none"

    Source: Torch7's nn.MSECriterion; deck C, "We choose the Mean Squared Error criterion".

    >>> criterion = MSELoss()
    >>> criterion.forward(np.array([3.0, 1.0]), np.array([1.0, 1.0]))
    2.0
    >>> criterion.backward(np.array([3.0, 1.0]), np.array([1.0, 1.0]))
    array([2., 0.])
    """

    def losses(self, x, target):
        return (x - target) ** 2

    def slopes(self, x, target):
        return 2 * (x - target)


class L1Loss(ElementwiseCriterion):
    """The absolute error |x − t|, averaged over all elements; an outlier pulls no harder than any other.

    Shapes: x, target and grad_input are all alike, of any shape.
    reduction: "mean", "sum" or "none"
    At x = t the subgradient 0 is taken, as torch does.

    Source: Torch7's nn.AbsCriterion.

    >>> L1Loss().forward(np.array([3.0, 1.0]), np.array([1.0, 1.0]))
    1.0
    """

    def losses(self, x, target):
        return np.abs(x - target)

    def slopes(self, x, target):
        return np.sign(x - target)


class SmoothL1Loss(ElementwiseCriterion):
    """Squared near the target, absolute beyond: (x − t)²/2β where |x − t| < β, and |x − t| − β/2 elsewhere.

    Shapes: x, target and grad_input are all alike, of any shape.
    reduction: "mean", "sum" or "none"
    beta: β > 0, where the parabola ends, in units of x; towards 0 it becomes L1Loss

    Source: Girshick, "Fast R-CNN", 2015; Torch7's nn.SmoothL1Criterion.

    >>> SmoothL1Loss(reduction="sum").forward(np.array([0.5, 3.0]), np.zeros(2))
    2.625
    """

    def __init__(self, *, reduction: str = "mean", beta: float = 1.0):
        super().__init__(reduction=reduction)
        self.beta = check_number(beta, name="beta", owner=self, low=0, open_low=True)

    def describe(self):
        return ", ".join(unusual(self, beta=1, reduction="mean"))

    def losses(self, x, target):
        distance = np.abs(x - target)
        near = np.minimum(distance, self.beta)
        return near * (distance - near / 2) / self.beta

    def slopes(self, x, target):
        return np.clip(x - target, -self.beta, self.beta) / self.beta
