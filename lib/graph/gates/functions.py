"""Gates with a name: max, min, exp, log, sigmoid, tanh, relu; all element by element."""

from __future__ import annotations

import numpy as np

from lib.graph.gate import Gate
from lib.graph.node import Node


class MaxGate(Gate):
    """max(x, y). The larger one gets the whole gradient: a router. At a tie each gets half, as in torch."""

    symbol = "max"

    def forward(self, x, y):
        self.share = np.where(x == y, 0.5, x > y)
        return np.maximum(x, y)

    def backward(self, grad):
        return grad * self.share, grad * (1 - self.share)


class MinGate(Gate):
    """min(x, y). The smaller one gets the whole gradient; at a tie each gets half, as in torch."""

    symbol = "min"

    def forward(self, x, y):
        self.share = np.where(x == y, 0.5, x < y)
        return np.minimum(x, y)

    def backward(self, grad):
        return grad * self.share, grad * (1 - self.share)


class ExpGate(Gate):
    """eˣ, its own derivative."""

    symbol = "exp"

    def forward(self, x):
        self.output = np.exp(x)
        return self.output

    def backward(self, grad):
        return grad * self.output


class LogGate(Gate):
    """The natural logarithm: −inf at 0, nan below."""

    symbol = "log"

    def forward(self, x):
        self.x = x
        return np.log(x)

    def backward(self, grad):
        return grad / self.x


class SigmoidGate(Gate):
    """σ(x) = 1 / (1 + e⁻ˣ), whose derivative is σ (1 − σ)."""

    symbol = "sigmoid"

    def forward(self, x):
        self.output = 1 / (1 + np.exp(-x))  # e⁻ˣ may overflow: 1 / inf is 0, as it should be
        return self.output

    def backward(self, grad):
        return grad * self.output * (1 - self.output)


class TanhGate(Gate):
    """tanh x, whose derivative is 1 − tanh²."""

    symbol = "tanh"

    def forward(self, x):
        self.output = np.tanh(x)
        return self.output

    def backward(self, grad):
        return grad * (1 - self.output**2)


class ReluGate(Gate):
    """max(0, x). The gradient passes where x > 0; at 0 it does not, as in torch."""

    symbol = "relu"

    def forward(self, x):
        self.passes = x > 0
        return np.maximum(x, 0)

    def backward(self, grad):
        return grad * self.passes


def maximum(x, y) -> Node:
    """A node for max(x, y)."""
    return MaxGate()(x, y)


def minimum(x, y) -> Node:
    """A node for min(x, y)."""
    return MinGate()(x, y)


def exp(x) -> Node:
    """A node for eˣ."""
    return ExpGate()(x)


def log(x) -> Node:
    """A node for the natural logarithm."""
    return LogGate()(x)


def sigmoid(x) -> Node:
    """A node for 1 / (1 + e⁻ˣ)."""
    return SigmoidGate()(x)


def tanh(x) -> Node:
    """A node for tanh x."""
    return TanhGate()(x)


def relu(x) -> Node:
    """A node for max(0, x)."""
    return ReluGate()(x)
