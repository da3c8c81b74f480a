"""Checks of arguments that several parts share: an error names the argument, what came, what is accepted."""

from __future__ import annotations

import numpy as np


def check_examples(X: np.ndarray, *, name: str = "X", features: int | None = None) -> np.ndarray:
    """X as a matrix of examples, (N, D) with N, D ≥ 1, of finite numbers; returned unchanged.

    features: the D it must have, where that is known (at prediction time)
    """
    X = np.asarray(X)
    if X.dtype.kind not in "uif":
        raise ValueError(
            f"{name}: expected numbers, got dtype {X.dtype}; convert with {name}.astype(np.float32)"
        )
    if X.ndim != 2:
        raise ValueError(
            f"{name}: expected one example a row, shape (N, D), got shape {X.shape}; "
            "images become rows with data.train.vectors()"
        )
    if X.size == 0:
        raise ValueError(f"{name}: expected at least one example, got shape {X.shape}")
    if features is not None and X.shape[1] != features:
        raise ValueError(f"{name}: expected {features} features, as in training, got {X.shape[1]}")
    if X.dtype.kind == "f" and not np.isfinite(X).all():
        row, column = np.argwhere(~np.isfinite(X))[0]
        raise ValueError(f"{name}: expected finite numbers, got {X[row, column]} at [{row}, {column}]")
    return X


def check_labels(y: np.ndarray, count: int, *, name: str = "y", classes: int | None = None) -> np.ndarray:
    """y as labels, integers ≥ 0 of shape (count,), below `classes` where that is known; returned as int64."""
    y = np.asarray(y)
    if y.shape != (count,):
        raise ValueError(f"{name}: expected shape ({count},), one label an example, got {y.shape}")
    if y.dtype.kind not in "ui":
        raise ValueError(
            f"{name}: expected integers, got dtype {y.dtype}; convert with {name}.astype(np.int64)"
        )
    limit = np.inf if classes is None else classes
    wrong = (y < 0) | (y >= limit)
    if wrong.any():
        where = int(np.argmax(wrong))
        accepted = "0 and up" if classes is None else f"0 to {classes - 1}"
        raise ValueError(f"{name}: got label {y[where]} at [{where}], accepted are {accepted}")
    return y.astype(np.int64, copy=False)
