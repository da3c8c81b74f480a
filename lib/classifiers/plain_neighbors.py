"""The nearest rows by comparing every pair: what `l1_search`, `l2_search` and `few_features` do fast."""

from __future__ import annotations

import numpy as np


def plain_neighbors(
    train: np.ndarray, queries: np.ndarray, k: int, metric: str
) -> tuple[np.ndarray, np.ndarray]:
    """The k nearest rows of each query, nearest first, int64 (M, k), and their distances, float64 (M, k).

    train: numbers (N, D)
    queries: numbers (M, D)
    k: from 1 to N
    metric: "l1", Σ|a − b|, or "l2", √Σ(a − b)²

    Among equal distances the row of smaller index comes first. It needs memory for M · N · D numbers.
    Source: deck A1, "Nearest Neighbor classifier".

    >>> plain_neighbors(np.array([[1], [9], [2]]), np.array([[3]]), 2, "l1")
    (array([[2, 0]]), array([[1., 2.]]))
    """
    difference = queries[:, None].astype(np.float64) - train
    total = np.abs(difference).sum(axis=2) if metric == "l1" else (difference**2).sum(axis=2)
    rows = total.argsort(axis=1, kind="stable")[:, :k]
    distances = np.take_along_axis(total, rows, axis=1)
    return rows, distances if metric == "l1" else np.sqrt(distances)
