"""Activation functions of the lectures: each number for itself, forward and backward side by side."""

from __future__ import annotations

import numpy as np

from lib.checks import check_number, check_whole
from lib.nn.arguments import check_one_array
from lib.nn.masks import either, only_where
from lib.nn.module import Module


class Elementwise(Module):
    """What layers share that treat each number for itself: x is one array, of any shape.

    Shapes: x, output, grad_output and grad_input are all alike. Memory layouts are kept, as ufuncs do.
    """

    def check_input(self, x):
        check_one_array(self, x)


class Sigmoid(Elementwise):
    """1 / (1 + e⁻ˣ): squashes every number into (0, 1).

    Shapes: x, output, grad_output and grad_input are all alike, of any shape.

    Source: deck A2, "Activation Functions: Sigmoid".

    >>> Sigmoid().forward(np.array([-1000.0, 0.0, 1000.0]))
    array([0. , 0.5, 1. ])
    """

    def update_output(self, x):
        self.output = sigmoid(x)
        return self.output

    def update_grad_input(self, x, grad_output):
        self.grad_input = grad_output * self.output * (1 - self.output)
        return self.grad_input


def sigmoid(x: np.ndarray) -> np.ndarray:
    """1 / (1 + e⁻ˣ), to full relative accuracy at both ends."""
    with np.errstate(over="ignore"):  # e⁻ˣ = ∞ far on the left is right: it gives 0
        return 1 / (1 + np.exp(-x))


def softplus(x: np.ndarray) -> np.ndarray:
    """log(1 + eˣ), written such that eˣ can't overflow; its derivative is the sigmoid, e^−softplus(−x)."""
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


class Tanh(Elementwise):
    """(eˣ − e⁻ˣ) / (eˣ + e⁻ˣ): squashes every number into (−1, 1), around zero.

    Shapes: x, output, grad_output and grad_input are all alike, of any shape.

    Source: LeCun et al., 1991; deck A2, "Activation Functions: Tanh".

    >>> Tanh().forward(np.array([0.0, 1000.0]))
    array([0., 1.])
    """

    def update_output(self, x):
        self.output = np.tanh(x)
        return self.output

    def update_grad_input(self, x, grad_output):
        self.grad_input = grad_output * (1 - self.output**2)
        return self.grad_input


class ReLU(Elementwise):
    """max(0, x), element by element.

    Shapes: x, output, grad_output and grad_input are all alike, of any shape.
    At x = 0 the subgradient 0 is taken, as torch does. Backward is grad_output · (x > 0), but where the
    derivative is 0 even an infinite gradient stops.

    Source: Nair and Hinton, 2010; deck A2, "Building Blocks: Activation Functions".

    >>> ReLU().forward(np.array([-0.1521, 0.4794]))
    array([0.    , 0.4794])
    """

    def update_output(self, x):
        self.output = np.maximum(x, 0)
        return self.output

    def update_grad_input(self, x, grad_output):
        self.grad_input = only_where(x > 0, grad_output)
        return self.grad_input


class LeakyReLU(Elementwise):
    """x where it is positive, negative_slope · x elsewhere: it never dies.

    Shapes: x, output, grad_output and grad_input are all alike, of any shape.
    At x = 0 the derivative is negative_slope, as in torch.

    Source: Maas et al., 2013; deck A2, "Leaky ReLU".

    >>> LeakyReLU(0.01).forward(np.array([-2.0, 3.0]))
    array([-0.02,  3.  ])
    """

    def __init__(self, negative_slope: float = 0.01):
        self.negative_slope = check_number(negative_slope, name="negative_slope", owner=self)

    def update_output(self, x):
        self.output = np.maximum(x, 0) + self.negative_slope * np.minimum(x, 0)
        return self.output

    def update_grad_input(self, x, grad_output):
        self.grad_input = either(x > 0, grad_output, self.negative_slope * grad_output)
        return self.grad_input

    def describe(self):
        return f"negative_slope={self.negative_slope:g}"


class PReLU(Elementwise):
    """A leaky ReLU that learns its slope: x where it is positive, weight · x elsewhere.

    Shapes: x, output, grad_output and grad_input are all alike, of any shape; (N, C, …) with C weights.
    num_parameters: 1 slope for all, or C, one for each channel
    init: the slope at the start
    At x = 0 the derivative is the slope, as in torch.

    Source: He et al., 2015; deck A2, "Parametric Rectifier (PReLU)".

    >>> PReLU().forward(np.array([-2.0, 3.0]))
    array([-0.5,  3. ])
    """

    def __init__(self, num_parameters: int = 1, init: float = 0.25):
        self.num_parameters = check_whole(num_parameters, name="num_parameters", owner=self, low=1)
        self.init = check_number(init, name="init", owner=self)
        self.weight = np.empty(self.num_parameters, np.float32)
        self.grad_weight = np.zeros_like(self.weight)
        self.reset()

    def reset(self, seed=0):
        """The slopes become `init` again; nothing is random."""
        self.weight[...] = self.init
        return self

    def check_input(self, x):
        super().check_input(x)
        if self.num_parameters > 1 and (x.ndim < 2 or x.shape[1] != self.num_parameters):
            raise self.wrong("x", x, f"(N, {self.num_parameters}, …)")

    def update_output(self, x):
        self.output = np.maximum(x, 0) + self.slopes(x) * np.minimum(x, 0)
        return self.output

    def update_grad_input(self, x, grad_output):
        self.grad_input = either(x > 0, grad_output, self.slopes(x) * grad_output)
        return self.grad_input

    def acc_grad_parameters(self, x, grad_output, scale=1.0):
        others = None if self.num_parameters == 1 else (0, *range(2, x.ndim))
        self.grad_weight += scale * only_where(x < 0, grad_output * x).sum(axis=others)

    def slopes(self, x: np.ndarray) -> np.ndarray:
        """The weights, shaped so that each meets its channel: (1, C, 1, 1) for images."""
        return self.weight.reshape([-1 if axis == min(1, x.ndim - 1) else 1 for axis in range(x.ndim)])

    def describe(self):
        return f"num_parameters={self.num_parameters}"


class ELU(Elementwise):
    """x where it is positive, alpha · (eˣ − 1) elsewhere: its mean is closer to zero than ReLU's.

    Shapes: x, output, grad_output and grad_input are all alike, of any shape.
    At x = 0 the derivative is alpha, as in torch.

    Source: Clevert et al., 2015; deck A2, "Exponential Linear Units (ELU)".

    >>> ELU().forward(np.array([-1000.0, 3.0]))
    array([-1.,  3.])
    """

    def __init__(self, alpha: float = 1.0):
        self.alpha = check_number(alpha, name="alpha", owner=self)

    def update_output(self, x):
        self.output = np.maximum(x, 0) + self.alpha * np.expm1(np.minimum(x, 0))
        return self.output

    def update_grad_input(self, x, grad_output):
        slope = self.alpha * np.exp(np.minimum(x, 0))
        self.grad_input = either(x > 0, grad_output, slope * grad_output)
        return self.grad_input

    def describe(self):
        return f"alpha={self.alpha:g}"
