"""Gates that choose: the largest of several values, the smallest of several; element by element."""

from __future__ import annotations

from functools import reduce

import numpy as np

from lib.graph.gate import Gate
from lib.graph.node import Node

__all__ = ["MaxGate", "MinGate", "maximum", "minimum"]


class MaxGate(Gate, function="max", numpy=np.maximum, hints={"maximum": "max(x, y)"}):
    """max(x, y, …). The largest one gets the whole gradient: a router. At a tie each gets an equal share."""

    def forward(self, x, y, *more):
        self.values = (x, y, *more)
        return reduce(np.maximum, self.values)

    def backward(self, grad):
        return shares(self.values, grad)


class MinGate(Gate, function="min", numpy=np.minimum, hints={"minimum": "min(x, y)"}):
    """min(x, y, …). The smallest one gets the whole gradient; at a tie each gets an equal share."""

    def forward(self, x, y, *more):
        self.values = (x, y, *more)
        return reduce(np.minimum, self.values)

    def backward(self, grad):
        return shares([-value for value in self.values], grad)


def shares(values, grad) -> tuple:
    """What each value gets of a gradient that goes to the largest, or in equal parts to the largest ones."""
    given = []
    for value in values:
        ties = sum(value == other for other in values)
        beaten = np.any(np.broadcast_arrays(*(value < other for other in values)), axis=0)
        given.append(np.where(beaten, 0, grad / np.maximum(ties, 1)))
    return tuple(given)


def maximum(x, y, *more) -> Node:
    """A node for max(x, y, …)."""
    return MaxGate()(x, y, *more)


def minimum(x, y, *more) -> Node:
    """A node for min(x, y, …)."""
    return MinGate()(x, y, *more)
