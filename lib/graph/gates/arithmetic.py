"""Gates that operators write: + − * / ** and unary −."""

from __future__ import annotations

import numpy as np

from lib.graph.gate import Gate
from lib.graph.node import UNARY_MINUS

__all__ = ["AddGate", "DivideGate", "MultiplyGate", "NegateGate", "PowerGate", "SubtractGate"]


class AddGate(Gate, numpy=np.add):
    """x + y. The gradient goes to both, unchanged: a distributor."""

    symbol, infix, binds = "+", True, 1

    def forward(self, x, y):
        return x + y

    def backward(self, grad):
        return grad, grad


class SubtractGate(Gate, numpy=np.subtract):
    """x − y."""

    symbol, infix, binds, ordered = "-", True, 1, True

    def forward(self, x, y):
        return x - y

    def backward(self, grad):
        return grad, -grad


class MultiplyGate(Gate, numpy=np.multiply):
    """x · y. Each gets the gradient times the value of the other: a switcher.

    Source: deck B, "Implementation: forward/backward API".

    >>> gate = MultiplyGate()
    >>> gate.forward(3.0, -4.0), gate.backward(1.0)
    (-12.0, (-4.0, 3.0))
    """

    symbol, infix, binds = "*", True, 2

    def forward(self, x, y):
        self.x, self.y = x, y  # must keep these around
        return x * y

    def backward(self, grad):
        return grad * self.y, grad * self.x


class DivideGate(Gate, numpy=np.divide):
    """x / y. Division by zero gives ±inf or nan."""

    symbol, infix, binds, ordered = "/", True, 2, True

    def forward(self, x, y):
        self.y, self.output = y, x / y
        return self.output

    def backward(self, grad):
        return grad / self.y, -grad * self.output / self.y


class PowerGate(Gate, numpy=np.power, hints={"square": "x ** 2", "pow": "x ** 2"}):
    """x to the power p. The gradient in p is log(x) xᵖ, or 0 where x ≤ 0: there is no slope to take."""

    symbol, infix, binds, from_left, ordered = "**", True, 4, False, True

    def forward(self, x, p):
        self.x, self.p, self.output = x, p, x**p
        return self.output

    def backward(self, grad):
        grad_x = np.where(self.p == 0, 0, grad * self.p * self.x ** (self.p - 1))
        grad_p = np.where(self.x > 0, grad * np.log(self.x) * self.output, 0)
        return grad_x, grad_p


class NegateGate(Gate, numpy=np.negative):
    """−x."""

    symbol, infix, binds = "-", True, UNARY_MINUS

    def forward(self, x):
        return -x

    def backward(self, grad):
        return -grad
