"""Nearest neighbours: training remembers everything, prediction compares with everything.

The distances of deck A1, between two rows a and b:

    L1    Σ|a − b|          L2    √Σ(a − b)²

`plain_neighbors.py` compares all, in six lines. How the same answer is found fast is told in `l1_search`
and `l2_search`.
"""

from __future__ import annotations

import numpy as np
from tqdm.auto import tqdm

from lib.checks import check_choice, check_examples, check_labels, check_switch, check_whole
from lib.classifiers.few_features import FEW, search_few_features
from lib.classifiers.l1_search import L1Search
from lib.classifiers.l2_search import L2Search

METRICS = ("l1", "l2")
LARGEST = 1e150  # squares of larger numbers overflow


class KNearestNeighbors:
    """Gives an example the class that most of its k nearest training examples have.

    k: how many neighbours vote, 1 or more
    metric: "l1" or "l2"

    Raises `ValueError` for anything else.

    Ties: of several classes with equally many votes, the one that comes first in the list of neighbours wins,
    nearest first. Of training examples at equal distance, the one of smaller index counts as nearer.

    Exact for uint8, and for any numbers that are whole and between 0 and 255; others are compared in float64.

    Source: deck A1, "k-nearest neighbor"; Cover and Hart, 1967.

    >>> model = KNearestNeighbors(k=3).train(np.array([[1], [2], [9], [8]]), np.array([0, 0, 1, 1]))
    >>> model.predict(np.array([[3], [7]]))
    array([0, 1])
    """

    def __init__(self, k: int = 5, metric: str = "l2"):
        self.k = check_whole(k, name="k", low=1)
        self.metric = check_choice(metric, METRICS, name="metric")
        self.X: np.ndarray | None = None
        self.y: np.ndarray | None = None
        self._search: L1Search | L2Search | None = None

    def train(self, X: np.ndarray, y: np.ndarray) -> KNearestNeighbors:
        """Remembers the examples; returns the model.

        X: numbers (N, D), one example a row; not copied, so a memory-mapped array stays on disk
        y: integers (N,), labels ≥ 0

        Raises `ValueError` for a wrong shape or type, NaN, infinity, no example, a negative label, k > N.
        """
        X = _as_pixels(_check_size(check_examples(X)))
        y = check_labels(y, len(X))
        _check_k(self.k, len(X))
        self.X, self.y, self._search = X, y, None
        return self

    def predict(
        self, X: np.ndarray, k: int | None = None, *, progress: bool = False, threads: int | None = None
    ) -> np.ndarray:
        """Labels int64 (M,) of the examples X, numbers (M, D). Arguments as in `neighbors`."""
        rows, _ = self.neighbors(X, k, progress=progress, threads=threads)
        return vote(self._trained()[1][rows])

    def neighbors(
        self, X: np.ndarray, k: int | None = None, *, progress: bool = False, threads: int | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """The k nearest training examples of each row of X, nearest first.

        X: numbers (M, D)
        k: another number of neighbours than the model's; one search for the largest serves the smaller:
            `rows, _ = model.neighbors(X, k=20)`, then `vote(y[rows[:, :k]])` for each k
        progress: shows a bar
        threads: how many work on L1, by default one a core; L2 is matrix products, which BLAS spreads itself

        Returns rows of the training set, int64 (M, k), and distances, float64 (M, k).
        Raises `ValueError` for a wrong shape or type, NaN, infinity, no example, k < 1, k > N, and untrained.
        """
        train, _ = self._trained()
        X = _as_pixels(_check_size(check_examples(X, features=train.shape[1])))
        k = _check_k(self.k if k is None else k, len(train))
        if threads is not None:
            check_whole(threads, name="threads", low=1)
        check_switch(progress, name="progress")

        with tqdm(total=len(X), unit="example", disable=not progress) as bar:
            if X.shape[1] <= FEW:
                return search_few_features(train, X, k, self.metric, bar.update)
            if self._search is None:
                self._search = L1Search(train) if self.metric == "l1" else L2Search(train)
            if isinstance(self._search, L1Search):
                return self._search(X, k, bar.update, threads)
            return self._search(X, k, bar.update)

    def _trained(self) -> tuple[np.ndarray, np.ndarray]:
        """The training examples and their labels."""
        if self.X is None or self.y is None:
            raise ValueError("model: expected a trained one; call train(X, y) first")
        return self.X, self.y


class NearestNeighbor(KNearestNeighbors):
    """Gives an example the class of the most similar training example.

    metric: "l1" or "l2"

    Source: deck A1, "Nearest Neighbor classifier".
    """

    def __init__(self, metric: str = "l1"):
        super().__init__(k=1, metric=metric)


def vote(labels: np.ndarray) -> np.ndarray:
    """The most frequent label of each row; among equally frequent ones, the one that comes first in the row.

    labels: integers (M, k), of neighbours, nearest first; returns int64 (M,)

    >>> vote(np.array([[7, 2, 2], [7, 2, 5]]))
    array([2, 7])
    """
    labels = np.asarray(labels)
    if labels.ndim != 2 or labels.size == 0 or labels.dtype.kind not in "ui":
        raise ValueError(
            f"labels: expected integers (M, k), a row an example, got {labels.dtype} {labels.shape}"
        )
    classes, columns = np.unique(labels, return_inverse=True)
    columns = columns.reshape(labels.shape)
    line = np.arange(len(labels))[:, None]
    votes = np.zeros((len(labels), len(classes)), np.int64)
    np.add.at(votes, (line, columns), 1)
    first_of_most = (votes[line, columns] == votes.max(axis=1, keepdims=True)).argmax(axis=1)
    return labels[np.arange(len(labels)), first_of_most].astype(np.int64)


def _check_k(k: int, count: int) -> int:
    return check_whole(k, name="k", low=1, high=count, of="the number of training examples")


def _check_size(X: np.ndarray) -> np.ndarray:
    if X.dtype.itemsize >= 8 and X.dtype.kind == "f" and max(-X.min(), X.max()) > LARGEST:
        largest = max(-X.min(), X.max())
        raise ValueError(
            f"X: expected numbers up to ±{LARGEST:g}, whose squares fit float64, got {largest:g}; "
            "scale them down"
        )
    return X


def _as_pixels(X: np.ndarray) -> np.ndarray:
    """X as uint8 where every value is whole and between 0 and 255, so that distances are exact and fast."""
    if X.dtype == np.uint8:
        return X
    pixels = np.empty(X.shape, np.uint8)
    for i in range(0, len(X), 1000):
        rows = X[i : i + 1000]
        if rows.min() < 0 or rows.max() > 255:
            return X
        pixels[i : i + 1000] = rows
        if (pixels[i : i + 1000] != rows).any():
            return X
    return pixels
