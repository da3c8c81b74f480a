"""Upsampling: images become larger, by repeating pixels or by passing smoothly from one to the next."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from lib.checks import check_choice, check_number, mismatch, shown
from lib.nn.arguments import Pair, check_images, check_pair, short_pair
from lib.nn.module import Module


class Upsample(Module):
    """Images of another size: each output pixel takes the nearest pixel of x, or a mean of the nearest four.

    Shapes: x, grad_input (N, C, H, W); output, grad_output (N, C, OH, OW), where (OH, OW) is `size`, or
    OH = ⌊H · scale_factor⌋, and OW likewise

    size: of the output, in pixels, one number or (height, width); it may also be smaller than that of x
    scale_factor: instead of size, how many times as large as x: one number or (height, width), also 1.5
    mode: "nearest", or "bilinear": on a straight line from pixel to pixel, along rows and along columns
    align_corners: of "bilinear": True puts the middle of the corner pixels of x and of the output at the same
        place, False their outer edges
    Raises `ValueError` unless one of size and scale_factor is given, and for torch's further modes.

    Source: torch's nn.Upsample; Torch7's nn.SpatialUpSamplingNearest and nn.SpatialUpSamplingBilinear.

    >>> Upsample(scale_factor=2).forward(np.array([[[[1.0, 2.0]]]]))
    array([[[[1., 1., 2., 2.],
             [1., 1., 2., 2.]]]])
    >>> Upsample(size=(1, 3), mode="bilinear", align_corners=True).forward(np.array([[[[1.0, 2.0]]]]))
    array([[[[1. , 1.5, 2. ]]]])
    """

    def __init__(
        self,
        size: int | Pair | None = None,
        scale_factor: float | tuple[float, float] | None = None,
        mode: str = "nearest",
        align_corners: bool | None = None,
    ):
        if (size is None) == (scale_factor is None):
            got = f"size={size!r} and scale_factor={scale_factor!r}"
            raise mismatch("Upsample", "size", "either size or scale_factor", got)
        self.mode = check_choice(mode, ("nearest", "bilinear"), name="mode", owner=self)
        if align_corners is not None and mode == "nearest":
            raise mismatch("Upsample", "align_corners", "None with mode='nearest'", shown(align_corners))
        self.align_corners = bool(align_corners)
        self.size = None if size is None else check_pair(self, "size", size, least=1)
        self.scale_factor = None if scale_factor is None else self._factors(scale_factor)

    def check_input(self, x):
        height, width = (math.ceil(1 / factor) for factor in self.scale_factor or (1, 1))
        check_images(self, x, least=(height, width))

    def output_size(self, x: np.ndarray) -> Pair:
        """The height and the width of the output."""
        if self.size is not None:
            return self.size
        factors = self.scale_factor or (1, 1)
        height, width = (int(n * factor) for n, factor in zip(x.shape[2:], factors, strict=True))
        return height, width

    def update_output(self, x):
        if places := self.places_in_block(x):
            self.output = np.empty_like(x, shape=(*x.shape[:2], *self.output_size(x)))
            for place in places:
                self.output[place] = x
        else:
            rows, columns = self.sources(x)
            self.output = columns.mix(rows.mix(x, axis=2), axis=3)
        return self.output

    def update_grad_input(self, x, grad_output):
        if places := self.places_in_block(x):
            self.grad_input = np.zeros_like(x)
            for place in places:
                self.grad_input += grad_output[place]
        else:
            rows, columns = self.sources(x)
            self.grad_input = rows.unmix(columns.unmix(grad_output, axis=3), axis=2)
        return self.grad_input

    def places_in_block(self, x: np.ndarray) -> list[tuple]:
        """Where each pixel becomes a block of equal ones: for each place in a block, its output pixels.

        Empty for "bilinear", and where the output is not a whole number of times as large as x.
        """
        (H, W), (OH, OW) = x.shape[2:], self.output_size(x)
        if self.mode != "nearest" or OH % H or OW % W or self.scale_factor not in (None, (OH / H, OW / W)):
            return []
        height, width = OH // H, OW // W
        return [
            (..., slice(i, None, height), slice(j, None, width)) for i in range(height) for j in range(width)
        ]

    def sources(self, x: np.ndarray) -> tuple[Sources, Sources]:
        """Where the rows and the columns of the output come from."""
        factors = self.scale_factor or (None, None)
        rows, columns = (
            self._along(*axis) for axis in zip(x.shape[2:], self.output_size(x), factors, strict=True)
        )
        return rows, columns

    def describe(self):
        parts = [
            f"{name}={short_pair(both)}" for name in ("size", "scale_factor") if (both := getattr(self, name))
        ]
        parts += [] if self.mode == "nearest" else [f"mode={self.mode!r}"]
        return ", ".join([*parts, "align_corners=True"] if self.align_corners else parts)

    def _along(self, pixels: int, outputs: int, factor: float | None) -> Sources:
        step = 1 / factor if factor else pixels / outputs  # in pixels of x, from output to output
        if outputs == pixels or (self.mode == "nearest" and outputs == 2 * pixels):
            step = pixels / outputs  # whatever the factor, as in torch
        places = np.arange(outputs)
        if self.mode == "nearest":
            first = (places.astype(np.float32) * np.float32(step)).astype(int)  # torch rounds so, too
            return Sources(pixels, np.minimum(first, pixels - 1))
        if self.align_corners:
            position = places * np.float64((pixels - 1) / max(1, outputs - 1))
        else:
            position = np.maximum((places + np.float64(0.5)) * step - 0.5, 0)
        first = np.minimum(position.astype(int), pixels - 1)
        return Sources(pixels, first, np.minimum(first + 1, pixels - 1), position - first)

    def _factors(self, value: Any) -> tuple[float, float]:
        both = value if isinstance(value, (tuple, list)) else (value, value)
        if len(both) != 2:
            raise mismatch("Upsample", "scale_factor", "one number or (height, width)", shown(value))
        height, width = (
            check_number(number, name="scale_factor", owner=self, low=0, open_low=True) for number in both
        )
        return one_number(height), one_number(width)


@dataclass(frozen=True)
class Sources:
    """Along one axis, which pixels of x each output pixel is made of.

    pixels: how many x has
    first: (outputs,), the pixel of x that is taken, or the one before the place where the output lies
    second: (outputs,), the pixel behind that place; None where the first alone counts
    share: (outputs,), how much the second counts, from 0 to 1
    """

    pixels: int
    first: np.ndarray
    second: np.ndarray | None = None
    share: np.ndarray | float = 0.0

    def mix(self, x: np.ndarray, axis: int) -> np.ndarray:
        """The output pixels: (1 − share) · first + share · second."""
        first = taken(x, self.first, axis)
        if self.second is None:
            return first
        share = self._share(x, axis)
        return (1 - share) * first + share * taken(x, self.second, axis)

    def unmix(self, grad: np.ndarray, axis: int) -> np.ndarray:
        """The gradient in x: each output pixel's own goes to the one or two that it was made of."""
        if self.second is None:
            return added(grad, self.first, self.pixels, axis)
        share = self._share(grad, axis)
        first = added((1 - share) * grad, self.first, self.pixels, axis)
        return first + added(share * grad, self.second, self.pixels, axis)

    def _share(self, x: np.ndarray, axis: int) -> np.ndarray:
        return np.asarray(self.share, x.dtype).reshape(-1, *[1] * (3 - axis))


def taken(x: np.ndarray, pixels: np.ndarray, axis: int) -> np.ndarray:
    """The pixels of x along an axis, in an array that is laid out in memory as x is."""
    result = _like(x, len(pixels), axis)
    for new, old in zip(np.moveaxis(result, axis, 0), pixels, strict=True):
        new[...] = np.moveaxis(x, axis, 0)[old]
    return result


def added(grad: np.ndarray, pixels: np.ndarray, count: int, axis: int) -> np.ndarray:
    """The backward of `taken`: each slice of grad along an axis is added to its own of `count` pixels."""
    result = _like(grad, count, axis)
    result[...] = 0
    for part, pixel in zip(np.moveaxis(grad, axis, 0), pixels, strict=True):
        np.moveaxis(result, axis, 0)[pixel] += part
    return result


def one_number(value: float) -> float:
    """value, as an int where it is whole: a factor of 2.0 prints as 2."""
    return int(value) if value == int(value) else value


def _like(x: np.ndarray, count: int, axis: int) -> np.ndarray:
    return np.empty_like(x, shape=(*x.shape[:axis], count, *x.shape[axis + 1 :]))
