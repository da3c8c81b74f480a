"""The nearest training rows found so far, for many queries at once."""

from __future__ import annotations

import numpy as np

NOTHING = (np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))


class Best:
    """A table of the k smallest distances of each query, and the training rows they belong to.

    distances: float64 (queries, k), ascending; inf where nothing was offered yet
    rows: int64 (queries, k)

    Among equal distances the training row of smaller index comes first.
    """

    def __init__(self, queries: int, k: int):
        self.k = k
        self.distances = np.full((queries, k), np.inf)
        self.rows = np.full((queries, k), -1)

    @property
    def worst(self) -> np.ndarray:
        """float64 (queries,): the k-th distance, which a new row has to beat."""
        return self.distances[:, -1]

    def offer(self, queries: np.ndarray, rows: np.ndarray, distances: np.ndarray) -> None:
        """Takes in candidates, one an entry: query number, training row, distance; each array of shape (P,).

        They are sorted by query, then by row, and no row comes before one offered earlier: then a stable sort
        settles ties by index.

        >>> best = Best(queries=1, k=2)
        >>> best.offer(np.array([0, 0, 0]), np.array([4, 5, 6]), np.array([7.0, 3.0, 3.0]))
        >>> best.rows, best.distances
        (array([[5, 6]]), array([[3., 3.]]))
        """
        if not len(queries):
            return
        chosen, first, count = np.unique(queries, return_index=True, return_counts=True)
        line = np.repeat(np.arange(len(chosen)), count)
        column = self.k + np.arange(len(queries)) - np.repeat(first, count)

        pool = np.full((len(chosen), self.k + count.max()), np.inf)
        pool_rows = np.full(pool.shape, -1)
        pool[:, : self.k], pool_rows[:, : self.k] = self.distances[chosen], self.rows[chosen]
        pool[line, column], pool_rows[line, column] = distances, rows

        kept = np.argsort(pool, axis=1, kind="stable")[:, : self.k]
        self.distances[chosen] = np.take_along_axis(pool, kept, axis=1)
        self.rows[chosen] = np.take_along_axis(pool_rows, kept, axis=1)


class Candidates:
    """Pairs of a query and a training row that may be near, with what their score is at least."""

    def __init__(self):
        self._parts = [NOTHING]

    def __len__(self) -> int:
        return sum(len(queries) for queries, _, _ in self._parts)

    def add(self, queries: np.ndarray, rows: np.ndarray, scores: np.ndarray) -> None:
        """Arrays (P,), as for `Best.offer`."""
        self._parts.append((queries, rows, scores))

    def take(self, limit: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Hands over the queries and rows whose score is at most the limit of the query; drops all others.

        limit: float64 (queries,); returns arrays (P,) sorted by query, then in the order of their coming
        """
        queries, rows, scores = (np.concatenate(column) for column in zip(*self._parts, strict=True))
        self._parts = [NOTHING]
        kept = np.flatnonzero(scores <= limit[queries])
        kept = kept[np.argsort(queries[kept], kind="stable")]
        return queries[kept], rows[kept]
