"""Well-known nets as plans: their layers one after the other, and what each costs, by formula alone.

`lib.convnets.models` builds the same nets, and `lib.convnets.layer_table.summarize` measures them; a test
holds the two to each other. Here width, depth and input size may be anything, and nothing is built.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from lib.checks import check_choice, check_number, check_whole

BYTES = 4  # of a number, float32


class Piece(NamedTuple):
    """A layer with weights, and the norm, activation and pooling that follow it.

    kind: "conv" or "linear"
    kernel: its side, 1 for a linear layer
    into, channels: of its input and its output; of a linear layer, its features
    side: height and width of its output, before any pooling
    parameters, activations: how many numbers it learns, and makes of one image
    multiply_adds: products of a weight and an input, for one image
    """

    kind: str
    kernel: int
    into: int
    channels: int
    side: int
    parameters: int
    activations: int
    multiply_adds: int

    @property
    def memory(self) -> int:
        """Bytes of parameters and activations."""
        return BYTES * (self.parameters + self.activations)


class TooSmall(Exception):
    """The maps would be smaller than the window that looks at them."""


class Walk:
    """An image on its way through a net: it has `channels` maps of `side` × `side` numbers by now."""

    def __init__(self, pixels: int):
        self.channels, self.side = 3, pixels
        self.pieces: list[Piece] = []

    def conv(
        self,
        channels: int,
        kernel: int = 3,
        *,
        stride: int = 1,
        padding: int | None = None,
        groups: int = 1,
        norm: bool = False,
        bias: bool = True,
        active: bool = True,
    ) -> None:
        """A convolution; padding: None keeps the side; norm, active: whether these follow."""
        padding = kernel // 2 if padding is None else padding
        side = (self.side + 2 * padding - kernel) // stride + 1
        if side < 1:
            raise TooSmall
        weights = channels * (self.channels // groups) * kernel**2
        made = channels * side**2
        learned = weights + channels * (bias + 2 * norm)
        numbers = (learned, made * (1 + norm + active), weights * side**2)
        self.pieces.append(Piece("conv", kernel, self.channels, channels, side, *numbers))
        self.channels, self.side = channels, side

    def linear(self, features: int, *, norm: bool = False, bias: bool = True, active: bool = True) -> None:
        """A linear layer of all numbers that there are."""
        into = self.channels * self.side**2
        learned = features * (into + bias + 2 * norm)
        made = features * (1 + norm + active)
        self.pieces.append(Piece("linear", 1, into, features, 1, learned, made, features * into))
        self.channels, self.side = features, 1

    def pool(self, kernel: int, stride: int | None = None, *, padding: int = 0) -> None:
        """A pooling, which belongs to the layer before it."""
        self.side = (self.side + 2 * padding - kernel) // (stride or kernel) + 1
        if self.side < 1:
            raise TooSmall
        self.more(self.channels * self.side**2)

    def mean(self) -> None:
        """One number of each channel: its mean, or its largest."""
        self.side = 1
        self.more(self.channels)

    def more(self, made: int, learned: int = 0) -> None:
        """Numbers that the last layer makes besides, and learns."""
        last = self.pieces[-1]
        self.pieces[-1] = last._replace(
            activations=last.activations + made, parameters=last.parameters + learned
        )


# Each of these walks an image through a net; `wide` and `repeated` say what becomes of its channels and of
# the number of its layers.


def linear(walk: Walk, wide: Callable, repeated: Callable) -> None:
    walk.linear(10, active=False)


def small(walk: Walk, wide: Callable, repeated: Callable) -> None:
    for channels in (wide(32), wide(64)):
        for _ in range(repeated(1)):
            walk.conv(channels, 5)
        walk.pool(2)
    walk.linear(wide(128))
    walk.linear(10, active=False)


def alexnet(walk: Walk, wide: Callable, repeated: Callable, *, groups: int = 1) -> None:
    walk.conv(wide(96), 11, stride=4, padding=2)
    walk.pool(3, 2)
    walk.conv(wide(256), 5, groups=groups)
    walk.pool(3, 2)
    walk.conv(wide(384))
    for _ in range(max(1, repeated(3) - 2)):
        walk.conv(wide(384), groups=groups)
    walk.conv(wide(256), groups=groups)
    walk.pool(3, 2)
    walk.linear(wide(4096))
    walk.linear(wide(4096))
    walk.linear(1000, active=False)


def vgg(walk: Walk, wide: Callable, repeated: Callable, *, counts: Sequence[int]) -> None:
    for channels, count in zip((64, 128, 256, 512, 512), counts, strict=True):
        for _ in range(repeated(count)):
            walk.conv(wide(channels), norm=True)
        walk.pool(2)
    walk.linear(wide(4096))
    walk.linear(wide(4096))
    walk.linear(1000, active=False)


def resnet(
    walk: Walk, wide: Callable, repeated: Callable, *, counts: Sequence[int], bottleneck: bool
) -> None:
    walk.conv(wide(64), 7, stride=2, norm=True, bias=False)
    walk.pool(3, 2, padding=1)
    for number, (channels, count) in enumerate(zip((64, 128, 256, 512), counts, strict=True)):
        for block in range(repeated(count)):
            stride = 2 if number and not block else 1
            into, side = walk.channels, walk.side
            width = wide(channels)
            if bottleneck:
                walk.conv(width, 1, norm=True, bias=False)
                walk.conv(width, 3, stride=stride, norm=True, bias=False)
                walk.conv(4 * width, 1, norm=True, bias=False, active=False)
            else:
                walk.conv(width, 3, stride=stride, norm=True, bias=False)
                walk.conv(width, 3, norm=True, bias=False, active=False)
            if (into, stride) != (walk.channels, 1):  # a skip to another shape is a convolution, too
                made = walk.channels
                walk.channels, walk.side = into, side
                walk.conv(made, 1, stride=stride, norm=True, bias=False, active=False)
            walk.more(walk.channels * walk.side**2)  # the ReLU behind the +
    walk.mean()
    walk.linear(1000, active=False)


def cifar_resnet(walk: Walk, wide: Callable, repeated: Callable, *, blocks: int) -> None:
    walk.conv(wide(16), norm=True, bias=False)
    for number, channels in enumerate((16, 32, 64)):
        for block in range(repeated(blocks)):
            halving = number > 0 and block == 0
            into = walk.channels
            walk.conv(wide(channels), stride=1 + halving, norm=True, bias=False)
            walk.conv(wide(channels), norm=True, bias=False, active=False)
            if halving:  # the skip takes every second pixel, then adds channels of zeros
                walk.more((into + walk.channels) * walk.side**2)
            walk.more(walk.channels * walk.side**2)
    walk.mean()
    walk.linear(10, active=False)


def fast(walk: Walk, wide: Callable, repeated: Callable, *, width: int) -> None:
    walk.conv(24, 2, padding=0)
    for channels in (wide(width), wide(4 * width), wide(4 * width)):
        walk.conv(channels, bias=False, active=False)
        walk.pool(2)
        walk.more(2 * channels * walk.side**2, 2 * channels)  # norm and activation, behind the pooling
        for _ in range(repeated(1)):
            walk.conv(channels, norm=True, bias=False)
    walk.mean()
    walk.linear(10, bias=False, active=False)


class Plan(NamedTuple):
    """A net of `build_model`.

    name: that one may read
    pixels: of the images that it was made for
    lay: walks an image through it; takes (walk, what a width becomes, what a number of layers becomes, …)
    options: what else `lay` takes
    """

    name: str
    pixels: int
    lay: Callable
    options: dict = {}


PLANS = {
    "alexnet": Plan("AlexNet", 224, alexnet),
    "alexnet 2012": Plan("AlexNet of 2012", 224, alexnet, {"groups": 2}),
    "vgg16": Plan("VGG-16", 224, vgg, {"counts": (2, 2, 3, 3, 3)}),
    "vgg19": Plan("VGG-19", 224, vgg, {"counts": (2, 2, 4, 4, 4)}),
    "resnet18": Plan("ResNet-18", 224, resnet, {"counts": (2, 2, 2, 2), "bottleneck": False}),
    "resnet50": Plan("ResNet-50", 224, resnet, {"counts": (3, 4, 6, 3), "bottleneck": True}),
    "resnet152": Plan("ResNet-152", 224, resnet, {"counts": (3, 8, 36, 3), "bottleneck": True}),
    "linear": Plan("the linear classifier", 32, linear),
    "small": Plan("the small convnet", 32, small),
    "resnet20": Plan("ResNet-20", 32, cifar_resnet, {"blocks": 3}),
    "fast_half": Plan("fast_half", 32, fast, {"width": 32}),
    "fast": Plan("fast", 32, fast, {"width": 64}),
}


def pieces_of(net: str, pixels: int, *, width: float = 1.0, depth: float = 1.0) -> list[Piece]:
    """The layers of a net, in the order in which they are called; empty where the images are too small.

    net: one of `PLANS`
    pixels: height and width of the images
    width: factor of all channels and features but the colours and the classes; rounded to even numbers
    depth: factor of how often a layer or a block is repeated in its stage; at least once

    Raises `ValueError` that names the argument.

    >>> sum(piece.parameters for piece in pieces_of("alexnet", 224))
    62378344
    """
    check_choice(net, tuple(PLANS), name="net")
    check_whole(pixels, name="pixels", low=1)
    check_number(width, name="width", low=0, open_low=True)
    check_number(depth, name="depth", low=0, open_low=True)
    walk, plan = Walk(pixels), PLANS[net]

    def wide(channels: int) -> int:
        return channels if width == 1 else max(2, 2 * round(channels * width / 2))

    def repeated(count: int) -> int:
        return max(1, int(count * depth + 0.5))

    try:
        plan.lay(walk, wide, repeated, **plan.options)
    except TooSmall:
        return []
    return walk.pieces
