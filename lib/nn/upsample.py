"""Upsampling: images become larger, each pixel becomes a block."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from lib.nn.arguments import Pair, check_pair
from lib.nn.module import Module
from lib.nn.pooling import short


class Upsample(Module):
    """Each pixel becomes a block of equal ones; backward, the gradients of a block add up.

    Shapes: x, grad_input (N, C, H, W); output, grad_output (N, C, H · height, W · width).
    scale_factor: whole, one number or (height, width); by keyword only, as torch's first argument is another

    Source: torch's nn.Upsample with mode "nearest"; Torch7's nn.SpatialUpSamplingNearest.

    >>> Upsample(scale_factor=2).forward(np.array([[[[1.0, 2.0]]]]))
    array([[[[1., 1., 2., 2.],
             [1., 1., 2., 2.]]]])
    """

    def __init__(self, *, scale_factor: int | Pair):
        self.scale_factor = check_pair(self, "scale_factor", scale_factor, least=1)

    def check_input(self, x):
        if not isinstance(x, np.ndarray) or x.ndim != 4:
            raise self.wrong("x", x, "(N, C, H, W)")

    def update_output(self, x):
        N, C, H, W = x.shape
        height, width = self.scale_factor
        self.output = np.empty_like(x, shape=(N, C, H * height, W * width))
        for place in self.places():
            self.output[place] = x
        return self.output

    def update_grad_input(self, x, grad_output):
        self.grad_input = np.zeros_like(x)
        for place in self.places():
            self.grad_input += grad_output[place]
        return self.grad_input

    def places(self) -> Iterator[tuple]:
        """For each place in a block, the index of the output's pixels that stand there."""
        height, width = self.scale_factor
        return (
            (..., slice(i, None, height), slice(j, None, width)) for i in range(height) for j in range(width)
        )

    def describe(self):
        return f"scale_factor={short(self.scale_factor)}"
