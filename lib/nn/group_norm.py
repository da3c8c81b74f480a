"""Group and instance normalisation, fast; `naive/batch_norm.py` has the formula.

Every example by itself comes out with mean 0 and variance 1: a group of its channels takes the place that a
channel of the batch has there. Output and gradient are straight lines in x, as in `batch_norm.py`.
"""

from __future__ import annotations

import numpy as np

from lib.checks import check_number, check_whole, mismatch, shown
from lib.nn.arguments import check_images, image_advice, unusual
from lib.nn.batch_norm import image_sums, moved, origin, per_channel
from lib.nn.cache_slices import cache_slices
from lib.nn.normalization import Normalization, Sums


class GroupNorm(Normalization):
    """Each group of channels of each example gets mean 0 and variance 1; then · weight + bias, by channel.

    Unlike batch normalisation it does not look at other examples: small batches do no harm, and evaluation
    mode is as training mode.

    Shapes: x, output, grad_output and grad_input (N, C, …), all alike; weight and bias (C,)

    num_groups: into how many groups of neighbours the channels are cut, from 1 to C (each by itself)
    num_channels: C, a multiple of num_groups
    eps: is added to the variance
    affine: whether there are weight and bias, to start with 1 and 0

    Source: Wu and He, 2018.

    >>> GroupNorm(1, 2, eps=0).forward(np.array([[1.0, 3.0], [10.0, 30.0]]))
    array([[-1.,  1.],
           [-1.,  1.]])
    """

    def __init__(self, num_groups: int, num_channels: int, eps: float = 1e-5, affine: bool = True):
        self.num_groups = check_whole(num_groups, name="num_groups", owner=self, low=1)
        self.num_channels = check_whole(num_channels, name="num_channels", owner=self, low=1)
        if num_channels % num_groups:
            expected = f"a multiple of num_groups={num_groups}"
            raise mismatch(type(self).__name__, "num_channels", expected, shown(num_channels))
        self.eps = check_number(eps, name="eps", owner=self, low=0)
        self.make_weights(self.num_channels, affine)
        self.reset()

    def check_input(self, x):
        if not isinstance(x, np.ndarray) or x.ndim < 2 or x.shape[1] != self.num_channels:
            shape = x.shape if isinstance(x, np.ndarray) else ()
            raise self.wrong("x", x, f"(N, {self.num_channels}, …)", image_advice(shape, self.num_channels))
        if x[0:1].size <= self.num_groups and len(x):
            raise self.wrong("x", x, "more than 1 value per group, as one has no variance")

    def update_output(self, x):
        mean, var = self.moments(x, None)
        self.origin = origin(mean, var, x.dtype)
        if self.origin is not None:
            mean, var = self.moments(x, self.origin)
        self.mean, self.std = mean, np.sqrt(var + self.eps)  # the mean of x − origin
        slope = self.slope()
        slope, shift = self.lines(x, slope, (0 if self.bias is None else self.bias) - slope * self.mean)
        self.output = np.empty_like(x, dtype=slope.dtype)
        for some in cache_slices(x, arrays=1):
            part = self.output[some]
            np.multiply(self.moved(x, some), slope[some], out=part)
            part += shift[some]
        return self.output

    def update_grad_input(self, x, grad_output):
        # With x' = (x − mean) / std and g = weight · grad_output, the gradient is (g − the mean of g − x' ·
        # the mean of g · x') / std, with means over the group: a straight line in x, and one in grad_output.
        products, totals = self.sums_once(x, grad_output)
        weight = 1 if self.weight is None else self.weight
        tilt = -self.group_means(weight * products, x) / self.std**2
        shift = -self.group_means(weight * totals, x) / self.std - tilt * self.mean
        slope, tilt, shift = self.lines(x, self.slope(), tilt, shift)
        self.grad_input = np.empty_like(x, dtype=slope.dtype)
        for some in cache_slices(x):
            part = self.grad_input[some]
            np.multiply(grad_output[some], slope[some], out=part)
            part += self.moved(x, some) * tilt[some]
            part += shift[some]
        return self.grad_input

    def acc_grad_parameters(self, x, grad_output, scale=1.0):
        if self.affine:
            products, totals = self.sums_once(x, grad_output)
            self.grad_weight += scale * products.sum(axis=0)
            self.grad_bias += scale * totals.sum(axis=0)

    def moments(self, x: np.ndarray, start: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
        """The mean and the variance of x − start over each group: (N, C), alike within a group."""
        sums, squares = np.empty((2, len(x), self.num_channels))
        for some in cache_slices(x, arrays=1):
            part = moved(x[some], None if start is None else start[some])
            sums[some], squares[some] = image_sums(part), image_sums(part, part)
        mean = self.group_means(sums, x)
        return mean, self.group_means(squares, x) - mean**2

    def sums(self, x: np.ndarray, grad_output: np.ndarray) -> Sums:
        """The sums of grad_output · x' and of grad_output over each channel of each example: (N, C)."""
        products, totals = np.empty((2, len(x), self.num_channels))
        for some in cache_slices(x):
            totals[some] = image_sums(grad_output[some])
            products[some] = image_sums(grad_output[some], self.moved(x, some))
        return (products - self.mean * totals) / self.std, totals

    def group_means(self, sums: np.ndarray, x: np.ndarray) -> np.ndarray:
        """The means over each group of x, from the sums over its channels: (N, C), alike within a group."""
        size = self.num_channels // self.num_groups
        groups = sums.reshape(len(x), self.num_groups, size).sum(axis=2)
        return np.repeat(groups / (size * np.prod(x.shape[2:])), size, axis=1)

    def moved(self, x: np.ndarray, some: slice) -> np.ndarray:
        """x − origin, for some of the examples."""
        return moved(x[some], None if self.origin is None else self.origin[some])

    def lines(self, x: np.ndarray, *numbers: np.ndarray) -> list[np.ndarray]:
        """Numbers of each channel, (N, C), in the precision of the result and in a shape that goes with x."""
        dtype = np.result_type(x, x if self.weight is None else self.weight)
        return [per_channel(number.astype(dtype), x) for number in numbers]

    def describe(self):
        sizes = [str(self.num_groups), str(self.num_channels)]
        return ", ".join([*sizes, *unusual(self, eps=1e-5, affine=True)])


class InstanceNorm2d(GroupNorm):
    """Each channel of each image gets mean 0 and variance 1 by itself; more in `GroupNorm`.

    Shapes: x, output, grad_output and grad_input (N, C, H, W), all alike; weight and bias (C,)

    num_features: the number of channels, C
    eps: is added to the variance
    affine: whether there are weight and bias; not by default, as in torch

    Source: Ulyanov, Vedaldi and Lempitsky, 2016.

    >>> InstanceNorm2d(1, eps=0).forward(np.array([[[[1.0, 3.0]]], [[[30.0, 10.0]]]])).ravel()
    array([-1.,  1.,  1., -1.])
    """

    def __init__(self, num_features: int, eps: float = 1e-5, *, affine: bool = False):
        self.num_features = check_whole(num_features, name="num_features", owner=self, low=1)
        super().__init__(num_features, num_features, eps, affine)

    def check_input(self, x):
        check_images(self, x, self.num_channels)
        super().check_input(x)

    def describe(self):
        return ", ".join([str(self.num_features), *unusual(self, eps=1e-5, affine=False)])
