"""Smooth random fields: a coarse lattice of random values, blown up by a quadratic B-spline."""

from __future__ import annotations

from functools import lru_cache

import numpy as np


@lru_cache(maxsize=32)
def taps(cells: int, size: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """The three neighbours of each pixel: their places, int64 (size,), and weights, float32 (size,)."""
    position = (np.arange(size, dtype=np.float32) + 0.5) * (cells - 2) / size
    first = position.astype(np.int64)
    f = position - first.astype(np.float32)
    return [(first, 0.5 * (1 - f) * (1 - f)), (first + 1, 0.5 + f * (1 - f)), (first + 2, 0.5 * f * f)]


def upsample(lattice: np.ndarray, size: int) -> np.ndarray:
    """float32 (..., cells, cells) → a smooth field, float32 (..., size, size); cells ≥ 3."""
    (i, a), (j, b), (k, c) = taps(lattice.shape[-1], size)
    rows = lattice[..., i, :] * a[:, None] + lattice[..., j, :] * b[:, None] + lattice[..., k, :] * c[:, None]
    return rows[..., i] * a + rows[..., j] * b + rows[..., k] * c
