"""Exact k nearest neighbours in L2 distance, at the speed of a matrix product.

    ½‖a − b‖² = ½‖a‖² + (½‖b‖² − a·b)

For one query a the first term is the same for every training row b, so the bracket, the score, ranks them:
one float32 matrix product for many pairs at once. It rounds; but how far it can be off is known, so it only
chooses the rows that could be among the k nearest, and the distances of these few are computed exactly.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from lib.classifiers.best import Best

ROWS = 2048  # training rows a tile: bounds the float32 copy
QUERIES = 4096  # queries a block: each block converts the training data once more
MANY = 2**18  # candidates taken in at once: bounds memory where all rows are alike
PAIRS = 64  # pairs whose exact distance is computed at once: they stay in the processor's cache
UNIT = 2.0**-24  # largest relative error of rounding to float32
SMALLEST = 2.0**-126  # below it float32 loses digits


class L2Search:
    """Searches the rows of `train`, numbers of shape (N, D)."""

    def __init__(self, train: np.ndarray):
        self.train = train
        precision = np.float32 if train.dtype in (np.uint8, np.float32) else np.float64
        self.centre = train[:1000].mean(axis=0, dtype=np.float64).astype(precision)

    def __call__(
        self, queries: np.ndarray, k: int, done: Callable[[int], object]
    ) -> tuple[np.ndarray, np.ndarray]:
        """Rows int64 (M, k) of the nearest, nearest first, and their Euclidean distances, float64 (M, k).

        queries: (M, D); done: called with the number of queries finished
        """
        block = max(1, min(QUERIES, 2**22 // k))
        rows, distances = np.empty((len(queries), k), np.int64), np.empty((len(queries), k))
        for start in range(0, len(queries), block):
            part = slice(start, start + block)
            best = self._search(queries[part], k)
            rows[part], distances[part] = best.rows, np.sqrt(best.distances)
            done(len(best.rows))
        return rows, distances

    def _search(self, queries: np.ndarray, k: int) -> Best:
        best = Best(len(queries), k)
        a = self._centred(queries, np.empty(queries.shape, np.float32))
        a_norm = _norms(a)
        b_space = np.empty(
            (ROWS, a.shape[1]), np.float32
        )  # fresh memory for every tile would cost a tenth of the time
        score_space = np.empty((len(a), ROWS), np.float32)
        for start in range(0, len(self.train), ROWS):
            tile = self.train[start : start + ROWS]
            b = self._centred(tile, b_space[: len(tile)])
            b_norm = _norms(b)
            with np.errstate(over="ignore", invalid="ignore"):
                score = np.matmul(a, b.T, out=score_space[:, : len(tile)])
                np.subtract((b_norm**2 / 2).astype(np.float32), score, out=score)
                margin = _margin(a_norm, b_norm.max(), features=a.shape[1])
                score[np.isinf(margin)] = -np.inf  # it overflowed
                passing = _passing(score, best.worst, a_norm, margin)
                if k <= len(tile) and np.count_nonzero(passing) > 2 * k * len(queries):
                    worst = np.minimum(best.worst, _kth_distance(score, queries, tile, k))
                    passing = _passing(score, worst, a_norm, margin)

            hits = np.flatnonzero(passing)
            for i in range(0, len(hits), MANY):
                query, row = np.divmod(hits[i : i + MANY], len(tile))
                best.offer(query, start + row, squared_distances(queries, query, tile, row))
        return best

    def _centred(self, X: np.ndarray, out: np.ndarray) -> np.ndarray:
        """X moved to the origin, where float32 is finest."""
        with np.errstate(over="ignore"):
            return np.subtract(X, self.centre, out=out, casting="same_kind")


def _norms(X: np.ndarray) -> np.ndarray:
    with np.errstate(over="ignore"):
        return np.sqrt(np.vecdot(X, X).astype(np.float64))


def _margin(a_norm: np.ndarray, b_norm: float, *, features: int) -> np.ndarray:
    """How far the score of a query and a row of at most that norm can be from the truth.

    A dot product of D terms, in any order, is off by at most D·UNIT·‖a‖‖b‖ to first order (Higham, Accuracy
    and Stability of Numerical Algorithms, section 3.1), so are both norms, and the other roundings make less
    than 16 terms more. ‖a‖‖b‖ + ½‖a‖² + ½‖b‖² is ½(‖a‖ + ‖b‖)²; what is returned is twice that bound.
    """
    size = a_norm + b_norm
    rounding = (features + 16) * (UNIT * size**2 + SMALLEST * (1 + size))
    return np.where(size < 1e18, rounding, np.inf)  # beyond, float32 may overflow


def _passing(score: np.ndarray, worst: np.ndarray, a_norm: np.ndarray, margin: np.ndarray) -> np.ndarray:
    """bool (queries, rows): False only where the distance is certainly greater than the query's `worst`."""
    limit = np.where(np.isinf(margin), np.inf, (worst - a_norm**2) / 2 + margin).astype(np.float32)
    return score <= np.nextafter(limit, np.float32(np.inf))[:, None]


def _kth_distance(score: np.ndarray, queries: np.ndarray, tile: np.ndarray, k: int) -> np.ndarray:
    """float64 (queries,): the greatest squared distance to the k rows of smallest score."""
    kth = np.empty(len(queries))
    for i in range(0, len(queries), PAIRS):
        row = np.argpartition(score[i : i + PAIRS], k - 1, axis=1)[:, :k]
        query = np.repeat(np.arange(i, i + len(row)), k)
        distances = squared_distances(queries, query, tile, row.ravel())
        kth[i : i + PAIRS] = distances.reshape(row.shape).max(axis=1)
    return kth


def squared_distances(A: np.ndarray, a: np.ndarray, B: np.ndarray, b: np.ndarray) -> np.ndarray:
    """‖A[a] − B[b]‖² for index arrays a, b of shape (P,): float64, exact where both are uint8."""
    pixels = A.dtype == B.dtype == np.uint8
    kind = np.float64 if not pixels else np.int32 if 255**2 * A.shape[1] < 2**31 else np.int64
    distances = np.empty(len(a))
    for i in range(0, len(a), PAIRS):
        part = slice(i, i + PAIRS)
        difference = np.subtract(A[a[part]], B[b[part]], dtype=kind, casting="same_kind")
        distances[part] = np.einsum("pd,pd->p", difference, difference)
    return distances
