"""Two very small nets side by side, one with a trick of `fast` and one without: the losses of a few steps."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import count, islice

import numpy as np
import torch

from data_loaders.shapes10 import NUISANCES, generate
from lib.convnets.augmentation import Augmentation
from lib.convnets.device import precision_for
from lib.convnets.ema import EMA
from lib.convnets.images import DeviceImages
from lib.convnets.learner import TorchLearner
from lib.convnets.models import build_model, whiten
from lib.convnets.recipe import RECIPES
from lib.convnets.run import Run
from lib.convnets.tricks import Trick

WIDTH, BATCH, IMAGES, HELD_OUT = 8, 48, 480, 128
LAST = 30  # steps
STRENGTH = 0.5  # of every nuisance: so few steps must be enough


@lru_cache(maxsize=1)
def pictures() -> tuple[DeviceImages, torch.Tensor, torch.Tensor]:
    """Training images, and images (128, 3, 32, 32) with labels that are never trained on."""
    made = generate(0, dict.fromkeys(NUISANCES, STRENGTH), train=IMAGES, test=HELD_OUT)
    train = DeviceImages(made.train.images, made.train.labels)
    held_out = DeviceImages(made.test.images, made.test.labels, scale=train.scale)
    return train, *next(iter(held_out.in_order()))


class Racer:
    """A net under way.

    trick: the change of the base; `Trick("")` for the base itself

    losses: on the images that are held out, after each step: mean cross-entropy against plain targets, so
        that it can be compared whatever the training's own loss is
    """

    def __init__(self, trick: Trick):
        base = RECIPES["fast"].replace(batch_size=BATCH, epochs=LAST * BATCH / IMAGES)
        self.recipe, self.trick = trick.recipe(base), trick
        model = build_model("fast", seed=0, width=WIDTH, **trick.options)
        trick.edit(model)
        plain, self.x, self.y = pictures()
        self.data = DeviceImages(
            plain.padded.permute(0, 3, 1, 2), plain.labels, augmentation=Augmentation.of(self.recipe)
        )
        whiten(model, next(iter(self.data.in_order()))[0])
        self.learner = TorchLearner(model, self.recipe, precision=trick.precision or precision_for("cpu"))
        self.run = Run(self.learner, self.data, self.recipe, None, 0, [], 1, LAST)
        self.average = EMA(self.recipe.ema) if self.recipe.ema else None
        if self.average:
            self.average.start(self.run)
        self.rate = self.recipe.rate(LAST)
        self.batches = self.endless()
        self.losses = [self.measured()]

    def endless(self) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        """Batches, epoch after epoch."""
        for epoch in count():
            yield from self.data.batches(self.recipe.batch_size, seed=0, epoch=epoch)

    def measured(self) -> float:
        """The loss on the images that are held out."""
        scores = self.learner.scores(self.x)
        if self.trick.mirrored:
            scores = (scores + self.learner.scores(self.x.flip(3))) / 2
        return torch.nn.functional.cross_entropy(scores.float(), self.y).item()

    def until(self, step: int) -> np.ndarray:
        """The losses before the first step and after each of so many, (step + 1,)."""
        for x, y in islice(self.batches, max(step + 1 - len(self.losses), 0)):
            self.learner.step(x, y, self.rate(self.run.step))
            self.run.step += 1
            if self.average:
                self.average.after_step(self.run)
            self.losses.append(self.measured())
        return np.array(self.losses[: step + 1])
