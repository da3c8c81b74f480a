"""A batch cut into small ones, which stay in the processor's cache while several operations go over them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

CHUNK = 1 << 19  # bytes


def batches(x: np.ndarray, size: int | None = None) -> Iterator[slice]:
    """Slices along the first axis of x, each of about `size` bytes (`CHUNK`), and of one example at least.

    >>> list(batches(np.zeros((3, 256, 256))))
    [slice(0, 1, None), slice(1, 2, None), slice(2, 3, None)]
    """
    count = max(1, (size or CHUNK) // max(1, x[:1].nbytes))
    return (slice(start, start + count) for start in range(0, len(x), count))
