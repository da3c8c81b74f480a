"""Does depth help? Nets of 20 and 56 layers, with skips and without, trained alike.

`python -m lib.convnets.studies.depth` trains all four with five seeds, in about twelve minutes on one
processor, and writes depth.json beside this file after each training; what is there already it leaves. Images
and nets are small, so that it can be repeated: 16 × 16 pixels, 8 channels in the first stage instead of 16.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch

from data_loaders import load_shapes10
from lib.convnets.augmentation import Augmentation
from lib.convnets.device import device_name
from lib.convnets.images import DeviceImages
from lib.convnets.learner import TorchLearner
from lib.convnets.loop import fit
from lib.convnets.models import build_model
from lib.convnets.recipe import Recipe
from lib.files import replacing_text

NETS = ("plain20", "plain56", "resnet20", "resnet56")
SEEDS = range(5)
PIXELS, WIDTH = 16, 8
TRAINING, VALIDATION = 4_000, 1_000
RECIPE = Recipe(16, 64, 0.1, flip="random", shift=1)
RESULTS = Path(__file__).with_name("depth.json")
KEPT = ("loss", "train_accuracy", "validation_accuracy")


def small_images() -> tuple[DeviceImages, DeviceImages]:
    """Training and validation images: Shapes-10 with every nuisance at 1, each 2 × 2 pixels made one."""
    train = load_shapes10(
        illumination=1, viewpoint=1, occlusion=1, deformation=1, clutter=1, variation=1, scale=1
    ).train
    images, labels = halved(train.images[: TRAINING + VALIDATION]), train.labels[: TRAINING + VALIDATION]
    changes = Augmentation.of(RECIPE)
    learned = DeviceImages(images[:TRAINING], labels[:TRAINING], classes=10, augmentation=changes)
    rest = DeviceImages(images[TRAINING:], labels[TRAINING:], scale=learned.scale, classes=10)
    return learned, rest


def halved(images: np.ndarray) -> np.ndarray:
    """Images at half the height and width: uint8 (N, C, H, W) → (N, C, H/2, W/2), means of 2 × 2 pixels.

    >>> halved(np.array([[[[0, 4], [8, 4]]]], np.uint8))
    array([[[[4]]]], dtype=uint8)
    """
    n, c, h, w = images.shape
    means = images.reshape(n, c, h // 2, 2, w // 2, 2).mean(axis=(3, 5))
    return np.round(means).astype(np.uint8)


def train_net(name: str, seed: int, learned: DeviceImages, rest: DeviceImages) -> dict[str, Any]:
    """One training: its numbers after each epoch, and how long the processor worked at it."""
    model = build_model(name, 10, PIXELS, seed=seed, width=WIDTH)
    start = time.process_time()
    history = fit(TorchLearner(model, RECIPE), learned, RECIPE, validation=rest, seed=seed)
    columns = {key: [round(number, 4) for number in history.columns[key]] for key in KEPT}
    return {"net": name, "seed": seed, "cpu_seconds": round(time.process_time() - start), **columns}


def results(path: Path = RESULTS) -> dict[str, Any]:
    """What is written in depth.json."""
    return json.loads(path.read_text("utf-8"))


def curves_of(column: str, path: Path = RESULTS) -> dict[str, np.ndarray]:
    """One column of all trainings: net → (seeds, epochs).

    column: "loss", "train_accuracy" or "validation_accuracy"
    """
    runs = results(path)["runs"]
    return {name: np.array([run[column] for run in runs if run["net"] == name]) for name in NETS}


def main(path: Path = RESULTS) -> None:
    """Trains what is not in the file yet, one seed of all nets after the other."""
    torch.set_num_threads(1)
    learned, rest = small_images()
    study: dict[str, Any] = {
        "command": "python -m lib.convnets.studies.depth",
        "machine": f"{device_name(torch.device('cpu'))}, one thread, torch {torch.__version__}",
        "data": f"Shapes-10, every nuisance at 1, {PIXELS} × {PIXELS} pixels",
        "images": {"training": TRAINING, "validation": VALIDATION},
        "width": WIDTH,
        "recipe": RECIPE.as_dict(),
        "runs": [],
    }
    if path.exists():
        study["runs"] = results(path)["runs"]
    done = {(run["net"], run["seed"]) for run in study["runs"]}
    for seed in SEEDS:
        for name in NETS:
            if (name, seed) in done:
                continue
            run = train_net(name, seed, learned, rest)
            study["runs"].append(run)
            with replacing_text(path) as file:
                file.write(json.dumps(study, indent=1, ensure_ascii=False) + "\n")
            last = ", ".join(f"{key} {run[key][-1]}" for key in KEPT)
            print(f"{name}, seed {seed}: {last}, {run['cpu_seconds']} s", flush=True)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:2]))
