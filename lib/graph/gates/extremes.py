"""Gates that choose: the larger of two values, the smaller of two; element by element."""

from __future__ import annotations

import numpy as np

from lib.graph.gate import Gate
from lib.graph.node import Node

__all__ = ["MaxGate", "MinGate", "maximum", "minimum"]


class MaxGate(Gate, function="max", numpy=np.maximum, hints={"maximum": "max(x, y)"}):
    """max(x, y). The larger one gets the whole gradient: a router. At a tie each gets half, as in torch."""

    def forward(self, x, y):
        self.x, self.y = x, y
        return np.maximum(x, y)

    def backward(self, grad):
        share = np.where(self.x == self.y, grad / 2, grad)
        return np.where(self.x < self.y, 0, share), np.where(self.x > self.y, 0, share)


class MinGate(Gate, function="min", numpy=np.minimum, hints={"minimum": "min(x, y)"}):
    """min(x, y). The smaller one gets the whole gradient; at a tie each gets half, as in torch."""

    def forward(self, x, y):
        self.x, self.y = x, y
        return np.minimum(x, y)

    def backward(self, grad):
        share = np.where(self.x == self.y, grad / 2, grad)
        return np.where(self.x > self.y, 0, share), np.where(self.x < self.y, 0, share)


def maximum(x, y) -> Node:
    """A node for max(x, y)."""
    return MaxGate()(x, y)


def minimum(x, y) -> Node:
    """A node for min(x, y)."""
    return MinGate()(x, y)
