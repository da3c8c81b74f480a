"""Convolution in plain loops, as one would write it down: to read before `lib/nn/convolution.py`,
and to check it.

Shapes, in all of them: x (N, C, H, W), weight (F, C, KH, KW), bias (F,), y (N, F, OH, OW);
stride, padding and dilation are one number for both axes.
"""

from __future__ import annotations

import numpy as np


def conv2d_forward(
    x: np.ndarray,
    weight: np.ndarray,
    bias: np.ndarray,
    stride: int = 1,
    padding: int = 0,
    dilation: int = 1,
) -> np.ndarray:
    """Number after number of the output: the patch below the kernel, times the kernel, summed up.

    >>> image, kernel = np.arange(9.0).reshape(1, 1, 3, 3), np.ones((1, 1, 2, 2))
    >>> conv2d_forward(image, kernel, np.zeros(1))
    array([[[[ 8., 12.],
             [20., 24.]]]])
    """
    x = pad(x, padding)
    y = np.empty(output_shape(x, weight, stride, dilation), np.result_type(x, weight))
    for n, f, i, j in np.ndindex(y.shape):
        rows, columns = below(i, j, weight, stride, dilation)
        y[n, f, i, j] = (x[n, :, rows, columns] * weight[f]).sum() + bias[f]
    return y


def conv2d_backward(
    x: np.ndarray,
    weight: np.ndarray,
    grad_output: np.ndarray,
    stride: int = 1,
    padding: int = 0,
    dilation: int = 1,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The gradients in x, weight and bias: each output sends its own back to all it was made of."""
    x = pad(x, padding)
    grad_x, grad_weight = np.zeros_like(x), np.zeros_like(weight)
    grad_bias = np.zeros_like(weight, shape=len(weight))
    for n, f, i, j in np.ndindex(grad_output.shape):
        rows, columns = below(i, j, weight, stride, dilation)
        g = grad_output[n, f, i, j]
        grad_x[n, :, rows, columns] += g * weight[f]
        grad_weight[f] += g * x[n, :, rows, columns]
        grad_bias[f] += g
    H, W = x.shape[2:]
    return grad_x[:, :, padding : H - padding, padding : W - padding], grad_weight, grad_bias


def im2col(
    x: np.ndarray, kernel_size: tuple[int, int], stride: int = 1, padding: int = 0, dilation: int = 1
) -> np.ndarray:
    """Every patch as a row of one matrix (N · OH · OW, C · KH · KW), a row for each pixel of the output.

    Then `im2col(x, (KH, KW)) @ weight.reshape(F, -1).T` is the whole convolution.

    >>> im2col(np.arange(9).reshape(1, 1, 3, 3), (2, 2))
    array([[0, 1, 3, 4],
           [1, 2, 4, 5],
           [3, 4, 6, 7],
           [4, 5, 7, 8]])
    """
    x = pad(x, padding)
    kernel = np.empty((1, x.shape[1], *kernel_size))
    N, _, OH, OW = output_shape(x, kernel, stride, dilation)
    matrix = np.empty((N, OH, OW, kernel.size), x.dtype)
    for n, i, j in np.ndindex(N, OH, OW):
        rows, columns = below(i, j, kernel, stride, dilation)
        matrix[n, i, j] = x[n, :, rows, columns].ravel()
    return matrix.reshape(-1, kernel.size)


def col2im(
    matrix: np.ndarray,
    shape: tuple[int, int, int, int],
    kernel_size: tuple[int, int],
    stride: int = 1,
    padding: int = 0,
    dilation: int = 1,
) -> np.ndarray:
    """The backward of `im2col`: every row goes back to the pixels it was copied from, and is added to them.

    matrix: as `im2col` makes it of images (N, C, H, W) of this `shape`; returns images of this shape

    >>> col2im(im2col(np.ones((1, 1, 3, 3)), (2, 2)), (1, 1, 3, 3), (2, 2))
    array([[[[1., 2., 1.],
             [2., 4., 2.],
             [1., 2., 1.]]]])
    """
    x = pad(np.zeros(shape, matrix.dtype), padding)
    kernel = np.empty((1, shape[1], *kernel_size))
    N, _, OH, OW = output_shape(x, kernel, stride, dilation)
    for (n, i, j), row in zip(np.ndindex(N, OH, OW), matrix, strict=True):
        rows, columns = below(i, j, kernel, stride, dilation)
        x[n, :, rows, columns] += row.reshape(kernel.shape[1:])
    H, W = x.shape[2:]
    return x[:, :, padding : H - padding, padding : W - padding]


def pad(x: np.ndarray, padding: int) -> np.ndarray:
    """Images in a frame of zeros, `padding` pixels wide."""
    return np.pad(x, [(0, 0), (0, 0), (padding, padding), (padding, padding)])


def output_shape(x: np.ndarray, weight: np.ndarray, stride: int, dilation: int) -> tuple[int, int, int, int]:
    """How often the kernel fits into images that are padded already: (N, F, OH, OW)."""
    OH, OW = ((x.shape[a] - dilation * (weight.shape[a] - 1) - 1) // stride + 1 for a in (2, 3))
    return len(x), len(weight), OH, OW


def below(i: int, j: int, weight: np.ndarray, stride: int, dilation: int) -> tuple[slice, slice]:
    """The rows and the columns of the image below the kernel, when output pixel (i, j) is made."""
    KH, KW = weight.shape[2:]
    top, left = i * stride, j * stride
    return slice(top, top + dilation * KH, dilation), slice(left, left + dilation * KW, dilation)
