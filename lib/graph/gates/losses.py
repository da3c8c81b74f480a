"""Gates at the end of a classifier: hinge loss, softmax with cross-entropy."""

from __future__ import annotations

import numpy as np

from lib.graph.gate import Gate
from lib.graph.node import Node

__all__ = ["HingeGate", "SoftmaxCrossEntropyGate", "cross_entropy", "hinge"]


class HingeGate(Gate, function="hinge"):
    """The multiclass hinge loss Σ max(0, s_j − s_y + 1) over the wrong classes j ≠ y; the mean over rows.

    scores: (C,) or (N, C)
    labels: whole numbers, () or (N,); they get the gradient 0
    Source: deck B, "Hinge loss".
    """

    def forward(self, scores, labels):
        rows, right = rows_and_right(scores, labels)
        margins = np.maximum(0, rows - rows[right][:, None] + 1)
        margins[right] = 0
        slopes = (margins > 0).astype(float)
        slopes[right] = -slopes.sum(axis=1)
        self.slopes = slopes.reshape(scores.shape) / len(rows)
        return margins.sum() / len(rows)

    def backward(self, grad):
        return grad * self.slopes, 0.0


class SoftmaxCrossEntropyGate(Gate, function="cross_entropy"):
    """−log of the softmax probability of the right class, in nats; the mean over rows.

    scores: (C,) or (N, C)
    labels: whole numbers, () or (N,); they get the gradient 0
    """

    def forward(self, scores, labels):
        rows, right = rows_and_right(scores, labels)
        shifted = rows - rows.max(axis=1, keepdims=True)  # the same result, and no overflow
        logs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        slopes = np.exp(logs)
        slopes[right] -= 1
        self.slopes = slopes.reshape(scores.shape) / len(rows)
        return -logs[right].sum() / len(rows)

    def backward(self, grad):
        return grad * self.slopes, 0.0


def rows_and_right(
    scores: np.ndarray, labels: np.ndarray
) -> tuple[np.ndarray, tuple[np.ndarray, np.ndarray]]:
    """Scores as rows (N, C), and the index of each row's right class."""
    if scores.ndim not in (1, 2) or labels.shape != scores.shape[:-1]:
        raise ValueError(
            "scores, labels: expected (C,) with one label, or (N, C) with N labels, "
            f"got {scores.shape} with {labels.shape}"
        )
    classes = scores.shape[-1]
    wrong = ~((labels % 1 == 0) & (labels >= 0) & (labels < classes))
    if wrong.any():
        raise ValueError(f"labels: expected whole numbers from 0 to {classes - 1}, got {labels[wrong][0]:g}")
    rows, y = np.atleast_2d(scores), np.atleast_1d(labels).astype(np.int64)
    return rows, (np.arange(len(y)), y)


def hinge(scores, labels) -> Node:
    """A node for the multiclass hinge loss."""
    return HingeGate()(scores, labels)


def cross_entropy(scores, labels) -> Node:
    """A node for softmax followed by cross-entropy."""
    return SoftmaxCrossEntropyGate()(scores, labels)
