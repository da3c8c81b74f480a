"""Start values of weights: of one layer as torch has them, and of a whole network as the papers have them.

Each of the latter sets the weights of all fully connected and convolutional layers in place, one layer after
another from one generator, and their biases to 0; it leaves other parameters alone, such as BatchNorm's.

>>> from lib import nn
>>> model = nn.init.kaiming(nn.Sequential(nn.Linear(5, 4), nn.ReLU(), nn.Linear(4, 1)), seed=1)
>>> model[0].bias
array([0., 0., 0., 0.], dtype=float32)
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from numbers import Real
from typing import Any, TypeVar

import numpy as np

from lib.checks import mismatch, shown
from lib.nn.module import Module

Network = TypeVar("Network", bound=Module)


def uniform_by_fan_in(weight: np.ndarray, bias: np.ndarray | None, seed: int | np.random.Generator) -> None:
    """Fills both in place, uniformly between ±1/√fan_in: how Torch7 and torch start Linear and convolutions.

    weight: (outputs, …); the fan-in is the product of all sizes but the first
    bias: (outputs,), or None
    seed: an int or a Generator
    """
    rng = np.random.default_rng(seed)
    bound = 1 / np.sqrt(max(1, weight[0].size))
    for array in (weight, bias):
        if array is not None:
            array[...] = rng.uniform(-bound, bound, array.shape)


def xavier(model: Network, seed: int | np.random.Generator = 0) -> Network:
    """Uniform between ±√(6 / (fan_in + fan_out)): made for tanh, keeps variances alike forward and backward.

    model: a module, or a network of them
    seed: an int or a Generator

    Returns the model. Source: Glorot and Bengio, 2010, "normalized initialization".
    """
    rng = np.random.default_rng(seed)

    def draw(shape, fan_in, fan_out):
        bound = np.sqrt(6 / max(1, fan_in + fan_out))
        return rng.uniform(-bound, bound, shape)

    return fill(model, draw)


def kaiming(model: Network, seed: int | np.random.Generator = 0, *, negative_slope: float = 0.0) -> Network:
    """Gaussian of deviation √(2 / ((1 + a²) fan_in)): made for ReLU, keeps variances alike forward.

    model: a module, or a network of them
    seed: an int or a Generator
    negative_slope: a, that of LeakyReLU or PReLU; 0 for ReLU

    Returns the model. Source: He, Zhang, Ren and Sun, 2015, "Delving Deep into Rectifiers".
    """
    if not isinstance(negative_slope, Real) or not np.isfinite(negative_slope):
        raise mismatch("kaiming", "negative_slope", "a number, 0 for ReLU", shown(negative_slope))
    rng = np.random.default_rng(seed)

    def draw(shape, fan_in, fan_out):
        return rng.normal(0, np.sqrt(2 / ((1 + negative_slope**2) * max(1, fan_in))), shape)

    return fill(model, draw)


def gaussian(model: Network, std: float = 0.01, seed: int | np.random.Generator = 0) -> Network:
    """Gaussian of one deviation for every layer, whatever its size: what deep networks do not survive.

    model: a module, or a network of them
    std: the deviation, 0 or more
    seed: an int or a Generator

    Returns the model. Source: Krizhevsky, Sutskever and Hinton, 2012, who used 0.01.
    """
    if not isinstance(std, Real) or not 0 <= std < np.inf:
        raise mismatch("gaussian", "std", "a number, 0 or more", shown(std))
    rng = np.random.default_rng(seed)
    return fill(model, lambda shape, fan_in, fan_out: rng.normal(0, std, shape))


def fill(model: Network, draw: Callable[[tuple[int, ...], int, int], np.ndarray]) -> Network:
    """Sets each layer's weights to draw(shape, fan_in, fan_out), from the input on, and its biases to 0.

    A layer is what has a weight of two dimensions or more, unless that is a scale for single elements, as in
    LayerNorm. Weights that layers share are drawn once. Returns the model.
    """
    if not isinstance(model, Module):
        raise mismatch("init", "model", "a module or a network of them", type(model).__name__)
    done = set()
    for layer in model.walk():
        weight: Any = getattr(layer, "weight", None)
        bias: Any = getattr(layer, "bias", None)
        if np.ndim(weight) < 2 or np.shape(weight) == np.shape(bias):
            continue
        if id(weight) not in done:
            weight[...] = draw(weight.shape, *fans(layer))
            done.add(id(weight))
        if bias is not None:
            bias[...] = 0
    return model


def fans(layer: Any) -> tuple[int, int]:
    """fan_in, how many inputs are summed in an output; fan_out, how many outputs an input has a part in.

    Both count the whole kernel, as if the stride were 1, and in grouped convolutions one group's channels.
    torch counts every group's channels in fan_out, and swaps the two in transposed convolutions.
    """
    outputs, inputs, *kernel = layer.weight.shape
    if hasattr(layer, "groups"):  # convolutions: the transposed ones keep their weight the other way round
        outputs, inputs = layer.out_channels // layer.groups, layer.in_channels // layer.groups
    return inputs * prod(kernel), outputs * prod(kernel)
