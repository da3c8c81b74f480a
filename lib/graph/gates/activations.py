"""Gates that bend what a linear layer gives: sigmoid, tanh, relu; element by element."""

from __future__ import annotations

import numpy as np

from lib.graph.gate import Gate
from lib.graph.node import Node

__all__ = ["ReluGate", "SigmoidGate", "TanhGate", "relu", "sigmoid", "tanh"]


class SigmoidGate(Gate, function="sigmoid", aliases=["σ"]):
    """σ(x) = 1 / (1 + e⁻ˣ), whose derivative is σ (1 − σ)."""

    def forward(self, x):
        self.output = 1 / (1 + np.exp(-x))  # e⁻ˣ may overflow: 1 / inf is 0, as it should be
        return self.output

    def backward(self, grad):
        return grad * self.output * (1 - self.output)


class TanhGate(Gate, function="tanh", numpy=np.tanh):
    """tanh x, whose derivative is 1 − tanh²."""

    def forward(self, x):
        self.output = np.tanh(x)
        return self.output

    def backward(self, grad):
        return grad * (1 - self.output**2)


class ReluGate(Gate, function="relu"):
    """max(0, x). The gradient passes where x > 0; at 0 it does not, as in torch."""

    def forward(self, x):
        self.x = x
        return np.maximum(x, 0)

    def backward(self, grad):
        return np.where(self.x <= 0, 0, grad)  # not grad * (x > 0): an infinite gradient times 0 is nan


def sigmoid(x) -> Node:
    """A node for 1 / (1 + e⁻ˣ)."""
    return SigmoidGate()(x)


def tanh(x) -> Node:
    """A node for tanh x."""
    return TanhGate()(x)


def relu(x) -> Node:
    """A node for max(0, x)."""
    return ReluGate()(x)
