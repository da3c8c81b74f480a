"""Gates that operators write: + − * / ** and unary −."""

from __future__ import annotations

import numpy as np

from lib.graph.gate import Gate


class AddGate(Gate):
    """x + y. The gradient goes to both, unchanged: a distributor."""

    symbol, infix, binds = "+", True, 1

    def forward(self, x, y):
        return x + y

    def backward(self, grad):
        return grad, grad


class SubtractGate(Gate):
    """x − y."""

    symbol, infix, binds = "-", True, 1

    def forward(self, x, y):
        return x - y

    def backward(self, grad):
        return grad, -grad


class MultiplyGate(Gate):
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


class DivideGate(Gate):
    """x / y. Division by zero gives ±inf or nan."""

    symbol, infix, binds = "/", True, 2

    def forward(self, x, y):
        self.y, self.output = y, x / y
        return self.output

    def backward(self, grad):
        return grad / self.y, -grad * self.output / self.y


class PowerGate(Gate):
    """x to the power p. The gradient in p is log(x) xᵖ, or 0 where x ≤ 0: there is no slope to take."""

    symbol, infix, binds, from_left = "**", True, 4, False

    def forward(self, x, p):
        self.x, self.p, self.output = x, p, x**p
        return self.output

    def backward(self, grad):
        slope_x = np.where(self.p == 0, 0, self.p * self.x ** (self.p - 1))
        slope_p = np.where(self.x > 0, np.log(self.x) * self.output, 0)
        return grad * slope_x, grad * slope_p


class NegateGate(Gate):
    """−x."""

    symbol, infix, binds = "-", True, 3

    def forward(self, x):
        return -x

    def backward(self, grad):
        return -grad
