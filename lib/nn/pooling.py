"""Pooling: images become smaller; each window of pixels becomes one number, its largest or its mean."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from lib.nn.arguments import Pair, check_pair
from lib.nn.batches import batches
from lib.nn.module import Module


class Pool2d(Module):
    """What max and average pooling share: the geometry of a window that slides over images.

    Shapes: x, grad_input (N, C, H, W); output, grad_output (N, C, OH, OW), where
    OH = ⌊(H + 2 · padding − kernel_size) / stride⌋ + 1, and OW likewise.
    kernel_size, stride, padding: in pixels, one number or (height, width). Without a stride windows lie side
        by side. Padding is at most half a window, so that each window has a pixel of the image.
    Raises `ValueError` for anything else, and for images smaller than one window.
    """

    def __init__(self, kernel_size: int | Pair, stride: int | Pair | None = None, padding: int | Pair = 0):
        self.kernel_size = check_pair(self, "kernel_size", kernel_size, least=1)
        self.stride = self.kernel_size if stride is None else check_pair(self, "stride", stride, least=1)
        self.padding = check_pair(self, "padding", padding, least=0)
        if any(2 * p > k for p, k in zip(self.padding, self.kernel_size, strict=True)):
            raise ValueError(
                f"{type(self).__name__}: padding is {padding!r}, it takes at most half of "
                f"kernel_size, which is {kernel_size!r}"
            )

    def check_input(self, x):
        if not isinstance(x, np.ndarray) or x.ndim != 4 or min(self.output_size(x)) < 1:
            height, width = (max(1, k - 2 * p) for k, p in zip(self.kernel_size, self.padding, strict=True))
            raise self.wrong("x", x, f"(N, C, H ≥ {height}, W ≥ {width})")

    def output_size(self, x: np.ndarray) -> Pair:
        """(OH, OW)."""
        sizes = zip(x.shape[2:], self.kernel_size, self.stride, self.padding, strict=True)
        return tuple((size + 2 * p - k) // s + 1 for size, k, s, p in sizes)

    def places(self, x: np.ndarray) -> Iterator[tuple[tuple, tuple]]:
        """For each place in a window, in reading order: the pixels that stand there, and their windows.

        Yields two indices, one for arrays shaped like x and one for arrays shaped like the output; both pick
        the same number of elements. Padding is left out: no image is ever copied into a larger one.
        """
        geometry = zip(
            x.shape[2:], self.output_size(x), self.kernel_size, self.stride, self.padding, strict=True
        )
        rows, columns = (
            [at_place(i, size, outputs, s, p) for i in range(k)] for size, outputs, k, s, p in geometry
        )
        for row_pixels, row_windows in rows:
            for column_pixels, column_windows in columns:
                yield (..., row_pixels, column_pixels), (..., row_windows, column_windows)

    def describe(self):
        parts = {"kernel_size": self.kernel_size, "stride": self.stride, "padding": self.padding}
        left_out = {"stride": self.kernel_size, "padding": (0, 0)}
        return ", ".join(
            f"{name}={short(both)}" for name, both in parts.items() if both != left_out.get(name)
        )


class MaxPool2d(Pool2d):
    """The largest number of each window; shapes and arguments as in `Pool2d`.

    Backward, the largest pixel gets the window's gradient: among equal ones the first in reading order, as in
    torch. Padding is never the largest. A window with a NaN gives NaN, and hands no gradient on.

    >>> MaxPool2d(2).forward(np.array([[[[1.0, 2.0, 0.0, 0.0], [4.0, 3.0, 0.0, 7.0]]]]))
    array([[[[4., 7.]]]])
    """

    def update_output(self, x):
        self.output = np.empty_like(x, shape=(*x.shape[:2], *self.output_size(x)))
        for some in batches(x):
            images, largest = x[some], self.output[some]
            largest[...] = -np.inf
            for pixels, windows in self.places(x):
                np.maximum(largest[windows], images[pixels], out=largest[windows])
        return self.output

    def update_grad_input(self, x, grad_output):
        self.grad_input = np.empty_like(x)
        left = np.empty_like(self.output)  # what no pixel of the window has taken yet
        for some in batches(x):
            images, grad, largest, rest = x[some], self.grad_input[some], self.output[some], left[some]
            grad[...] = 0
            rest[...] = grad_output[some]
            for pixels, windows in self.places(x):
                taken = rest[windows] * (images[pixels] == largest[windows])
                grad[pixels] += taken
                rest[windows] -= taken
        return self.grad_input


class AvgPool2d(Pool2d):
    """The mean of each window; shapes and arguments as in `Pool2d`.

    count_include_pad: whether padding counts as pixels that are 0, or not at all

    >>> AvgPool2d(2).forward(np.array([[[[1.0, 2.0, 0.0, 0.0], [4.0, 3.0, 0.0, 8.0]]]]))
    array([[[[2.5, 2. ]]]])
    """

    def __init__(
        self,
        kernel_size: int | Pair,
        stride: int | Pair | None = None,
        padding: int | Pair = 0,
        count_include_pad: bool = True,
    ):
        super().__init__(kernel_size, stride, padding)
        self.count_include_pad = count_include_pad

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
        """How many pixels each window is the mean of: (OH, OW)."""
        if self.count_include_pad:
            return np.full(self.output_size(x), np.prod(self.kernel_size), x.dtype)
        counts = np.zeros(self.output_size(x), x.dtype)
        for _, windows in self.places(x):
            counts[windows] += 1
        return counts

    def describe(self):
        return super().describe() + ("" if self.count_include_pad else ", count_include_pad=False")


def at_place(i: int, size: int, outputs: int, stride: int, padding: int) -> tuple[slice, slice]:
    """Along one axis, the pixels that stand at place i of a window, and the windows that have a pixel there.

    >>> at_place(0, size=4, outputs=2, stride=2, padding=1)  # window 0 begins outside, window 1 at pixel 1
    (slice(1, 3, 2), slice(1, 2, None))
    """
    shift = i - padding  # window w has pixel w · stride + shift at place i
    first = max(0, -(shift // stride))
    stop = max(first, min(outputs, (size - 1 - shift) // stride + 1))
    return slice(first * stride + shift, stop * stride + shift, stride), slice(first, stop)


def short(both: Pair) -> str:
    """A pair as it would be written: one number where both are alike."""
    return str(both[0] if both[0] == both[1] else both)
