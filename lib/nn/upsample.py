"""Upsampling: images become larger, by repeating pixels or by passing smoothly from one to the next."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lib.nn.arguments import Pair, check_number, check_pair
from lib.nn.errors import image_hint
from lib.nn.module import Module
from lib.nn.pooling import short

Factors = tuple[float, float]


class Upsample(Module):
    """Images of another size: every output pixel takes the nearest pixel of x, or a mean of the nearest four.

    Shapes: x, grad_input (N, C, H, W); output, grad_output (N, C, OH, OW), where (OH, OW) is `size`, or
    OH = ⌊H · scale_factor⌋, and OW likewise

    size: of the output, in pixels, one number or (height, width); it may also be smaller than that of x
    scale_factor: how many times as large as x, one number or (height, width), also 1.5; either this or size
    mode: "nearest", or "bilinear": on a straight line from pixel to pixel, along rows and along columns
    align_corners: of "bilinear": True puts the middle of the corner pixels of x and of the output at the same
        place, False their outer edges
    Raises `ValueError` unless one of size and scale_factor is given, and for other modes of torch's.

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
        scale_factor: float | Factors | None = None,
        mode: str = "nearest",
        align_corners: bool | None = None,
    ):
        if (size is None) == (scale_factor is None):
            raise ValueError(
                f"Upsample: size, scale_factor: expected one of the two, got {size!r} and {scale_factor!r}"
            )
        if mode not in ("nearest", "bilinear"):
            raise ValueError(f"Upsample: mode: expected 'nearest' or 'bilinear', got {mode!r}")
        if align_corners is not None and mode == "nearest":
            raise ValueError(f"Upsample: align_corners: expected mode='bilinear' with it, got {mode!r}")
        self.size = None if size is None else check_pair(self, "size", size, least=1)
        self.scale_factor = None if scale_factor is None else self._factors(scale_factor)
        self.mode = mode
        self.align_corners = bool(align_corners)

    def check_input(self, x):
        if not isinstance(x, np.ndarray) or x.ndim != 4:
            raise self.wrong("x", x, "(N, C, H, W)", image_hint(x))
        if min(x.shape[2:]) < 1 or min(self.output_size(x)) < 1:
            raise self.wrong("x", x, "(N, C, H, W), of at least one pixel here and in the output")

    def output_size(self, x: np.ndarray) -> Pair:
        """The height and the width of the output."""
        if self.scale_factor is None:
            return self.size
        height, width = (int(n * factor) for n, factor in zip(x.shape[2:], self.scale_factor, strict=True))
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
        """Where each pixel becomes a block of equal ones: for each place in a block, its pixels of the output.

        Empty for "bilinear", and where OH and OW are not whole multiples of H and W.
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
        parts = [f"size={short(self.size)}"] if self.size else [f"scale_factor={short(self.scale_factor)}"]
        parts += [] if self.mode == "nearest" else [f"mode={self.mode!r}"]
        parts += ["align_corners=True"] if self.align_corners else []
        return ", ".join(parts)

    def _along(self, pixels: int, outputs: int, factor: float | None) -> Sources:
        step = pixels / outputs if factor is None else 1 / factor  # in pixels of x, from output to output
        places = np.arange(outputs, dtype=np.float32 if self.mode == "nearest" else np.float64)
        if self.mode == "nearest":
            first = (places * np.float32(step)).astype(int)  # torch rounds so too
            return Sources(pixels, np.minimum(first, pixels - 1))
        if self.align_corners:
            position = places * ((pixels - 1) / max(1, outputs - 1))
        else:
            position = np.maximum((places + 0.5) * step - 0.5, 0)
        first = np.minimum(position.astype(int), pixels - 1)
        return Sources(pixels, first, np.minimum(first + 1, pixels - 1), position - first)

    def _factors(self, value: float | Factors) -> Factors:
        both = value if isinstance(value, (tuple, list)) else (value, value)
        if len(both) != 2:
            raise ValueError(f"Upsample: scale_factor: expected one number or (height, width), got {value!r}")
        height, width = (check_number(self, "scale_factor", number, above=0) for number in both)
        return height, width


@dataclass(frozen=True)
class Sources:
    """Along one axis, which pixels of x each output pixel is made of.

    pixels: how many x has
    first: (outputs,), the pixel of x, or the one before the place where the output lies
    second, share: (outputs,), the pixel behind that place, and how much it counts; None where only first does
    """

    pixels: int
    first: np.ndarray
    second: np.ndarray | None = None
    share: np.ndarray | None = None

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
        return self.share.astype(x.dtype).reshape(-1, *[1] * (3 - axis))


def taken(x: np.ndarray, pixels: np.ndarray, axis: int) -> np.ndarray:
    """The pixels of x along an axis, laid out in memory as x is."""
    shape = list(x.shape)
    shape[axis] = len(pixels)
    result = np.empty_like(x, shape=tuple(shape))
    for new, old in zip(np.moveaxis(result, axis, 0), pixels, strict=True):
        new[...] = np.moveaxis(x, axis, 0)[old]
    return result


def added(grad: np.ndarray, pixels: np.ndarray, count: int, axis: int) -> np.ndarray:
    """The backward of `taken`: each slice of grad along an axis is added to one of `count` pixels."""
    shape = list(grad.shape)
    shape[axis] = count
    result = np.zeros_like(grad, shape=tuple(shape))
    sums = np.moveaxis(result, axis, 0)
    for part, pixel in zip(np.moveaxis(grad, axis, 0), pixels, strict=True):
        sums[pixel] += part
    return result
