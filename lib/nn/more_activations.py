"""Further activation functions of Torch7 and torch: each number for itself."""

from __future__ import annotations

import math

import numpy as np

from lib.checks import check_choice, check_number
from lib.nn.activations import ELU, Elementwise, sigmoid, softplus
from lib.nn.masks import either, only_where


class HardTanh(Elementwise):
    """x cut off at both ends: min_val below it, max_val above it. torch calls it Hardtanh.

    Shapes: x, output, grad_output and grad_input are all alike, of any shape.
    At the two ends the derivative is 0, as in torch.

    Source: Torch7's nn.HardTanh.

    >>> HardTanh().forward(np.array([-2.0, 0.5, 2.0]))
    array([-1. ,  0.5,  1. ])
    """

    def __init__(self, min_val: float = -1.0, max_val: float = 1.0):
        self.min_val = check_number(min_val, name="min_val", owner=self)
        self.max_val = check_number(max_val, name="max_val", owner=self, low=self.min_val, open_low=True)

    def update_output(self, x):
        self.output = np.clip(x, self.min_val, self.max_val)
        return self.output

    def update_grad_input(self, x, grad_output):
        self.grad_input = only_where((x > self.min_val) & (x < self.max_val), grad_output)
        return self.grad_input

    def describe(self):
        return f"min_val={self.min_val:g}, max_val={self.max_val:g}"


class ReLU6(HardTanh):
    """min(max(0, x), 6), a ReLU that small phones' integers can hold.

    Shapes: x, output, grad_output and grad_input are all alike, of any shape.
    At 0 and at 6 the derivative is 0, as in torch.

    Source: Krizhevsky, 2010; Howard et al., 2017, "MobileNets".

    >>> ReLU6().forward(np.array([-1.0, 5.0, 7.0]))
    array([0., 5., 6.])
    """

    def __init__(self):
        super().__init__(0.0, 6.0)

    def describe(self):
        return ""


class Hardsigmoid(Elementwise):
    """A sigmoid of three straight lines: x/6 + 1/2, cut off at 0 and at 1.

    Shapes: x, output, grad_output and grad_input are all alike, of any shape.
    At x = ±3 the derivative is 0, as in torch.

    Source: Courbariaux et al., 2015; with these lines Howard et al., 2019, "MobileNetV3".

    >>> Hardsigmoid().forward(np.array([-4.0, 0.0, 4.0]))
    array([0. , 0.5, 1. ])
    """

    def update_output(self, x):
        self.output = np.clip(x / 6 + 0.5, 0, 1)
        return self.output

    def update_grad_input(self, x, grad_output):
        self.grad_input = only_where(np.abs(x) < 3, grad_output / 6)
        return self.grad_input


class Hardswish(Elementwise):
    """x · Hardsigmoid(x): close to SiLU, and without an exponential.

    Shapes: x, output, grad_output and grad_input are all alike, of any shape.
    At x = −3 the derivative is 0, at x = 3 it is 1, as in torch.

    Source: Howard et al., 2019, "MobileNetV3".

    >>> Hardswish().forward(np.array([-4.0, 1.5, 4.0]))
    array([-0.   ,  1.125,  4.   ])
    """

    def update_output(self, x):
        self.output = x * np.clip(x / 6 + 0.5, 0, 1)
        return self.output

    def update_grad_input(self, x, grad_output):
        inside = only_where(x > -3, grad_output * (x / 3 + 0.5))
        self.grad_input = either(x < 3, inside, grad_output)
        return self.grad_input


class SiLU(Elementwise):
    """x · sigmoid(x), also called swish: a smooth ReLU with a dip on the left.

    Shapes: x, output, grad_output and grad_input are all alike, of any shape.

    Source: Elfwing et al., 2017; Ramachandran et al., 2017.

    >>> SiLU().forward(np.array([-1.0, 0.0, 1.0])).round(4)
    array([-0.2689,  0.    ,  0.7311])
    """

    def update_output(self, x):
        self.gate = sigmoid(x)
        self.output = x * self.gate
        return self.output

    def update_grad_input(self, x, grad_output):
        self.grad_input = grad_output * (self.gate + self.output * (1 - self.gate))
        return self.grad_input


class Mish(Elementwise):
    """x · tanh(log(1 + eˣ)), another smooth ReLU with a dip on the left.

    Shapes: x, output, grad_output and grad_input are all alike, of any shape.

    Source: Misra, 2019.

    >>> Mish().forward(np.array([-1.0, 0.0, 1.0])).round(4)
    array([-0.3034,  0.    ,  0.8651])
    """

    def update_output(self, x):
        self.gate = np.tanh(softplus(x))
        self.output = x * self.gate
        return self.output

    def update_grad_input(self, x, grad_output):
        self.grad_input = grad_output * (self.gate + x * sigmoid(x) * (1 - self.gate * self.gate))
        return self.grad_input


class SELU(ELU):
    """An ELU scaled such that, layer after layer, mean 0 and variance 1 stay.

    Shapes: x, output, grad_output and grad_input are all alike, of any shape.

    Source: Klambauer et al., 2017, whose two constants these are.

    >>> SELU().forward(np.array([-1000.0, 1.0])).round(4)
    array([-1.7581,  1.0507])
    """

    scale = 1.0507009873554804934

    def __init__(self):
        super().__init__(alpha=1.6732632423543772848)

    def update_output(self, x):
        self.output = self.scale * super().update_output(x)
        return self.output

    def update_grad_input(self, x, grad_output):
        self.grad_input = self.scale * super().update_grad_input(x, grad_output)
        return self.grad_input

    def describe(self):
        return ""


class GELU(Elementwise):
    """x · Φ(x), Φ(x) the probability that a standard normal number is below x: a smooth gate.

    Shapes: x, output, grad_output and grad_input are all alike, of any shape.
    approximate: "none", or "tanh" for Φ(x) ≈ (1 + tanh(√(2/π) (x + 0.044715 x³))) / 2, as in torch; "tanh" is
        much faster here, since numpy has no erf and Python's takes one number at a time

    Source: Hendrycks and Gimpel, 2016.

    >>> GELU().forward(np.array([-1.0, 0.0, 1.0])).round(4)
    array([-0.1587,  0.    ,  0.8413])
    """

    def __init__(self, approximate: str = "none"):
        self.approximate = check_choice(approximate, ("none", "tanh"), name="approximate", owner=self)

    def update_output(self, x):
        self.probability = self.normal_cdf(near(x))
        self.output = x * self.probability
        return self.output

    def update_grad_input(self, x, grad_output):
        x = near(x)
        self.grad_input = grad_output * (self.probability + x * self.normal_density(x))
        return self.grad_input

    def normal_cdf(self, x: np.ndarray) -> np.ndarray:
        """Φ(x), the share of a normal distribution below x."""
        if self.approximate == "tanh":
            return sigmoid(2 * ROOT * (x + 0.044715 * x * x * x))  # (1 + tanh(z)) / 2, less rounding
        return ((1 + erf(x / math.sqrt(2))) / 2).astype(x.dtype)

    def normal_density(self, x: np.ndarray) -> np.ndarray:
        """Φ′(x), the density of a normal distribution at x."""
        if self.approximate == "tanh":
            slope = 2 * ROOT * (1 + 3 * 0.044715 * x * x)
            return slope * self.probability * (1 - self.probability)
        return np.exp(-(x**2) / 2) / math.sqrt(2 * math.pi)

    def describe(self):
        return "" if self.approximate == "none" else f"approximate={self.approximate!r}"


ROOT = math.sqrt(2 / math.pi)
erf = np.vectorize(math.erf, otypes=[float])


def near(x: np.ndarray) -> np.ndarray:
    """x within ±40: beyond, Φ is 0 or 1 in every digit, and powers of x might overflow."""
    return np.clip(x, -40, 40)


class Softplus(Elementwise):
    """log(1 + eˣ), a smooth ReLU; with beta, log(1 + e^(beta·x)) / beta.

    Shapes: x, output, grad_output and grad_input are all alike, of any shape.
    beta: above 0; the larger, the closer to ReLU
    threshold: where beta · x is above it, x itself is taken, as in torch

    Source: Torch7's nn.SoftPlus.

    >>> Softplus().forward(np.array([-10.0, 0.0, 10.0])).round(4)
    array([ 0.    ,  0.6931, 10.    ])
    """

    def __init__(self, beta: float = 1.0, threshold: float = 20.0):
        self.beta = check_number(beta, name="beta", owner=self, low=0, open_low=True)
        self.threshold = check_number(threshold, name="threshold", owner=self)

    def update_output(self, x):
        z = self.beta * x
        self.output = np.where(z > self.threshold, x, softplus(z) / self.beta)
        return self.output

    def update_grad_input(self, x, grad_output):
        z = self.beta * x
        self.grad_input = grad_output * np.maximum(sigmoid(z), z > self.threshold)  # 1 beyond the threshold
        return self.grad_input

    def describe(self):
        return f"beta={self.beta:g}, threshold={self.threshold:g}"


class LogSigmoid(Elementwise):
    """log(1 / (1 + e⁻ˣ)), without taking the logarithm of a 0.

    Shapes: x, output, grad_output and grad_input are all alike, of any shape.

    Source: Torch7's nn.LogSigmoid.

    >>> LogSigmoid().forward(np.array([-10.0, 0.0, 10.0])).round(4)
    array([-10.    ,  -0.6931,  -0.    ])
    """

    def update_output(self, x):
        self.output = np.negative(softplus(-x))
        return self.output

    def update_grad_input(self, x, grad_output):
        self.grad_input = grad_output * sigmoid(-x)
        return self.grad_input


class Softsign(Elementwise):
    """x / (1 + |x|): like tanh, but it comes to ±1 slowly.

    Shapes: x, output, grad_output and grad_input are all alike, of any shape.

    Source: Torch7's nn.SoftSign.

    >>> Softsign().forward(np.array([-1.0, 3.0]))
    array([-0.5 ,  0.75])
    """

    def update_output(self, x):
        self.output = x / (1 + np.abs(x))
        return self.output

    def update_grad_input(self, x, grad_output):
        self.grad_input = grad_output / (1 + np.abs(x)) / (1 + np.abs(x))
        return self.grad_input


class SoftShrink(Elementwise):
    """x moved towards 0 by lambd, and 0 where it would cross it. torch calls it Softshrink.

    Shapes: x, output, grad_output and grad_input are all alike, of any shape.
    lambd: at least 0. At x = ±lambd the derivative is 0, as in torch.

    Source: Torch7's nn.SoftShrink.

    >>> SoftShrink(0.5).forward(np.array([-2.0, 0.25, 3.0]))
    array([-1.5,  0. ,  2.5])
    """

    def __init__(self, lambd: float = 0.5):
        self.lambd = check_number(lambd, name="lambd", owner=self, low=0)

    def update_output(self, x):
        self.output = x - np.clip(x, -self.lambd, self.lambd)
        return self.output

    def update_grad_input(self, x, grad_output):
        self.grad_input = only_where(np.abs(x) > self.lambd, grad_output)
        return self.grad_input

    def describe(self):
        return f"lambd={self.lambd:g}"
