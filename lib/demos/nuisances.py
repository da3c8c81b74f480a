"""The seven nuisances as sliders on a generated picture, and a hand-coded classifier that breaks."""

from __future__ import annotations

from functools import lru_cache
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
from lib.demos.kit.track import Track

SIZE = 64  # pixels on a side of the picture
SIDE = 5  # of the patch whose numbers are shown
CORNER = (30, 45)  # its upper left pixel: row, column
SEED = 3
# What this seed has drawn for `render`: the pictures are those of the data set, so nothing is asked from it.
FROM = np.array([0.7171, -0.6969])  # whence the occluder comes: right and up, in half pictures
PUSH = np.array([-0.8830, 0.8326])  # where viewpoint 2 would push the shape


class Nuisances(NamedTuple):
    """One picture and what the rules make of it.

    picture: uint8 (SIZE, SIZE, 3)
    seen: what the rules look at, its mask bool (SIZE, SIZE)
    shape, verdict: the true class and the one by the rules
    patch: uint8 (SIDE, SIDE), red values of the pixels at CORNER
    changed: how many of the SIZE · SIZE · 3 numbers differ from those of the clean picture
    strengths: of the nuisances
    """

    picture: np.ndarray
    seen: hand_coded.Silhouette
    shape: str
    verdict: str
    patch: np.ndarray
    changed: int
    strengths: dict[str, float]


def compute(shape: str, **strengths: float) -> Nuisances:
    """The picture of a shape under nuisances, and the verdict of the hand-coded classifier.

    shape: one of `CLASSES`
    strengths: illumination, viewpoint, occlusion, deformation, clutter, variation, scale, as `render`
        takes them; those left out are 0
    """
    check_choice(shape, CLASSES, name="shape")
    image = render(shape, seed=SEED, size=SIZE, **strengths)
    seen = hand_coded.measure(image)
    row, column = CORNER
    return Nuisances(
        picture=np.moveaxis(image, 0, -1),
        seen=seen,
        shape=shape,
        verdict=hand_coded.decide(seen),
        patch=image[0, row : row + SIDE, column : column + SIDE],
        changed=int(np.count_nonzero(image != clean(shape))),
        strengths=strengths,
    )


@lru_cache(maxsize=len(CLASSES))
def clean(shape: str) -> np.ndarray:
    """The picture without any nuisance: uint8 (3, SIZE, SIZE)."""
    return render(shape, seed=SEED, size=SIZE)


def nuisance(low: float, label: str | None = None) -> Slider:
    return Slider(low, 1.0, start=0.0, step=0.05, label=label)


class NuisancesDemo(Demo):
    title = "Seven ways to change the numbers and not the label"
    alt = (
        "Left, a picture of a shape; in the middle, the silhouette that the hand-coded rules cut out of it "
        "and their verdict; right, the red values of the 5 × 5 pixels in the white frame."
    )
    ask = "Predict, then drag the white dots: what fools the rules first, and what never does?"
    size = (10, 3.75)
    tall_size = (5.0, 6.9)
    shape = Choice(CLASSES, start="square")
    illumination = nuisance(-1.0)
    viewpoint = nuisance(-1.0)
    occlusion = nuisance(0.0)
    deformation = nuisance(-1.0)
    clutter = nuisance(0.0, "background clutter")
    variation = nuisance(-1.0, "intra-class variation")
    scale = nuisance(-1.0)
    occluder = Track("occlusion", along="rim_of_occluder", axes="left", label="the occluder")
    size_of_shape = Track("scale", along="rim_of_shape", axes="left", label="the size")
    middle = Track("viewpoint", along="middle_of_shape", axes="left", label="the shape")
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
        wide = (8, 12, 322), (339, 12, 322), (670, 12, 322)
        tall = (8, 405, 238), (254, 405, 238), (95, 12, 310)
        left, middle, right = (dots(figure, *place) for place in (tall if self.tall else wide))
        return left, middle, right

    def draw(self, axes: tuple[Axes, Axes, Axes]) -> None:
        self.left, middle, right = axes
        self.picture, self.mask = Screen(self.left, (SIZE, SIZE)), Screen(middle, (SIZE, SIZE))
        row, column = CORNER
        frame = Rectangle((column - 0.5, row - 0.5), SIDE, SIDE, fill=False, edgecolor="white", lw=2)
        self.left.add_patch(frame)
        look: dict[str, Any] = {"markersize": 9, "markeredgewidth": 1.5, "clip_on": False}
        self.knobs = self.left.plot([], [], "o", color="white", markeredgecolor="black", **look)[0]
        self.numbers = NumberGrid(right, SIDE)
        self.truth, self.verdict = self.left.set_title(""), middle.set_title("", fontweight="bold")
        right.set_title("for the computer: red")

    def update(self, state: Nuisances) -> None:
        self.state = state
        right = state.verdict == state.shape
        self.picture.set_data(state.picture)
        self.mask.set_data(state.seen.mask[..., None].repeat(3, axis=2) * np.uint8(255))
        self.numbers.fill(state.patch[..., None].repeat(3, axis=2), state.patch[..., None])
        self.truth.set_text(f"it is: {state.shape}")
        self.verdict.set_text(f"rules say: {state.verdict} {'✓' if right else '✗'}")
        self.verdict.set_color(plots.COLORS[2 if right else 5])
        places = [
            place(state.strengths.get(name, 0.0))
            for name, place in (
                ("occlusion", self.rim_of_occluder),
                ("scale", self.rim_of_shape),
                ("viewpoint", self.middle_of_shape),
            )
        ]
        self.knobs.set_data(*zip(*places, strict=True))

    def said(self) -> str:
        state, seen = self.state, self.state.seen
        verdict = "right" if state.verdict == state.shape else "wrong"
        return (
            f"{state.changed:,} of {state.picture.size:,} numbers have changed; the rules see {seen.holes} "
            f"holes, {seen.corners} corners and a fill of {seen.fill:.2f}, and are {verdict}."
        )

    # Where the handles stand.

    def rim_of_occluder(self, occlusion: float) -> tuple[float, float]:
        outside, covering = FROM * np.abs(FROM).sum(), FROM * (FROM @ self.pushed())
        return in_pixels((1 - occlusion) * outside + occlusion * covering)

    def rim_of_shape(self, scale: float) -> tuple[float, float]:
        radius = 0.52 * (1 + 0.35 * scale) / (1 - 0.35 * scale)
        return in_pixels(self.pushed() + radius * np.array([-0.8, 0.6]))

    def middle_of_shape(self, viewpoint: float) -> tuple[float, float]:
        return in_pixels(0.5 * viewpoint * PUSH)

    def pushed(self) -> np.ndarray:
        return 0.5 * self.state.strengths.get("viewpoint", 0.0) * PUSH


def in_pixels(place: np.ndarray) -> tuple[float, float]:
    """Column and row of a place that is given in half pictures from the middle, to the right and up."""
    right, up = place.tolist()
    return SIZE / 2 * (1 + right) - 0.5, SIZE / 2 * (1 - up) - 0.5


show = shows(NuisancesDemo)
