"""The training loop: one for every net and every device."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Protocol

from lib.checks import check_whole
from lib.convnets.history import History
from lib.convnets.hooks import Hook
from lib.convnets.learner import Learner
from lib.convnets.losses import Losses
from lib.convnets.recipe import Recipe

EVALUATED = 1000  # images at a time


class Data(Protocol):
    """Images that come in batches, such as `DeviceImages`."""

    def __len__(self) -> int: ...

    def batches(
        self, batch_size: int, *, seed: int, epoch: int, shuffle: bool, rank: int = 0, world: int = 1
    ) -> Iterator[tuple[Any, Any]]:
        """Pairs of images (N, C, H, W) and labels (N,): of `world` equal parts of each batch, part `rank`."""


@dataclass
class Run:
    """A training under way, as hooks see it.

    steps, step: how many there will be, and how many are done
    epoch: how many are finished
    rate: the learning rate of the last step
    losses: those of this epoch
    rank, world: which of how many processes this one is
    """

    learner: Learner
    data: Data
    recipe: Recipe
    validation: Data | None
    seed: int
    hooks: Sequence[Hook]
    steps: int
    step: int = 0
    epoch: int = 0
    rate: float = 0.0
    rank: int = 0
    world: int = 1
    history: History = field(default_factory=History)
    losses: Losses = field(default_factory=lambda: Losses(0, 0))

    def tell(self, moment: str) -> None:
        """Calls one method of every hook."""
        for hook in self.hooks:
            getattr(hook, moment)(self)


def fit(
    learner: Learner,
    data: Data,
    recipe: Recipe,
    *,
    validation: Data | None = None,
    seed: int = 0,
    hooks: Iterable[Hook] = (),
) -> History:
    """Trains a net by a recipe; returns the history. What counts is the net after the last epoch.

    learner: a `TorchLearner` or a `NumpyLearner`
    data: what it learns from
    recipe: how
    validation: images that are only measured, after each epoch; never the test set
    seed: of the order of the images, of their augmentation, and of dropout
    hooks: what else happens: checkpoints, a progress bar, …

    Raises `FloatingPointError` that names the step where the loss is no longer a finite number.
    """
    check_whole(seed, name="seed")
    epoch_steps = math.ceil(len(data) / recipe.batch_size)
    steps = max(round(recipe.epochs * epoch_steps), 1)
    run = Run(learner, data, recipe, validation, seed, tuple(hooks), steps)
    rate = recipe.rate(steps)
    try:
        run.tell("start")
        while run.step < steps:
            start = time.perf_counter()
            run.losses = Losses(run.step, steps)
            learner.begin(seed, run.epoch)
            batches = data.batches(
                recipe.batch_size, seed=seed, epoch=run.epoch, shuffle=True, rank=run.rank, world=run.world
            )
            for images, labels in islice(batches, steps - run.step):
                run.rate = rate(run.step)
                loss = learner.step(images, labels, run.rate)
                run.step += 1
                run.losses.add(loss, learner.hits, len(labels))
                run.tell("after_step")
            run.losses.read()
            run.epoch += 1
            _write_down(run, time.perf_counter() - start)
            run.tell("after_epoch")
    finally:
        run.tell("end")
    return run.history


def _write_down(run: Run, seconds: float) -> None:
    """The row of an epoch in the history."""
    run.history.losses += run.losses.numbers
    run.history.add(
        epoch=run.epoch,
        steps=run.step,
        loss=run.losses.mean,
        train_accuracy=run.losses.accuracy,
        validation_accuracy=None if run.validation is None else _accuracy(run.learner, run.validation),
        learning_rate=run.rate,
        seconds=seconds,
    )


def _accuracy(learner: Learner, data: Data) -> float:
    batches = data.batches(EVALUATED, seed=0, epoch=0, shuffle=False)
    hits = sum(int((learner.scores(x).argmax(1) == y).sum()) for x, y in batches)
    return hits / len(data)
