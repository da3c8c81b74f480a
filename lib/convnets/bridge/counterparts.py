"""Which class of lib.nn is which of torch, and with what both are built.

lib.nn takes names and arguments from torch: one row serves both ways.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch

from lib import nn
from lib.convnets.bridge import modules

# A class here, the one in torch, and the arguments that say all of it but its numbers. Each is an attribute
# too, but for `bias`, which asks whether there is one; what has a star goes in one by one.
ROWS: list[tuple[type, type, str]] = [
    (nn.Sequential, torch.nn.Sequential, ""),
    (nn.Residual, modules.TorchResidual, ""),
    (nn.Concat, modules.TorchConcat, "dim"),
    (nn.ConcatTable, modules.TorchConcatTable, ""),
    (nn.CAddTable, modules.TorchCAddTable, ""),
    (nn.Linear, torch.nn.Linear, "in_features out_features bias"),
    (
        nn.Conv2d,
        torch.nn.Conv2d,
        "in_channels out_channels kernel_size stride padding dilation groups bias",
    ),
    (
        nn.ConvTranspose2d,
        torch.nn.ConvTranspose2d,
        "in_channels out_channels kernel_size stride padding output_padding groups bias dilation",
    ),
    (nn.BatchNorm1d, torch.nn.BatchNorm1d, "num_features eps momentum affine track_running_stats"),
    (nn.BatchNorm2d, torch.nn.BatchNorm2d, "num_features eps momentum affine track_running_stats"),
    (nn.GroupNorm, torch.nn.GroupNorm, "num_groups num_channels eps affine"),
    (nn.InstanceNorm2d, torch.nn.InstanceNorm2d, "num_features eps affine"),
    (nn.LayerNorm, torch.nn.LayerNorm, "normalized_shape eps elementwise_affine bias"),
    (nn.PReLU, torch.nn.PReLU, "num_parameters init"),
    (nn.ReLU, torch.nn.ReLU, ""),
    (nn.ReLU6, torch.nn.ReLU6, ""),
    (nn.LeakyReLU, torch.nn.LeakyReLU, "negative_slope"),
    (nn.ELU, torch.nn.ELU, "alpha"),
    (nn.SELU, torch.nn.SELU, ""),
    (nn.GELU, torch.nn.GELU, "approximate"),
    (nn.SiLU, torch.nn.SiLU, ""),
    (nn.Mish, torch.nn.Mish, ""),
    (nn.Sigmoid, torch.nn.Sigmoid, ""),
    (nn.LogSigmoid, torch.nn.LogSigmoid, ""),
    (nn.Hardsigmoid, torch.nn.Hardsigmoid, ""),
    (nn.Hardswish, torch.nn.Hardswish, ""),
    (nn.Tanh, torch.nn.Tanh, ""),
    (nn.HardTanh, torch.nn.Hardtanh, "min_val max_val"),
    (nn.Softplus, torch.nn.Softplus, "beta threshold"),
    (nn.Softsign, torch.nn.Softsign, ""),
    (nn.SoftShrink, torch.nn.Softshrink, "lambd"),
    (nn.Softmax, torch.nn.Softmax, "dim"),
    (nn.LogSoftmax, torch.nn.LogSoftmax, "dim"),
    (nn.MaxPool2d, torch.nn.MaxPool2d, "kernel_size stride padding dilation ceil_mode"),
    (
        nn.AvgPool2d,
        torch.nn.AvgPool2d,
        "kernel_size stride padding ceil_mode count_include_pad divisor_override",
    ),
    (nn.AdaptiveAvgPool2d, torch.nn.AdaptiveAvgPool2d, "output_size"),
    (nn.Dropout, torch.nn.Dropout, "p"),
    (nn.Dropout2d, torch.nn.Dropout2d, "p"),
    (nn.Upsample, torch.nn.Upsample, "size scale_factor mode align_corners"),
    (nn.Identity, torch.nn.Identity, ""),
    (nn.Flatten, torch.nn.Flatten, "start_dim end_dim"),
    (nn.Reshape, modules.TorchReshape, "*shape"),
    (nn.Shuffle, modules.TorchShuffle, "size"),
    (nn.MulConstant, modules.TorchMulConstant, "constant"),
    (nn.AddConstant, modules.TorchAddConstant, "constant"),
    (nn.Mul, modules.TorchMul, ""),
    (nn.Add, modules.TorchAdd, "shape"),
    (nn.MSELoss, torch.nn.MSELoss, "reduction"),
    (nn.L1Loss, torch.nn.L1Loss, "reduction"),
    (nn.SmoothL1Loss, torch.nn.SmoothL1Loss, "reduction beta"),
    (nn.NLLLoss, torch.nn.NLLLoss, "weight ignore_index reduction"),
    (
        nn.CrossEntropyLoss,
        torch.nn.CrossEntropyLoss,
        "weight ignore_index label_smoothing reduction",
    ),
    (nn.BCELoss, torch.nn.BCELoss, "weight reduction"),
    (nn.BCEWithLogitsLoss, torch.nn.BCEWithLogitsLoss, "weight pos_weight reduction"),
]
TO_TORCH = {ours: (theirs, arguments.split()) for ours, theirs, arguments in ROWS}
FROM_TORCH = {theirs: (ours, arguments.split()) for ours, theirs, arguments in ROWS}

HARMLESS = {"__init__", "__repr__", "describe", "extra_repr"}  # what a subclass may write, and be the same


def counterpart(module: Any, table: dict[type, tuple[type, list[str]]]) -> tuple[type, list[str]] | None:
    """The class on the other side and its arguments; None where there is none.

    A subclass of one's own goes over as what it is derived from, unless it computes something else.
    """
    for kind in type(module).__mro__:
        if kind in table:
            return table[kind]
        if any(callable(value) and name not in HARMLESS for name, value in vars(kind).items()):
            return None
    return None


def build(kind: type, arguments: Iterable[tuple[str, Any]]) -> Any:
    """A new object of a class; arguments: name and value of each, where a name with a star has several."""
    values, named = [], {}
    for name, value in arguments:
        if name.startswith("*"):
            values += value
        else:
            named[name] = value
    return kind(*values, **named)
