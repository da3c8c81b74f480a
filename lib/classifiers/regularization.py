"""Penalties on weights: among all W that fit, prefer small or sparse ones. Source: deck A1."""

from __future__ import annotations

import numpy as np

from lib.checks import as_numbers, check_choice, check_number

PENALTIES = ("l2", "l1", "elastic")


def penalize(W: np.ndarray, penalty: str = "l2", beta: float = 1.0) -> tuple[float, np.ndarray]:
    """R(W) and its gradient, shaped like W: "l2" ΣW², "l1" Σ|W|, "elastic" Σ(β W² + |W|).

    W: numbers of any shape
    penalty: one of PENALTIES
    beta: β ≥ 0, of "elastic" alone

    At W = 0 the slope of |W| is taken as 0, as torch does.
    Raises `ValueError` for anything else.

    >>> penalize(np.array([0.25, 0.25, 0.25, 0.25]))[0], penalize(np.array([1.0, 0, 0, 0]))[0]
    (0.25, 1.0)
    """
    W, beta = as_numbers(W, name="W"), check_number(beta, name="beta", low=0)
    check_choice(penalty, PENALTIES, name="penalty")
    if W.dtype.kind != "f":
        W = W.astype(np.float64)  # the squares of bytes would wrap around
    if penalty == "l2":
        return float((W * W).sum()), 2 * W
    if penalty == "l1":
        return float(np.abs(W).sum()), np.sign(W)
    return float((beta * W * W + np.abs(W)).sum()), 2 * beta * W + np.sign(W)
