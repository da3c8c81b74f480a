"""Batch normalisation: every channel comes out with mean 0 and variance 1."""

from __future__ import annotations

import numpy as np

from lib.nn.arguments import check_integer, check_number, unusual
from lib.nn.batches import batches
from lib.nn.module import Module

PART = 1 << 20  # bytes of x at a time: they stay in the cache for all that is done with them


class BatchNorm(Module):
    """What BatchNorm1d and BatchNorm2d share: all but the shape of x.

    (x − mean) / √(var + eps) · weight + bias, with the mean and the variance of each channel: in training
    mode those of the batch, in evaluation mode running averages over the batches of the training.

    num_features: the number of channels, C
    weight, bias: (C,), to start with 1 and 0; affine=False has neither
    running_mean, running_var: (C,); each training batch counts `momentum`, all those before 1 − momentum.
        The running variance is the unbiased one, with count − 1 in the denominator, as in torch.
    Raises `ValueError` in training mode for fewer than two values per channel: they have no variance.

    Source: Ioffe and Szegedy, 2015.
    """

    buffer_names = ("running_mean", "running_var")
    takes: dict[int, str] = {}  # number of axes → shape of x

    def __init__(self, num_features: int, eps: float = 1e-5, momentum: float = 0.1, affine: bool = True):
        self.num_features = check_integer(self, "num_features", num_features, least=1)
        self.eps = check_number(self, "eps", eps, least=0)
        self.momentum = check_number(self, "momentum", momentum, least=0)
        self.affine = affine
        self.weight = np.empty(self.num_features, np.float32) if affine else None
        self.bias = np.empty_like(self.weight) if affine else None
        self.grad_weight = np.zeros_like(self.weight) if affine else None
        self.grad_bias = np.zeros_like(self.bias) if affine else None
        self.running_mean = np.empty(self.num_features, np.float32)
        self.running_var = np.empty(self.num_features, np.float32)
        self.reset()

    def reset(self, seed=0):
        """Parameters and running averages are as at the start; nothing is random."""
        if self.affine:
            self.weight.fill(1)
            self.bias.fill(0)
        self.running_mean.fill(0)
        self.running_var.fill(1)
        return self

    def check_input(self, x):
        if not isinstance(x, np.ndarray) or x.ndim not in self.takes or x.shape[1] != self.num_features:
            shapes = " or ".join(self.takes.values()).replace("C", str(self.num_features))
            raise self.wrong("x", x, shapes)
        if self.training and x.size < 2 * self.num_features:
            raise ValueError(
                f"{self}: x has shape {x.shape}: Expected more than 1 value per channel when training; "
                "take a larger batch, or eval()"
            )

    def update_output(self, x):
        self.by_batch, count = self.training, x.size // self.num_features
        if self.by_batch:
            mean, var = mean_and_variance(x)
            self.running_mean += self.momentum * (mean - self.running_mean)
            self.running_var += self.momentum * (var * count / (count - 1) - self.running_var)
        else:
            mean, var = self.running_mean, self.running_var
        self.origin, self.std = origin(mean, var, x.dtype), np.sqrt(var + self.eps)
        self.mean = mean.astype(np.float64)  # of x − origin
        if self.origin is not None:
            self.mean -= self.origin
        slope, bias = self.slope(), self.bias if self.affine else 0
        slope, shift = self.spread(slope, x), self.spread(bias - slope * self.mean, x)
        self.output = np.empty_like(x, dtype=slope.dtype)
        for some in batches(x, PART):
            part = self.output[some]
            np.multiply(moved(x[some], self.origin), slope, out=part)
            part += shift
        return self.output

    def backward(self, x, grad_output, scale=1.0, *, need_grad_input=True):
        """As of every module; the sums that its two halves have in common are taken once."""
        self.check_backward(x, grad_output)
        sums = self.sums(x, grad_output)
        self.grad_input = self.update_grad_input(x, grad_output, sums) if need_grad_input else None
        self.acc_grad_parameters(x, grad_output, scale, sums)
        return self.grad_input

    def update_grad_input(self, x, grad_output, sums=None):
        slope = self.slope()
        if not self.by_batch:
            self.grad_input = grad_output * self.spread(slope, x)
            return self.grad_input
        # x moves the batch's mean and variance too. With x' = (x − mean) / std, the gradient is slope ·
        # (grad_output − the mean of grad_output − x' · the mean of grad_output · x'): a straight line in x.
        count = x.size // self.num_features
        grad_weight, grad_bias = sums or self.sums(x, grad_output)
        tilt = -grad_weight / count / self.std
        shift = -grad_bias / count - tilt * self.mean
        tilt, slope, shift = (self.spread(values, x) for values in (tilt, slope, slope * shift))
        self.grad_input = np.empty_like(x, dtype=slope.dtype)
        for some in batches(x, PART):
            part = self.grad_input[some]
            np.multiply(moved(x[some], self.origin), tilt, out=part)
            part += grad_output[some]
            part *= slope
            part += shift
        return self.grad_input

    def acc_grad_parameters(self, x, grad_output, scale=1.0, sums=None):
        if self.affine:
            grad_weight, grad_bias = sums or self.sums(x, grad_output)
            self.grad_weight += scale * grad_weight
            self.grad_bias += scale * grad_bias

    def sums(self, x: np.ndarray, grad_output: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The sums of grad_output · x' and of grad_output: the gradients of weight and of bias."""
        grad_bias, products = np.zeros(self.num_features), np.zeros(self.num_features)
        for some in batches(x, PART):
            grad_bias += channel_sums(grad_output[some])
            products += channel_sums(grad_output[some], moved(x[some], self.origin))
        return (products - self.mean * grad_bias) / self.std, grad_bias

    def slope(self) -> np.ndarray:
        """How steep the output is in x where mean and std stay as they are: (C,)."""
        return (self.weight if self.affine else 1) / self.std

    def spread(self, values: np.ndarray, x: np.ndarray) -> np.ndarray:
        """`spread`, in the precision of the result."""
        return spread(values.astype(np.result_type(x, self.running_mean)), x)

    def describe(self):
        return ", ".join([str(self.num_features), *unusual(self, eps=1e-5, momentum=0.1, affine=True)])


class BatchNorm1d(BatchNorm):
    """Every feature gets mean 0 and variance 1 over the batch; more in `BatchNorm`.

    Shapes: x, output, grad_output and grad_input (N, C), or (N, C, L).

    >>> BatchNorm1d(1, eps=0).forward(np.array([[1.0], [3.0]]))
    array([[-1.],
           [ 1.]])
    """

    takes = {2: "(N, C)", 3: "(N, C, L)"}


class BatchNorm2d(BatchNorm):
    """Every channel gets mean 0 and variance 1 over all pixels of the batch; more in `BatchNorm`.

    Shapes: x, output, grad_output and grad_input (N, C, H, W).

    >>> BatchNorm2d(1, eps=0).forward(np.array([[[[1.0, 3.0]]], [[[3.0, 1.0]]]])).ravel()
    array([-1.,  1.,  1., -1.])
    """

    takes = {4: "(N, C, H, W)"}


def mean_and_variance(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The mean and the variance of each channel of x (N, C, …): (C,), float64."""
    mean, var = moments(x)
    start = origin(mean, var, x.dtype)
    if start is None:
        return mean, var
    rest, var = moments(x, start)
    return start + rest, var


def moments(x: np.ndarray, start: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """The mean of x − start, and that of its square less the mean's square: x comes from memory once."""
    count, sums, squares = x.size // x.shape[1], np.zeros(x.shape[1]), np.zeros(x.shape[1])
    for some in batches(x, PART):
        part = moved(x[some], start)
        sums += channel_sums(part)
        squares += channel_sums(part, part)
    return sums / count, squares / count - (sums / count) ** 2


def origin(mean: np.ndarray, var: np.ndarray, dtype: np.dtype) -> np.ndarray | None:
    """What to subtract from x before anything else, (C,); mostly None.

    Far from 0, x and its squares are so large that what matters, x − mean, is lost in rounding.
    """
    far = mean**2 > 4 * var
    return np.where(far, mean, 0).astype(dtype) if far.any() else None


def moved(x: np.ndarray, origin: np.ndarray | None) -> np.ndarray:
    """x − origin, channel by channel; None is 0."""
    return x if origin is None else x - spread(origin, x)


def channel_sums(*factors: np.ndarray) -> np.ndarray:
    """The sum of an array, or of the product of two, over all but the channels: (N, C, …) → (C,), float64.

    Each image is summed in its own precision, then the images in float64: fast, and right for large batches.
    """
    axes = "ncxy"[: factors[0].ndim]
    return np.einsum(f"{','.join([axes] * len(factors))}->nc", *factors).sum(axis=0, dtype=np.float64)


def spread(values: np.ndarray, x: np.ndarray) -> np.ndarray:
    """One value a channel, (C,), in a shape that goes together with x, (N, C, …).

    Where the channels of a pixel are neighbours in memory, the values are repeated for a row of pixels: numpy
    then takes a row at a time instead of a pixel.
    """
    if x.ndim > 2 and x.strides[1] == x.itemsize:
        row = np.tile(values, (x.shape[-1], 1)).T
        return row if x.ndim == 3 else row[:, None]
    return values.reshape(-1, *[1] * (x.ndim - 2))
