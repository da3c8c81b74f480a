"""Pooling to a given size, whatever the size of the images."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from lib.checks import check_whole, mismatch, shown
from lib.nn.arguments import Pair, check_images
from lib.nn.module import Module


class AdaptiveAvgPool2d(Module):
    """The means of as many windows as are asked for: images of any size come out alike.

    Shapes: x, grad_input (N, C, H, W); output, grad_output (N, C, *output_size).

    output_size: one number or (height, width), in pixels; None in place of one of the two keeps that of x

    Along an axis of L pixels, window i of n goes from ⌊i·L/n⌋ to ⌈(i + 1)·L/n⌉, as in torch: neighbours share
    a pixel where n does not divide L.

    >>> AdaptiveAvgPool2d(1).forward(np.array([[[[1.0, 2.0], [3.0, 6.0]]]]))
    array([[[[3.]]]])
    """

    def __init__(self, output_size: int | tuple[int | None, int | None]):
        both = output_size if isinstance(output_size, (tuple, list)) else (output_size, output_size)
        if len(both) != 2 or output_size is None:
            expected = "one number or (height, width)"
            raise mismatch("AdaptiveAvgPool2d", "output_size", expected, shown(output_size))
        height, width = (
            n if n is None else check_whole(n, name="output_size", owner=self, low=1) for n in both
        )
        self.output_size = height, width

    def check_input(self, x):
        check_images(self, x, least=(1, 1))

    def update_output(self, x):
        self.output = np.empty_like(x, shape=(*x.shape[:2], *self.size_for(x)))
        for pixels, window in self.windows(x):
            self.output[window] = x[pixels].mean(axis=(2, 3))
        return self.output

    def update_grad_input(self, x, grad_output):
        self.grad_input = np.zeros_like(x)
        for pixels, window in self.windows(x):
            part = self.grad_input[pixels]
            part += grad_output[window][..., None, None] / (part.shape[2] * part.shape[3])
        return self.grad_input

    def size_for(self, x: np.ndarray) -> Pair:
        """The height and the width of the output."""
        height, width = (
            n if wanted is None else wanted for n, wanted in zip(x.shape[2:], self.output_size, strict=True)
        )
        return height, width

    def windows(self, x: np.ndarray) -> Iterator[tuple[tuple, tuple]]:
        """For each window: the index of its pixels in x, and its own in the output."""
        rows, columns = (
            [slice(i * size // n, -(-(i + 1) * size // n)) for i in range(n)]
            for size, n in zip(x.shape[2:], self.size_for(x), strict=True)
        )
        for i, row in enumerate(rows):
            for j, column in enumerate(columns):
                yield (..., row, column), (..., i, j)

    def describe(self):
        height, width = self.output_size
        return str(height if height == width else self.output_size)
