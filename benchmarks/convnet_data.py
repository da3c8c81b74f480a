"""Augmented batches for a convnet: images a second, beside a DataLoader that changes image by image.

Both sides hold as many images as CIFAR-10 has, mirror and shift them at random and normalise them, in batches
of 256; one thread each. The peer is what most code does: a Dataset whose `__getitem__` turns one array into a
Pillow image, augments it and makes it a tensor. A second row has a peer without Pillow, of nothing but the
fewest tensor operations an image; it is told without a target.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from statistics import median

import numpy as np
import torch
from PIL import Image, ImageOps
from torch.nn import functional as F
from torch.utils.data import DataLoader, Dataset

from benchmarks.measure import Row, interleaved, ratios
from lib.convnets.augmentation import Augmentation
from lib.convnets.images import DeviceImages
from lib.training.images import PixelScale

BATCH, SHIFT = 256, 4


def rows(quick: bool) -> Iterator[Row]:
    count, measured, turns = (1_000, 1_000, 1) if quick else (50_000, 8_192, 5)
    rng = np.random.default_rng(0)
    images, labels = rng.integers(0, 256, (count, 3, 32, 32), np.uint8), rng.integers(0, 10, count)
    data = DeviceImages(images, labels, augmentation=Augmentation("random", SHIFT))
    peers = {
        name: DataLoader(OneByOne(images, labels, change(data.scale)), BATCH, shuffle=True)
        for name, change in {"Pillow": with_pillow, "tensors": with_tensors}.items()
    }
    sides: dict[str, Callable[[], object]] = {"ours": lambda: use(data.batches(BATCH), measured)}
    sides |= {name: lambda loader=loader: use(loader, measured) for name, loader in peers.items()}
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        seconds = interleaved(sides, turns=turns)
    finally:
        torch.set_num_threads(threads)
    for name, target in {"Pillow": 10, "tensors": None}.items():
        yield Row(
            f"augmented batches / DataLoader, {name}",
            f"32 × 32, flip, shift of up to {SHIFT}, batches of {BATCH}",
            ratios(seconds[name], seconds["ours"]),
            at_least=target,
            ours=f"{measured / median(seconds['ours']):,.0f}/s",
            peer=f"{measured / median(seconds[name]):,.0f}/s",
        )


def use(batches: Iterable, count: int) -> None:
    """Takes `count` images and more from some batches."""
    for x, _ in batches:
        count -= len(x)
        if count <= 0:
            return


class OneByOne(Dataset):
    """Images of which each is changed when it is asked for."""

    def __init__(self, images: np.ndarray, labels: np.ndarray, change: Callable):
        self.images, self.labels, self.change = images.transpose(0, 2, 3, 1).copy(), labels, change

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: int):
        return self.change(self.images[index]), int(self.labels[index])


def with_pillow(scale: PixelScale) -> Callable:
    """Changes uint8 (32, 32, 3) with Pillow, to floats (3, 32, 32); what a shift brings in is black."""
    mean, deviation = (torch.tensor(value)[:, None, None] for value in (scale.mean, scale.deviation))

    def change(pixels: np.ndarray) -> torch.Tensor:
        image = Image.fromarray(pixels)
        left, top = random.randint(0, 2 * SHIFT), random.randint(0, 2 * SHIFT)
        image = ImageOps.expand(image, SHIFT).crop((left, top, left + 32, top + 32))
        if random.random() < 0.5:
            image = ImageOps.mirror(image)
        x = torch.from_numpy(np.array(image)).permute(2, 0, 1).float()
        return x.sub_(mean).div_(deviation)

    return change


def with_tensors(scale: PixelScale) -> Callable:
    """Changes uint8 (32, 32, 3) with torch, to floats (3, 32, 32)."""
    mean, deviation = (torch.tensor(value)[:, None, None] for value in (scale.mean, scale.deviation))

    def change(pixels: np.ndarray) -> torch.Tensor:
        left, top = random.randint(0, 2 * SHIFT), random.randint(0, 2 * SHIFT)
        x = F.pad(torch.from_numpy(pixels).permute(2, 0, 1).float(), (SHIFT,) * 4, mode="reflect")
        x = x[:, top : top + 32, left : left + 32]
        if random.random() < 0.5:
            x = x.flip(2)
        return (x - mean).div_(deviation)

    return change
