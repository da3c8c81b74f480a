"""The net of lecture 12: small, and made to learn in a few epochs.

What makes it quick to train: a stem of 2 × 2 patches that is not learned but computed from the training
images, so that the next layer sees inputs that are uncorrelated and of one size; convolutions that begin as
the identity; pooling early in each stage; few, wide layers.

Source: after Jordan, "94% on CIFAR-10 in 3.29 Seconds on a Single GPU", 2024, and Page, 2018; code our own.
"""

from __future__ import annotations

import torch
from torch import nn

from lib.checks import check_switch, check_whole

PATCH = 2  # pixels, of the stem


class Fast(nn.Module):
    """The stem, three stages, a linear layer on the largest value of each channel."""

    def __init__(self, num_classes: int, width: int):
        super().__init__()
        patch = 3 * PATCH**2
        self.stem = nn.Conv2d(3, 2 * patch, PATCH)
        nn.init.zeros_(self.stem.get_parameter("bias"))
        self.stages = nn.Sequential(
            nn.GELU(), stage(2 * patch, width), stage(width, 4 * width), stage(4 * width, 4 * width)
        )
        self.head = nn.Sequential(
            nn.AdaptiveMaxPool2d(1), nn.Flatten(), nn.Linear(4 * width, num_classes, bias=False)
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(self.stages(self.stem(x))) / 8  # small scores at first: softer, steadier steps

    @property
    def patches(self) -> tuple[torch.Tensor, ...]:
        """Kinds of patches that `whiten` keeps apart, (n, 12) each: here there is one, of all pixels."""
        return (torch.eye(3 * PATCH**2),)


def fast(
    num_classes: int,
    input_size: int,
    *,
    width: int = 64,
    whitened: bool = True,
    identity: bool = True,
) -> Fast:
    """A net with 2 million parameters; at width=32, `fast_half`, half a million.

    width: channels of the first stage; the others have four times as many
    whitened: the stem's filters stay as they are, see `whiten`; False: they are learned like all others
    identity: convolutions begin by passing their input on; False: all weights begin at random
    """
    check_whole(input_size, name="input_size", owner="fast", low=9)
    check_whole(width, name="width", owner="fast", low=1)
    model = Fast(num_classes, width)
    if check_switch(identity, name="identity"):
        for module in model.stages.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.dirac_(module.weight.detach()[: module.in_channels])
    if check_switch(whitened, name="whitened"):
        model.stem.weight.requires_grad_(False)
        rotation = nn.init.orthogonal_(torch.empty(3 * PATCH**2, 3 * PATCH**2))
        set_stem(model.stem, rotation)  # of the patches, until `whiten` has seen images
    return model


def stage(channels: int, width: int) -> nn.Sequential:
    """Two 3 × 3 convolutions with a pooling after the first: the second costs a quarter."""
    return nn.Sequential(
        nn.Conv2d(channels, width, 3, padding=1, bias=False),
        nn.MaxPool2d(2),
        nn.BatchNorm2d(width, momentum=0.4),  # few steps: its running mean must follow quickly
        nn.GELU(),
        nn.Conv2d(width, width, 3, padding=1, bias=False),
        nn.BatchNorm2d(width, momentum=0.4),
        nn.GELU(),
    )


def set_stem(stem: nn.Conv2d, filters: torch.Tensor) -> None:
    """Makes 12 filters of 12 numbers, and their negatives, the weights of a stem."""
    with torch.no_grad():
        stem.weight.copy_(torch.cat([filters, -filters]).reshape(stem.weight.shape))
