"""im2col and col2im, fast; `naive/convolution.py` has their plain twins, to be read first.

The patches of images below a sliding kernel are the rows of a matrix: copied out of images (im2col), or added
up to images (col2im, its backward). They go part by part of the output: what is at hand stays in the cache.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise, product
from math import gcd

import numpy as np
from numpy.lib.stride_tricks import as_strided

from lib.nn import cache_slices


@dataclass(frozen=True)
class Axis:
    """One axis of a sliding kernel: output o sees pixel start + stride · o + dilation · k through tap k.

    outputs: the number of output pixels
    taps: the number of the kernel's pixels
    start: the first pixel that is seen; below 0 where zeros surround the image
    stride: from output to output, in pixels
    dilation: from tap to tap, in pixels

    >>> Axis(outputs=5, taps=3, start=-1).reach
    7
    """

    outputs: int
    taps: int
    start: int = 0
    stride: int = 1
    dilation: int = 1

    @property
    def reach(self) -> int:
        """The number of pixels from the first that is seen to the last."""
        return self.stride * (self.outputs - 1) + self.dilation * (self.taps - 1) + 1

    def frame(self, size: int) -> tuple[int, slice, slice]:
        """How large an array must be that holds all pixels that are seen, and the image from `start` on.

        size: of the image, in pixels
        Returns the size of that array, the slice of the image that goes into it, and the slice of the array
        where it goes.
        """
        first = max(0, self.start)
        frame = max(self.reach, size - self.start)
        return frame, slice(first, size), slice(first - self.start, size - self.start)

    def turned(self, size: int) -> Axis:
        """The axis of the way back, for stride 1: each pixel sees the outputs that saw it, last tap first.

        size: of the image, in pixels
        """
        return Axis(size, self.taps, -self.start - self.dilation * (self.taps - 1), 1, self.dilation)

    @property
    def tiled(self) -> int:
        """How many pixels the first group of `apart` covers without a gap, counted from `start`; else 0.

        >>> Axis(outputs=5, taps=3, stride=2).tiled, Axis(outputs=5, taps=1, stride=2).tiled
        (10, 0)
        """
        return self.stride * self.outputs if self.dilation == 1 and self.taps >= self.stride else 0

    def apart(self) -> list[slice]:
        """The taps in groups, such that no two taps of a group ever see the same pixel."""
        count = self.stride // gcd(self.stride, self.dilation)
        return [slice(k, k + count) for k in range(0, self.taps, count)]


Axes = tuple[Axis, Axis]  # of rows, and of columns
Block = tuple[slice, slice]  # some of the images, and some rows of the output


class Patches:
    """The patches that a sliding kernel sees, as matrices (groups, pixels, KH · KW · C / groups).

    shape: of the images, (N, H, W, C); zeros surround them
    axes: how the kernel slides over their rows, and over their columns
    groups: into how many parts the channels are cut
    dtype: of the images
    """

    def __init__(self, shape: tuple[int, ...], axes: Axes, groups: int, dtype: np.dtype):
        (N, H, W, C), (rows, columns), self.axes, self.groups = shape, axes, axes, groups
        row_bytes = columns.outputs * rows.taps * columns.taps * C * dtype.itemsize
        self.images = cut(N, cache_slices.CACHE_BYTES // (rows.outputs * row_bytes))
        self.rows = cut(rows.outputs, cache_slices.CACHE_BYTES // row_bytes)

        (height, *top), (width, *left) = rows.frame(H), columns.frame(W)
        self.pointwise = all(
            a.taps == 1 and 0 <= a.start <= n - a.reach for a, n in zip(axes, (H, W), strict=True)
        )
        self.image, self.place = zip(top, left, strict=True)
        self.framed = np.zeros((self.images[0].stop, height, width, C), dtype)
        self.windows = windows(self.framed, axes, groups)
        self.buffer = np.empty(self.windows[:, :, self.rows[0]].shape, dtype)

    def copied(self, x: np.ndarray) -> Iterator[tuple[Block, np.ndarray]]:
        """Part by part of the output, the patches of x (N, H, W, C); they hold until the next are taken."""
        if self.pointwise:
            seen = x[:, *(slice(a.start, a.start + a.reach, a.stride) for a in self.axes)]
            for images, rows in product(self.images, self.rows):
                yield (images, rows), by_group(seen[images, rows], self.groups)
            return
        for images in self.images:
            framed = self.framed[: images.stop - images.start]
            framed[:, *self.place] = x[images, *self.image]
            for rows in self.rows:
                windows, buffer = self._some(len(framed), rows)
                np.copyto(buffer, windows)
                yield (images, rows), self._matrix(buffer)

    def added(self, x: np.ndarray) -> Iterator[tuple[Block, np.ndarray]]:
        """Part by part of the output, a matrix to be filled with patches; x becomes their sum.

        x: (N, H, W, C), to be overwritten

        The rows come from the last to the first. What a part overlaps has then been written already, below
        it; the pixels that its first taps see are new, and are set instead of being added to zeros.
        """
        first, *others = [(..., i, j, slice(None)) for i, j in product(*(axis.apart() for axis in self.axes))]
        height, width = (axis.tiled for axis in self.axes)
        for images in self.images:
            framed = self.framed[: images.stop - images.start]
            framed[:, height:] = framed[:, :height, width:] = 0
            for rows in reversed(self.rows):
                windows, buffer = self._some(len(framed), rows)
                yield (images, rows), self._matrix(buffer)
                if height and width:
                    windows[first] = buffer[first]
                else:
                    windows[first] += buffer[first]
                for some in others:
                    windows[some] += buffer[some]
            x[images, *self.image] = framed[:, *self.place]

    def _some(self, count: int, rows: slice) -> tuple[np.ndarray, np.ndarray]:
        """The windows of so many images, and the part of the buffer for them."""
        windows = self.windows[:, :count, rows]
        return windows, self.buffer[:, :count, : windows.shape[2]]

    def _matrix(self, buffer: np.ndarray) -> np.ndarray:
        return buffer.reshape(self.groups, -1, np.prod(buffer.shape[4:]))


def windows(x: np.ndarray, axes: Axes, groups: int) -> np.ndarray:
    """Images (N, H, W, C) as patches (groups, N, OH, OW, KH, KW, C / groups): a view, nothing is copied."""
    (rows, columns), (n, h, w, c) = axes, x.strides
    channels = x.shape[3] // groups
    shape = (groups, len(x), rows.outputs, columns.outputs, rows.taps, columns.taps, channels)
    steps = (h * rows.stride, w * columns.stride, h * rows.dilation, w * columns.dilation)
    return as_strided(x, shape, (channels * c, n, *steps, c))


def by_group(x: np.ndarray, groups: int) -> np.ndarray:
    """The pixels of (..., C) as (groups, pixels, C / groups): a view where x is contiguous."""
    return x.reshape(-1, groups, x.shape[-1] // groups).swapaxes(0, 1)


def cut(count: int, most: int) -> list[slice]:
    """Cuts `count` things into equal parts of at most `most`, or of 1; the first part is one of the longest.

    >>> cut(5, 2)
    [slice(0, 2, None), slice(2, 4, None), slice(4, 5, None)]
    """
    parts = max(1, -(-count // max(1, most)))
    return [slice(start, end) for start, end in pairwise(-(-count * i // parts) for i in range(parts + 1))]
