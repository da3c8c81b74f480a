"""A batch cut into slices that stay in the processor's cache while several operations go over them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

CACHE_BYTES = 1 << 20  # 1 MB stays in the cache of a processor's core until it is used again


def cache_slices(x: np.ndarray, *, arrays: int = 2) -> Iterator[slice]:
    """Slices along the first axis of x, of at least one example each.

    x: the array to cut, of any shape but ()
    arrays: how many arrays as large as a slice are in use at a time; together they take `CACHE_BYTES`

    >>> list(cache_slices(np.zeros((3, 256, 256))))
    [slice(0, 1, None), slice(1, 2, None), slice(2, 3, None)]
    """
    count = max(1, CACHE_BYTES // (arrays * max(1, x[:1].nbytes)))
    return (slice(start, start + count) for start in range(0, len(x), count))
