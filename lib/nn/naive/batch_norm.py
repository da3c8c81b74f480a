"""Batch normalisation as its formula says it: to read before `lib/nn/batch_norm.py`, and to check it.

Shapes, in both: x, y and grad_output (N, C, H, W); weight and bias (C,). The mean and the variance are those
of the batch, as in training.
"""

from __future__ import annotations

import numpy as np

OVER = (0, 2, 3)  # all axes but that of the channels


def batch_norm_forward(x: np.ndarray, weight: np.ndarray, bias: np.ndarray, eps: float = 1e-5) -> np.ndarray:
    """y = weight · x' + bias, where x' = (x − mean) / √(var + eps) has mean 0 and variance 1.

    >>> x = np.array([1.0, 3.0]).reshape(2, 1, 1, 1)
    >>> batch_norm_forward(x, np.ones(1), np.zeros(1), eps=0).ravel()
    array([-1.,  1.])
    """
    mean = x.mean(OVER, keepdims=True)
    var = ((x - mean) ** 2).mean(OVER, keepdims=True)
    normalized = (x - mean) / np.sqrt(var + eps)
    return weight[:, None, None] * normalized + bias[:, None, None]


def batch_norm_backward(
    x: np.ndarray, weight: np.ndarray, grad_output: np.ndarray, eps: float = 1e-5
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The gradients in x, weight and bias; x also moves the mean and the variance of its batch.

    With g = ∂L/∂x' = weight · grad_output, ∂L/∂x = (g − mean of g − x' · mean of (g · x')) / √(var + eps).
    """
    mean, std = x.mean(OVER, keepdims=True), np.sqrt(x.var(OVER, keepdims=True) + eps)
    normalized = (x - mean) / std
    g = weight[:, None, None] * grad_output
    through_var = normalized * (g * normalized).mean(OVER, keepdims=True)
    grad_x = (g - g.mean(OVER, keepdims=True) - through_var) / std
    return grad_x, (grad_output * normalized).sum(OVER), grad_output.sum(OVER)
