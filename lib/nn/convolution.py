"""Convolution, fast; `naive/convolution.py` is its plain twin, to be read first.

A small kernel slides over images, and weighs the patch below it alike wherever it is. Here the patches are
copied to the rows of a matrix, see `patches.py`, and all pixels of the output are one product of matrices:

    forward                   y = P W       P: patches of x           (pixels, KH · KW · C)
    gradient in the weights   Pᵀ g          W: weights                (KH · KW · C, F)
    gradient in the patches   g Wᵀ          y and g = ∂L/∂y: pixels   (pixels, F)

Arrays have shape (N, C, H, W), but those made here have the channels last in memory: there, a patch is a few
long runs of numbers, and y is what the product leaves. Products go part by part: a part stays in cache.
"""

from __future__ import annotations

import numpy as np

from lib.checks import mismatch, shown
from lib.nn.arguments import Pair
from lib.nn.kernel_layer import KernelLayer
from lib.nn.patches import Axes, Patches, by_group


class Conv2d(KernelLayer):
    """Every output pixel is a weighted sum of the patch below the kernel, over all channels, plus a bias.

    Shapes: x, grad_input (N, in_channels, H, W); output, grad_output (N, out_channels, OH, OW), where
    OH = (H + 2 · padding − dilation · (KH − 1) − 1) // stride + 1, and OW likewise;
    weight (out_channels, in_channels / groups, KH, KW); bias (out_channels,)

    in_channels, out_channels: how many channels x and the output have
    kernel_size, stride, dilation: in pixels, one number or (height, width)
    padding: how wide a frame of zeros surrounds the image, in pixels, one number or (height, width); "valid"
        is 0, "same" makes the output as large as x, for a stride of 1; where it needs an odd number of
        pixels, the one more is below and to the right, as in torch
    groups: both kinds of channels are cut into so many parts, each with weights of its own
    bias: False leaves the bias out
    seed: of the start values, an int or a Generator
    Raises `ValueError` where an argument is out of range, or x smaller than the kernel.

    Source: LeCun et al., 1998; im2col: Chellapilla, Puri and Simard, 2006; deck C, "Convolution".

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
        padding: int | Pair | str = 0,
        dilation: int | Pair = 1,
        groups: int = 1,
        bias: bool = True,
        *,
        seed: int | np.random.Generator = 0,
    ):
        super().__init__(
            in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias, seed
        )

    def check_padding(self, padding):
        if not isinstance(padding, str):
            return super().check_padding(padding)
        if padding not in ("valid", "same"):
            raise self._refuse("padding", padding, "a number, (height, width), 'valid' or 'same'")
        if padding == "same" and self.stride != (1, 1):
            raise mismatch("Conv2d", "padding", "a number, as the stride is not 1", shown(padding))
        return padding if padding == "same" else (0, 0)

    def weight_shape(self):
        return self.out_channels, self.in_channels // self.groups, *self.kernel_size

    def margins(self):
        if self.padding != "same":
            return super().margins()
        rows, columns = (((span - 1) // 2, span // 2) for span in self.span())
        return rows, columns

    def smallest_input(self):
        height, width = (
            max(1, span - before - after)
            for span, (before, after) in zip(self.span(), self.margins(), strict=True)
        )
        return height, width

    def over(self, x: np.ndarray) -> Axes:
        """How the kernel slides over x."""
        height, width = (
            (n + before + after - span) // s + 1
            for n, (before, after), span, s in zip(
                x.shape[2:], self.margins(), self.span(), self.stride, strict=True
            )
        )
        return self.axes((height, width))

    def update_output(self, x):
        self.output = correlate(x, self.weight, self.over(x), self.groups, self.bias)
        return self.output

    def update_grad_input(self, x, grad_output):
        self.grad_input = grad_of_input(grad_output, self.weight, self.over(x), self.groups, x.shape[2:])
        return self.grad_input

    def acc_grad_parameters(self, x, grad_output, scale=1.0):
        self.grad_weight += scale * grad_of_weight(x, grad_output, self.over(x), self.groups)
        self.acc_grad_bias(grad_output, scale)


def correlate(
    x: np.ndarray, weight: np.ndarray, axes: Axes, groups: int = 1, bias: np.ndarray | None = None
) -> np.ndarray:
    """A kernel slides over x: y = P W + bias.

    x: (N, C, H, W)
    weight: (F, C / groups, KH, KW)
    bias: (F,)
    returns: (N, F, OH, OW)
    """
    x = x.transpose(0, 2, 3, 1)
    y = np.empty((len(x), *(axis.outputs for axis in axes), len(weight)), np.result_type(x, weight))
    W = as_matrix(weight, groups)
    lines = y.reshape(*y.shape[:2], y.shape[2] * y.shape[3])  # a long sum is quicker than one for each pixel
    biases = None if bias is None else np.tile(bias, y.shape[2])
    for part, patches in Patches(x.shape, axes, groups, x.dtype).copied(x):
        np.matmul(patches, W, out=by_group(y[part], groups))
        if biases is not None:
            lines[part] += biases
    return y.transpose(0, 3, 1, 2)


def grad_of_weight(x: np.ndarray, grad_output: np.ndarray, axes: Axes, groups: int = 1) -> np.ndarray:
    """∂L/∂weight = Pᵀ g.

    x: (N, C, H, W)
    grad_output, g: (N, F, OH, OW)
    returns: (F, C / groups, KH, KW)
    """
    x, g = x.transpose(0, 2, 3, 1), grad_output.transpose(0, 2, 3, 1)
    F, C, (KH, KW) = g.shape[3], x.shape[3] // groups, (axis.taps for axis in axes)
    total = np.zeros((groups, KH * KW * C, F // groups), np.result_type(x, g))
    for part, patches in Patches(x.shape, axes, groups, x.dtype).copied(x):
        total += patches.swapaxes(1, 2) @ by_group(g[part], groups)
    return total.reshape(groups, KH, KW, C, F // groups).transpose(0, 4, 3, 1, 2).reshape(F, C, KH, KW)


def grad_of_input(
    grad_output: np.ndarray, weight: np.ndarray, axes: Axes, groups: int, size: tuple[int, int]
) -> np.ndarray:
    """∂L/∂x = g Wᵀ, the gradient of each patch, added up where patches overlap.

    With stride 1 this is a convolution itself, of g with the turned kernel: quicker, as nothing is added up.

    grad_output, g: (N, F, OH, OW)
    weight: (F, C / groups, KH, KW)
    size: (H, W)
    returns: (N, C, H, W)
    """
    if all(axis.stride == 1 for axis in axes):
        rows, columns = (axis.turned(n) for axis, n in zip(axes, size, strict=True))
        return correlate(grad_output, turned(weight, groups), (rows, columns), groups)
    g = grad_output.transpose(0, 2, 3, 1)
    grad_x = np.empty((len(g), *size, groups * weight.shape[1]), np.result_type(g, weight))
    W = as_matrix(weight, groups)
    for part, patches in Patches(grad_x.shape, axes, groups, grad_x.dtype).added(grad_x):
        np.matmul(by_group(g[part], groups), W.swapaxes(1, 2), out=patches)
    return grad_x.transpose(0, 3, 1, 2)


def as_matrix(weight: np.ndarray, groups: int) -> np.ndarray:
    """W for each group, (groups, KH · KW · C / groups, F / groups), from weights (F, C / groups, KH, KW)."""
    F, C, KH, KW = weight.shape
    return (
        weight.reshape(groups, F // groups, C, KH, KW)
        .transpose(0, 3, 4, 2, 1)
        .reshape(groups, -1, F // groups)
    )


def turned(weight: np.ndarray, groups: int) -> np.ndarray:
    """Kernels (C, F / groups, KH, KW) for the way back, turned by 180°: from (F, C / groups, KH, KW)."""
    F, C, KH, KW = weight.shape
    kernels = weight[:, :, ::-1, ::-1].reshape(groups, F // groups, C, KH, KW)
    return kernels.swapaxes(1, 2).reshape(groups * C, F // groups, KH, KW)
