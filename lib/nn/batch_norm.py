"""Batch normalisation, fast; `naive/batch_norm.py` is its plain twin, to be read first.

Every channel comes out with mean 0 and variance 1. Here output and gradient are straight lines in x, one for
each channel: x comes from memory once for the sums that the lines are made of, and once to draw them.
"""

from __future__ import annotations

import numpy as np

from lib.checks import check_number, check_whole
from lib.nn.arguments import image_advice, unusual
from lib.nn.cache_slices import cache_slices
from lib.nn.normalization import Normalization, Sums


class BatchNorm(Normalization):
    """What BatchNorm1d and BatchNorm2d share: all but the shape of x.

    (x − mean) / √(var + eps) · weight + bias, with the mean and the variance of each channel: in training
    mode those of the batch, in evaluation mode running averages over the batches of the training.

    num_features: the number of channels, C
    eps: is added to the variance
    momentum: how much each training batch counts in the running averages, where all those before count
        1 − momentum; None: all batches count alike
    affine: whether there are weight and bias, (C,), to start with 1 and 0
    track_running_stats: False keeps no running averages; those of the batch serve in evaluation mode too

    The averages are `running_mean` and `running_var`, (C,); the variance is the unbiased one, with count − 1
    in the denominator, as in torch.
    Raises `ValueError` for fewer than two values per channel, where it takes their variance: they have none.

    Source: Ioffe and Szegedy, 2015.
    """

    buffer_names: tuple[str, ...] = ("running_mean", "running_var")
    takes: dict[int, str] = {}  # number of axes → shape of x

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
    ):
        self.num_features = check_whole(num_features, name="num_features", owner=self, low=1)
        self.eps = check_number(eps, name="eps", owner=self, low=0)
        self.momentum = (
            None if momentum is None else check_number(momentum, name="momentum", owner=self, low=0)
        )
        self.make_weights(self.num_features, affine)
        self.track_running_stats = bool(track_running_stats)
        self.running_mean: np.ndarray | None = None
        self.running_var: np.ndarray | None = None
        self.num_batches_tracked = np.zeros((), np.int64)  # counts, and is saved, where momentum is None
        if track_running_stats:
            self.running_mean, self.running_var = np.zeros((2, num_features), np.float32)
            if momentum is None:
                self.buffer_names = (*self.buffer_names, "num_batches_tracked")
        self.reset()

    def reset(self, seed=0):
        """Parameters and running averages are as at the start; nothing is random."""
        if self.running_mean is not None and self.running_var is not None:
            self.running_mean.fill(0)
            self.running_var.fill(1)
        self.num_batches_tracked.fill(0)
        return super().reset(seed)

    def check_input(self, x):
        if not isinstance(x, np.ndarray) or x.ndim not in self.takes or x.shape[1] != self.num_features:
            shapes = " or ".join(self.takes.values()).replace("C", str(self.num_features))
            images = 4 in self.takes and isinstance(x, np.ndarray)
            advice = image_advice(x.shape, self.num_features) if images else ""
            raise self.wrong("x", x, shapes, advice)
        if self.takes_batch() and x.size < 2 * self.num_features:
            then = "take a larger batch" + (", or eval()" if self.track_running_stats else "")
            raise self.wrong("x", x, "more than 1 value per channel when training", then)

    def takes_batch(self) -> bool:
        """Whether the mean and the variance are those of the batch."""
        return self.training or self.running_mean is None

    def update_output(self, x):
        self.by_batch = self.takes_batch()
        if self.running_mean is None or self.running_var is None:
            mean, var = mean_and_variance(x)
        elif self.training:
            mean, var = mean_and_variance(x)
            count = x.size // self.num_features
            share = self.share()
            self.running_mean += share * (mean - self.running_mean)
            self.running_var += share * (var * count / (count - 1) - self.running_var)
        else:
            mean, var = self.running_mean, self.running_var
        self.origin, self.std = origin(mean, var, x.dtype), np.sqrt(var + self.eps)
        self.mean = mean.astype(np.float64)  # of x − origin
        if self.origin is not None:
            self.mean -= self.origin
        line = self.slope()
        slope, shift = self.lines(x, line, (0 if self.bias is None else self.bias) - line * self.mean)
        self.output = np.empty_like(x, dtype=slope.dtype)
        for some in cache_slices(x, arrays=1):
            part = self.output[some]
            np.multiply(moved(x[some], self.origin), slope, out=part)
            part += shift
        return self.output

    def share(self) -> float:
        """How much the batch at hand counts in the running averages."""
        if self.momentum is not None:
            return self.momentum
        self.num_batches_tracked += 1
        return 1 / int(self.num_batches_tracked)

    def update_grad_input(self, x, grad_output):
        slope = self.slope()
        if not self.by_batch:
            self.grad_input = grad_output * self.lines(x, slope)[0]
            return self.grad_input
        # x moves the batch's mean and variance too. With x' = (x − mean) / std, the gradient is slope ·
        # (grad_output − the mean of grad_output − x' · the mean of grad_output · x'): a straight line in x.
        count = x.size // self.num_features
        grad_weight, grad_bias = self.sums_once(x, grad_output)
        tilt = -grad_weight / count / self.std
        shift = -grad_bias / count - tilt * self.mean
        tilt, slope, shift = self.lines(x, tilt, slope, slope * shift)
        self.grad_input = np.empty_like(x, dtype=slope.dtype)
        for some in cache_slices(x, arrays=1):
            part = self.grad_input[some]
            np.multiply(moved(x[some], self.origin), tilt, out=part)
            part += grad_output[some]
            part *= slope
            part += shift
        return self.grad_input

    def acc_grad_parameters(self, x, grad_output, scale=1.0):
        if self.affine:
            grad_weight, grad_bias = self.sums_once(x, grad_output)
            self.grad_weight += scale * grad_weight
            self.grad_bias += scale * grad_bias

    def sums(self, x: np.ndarray, grad_output: np.ndarray) -> Sums:
        """The sums of grad_output · x' and of grad_output: the gradients of weight and of bias."""
        grad_bias, products = np.zeros(self.num_features), np.zeros(self.num_features)
        for some in cache_slices(x, arrays=1):
            grad_bias += channel_sums(grad_output[some])
            products += channel_sums(grad_output[some], moved(x[some], self.origin))
        return (products - self.mean * grad_bias) / self.std, grad_bias

    def lines(self, x: np.ndarray, *numbers: np.ndarray) -> list[np.ndarray]:
        """Numbers of each channel, (C,), in the precision of the result and in a shape that goes with x."""
        own = (array for array in (self.weight, self.running_mean) if array is not None)
        dtype = np.result_type(x, *own)
        return [per_channel(number.astype(dtype), x) for number in numbers]

    def describe(self):
        usual = {"eps": 1e-5, "momentum": 0.1, "affine": True, "track_running_stats": True}
        return ", ".join([str(self.num_features), *unusual(self, **usual)])


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

    The plain twins are `naive.batch_norm_forward` and `naive.batch_norm_backward`.

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
    for some in cache_slices(x, arrays=1):
        part = moved(x[some], start)
        sums += channel_sums(part)
        squares += channel_sums(part, part)
    return sums / count, squares / count - (sums / count) ** 2


def origin(mean: np.ndarray, var: np.ndarray, dtype: np.dtype) -> np.ndarray | None:
    """What to subtract from x before anything else, shaped like mean; mostly None.

    Far from 0, x and its squares are so large that what matters, x − mean, is lost in rounding.
    """
    far = mean**2 > 4 * var
    return np.where(far, mean, 0).astype(dtype) if far.any() else None


def moved(x: np.ndarray, origin: np.ndarray | None) -> np.ndarray:
    """x − origin, (C,) or (N, C), channel by channel; None is 0."""
    return x if origin is None else x - per_channel(origin, x)


def channel_sums(*factors: np.ndarray) -> np.ndarray:
    """The sum of an array, or of the product of two, over all but the channels: (N, C, …) → (C,), float64."""
    return image_sums(*factors).sum(axis=0)


def image_sums(*factors: np.ndarray) -> np.ndarray:
    """The sum of each channel of each image, of an array or the product of two: (N, C, …) → (N, C).

    Each image is summed in its own precision, which is fast; the sums are float64, so that adding them up
    over images is right for large batches.
    """
    axes = "ncxyz"[: factors[0].ndim]
    return np.einsum(f"{','.join([axes] * len(factors))}->nc", *factors).astype(np.float64)


def per_channel(values: np.ndarray, x: np.ndarray) -> np.ndarray:
    """One value a channel, (C,), or a channel of each image, (N, C), in a shape that goes with x, (N, C, …).

    Where the channels of a pixel are neighbours in memory, the values are repeated for a row of pixels: numpy
    then takes a row at a time instead of a pixel.
    """
    if x.ndim > 2 and x.strides[1] == x.itemsize:
        row = np.repeat(values[..., None, :], x.shape[-1], axis=-2).swapaxes(-1, -2)
        return row[..., *[None] * (x.ndim - 3), :]
    return values.reshape(*values.shape, *[1] * (x.ndim - 2))
