"""Criteria for yes or no: each element is a question of its own, and its target the probability of yes."""

from __future__ import annotations

import numpy as np

from lib.checks import mismatch
from lib.nn.activations import softplus
from lib.nn.arguments import unusual
from lib.nn.class_criterion import check_weights
from lib.nn.elementwise_criterion import ElementwiseCriterion


class BinaryCriterion(ElementwiseCriterion):
    """What both share: targets from 0 (no) to 1 (yes), and a weight of each question.

    weight: how much each element counts, ≥ 0, a number or an array that broadcasts to x; the mean divides by
        the number of elements all the same, as torch does
    """

    def __init__(self, weight: np.ndarray | float | None = None, *, reduction: str = "mean"):
        super().__init__(reduction=reduction)
        self.weight = check_weights(self, "weight", 1 if weight is None else weight)

    def describe(self):
        return ", ".join(unusual(self, weight=1, reduction="mean"))

    def weighted(self, values: np.ndarray) -> np.ndarray:
        """values · weight, in the dtype of the values."""
        return values * self.weight.astype(values.dtype) if self.weight.ndim or self.weight != 1 else values

    def check_target(self, x: np.ndarray, target: np.ndarray) -> None:
        super().check_target(x, target)
        self.check_probabilities("target", target, "")
        self.check_fit("weight", self.weight, x)

    def check_probabilities(self, name: str, values: np.ndarray, advice: str) -> None:
        """Raises `ValueError` where a value is not from 0 to 1, or is no number."""
        if not ((values >= 0) & (values <= 1)).all():
            where = tuple(int(i) for i in np.argwhere(~((values >= 0) & (values <= 1)))[0])
            raise mismatch(self, name, "0 to 1", f"{values[where]} at {list(where)}", advice)

    def check_fit(self, name: str, weights: np.ndarray, x: np.ndarray) -> None:
        """Raises `ValueError` unless the weights broadcast to x."""
        try:
            fits = np.broadcast_shapes(weights.shape, x.shape) == x.shape
        except ValueError:
            fits = False
        if not fits:
            takes = f"a shape to which that of {name}, {weights.shape}, broadcasts"
            raise mismatch(self, "x", takes, f"shape {x.shape}")


class BCELoss(BinaryCriterion):
    """Binary cross-entropy of probabilities: −t log x − (1 − t) log(1 − x), in nats.

    Shapes: x, target and grad_input are all alike, of any shape.
    x: probabilities from 0 to 1, as Sigmoid makes them
    target: 0 to 1
    weight: how much each element counts, ≥ 0, a number or an array that broadcasts to x
    reduction: "mean", "sum" or "none"

    As in torch, a logarithm counts as −100 at least, so that a certain and wrong answer costs 100 and not ∞,
    and the slope's denominator x(1 − x) as 1e-12 at least.

    Source: Torch7's nn.BCECriterion.

    >>> round(BCELoss().forward(np.array([0.5, 0.9]), np.array([1, 1])), 4)
    0.3993
    """

    def check_target(self, x, target):
        super().check_target(x, target)
        self.check_probabilities("x", x, "put a Sigmoid before it, or use BCEWithLogitsLoss")

    def losses(self, x, target):
        with np.errstate(divide="ignore"):  # log 0 = −∞ is meant, and cut off
            yes, no = np.maximum(np.log(x), -100), np.maximum(np.log1p(-x), -100)
        return self.weighted(-target * yes - (1 - target) * no)

    def slopes(self, x, target):
        return self.weighted((x - target) / np.maximum(x * (1 - x), 1e-12))


class BCEWithLogitsLoss(BinaryCriterion):
    """Sigmoid and binary cross-entropy in one: (1 − t) log(1 + eˣ) + t log(1 + e⁻ˣ), in nats.

    Shapes: x, target and grad_input are all alike, of any shape.
    x: scores of any size, none overflows
    target: 0 to 1
    weight: how much each element counts, ≥ 0, a number or an array that broadcasts to x
    reduction: "mean", "sum" or "none"
    pos_weight: how much more a yes counts than a no: a number ≥ 0, or an array that broadcasts to x

    Source: torch's BCEWithLogitsLoss; Sigmoid and nn.BCECriterion in Torch7.

    >>> criterion = BCEWithLogitsLoss()
    >>> criterion.forward(np.array([-1000.0, 1000.0]), np.array([1, 1]))
    500.0
    >>> criterion.backward(np.array([-1000.0, 1000.0]), np.array([1, 1]))
    array([-0.5,  0. ])
    """

    def __init__(
        self,
        weight: np.ndarray | float | None = None,
        *,
        reduction: str = "mean",
        pos_weight: np.ndarray | float | None = None,
    ):
        super().__init__(weight, reduction=reduction)
        self.pos_weight = check_weights(self, "pos_weight", 1 if pos_weight is None else pos_weight)

    def describe(self):
        return ", ".join(unusual(self, weight=1, pos_weight=1, reduction="mean"))

    def check_target(self, x, target):
        super().check_target(x, target)
        self.check_fit("pos_weight", self.pos_weight, x)

    def losses(self, x, target):
        yes = self.pos_weight.astype(x.dtype) * target
        return self.weighted((1 - target) * softplus(x) + yes * softplus(-x))

    def slopes(self, x, target):
        yes = self.pos_weight.astype(x.dtype) * target
        return self.weighted((1 - target) * np.exp(-softplus(-x)) - yes * np.exp(-softplus(x)))
