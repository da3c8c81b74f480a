"""A net that gives an image and its mirror image the same scores: it need not learn that, it is made so.

All channels come in pairs: what the first of a pair finds in an image, its partner finds in the mirror
image. So only the filters of the first are learned; the partner's are their mirror images. What counts in the
end is the larger of both, which an image and its mirror image have in common.

Source: Cohen and Welling, "Group Equivariant Convolutional Networks", 2016; the rest as in `fast`.
"""

from __future__ import annotations

import torch
from torch import nn

from lib.checks import check_whole, mismatch
from lib.convnets.models.fast import PATCH, set_stem

CHANNELS = 6 * PATCH**2  # of the stem: 12 filters and their negatives


class MirrorConv2d(nn.Conv2d):
    """A 3 × 3 convolution in which the second half of the filters mirror the first half.

    channels, width: of input and output, even
    partners: int64 (channels,): of each channel of the input the one that finds the same in the mirror image

    weight: (width / 2, channels, 3, 3), the first half of the filters
    """

    partners: torch.Tensor

    def __init__(self, channels: int, width: int, partners: torch.Tensor):
        super().__init__(channels, width // 2, 3, padding=1, bias=False)
        self.out_channels = width
        self.register_buffer("partners", partners, persistent=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        mirrored = self.weight.index_select(1, self.partners).flip(3)
        return nn.functional.conv2d(x, torch.cat([self.weight, mirrored]), padding=1)


class PairNorm2d(nn.BatchNorm2d):
    """Batch norm that treats both channels of a pair alike; width: of all channels, even."""

    def __init__(self, width: int, momentum: float):
        super().__init__(width // 2, momentum=momentum)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        images, width, height, length = x.shape
        # Both of a pair beside each other, as one channel of an image that is twice as long.
        beside = x.permute(0, 2, 3, 1).reshape(images, height, 2 * length, width // 2)
        normed = super().forward(beside.permute(0, 3, 1, 2)).permute(0, 2, 3, 1)
        return normed.reshape(images, height, length, width).permute(0, 3, 1, 2)


class FastMirror(nn.Module):
    """The stem, three stages, a linear layer on the largest value of each pair of channels."""

    def __init__(self, num_classes: int, width: int):
        super().__init__()
        self.stem = nn.Conv2d(3, CHANNELS, PATCH, bias=False)
        self.stages = nn.Sequential(
            nn.GELU(),
            mirror_stage(CHANNELS, width, partners_in_stem()),
            mirror_stage(width, 4 * width, other_half(width)),
            mirror_stage(4 * width, 4 * width, other_half(4 * width)),
        )
        self.pool = nn.Sequential(nn.AdaptiveMaxPool2d(1), nn.Flatten())
        self.head = nn.Linear(2 * width, num_classes, bias=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        first, partner = self.pool(self.stages(self.stem(x))).chunk(2, dim=1)
        return self.head(torch.maximum(first, partner)) / 8

    @property
    def patches(self) -> tuple[torch.Tensor, ...]:
        """Those that stay as they are in the mirror, and those that become their negatives: (6, 12) each.

        `whiten` keeps them apart, since only so each filter has a partner.
        """
        pixels = torch.eye(3 * PATCH**2)
        left, right = pixels[0::2], pixels[1::2]
        return (left + right) / 2**0.5, (left - right) / 2**0.5


def fast_mirror(num_classes: int, input_size: int, *, width: int = 80) -> FastMirror:
    """`fast` with mirror symmetry, 1.5 million parameters: wider, as each filter is learned for two.

    The symmetry is exact, but for the rounding of numbers, where each pooling gets an odd number of columns,
    as with 16, 32 or 64 pixels: of an even number it leaves out the last one, not the first.

    width: channels of the first stage, even; the others have four times as many
    """
    check_whole(input_size, name="input_size", owner="fast_mirror", low=16)
    if check_whole(width, name="width", owner="fast_mirror", low=2) % 2:
        raise mismatch("fast_mirror", "width", "an even number, as channels come in pairs", f"{width}")
    model = FastMirror(num_classes, width)
    for module in model.stages.modules():
        if isinstance(module, MirrorConv2d):
            nn.init.dirac_(module.weight.detach()[: module.in_channels])
    model.stem.weight.requires_grad_(False)
    turn = nn.init.orthogonal_
    set_stem(model.stem, torch.cat([turn(torch.empty(6, 6)) @ kind for kind in model.patches]))
    return model


def mirror_stage(channels: int, width: int, partners: torch.Tensor) -> nn.Sequential:
    """Two convolutions; after the first a pooling that overlaps, as one of 2 × 2 would leave out one side."""
    return nn.Sequential(
        MirrorConv2d(channels, width, partners),
        nn.MaxPool2d(3, 2),
        PairNorm2d(width, momentum=0.4),
        nn.GELU(),
        MirrorConv2d(width, width, other_half(width)),
        PairNorm2d(width, momentum=0.4),
        nn.GELU(),
    )


def other_half(width: int) -> torch.Tensor:
    """The partners where channels 0, 1, … have theirs from the middle on: int64 (width,)."""
    return torch.arange(width).roll(width // 2)


def partners_in_stem() -> torch.Tensor:
    """Those of 6 filters that are their own mirror images, 6 that become negative, and of 12 negatives."""
    same = torch.arange(6)
    return torch.cat([same, same + 18, same + 12, same + 6])
