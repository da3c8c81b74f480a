"""Layer normalisation: every example comes out with mean 0 and variance 1."""

from __future__ import annotations

import numpy as np

from lib.nn.arguments import check_integer, check_number, unusual
from lib.nn.module import Module


class LayerNorm(Module):
    """Every example gets mean 0 and variance 1 by itself, over its last axes; then · weight + bias.

    Shapes: x, output, grad_output and grad_input (…, *normalized_shape), all alike.
    normalized_shape: of the last axes, one number or several
    weight, bias: of this shape, to start with 1 and 0
    eps: is added to the variance

    Source: Ba, Kiros and Hinton, 2016.

    >>> LayerNorm(2, eps=0).forward(np.array([[1.0, 3.0], [10.0, 30.0]]))
    array([[-1.,  1.],
           [-1.,  1.]])
    """

    def __init__(self, normalized_shape: int | tuple[int, ...], eps: float = 1e-5):
        sizes = normalized_shape if isinstance(normalized_shape, (tuple, list)) else (normalized_shape,)
        if not sizes:
            raise ValueError("LayerNorm: normalized_shape is empty, it takes one size or more")
        self.normalized_shape = tuple(
            check_integer(self, "normalized_shape", size, least=1) for size in sizes
        )
        self.eps = check_number(self, "eps", eps, least=0)
        self.axes = tuple(range(-len(sizes), 0))
        self.weight = np.empty(self.normalized_shape, np.float32)
        self.bias = np.empty_like(self.weight)
        self.grad_weight = np.zeros_like(self.weight)
        self.grad_bias = np.zeros_like(self.bias)
        self.reset()

    def reset(self, seed=0):
        """The weights become 1 again, the biases 0; nothing is random."""
        self.weight.fill(1)
        self.bias.fill(0)
        return self

    def check_input(self, x):
        if not isinstance(x, np.ndarray) or x.shape[-len(self.axes) :] != self.normalized_shape:
            raise self.wrong("x", x, f"(…, {self.describe().partition(', eps')[0]})")

    def update_output(self, x):
        centred = x - x.mean(self.axes, keepdims=True)
        self.std = np.sqrt((centred * centred).mean(self.axes, keepdims=True) + self.eps)
        self.normalized = centred / self.std
        self.output = self.normalized * self.weight + self.bias
        return self.output

    def update_grad_input(self, x, grad_output):
        grad = grad_output * self.weight
        slant = (grad * self.normalized).mean(self.axes, keepdims=True)
        self.grad_input = (grad - grad.mean(self.axes, keepdims=True) - slant * self.normalized) / self.std
        return self.grad_input

    def acc_grad_parameters(self, x, grad_output, scale=1.0):
        examples = tuple(range(x.ndim - len(self.axes)))
        self.grad_weight += scale * (grad_output * self.normalized).sum(examples)
        self.grad_bias += scale * grad_output.sum(examples)

    def describe(self):
        return ", ".join([*map(str, self.normalized_shape), *unusual(self, eps=1e-5)])
