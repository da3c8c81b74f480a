"""Batch normalisation as its formula says it: to read before `lib/nn/batch_norm.py`, and to check it.

Shapes, in both: x, y and grad_output (N, C), with the mean and the variance of the batch, as in training;
weight and bias (C,). Of images every pixel counts as an example: `x.transpose(0, 2, 3, 1).reshape(-1, C)`.
"""

from __future__ import annotations

import numpy as np


def batch_norm_forward(x: np.ndarray, weight: np.ndarray, bias: np.ndarray, eps: float = 1e-5) -> np.ndarray:
    """y = weight · x' + bias, where x' = (x − mean) / √(var + eps) has mean 0 and variance 1.

    >>> batch_norm_forward(np.array([[1.0], [3.0]]), np.ones(1), np.zeros(1), eps=0)
    array([[-1.],
           [ 1.]])
    """
    mean = x.mean(axis=0)
    var = ((x - mean) ** 2).mean(axis=0)
    normalized = (x - mean) / np.sqrt(var + eps)
    return weight * normalized + bias


def batch_norm_backward(
    x: np.ndarray, weight: np.ndarray, grad_output: np.ndarray, eps: float = 1e-5
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The gradients in x, weight and bias; x also moves the mean and the variance of its batch."""
    std = np.sqrt(x.var(axis=0) + eps)
    normalized = (x - x.mean(axis=0)) / std
    g = weight * grad_output  # ∂L/∂normalized
    through_mean = g.mean(axis=0)
    through_var = normalized * (g * normalized).mean(axis=0)
    grad_x = (g - through_mean - through_var) / std
    return grad_x, (grad_output * normalized).sum(axis=0), grad_output.sum(axis=0)
