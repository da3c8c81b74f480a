"""The k nearest rows in L2 distance, fast; `plain_neighbors.py` is the same in six lines.

    ½‖a − b‖² = ½‖a‖² + (½‖b‖² − a·b)

For one query a the first term is the same for every training row b, so the bracket, the score, ranks them:
one float32 matrix product gives it for many pairs, with ½‖b‖² as one more feature. The product is rounded,
but there is a bound on how far it can be off: it chooses the rows that can be among the k nearest, and the
distances of these few are computed exactly.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from lib.classifiers.best import Best, Candidates

ROWS = 2048  # training rows a tile: bounds the float32 copy
QUERIES = 5000  # queries a block: each block converts the training data once more
MANY = 2**20  # candidates kept at most: bounds memory where very many rows are alike
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

        queries: (M, D)
        done: called with the number of queries finished
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
        features = queries.shape[1]
        a, a_norm = self._centred(queries, np.empty((len(queries), features + 1), np.float32))
        a[:, -1] = -1
        a *= -1
        b_space = np.empty((ROWS, features + 1), np.float32)  # new memory for every tile would cost much time
        score_space = np.empty((len(a), ROWS), np.float32)

        best = Best(len(a), k)
        bound = Best(len(a), k)  # what the k smallest scores are at most
        candidates = Candidates()
        for start in range(0, len(self.train), ROWS):
            b, b_norm = self._centred(self.train[start : start + ROWS], b_space)
            margin = _margin(a_norm, b_norm.max(), features=features)
            with np.errstate(over="ignore", invalid="ignore"):
                b[:, -1] = b_norm**2 / 2
                score = np.matmul(a, b.T, out=score_space[:, : len(b)])  # ½‖b‖² − a·b
            score[np.isinf(margin)] = 0

            passing = _passing(score, bound.worst + margin)
            if k <= len(b) and np.count_nonzero(passing) > 2 * k * len(a):
                kth = np.partition(score, k - 1, axis=1)[:, k - 1] + margin
                passing = _passing(score, np.minimum(bound.worst, kth) + margin)

            hits = np.flatnonzero(passing)
            for i in range(0, len(hits), MANY):
                query, row = np.divmod(hits[i : i + MANY], len(b))
                found = score[query, row]
                bound.offer(query, start + row, found + margin[query])
                candidates.add(query, start + row, found - margin[query])
                if len(candidates) > MANY:
                    best.offer(*self._compared(queries, *candidates.take(bound.worst)))
        best.offer(*self._compared(queries, *candidates.take(bound.worst)))
        return best

    def _centred(self, X: np.ndarray, space: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """X around the origin, where float32 is finest, in `space` but for its last column; and norms."""
        space = space[: len(X)]
        out = space[:, :-1]
        if X.dtype in (np.uint8, np.float32):  # copied first, which loses nothing and is four times as fast
            np.copyto(out, X)
            X = out
        with np.errstate(over="ignore"):
            np.subtract(X, self.centre, out=out, casting="same_kind")
            return space, np.sqrt(np.vecdot(out, out).astype(np.float64))

    def _compared(self, queries: np.ndarray, query: np.ndarray, row: np.ndarray) -> tuple[np.ndarray, ...]:
        """The pairs of a query and a row, arrays (P,), with ‖a − b‖², float64, exact where both are uint8."""
        pixels = queries.dtype == self.train.dtype == np.uint8
        kind = np.float64 if not pixels else np.int32 if 255**2 * queries.shape[1] < 2**31 else np.int64
        squares = np.empty(len(query))
        for i in range(0, len(query), PAIRS):
            a, b = queries[query[i : i + PAIRS]], self.train[row[i : i + PAIRS]]
            difference = np.subtract(a, b, dtype=kind, casting="same_kind")
            squares[i : i + PAIRS] = np.einsum("pd,pd->p", difference, difference)
        return query, row, squares


def _margin(a_norm: np.ndarray, b_norm: float, *, features: int) -> np.ndarray:
    """How far the score of a query and a row of at most that norm can be from the truth.

    A dot product of D terms, in any order, is off by at most D·UNIT·‖a‖‖b‖ to first order (Higham, Accuracy
    and Stability of Numerical Algorithms, section 3.1), so is ½‖b‖², and the other roundings make less than
    16 terms more. ‖a‖‖b‖ + ½‖b‖² is at most ½(‖a‖ + ‖b‖)²; what is returned is twice that bound.
    """
    size = a_norm + b_norm
    rounding = (features + 16) * (UNIT * size**2 + SMALLEST * (1 + size))
    return np.where(size < 1e18, rounding, np.inf)  # beyond, float32 may overflow


def _passing(score: np.ndarray, limit: np.ndarray) -> np.ndarray:
    """bool (queries, rows): the scores up to the limit of their query."""
    with np.errstate(over="ignore"):
        return score <= np.nextafter(limit.astype(np.float32), np.float32(np.inf))[:, None]
