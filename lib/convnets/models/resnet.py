"""Residual nets, and the same nets without their skips.

A block need only learn what to add to its input. Where the skip is a bare wire, the gradient comes back
through it unchanged, however deep the net is.

Source: He, Zhang, Ren and Sun, "Deep Residual Learning for Image Recognition", 2015; deck C.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import nn

from lib.checks import check_choice, check_switch, check_whole, mismatch, shown
from lib.convnets.models.parts import IMAGENET, conv_norm, he_start

BLOCKS = {18: (2, 2, 2, 2), 50: (3, 4, 6, 3), 152: (3, 8, 36, 3)}  # of each stage, by depth


class ResidualBlock(nn.Module):
    """relu(body(x) + shortcut(x)), or relu(body(x)) where there is no shortcut."""

    def __init__(self, body: nn.Module, shortcut: nn.Module | None):
        super().__init__()
        self.body, self.shortcut, self.relu = body, shortcut, nn.ReLU()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.body(x)
        return self.relu(y if self.shortcut is None else y + self.shortcut(x))


def resnet(num_classes: int, input_size: int, *, depth: int = 18, skips: bool = True) -> nn.Sequential:
    """The paper's wide nets: four stages of 64 to 512 channels, four times as many from depth 50 on.

    From 128 pixels on they begin with a 7 × 7 convolution and a pooling, which leave a sixteenth of the
    pixels; on smaller images with a 3 × 3 convolution, which leaves them all.

    depth: layers with weights, 18, 50 or 152
    skips: False gives the plain net of the same layers
    """
    check_choice(depth, tuple(BLOCKS), name="depth", owner="resnet")
    check_whole(input_size, name="input_size", owner=f"resnet{depth}", low=8)
    stem = [*conv_norm(3, 64), nn.ReLU()]
    if input_size >= IMAGENET:
        stem = [*conv_norm(3, 64, 7, stride=2, padding=3), nn.ReLU(), nn.MaxPool2d(3, stride=2, padding=1)]
    body = basic_body if depth < 50 else bottleneck
    stages = residual_stages((64, 128, 256, 512), BLOCKS[depth], body, projection, skips)
    return he_start(nn.Sequential(*stem, *stages, *linear_on_means(512 if depth < 50 else 2048, num_classes)))


def cifar_resnet(
    num_classes: int, input_size: int, *, depth: int = 20, width: int = 16, skips: bool = True
) -> nn.Sequential:
    """The paper's slim nets for 32 × 32 images: 16, 32 and 64 channels; depth 20 has 0.27 million parameters.

    depth: layers with weights, 6 n + 2: three stages of n blocks, of two convolutions each
    width: channels of the first stage; the next have two and four times as many
    skips: False gives the plain net of the same layers
    """
    check_whole(input_size, name="input_size", owner="cifar_resnet", low=4)
    if check_whole(depth, name="depth", owner="cifar_resnet", low=8) % 6 != 2:
        raise mismatch("cifar_resnet", "depth", "6 n + 2, such as 20 or 56", shown(depth))
    check_whole(width, name="width", owner="cifar_resnet", low=1)
    widths = (width, 2 * width, 4 * width)
    stages = residual_stages(widths, 3 * [(depth - 2) // 6], basic_body, zero_padding, skips)
    stem = [*conv_norm(3, width), nn.ReLU()]
    return he_start(nn.Sequential(*stem, *stages, *linear_on_means(4 * width, num_classes)))


def residual_stages(
    widths: Sequence[int], counts: Sequence[int], body: Callable, shortcut: Callable, skips: bool
) -> list[ResidualBlock]:
    """Stages of blocks; each stage but the first begins by halving height and width."""
    check_switch(skips, name="skips")
    blocks, channels = [], widths[0]
    for width, count in zip(widths, counts, strict=True):
        for number in range(count):
            stride = 2 if number == 0 and width > widths[0] else 1
            layers, made = body(channels, width, stride)
            same_shape = (channels, stride) == (made, 1)
            skip = nn.Identity() if same_shape else shortcut(channels, made, stride)
            blocks.append(ResidualBlock(layers, skip if skips else None))
            channels = made
    return blocks


def basic_body(channels: int, width: int, stride: int) -> tuple[nn.Sequential, int]:
    """Two 3 × 3 convolutions, and how many channels they make."""
    first, second = conv_norm(channels, width, stride=stride), conv_norm(width, width)
    return nn.Sequential(*first, nn.ReLU(), *second), width


def bottleneck(channels: int, width: int, stride: int) -> tuple[nn.Sequential, int]:
    """A 3 × 3 convolution between two of 1 × 1, which make it cheap; and how many channels they make."""
    narrow, wide = conv_norm(channels, width, 1, padding=0), conv_norm(width, 4 * width, 1, padding=0)
    between = conv_norm(width, width, stride=stride)
    return nn.Sequential(*narrow, nn.ReLU(), *between, nn.ReLU(), *wide), 4 * width


def projection(channels: int, width: int, stride: int) -> nn.Sequential:
    """A skip to another shape, learned."""
    return nn.Sequential(*conv_norm(channels, width, 1, stride=stride, padding=0))


def zero_padding(channels: int, width: int, stride: int) -> nn.Sequential:
    """A skip to another shape without weights: every second pixel, and zeros for the new channels."""
    zeros = nn.ConstantPad3d((0, 0, 0, 0, 0, width - channels), 0.0)  # behind the channels
    return nn.Sequential(nn.AvgPool2d(1, stride), zeros)


def linear_on_means(channels: int, num_classes: int) -> list[nn.Module]:
    """The mean of every channel, then one linear layer."""
    return [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, num_classes)]
