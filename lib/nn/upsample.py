"""Larger images: each pixel several times."""

from __future__ import annotations

import numpy as np

from lib.nn.module import Module


class Upsample(Module):
    """Each pixel becomes a block of equal ones ("nearest").

    Shapes: x (N, C, H, W) → output (N, C, H · height, W · width).
    scale_factor: one int, or (height, width); by keyword, since torch's first argument is another one

    >>> Upsample(scale_factor=2).forward(np.array([[[[1.0, 2.0]]]]))
    array([[[[1., 1., 2., 2.],
             [1., 1., 2., 2.]]]])
    """

    def __init__(self, *, scale_factor: int | tuple[int, int]):
        pair = scale_factor if isinstance(scale_factor, (tuple, list)) else (scale_factor, scale_factor)
        if len(pair) != 2 or any(type(s) is bool or not isinstance(s, (int, np.integer)) or s < 1 for s in pair):
            raise ValueError(
                f"Upsample: scale_factor is {scale_factor!r}, it takes an int of at least 1, or two of them"
            )
        self.scale_factor = int(pair[0]), int(pair[1])

    def check_input(self, x):
        if not isinstance(x, np.ndarray) or x.ndim != 4:
            raise self.wrong("x", x, "(N, C, H, W)")

    def update_output(self, x):
        height, width = self.scale_factor
        self.output = x.repeat(height, axis=2).repeat(width, axis=3)
        return self.output

    def update_grad_input(self, x, grad_output):
        height, width = self.scale_factor
        self.grad_input = sum(grad_output[..., i::height, j::width] for i in range(height) for j in range(width))
        return self.grad_input

    def describe(self):
        height, width = self.scale_factor
        return f"scale_factor={height if height == width else self.scale_factor}"
