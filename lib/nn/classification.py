"""Criteria for targets that are classes: one integer for each row of scores."""

from __future__ import annotations

import numpy as np

from lib.checks import check_choice, check_number, mismatch
from lib.nn.arguments import unusual
from lib.nn.class_criterion import ClassCriterion, class_axis, from_rows, right, to_rows


class NLLLoss(ClassCriterion):
    """Negative log-likelihood −log p of the right class, for x = log p as LogSoftmax makes it; in nats.

    Shapes and arguments as in CrossEntropyLoss, which is LogSoftmax and this in one.

    Source: Torch7's nn.ClassNLLCriterion.

    >>> round(NLLLoss().forward(np.log([[0.25, 0.75], [0.5, 0.5]]), np.array([1, 0])), 4)
    0.4904
    """

    def losses(self, scores, y, shares):
        return -shares * scores[right(y)]

    def slope(self, scores, y, shares):
        slope = np.zeros_like(scores)
        slope[right(y)] = -shares
        return slope


class CrossEntropyLoss(ClassCriterion):
    """Softmax and its negative log-likelihood in one: −log(e^s_y / Σ_j e^s_j), in nats.

    Shapes: x and grad_input (N, C), with target (N,) of integers from 0 to C − 1. Also (N, C, H, W) with
        (N, H, W), a class for each pixel, and a single (C,) with one integer. The output has the shape of
        (N,) where the reduction is "none".
    x: scores of any size
    target: classes; or floats in the shape of x, a probability from 0 to 1 for each class, as mixup has them
    weight: (C,), how much each class counts, ≥ 0; the mean divides by the sum of the examples' weights, or by
        their number where the target is probabilities, as torch does
    ignore_index: examples with this class count nothing, neither in the loss nor in the mean's divisor
    label_smoothing: ε from 0 to 1: the target becomes 1 − ε for the right class, and ε/C more for each class
    reduction: "mean", "sum" or "none"

    The largest score is subtracted first, so that no power overflows. `backward` uses the probabilities that
    `forward` computed.

    Source: deck A1, "Softmax Classifier"; Torch7's nn.CrossEntropyCriterion; smoothing: Szegedy et al., 2016.

    >>> criterion = CrossEntropyLoss()
    >>> scores, cat = np.array([[3.2, 5.1, -1.7]]), np.array([0])
    >>> round(criterion.forward(scores, cat), 2), criterion.backward(scores, cat).round(2)
    (2.04, array([[-0.87,  0.87,  0.  ]]))
    """

    def __init__(
        self,
        weight: np.ndarray | None = None,
        *,
        ignore_index: int | None = -100,
        label_smoothing: float = 0.0,
        reduction: str = "mean",
    ):
        super().__init__(weight, ignore_index=ignore_index, reduction=reduction)
        self.label_smoothing = check_number(
            label_smoothing, name="label_smoothing", owner=self, low=0, high=1
        )

    def describe(self):
        usual = {"weight": None, "ignore_index": -100, "label_smoothing": 0, "reduction": "mean"}
        return ", ".join(unusual(self, **usual))

    def losses(self, scores, y, shares):
        return -shares * self.log_softmax(scores)[right(y)]

    def slope(self, scores, y, shares):
        slope = self.probabilities * shares[:, None]
        slope[right(y)] -= shares
        return slope

    def log_softmax(self, scores: np.ndarray) -> np.ndarray:
        """log p of each class, (M, C); keeps p in `probabilities`."""
        shifted = scores - scores.max(axis=1, keepdims=True)
        powers = np.exp(shifted)
        sums = powers.sum(axis=1, keepdims=True)
        self.probabilities = powers / sums
        return shifted - np.log(sums)

    # With a target for every class, wanted (M, C), the loss is −Σ_j wanted_j log p_j.

    def update_output(self, x, target):
        if not self.label_smoothing and not is_spread(x, target):
            return super().update_output(x, target)
        losses = -(self.wanted(x, target) * self.log_softmax(to_rows(x))).sum(axis=1)
        return self.reduced(losses, (*x.shape[: class_axis(x)], *x.shape[class_axis(x) + 1 :]))

    def update_grad_input(self, x, target):
        if not self.label_smoothing and not is_spread(x, target):
            return super().update_grad_input(x, target)
        wanted = self.wanted(x, target)
        slope = self.probabilities * wanted.sum(axis=1, keepdims=True) - wanted
        self.grad_input = from_rows(slope, x)
        return self.grad_input

    def wanted(self, x: np.ndarray, target: np.ndarray) -> np.ndarray:
        """What is wanted of each class, times how much that counts in the loss: (M, C)."""
        scores = to_rows(x)
        weights = np.ones(scores.shape[1]) if self.weight is None else self.weight
        if is_spread(x, target):
            probabilities = to_rows(target)
            counts = np.full(len(scores), 1 / len(scores) if self.reduction == "mean" else 1)
        else:
            kept = self.kept(target.ravel())
            y = np.where(kept, target.ravel(), 0)
            probabilities = np.zeros(scores.shape)
            probabilities[right(y)] = 1
            counts = kept / self.divisor(weights[y] * kept)
        even = self.label_smoothing / scores.shape[1]
        wanted = counts[:, None] * weights * ((1 - self.label_smoothing) * probabilities + even)
        return wanted.astype(x.dtype)

    def check_classes(self, x, target, takes, classes):
        if not is_spread(x, target):
            super().check_classes(x, target, takes, classes)
        elif (outside := ~((target >= 0) & (target <= 1))).any():
            where = tuple(int(i) for i in np.argwhere(outside)[0])
            raise mismatch(self, "target", "probabilities, 0 to 1", f"{target[where]} at {list(where)}")


def is_spread(x: np.ndarray, target: np.ndarray) -> bool:
    """Whether the target is a probability of each class, and not one class for each row."""
    return target.dtype.kind == "f" and target.shape == x.shape


class MultiMarginLoss(ClassCriterion):
    """The multiclass SVM's hinge Σ_{j≠y} max(0, s_j − s_y + margin), as the decks and lecture 03 have it.

    Shapes: x and grad_input (N, C), with target (N,) of integers from 0 to C − 1; also (C,) with one integer
    p: 1, or 2 for the square of each excess
    margin: Δ, in units of the scores
    weight: (C,), how much an example of each class counts, ≥ 0; the mean still divides by N, as torch does
    reduction: "mean", "sum" or "none"

    torch and Torch7 also divide by the number of classes C: this is C times torch's MultiMarginLoss.

    Source: Weston and Watkins, 1999; deck B, "Hinge loss"; Torch7's nn.MultiMarginCriterion.

    >>> round(MultiMarginLoss().forward(np.array([[3.2, 5.1, -1.7]]), np.array([0])), 2)
    2.9
    """

    def __init__(
        self,
        p: int = 1,
        margin: float = 1.0,
        weight: np.ndarray | None = None,
        *,
        reduction: str = "mean",
    ):
        super().__init__(weight, ignore_index=None, reduction=reduction)
        self.p = check_choice(p, (1, 2), name="p", owner=self)
        self.margin = check_number(margin, name="margin", owner=self)

    def describe(self):
        return ", ".join(unusual(self, p=1, margin=1, weight=None, reduction="mean"))

    def divisor(self, weights):
        return len(weights) if self.reduction == "mean" else 1.0

    def excess(self, scores, y):
        """By how much each other score comes too close to the right one: (M, C)."""
        excess = np.maximum(scores - scores[right(y)][:, None] + self.margin, 0)
        excess[right(y)] = 0
        return excess

    def losses(self, scores, y, shares):
        return shares * (self.excess(scores, y) ** self.p).sum(axis=1)

    def slope(self, scores, y, shares):
        excess = self.excess(scores, y)
        slope = (excess > 0 if self.p == 1 else 2 * excess) * shares[:, None]
        slope[right(y)] = -slope.sum(axis=1)
        return slope
