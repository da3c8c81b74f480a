"""Pooling: each window of an image becomes one number, its largest or its mean."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from lib.nn.module import Module

Pair = int | tuple[int, int]


class Pool2d(Module):
    """What windows that slide over an image share: their geometry.

    kernel_size, stride, padding: one int, or (height, width); without a stride the windows lie side by side
    """

    def __init__(self, kernel_size: Pair, stride: Pair | None = None, padding: Pair = 0):
        self.kernel_size = self.pair("kernel_size", kernel_size, least=1)
        self.stride = self.kernel_size if stride is None else self.pair("stride", stride, least=1)
        self.padding = self.pair("padding", padding, least=0)
        if any(2 * p > k for p, k in zip(self.padding, self.kernel_size, strict=True)):
            raise ValueError(
                f"{type(self).__name__}: padding is {padding!r}, it takes at most half of kernel_size {kernel_size!r}"
            )

    def pair(self, name: str, value: Pair, least: int) -> tuple[int, int]:
        """(height, width) of an argument; raises `ValueError` unless both are ints of at least `least`."""
        pair = value if isinstance(value, (tuple, list)) else (value, value)
        if len(pair) != 2 or any(type(v) is bool or not isinstance(v, (int, np.integer)) or v < least for v in pair):
            raise ValueError(
                f"{type(self).__name__}: {name} is {value!r}, it takes an int of at least {least}, or two of them"
            )
        return int(pair[0]), int(pair[1])

    def check_input(self, x):
        if not isinstance(x, np.ndarray) or x.ndim != 4 or min(self.output_size(x)) < 1:
            least = [max(1, k - 2 * p) for k, p in zip(self.kernel_size, self.padding, strict=True)]
            raise self.wrong("x", x, f"(N, C, H, W) with H of at least {least[0]} and W of at least {least[1]}")

    def output_size(self, x: np.ndarray) -> tuple[int, ...]:
        """Height and width of the output."""
        geometry = zip(x.shape[2:], self.kernel_size, self.stride, self.padding, strict=True)
        return tuple((size + 2 * p - k) // s + 1 for size, k, s, p in geometry)

    def taps(self, x: np.ndarray) -> Iterator[tuple[tuple, tuple]]:
        """For each place in the window, row by row: the pixels that stand there, and in which outputs' windows.

        Yields index pairs (inputs, outputs) for arrays shaped like x and like the output; both pick (N, C, h, w).
        Places outside of the image are left out, so that nothing is ever padded.
        """
        rows, columns = (
            [tap(i, *geometry) for i in range(geometry[2])]
            for geometry in zip(x.shape[2:], self.output_size(x), self.kernel_size, self.stride, self.padding, strict=True)
        )
        for rows_in, rows_out in rows:
            for columns_in, columns_out in columns:
                yield (..., rows_in, columns_in), (..., rows_out, columns_out)

    def describe(self):
        values = {"kernel_size": self.kernel_size, "stride": self.stride, "padding": self.padding}
        short = {name: a if a == b else (a, b) for name, (a, b) in values.items()}
        if self.stride == self.kernel_size:
            del short["stride"]
        if self.padding == (0, 0):
            del short["padding"]
        return ", ".join(f"{name}={value}" for name, value in short.items())


def tap(i: int, size: int, out: int, kernel: int, stride: int, padding: int) -> tuple[slice, slice]:
    """Along one axis: the pixels at place i of a window, and the windows that have a pixel there."""
    first = max(0, -((i - padding) // stride))
    stop = max(first, min(out, (size - 1 - i + padding) // stride + 1))
    start = first * stride + i - padding
    return slice(start, start + (stop - first) * stride, stride), slice(first, stop)


class MaxPool2d(Pool2d):
    """The largest number of each window.

    Shapes: x (N, C, H, W) → output (N, C, ⌊(H + 2·padding − kernel_size) / stride⌋ + 1, …).
    Among equals the first one in reading order gets the gradient, as in torch; padding never wins.

    >>> MaxPool2d(2).forward(np.array([[[[1.0, 2.0, 0.0, 0.0], [4.0, 3.0, 0.0, 7.0]]]]))
    array([[[[4., 7.]]]])
    """

    def update_output(self, x):
        self.output = np.full_like(x[..., :1, :1], -np.inf, shape=(*x.shape[:2], *self.output_size(x)))
        for inputs, outputs in self.taps(x):
            np.maximum(self.output[outputs], x[inputs], out=self.output[outputs])
        return self.output

    def update_grad_input(self, x, grad_output):
        self.grad_input = np.zeros_like(x, dtype=np.result_type(x, grad_output))
        rest = grad_output.copy()  # what no pixel of the window has got yet
        for inputs, outputs in self.taps(x):
            share = rest[outputs] * (x[inputs] == self.output[outputs])
            self.grad_input[inputs] += share
            rest[outputs] -= share
        return self.grad_input


class AvgPool2d(Pool2d):
    """The mean of each window.

    Shapes: as in MaxPool2d.
    count_include_pad: whether padding counts as zeros, or not at all

    >>> AvgPool2d(2).forward(np.array([[[[1.0, 2.0, 0.0, 0.0], [4.0, 3.0, 0.0, 8.0]]]]))
    array([[[[2.5, 2. ]]]])
    """

    def __init__(
        self, kernel_size: Pair, stride: Pair | None = None, padding: Pair = 0, count_include_pad: bool = True
    ):
        super().__init__(kernel_size, stride, padding)
        self.count_include_pad = count_include_pad

    def update_output(self, x):
        self.output = np.zeros_like(x, shape=(*x.shape[:2], *self.output_size(x)))
        for inputs, outputs in self.taps(x):
            self.output[outputs] += x[inputs]
        self.output /= self.counts(x)
        return self.output

    def update_grad_input(self, x, grad_output):
        self.grad_input = np.zeros_like(x, dtype=np.result_type(x, grad_output))
        share = grad_output / self.counts(x)
        for inputs, outputs in self.taps(x):
            self.grad_input[inputs] += share[outputs]
        return self.grad_input

    def counts(self, x: np.ndarray) -> np.ndarray:
        """How many pixels each window has: (H, W) of the output, or one number for all."""
        if self.count_include_pad:
            return x.dtype.type(self.kernel_size[0] * self.kernel_size[1])
        counts = np.zeros(self.output_size(x), x.dtype)
        for _, outputs in self.taps(x):
            counts[outputs] += 1
        return counts


class AdaptiveAvgPool2d(Module):
    """The mean of each window, of as many windows as are asked for: images of any size become alike.

    Shapes: x (N, C, H, W) → output (N, C, *output_size); output_size: one int or (height, width).
    Output i of n along an axis of length L is the mean from ⌊i·L/n⌋ to ⌈(i + 1)·L/n⌉, as in torch: the windows
    overlap by one where n does not divide L.

    >>> AdaptiveAvgPool2d(1).forward(np.array([[[[1.0, 2.0], [3.0, 6.0]]]]))
    array([[[[3.]]]])
    """

    def __init__(self, output_size: Pair):
        self.output_size = Pool2d.pair(self, "output_size", output_size, least=1)

    def check_input(self, x):
        if not isinstance(x, np.ndarray) or x.ndim != 4 or min(x.shape[2:]) < 1:
            raise self.wrong("x", x, "(N, C, H, W) with H and W of at least 1")

    def update_output(self, x):
        rows, columns = self.averages(x)
        self.output = rows @ x @ columns.T
        return self.output

    def update_grad_input(self, x, grad_output):
        rows, columns = self.averages(x)
        self.grad_input = rows.T @ grad_output @ columns
        return self.grad_input

    def averages(self, x: np.ndarray) -> list[np.ndarray]:
        """For both axes the matrix (outputs, pixels) that multiplies an image: each row takes one mean."""
        matrices = []
        for size, out in zip(x.shape[2:], self.output_size, strict=True):
            i, pixel = np.ogrid[:out, :size]
            inside = (pixel >= i * size // out) & (pixel < -(-(i + 1) * size // out))
            matrices.append((inside / inside.sum(axis=1, keepdims=True)).astype(x.dtype))
        return matrices

    def describe(self):
        height, width = self.output_size
        return f"{height if height == width else self.output_size}"
