"""Dropout: in training, numbers vanish at random, so that a network cannot rely on a single one."""

from __future__ import annotations

import numpy as np

from lib.checks import check_number
from lib.nn.arguments import check_images
from lib.nn.cache_slices import cache_slices
from lib.nn.module import Module

LEVELS = 1 << 16  # random numbers have 16 bits: twice as fast as 32, and p is kept to within 2⁻¹⁷, 0.0000076


class Dropout(Module):
    """Each number becomes 0 with probability p, else it is divided by 1 − p: its expectation stays the same.

    Shapes: x, output, grad_output and grad_input (N, …), all alike. In evaluation mode output is x.
    p: from 0 to 1; it is rounded to a multiple of 2⁻¹⁶
    seed: of the random numbers, an int or a Generator, which is kept in `rng`; the memory layout of x has no
        influence on which numbers vanish

    Source: Srivastava et al., 2014.

    >>> Dropout(0.5, seed=3).forward(np.ones(8))
    array([2., 2., 0., 0., 2., 0., 2., 0.])
    """

    def __init__(self, p: float = 0.5, *, seed: int | np.random.Generator = 0):
        self.p = check_number(p, name="p", owner=self, low=0, high=1)
        self.kept: np.ndarray | None = None  # True where a number passes; None where all do
        self.reset(seed)

    def reset(self, seed=0):
        self.rng = np.random.default_rng(seed)
        return self

    def check_input(self, x):
        if not isinstance(x, np.ndarray) or x.ndim == 0:
            raise self.wrong("x", x, "(N, …)")

    def update_output(self, x):
        self.kept = self.draw(x) if self.training and self.p > 0 else None
        self.output = self.thin_out(x)
        return self.output

    def update_grad_input(self, x, grad_output):
        self.grad_input = self.thin_out(grad_output)
        return self.grad_input

    def draw(self, x: np.ndarray) -> np.ndarray:
        """Which elements of x are kept: bool, of its shape and memory layout."""
        # Dealt out with the channels last, whatever the layout of x is: convolution lays its output out so.
        shape = np.moveaxis(x, 1, -1).shape if x.ndim > 2 else x.shape
        words = self.rng.integers(0, 1 << 64, -(-x.size // 4), np.uint64)  # four numbers of 16 bits in each
        numbers = words.view(np.uint16)[: x.size].reshape(shape)
        kept = numbers >= round(self.p * LEVELS)
        kept = np.moveaxis(kept, -1, 1) if x.ndim > 2 else kept
        laid_out = np.empty_like(x, dtype=bool)
        if laid_out.strides == kept.strides:
            return kept
        laid_out[...] = kept
        return laid_out

    def thin_out(self, values: np.ndarray) -> np.ndarray:
        """values · kept / (1 − p)."""
        if self.kept is None:
            return values
        scale = values.dtype.type(1 / (1 - self.p) if self.p < 1 else 0)
        result = np.empty_like(values)
        for some in cache_slices(values):
            part = result[some]
            np.multiply(self.kept[some], scale, out=part)
            part *= values[some]
        return result

    def describe(self):
        return f"p={self.p:g}"


class Dropout2d(Dropout):
    """Dropout of whole channels: neighbouring pixels are so alike that a single one would not be missed.

    Shapes: x, output, grad_output and grad_input (N, C, H, W). Each channel of each image vanishes by itself.

    Source: Tompson et al., 2015.
    """

    def check_input(self, x):
        check_images(self, x)

    def draw(self, x):
        return super().draw(np.empty(x.shape[:2]))[..., None, None]
