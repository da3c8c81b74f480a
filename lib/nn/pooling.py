"""Pooling, fast; `naive/max_pooling.py` is its plain twin, to be read first.

Images become smaller: each window of pixels becomes one number, its largest or its mean. The twin goes from
window to window; here the loop goes over the places in a window: all pixels that stand at one place, in
whichever window, are one strided view, and are dealt with at once.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from lib.checks import check_whole, mismatch, shown
from lib.nn.arguments import Pair, check_images, check_pair, short_pair
from lib.nn.cache_slices import cache_slices
from lib.nn.module import Module

BITS = {np.dtype(np.float32): np.int32, np.dtype(np.float64): np.int64}


class Pool2d(Module):
    """What max and average pooling share: the geometry of a window that slides over images.

    Shapes: x, grad_input (N, C, H, W); output, grad_output (N, C, OH, OW), where
    OH = ⌊(H + 2 · padding − dilation · (kernel_size − 1) − 1) / stride⌋ + 1, and OW likewise

    kernel_size: of the window, in pixels, one number or (height, width)
    stride: from window to window, in pixels; None places the windows side by side
    padding: pixels around the image, at most half of kernel_size
    dilation: the step between the pixels of one window
    ceil_mode: OH and OW are rounded up: the last windows may run over the edge, but do not begin beyond it
    Raises `ValueError` for anything else, and for images smaller than one window.
    """

    def __init__(
        self,
        kernel_size: int | Pair,
        stride: int | Pair | None = None,
        padding: int | Pair = 0,
        dilation: int | Pair = 1,
        *,
        ceil_mode: bool = False,
    ):
        self.kernel_size = check_pair(self, "kernel_size", kernel_size, least=1)
        self.stride = self.kernel_size if stride is None else check_pair(self, "stride", stride, least=1)
        self.padding = check_pair(self, "padding", padding, least=0)
        self.dilation = check_pair(self, "dilation", dilation, least=1)
        self.ceil_mode = bool(ceil_mode)
        if any(2 * p > k for p, k in zip(self.padding, self.kernel_size, strict=True)):
            most = f"at most half of kernel_size={kernel_size!r}"
            raise mismatch(type(self).__name__, "padding", most, shown(padding))

    def check_input(self, x):
        height, width = (
            max(1, d * (k - 1) + 1 - 2 * p - (s - 1 if self.ceil_mode else 0))
            for k, s, p, d in zip(*self._settings(), strict=True)
        )
        check_images(self, x, least=(height, width))

    def output_size(self, x: np.ndarray) -> Pair:
        """The height and the width of the output, (OH, OW)."""
        rows, columns = (self._windows(*axis) for axis in zip(x.shape[2:], *self._settings(), strict=True))
        return rows, columns

    def places(self, x: np.ndarray) -> Iterator[tuple[tuple, tuple]]:
        """For each place in a window, in reading order: the pixels that stand there, and their windows.

        Yields two indices, one for arrays shaped like x and one for arrays shaped like the output; both pick
        the same number of elements. Padding is left out: no image is ever copied into a larger one.
        """
        rows, columns = (
            [at_place(i * d - p, size, outputs, s) for i in range(k)]
            for size, outputs, k, s, p, d in zip(
                x.shape[2:], self.output_size(x), *self._settings(), strict=True
            )
        )
        for row_pixels, row_windows in rows:
            for column_pixels, column_windows in columns:
                yield (..., row_pixels, column_pixels), (..., row_windows, column_windows)

    def describe(self):
        parts = {
            "kernel_size": (self.kernel_size, None),
            "stride": (self.stride, self.kernel_size),
            "padding": (self.padding, (0, 0)),
            "dilation": (self.dilation, (1, 1)),
        }
        shown = [f"{name}={short_pair(both)}" for name, (both, usual) in parts.items() if both != usual]
        return ", ".join([*shown, "ceil_mode=True"] if self.ceil_mode else shown)

    def _settings(self) -> tuple[Pair, Pair, Pair, Pair]:
        return self.kernel_size, self.stride, self.padding, self.dilation

    def _windows(self, size: int, kernel: int, stride: int, padding: int, dilation: int) -> int:
        """How many windows lie along an axis of `size` pixels."""
        room = size + 2 * padding - dilation * (kernel - 1) - 1  # for the first pixel of the last window
        if not self.ceil_mode:
            return room // stride + 1
        windows = -(-room // stride) + 1
        return windows - ((windows - 1) * stride >= size + padding)


class MaxPool2d(Pool2d):
    """The largest number of each window; the plain twin is `naive.max_pool2d_forward`.

    Shapes: x, grad_input (N, C, H, W); output, grad_output (N, C, OH, OW), as in `Pool2d`.

    kernel_size, stride, padding, dilation, ceil_mode: as in `Pool2d`

    Backward, the largest pixel gets the window's gradient: among equal ones the first in reading order, as in
    torch. Padding is never the largest. A window with a NaN gives NaN, and hands no gradient on.

    >>> MaxPool2d(2).forward(np.array([[[[1.0, 2.0, 0.0, 0.0], [4.0, 3.0, 0.0, 7.0]]]]))
    array([[[[4., 7.]]]])
    """

    def update_output(self, x):
        self.output = np.empty_like(x, shape=(*x.shape[:2], *self.output_size(x)))
        for some in cache_slices(x):
            images, largest = x[some], self.output[some]
            largest[...] = -np.inf
            for pixels, windows in self.places(x):
                np.maximum(largest[windows], images[pixels], out=largest[windows])
        return self.output

    def update_grad_input(self, x, grad_output):
        self.grad_input = np.empty_like(x)
        left = np.empty_like(self.output, dtype=x.dtype)  # what no pixel of the window has taken yet
        for some in cache_slices(x):
            images, grad, largest, rest = x[some], self.grad_input[some], self.output[some], left[some]
            grad[...] = 0
            rest[...] = grad_output[some]
            bits = rest.view(BITS[rest.dtype])  # taken as integers, as ∞ · 0 would be nan
            for pixels, windows in self.places(x):
                taken = bits[windows] * (images[pixels] == largest[windows])
                grad[pixels] += taken.view(x.dtype)
                bits[windows] -= taken
        return self.grad_input


class AvgPool2d(Pool2d):
    """The mean of each window.

    Shapes: x, grad_input (N, C, H, W); output, grad_output (N, C, OH, OW), as in `Pool2d`.

    kernel_size, stride, padding, ceil_mode: as in `Pool2d`
    count_include_pad: whether padding counts as pixels that are 0, or not at all; what a window of ceil_mode
        has beyond the padding never counts
    divisor_override: each window's sum is divided by this number, and not by its number of pixels

    >>> AvgPool2d(2).forward(np.array([[[[1.0, 2.0, 0.0, 0.0], [4.0, 3.0, 0.0, 8.0]]]]))
    array([[[[2.5, 2. ]]]])
    """

    def __init__(
        self,
        kernel_size: int | Pair,
        stride: int | Pair | None = None,
        padding: int | Pair = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ):
        super().__init__(kernel_size, stride, padding, ceil_mode=ceil_mode)
        self.count_include_pad = bool(count_include_pad)
        self.divisor_override = divisor_override
        if divisor_override is not None:
            check_whole(divisor_override, name="divisor_override", owner=self, low=1)

    def update_output(self, x):
        self.output = np.zeros_like(x, shape=(*x.shape[:2], *self.output_size(x)))
        for pixels, windows in self.places(x):
            self.output[windows] += x[pixels]
        self.output /= self.counts(x)
        return self.output

    def update_grad_input(self, x, grad_output):
        self.grad_input = np.zeros_like(x)
        share = grad_output / self.counts(x)
        for pixels, windows in self.places(x):
            self.grad_input[pixels] += share[windows]
        return self.grad_input

    def counts(self, x: np.ndarray) -> np.ndarray:
        """By what the sum of each window is divided: (OH, OW), or () where it is the same for all."""
        if self.divisor_override is not None:
            return np.array(self.divisor_override, x.dtype)
        axes = zip(x.shape[2:], self.output_size(x), self.kernel_size, self.stride, self.padding, strict=True)
        rows, columns = (
            pixels_of_windows(n, outputs, k, s, p, edge=p if self.count_include_pad else 0)
            for n, outputs, k, s, p in axes
        )
        return np.outer(rows, columns).astype(x.dtype)

    def describe(self):
        parts = [super().describe()]
        parts += [] if self.count_include_pad else ["count_include_pad=False"]
        parts += [] if self.divisor_override is None else [f"divisor_override={self.divisor_override}"]
        return ", ".join(parts)


def at_place(shift: int, size: int, outputs: int, stride: int) -> tuple[slice, slice]:
    """Along one axis, the pixels that stand at one place of a window, and the windows that have one there.

    shift: where that place is in the first window, in pixels from the image's edge; below 0 in the padding
    size: of the image, in pixels
    outputs: the number of windows
    stride: from window to window, in pixels

    >>> at_place(-1, size=4, outputs=2, stride=2)  # window 0 begins outside, window 1 at pixel 1
    (slice(1, 3, 2), slice(1, 2, None))
    """
    first = max(0, -(shift // stride))
    stop = max(first, min(outputs, (size - 1 - shift) // stride + 1))
    return slice(first * stride + shift, stop * stride + shift, stride), slice(first, stop)


def pixels_of_windows(
    size: int, outputs: int, kernel: int, stride: int, padding: int, *, edge: int
) -> np.ndarray:
    """Along one axis, how many pixels each window has in the image and `edge` pixels around it: (outputs,).

    >>> pixels_of_windows(4, outputs=3, kernel=3, stride=2, padding=1, edge=0)
    array([2, 3, 1])
    """
    starts = stride * np.arange(outputs) - padding
    return np.minimum(starts + kernel, size + edge) - np.maximum(starts, -edge)
