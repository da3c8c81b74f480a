"""Max pooling by unusual means that is right: full marks; and the numbers of the worked example."""

import numpy as np
import pytest
from full_marks_in_a3 import assert_full_marks
from numpy.lib.stride_tricks import sliding_window_view


class Start:
    def __init__(self, kernel_size, stride):
        self.kernel_size, self.stride = kernel_size, stride

    def starts(self, x):
        (KH, KW), (SH, SW) = self.kernel_size, self.stride
        for i, top in enumerate(range(0, x.shape[2] - KH + 1, SH)):
            for j, left in enumerate(range(0, x.shape[3] - KW + 1, SW)):
                yield i, j, np.s_[:, :, top : top + KH, left : left + KW]

    def size(self, x):
        return tuple(int((n - k) / s + 1) for n, k, s in zip(x.shape[2:], self.kernel_size, self.stride))  # noqa: B905


class WindowByWindow(Start):
    """The winner by argmax of the flat window, as one-hot rows."""

    def forward(self, x):
        out = np.zeros(x.shape[:2] + self.size(x))
        for i, j, window in self.starts(x):
            out[:, :, i, j] = x[window].max(axis=(-2, -1))
        return out

    def backward(self, x, grad_output):
        grad = np.zeros_like(x)
        for i, j, window in self.starts(x):
            pixels = x[window]
            flat = pixels.reshape(-1, pixels.shape[2] * pixels.shape[3])
            rows = np.zeros(flat.shape)
            rows[np.arange(len(flat)), flat.argmax(1)] = grad_output[:, :, i, j].ravel()
            grad[window] += rows.reshape(pixels.shape)
        return grad


class Views(Start):
    """Forward keeps where the winners are in the flat image; np.add.at sends them their gradients."""

    def forward(self, x):
        windows = sliding_window_view(x, self.kernel_size, axis=(2, 3))
        windows = windows[:, :, :: self.stride[0], :: self.stride[1]]
        flat = windows.reshape(*windows.shape[:4], -1)
        row, column = np.unravel_index(flat.argmax(-1), self.kernel_size)
        top = self.stride[0] * np.arange(flat.shape[2])[:, None]
        left = self.stride[1] * np.arange(flat.shape[3])
        self.winners = (row + top) * x.shape[3] + column + left
        return np.max(windows, axis=(4, 5))

    def backward(self, x, grad_output):
        N, C, H, W = x.shape
        grad = np.zeros((N * C, H * W))
        np.add.at(
            grad, (np.arange(N * C)[:, None], self.winners.reshape(N * C, -1)), grad_output.reshape(N * C, -1)
        )
        return grad.reshape(x.shape)


class RunningMaximum(Start):
    """Place by place, the largest so far; a later place wins only where it is larger, not equal."""

    def places(self, x):
        (KH, KW), (SH, SW), (OH, OW) = self.kernel_size, self.stride, self.size(x)
        return [np.s_[..., u : u + OH * SH : SH, v : v + OW * SW : SW] for u in range(KH) for v in range(KW)]

    def part(self, x, place):
        OH, OW = self.size(x)
        return x[place][:, :, :OH, :OW]

    def forward(self, x):
        largest = np.full((*x.shape[:2], *self.size(x)), -np.inf)
        self.number = np.zeros(largest.shape, int)
        for k, place in enumerate(self.places(x)):
            pixels = self.part(x, place)
            better = pixels > largest
            largest[better] = pixels[better]
            self.number[better] = k
        return largest

    def backward(self, x, grad_output):
        grad = np.zeros_like(x)
        for k, place in enumerate(self.places(x)):
            part = self.part(grad, place)
            part += grad_output * (self.number == k)
        return grad


class InFloat32(Views):
    def forward(self, x):
        return super().forward(x.astype(np.float32))

    def backward(self, x, grad_output):
        return super().backward(x, grad_output.astype(np.float32)).astype(np.float32)


class TakesTurns(Start):
    """The gradient that is left goes to the first pixel that equals the maximum."""

    def forward(self, x):
        return (
            np.array([x[window].max((2, 3)) for _, _, window in self.starts(x)])
            .transpose(1, 2, 0)
            .reshape(*x.shape[:2], *self.size(x))
        )

    def backward(self, x, grad_output):
        largest, grad = self.forward(x), 0 * x
        for i, j, window in self.starts(x):
            left = grad_output[:, :, i, j].copy()
            for u, v in np.ndindex(self.kernel_size):
                pixels = x[window][:, :, u, v]
                mine = np.where(pixels == largest[:, :, i, j], left, 0)
                grad[window][:, :, u, v] += mine
                left -= mine
        return grad


@pytest.mark.parametrize(
    "layer", [WindowByWindow, Views, RunningMaximum, InFloat32, TakesTurns], ids=lambda c: c.__name__
)
def test_a_right_pooling_has_full_marks(layer):
    assert_full_marks("a3.max_pooling", layer)


def test_the_numbers_of_the_worked_example():
    layer = Views((2, 2), (1, 1))
    x = np.array([[[[1.0, 5, 5, 0], [-2, 5, 3, 4]]]])
    assert layer.forward(x).tolist() == [[[[5, 5, 5]]]]
    assert layer.backward(x, np.array([[[[1.0, 10, 100]]]])).tolist() == [[[[0, 11, 100, 0], [0, 0, 0, 0]]]]
