"""A training under way: what the loop keeps of it, and what it asks of the data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from lib.checks import mismatch, shown
from lib.convnets.history import History
from lib.convnets.hooks import Hook
from lib.convnets.learner import Learner
from lib.convnets.losses import Losses
from lib.convnets.recipe import Recipe


class Data(Protocol):
    """Images that come in batches, such as `DeviceImages`."""

    labels: Any

    def __len__(self) -> int: ...

    def starts(self, batch_size: int, *, world: int = 1) -> Sequence[int]:
        """Where each batch of an epoch begins: one number a step."""

    def batches(
        self, batch_size: int, *, seed: int, epoch: int, rank: int = 0, world: int = 1
    ) -> Iterator[tuple[Any, Any]]:
        """An epoch: images (n, C, H, W) with labels (n,); the part `rank` of `world` parts of each batch."""

    def in_order(self, batch_size: int = 1000) -> Iterator[tuple[Any, Any]]:
        """All images as they are, to evaluate a net."""


@dataclass
class Run:
    """A training under way, as hooks see it.

    steps, step: how many there will be, and how many are done
    epoch, epoch_steps: how many are finished, and of how many steps each is
    rate: the learning rate of the last step
    losses: those of the epoch under way
    """

    learner: Learner
    data: Data
    recipe: Recipe
    validation: Data | None
    seed: int
    hooks: Sequence[Hook]
    epoch_steps: int
    steps: int
    step: int = 0
    epoch: int = 0
    rate: float = 0.0
    history: History = field(default_factory=History)
    losses: Losses = field(default_factory=lambda: Losses(0))

    def tell(self, moment: str) -> None:
        """Calls one method of every hook."""
        for hook in self.hooks:
            getattr(hook, moment)(self)


def check_parts(learner: Any, data: Any, recipe: Any, hooks: Any) -> list[Hook]:
    """Raises `ValueError` where what `fit` was given is something else; returns the hooks."""
    if not hasattr(learner, "begin"):
        advice = "TorchLearner(model, recipe) makes one of a net"
        raise mismatch("fit", "learner", "a TorchLearner or a NumpyLearner", shown(learner), advice)
    if not hasattr(data, "batches"):
        advice = "DeviceImages(split.images, split.labels) makes them of a split"
        raise mismatch("fit", "data", "images that come in batches", shown(data), advice)
    if not isinstance(recipe, Recipe):
        raise mismatch("fit", "recipe", "a Recipe, such as RECIPES['small']", shown(recipe))
    found: list[Any] = list(hooks) if isinstance(hooks, Iterable) else [None]
    if not all(isinstance(hook, Hook) for hook in found):
        raise mismatch("fit", "hooks", "a list of hooks, such as [Live()]", shown(hooks))
    return found
