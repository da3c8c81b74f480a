"""A training from a data set to an accuracy: what `course train` makes ready, and the steps it takes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist

from data_loaders import Dataset
from lib.checks import check_whole
from lib.convnets.augmentation import Augmentation
from lib.convnets.budget import FORWARD
from lib.convnets.checkpoints import read_checkpoint, save_atomically
from lib.convnets.datasets import HARDEST
from lib.convnets.distributed import DistributedLearner
from lib.convnets.durations import said
from lib.convnets.history import History
from lib.convnets.hooks import Hook
from lib.convnets.images import DeviceImages
from lib.convnets.learner import TorchLearner
from lib.convnets.loop import fit
from lib.convnets.models import build_model, whiten
from lib.convnets.probe import SECONDS, Speed, probe
from lib.convnets.recipe import Recipe

VIEWS = 2  # of each test image: as it is, and mirrored
WHITENED = 5000  # images that the stem of `fast` is computed from


@dataclass
class Training:
    """A net, its recipe and its data, on a device.

    net: one of `MODELS`
    data: of the command line, the name of the data set
    images: of the training split, as many as are used; None: all
    held_out: how many of them are for validation

    learner, history: once it has run
    """

    dataset: Dataset
    net: str
    recipe: Recipe
    device: torch.device
    precision: str
    seed: int = 0
    data: str = ""
    images: int | None = None
    held_out: int = 0
    compile: bool = False
    history: History = field(default_factory=History)

    def __post_init__(self) -> None:
        train = self.dataset.train
        if self.images is not None:
            check_whole(
                self.images, name="images", low=2, high=len(train), of="the training images there are"
            )
            train = train.take(self.images)
        check_whole(
            self.held_out, name="validation", high=len(train) - 1, of="one fewer than there are images"
        )
        validation = None
        if self.held_out:
            train, validation = train.split(validation=self.held_out)
        self.train = DeviceImages(
            train.images,
            train.labels,
            device=self.device,
            augmentation=Augmentation.of(self.recipe),
            classes=len(self.dataset.classes),
        )
        self.validation = None if validation is None else self.train.with_same_scale(validation)
        self.learner = self.make_learner()

    @property
    def arguments(self) -> dict[str, Any]:
        """Those of `build_model`."""
        size = self.train.size
        return {"name": self.net, "num_classes": len(self.dataset.classes), "input_size": size[0]}

    def make_learner(self) -> TorchLearner:
        """A fresh net that can learn."""
        model = build_model(**self.arguments, seed=self.seed)
        whiten(model, next(iter(self.train.in_order(WHITENED)))[0].cpu())
        kind = DistributedLearner if dist.is_available() and dist.is_initialized() else TorchLearner
        return kind(model, self.recipe, device=self.device, precision=self.precision, compile=self.compile)

    def __str__(self) -> str:
        """What will be done, as a table."""
        parameters = sum(p.numel() for p in self.learner.model.parameters())
        held = f", {self.held_out:,} held out for validation" if self.held_out else ", no validation"
        rows = {
            "net": f"{self.net}, {parameters:,} parameters",
            "images": f"{len(self.train):,} to learn from{held}",
            "device": f"{self.device}, {self.precision}",
            "seed": str(self.seed),
        }
        return "\n".join([*(f"{name:16} {text}" for name, text in rows.items()), str(self.recipe)])

    def probe(self, seconds: float = SECONDS) -> Speed:
        """How fast it will be here."""
        return speed_of(self.net, self.recipe, self.dataset, self.device, self.precision, seconds)

    @property
    def work(self) -> float:
        """All that it computes, as so many images that are learnt from: validation and test set included."""
        scored = VIEWS * len(self.dataset.test) + self.held_out * self.recipe.epochs
        return len(self.train) * self.recipe.epochs + FORWARD * scored

    def run(self, hooks: Iterable[Hook] = ()) -> History:
        """Trains to the end; the test set has no part in it."""
        self.history = fit(
            self.learner, self.train, self.recipe, validation=self.validation, seed=self.seed, hooks=hooks
        )
        return self.history

    def score_test(self) -> tuple[float, float]:
        """The share of the test images that is right, the number that counts; and with mirrored views."""
        test = self.train.with_same_scale(self.dataset.test, is_test=True)
        return self.history.score_views(self.learner, test)

    def notes(self, **more: Any) -> dict[str, Any]:
        """What a checkpoint should say beside the weights."""
        return {
            "classes": list(self.dataset.classes),
            "data": self.data,
            "kind": image_kind(self.dataset),
            "precision": self.precision,
            "threads": torch.get_num_threads(),
            **more,
        }


def speed_of(
    net: str, recipe: Recipe, dataset: Dataset, device: torch.device, precision: str, seconds: float = SECONDS
) -> Speed:
    """How many images a second a net learns from here."""
    images = dataset.train.images
    classes = len(dataset.classes)

    def build() -> TorchLearner:
        model = build_model(net, classes, images.shape[2])
        return TorchLearner(model, recipe, device=device, precision=precision)

    batch = min(recipe.batch_size, len(images))
    return probe(build, batch, images.shape[1:], device=device, seconds=seconds)


def image_kind(dataset: Dataset) -> str:
    """What its images are, as accuracies on them are told apart."""
    if HARDEST in dataset.origin:
        return f"hard {dataset.name}"
    return f"{dataset.name}{', JPEG copies' if 'JPEG' in dataset.origin else ''}"


def expectation(training: Training, speed: Speed) -> str:
    """How long a training will take here."""
    idle, now = training.work / speed.idle, training.work / speed.now
    text = f"This will take about {said(idle)} here, at {speed}"
    return f"{text}; as busy as it is now, {said(now)}" if speed.busy else text


def add_to_checkpoint(path: Path, history: History, **notes: Any) -> None:
    """Writes the looks at the test set, and what came out, into the checkpoint of a finished training."""
    content = read_checkpoint(path)
    content["history"] = history.state_dict()
    content["notes"] = {**content["notes"], **notes}
    save_atomically(path, content)
