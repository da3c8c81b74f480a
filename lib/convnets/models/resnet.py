"""Residual nets, and the same nets without their skips.

A block need only learn what to add to its input. Where the skip is a bare wire, the gradient comes back
through it unchanged, however deep the net is.

Source: He, Zhang, Ren and Sun, "Deep Residual Learning for Image Recognition", 2015; deck C.
"""

from __future__ import annotations

import torch
from torch import nn

from lib.checks import check_whole, mismatch, shown
from lib.convnets.models.start import he_start


class Block(nn.Module):
    """relu(body(x) + shortcut(x)), or relu(body(x)) where there is no shortcut."""

    def __init__(self, body: nn.Module, shortcut: nn.Module | None):
        super().__init__()
        self.body, self.shortcut, self.relu = body, shortcut, nn.ReLU()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.body(x)
        return self.relu(y if self.shortcut is None else y + self.shortcut(x))


def cifar_resnet(num_classes: int, input_size: int, *, depth: int = 20, skips: bool = True) -> nn.Sequential:
    """The paper's slim nets for 32 × 32 images: 16, 32 and 64 channels; depth 20 has 0.27 million parameters.

    depth: layers with weights, 6 n + 2: three stages of n blocks, of two convolutions each
    skips: False gives the plain net of the same layers
    """
    check_whole(input_size, name="input_size", owner="cifar_resnet", low=4)
    if check_whole(depth, name="depth", owner="cifar_resnet", low=8) % 6 != 2:
        raise mismatch("cifar_resnet", "depth", "6 n + 2, such as 20 or 56", shown(depth))
    layers, channels = [*conv_norm(3, 16), nn.ReLU()], 16
    for width, stride in ((16, 1), (32, 2), (64, 2)):
        for number in range((depth - 2) // 6):
            layers.append(basic_block(channels, width, stride if number == 0 else 1, skips))
            channels = width
    return he_start(nn.Sequential(*layers, *head(channels, num_classes)))


def basic_block(channels: int, width: int, stride: int, skips: bool) -> Block:
    """Two 3 × 3 convolutions; where the shape changes, the skip takes every second pixel, and zeros."""
    body = nn.Sequential(
        *conv_norm(channels, width, stride=stride),
        nn.ReLU(),
        *conv_norm(width, width),
    )
    shortcut: nn.Module = nn.Identity()
    if (channels, 1) != (width, stride):
        more_channels = (0, 0, 0, 0, 0, width - channels)  # none to the left, right, above, below, in front
        shortcut = nn.Sequential(nn.AvgPool2d(1, stride), nn.ConstantPad3d(more_channels, 0.0))
    return Block(body, shortcut if skips else None)


def conv_norm(channels: int, width: int, kernel_size: int = 3, stride: int = 1) -> list[nn.Module]:
    """A convolution and its batch norm, whose shift makes a bias superfluous."""
    conv = nn.Conv2d(channels, width, kernel_size, stride, padding=kernel_size // 2, bias=False)
    return [conv, nn.BatchNorm2d(width)]


def head(channels: int, num_classes: int) -> list[nn.Module]:
    """The mean of every channel, then one linear layer."""
    return [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, num_classes)]
