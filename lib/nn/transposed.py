"""Transposed convolution: a convolution run backwards, from small images to large ones."""

from __future__ import annotations

import numpy as np

from lib.nn.convolution import convolve, grad_of_input, grad_of_weight
from lib.nn.init import uniform_by_fan_in
from lib.nn.module import Module
from lib.nn.patches import Pair, Window, pair


class ConvTranspose2d(Module):
    """Forward is a convolution's gradient in its input."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | Pair,
        stride: int | Pair = 1,
        padding: int | Pair = 0,
        output_padding: int | Pair = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: int | Pair = 1,
        *,
        seed: int | np.random.Generator = 0,
    ):
        self.in_channels, self.out_channels, self.groups = in_channels, out_channels, groups
        self.window = Window(
            pair("ConvTranspose2d", "kernel_size", kernel_size, 1),
            pair("ConvTranspose2d", "stride", stride, 1),
            pair("ConvTranspose2d", "padding", padding, 0),
            pair("ConvTranspose2d", "dilation", dilation, 1),
        )
        self.output_padding = pair("ConvTranspose2d", "output_padding", output_padding, 0)
        self.weight = np.empty((in_channels, out_channels // groups, *self.window.kernel_size), np.float32)
        self.bias = np.empty(out_channels, np.float32) if bias else None
        self.grad_weight = np.zeros_like(self.weight)
        self.grad_bias = np.zeros_like(self.bias) if bias else None
        self.reset(seed)

    def reset(self, seed=0):
        uniform_by_fan_in(self.weight, self.bias, seed)
        return self

    def check_input(self, x):
        if not isinstance(x, np.ndarray) or x.ndim != 4 or x.shape[1] != self.in_channels:
            raise self.wrong("x", x, f"(N, {self.in_channels}, H, W)")

    def output_size(self, size: Pair) -> Pair:
        w = self.window
        parts = zip(size, w.stride, w.padding, w.extent(), self.output_padding, strict=True)
        return tuple((n - 1) * s - 2 * p + e + o for n, s, p, e, o in parts)

    def update_output(self, x):
        size = self.output_size(x.shape[2:])
        self.output = grad_of_input(x, self.weight, self.window, self.groups, size)
        if self.bias is not None:
            self.output += self.bias[:, None, None]
        return self.output

    def update_grad_input(self, x, grad_output):
        self.grad_input = convolve(grad_output, self.weight, self.window, self.groups)
        return self.grad_input

    def acc_grad_parameters(self, x, grad_output, scale=1.0):
        self.grad_weight += scale * grad_of_weight(grad_output, x, self.window, self.groups)
        if self.bias is not None:
            self.grad_bias += scale * grad_output.sum(axis=(0, 2, 3))

    def describe(self):
        return f"{self.in_channels} -> {self.out_channels}"
