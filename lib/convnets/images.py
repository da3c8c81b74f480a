"""A data set as bytes on the device, from where normalised and augmented batches come."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from lib.checks import check_labels, check_switch, check_whole, mismatch, shown
from lib.convnets.augmentation import (
    Augmentation,
    as_images,
    crop,
    crop_by_stretches,
    in_turn,
    with_border,
)
from lib.convnets.device import check_device
from lib.training.images import PixelScale

FIRST_TURN, ORDER, CHANGES = 1, 2, 3  # what a random generator is for; each has a stream of its own


class DeviceImages:
    """Images and labels on one device: uint8 there, floats only batch by batch.

    images: uint8 (N, C, H, W), an array or a tensor; it is copied
    labels: int64 (N,), from 0
    scale: the `PixelScale` of the training images; None takes that of these images, which then must be the
        training images: for others see `with_same_scale`
    device: where the bytes lie and the batches are made
    dtype: of the batches: torch.float32, bfloat16 or float64
    augmentation: what changes from one epoch to the next
    classes: how many there are; None takes the highest label + 1
    is_test: True for the test set, of which every look must be counted

    padded: uint8 (N, H + 2 shift, W + 2 shift, C): the images, each with a border of its mirror image as wide
        as they may be shifted, so that a shift is a crop

    What a batch holds depends on the seed, the epoch and its number alone, on any device and however many
    processes share it: a training that goes on after a break needs no random generator's state.

    Raises `ValueError` where images or labels are something else.

    >>> images = np.arange(4 * 3 * 2 * 2, dtype=np.uint8).reshape(4, 3, 2, 2)
    >>> data = DeviceImages(images, np.array([0, 1, 0, 1]))
    >>> [tuple(x.shape) for x, y in data.batches(3, seed=0, epoch=0)]
    [(3, 3, 2, 2), (1, 3, 2, 2)]
    """

    def __init__(
        self,
        images: Any,
        labels: Any,
        *,
        scale: PixelScale | None = None,
        device: torch.device | str = "cpu",
        dtype: torch.dtype = torch.float32,
        augmentation: Augmentation | None = None,
        classes: int | None = None,
        is_test: bool = False,
    ):
        images = check_image_bytes(images)
        labels = check_labels(array_of(labels), len(images), name="labels", classes=classes)
        if dtype not in (torch.float32, torch.float64, torch.bfloat16, torch.float16):
            raise mismatch(self, "dtype", "torch.float32, bfloat16 or float64", shown(dtype))
        self.scale = PixelScale.of(images) if scale is None else scale
        self.device, self.dtype = check_device(device), dtype
        self.augmentation = Augmentation() if augmentation is None else augmentation
        self.augmentation.check_fits(images.shape[2:])
        self.classes = int(labels.max()) + 1 if classes is None else classes
        self.is_test = check_switch(is_test, name="is_test")
        if len(self.scale.mean) != images.shape[1]:
            raise mismatch(
                self, "scale", f"one of {images.shape[1]} channels", f"one of {len(self.scale.mean)}"
            )
        self.size, self.channels = (images.shape[2], images.shape[3]), images.shape[1]
        self.border = self.augmentation.shift
        channels_last = (
            torch.tensor(np.ascontiguousarray(images), device=self.device).permute(0, 2, 3, 1).contiguous()
        )
        self.padded = with_border(channels_last, self.border)
        self.labels = torch.tensor(np.ascontiguousarray(labels), device=self.device)
        exact = torch.promote_types(dtype, torch.float32)  # bfloat16 comes at the very end
        mean, deviation = (
            np.tile(values, self.size[1]) for values in (self.scale.mean, self.scale.deviation)
        )
        self._factor, self._offset = (  # of a line of W · C numbers
            torch.tensor(values).to(exact).to(self.device) for values in (1 / deviation, -mean / deviation)
        )

    def __len__(self) -> int:
        return len(self.labels)

    def __repr__(self) -> str:
        shape = (self.channels, *self.size)
        return f"DeviceImages({len(self):,} images of shape {shape} on {self.device})"

    @property
    def images(self) -> Tensor:
        """The bytes as they came: uint8 (N, C, H, W), a view."""
        inner = self.padded.narrow(1, self.border, self.size[0]).narrow(2, self.border, self.size[1])
        return inner.permute(0, 3, 1, 2)

    def with_same_scale(self, split: Any, *, is_test: bool = False) -> DeviceImages:
        """Validation or test images, normalised as these are, without augmentation.

        split: what has images and labels, such as data.test
        is_test: True for the test set
        """
        return DeviceImages(
            split.images,
            split.labels,
            scale=self.scale,
            device=self.device,
            dtype=self.dtype,
            classes=self.classes,
            is_test=is_test,
        )

    def starts(self, batch_size: int, *, drop_last: bool = False, world: int = 1) -> list[int]:
        """Where each batch of an epoch begins in its order; how many there are is the length.

        A last batch with fewer images than processes joins the one before it, so that all have work.
        """
        check_whole(batch_size, name="batch_size", low=world)
        starts = list(range(0, len(self), batch_size))
        rest = len(self) - starts[-1]
        short = rest < batch_size if drop_last else rest < world
        return starts[:-1] if short and len(starts) > 1 else starts

    def batches(
        self,
        batch_size: int,
        *,
        seed: int = 0,
        epoch: int = 0,
        shuffle: bool = True,
        augment: bool | None = None,
        drop_last: bool = False,
        rank: int = 0,
        world: int = 1,
    ) -> Iterator[tuple[Tensor, Tensor]]:
        """An epoch: images (n, C, H, W) of `dtype`, channels_last in memory, with labels int64 (n,).

        batch_size: of the whole batch, which `world` processes share
        seed, epoch: of the order and of the augmentation
        shuffle: False keeps the order of the images
        augment: whether they are augmented; None: where they are shuffled
        drop_last: True leaves out a last batch that is shorter than the others
        rank, world: which of how many processes this is: it gets every world-th image of each batch
        """
        check_whole(world, name="world", low=1)
        check_whole(rank, name="rank", high=world - 1)
        check_whole(seed, name="seed")
        check_whole(epoch, name="epoch")
        augment = shuffle if augment is None else augment
        starts = self.starts(batch_size, drop_last=drop_last, world=world)
        order = torch.arange(len(self))
        if shuffle:
            order = torch.randperm(len(self), generator=generator_for(seed, ORDER, epoch))
        mirrored = None
        if augment and self.augmentation.flip == "alternating":
            first = torch.rand(len(self), generator=generator_for(seed, FIRST_TURN)) < 0.5
            mirrored = in_turn(first, epoch).to(self.device)
        order = order.to(self.device)  # once an epoch; what is drawn for a batch is small: no copy waits
        end = min(starts[-1] + batch_size, len(self)) if drop_last else len(self)
        mine = slice(rank, None, world)
        for number, (start, stop) in enumerate(zip(starts, [*starts[1:], end], strict=True)):
            rows, draws = order[start:stop], {}
            if augment:  # the random numbers of the whole batch, whichever part of it is made here
                generator = generator_for(seed, CHANGES, epoch, number)
                draws = self.augmentation.draw(len(rows), generator, self.size)
            if mirrored is not None:
                draws["mirrored"] = mirrored[rows]
            yield self._batch(rows[mine], {name: values[mine] for name, values in draws.items()})

    def in_order(self, batch_size: int = 1000) -> Iterator[tuple[Tensor, Tensor]]:
        """All images as they are, to evaluate a net."""
        return self.batches(batch_size, shuffle=False)

    def _batch(self, rows: Tensor, draws: dict[str, Tensor]) -> tuple[Tensor, Tensor]:
        draws = {name: values.to(self.device, non_blocking=True) for name, values in draws.items()}
        cut = crop_by_stretches if self.device.type == "cpu" else crop
        pixels = self._normalize(cut(self.padded, rows, self.size, self.border, draws))
        return self.augmentation.paint(pixels, draws).to(self.dtype), self.labels.index_select(0, rows)

    def _normalize(self, pixels: Tensor) -> Tensor:
        """(pixel − mean) / deviation of bytes (n, H, W, C): floats (n, C, H, W), channels_last in memory."""
        lines = pixels.flatten(2).to(self._factor.dtype, memory_format=torch.contiguous_format)
        return as_images(torch.addcmul(self._offset, lines, self._factor, out=lines), self.channels)


def generator_for(seed: int, *what: int) -> torch.Generator:
    """A random generator on the CPU, that depends on the seed and on what it is for."""
    state = np.random.SeedSequence([seed, *what]).generate_state(1, np.uint64)
    return torch.Generator().manual_seed(int(state[0]))


def array_of(values: Any) -> Any:
    """A tensor as an array; anything else as it is."""
    return values.detach().cpu().numpy() if isinstance(values, Tensor) else values


def check_image_bytes(images: Any, *, name: str = "images") -> np.ndarray:
    """Images as an array uint8 (N, C, H, W), N ≥ 1; anything else raises `ValueError`."""
    images = array_of(images)
    advice = ""
    if isinstance(images, np.ndarray):
        if images.ndim == 4 and images.shape[3] in (1, 3) and images.shape[1] not in (1, 3):
            advice = f"channels last become channels first with {name}.transpose(0, 3, 1, 2)"
        elif images.dtype == np.uint8 and images.ndim == 4 and images.size:
            return images
        elif images.ndim == 3:
            advice = f"one image is {name}[None]"
        elif images.dtype.kind == "f":
            advice = f"give the bytes 0…255; of floats 0…1 they are np.uint8({name} * 255 + 0.5)"
        elif images.ndim == 2:
            advice = f"rows become images with {name}.reshape(-1, 3, 32, 32)"
    raise mismatch("", name, "uint8 (N, C, H, W), at least one image", shown(images), advice)
