"""Drag a box over a scene: its crop, the score of each class, and where the regression moves it."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lib import plots
from lib.demos.kit import Demo, Slider, Switch, shows
from lib.demos.kit.looks import legible, signed
from lib.demos.kit.screen import Screen
from lib.demos.kit.touch import Mark, Touch, Values
from lib.detection.boxes import SIDES, iou
from lib.detection.crops import crop_boxes
from lib.detection.demos.frames import Frames
from lib.detection.demos.small_detector import TEST, SmallDetector, the_detector
from lib.detection.scenes import HEIGHT, WIDTH, Scene
from lib.detection.shapes import NAMES

LEAST = 12  # pixels of a box's sides
LOW, HIGH = -10.0, 6.0  # of the bars
CORNERS = ("upper left", "upper right", "lower left", "lower right")


class Boxed(NamedTuple):
    """What the detector makes of one box.

    box, moved: (4,), the box, and where the regression of the best class moves it
    crop: uint8 (32, 32, 3), what the net gets
    scores: (classes,)
    truth: the class of the object with which the box has the highest IoU; −1 where it touches none
    before, after: IoU with that object, of the box and of the one that was moved
    """

    box: np.ndarray
    moved: np.ndarray
    crop: np.ndarray
    scores: np.ndarray
    truth: int
    before: float
    after: float


def compute(detector: SmallDetector, scene: Scene, left: int, top: int, width: int, height: int) -> Boxed:
    """Crop, scores and regression of a box, which is cut at the borders of the scene.

    left, top, width, height: pixels, from 0
    """
    _, bottom, right = scene.image.shape
    left, top = min(left, right - LEAST), min(top, bottom - LEAST)
    box = np.array([left, top, min(left + width, right), min(top + height, bottom)], float)
    described = detector.describe(scene, box[None])
    scores = detector.detector.classifier.scores(described.pooled)[0]
    moved = detector.detector.moved(described, int(scores.argmax()))[0]
    taken = np.moveaxis(crop_boxes(scene.image, box[None])[0], 0, -1)
    overlaps = iou(box[None], scene.boxes)[0]
    if not overlaps.any():
        return Boxed(box, moved, taken, scores, -1, 0.0, 0.0)
    best = int(overlaps.argmax())
    inside = (moved[2:] - moved[:2] >= SIDES[0]).all()  # else it was moved out of the scene
    after = float(iou(moved[None], scene.boxes)[0, best]) if inside else 0.0
    return Boxed(box, moved, taken, scores, int(scene.labels[best]), float(overlaps[best]), after)


class BoxInHand(Touch):
    """A box to drag by its middle, and to resize by its corners; a click puts its middle there."""

    hint = "Drag the box · resize it by a corner · click where it should go"
    cursor = "crosshair"

    def now(self, demo: Demo) -> tuple[int, int, int, int]:
        """Its four edges as they are drawn: left, top, right, bottom."""
        left, top, right, bottom = demo.state.box.astype(int).tolist()  # type: ignore[attr-defined]
        return left, top, right, bottom

    def put(self, demo: Demo, left: float, top: float, right: float, bottom: float) -> Values:
        places = {"left": left, "top": top, "width": right - left, "height": bottom - top}
        return {name: demo.controls[name].nearest(value) for name, value in places.items()}

    def marks(self, demo: Demo) -> list[Mark]:
        left, top, right, bottom = self.now(demo)
        w, h = right - left, bottom - top
        said = f"the box, {w} × {h} pixels, from column {left} and row {top}"
        whole = Mark(left + w / 2 - 0.5, top + h / 2 - 0.5, said, "box", w=w, h=h)
        places = [(x - 0.5, y - 0.5) for y in (top, bottom) for x in (left, right)]
        return [
            whole,
            *(
                Mark(*place, f"{name} corner, {w} × {h} pixels")
                for place, name in zip(places, CORNERS, strict=True)
            ),
        ]

    def dragged(self, demo: Demo, index: int, x: float, y: float) -> Values:
        left, top, right, bottom = self.now(demo)
        x, y = x + 0.5, y + 0.5
        if not index:
            w, h = right - left, bottom - top
            left = round(min(max(x - w / 2, 0), WIDTH - w))
            top = round(min(max(y - h / 2, 0), HEIGHT - h))
            return self.put(demo, left, top, left + w, top + h)
        x, y = round(min(max(x, 0), WIDTH)), round(min(max(y, 0), HEIGHT))
        if index in (1, 3):
            left = min(x, right - LEAST)
        else:
            right = max(x, left + LEAST)
        if index in (1, 2):
            top = min(y, bottom - LEAST)
        else:
            bottom = max(y, top + LEAST)
        return self.put(demo, left, top, right, bottom)

    def stepped(self, demo: Demo, index: int, right: int, up: int) -> Values:
        mark = self.marks(demo)[index]
        return self.dragged(demo, index, mark.x + right, mark.y - up)

    def clicked(self, demo: Demo, x: float, y: float) -> Values:
        return self.dragged(demo, 0, x, y)


class DragBoxDemo(Demo):
    title = "A box in your hand"
    alt = (
        "Left, a scene with a box to drag and resize, the dashed box to which the regression moves it, and "
        "thin boxes around the objects. Right, the crop of the box as the net gets it, the IoU before and "
        "after the regression, and a bar for the score of each class."
    )
    ask = "Predict, then drag a corner: how badly may a box fit before its score falls below 0?"
    size = (10, 4.1)
    tall_size = (4.8, 6.5)
    columns = 3
    presets = {
        "Half beside it": {},
        "It fits": {"left": 121, "top": 11, "width": 33, "height": 36},
        "Only a part": {"left": 146, "top": 60, "width": 20, "height": 20},
        "Much too large": {"left": 120, "top": 36, "width": 72, "height": 80},
        "Two at once": {"left": 97, "top": 54, "width": 83, "height": 59},
        "Nothing there": {"left": 4, "top": 4, "width": 34, "height": 30},
    }

    left = Slider(0, WIDTH - LEAST, start=152)
    top = Slider(0, HEIGHT - LEAST, start=62)
    scene = Slider(0, TEST - 1, start=6)
    width = Slider(LEAST, WIDTH, start=36)
    height = Slider(LEAST, HEIGHT, start=40)
    objects = Switch(start=True, label="show the objects")
    box = BoxInHand("field")

    def __init__(self, **values: Any):
        self.detector = the_detector()
        super().__init__(**values)

    def compute(
        self, left: int, top: int, scene: int, width: int, height: int, objects: bool
    ) -> tuple[Scene, Boxed, bool]:
        seen = self.detector.scenes[scene]
        return seen, compute(self.detector, seen, left, top, width, height), objects

    def arrange(self, figure: Figure) -> list[Axes]:
        figure.set_layout_engine("none")
        width, height = 100 * figure.get_size_inches()
        places = [(10, 12, 576, 384), (610, 262, 134, 134), (705, 34, 280, 205)]
        if self.tall:
            places = [(10, 333, 460, 307), (10, 165, 134, 134), (255, 34, 215, 250)]
        made = [figure.add_axes((x / width, y / height, w / width, h / height)) for x, y, w, h in places]
        x, y = (10, 150) if self.tall else (760, 396)
        self.words = [
            figure.text(x / width, (y - 26 * k) / height, "", fontsize=13, va="top") for k in range(5)
        ]
        return made

    def draw(self, axes: list[Axes]) -> None:
        self.field, small, bars = axes
        self.picture = Screen(self.field, (HEIGHT, WIDTH))
        self.small = Screen(small, (32, 32))
        self.blue = legible(plots.COLORS[0], dark=self.dark)
        self.true_ones = Frames(self.field, "white", edge="black", width=1, zorder=3)
        self.now = Frames(self.field, plots.COLORS[1], edge="black", width=2.6, zorder=3.1)
        look: Any = {"markersize": 7, "color": plots.COLORS[1], "markeredgecolor": "black", "zorder": 3.3}
        self.grips = self.field.plot([], [], "s", clip_on=False, **look)[0]
        self.then = Frames(self.field, plots.COLORS[4], edge="black", width=2.4, dashed=True, zorder=3.2)
        self.bars = bars.barh(range(len(NAMES)), 0, height=0.7, linewidth=2, zorder=3)
        bars.axvline(0, color=self.ink, linewidth=1, zorder=2)
        bars.set(xlim=(LOW, HIGH), ylim=(len(NAMES) - 0.45, -0.55))
        bars.set_xticks((-8, -4, 0, 4), ("−8", "−4", "0", "4"), fontsize=12)
        bars.set_yticks(range(len(NAMES)), NAMES, fontsize=12)
        bars.tick_params(axis="y", length=0)
        bars.spines["left"].set_visible(False)
        bars.grid(axis="x", color=self.faint)

    def update(self, state: tuple[Scene, Boxed, bool]) -> None:
        scene, boxed, objects = state
        self.state = boxed
        self.picture.set_data(np.moveaxis(scene.image, 0, -1))
        self.small.set_data(boxed.crop)
        self.true_ones.put(scene.boxes if objects else scene.boxes[:0])
        self.now.put(boxed.box)
        left, top, right, bottom = boxed.box - 0.5
        self.grips.set_data((left, right, left, right), (top, top, bottom, bottom))
        self.then.put(boxed.moved)
        best = int(boxed.scores.argmax())
        for number, (bar, score) in enumerate(zip(self.bars, boxed.scores.tolist(), strict=True)):
            bar.set_width(min(max(score, LOW), HIGH))
            bar.set_facecolor(plots.COLORS[2] if number == boxed.truth else plots.COLORS[0])
            bar.set_edgecolor(self.ink if number == best else "none")
        is_there = f"object: {NAMES[boxed.truth]}" if boxed.truth >= 0 else "no object"
        guess, score = f"best: {NAMES[best]}", signed(f"{boxed.scores[best]:.1f}")
        lines = (
            *((guess, f"score {score}") if self.tall else ("← what the net gets", f"{guess}, {score}")),
            is_there,
            f"IoU {boxed.before:.2f}",
            f"regressed {boxed.after:.2f}",
        )
        for text, line in zip(self.words, lines, strict=True):
            text.set_text(line)

    def said(self) -> str:
        boxed = self.state
        best = int(boxed.scores.argmax())
        score = signed(f"{boxed.scores[best]:.2f}")
        verdict = "is found" if boxed.scores[best] > 0 else "would be the best guess, but is not found"
        words = f"{NAMES[best].capitalize()} {verdict}, score {score}. "
        if boxed.truth < 0:
            return words + "The box touches no object."
        change = "better" if boxed.after > boxed.before else "no better"
        return (
            f"{words}The box has IoU {boxed.before:.2f} with {one(NAMES[boxed.truth])}; regressed as "
            f"{one(NAMES[best])}, {boxed.after:.2f}: {change}."
        )


def one(name: str) -> str:
    """A name with its article.

    >>> one("star"), one("arrow"), one("hourglass")
    ('a star', 'an arrow', 'an hourglass')
    """
    return f"{'an' if name[0] in 'aeiou' or name == 'hourglass' else 'a'} {name}"


show = shows(DragBoxDemo)
