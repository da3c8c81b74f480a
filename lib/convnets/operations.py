"""How many multiply–adds a layer costs, by its kind."""

from __future__ import annotations

import math

import torch
from torch import nn

CONVOLUTIONS = (nn.Conv1d, nn.Conv2d, nn.Conv3d)
TRANSPOSED = (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)
MULTIPLYING = (*CONVOLUTIONS, *TRANSPOSED, nn.Linear)
# The files of torch.nn.modules whose layers weigh no inputs; of these, some hand on what they are given.
WITHOUT_WEIGHTS = {
    "activation", "batchnorm", "channelshuffle", "container", "dropout", "flatten", "instancenorm",
    "normalization", "padding", "pixelshuffle", "pooling", "upsampling",
}  # fmt: skip
HANDING_ON = {"container", "dropout", "flatten"}


def multiply_adds(layer: nn.Module, x: torch.Tensor, y: torch.Tensor) -> int | None:
    """Products of a weight and an input, each with its addition; None for an unknown kind.

    Norms, poolings and activations count 0, and so do biases: they are few, and mostly left out.

    x, y: the layer's input and output, of one image or of several

    >>> x = torch.empty(1, 3, 32, 32)
    >>> layer = nn.Conv2d(3, 8, kernel_size=5)
    >>> multiply_adds(layer, x, layer(x)), 28 * 28 * 8 * 5 * 5 * 3
    (470400, 470400)
    """
    if isinstance(layer, CONVOLUTIONS):  # each number of the output sees a patch
        return y.numel() * layer.in_channels // layer.groups * math.prod(layer.kernel_size)
    if isinstance(layer, TRANSPOSED):  # each number of the input is spread over a patch
        return x.numel() * layer.out_channels // layer.groups * math.prod(layer.kernel_size)
    if isinstance(layer, nn.Linear):  # each number of the output sees all features
        return y.numel() * layer.in_features
    if isinstance(layer, nn.Identity):
        return 0
    known = torch_file(layer) in WITHOUT_WEIGHTS and not isinstance(layer, nn.MultiheadAttention)
    return 0 if known else None


def hands_on(layer: nn.Module) -> bool:
    """Whether a layer's output is its input, in evaluation: it needs no memory of its own."""
    inplace = getattr(layer, "inplace", False)
    return inplace or isinstance(layer, nn.Identity) or torch_file(layer) in HANDING_ON


def torch_file(layer: nn.Module) -> str:
    """The file of torch.nn.modules where this layer stands, or the one that it is made from."""
    places = [kind.__module__ for kind in type(layer).__mro__]
    return next((place.rpartition(".")[2] for place in places if place.startswith("torch.nn.modules.")), "")
