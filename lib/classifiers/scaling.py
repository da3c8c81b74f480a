"""Scaling of examples for training, and its inverse on the weights: who predicts never has to scale."""

from __future__ import annotations

import numpy as np

ROWS = 4096  # that are floats at a time: the data set itself may stay bytes on disk


def mean_and_scale(X: np.ndarray, dtype: np.dtype | type | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Mean of each feature, and √D times its standard deviation, both (D,); for a constant feature it is √D.

    X: numbers (N, D)
    dtype: of the result, and so of the training; None takes float32, or wider where X is wider
    """
    mean = X.mean(axis=0, dtype=np.float64)
    squares = np.zeros(X.shape[1])
    for i in range(0, len(X), ROWS):
        squares += ((X[i : i + ROWS] - mean) ** 2).sum(axis=0)
    deviation = np.sqrt(squares / len(X))
    scale = np.where(deviation > 1e-6 * np.abs(mean), deviation, 1.0) * np.sqrt(X.shape[1])
    dtype = dtype or np.result_type(X, np.float32)
    return mean.astype(dtype), scale.astype(dtype)


def unscale(
    W: np.ndarray, b: np.ndarray, mean: np.ndarray, scale: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """W′ and b′ for examples as given: W (x − mean) / scale + b = W′ x + b′."""
    W = W / scale
    return W, b - W @ mean
