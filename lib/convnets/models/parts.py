"""Pieces that several nets share."""

from __future__ import annotations

from typing import TypeVar

from torch import nn

IMAGENET = 128  # pixels, from which on VGG and ResNets take their forms for ImageNet
Net = TypeVar("Net", bound=nn.Module)


def conv_norm(
    channels: int, width: int, kernel_size: int = 3, *, stride: int = 1, padding: int = 1
) -> list[nn.Module]:
    """A convolution and its batch norm, whose shift makes a bias superfluous."""
    conv = nn.Conv2d(channels, width, kernel_size, stride, padding, bias=False)
    return [conv, nn.BatchNorm2d(width)]


def he_start(model: Net) -> Net:
    """Draws the convolutions' weights so that signals keep their size through ReLUs; returns the net.

    Source: He, Zhang, Ren and Sun, "Delving Deep into Rectifiers", 2015.
    """
    for module in model.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
            if module.bias is not None:
                nn.init.zeros_(module.bias)
    return model
