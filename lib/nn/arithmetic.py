"""Plus and times: by a constant, or by something learnt."""

from __future__ import annotations

import numpy as np

from lib.checks import check_number, check_whole
from lib.nn.activations import Elementwise
from lib.nn.init import uniform_by_fan_in


class WithConstant(Elementwise):
    """What MulConstant and AddConstant share: a number that is given, not learnt."""

    def __init__(self, constant: float):
        self.constant = check_number(constant, name="constant", owner=self)

    def describe(self):
        return f"{self.constant:g}"


class MulConstant(WithConstant):
    """constant · x.

    Shapes: x, output, grad_output and grad_input are all alike, of any shape.

    Source: Torch7's nn.MulConstant; deck B, "Example: Torch MulConstant".

    >>> MulConstant(3).forward(np.array([1.0, -2.0]))
    array([ 3., -6.])
    """

    def update_output(self, x):
        self.output = self.constant * x
        return self.output

    def update_grad_input(self, x, grad_output):
        self.grad_input = self.constant * grad_output
        return self.grad_input


class AddConstant(WithConstant):
    """x + constant.

    Shapes: x, output, grad_output and grad_input are all alike, of any shape.

    Source: Torch7's nn.AddConstant.

    >>> AddConstant(3).forward(np.array([1.0, -2.0]))
    array([4., 1.])
    """

    def update_output(self, x):
        self.output = x + self.constant
        return self.output

    def update_grad_input(self, x, grad_output):
        self.grad_input = grad_output
        return self.grad_input


class Mul(Elementwise):
    """weight · x, one learnt factor for all.

    Shapes: x, output, grad_output and grad_input are all alike, of any shape; weight (1,).
    seed: of the start value, between −1 and 1, an int or a Generator

    Source: Torch7's nn.Mul.
    """

    def __init__(self, *, seed: int | np.random.Generator = 0):
        self.weight = np.empty(1, np.float32)
        self.grad_weight = np.zeros_like(self.weight)
        self.reset(seed)

    def reset(self, seed=0):
        uniform_by_fan_in(self.weight, None, seed)
        return self

    def update_output(self, x):
        self.output = self.weight.reshape([1] * x.ndim) * x
        return self.output

    def update_grad_input(self, x, grad_output):
        self.grad_input = self.weight.reshape([1] * x.ndim) * grad_output
        return self.grad_input

    def acc_grad_parameters(self, x, grad_output, scale=1.0):
        self.grad_weight += scale * (grad_output * x).sum()


class Add(Elementwise):
    """x + bias, a learnt number for each element of an example.

    Shapes: x, output, grad_output and grad_input (N, *shape), a single example (*shape) too; bias (*shape).
    shape: of one example, an int for vectors
    seed: of the start values, between ±1/√size, an int or a Generator

    Source: Torch7's nn.Add.

    >>> Add((3, 32, 32))
    Add(3, 32, 32)
    """

    def __init__(self, shape: int | tuple[int, ...], *, seed: int | np.random.Generator = 0):
        sizes = shape if isinstance(shape, (tuple, list)) else (shape,)
        self.shape = tuple(check_whole(size, name="shape", owner=self, low=1) for size in sizes)
        self.bias = np.empty(self.shape, np.float32)
        self.grad_bias = np.zeros_like(self.bias)
        self.reset(seed)

    def reset(self, seed=0):
        uniform_by_fan_in(self.bias[np.newaxis], None, seed)
        return self

    def check_input(self, x):
        super().check_input(x)
        if self.shape not in (x.shape, x.shape[1:]):
            raise self.wrong("x", x, f"(N, {self.describe()})")

    def update_output(self, x):
        self.output = x + self.bias
        return self.output

    def update_grad_input(self, x, grad_output):
        self.grad_input = grad_output
        return self.grad_input

    def acc_grad_parameters(self, x, grad_output, scale=1.0):
        self.grad_bias += scale * grad_output.reshape(-1, *self.shape).sum(axis=0)

    def describe(self):
        return ", ".join(map(str, self.shape))
