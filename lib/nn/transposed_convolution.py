"""Transposed convolution: a convolution run backwards, from small images to large ones."""

from __future__ import annotations

import numpy as np

from lib.nn.arguments import Pair, check_pair
from lib.nn.convolution import correlate, grad_of_input, grad_of_weight
from lib.nn.kernel_layer import KernelLayer


class ConvTranspose2d(KernelLayer):
    """Every pixel of x adds a kernel, times itself, to the output: Conv2d's backward is forward here.

    Shapes: x, grad_input (N, in_channels, H, W); output, grad_output (N, out_channels, OH, OW), where
    OH = (H − 1) · stride − 2 · padding + dilation · (KH − 1) + 1 + output_padding, and OW likewise;
    weight (in_channels, out_channels / groups, KH, KW); bias (out_channels,)

    in_channels, out_channels: how many channels x and the output have
    kernel_size, stride, dilation: in pixels, one number or (height, width)
    padding: how many pixels are cut off on each side of the output, one number or (height, width)
    output_padding: how many rows and columns the output has more, at its bottom and right; fewer than the
        stride or the dilation. A convolution with a stride brings several sizes to one: this says which
    groups: both kinds of channels are cut into so many parts, each with weights of its own
    bias: False leaves the bias out
    seed: of the start values, an int or a Generator
    Raises `ValueError` where an argument is out of range, or x so small that nothing is left of the output.

    Source: Zeiler, Krishnan, Taylor and Fergus, 2010; Dumoulin and Visin, 2016.

    >>> layer = ConvTranspose2d(64, 3, kernel_size=4, stride=2, padding=1)
    >>> layer, layer.forward(np.ones((2, 64, 8, 8))).shape
    (ConvTranspose2d(64 -> 3, kernel_size=4, stride=2, padding=1), (2, 3, 16, 16))
    """

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
        super().__init__(
            in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias, seed
        )
        self.output_padding = check_pair(self, "output_padding", output_padding, least=0)
        most = tuple(max(pair) - 1 for pair in zip(self.stride, self.dilation, strict=True))
        if self.output_padding[0] > most[0] or self.output_padding[1] > most[1]:
            raise self._refuse(
                "output_padding", output_padding, f"at most {most}: less than the stride or the dilation"
            )

    def weight_shape(self):
        return self.in_channels, self.out_channels // self.groups, *self.kernel_size

    def smallest_input(self):
        height, width = (
            max(1, 1 - (n - 1) // s) for n, s in zip(self.output_size((1, 1)), self.stride, strict=True)
        )
        return height, width

    def output_size(self, size: Pair) -> Pair:
        """The height and width of the output, for those of x."""
        settings = zip(self.axes(size), self.padding, self.output_padding, strict=True)
        height, width = (axis.reach - 2 * p + extra for axis, p, extra in settings)
        return height, width

    def update_output(self, x):
        size = self.output_size(x.shape[2:])
        self.output = grad_of_input(x, self.weight, self.axes(x.shape[2:]), self.groups, size)
        if self.bias is not None:
            self.output += self.bias[:, None, None]
        return self.output

    def update_grad_input(self, x, grad_output):
        self.grad_input = correlate(grad_output, self.weight, self.axes(x.shape[2:]), self.groups)
        return self.grad_input

    def acc_grad_parameters(self, x, grad_output, scale=1.0):
        self.grad_weight += scale * grad_of_weight(grad_output, x, self.axes(x.shape[2:]), self.groups)
        self.acc_grad_bias(grad_output, scale)
