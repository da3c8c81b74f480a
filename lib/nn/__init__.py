"""Torch7's nn in numpy: layers to read, to check against, and to train with."""

from lib.nn.activations import ReLU
from lib.nn.containers import CAddTable, Concat, ConcatTable, Residual, Sequential
from lib.nn.convolution import Conv2d
from lib.nn.criterion import Criterion
from lib.nn.linear import Linear
from lib.nn.module import Module
from lib.nn.shape import Identity
from lib.nn.transposed import ConvTranspose2d

__all__ = [
    "CAddTable",
    "Concat",
    "ConcatTable",
    "Conv2d",
    "ConvTranspose2d",
    "Criterion",
    "Identity",
    "Linear",
    "Module",
    "ReLU",
    "Residual",
    "Sequential",
]
