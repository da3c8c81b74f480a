"""The fully connected layer."""

from __future__ import annotations

import math

import numpy as np

from lib.checks import check_whole
from lib.nn.errors import COLUMNS
from lib.nn.init import uniform_by_fan_in
from lib.nn.module import Module


class Linear(Module):
    """Every output is a weighted sum of all inputs, plus a bias: x Wᵀ + b.

    Shapes: x, grad_input (N, in_features); output, grad_output (N, out_features); weight (out_features,
        in_features), bias (out_features,). Any axes may stand in place of N, or none.
    bias: False leaves it out
    seed: of the start values, an int or a Generator

    Source: Torch7's nn.Linear; deck A2, "DNN Building Blocks".

    >>> layer = Linear(5, 4)
    >>> layer, layer.forward(np.ones((2, 5))).shape
    (Linear(5 -> 4), (2, 4))
    """

    def __init__(
        self, in_features: int, out_features: int, bias: bool = True, *, seed: int | np.random.Generator = 0
    ):
        self.in_features = check_whole(in_features, name="in_features", owner=self, low=1)
        self.out_features = check_whole(out_features, name="out_features", owner=self, low=1)
        self.weight = np.empty((out_features, in_features), np.float32)
        self.bias = np.empty(out_features, np.float32) if bias else None
        self.grad_weight = np.zeros_like(self.weight)
        self.grad_bias = np.zeros_like(self.bias) if bias else None
        self.reset(seed)

    def reset(self, seed=0):
        uniform_by_fan_in(self.weight, self.bias, seed)
        return self

    def check_input(self, x):
        if not isinstance(x, np.ndarray) or x.shape[-1:] != (self.in_features,):
            advice = ""
            if isinstance(x, np.ndarray) and x.ndim > 2 and math.prod(x.shape[1:]) == self.in_features:
                advice = "put Flatten() before it"
            elif isinstance(x, np.ndarray) and x.ndim == 2 and len(x) == self.in_features:
                advice = COLUMNS
            raise self.wrong("x", x, f"(N, {self.in_features})", advice)

    def update_output(self, x):
        self.output = x @ self.weight.T
        if self.bias is not None:
            self.output += self.bias
        return self.output

    def update_grad_input(self, x, grad_output):
        self.grad_input = grad_output @ self.weight
        return self.grad_input

    def acc_grad_parameters(self, x, grad_output, scale=1.0):
        x, grad_output = x.reshape(-1, x.shape[-1]), grad_output.reshape(-1, grad_output.shape[-1])
        self.grad_weight += scale * (grad_output.T @ x)
        if self.bias is not None:
            self.grad_bias += scale * grad_output.sum(axis=0)

    def describe(self):
        return f"{self.in_features} -> {self.out_features}" + (
            "" if self.bias is not None else ", bias=False"
        )
