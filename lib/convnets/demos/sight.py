"""What a trained net sees, looks at and wants to see, for a few pictures; what is slow is computed once."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from typing import Any, NamedTuple, TypeVar

import numpy as np

from data_loaders import Split
from data_loaders.shapes10 import NUISANCES, generate
from lib.convnets import explain
from lib.convnets.explain import Ascent
from lib.convnets.trained import Trained

PICTURES = 24
PIXELS = 32  # of a picture's sides
ANOTHER_SEED = 1  # of pictures that no net was trained on or tested with
METHODS = ("Grad-CAM", "saliency", "occlusion", "noise")
STRIDE = 6  # pixels from one place of the hiding square to the next, for its map
STEPS = 60  # of the growing picture
WISH: dict[str, Any] = {"jitter": 3, "smooth": 4}  # it becomes a shape rather than fine noise
REMEMBERED = 400
Made = TypeVar("Made")


class Sighting(NamedTuple):
    """A picture as the net sees it, and why it answers as it does.

    image: (3, 32, 32), from 0 to 1, with noise, and a part of it hidden
    hidden: row, column and side of the square that hides it
    direction: −1, 0 or 1, (3, 32, 32), of the noise
    before, now: what the net says about the picture as it was, and about this one, (classes,)
    label: the class that is explained
    truth: the true one
    method: one of METHODS
    heat: what this method finds, (32, 32), the largest 1 in size; of "noise", 0
    layer: what Grad-CAM looks at
    dream: the picture that grows into the class
    """

    image: np.ndarray
    hidden: tuple[int, int, int]
    direction: np.ndarray
    before: np.ndarray
    now: np.ndarray
    label: int
    truth: int
    method: str
    heat: np.ndarray
    layer: str
    dream: Ascent


def new_pictures() -> Split:
    """Pictures of hard Shapes-10 that are in no one's training or test set."""
    return generate(ANOTHER_SEED, dict.fromkeys(NUISANCES, 1.0), train=10, test=PICTURES).test


class Sight:
    """A net that takes pixels, some pictures, and what was computed about them.

    net: trained, with its scale
    pictures: uint8 (N, 3, 32, 32), with labels
    """

    def __init__(self, net: Trained, pictures: Split):
        mean, deviation = (np.array(part) / 255 for part in (net.scale.mean, net.scale.deviation))
        self.model = explain.FromPixels(net.model, mean, deviation).eval()
        self.images = pictures.images.astype(np.float32) / 255
        self.labels = pictures.labels
        self.layers = [
            name for name in explain.layers_with_maps(self.model, self.images[0]) if is_shown(name)
        ]
        self._known: dict[Hashable, Any] = {}
        self._growing: dict[int, tuple[list[Ascent], Iterator[Ascent]]] = {}

    def once(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """What was made for this key; the oldest is forgotten."""
        if key not in self._known:
            if len(self._known) >= REMEMBERED:
                del self._known[next(iter(self._known))]
            self._known[key] = make()
        return self._known[key]

    def says(self, image: np.ndarray) -> np.ndarray:
        """Probabilities of the classes."""
        return explain.probabilities(self.model, image)

    def before(self, picture: int) -> np.ndarray:
        """What it says about the picture itself."""
        return self.once(("says", picture), lambda: self.says(self.images[picture]))

    def direction(self, picture: int, wanted: int | None) -> np.ndarray:
        """Of the noise: away from the net's answer, or, where a class is wanted, towards that."""
        targeted = wanted is not None
        return self.once(
            ("noise", picture, wanted),
            lambda: explain.fgsm_direction(self.model, self.images[picture], wanted, targeted=targeted),
        )

    def dream(self, label: int, step: int) -> Ascent:
        """The picture that grows into a class, after so many steps; the steps before are kept."""
        if label not in self._growing:
            self._growing[label] = ([], explain.ascend(self.model, label, steps=STEPS, size=PIXELS, **WISH))
        grown, growing = self._growing[label]
        while len(grown) <= step:
            grown.append(next(growing))
        return grown[step]

    def heat(
        self, method: str, image: np.ndarray, picture: int, label: int, layer: str, side: int
    ) -> np.ndarray:
        """Where the evidence for a class lies, (32, 32), the largest 1 in size."""
        if method == "Grad-CAM":
            found = explain.grad_cam(self.model, image, layer, label)
        elif method == "saliency":
            found = explain.heat_of(explain.saliency(self.model, image, label))
        elif method == "occlusion":
            found = self.once(("hide", picture, label, side), lambda: self.falls(picture, label, side))
        else:
            found = np.zeros((PIXELS, PIXELS))
        return found / max(float(np.abs(found).max()), 1e-12)

    def falls(self, picture: int, label: int, side: int) -> np.ndarray:
        """By how much the class becomes less probable where a square hides the picture itself, (32, 32)."""
        size = max(side, STRIDE)
        falls = explain.occlusion(self.model, self.images[picture], label, size=size, stride=STRIDE)
        return explain.spread(falls, (PIXELS, PIXELS), size=size, stride=STRIDE)

    def look(
        self,
        picture: int,
        wanted: int | None,
        method: str,
        layer: int,
        row: int,
        column: int,
        side: int,
        epsilon: float,
        step: int,
    ) -> Sighting:
        """All of it at once.

        picture: its number
        wanted: the class that is explained; None for what the net says about the picture itself
        method: one of METHODS
        layer: which of `layers` Grad-CAM looks at, from 0
        row, column, side: of the square; side 0 hides nothing
        epsilon: of the noise, from 0 to 1
        step: of the growing picture
        """
        before = self.before(picture)
        label = int(before.argmax()) if wanted is None else wanted
        direction = self.direction(picture, wanted)
        image = explain.perturb(self.images[picture], direction, epsilon)
        if side:
            image = explain.occlude(image, row, column, size=side)
        return Sighting(
            image=image,
            hidden=(row, column, side),
            direction=direction,
            before=before,
            now=self.says(image) if side or epsilon else before,
            label=label,
            truth=int(self.labels[picture]),
            method=method,
            heat=self.heat(method, image, picture, label, self.layers[layer], side),
            layer=self.layers[layer],
            dream=self.dream(label, step),
        )


def is_shown(name: str) -> bool:
    """Of `fast`: the stem, and each stage behind an activation."""
    return name == "stages.0" or name.endswith((".3", ".6"))
