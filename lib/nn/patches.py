"""Sliding windows over images: their geometry, and the patches below them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import as_strided

Pair = tuple[int, int]


@dataclass(frozen=True)
class Window:
    """A window that slides over an image: (height, width) of everything, in pixels."""

    kernel_size: Pair
    stride: Pair = (1, 1)
    padding: Pair = (0, 0)
    dilation: Pair = (1, 1)

    def extent(self) -> Pair:
        return tuple(d * (k - 1) + 1 for k, d in zip(self.kernel_size, self.dilation, strict=True))

    def output_size(self, size: Pair) -> Pair:
        parts = zip(size, self.extent(), self.stride, self.padding, strict=True)
        return tuple((n + 2 * p - e) // s + 1 for n, e, s, p in parts)

    def patches(self, x: np.ndarray) -> np.ndarray:
        """The patches of padded channels-last images (N, H, W, C), as a view (N, OH, OW, KH, KW, C)."""
        N, H, W, C = x.shape
        n, h, w, c = x.strides
        (sh, sw), (dh, dw) = self.stride, self.dilation
        (eh, ew), (kh, kw) = self.extent(), self.kernel_size
        shape = (N, (H - eh) // sh + 1, (W - ew) // sw + 1, kh, kw, C)
        return as_strided(x, shape, (n, h * sh, w * sw, h * dh, w * dw, c))


def pair(owner: str, name: str, value: int | Pair, least: int) -> Pair:
    """value as (height, width), a single number standing for both."""
    both = (value, value) if not isinstance(value, (tuple, list)) else tuple(value)
    fine = len(both) == 2 and all(isinstance(n, (int, np.integer)) and not isinstance(n, bool) for n in both)
    if not fine or min(both) < least:
        raise ValueError(
            f"{owner}: {name} is {value!r}, it takes a whole number of at least {least}, or a pair of such"
        )
    return int(both[0]), int(both[1])
