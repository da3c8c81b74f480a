"""Max pooling in plain loops, window by window: to read before `lib/nn/pooling.py`, and to check it.

Shapes, in both: x (N, C, H, W), y and grad_output (N, C, OH, OW); kernel_size, stride and padding are one
number for both axes.
"""

from __future__ import annotations

import numpy as np


def max_pool2d_forward(x: np.ndarray, kernel_size: int, stride: int, padding: int = 0) -> np.ndarray:
    """Number after number of the output: the largest pixel of the window; padding is never the largest.

    >>> max_pool2d_forward(np.arange(16.0).reshape(1, 1, 4, 4), kernel_size=2, stride=2)
    array([[[[ 5.,  7.],
             [13., 15.]]]])
    """
    x = pad_with_minus_infinity(x, padding)
    OH, OW = ((size - kernel_size) // stride + 1 for size in x.shape[2:])
    y = np.empty((*x.shape[:2], OH, OW), x.dtype)
    for n, c, i, j in np.ndindex(y.shape):
        top, left = i * stride, j * stride
        y[n, c, i, j] = x[n, c, top : top + kernel_size, left : left + kernel_size].max()
    return y


def max_pool2d_backward(
    x: np.ndarray, grad_output: np.ndarray, kernel_size: int, stride: int, padding: int = 0
) -> np.ndarray:
    """The gradient in x: the largest pixel of each window gets all, the first one in reading order."""
    x = pad_with_minus_infinity(x, padding)
    grad_x = np.zeros_like(x)
    for n, c, i, j in np.ndindex(grad_output.shape):
        top, left = i * stride, j * stride
        window = x[n, c, top : top + kernel_size, left : left + kernel_size]
        row, column = np.unravel_index(window.argmax(), window.shape)
        grad_x[n, c, top + row, left + column] += grad_output[n, c, i, j]
    H, W = x.shape[2:]
    return grad_x[:, :, padding : H - padding, padding : W - padding]


def pad_with_minus_infinity(x: np.ndarray, padding: int) -> np.ndarray:
    """Images in a frame of −∞, `padding` pixels wide: less than any pixel."""
    frame = [(0, 0), (0, 0), (padding, padding), (padding, padding)]
    return np.pad(x, frame, constant_values=-np.inf)
