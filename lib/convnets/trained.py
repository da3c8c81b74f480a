"""Trained nets that come with the course, so that filters, feature maps and mistakes are there at once.

Each was made by the command that its facts name. `python -m lib.convnets.trained NAME` runs it and writes the
weights anew; that takes minutes, and on another processor the weights come out a little different.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from lib.checks import check_choice
from lib.commands import parse_command
from lib.convnets.checkpoints import check_fits, read_checkpoint, save_atomically, weights_of
from lib.convnets.command import train
from lib.convnets.datasets import load_named
from lib.convnets.evaluate import accuracy
from lib.convnets.images import DeviceImages
from lib.convnets.learner import TorchLearner
from lib.convnets.models import build_model
from lib.convnets.recipe import RECIPES
from lib.convnets.training import kind_of
from lib.training.images import PixelScale

FOLDER = Path(__file__).parent / "weights"
FORMAT = "deep-vision-course weights 1"
COMMANDS = {
    "fast_half_shapes10_hard": "course train fast_half --data shapes10-hard --epochs 3 --batch-size 256 "
    "--validation 1000 --seed 0 --threads 1",
    "fast_half_cifar10": "course train fast_half --data cifar10 --epochs 4 --batch-size 256 "
    "--validation 1000 --seed 0 --threads 1",
}


class Trained(NamedTuple):
    """A trained net and what belongs to it.

    model: in evaluation mode, on the CPU: scores (N, classes) of images that `scale` has made floats
    scale: of the training images
    classes: their names
    facts: name of the net, data, seed, command, and accuracy on the test images, of these very weights
    """

    model: nn.Module
    scale: PixelScale
    classes: tuple[str, ...]
    facts: dict[str, Any]


def trained(name: str = "fast_half_shapes10_hard") -> Trained:
    """One of the trained nets that come with the course.

    name: one of `COMMANDS`

    >>> model, scale, classes, facts = trained("fast_half_shapes10_hard")
    >>> classes[0], facts["net"]
    ('disc', 'fast_half')
    """
    check_choice(name, tuple(COMMANDS), name="name", owner="trained")
    path = FOLDER / f"{name}.pt"
    content = torch.load(path, map_location="cpu", weights_only=True)
    model = build_model(**content["net"])
    check_fits(content["weights"], model.state_dict(), path)
    model.load_state_dict(content["weights"])  # of 16 bits, into 32
    scale = PixelScale(*(tuple(content["scale"][part]) for part in ("mean", "deviation")))
    return Trained(model.eval(), scale, tuple(content["classes"]), content["facts"])


def make(name: str) -> None:
    """Trains one of them anew, and writes its weights."""
    with tempfile.TemporaryDirectory() as folder:
        checkpoint = Path(folder) / "trained.pt"
        args, _ = parse_command([*COMMANDS[name].split()[1:], "--checkpoint", str(checkpoint)])
        args.begun = time.perf_counter()
        if train(args) == 0:
            pack(checkpoint, FOLDER / f"{name}.pt", command=COMMANDS[name])


def pack(checkpoint: Path, path: Path, *, command: str) -> None:
    """Writes the weights of a training alone, those of filters and matrices in 16 bits: a seventh of it."""
    content = read_checkpoint(checkpoint)
    weights = {name: _short(tensor) for name, tensor in weights_of(content).items()}
    notes = content["notes"]
    model = build_model(**content["net"])
    model.load_state_dict(weights)
    scale = PixelScale(*(tuple(content["scale"][part]) for part in ("mean", "deviation")))
    dataset = load_named(notes["data"])
    test = dataset.test
    images = DeviceImages(test.images, test.labels, scale=scale, classes=len(notes["classes"]))
    facts = {
        "net": content["net"]["name"],
        "data": kind_of(dataset),
        "seed": content["training"]["seed"],
        "command": command,
        "recipe": content["training"]["recipe"],
        "seconds": sum(content["history"]["columns"]["seconds"]),
        "accuracy_before_rounding": notes["test_accuracy"],
        "accuracy": accuracy(TorchLearner(model, RECIPES["linear"]), images),
    }
    save_atomically(
        path,
        {
            "format": FORMAT,
            "net": content["net"],
            "weights": weights,
            "scale": content["scale"],
            "classes": notes["classes"],
            "facts": facts,
        },
    )
    print(f"{path}: {path.stat().st_size / 2**20:.2f} MiB, {facts['accuracy']:.2%} of the test images")


def _short(tensor: Tensor) -> Tensor:
    """What decides is in the filters; means and variances are few, and keep their 32 bits."""
    return tensor.to(torch.bfloat16) if tensor.is_floating_point() and tensor.ndim > 1 else tensor


if __name__ == "__main__":
    make(check_choice(" ".join(sys.argv[1:]), tuple(COMMANDS), name="NAME"))
