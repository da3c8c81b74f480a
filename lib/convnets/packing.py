"""How the trained nets of the course are made:  python -m lib.convnets.packing NAME

It trains by the command that belongs to the name, and writes the weights alone. That takes minutes, and on
another processor they come out a little different.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import torch
from torch import Tensor

from lib.checks import check_choice
from lib.commands import parse_command
from lib.convnets.checkpoints import read_checkpoint, save_atomically, weights_of
from lib.convnets.command import train
from lib.convnets.datasets import load_named
from lib.convnets.evaluate import accuracy
from lib.convnets.images import DeviceImages
from lib.convnets.learner import TorchLearner
from lib.convnets.models import build_model
from lib.convnets.recipe import RECIPES
from lib.convnets.trained import COMMANDS, FOLDER, FORMAT
from lib.convnets.training import image_kind
from lib.training.images import PixelScale


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
        "data": image_kind(dataset),
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
