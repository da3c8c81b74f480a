"""Dropout: in training, numbers vanish at random."""

from __future__ import annotations

import numpy as np

from lib.nn.module import Module


class Dropout(Module):
    """Each number is set to 0 with probability p, the others are divided by 1 − p: the expectation stays.

    Shapes: x, output, grad_output and grad_input are all alike, of any shape. In evaluation mode: x itself.
    seed: of the random numbers, an int or a Generator; it is kept in `rng`

    Source: Srivastava et al., 2014.

    >>> Dropout(0.5).forward(np.ones(8))
    array([0., 2., 0., 0., 2., 2., 2., 2.])
    """

    def __init__(self, p: float = 0.5, *, seed: int | np.random.Generator = 0):
        if isinstance(p, bool) or not isinstance(p, (int, float, np.number)) or not 0 <= p <= 1:
            raise ValueError(f"{type(self).__name__}: p is {p!r}, it takes a probability, from 0 to 1")
        self.p = float(p)
        self.mask: np.ndarray | None = None
        self.reset(seed)

    def reset(self, seed=0):
        self.rng = np.random.default_rng(seed)
        return self

    def update_output(self, x):
        self.mask = self.draw(x.shape, x.dtype) if self.training and self.p > 0 else None
        self.output = x if self.mask is None else x * self.mask
        return self.output

    def update_grad_input(self, x, grad_output):
        self.grad_input = grad_output if self.mask is None else grad_output * self.mask
        return self.grad_input

    def draw(self, shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
        """What x is multiplied with: 0 with probability p, else 1 / (1 − p)."""
        scale = 1 / (1 - self.p) if self.p < 1 else 0.0
        return (self.rng.random(shape, np.float32) >= self.p) * dtype.type(scale)

    def describe(self):
        return f"p={self.p:g}"


class Dropout2d(Dropout):
    """Dropout of whole channels: neighbouring pixels are so alike that one alone would not be missed.

    Shapes: x, output, grad_output and grad_input (N, C, H, W).

    Source: Tompson et al., 2015.
    """

    def check_input(self, x):
        if not isinstance(x, np.ndarray) or x.ndim != 4:
            raise self.wrong("x", x, "(N, C, H, W)")

    def draw(self, shape, dtype):
        return super().draw((*shape[:2], 1, 1), dtype)
