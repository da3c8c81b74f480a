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

    def move(self, images: Tensor, draws: dict[str, Tensor]) -> Tensor:
        """Mirrored and shifted images, of any dtype: (N, C, H, W)."""
        if "mirrored" in draws:
            images = mirror(images, draws["mirrored"])
        if "down" in draws:
            images = shift(images, draws["down"], draws["right"], self.shift)
        return images

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


def mirror(images: Tensor, which: Tensor) -> Tensor:
    """Images (N, C, H, W), left and right exchanged in those where `which`, bool (N,), is true."""
    both = torch.cat([images, images.flip(3)])
    return both.index_select(0, torch.arange(len(images), device=images.device) + len(images) * which)


def shift(images: Tensor, down: Tensor, right: Tensor, most: int) -> Tensor:
    """Images (N, C, H, W) moved by whole pixels; their mirror images come in at the borders.

    down, right: int64 (N,), from −most to most, for each image
    most: less than the height and the width, since a mirror image is no larger

    Every crop of the padded images is a view, `unfold` copies nothing; one of them is taken of each image.

    >>> shift(torch.arange(4).reshape(1, 1, 1, 4).expand(1, 1, 2, 4), *torch.tensor([[0], [1]]), 1)[0, 0, 0]
    tensor([1, 0, 1, 2])
    """
    height, width = images.shape[2:]
    padded = _reflect(_reflect(images, most, 2), most, 3)
    crops = padded.unfold(2, height, 1).unfold(3, width, 1)  # (N, C, 2 most + 1, 2 most + 1, H, W)
    return crops[torch.arange(len(images), device=images.device), :, most - down, most - right]


def cut_out(images: Tensor, row: Tensor, column: Tensor, side: int) -> Tensor:
    """Floats (N, C, H, W) with a square of zeros in each; at the border only a part of it is inside.

    row, column: int64 (N,), its centre; of an even side, the pixel right below and right of the centre
    side: in pixels
    """
    height, width = images.shape[2:]
    rows = _inside(height, row, side)[:, :, None] & _inside(width, column, side)[:, None, :]
    return images * (~rows[:, None]).to(images.dtype)


def relight(images: Tensor, contrast: Tensor, light: Tensor) -> Tensor:
    """contrast · image + light, floats (N, C, H, W), each image with its own two numbers, (N,)."""
    contrast, light = (value.to(images.dtype)[:, None, None, None] for value in (contrast, light))
    return torch.addcmul(light, images, contrast)


def _reflect(images: Tensor, most: int, axis: int) -> Tensor:
    """Both ends of an axis continued by `most` pixels of their mirror image.

    F.pad's "reflect", which on a GPU takes no bytes.
    """
    length = images.shape[axis]
    before = images.narrow(axis, 1, most).flip(axis)
    after = images.narrow(axis, length - 1 - most, most).flip(axis)
    return torch.cat([before, images, after], axis)


def _inside(length: int, centre: Tensor, side: int) -> Tensor:
    """Which of the pixels 0 … length − 1 belong to the square: bool (N, length)."""
    place = torch.arange(length, device=centre.device) - (centre[:, None] - side // 2)
    return (place >= 0) & (place < side)
