"""Six mistakes that anyone can make in a training, and what each does to the learning curve.

`python -m lib.convnets.studies.switches` trains a healthy net and one with each mistake, five seeds each, in
about seven minutes on one processor, and writes switches.json beside this file. Each mistake is a switch:
one line that differs, and nothing else.
"""

from __future__ import annotations

import json
import math
import sys
import time
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from data_loaders import Split
from lib.checks import check_choice, check_whole
from lib.convnets.augmentation import Augmentation
from lib.convnets.datasets import hard_shapes10
from lib.convnets.device import cpu_fields
from lib.convnets.evaluate import accuracy
from lib.convnets.hooks import Hook
from lib.convnets.images import DeviceImages
from lib.convnets.learner import TorchLearner
from lib.convnets.loop import fit
from lib.convnets.models import build_model, whiten
from lib.convnets.recipe import Recipe
from lib.convnets.run import Run
from lib.files import replacing_text

SEEDS = range(5)
TRAINING, VALIDATION = 1_000, 1_000
WIDTH = 12  # channels of the first stage of `fast`
RECIPE = Recipe(15, 50, 0.5, schedule="cosine", warmup=0.1, flip="random", shift=2)
RATE_TOO_HIGH = 6.0
AT_TEST = Augmentation("random", shift=4, cutout=12, brightness=0.4)
RESULTS = Path(__file__).with_name("switches.json")
HEALTHY = "healthy"
SWITCHES = (  # in an order that tells nothing: their letters in the demo are A to F
    "augmented test images", "no zero_grad", "shuffled labels", "rate too high", "no shuffling",
    "train mode at test",
)  # fmt: skip


class Unshuffled(DeviceImages):
    """Training images that come in the same order in every epoch: class after class, as folders have them."""

    def batches(self, batch_size: int, **options: Any) -> Iterator[tuple[Tensor, Tensor]]:
        return super().batches(batch_size, **(options | {"shuffle": False, "augment": True}))


class ForgottenZeroGrad(TorchLearner):
    """Its gradients are added to those of all steps before."""

    def zero_grad(self) -> None:
        pass


class TrainModeAtTest(TorchLearner):
    """Its batch normalisations take mean and deviation of the images that are tested together."""

    @torch.no_grad()
    def scores(self, images: Tensor) -> Tensor:
        return self._scores(self.model.train(), images)


class Measured(DeviceImages):
    """Validation images in batches of 50, in their order."""

    looks = 0

    def in_order(self, batch_size: int = 50) -> Iterator[tuple[Tensor, Tensor]]:
        return super().in_order(min(batch_size, 50))


class MeasuredAugmented(Measured):
    """Validation images that are augmented, anew at each look."""

    def in_order(self, batch_size: int = 50) -> Iterator[tuple[Tensor, Tensor]]:
        self.looks += 1
        return self.batches(min(batch_size, 50), shuffle=False, augment=True, seed=self.looks)


class MeasuredAgain(Hook):
    """Measures the net of each epoch a second time; keeps the run."""

    def __init__(self) -> None:
        self.accuracies: list[float] = []
        self.run: Any = None

    def start(self, run: Run) -> None:
        self.run = run

    def after_epoch(self, run: Run) -> None:
        self.accuracies.append(accuracy(run.learner, run.validation))


def split(seed: int) -> tuple[Split, Split]:
    """Training and validation images, other ones for each seed; each split class by class."""
    images = training_images()
    rows = np.random.default_rng([seed, 5]).permutation(len(images))[: TRAINING + VALIDATION]
    parts = rows[:TRAINING], rows[TRAINING:]
    first, second = (part[np.argsort(images.labels[part], kind="stable")] for part in parts)
    return images[first], images[second]


@lru_cache(maxsize=1)
def training_images() -> Split:
    """Those of Shapes-10 with every nuisance at its strongest."""
    return hard_shapes10().train


def train_with(switch: str, seed: int, *, epochs: float = RECIPE.epochs) -> dict[str, Any]:
    """One training with one mistake, or with none.

    switch: one of `SWITCHES`, or "healthy"
    seed: of the images, the start values, and the order
    epochs: how many

    Returns loss (of every step), train, validation and again (the validation, measured a second time), each
    0…1 after every epoch; where a loss is no number, None from there on.
    """
    check_choice(switch, (HEALTHY, *SWITCHES), name="switch")
    check_whole(seed, name="seed")
    rate = RATE_TOO_HIGH if switch == "rate too high" else RECIPE.learning_rate
    recipe = RECIPE.replace(epochs=epochs, learning_rate=rate)
    some, others = split(seed)
    labels = some.labels
    if switch == "shuffled labels":
        labels = np.random.default_rng(seed).permutation(labels)
    images = Unshuffled if switch == "no shuffling" else DeviceImages
    learned = images(some.images, labels, augmentation=Augmentation.of(recipe))
    tested = (
        MeasuredAugmented(others.images, others.labels, scale=learned.scale, augmentation=AT_TEST)
        if switch == "augmented test images"
        else Measured(others.images, others.labels, scale=learned.scale)
    )
    model = build_model("fast", seed=seed, width=WIDTH)
    whiten(model, next(iter(learned.in_order(TRAINING)))[0])
    kinds = {"no zero_grad": ForgottenZeroGrad, "train mode at test": TrainModeAtTest}
    learner = kinds.get(switch, TorchLearner)(model, recipe)
    again = MeasuredAgain()
    try:
        fit(learner, learned, recipe, validation=tested, seed=seed, hooks=[again])
    except FloatingPointError as error:
        print(error)
    run = again.run
    columns = run.history.columns
    losses = run.history.losses + (run.losses.numbers if len(run.history.losses) < run.step else [])
    last = round(epochs)
    return {
        "loss": padded(losses, run.steps),
        "train": padded(columns["train_accuracy"], last),
        "validation": padded(columns["validation_accuracy"], last),
        "again": padded(again.accuracies, last),
    }


def padded(numbers: list[float], count: int) -> list[float | None]:
    """So many numbers with three decimals; None for what is missing or no number.

    >>> padded([2.30259, float("nan")], 3)
    [2.303, None, None]
    """
    return [round(number, 3) if math.isfinite(number) else None for number in numbers] + [None] * (
        count - len(numbers)
    )


def read_study(path: Path = RESULTS) -> dict[str, Any]:
    """What is written in switches.json."""
    return json.loads(path.read_text("utf-8"))


def main(path: Path = RESULTS) -> None:
    """Trains all of them, and writes the file after each seed."""
    torch.set_num_threads(1)
    study: dict[str, Any] = {
        "command": "python -m lib.convnets.studies.switches",
        "machine": f"{cpu_fields().get('model name', 'unknown')}, one thread, torch {torch.__version__}",
        "data": "Shapes-10, every nuisance at 1",
        "images": {"training": TRAINING, "validation": VALIDATION},
        "net": {"name": "fast", "width": WIDTH},
        "recipe": RECIPE.as_dict(),
        "rate too high": RATE_TOO_HIGH,
        "seeds": [],
        "cpu_seconds": 0,
        "runs": {switch: [] for switch in (HEALTHY, *SWITCHES)},
    }
    for seed in SEEDS:
        start = time.process_time()
        for switch, runs in study["runs"].items():
            runs.append(train_with(switch, seed))
            last = {name: values[-1] for name, values in runs[-1].items()}
            print(f"seed {seed}, {switch}: {last}", flush=True)
        study["seeds"].append(seed)
        study["cpu_seconds"] += round(time.process_time() - start)
        with replacing_text(path) as file:
            file.write(in_lines(study) + "\n")


def in_lines(study: dict[str, Any]) -> str:
    """JSON with each list of numbers on a line of its own."""
    runs = study["runs"]
    head = json.dumps({**study, "runs": {}}, indent=1, ensure_ascii=False).removesuffix("{}\n}")
    bodies = []
    for switch, trainings in runs.items():
        rows = [
            "  {" + ",\n   ".join(f'"{name}": {json.dumps(values)}' for name, values in run.items()) + "}"
            for run in trainings
        ]
        bodies.append(f" {json.dumps(switch)}: [\n" + ",\n".join(rows) + "\n ]")
    return head + "{\n" + ",\n".join(bodies) + "\n}\n}"


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:2]))
