"""Torch7's nn in numpy: layers to read, to check against, and to train with."""

from typing import TYPE_CHECKING

from lib.nn.activations import ELU, LeakyReLU, PReLU, ReLU, Sigmoid, Tanh
from lib.nn.adaptive_pooling import AdaptiveAvgPool2d
from lib.nn.arithmetic import Add, AddConstant, Mul, MulConstant
from lib.nn.batch_norm import BatchNorm1d, BatchNorm2d
from lib.nn.binary_cross_entropy import BCELoss, BCEWithLogitsLoss
from lib.nn.classification import CrossEntropyLoss, MultiMarginLoss, NLLLoss
from lib.nn.containers import CAddTable, Concat, ConcatTable, Residual, Sequential
from lib.nn.convolution import Conv2d
from lib.nn.criterion import Criterion
from lib.nn.dropout import Dropout, Dropout2d
from lib.nn.errors import near_name
from lib.nn.group_norm import GroupNorm, InstanceNorm2d
from lib.nn.layer_norm import LayerNorm
from lib.nn.linear import Linear
from lib.nn.module import Module, TableModule
from lib.nn.more_activations import (
    GELU,
    SELU,
    Hardsigmoid,
    Hardswish,
    HardTanh,
    LogSigmoid,
    Mish,
    ReLU6,
    SiLU,
    Softplus,
    SoftShrink,
    Softsign,
)
from lib.nn.pooling import AvgPool2d, MaxPool2d
from lib.nn.regression import L1Loss, MSELoss, SmoothL1Loss
from lib.nn.shape import Flatten, Identity, Reshape, Shuffle
from lib.nn.softmax import LogSoftmax, Softmax
from lib.nn.transposed_convolution import ConvTranspose2d
from lib.nn.upsample import Upsample

__all__ = [
    "ELU",
    "GELU",
    "SELU",
    "AdaptiveAvgPool2d",
    "Add",
    "AddConstant",
    "AvgPool2d",
    "BCELoss",
    "BCEWithLogitsLoss",
    "BatchNorm1d",
    "BatchNorm2d",
    "CAddTable",
    "Concat",
    "ConcatTable",
    "Conv2d",
    "ConvTranspose2d",
    "Criterion",
    "CrossEntropyLoss",
    "Dropout",
    "Dropout2d",
    "Flatten",
    "GroupNorm",
    "HardTanh",
    "Hardsigmoid",
    "Hardswish",
    "Identity",
    "InstanceNorm2d",
    "L1Loss",
    "LayerNorm",
    "LeakyReLU",
    "Linear",
    "LogSigmoid",
    "LogSoftmax",
    "MSELoss",
    "MaxPool2d",
    "Mish",
    "Module",
    "Mul",
    "MulConstant",
    "MultiMarginLoss",
    "NLLLoss",
    "PReLU",
    "ReLU",
    "ReLU6",
    "Reshape",
    "Residual",
    "Sequential",
    "Shuffle",
    "SiLU",
    "Sigmoid",
    "SmoothL1Loss",
    "SoftShrink",
    "Softmax",
    "Softplus",
    "Softsign",
    "TableModule",
    "Tanh",
    "Upsample",
]

if not TYPE_CHECKING:  # or every misspelt name would count as one

    def __getattr__(name: str):
        """Called for a name that is not there; one that torch spells otherwise is answered by ours."""
        near = "" if name.startswith("_") else near_name(name, __all__)
        advice = f"did you mean {near}?" if near else "docs/layers.md lists them beside torch's"
        raise AttributeError(f"lib.nn: expected one of its names, got {name}; {advice}", name=name)
