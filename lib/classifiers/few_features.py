"""The k nearest rows of few features, as in the plane, fast; `plain_neighbors.py` is the same in six lines.

All distances are computed, feature by feature: no array has all of examples, queries and features.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from lib.classifiers.best import Best

FEW = 16  # features up to which this is the fastest way
DISTANCES = 2**20  # computed at once: 8 MB


def search_few_features(
    train: np.ndarray, queries: np.ndarray, k: int, metric: str, done: Callable[[int], object]
) -> tuple[np.ndarray, np.ndarray]:
    """Rows int64 (M, k) of the nearest, nearest first, and their distances, float64 (M, k).

    train: numbers (N, D)
    queries: numbers (M, D)
    metric: "l1" or "l2"
    done: called with the number of queries finished
    """
    rows, distances = np.empty((len(queries), k), np.int64), np.empty((len(queries), k))
    size = max(1, DISTANCES // len(train))
    for start in range(0, len(queries), size):
        block = queries[start : start + size]
        total = np.zeros((len(block), len(train)))
        for a, b in zip(block.T, train.T, strict=True):
            difference = np.subtract.outer(a.astype(np.float64), b.astype(np.float64))
            total += np.abs(difference) if metric == "l1" else difference**2

        best = Best(len(block), k)
        kth = np.partition(total, k - 1, axis=1)[:, k - 1 : k]
        query, row = np.divmod(np.flatnonzero(total <= kth), len(train))
        best.offer(query, row, total[query, row])
        rows[start : start + size] = best.rows
        distances[start : start + size] = best.distances if metric == "l1" else np.sqrt(best.distances)
        done(len(block))
    return rows, distances
