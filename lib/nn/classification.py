"""Criteria for targets that are classes: one integer for each row of scores."""

from __future__ import annotations

import numpy as np

from lib.nn.arguments import check_number, unusual
from lib.nn.class_criterion import ClassCriterion, right


class NLLLoss(ClassCriterion):
    """Negative log-likelihood −log p of the right class, for x = log p as LogSoftmax makes it; in nats.

    Shapes and arguments as in CrossEntropyLoss, which is LogSoftmax and this in one.

    Source: Torch7's nn.ClassNLLCriterion.

    >>> round(NLLLoss().forward(np.log([[0.25, 0.75], [0.5, 0.5]]), np.array([1, 0])), 4)
    0.4904
    """

    def loss(self, scores, y):
        return -(self.shares(y, scores.dtype) * scores[right(y)]).sum()

    def slope(self, scores, y):
        slope = np.zeros_like(scores)
        slope[right(y)] = -self.shares(y, scores.dtype)
        return slope


class CrossEntropyLoss(ClassCriterion):
    """Softmax and its negative log-likelihood in one: −log(e^s_y / Σ_j e^s_j), in nats.

    Shapes: x and grad_input (N, C), with target (N,) of integers from 0 to C − 1. Also (N, C, H, W) with
        (N, H, W), a class for each pixel, and a single (C,) with one integer. x: scores of any size
    weight: (C,), how much each class counts, ≥ 0; the mean divides by the sum of the examples' weights
    label_smoothing: ε from 0 to 1: the target becomes 1 − ε for the right class, and ε/C more for each class
    reduction: "mean" or "sum"

    The largest score is subtracted first, so that no power overflows. `backward` uses the probabilities that
    `forward` computed.

    Source: deck A1, "Softmax Classifier"; Torch7's nn.CrossEntropyCriterion; smoothing: Szegedy et al., 2016.

    >>> criterion = CrossEntropyLoss()
    >>> scores, cat = np.array([[3.2, 5.1, -1.7]]), np.array([0])
    >>> round(criterion.forward(scores, cat), 2), criterion.backward(scores, cat).round(2)
    (2.04, array([[-0.87,  0.87,  0.  ]]))
    """

    def __init__(
        self, weight: np.ndarray | None = None, *, label_smoothing: float = 0.0, reduction: str = "mean"
    ):
        super().__init__(weight, reduction=reduction)
        self.label_smoothing = check_number(self, "label_smoothing", label_smoothing, least=0, most=1)

    def describe(self):
        return ", ".join(unusual(self, weight=None, label_smoothing=0, reduction="mean"))

    def loss(self, scores, y):
        shifted = scores - scores.max(axis=1, keepdims=True)
        powers = np.exp(shifted)
        sums = powers.sum(axis=1, keepdims=True)
        self.probabilities = powers / sums
        log_p = shifted - np.log(sums)
        loss = -(self.shares(y, scores.dtype) * log_p[right(y)]).sum()
        if self.label_smoothing:
            loss += self.label_smoothing * (-(self.even(scores, y) * log_p).sum() - loss)
        return loss

    def slope(self, scores, y):
        share = (1 - self.label_smoothing) * self.shares(y, scores.dtype)
        even = self.label_smoothing * self.even(scores, y)
        slope = self.probabilities * (share + even.sum())[:, None] - even
        slope[right(y)] -= share
        return slope

    def even(self, scores, y):
        """How much each class counts in each example where the target is spread over all: (C,)."""
        weights = np.ones(scores.shape[1]) if self.weight is None else self.weight
        return (weights / (len(weights) * self.divisor(y))).astype(scores.dtype)


class MultiMarginLoss(ClassCriterion):
    """The multiclass SVM's hinge Σ_{j≠y} max(0, s_j − s_y + margin), as the decks and lecture 03 have it.

    Shapes: x and grad_input (N, C), with target (N,) of integers from 0 to C − 1; also (C,) with one integer
    p: 1, or 2 for the square of each excess
    margin: Δ, in units of the scores
    weight: (C,), how much an example of each class counts, ≥ 0; the mean still divides by N, as torch does
    reduction: "mean" or "sum"

    torch and Torch7 also divide by the number of classes C: this is C times torch's MultiMarginLoss.

    Source: Weston and Watkins, 1999; deck B, "Hinge loss"; Torch7's nn.MultiMarginCriterion.

    >>> round(MultiMarginLoss().forward(np.array([[3.2, 5.1, -1.7]]), np.array([0])), 2)
    2.9
    """

    def __init__(
        self,
        *,
        p: int = 1,
        margin: float = 1.0,
        weight: np.ndarray | None = None,
        reduction: str = "mean",
    ):
        super().__init__(weight, reduction=reduction)
        if isinstance(p, bool) or p not in (1, 2):
            raise ValueError(f"MultiMarginLoss: p is {p!r}, it takes 1 or 2")
        self.p, self.margin = p, check_number(self, "margin", margin)

    def describe(self):
        return ", ".join(unusual(self, p=1, margin=1, weight=None, reduction="mean"))

    def divisor(self, y):
        return len(y) if self.reduction == "mean" else 1.0

    def excess(self, scores, y):
        """By how much each other score comes too close to the right one: (M, C)."""
        excess = np.maximum(scores - scores[right(y)][:, None] + self.margin, 0)
        excess[right(y)] = 0
        return excess

    def loss(self, scores, y):
        return (self.shares(y, scores.dtype) * (self.excess(scores, y) ** self.p).sum(axis=1)).sum()

    def slope(self, scores, y):
        excess = self.excess(scores, y)
        slope = (excess > 0 if self.p == 1 else 2 * excess) * self.shares(y, scores.dtype)[:, None]
        slope[right(y)] = -slope.sum(axis=1)
        return slope
