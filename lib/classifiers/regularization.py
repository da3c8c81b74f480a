"""Penalties on weights: among all W that fit, prefer small or sparse ones. Source: deck A1."""

from __future__ import annotations

import numpy as np


def penalize(W: np.ndarray, penalty: str = "l2", beta: float = 1.0) -> tuple[float, np.ndarray]:
    """R(W) and its gradient, shaped like W: "l2" ΣW², "l1" Σ|W|, "elastic" Σ(β W² + |W|).

    At W = 0 the slope of |W| is taken as 0, as torch does.
    Raises `ValueError` for any other name.

    >>> penalize(np.array([0.25, 0.25, 0.25, 0.25]))[0], penalize(np.array([1.0, 0, 0, 0]))[0]
    (0.25, 1.0)
    """
    if penalty == "l2":
        return float((W * W).sum()), 2 * W
    if penalty == "l1":
        return float(np.abs(W).sum()), np.sign(W)
    if penalty == "elastic":
        return float((beta * W * W + np.abs(W)).sum()), 2 * beta * W + np.sign(W)
    raise ValueError(f'penalty: got {penalty!r}, accepted are "l2", "l1" and "elastic"')
