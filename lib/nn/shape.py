"""Layers that move numbers, and change none."""

from __future__ import annotations

import math

import numpy as np

from lib.checks import check_whole, mismatch
from lib.nn.arguments import check_one_array
from lib.nn.module import Module


class Identity(Module):
    """The input itself.

    Shapes: x, output, grad_output and grad_input are all alike, of any shape, or lists of arrays.
    """

    def update_output(self, x):
        self.output = x
        return self.output

    def update_grad_input(self, x, grad_output):
        self.grad_input = grad_output
        return self.grad_input


class Flatten(Module):
    """Every example becomes a vector, row by row; in general, the axes from start_dim to end_dim become one.

    Shapes: x, grad_input (N, C, H, W) → output, grad_output (N, C·H·W).
    start_dim: the first axis that goes into the vector; 1 keeps the batch
    end_dim: the last one; negative numbers count from the end

    Source: torch's nn.Flatten; Torch7's nn.View does the same.

    >>> Flatten().forward(np.ones((2, 3, 4, 4))).shape
    (2, 48)
    """

    def __init__(self, start_dim: int = 1, end_dim: int = -1):
        self.start_dim = check_whole(start_dim, name="start_dim", owner=self, low=None)
        self.end_dim = check_whole(end_dim, name="end_dim", owner=self, low=None)

    def check_input(self, x):
        check_one_array(self, x)
        start, end = self.start_dim, self.end_dim
        exist = all(-x.ndim <= axis < x.ndim for axis in (start, end))
        if not exist or start % x.ndim > end % x.ndim:
            raise self.wrong("x", x, f"an array with axes from {start} to {end}")

    def update_output(self, x):
        start, end = self.start_dim % x.ndim, self.end_dim % x.ndim + 1
        self.output = x.reshape(*x.shape[:start], math.prod(x.shape[start:end]), *x.shape[end:])
        return self.output

    def update_grad_input(self, x, grad_output):
        self.grad_input = reshaped_like(x, grad_output)
        return self.grad_input

    def describe(self):
        return "" if (self.start_dim, self.end_dim) == (1, -1) else f"{self.start_dim}, {self.end_dim}"


class Reshape(Module):
    """Every example gets another shape; the batch axis stays.

    Shapes: x, grad_input (N, …) → output, grad_output (N, *shape).
    shape: of one example; one size may be −1, it becomes what is left over

    Source: Torch7's nn.Reshape.

    >>> Reshape(3, -1, 8).forward(np.ones((2, 192))).shape
    (2, 3, 8, 8)
    """

    def __init__(self, *shape: int):
        self.shape = tuple(check_whole(size, name="shape", owner=self, low=-1) for size in shape)
        if self.shape.count(-1) > 1:
            raise mismatch("Reshape", "shape", "sizes of which at most one is -1", f"{self.shape}")

    def check_input(self, x):
        check_one_array(self, x)
        if x.ndim < 1 or math.prod(self.sizes(x)) != math.prod(x.shape[1:]):
            raise self.wrong("x", x, f"an array of which each example can become ({self.describe()})")

    def sizes(self, x: np.ndarray) -> tuple[int, ...]:
        """The shape of one example of the output, −1 replaced."""
        known = math.prod(size for size in self.shape if size != -1)
        rest = math.prod(x.shape[1:]) // max(1, known)
        return tuple(rest if size == -1 else size for size in self.shape)

    def update_output(self, x):
        self.output = x.reshape(len(x), *self.sizes(x))
        return self.output

    def update_grad_input(self, x, grad_output):
        self.grad_input = reshaped_like(x, grad_output)
        return self.grad_input

    def describe(self):
        return ", ".join(map(str, self.shape))


def reshaped_like(x: np.ndarray, gradient: np.ndarray) -> np.ndarray:
    """The gradient in the shape of x and with its memory layout: the convolution below need not copy it."""
    result = np.empty_like(x, dtype=gradient.dtype)
    result[...] = gradient.reshape(x.shape)
    return result


class Shuffle(Module):
    """The features, or channels, in another order: drawn once, then always the same.

    Shapes: x, output, grad_output and grad_input are all alike, (N, size, …).
    size: the length of axis 1
    seed: of the order, an int or a Generator

    Source: the Caffe layer in deck B, "Example: Caffe Layers".

    >>> layer = Shuffle(4)
    >>> x = np.array([[1.0, 2.0, 3.0, 4.0]])
    >>> output = layer.forward(x)
    >>> output, layer.backward(x, output)
    (array([[3., 1., 2., 4.]]), array([[1., 2., 3., 4.]]))
    """

    buffer_names = ("order",)

    def __init__(self, size: int, *, seed: int | np.random.Generator = 0):
        self.size = check_whole(size, name="size", owner=self, low=1)
        self.reset(seed)

    def reset(self, seed=0):
        self.order = np.random.default_rng(seed).permutation(self.size)
        return self

    def check_input(self, x):
        check_one_array(self, x)
        if x.ndim < 2 or x.shape[1] != self.size:
            raise self.wrong("x", x, f"(N, {self.size}, …)")

    def update_output(self, x):
        self.output = x[:, self.order]
        return self.output

    def update_grad_input(self, x, grad_output):
        back = np.argsort(self.order)  # the inverse permutation: where each number went
        self.grad_input = grad_output[:, back]
        return self.grad_input

    def describe(self):
        return f"{self.size}"
