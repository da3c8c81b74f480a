"""Layer normalisation: every example comes out with mean 0 and variance 1."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lib.checks import check_number, check_whole
from lib.nn.arguments import unusual
from lib.nn.module import Module


class LayerNorm(Module):
    """Every example gets mean 0 and variance 1 by itself, over its last axes; then · weight + bias.

    Shapes: x, output, grad_output and grad_input (…, *normalized_shape), all alike;
    weight and bias (*normalized_shape,)

    normalized_shape: of the last axes, one number or several
    eps: is added to the variance
    elementwise_affine: whether there are weight and bias, to start with 1 and 0
    bias: False leaves out the bias alone

    Source: Ba, Kiros and Hinton, 2016.

    >>> LayerNorm(2, eps=0).forward(np.array([[1.0, 3.0], [10.0, 30.0]]))
    array([[-1.,  1.],
           [-1.,  1.]])
    """

    def __init__(
        self,
        normalized_shape: int | Sequence[int],
        eps: float = 1e-5,
        elementwise_affine: bool = True,
        bias: bool = True,
    ):
        sizes = normalized_shape if isinstance(normalized_shape, (tuple, list)) else (normalized_shape,)
        if not sizes:
            raise ValueError("LayerNorm: normalized_shape: expected one size or more, got ()")
        self.normalized_shape = tuple(
            check_whole(size, name="normalized_shape", owner=self, low=1) for size in sizes
        )
        self.eps = check_number(eps, name="eps", owner=self, low=0)
        self.elementwise_affine = bool(elementwise_affine)
        self.axes = tuple(range(-len(self.normalized_shape), 0))
        self.weight: np.ndarray | None = None
        self.bias: np.ndarray | None = None
        if elementwise_affine:
            self.weight, self.grad_weight = np.zeros((2, *self.normalized_shape), np.float32)
        if elementwise_affine and bias:
            self.bias, self.grad_bias = np.zeros((2, *self.normalized_shape), np.float32)
        self.reset()

    def reset(self, seed=0):
        """The weights become 1 again, the biases 0; nothing is random."""
        if self.weight is not None:
            self.weight.fill(1)
        if self.bias is not None:
            self.bias.fill(0)
        return self

    def check_input(self, x):
        if not isinstance(x, np.ndarray) or x.shape[-len(self.axes) :] != self.normalized_shape:
            raise self.wrong("x", x, f"(…, {', '.join(map(str, self.normalized_shape))})")

    def update_output(self, x):
        centred = x - x.mean(self.axes, keepdims=True)
        self.std = np.sqrt((centred * centred).mean(self.axes, keepdims=True) + self.eps)
        self.output = self.normalized = centred / self.std
        if self.weight is not None:
            self.output = self.output * self.weight
        if self.bias is not None:
            self.output = self.output + self.bias
        return self.output

    def update_grad_input(self, x, grad_output):
        grad = grad_output if self.weight is None else grad_output * self.weight
        slant = (grad * self.normalized).mean(self.axes, keepdims=True)
        self.grad_input = (grad - grad.mean(self.axes, keepdims=True) - slant * self.normalized) / self.std
        return self.grad_input

    def acc_grad_parameters(self, x, grad_output, scale=1.0):
        examples = tuple(range(x.ndim - len(self.axes)))
        if self.weight is not None:
            self.grad_weight += scale * (grad_output * self.normalized).sum(examples)
        if self.bias is not None:
            self.grad_bias += scale * grad_output.sum(examples)

    def describe(self):
        own = unusual(self, eps=1e-5, elementwise_affine=True)
        own += ["bias=False"] if self.weight is not None and self.bias is None else []
        return ", ".join([*map(str, self.normalized_shape), *own])
