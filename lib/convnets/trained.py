"""Trained nets that come with the course, so that filters, feature maps and mistakes are there at once.

Each was made by the command that its facts name, see packing.py. The one for CIFAR-10 has learnt from JPEG
copies of the images, and its accuracy is on such copies.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import nn

from lib.checks import check_choice
from lib.convnets.checkpoints import check_fits
from lib.convnets.models import build_model
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
