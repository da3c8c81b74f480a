"""Gates of school mathematics: exp, log, sqrt, abs, sin, cos; all element by element."""

from __future__ import annotations

import numpy as np

from lib.graph.gate import Gate
from lib.graph.node import Node

__all__ = [
    "AbsGate",
    "CosGate",
    "ExpGate",
    "LogGate",
    "SinGate",
    "SqrtGate",
    "absolute",
    "cos",
    "exp",
    "log",
    "sin",
    "sqrt",
]


class ExpGate(Gate, function="exp", numpy=np.exp):
    """eˣ, its own derivative."""

    def forward(self, x):
        self.output = np.exp(x)
        return self.output

    def backward(self, grad):
        return grad * self.output


class LogGate(Gate, function="log", numpy=np.log, hints={"ln": "log(x)"}):
    """The natural logarithm: −inf at 0, nan below."""

    def forward(self, x):
        self.x = x
        return np.log(x)

    def backward(self, grad):
        return grad / self.x


class SqrtGate(Gate, function="sqrt", numpy=np.sqrt, hints={"√": "sqrt(x)", "root": "sqrt(x)"}):
    """The square root, whose derivative is 1 / (2 √x): infinite at 0; nan below."""

    def forward(self, x):
        self.output = np.sqrt(x)
        return self.output

    def backward(self, grad):
        return grad / (2 * self.output)


class AbsGate(Gate, function="abs", numpy=np.absolute, hints={"|": "abs(x)"}):
    """|x|. Its derivative is 1 where x > 0, −1 where x < 0, and at 0 it is 0, as in torch."""

    def forward(self, x):
        self.sign = np.sign(x)
        return np.abs(x)

    def backward(self, grad):
        return grad * self.sign


class SinGate(Gate, function="sin", numpy=np.sin):
    """The sine of an angle in radians, whose derivative is the cosine."""

    def forward(self, x):
        self.x = x
        return np.sin(x)

    def backward(self, grad):
        return grad * np.cos(self.x)


class CosGate(Gate, function="cos", numpy=np.cos):
    """The cosine of an angle in radians, whose derivative is minus the sine."""

    def forward(self, x):
        self.x = x
        return np.cos(x)

    def backward(self, grad):
        return -grad * np.sin(self.x)


def exp(x) -> Node:
    """A node for eˣ."""
    return ExpGate()(x)


def log(x) -> Node:
    """A node for the natural logarithm."""
    return LogGate()(x)


def sqrt(x) -> Node:
    """A node for the square root."""
    return SqrtGate()(x)


def absolute(x) -> Node:
    """A node for |x|, as abs(x) makes it too."""
    return AbsGate()(x)


def sin(x) -> Node:
    """A node for the sine."""
    return SinGate()(x)


def cos(x) -> Node:
    """A node for the cosine."""
    return CosGate()(x)
