"""The seven nuisances as sliders on a generated picture, and a hand-coded classifier that breaks."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from data_loaders.shapes10 import CLASSES, render
from lib import plots
from lib.checks import check_choice
from lib.classifiers import hand_coded
from lib.demos.kit import Choice, Demo, Slider, shows
from lib.demos.kit.screen import NumberGrid, Screen, dots

SIZE = 64  # pixels on a side of the picture
SIDE = 5  # of the patch whose numbers are shown
CORNER = (30, 45)  # its upper left pixel: row, column
SEED = 3


class Nuisances(NamedTuple):
    """One picture and what the rules make of it.

    picture: uint8 (SIZE, SIZE, 3)
    seen: what the rules look at, its mask bool (SIZE, SIZE)
    shape, verdict: the true class and the one by the rules
    patch: uint8 (SIDE, SIDE), red values of the pixels at CORNER
    changed: how many of the SIZE · SIZE · 3 numbers differ from those of the clean picture
    """

    picture: np.ndarray
    seen: hand_coded.Silhouette
    shape: str
    verdict: str
    patch: np.ndarray
    changed: int


def compute(shape: str, **strengths: float) -> Nuisances:
    """The picture of a shape under nuisances, and the verdict of the hand-coded classifier.

    shape: one of `CLASSES`
    strengths: illumination, viewpoint, occlusion, deformation, clutter, variation, scale, as `render`
        takes them; those left out are 0
    """
    check_choice(shape, CLASSES, name="shape")
    image = render(shape, seed=SEED, size=SIZE, **strengths)
    clean = render(shape, seed=SEED, size=SIZE)
    seen = hand_coded.measure(image)
    row, column = CORNER
    return Nuisances(
        picture=np.moveaxis(image, 0, -1),
        seen=seen,
        shape=shape,
        verdict=hand_coded.decide(seen),
        patch=image[0, row : row + SIDE, column : column + SIDE],
        changed=int(np.count_nonzero(image != clean)),
    )


def nuisance(low: float, label: str | None = None) -> Slider:
    return Slider(low, 1.0, start=0.0, step=0.05, label=label)


class NuisancesDemo(Demo):
    title = "Seven ways to change the numbers and not the label"
    alt = (
        "Left, a picture of a shape; in the middle, the silhouette that the hand-coded rules cut out of it "
        "and their verdict; right, the red values of the 5 × 5 pixels in the white frame."
    )
    size = (10, 4.2)
    shape = Choice(CLASSES, start="square")
    illumination = nuisance(-1.0)
    viewpoint = nuisance(-1.0)
    occlusion = nuisance(0.0)
    deformation = nuisance(-1.0)
    clutter = nuisance(0.0, "background clutter")
    variation = nuisance(-1.0, "intra-class variation")
    scale = nuisance(-1.0)
    presets = {
        "Turned a little": {"viewpoint": 0.25},
        "Half hidden": {"occlusion": 0.7},
        "Busy background": {"clutter": 1.0},
        "All at once": {
            "illumination": -0.4,
            "viewpoint": 0.4,
            "occlusion": 0.4,
            "deformation": 0.5,
            "clutter": 0.6,
            "variation": 0.5,
            "scale": -0.2,
        },
    }

    def compute(self, **values: Any) -> Nuisances:
        return compute(**values)

    def arrange(self, figure: Figure) -> tuple[Axes, Axes, Axes]:
        figure.text(0.83, 0.92, "what the computer sees: red", ha="center", fontsize=14)
        return dots(figure, 10, 60, 320), dots(figure, 345, 60, 320), dots(figure, 680, 70, 300)

    def draw(self, axes: tuple[Axes, Axes, Axes]) -> None:
        left, middle, right = axes
        self.picture, self.mask = Screen(left, (SIZE, SIZE)), Screen(middle, (SIZE, SIZE))
        row, column = CORNER
        frame = Rectangle((column - 0.5, row - 0.5), SIDE, SIDE, fill=False, edgecolor="white", lw=2)
        left.add_patch(frame)
        self.numbers = NumberGrid(right, SIDE)
        self.truth, self.verdict = left.set_title(""), middle.set_title("", fontweight="bold")
        below: dict[str, Any] = {"ha": "center", "va": "top", "fontsize": 13}
        self.findings = middle.text(0.5, -0.04, "", transform=middle.transAxes, **below)
        self.count = right.text(0.5, -0.08, "", transform=right.transAxes, **below)

    def update(self, state: Nuisances) -> None:
        seen, right = state.seen, state.verdict == state.shape
        self.picture.set_data(state.picture)
        self.mask.set_data(seen.mask[..., None].repeat(3, axis=2) * np.uint8(255))
        self.numbers.set(state.patch[..., None].repeat(3, axis=2), state.patch[..., None])
        self.truth.set_text(f"it is: {state.shape}")
        self.verdict.set_text(f"rules say: {state.verdict} {'✓' if right else '✗'}")
        self.verdict.set_color(plots.COLORS[2 if right else 5])
        self.findings.set_text(f"holes {seen.holes}, corners {seen.corners}, fill {seen.fill:.2f}")
        self.count.set_text(f"{state.changed:,} of {SIZE * SIZE * 3:,} changed")


show = shows(NuisancesDemo)
