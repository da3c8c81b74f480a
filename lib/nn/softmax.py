"""Scores become probabilities, or their logarithms."""

from __future__ import annotations

import numpy as np

from lib.checks import check_whole
from lib.nn.arguments import check_one_array
from lib.nn.module import Module


class AlongAxis(Module):
    """What Softmax and LogSoftmax share: the axis of the classes."""

    def __init__(self, dim: int = 1):
        self.dim = check_whole(dim, name="dim", owner=self, low=None)

    def check_input(self, x):
        check_one_array(self, x)
        if not -x.ndim <= self.dim < x.ndim:
            raise self.wrong("x", x, f"an array that has axis {self.dim}, such as (N, C) for dim=1")
        if x.shape[self.dim] == 0:
            raise self.wrong("x", x, f"at least one class on axis {self.dim}")

    def describe(self):
        return f"dim={self.dim}"


class Softmax(AlongAxis):
    """eˣ / Σ eˣ along an axis: positive numbers that sum to 1.

    Shapes: x, output, grad_output and grad_input are all alike: (N, C), (N, C, H, W), …
    dim: the axis of the classes, of which there must be one at least

    Source: Torch7's nn.SoftMax; deck A1, "Softmax Classifier".

    >>> Softmax().forward(np.array([[3.2, 5.1, -1.7]])).round(2)
    array([[0.13, 0.87, 0.  ]])
    """

    def update_output(self, x):
        exps = np.exp(shifted(x, self.dim))
        self.output = exps / exps.sum(axis=self.dim, keepdims=True)
        return self.output

    def update_grad_input(self, x, grad_output):
        mean = (self.output * grad_output).sum(axis=self.dim, keepdims=True)
        self.grad_input = self.output * (grad_output - mean)
        return self.grad_input


class LogSoftmax(AlongAxis):
    """log(eˣ / Σ eˣ) along an axis, without taking the logarithm of a 0.

    Shapes: x, output, grad_output and grad_input are all alike: (N, C), (N, C, H, W), …
    dim: the axis of the classes, of which there must be one at least

    Source: Torch7's nn.LogSoftMax.

    >>> LogSoftmax().forward(np.array([[0.0, -1000.0]]))
    array([[    0., -1000.]])
    """

    def update_output(self, x):
        scores = shifted(x, self.dim)
        self.output = scores - np.log(np.exp(scores).sum(axis=self.dim, keepdims=True))
        return self.output

    def update_grad_input(self, x, grad_output):
        total = grad_output.sum(axis=self.dim, keepdims=True)
        self.grad_input = grad_output - np.exp(self.output) * total
        return self.grad_input


def shifted(x: np.ndarray, axis: int) -> np.ndarray:
    """x less its maximum along the axis: probabilities stay, and e to its power can't overflow."""
    return x - x.max(axis=axis, keepdims=True)
