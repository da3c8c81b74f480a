"""The losses of an epoch, read from the device now and then."""

from __future__ import annotations

import math
import time
from typing import Any

import torch

STEPS, SECONDS = 50, 1.0  # from one reading to the next at most


class Losses:
    """Losses and hits of one epoch. Reading them makes the loop wait for a GPU, so it happens seldom.

    before: how many steps were done before this epoch
    total: of the whole training

    numbers: the losses read so far, one a step
    """

    def __init__(self, before: int, total: int):
        self.before, self.total = before, total
        self.numbers: list[float] = []
        self.hits = self.images = 0
        self.weighted = 0.0
        self.waiting: list[tuple[Any, Any, Any]] = []
        self.read_at = time.monotonic()

    def add(self, loss: Any, hits: Any, count: Any) -> None:
        """The loss of a step, and how many of its `count` images were right; may read all that wait."""
        self.waiting.append((loss, hits, count))
        often = len(self.waiting) >= STEPS or time.monotonic() - self.read_at > SECONDS
        if often or not self.numbers:  # the first tells whether it starts well
            self.read()

    def read(self) -> None:
        """Waits for the device; raises `FloatingPointError` that names the first step of no finite loss."""
        if not self.waiting:
            return
        losses, hits, counts = zip(*self.waiting, strict=True)
        self.waiting = []
        for loss, hit, count in zip(*map(_numbers, (losses, hits, counts)), strict=True):
            self.numbers.append(loss)
            if not math.isfinite(loss):
                step = self.before + len(self.numbers)
                raise FloatingPointError(
                    f"loss: expected a finite number, got {loss} at step {step} of {self.total}; "
                    "lower learning_rate, or let it rise more slowly (warmup)"
                )
            self.weighted += loss * count
            self.hits += int(hit)
            self.images += int(count)
        self.read_at = time.monotonic()

    @property
    def mean(self) -> float:
        """Of the losses read so far, over images."""
        return self.weighted / max(self.images, 1)

    @property
    def accuracy(self) -> float:
        """The share of the images seen so far that were right when they were seen: 0…1."""
        return self.hits / max(self.images, 1)


def _numbers(values: tuple[Any, ...]) -> list[float]:
    return torch.stack(values).tolist() if isinstance(values[0], torch.Tensor) else [float(v) for v in values]
