"""Convolution: every output pixel is a weighted sum of the patch of input pixels below the kernel."""

from __future__ import annotations

import numpy as np

from lib.nn.init import uniform_by_fan_in
from lib.nn.module import Module
from lib.nn.patches import Pair, Window, pair

CHUNK = 1 << 20  # bytes of patches at a time: they stay in the processor's cache


class Conv2d(Module):
    """A kernel slides over images.

    Shapes: x, grad_input (N, in_channels, H, W); output, grad_output (N, out_channels, OH, OW);
    weight (out_channels, in_channels / groups, KH, KW), bias (out_channels,).

    >>> layer = Conv2d(3, 32, kernel_size=5, padding=2)
    >>> layer, layer.forward(np.ones((2, 3, 8, 8))).shape
    (Conv2d(3 -> 32, kernel_size=5, padding=2), (2, 32, 8, 8))
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | Pair,
        stride: int | Pair = 1,
        padding: int | Pair = 0,
        dilation: int | Pair = 1,
        groups: int = 1,
        bias: bool = True,
        *,
        seed: int | np.random.Generator = 0,
    ):
        self.in_channels, self.out_channels, self.groups = in_channels, out_channels, groups
        self.window = Window(
            pair("Conv2d", "kernel_size", kernel_size, 1),
            pair("Conv2d", "stride", stride, 1),
            pair("Conv2d", "padding", padding, 0),
            pair("Conv2d", "dilation", dilation, 1),
        )
        self.weight = np.empty((out_channels, in_channels // groups, *self.window.kernel_size), np.float32)
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
        if min(self.window.output_size(x.shape[2:])) < 1:
            raise self.wrong("x", x, f"images at least as large as the kernel")

    def update_output(self, x):
        self.output = convolve(x, self.weight, self.window, self.groups)
        if self.bias is not None:
            self.output += self.bias[:, None, None]
        return self.output

    def update_grad_input(self, x, grad_output):
        self.grad_input = grad_of_input(grad_output, self.weight, self.window, self.groups, x.shape[2:])
        return self.grad_input

    def acc_grad_parameters(self, x, grad_output, scale=1.0):
        self.grad_weight += scale * grad_of_weight(x, grad_output, self.window, self.groups)
        if self.bias is not None:
            self.grad_bias += scale * grad_output.sum(axis=(0, 2, 3))

    def describe(self):
        parts = [f"{self.in_channels} -> {self.out_channels}"]
        for name, value, default in (
            ("kernel_size", self.window.kernel_size, None),
            ("stride", self.window.stride, (1, 1)),
            ("padding", self.window.padding, (0, 0)),
            ("dilation", self.window.dilation, (1, 1)),
            ("groups", self.groups, 1),
            ("bias", self.bias is not None, True),
        ):
            if value != default:
                square = isinstance(value, tuple) and value[0] == value[1]
                parts.append(f"{name}={value[0] if square else value}")
        return ", ".join(parts)


def convolve(x, weight, window, groups):
    F, C, KH, KW = weight.shape
    patches = window.patches(_padded(x, window))
    N, OH, OW = patches.shape[:3]
    W = (
        weight.reshape(groups, F // groups, C, KH, KW)
        .transpose(0, 3, 4, 2, 1)
        .reshape(groups, -1, F // groups)
    )
    y = np.empty((N, OH, OW, F), np.result_type(x, weight))
    for part in _chunks(patches):
        for g in range(groups):
            cols = patches[part, ..., g * C : (g + 1) * C].reshape(-1, KH * KW * C)
            out = (cols @ W[g]).reshape(-1, OH, OW, F // groups)
            y[part, ..., g * F // groups : (g + 1) * F // groups] = out
    return y.transpose(0, 3, 1, 2)


def grad_of_input(grad_output, weight, window, groups, size):
    F, C, KH, KW = weight.shape
    (sh, sw), (dh, dw), (ph, pw) = window.stride, window.dilation, window.padding
    N, _, OH, OW = grad_output.shape
    g_last = grad_output.transpose(0, 2, 3, 1)
    W = (
        weight.reshape(groups, F // groups, C, KH, KW)
        .transpose(0, 1, 3, 4, 2)
        .reshape(groups, F // groups, -1)
    )
    H, Wd = size
    dtype = np.result_type(grad_output, weight)
    padded = np.zeros((N, H + 2 * ph, Wd + 2 * pw, C * groups), dtype)
    for g in range(groups):
        gg = g_last[..., g * F // groups : (g + 1) * F // groups].reshape(-1, F // groups)
        cols = (gg @ W[g]).reshape(N, OH, OW, KH, KW, C)
        for i in range(KH):
            for j in range(KW):
                rows = slice(i * dh, i * dh + sh * (OH - 1) + 1, sh)
                columns = slice(j * dw, j * dw + sw * (OW - 1) + 1, sw)
                padded[:, rows, columns, g * C : (g + 1) * C] += cols[:, :, :, i, j]
    return padded[:, ph : ph + H, pw : pw + Wd].transpose(0, 3, 1, 2)


def grad_of_weight(x, grad_output, window, groups):
    patches = window.patches(_padded(x, window))
    N, OH, OW, KH, KW, C = patches.shape
    C //= groups
    F = grad_output.shape[1]
    g_last = grad_output.transpose(0, 2, 3, 1)
    total = np.zeros((groups, F // groups, KH * KW * C), np.result_type(x, grad_output))
    for part in _chunks(patches):
        for g in range(groups):
            cols = patches[part, ..., g * C : (g + 1) * C].reshape(-1, KH * KW * C)
            gg = g_last[part, ..., g * F // groups : (g + 1) * F // groups].reshape(-1, F // groups)
            total[g] += gg.T @ cols
    return total.reshape(F, KH, KW, C).transpose(0, 3, 1, 2)


def _padded(x, window):
    N, C, H, W = x.shape
    ph, pw = window.padding
    padded = np.zeros((N, H + 2 * ph, W + 2 * pw, C), x.dtype)
    padded[:, ph : ph + H, pw : pw + W] = x.transpose(0, 2, 3, 1)
    return padded


def _chunks(patches):
    n = max(1, CHUNK // max(1, patches[:1].nbytes))
    return [slice(i, i + n) for i in range(0, len(patches), n)]
