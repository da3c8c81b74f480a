"""The losses of an epoch, read from the device now and then."""

from __future__ import annotations

import math
import time
from typing import Any

import torch

STEPS, SECONDS = 50, 1.0  # from one reading to the next at most


class Losses:
    """Losses and hits of one epoch. Reading them makes the loop wait for a GPU, so it happens seldom.

    total: the steps of the whole training

    numbers: the losses read so far, one a step
    """

    def __init__(self, total: int):
        self.total = total
        self.numbers: list[float] = []
        self.hits = self.images = 0
        self.weighted = 0.0
        self.waiting: list[tuple[int, Any, Any, Any]] = []
        self.read_at = time.monotonic()

    def add(self, step: int, loss: Any, hits: Any, count: Any) -> None:
        """The loss of a step, counted from 1, and how many of its `count` images were right; may read all."""
        self.waiting.append((step, loss, hits, count))
        often = len(self.waiting) >= STEPS or time.monotonic() - self.read_at > SECONDS
        if often or not self.numbers:  # the first tells whether it starts well
            self.read()

    def read(self) -> None:
        """Waits for the device; raises `FloatingPointError` that names the first step of no finite loss."""
        if not self.waiting:
            return
        steps, *values = zip(*self.waiting, strict=True)
        self.waiting = []
        for step, loss, hit, count in zip(steps, *map(_numbers, values), strict=True):
            self.numbers.append(loss)
            if not math.isfinite(loss):
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
