"""The same images a little different, a whole batch at a time: mirrored, shifted, partly covered, relit.

What is drawn and what is done with it stand apart. `Augmentation.draw` gives the random numbers of a batch,
always on the CPU, so that every device sees the same; the functions below do with them what a loop over the
images would do, as a few tensor operations on any device.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import torch
from torch import Tensor

from lib.checks import check_choice, check_number, check_whole, mismatch

FLIPS = ("none", "random", "alternating")


@dataclass(frozen=True)
class Augmentation:
    """What changes from one look at an image to the next, in training only.

    flip: "none"; "random": each look is mirrored with probability ½; "alternating": mirrored in every second
        epoch, so that two epochs show both sides of every image
    shift: the most pixels by which an image moves, down and to the right, each from −shift to shift; what
        comes in at the border is the image's mirror image
    cutout: the side of a square that is covered with the mean colour, in pixels; its centre lies anywhere
    brightness: how much lighter or darker at most, and how much more or less contrast: 0.2 is a fifth of a
        deviation, and contrast from 0.8 to 1.2

    Sources: Krizhevsky et al., 2012 (flip, shift); DeVries and Taylor, 2017 (cutout); K. Jordan, 2024
    (alternating flip).

    >>> Augmentation(flip="random", shift=2).draw(3, torch.Generator().manual_seed(0), (32, 32)).keys()
    dict_keys(['mirrored', 'down', 'right'])
    """

    flip: str = "none"
    shift: int = 0
    cutout: int = 0
    brightness: float = 0.0

    def __post_init__(self):
        check_choice(self.flip, FLIPS, name="flip", owner=self)
        check_whole(self.shift, name="shift", owner=self)
        check_whole(self.cutout, name="cutout", owner=self)
        check_number(self.brightness, name="brightness", owner=self, low=0, high=1, open_high=True)

    @classmethod
    def of(cls, recipe: Any) -> Self:
        """That of a `Recipe`, or of anything with these four fields."""
        return cls(recipe.flip, recipe.shift, recipe.cutout, recipe.brightness)

    def check_fits(self, size: Sequence[int]) -> None:
        """Raises `ValueError` where images of this (height, width) are too small to be shifted so far."""
        if self.shift >= min(size):
            raise mismatch(self, "shift", f"less than {min(size)}, the side of the images", f"{self.shift}")

    def draw(self, count: int, generator: torch.Generator, size: Sequence[int]) -> dict[str, Tensor]:
        """The random numbers for `count` images of this (height, width): each (count,), on the CPU.

        Whether an image is mirrored in turn is not drawn here: see `in_turn`.
        """
        draws = {}
        if self.flip == "random":
            draws["mirrored"] = torch.rand(count, generator=generator) < 0.5
        if self.shift:
            for name in ("down", "right"):
                draws[name] = torch.randint(-self.shift, self.shift + 1, (count,), generator=generator)
        if self.cutout:
            for name, side in zip(("row", "column"), size, strict=True):
                draws[name] = torch.randint(side, (count,), generator=generator)
        if self.brightness:
            for name, middle in (("contrast", 1.0), ("light", 0.0)):
                span = 2 * torch.rand(count, generator=generator) - 1
                draws[name] = middle + self.brightness * span
        return draws

    def paint(self, images: Tensor, draws: dict[str, Tensor]) -> Tensor:
        """Relit and partly covered images, of normalised floats, whose mean colour is 0: (N, C, H, W)."""
        if "contrast" in draws:
            images = relight(images, draws["contrast"], draws["light"])
        if "row" in draws:
            images = cut_out(images, draws["row"], draws["column"], self.cutout)
        return images


def in_turn(first: Tensor, epoch: int) -> Tensor:
    """Which images are mirrored in this epoch, where each is in every second one: bool (N,).

    first: bool (N,), those that are mirrored in epoch 0, half of them by chance
    """
    return first ^ (epoch % 2 == 1)


def with_border(images: Tensor, border: int) -> Tensor:
    """Images (N, H, W, C) continued by so many pixels of their mirror image on each side, of any dtype.

    border: less than the height and the width, since a mirror image is no larger

    >>> with_border(torch.arange(3).reshape(1, 1, 3, 1).expand(1, 2, 3, 1), 1)[0, 0, :, 0]
    tensor([1, 0, 1, 2, 1])
    """
    for axis in (1, 2) if border else ():
        length = images.shape[axis]
        place = torch.arange(-border, length + border, device=images.device).abs()
        images = images.index_select(axis, length - 1 - (length - 1 - place).abs())
    return images


def crop(
    padded: Tensor, rows: Tensor, size: tuple[int, int], border: int, draws: dict[str, Tensor]
) -> Tensor:
    """Some of the images, each mirrored, then moved, as it was drawn: (n, height, width, C).

    padded: (N, height + 2 border, width + 2 border, C), contiguous: images as `with_border` gives them
    rows: int64 (n,), which images
    size: their (height, width) without the border
    draws: "mirrored", bool (n,); "down" and "right", int64 (n,), from −border to border; each may be absent

    One tensor operation that finds each pixel; `crop_by_stretches` does the same faster on a CPU.
    """
    (height, width), still = size, torch.zeros_like(rows)
    y = torch.arange(height, device=rows.device) + (border - draws.get("down", still))[:, None]
    x = torch.arange(width, device=rows.device) + (border - draws.get("right", still))[:, None]
    if "mirrored" in draws:
        x = torch.where(draws["mirrored"][:, None], padded.shape[2] - 1 - x, x)
    return padded[rows[:, None, None], y[:, :, None], x[:, None, :]]


def crop_by_stretches(
    padded: Tensor, rows: Tensor, size: tuple[int, int], border: int, draws: dict[str, Tensor]
) -> Tensor:
    """What `crop` gives, without finding each pixel.

    A crop, together with what lies between its lines, is one stretch of memory, of the same length for every
    crop. All stretches of that length are a view, `as_strided` copies nothing; `index_select` copies those
    which begin at the right places. On a GPU there is nothing to gain.
    """
    (height, width), still = size, torch.zeros_like(rows)
    _, lines, columns, channels = padded.shape
    top, left = border - draws.get("down", still), border - draws.get("right", still)
    mirrored = draws.get("mirrored", still.bool())
    left = torch.where(mirrored, 2 * border - left, left)  # cut out where the mirror image will be
    starts = ((rows * lines + top) * columns + left) * channels
    order = mirrored.argsort(stable=True)  # those to be mirrored come last, and are turned round together
    length = ((height - 1) * columns + width) * channels
    stretches = padded.as_strided((padded.numel() - length + 1, length), (1, 1))
    cut = stretches.index_select(0, starts[order])
    crops = cut.as_strided((len(rows), height, width, channels), (length, columns * channels, channels, 1))
    turned = int(mirrored.sum())
    if not turned:
        return crops
    straight, to_turn = crops.split([len(rows) - turned, turned])
    return torch.cat([straight, to_turn.flip(2)]).index_select(0, order.argsort())


def cut_out(images: Tensor, row: Tensor, column: Tensor, side: int) -> Tensor:
    """Floats (N, C, H, W) with a square of zeros in each; at the border only a part of it is inside.

    row, column: int64 (N,), its centre; of an even side, the pixel right below and right of the centre
    side: in pixels
    """
    channels, height, width = images.shape[1:]
    inside = _inside(width, column, side).repeat_interleave(channels, 1)  # a line of W · C numbers
    square = _inside(height, row, side).to(images.dtype)[:, :, None] * inside.to(images.dtype)[:, None]
    lines = as_lines(images)
    return as_images(torch.addcmul(lines, lines, square, value=-1), channels)


def relight(images: Tensor, contrast: Tensor, light: Tensor) -> Tensor:
    """contrast · image + light, floats (N, C, H, W), each image with its own two numbers, (N,)."""
    contrast, light = (value.to(images.dtype)[:, None, None, None] for value in (contrast, light))
    return torch.addcmul(light, images, contrast)


def as_lines(images: Tensor) -> Tensor:
    """(N, C, H, W) as (N, H, W · C): one vector a line, a view where images lie channels_last."""
    return images.permute(0, 2, 3, 1).flatten(2)


def as_images(lines: Tensor, channels: int) -> Tensor:
    """The way back: a view, channels_last in memory."""
    return lines.unflatten(2, (-1, channels)).permute(0, 3, 1, 2)


def _inside(length: int, centre: Tensor, side: int) -> Tensor:
    """Which of the pixels 0 … length − 1 belong to the square: bool (N, length)."""
    place = torch.arange(length, device=centre.device) - (centre[:, None] - side // 2)
    return (place >= 0) & (place < side)
