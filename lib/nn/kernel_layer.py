"""KernelLayer, what Conv2d and ConvTranspose2d share: their settings, their parameters, their print."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.checks import check_whole, mismatch, shown
from lib.nn.arguments import Pair, check_images, check_pair, short_pair
from lib.nn.init import uniform_by_fan_in
from lib.nn.module import Module
from lib.nn.patches import Axes, Axis


class KernelLayer(Module):
    """A layer with a kernel that slides over images: its settings, as torch.nn has them.

    in_channels, out_channels: how many channels x and the output have
    kernel_size, stride, padding, dilation: in pixels, one number or (height, width)
    groups: both kinds of channels are cut into so many parts, each with weights of its own
    bias: False leaves the bias out
    seed: of the start values, an int or a Generator
    """

    padding: Any  # (height, width); Conv2d also keeps "same"

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | Pair,
        stride: int | Pair,
        padding: int | Pair | str,
        dilation: int | Pair,
        groups: int,
        bias: bool,
        seed: int | np.random.Generator,
    ):
        self.groups = check_whole(groups, name="groups", owner=self, low=1)
        self.in_channels = self._channels("in_channels", in_channels)
        self.out_channels = self._channels("out_channels", out_channels)
        self.kernel_size = check_pair(self, "kernel_size", kernel_size, least=1)
        self.stride = check_pair(self, "stride", stride, least=1)
        self.dilation = check_pair(self, "dilation", dilation, least=1)
        self.padding = self.check_padding(padding)
        self.weight = np.empty(self.weight_shape(), np.float32)
        self.bias = np.empty(self.out_channels, np.float32) if bias else None
        self.grad_weight = np.zeros_like(self.weight)
        self.grad_bias = np.zeros(self.out_channels, np.float32) if bias else None
        self.reset(seed)

    def check_padding(self, padding: Any) -> Any:
        """The padding as (height, width), or as the layer keeps it; raises `ValueError` for anything else."""
        return check_pair(self, "padding", padding, least=0)

    def weight_shape(self) -> tuple[int, ...]:
        """The shape of the weights."""
        raise NotImplementedError

    def reset(self, seed=0):
        uniform_by_fan_in(self.weight, self.bias, seed)
        return self

    def check_input(self, x):
        check_images(self, x, self.in_channels, least=self.smallest_input())

    def smallest_input(self) -> Pair:
        """The smallest height and width of x, in pixels."""
        raise NotImplementedError

    def span(self) -> Pair:
        """The height and width of the kernel on the image, in pixels: larger than the kernel, if dilated."""
        height, width = (d * (k - 1) + 1 for k, d in zip(self.kernel_size, self.dilation, strict=True))
        return height, width

    def margins(self) -> tuple[Pair, Pair]:
        """How many pixels the padding has before and after an image: (above, below) and (left, right)."""
        height, width = self.padding
        return (height, height), (width, width)

    def axes(self, outputs: Pair) -> Axes:
        """How the kernel slides down and along images, for so many positions."""
        settings = zip(outputs, self.kernel_size, self.margins(), self.stride, self.dilation, strict=True)
        rows, columns = (Axis(o, k, -before, s, d) for o, k, (before, _), s, d in settings)
        return rows, columns

    def acc_grad_bias(self, grad_output: np.ndarray, scale: float) -> None:
        """The bias is added to every pixel: its gradient is their sum. Image by image rounds off less."""
        if self.grad_bias is not None:
            self.grad_bias += scale * np.einsum("nfhw->nf", grad_output).sum(axis=0)

    def describe(self):
        settings = {
            "kernel_size": 0,
            "stride": 1,
            "padding": 0,
            "output_padding": 0,
            "dilation": 1,
            "groups": 1,
        }
        parts = [f"{self.in_channels} -> {self.out_channels}"]
        for name, default in settings.items():
            value = getattr(self, name, default)
            if value not in (default, (default, default)):
                parts.append(f"{name}={short_pair(value) if isinstance(value, tuple) else value}")
        return ", ".join(parts if self.bias is not None else [*parts, "bias=False"])

    def _channels(self, name: str, value: int) -> int:
        if check_whole(value, name=name, owner=self, low=1) % self.groups:
            raise self._refuse(name, value, f"a multiple of groups={self.groups}")
        return int(value)

    def _refuse(self, name: str, value: object, takes: str) -> ValueError:
        return mismatch(type(self).__name__, name, takes, shown(value))
