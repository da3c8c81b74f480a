"""The k nearest rows in L1 distance, fast; `plain_neighbors.py` is the same in six lines.

All rows are compared by a small sketch, the promising ones in full.

The sketch of a row has one byte for each group of 8 features: their mean, rounded down. In each group

    Σ|a − b| ≥ |Σa − Σb|        (triangle inequality)

so the distance between sketches, an eighth of the work, proves of most rows that they are too far away.
Neighbouring pixels are alike, which makes the bound tight on photographs: about 3 rows in 100 remain.
On bytes, either distance takes one pass:

    Σ|a − b| = Σa + Σb − 2 Σ min(a, b)
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

GROUP = 8  # features a byte of the sketch
WIDTH = 512  # most bytes in a sketch: its distances stay below 2¹⁷
ROWS = 1000  # training rows whose sketches are compared at once: they stay in the processor's cache
TOGETHER = 256  # training rows compared in full at once
QUERIES = 32  # queries a block: the unit of work of a thread


class L1Search:
    """Searches the rows of `train`, numbers of shape (N, D)."""

    def __init__(self, train: np.ndarray):
        self.train = train
        self.group = max(GROUP, -(-train.shape[1] // WIDTH))
        pixels = train.dtype == np.uint8
        self.low: float = 0 if pixels else float(train.min())
        self.high: float = 255 if pixels else float(train.max())
        self.step: float = 1 if pixels else max((self.high - self.low) / 255, 1e-290)

        self.tiles = [slice(i, i + ROWS) for i in range(0, len(train), ROWS)]
        if pixels:
            self.sums = np.concatenate([train[tile].sum(axis=1, dtype=np.int64) for tile in self.tiles])
        self.sketches = np.concatenate([self._sketch(train[tile]) for tile in self.tiles])
        self.sketch_sums = self.sketches.sum(axis=1, dtype=np.uint32)

    def __call__(
        self, queries: np.ndarray, k: int, done: Callable[[int], object], threads: int | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Rows int64 (M, k) of the nearest, nearest first, and their distances, float64 (M, k).

        queries: (M, D)
        done: called with the number of queries finished
        threads: None takes every core
        """
        rows, distances = np.empty((len(queries), k), np.int64), np.empty((len(queries), k))

        def search(start: int) -> int:
            block = queries[start : start + QUERIES]
            for i, bound in enumerate(self._sketch_distances(block)):
                rows[start + i], distances[start + i] = self._nearest(block[i], bound, k)
            return len(block)

        pool = ThreadPoolExecutor(threads or os.cpu_count())
        try:
            for count in pool.map(search, range(0, len(queries), QUERIES)):
                done(count)
        finally:
            pool.shutdown(cancel_futures=True)  # an interrupted notebook doesn't wait for the rest
        return rows, distances

    def _nearest(self, query: np.ndarray, bound: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
        """The k nearest rows of one query and their distances; bound: its sketch distances, (N,), used up."""
        count = min(len(bound), max(TOGETHER, 2 * k))
        rows = np.argpartition(bound, count - 1)[:count]
        best, distances = _smallest(k, rows, self._distances(query, _pieces(rows)))
        bound[rows] = 2**17  # done

        rows = np.flatnonzero(bound <= self._cut(distances[-1]))
        if len(rows) > len(bound) / 3:  # the sketch hardly helps: all in order are faster than many by index
            rows = np.arange(len(bound))
            return _smallest(k, rows, self._distances(query, map(_span, _pieces(rows))))
        for part in _pieces(rows[np.argsort(bound[rows])]):  # the most promising first: they tighten the cut
            if bound[part[0]] > self._cut(distances[-1]):
                break
            more = self._distances(query, [part])
            best, distances = _smallest(k, np.append(best, part), np.append(distances, more))
        return best, distances

    def _cut(self, distance: float) -> int:
        """The greatest sketch distance of a row within that distance: rounding adds less than 1 a byte."""
        steps = distance / (self.group * self.step)
        return int(min(steps * (1 + 1e-9) + self.sketches.shape[1] * (1 + 1e-6), 2**17 - 1))

    def _distances(self, query: np.ndarray, parts: Iterable[slice | np.ndarray]) -> np.ndarray:
        """float64: the L1 distances from one query to the training rows of all parts."""
        found = []
        for part in parts:
            rows = self.train[part]
            if rows.dtype == query.dtype == np.uint8:
                shared = np.minimum(rows, query).sum(axis=1, dtype=np.uint32).astype(np.int64)
                found.append(self.sums[part] + query.sum(dtype=np.int64) - 2 * shared)
            else:
                difference = np.subtract(rows, query, dtype=np.float64, casting="same_kind")
                found.append(np.abs(difference).sum(axis=1))
        return np.concatenate(found).astype(np.float64)

    def _sketch(self, X: np.ndarray) -> np.ndarray:
        """uint8 (rows, width): the mean of each group, on the scale of the training data."""
        pixels = X.dtype == np.uint8 and self.low == 0 and self.step == 1
        total = np.zeros((len(X), -(-X.shape[1] // self.group)), np.uint32 if pixels else np.float64)
        for i in range(self.group):
            part = X[:, i :: self.group]
            if not pixels:  # clipping to the scale brings no two values further apart
                part = part.astype(np.float64).clip(self.low, self.high) - self.low
            total[:, : part.shape[1]] += part
        return np.minimum(total // (self.group * self.step), 255).astype(np.uint8)

    def _sketch_distances(self, queries: np.ndarray) -> np.ndarray:
        """uint32 (M, N): the L1 distances between sketches."""
        sketches = self._sketch(queries)
        distances = np.empty((len(queries), len(self.train)), np.uint32)
        for tile in self.tiles:
            rows = self.sketches[tile]
            for sketch, out in zip(sketches, distances[:, tile], strict=True):
                # 16 bits add faster than 32, and what overflows is no loss: doubled, it is a multiple of 2¹⁷
                out[:] = np.minimum(rows, sketch).sum(axis=1, dtype=np.uint16)
        distances *= np.uint32(2**32 - 2)  # × −2, modulo 2³²
        distances += self.sketch_sums
        distances += sketches.sum(axis=1, dtype=np.uint32)[:, None]
        distances &= np.uint32(2**17 - 1)
        return distances


def _smallest(k: int, rows: np.ndarray, distances: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The k smallest distances, ascending, with their rows; the smaller index first where they are equal."""
    order = np.lexsort((rows, distances))[:k]
    return rows[order], distances[order]


def _span(rows: np.ndarray) -> slice:
    return slice(rows[0], rows[-1] + 1)


def _pieces(rows: np.ndarray) -> list[np.ndarray]:
    return [rows[i : i + TOGETHER] for i in range(0, len(rows), TOGETHER)]
