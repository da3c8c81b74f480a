"""Group and instance normalisation: every example by itself comes out with mean 0 and variance 1."""

from __future__ import annotations

import numpy as np

from lib.nn.arguments import check_images, check_integer, check_number, unusual
from lib.nn.batch_norm import channel_sums, image_sums
from lib.nn.cache_slices import cache_slices
from lib.nn.errors import mismatch
from lib.nn.module import Module


class GroupNorm(Module):
    """Each group of channels of each example gets mean 0 and variance 1; then · weight + bias, by channel.

    Unlike batch normalisation it does not look at other examples: small batches do no harm, and evaluation
    mode is as training mode.

    Shapes: x, output, grad_output and grad_input (N, C, …), all alike; weight and bias (C,)

    num_groups: into how many groups of neighbours the channels are cut; 1: all together; C: each by itself
    num_channels: C, a multiple of num_groups
    eps: is added to the variance
    affine: whether there are weight and bias, to start with 1 and 0

    Source: Wu and He, 2018.

    >>> GroupNorm(1, 2, eps=0).forward(np.array([[1.0, 3.0], [10.0, 30.0]]))
    array([[-1.,  1.],
           [-1.,  1.]])
    """

    def __init__(self, num_groups: int, num_channels: int, eps: float = 1e-5, affine: bool = True):
        self.num_groups = check_integer(self, "num_groups", num_groups, least=1)
        self.num_channels = check_integer(self, "num_channels", num_channels, least=1)
        if num_channels % num_groups:
            expected = f"a multiple of num_groups={num_groups}"
            raise mismatch(type(self).__name__, "num_channels", expected, repr(num_channels))
        self.eps = check_number(self, "eps", eps, least=0)
        self.affine = bool(affine)
        self.weight: np.ndarray | None = None
        self.bias: np.ndarray | None = None
        if affine:
            self.weight, self.bias, self.grad_weight, self.grad_bias = np.zeros((4, num_channels), np.float32)
        self.reset()

    def reset(self, seed=0):
        """The weights become 1 again, the biases 0; nothing is random."""
        if self.weight is not None and self.bias is not None:
            self.weight.fill(1)
            self.bias.fill(0)
        return self

    def check_input(self, x):
        if not isinstance(x, np.ndarray) or x.ndim < 2 or x.shape[1] != self.num_channels:
            raise self.wrong("x", x, f"(N, {self.num_channels}, …)")
        if x[0:1].size <= self.num_groups and len(x):
            raise self.wrong("x", x, "more than 1 value per group, as one has no variance")

    def update_output(self, x):
        self.mean, self.rest, self.std = np.empty((3, len(x), self.num_channels))
        self.output = np.empty_like(x, dtype=self.precision(x))
        for some in cache_slices(x):
            part, mean = self.output[some], self.group_means(x[some])
            np.subtract(x[some], across(mean, part), out=part)
            rest = self.group_means(part)  # what rounding has left of the mean: far from 0, too much
            std = np.sqrt(self.group_means(part, part) - rest**2 + self.eps)
            self.mean[some], self.rest[some], self.std[some] = mean, rest, std
            slope = 1 / std if self.weight is None else self.weight / std
            part *= across(slope, part)
            part += across((0 if self.bias is None else self.bias) - rest * slope, part)
        return self.output

    def update_grad_input(self, x, grad_output):
        self.grad_input = np.empty_like(x, dtype=self.precision(x))
        for some in cache_slices(x):
            part, normalized = self.grad_input[some], self.normalized(x, some)
            part[...] = grad_output[some]
            if self.weight is not None:
                part *= across(self.weight[None], part)
            mean, slant = self.group_means(part), self.group_means(part, normalized)
            part -= across(mean, part)
            normalized *= across(slant, part)
            part -= normalized
            part /= across(self.std[some], part)
        return self.grad_input

    def acc_grad_parameters(self, x, grad_output, scale=1.0):
        if self.affine:
            for some in cache_slices(x):
                self.grad_weight += scale * channel_sums(grad_output[some], self.normalized(x, some))
                self.grad_bias += scale * channel_sums(grad_output[some])

    def normalized(self, x: np.ndarray, some: slice) -> np.ndarray:
        """(x − mean) / std of some examples, with the mean and the std of the last forward."""
        part = np.empty_like(x[some], dtype=self.precision(x))
        np.subtract(x[some], across(self.mean[some], part), out=part)
        part -= across(self.rest[some], part)
        part /= across(self.std[some], part)
        return part

    def precision(self, x: np.ndarray) -> np.dtype:
        """The dtype of the result."""
        return np.result_type(x, x if self.weight is None else self.weight)

    def group_means(self, *factors: np.ndarray) -> np.ndarray:
        """The mean, over each group, of (N, C, …), or of the product of two: (N, C), alike within a group."""
        per_channel = image_sums(*factors)
        sums = per_channel.reshape(len(per_channel), self.num_groups, -1).sum(axis=2)
        size = self.num_channels // self.num_groups
        return np.repeat(sums / (size * np.prod(factors[0].shape[2:])), size, axis=1)

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
        self.num_features = check_integer(self, "num_features", num_features, least=1)
        super().__init__(num_features, num_features, eps, affine)

    def check_input(self, x):
        check_images(self, x, self.num_channels)
        super().check_input(x)

    def describe(self):
        return ", ".join([str(self.num_features), *unusual(self, eps=1e-5, affine=False)])


def across(values: np.ndarray, x: np.ndarray) -> np.ndarray:
    """One value a channel, (N, C) or (1, C), in the shape and the dtype that go with x."""
    return values.astype(x.dtype).reshape(*values.shape, *[1] * (x.ndim - 2))
