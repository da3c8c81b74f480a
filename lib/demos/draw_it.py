"""Draw on 32 × 32 pixels, and a small convnet names it with every stroke."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from data_loaders.shapes10 import CLASSES
from lib import nn, plots
from lib.demos.kit import Demo, Draw, Slider, shows
from lib.demos.kit.draw import Stroke
from lib.demos.kit.screen import Screen

ELSE = len(CLASSES)  # the number of the answer "something else"
SIDE = 32  # pixels along each side of the canvas
WEIGHTS = Path(__file__).with_name("draw_it.npz")
RADIUS, PIECE = 1.1, 16  # pixels of half a line's width; places of a stroke that are painted at once
TILE = SIDE + 2  # pixels of a map with its gap
SURE = 0.7  # a name with less than this probability is called unsure
SQUARE: tuple[Stroke, ...] = (((5, 6), (26, 5), (27, 26), (6, 27), (5, 6)),)
TRIANGLE: tuple[Stroke, ...] = (((16, 4), (28, 25), (4, 26), (16, 4)),)
SCRIBBLE: tuple[Stroke, ...] = (((3, 28), (9, 8), (12, 25), (18, 4), (21, 28), (29, 10)), ((3, 14), (29, 20)))


def convnet() -> nn.Sequential:
    """Two convolutions with ReLU and pooling, then one linear layer; for drawings float32 (N, 1, 32, 32)."""
    return nn.Sequential(
        nn.Conv2d(1, 8, 5, padding=2, bias=False), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(8, 24, 5, padding=2, bias=False), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(24, 32, 3, padding=1, bias=False), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(32 * 4 * 4, len(CLASSES) + 1),
    ).reset(0).float()  # fmt: skip


@lru_cache(maxsize=1)
def trained() -> nn.Sequential:
    """The convnet with the weights of benchmarks/train_draw_it.py."""
    return convnet().load(WEIGHTS)


class State(NamedTuple):
    """What the net makes of a drawing.

    ink: float32 (SIDE, SIDE), 0 paper and 1 ink
    maps: (8, SIDE, SIDE) and (24, SIDE / 2, SIDE / 2), after the ReLU of each convolution
    probabilities: (10,), of the classes
    column, row: where the cursor of the keys stands
    """

    ink: np.ndarray
    maps: tuple[np.ndarray, np.ndarray]
    probabilities: np.ndarray
    column: int
    row: int


@lru_cache(maxsize=512)
def inked(places: Stroke) -> np.ndarray:
    """The ink of one line through places (x, y): float32 (SIDE, SIDE); the first pixel's middle is (0, 0)."""
    line = np.array(places, np.float32)
    starts, along = line[: max(1, len(line) - 1), :, None], np.zeros((1, 2, 1), np.float32)
    if len(line) > 1:
        along = np.diff(line, axis=0)[..., None]
    ticks = np.arange(SIDE, dtype=np.float32)
    pixels = np.stack([np.tile(ticks, SIDE), np.repeat(ticks, SIDE)])
    offsets = pixels - starts
    share = np.clip((offsets * along).sum(1) / np.maximum((along**2).sum(1), 1e-9), 0, 1)
    far = np.hypot(*np.moveaxis(offsets - share[:, None] * along, 1, 0)).min(axis=0)
    return np.clip(RADIUS + 0.5 - far, 0, 1).reshape(SIDE, SIDE)


def painted(strokes: tuple[Stroke, ...]) -> np.ndarray:
    """The ink of a drawing; long strokes go in pieces, so that only what is new is painted."""
    ink = np.zeros((SIDE, SIDE), np.float32)
    for stroke in strokes:
        for start in range(0, max(1, len(stroke) - 1), PIECE):
            np.maximum(ink, inked(stroke[start : start + PIECE + 1]), out=ink)
    return ink


def compute(strokes: tuple[Stroke, ...], column: int, row: int) -> State:
    """What the trained net makes of strokes in the coordinates of pixels. Arguments as in `State`."""
    model, ink = trained(), painted(strokes)
    scores = model.forward(ink[None, None])[0]
    powers = np.exp(scores - scores.max())
    maps = (model[1].output[0].copy(), model[4].output[0].copy())
    return State(ink, maps, powers / powers.sum(), column, row)


class DrawItDemo(Demo):
    title = "Draw it"
    alt = (
        "Left, a canvas of 32 × 32 pixels to draw on. In the middle the maps that the two convolutions make "
        "of the drawing. Right, the probability of each of the ten classes."
    )
    ask = "Predict, then draw: after how many corners of a star does the net know?"
    size = (10, 4)
    tall_size = (4.8, 9.4)
    presets = {
        "Clear": {},
        "A square": {"strokes": SQUARE},
        "A triangle": {"strokes": TRIANGLE},
        "A scribble": {"strokes": SCRIBBLE},
    }

    strokes = Draw(axes="sheet", x="column", y="row", examples=(SQUARE, TRIANGLE))
    column = Slider(0, SIDE - 1, start=15)
    row = Slider(0, SIDE - 1, start=15)

    compute = staticmethod(compute)

    def arrange(self, figure: Figure) -> tuple[Axes, ...]:
        figure.set_layout_engine("none")
        if self.tall:
            places = (0.1, 0.57, 0.8, 0.41), (0.1, 0.27, 0.8, 0.27), (0.3, 0.01, 0.6, 0.23)
        else:
            places = (0.01, 0.02, 0.384, 0.96), (0.42, 0.02, 0.32, 0.96), (0.85, 0.02, 0.14, 0.96)
        return tuple(figure.add_axes(place) for place in places)

    def draw(self, axes: tuple[Axes, ...]) -> None:
        self.sheet, maps, bars = axes
        self.image = Screen(self.sheet, (SIDE, SIDE))
        rows, columns = (6, 4) if not self.tall else (4, 6)
        self.shape = (rows, columns)
        self.gallery = Screen(maps, (rows * TILE, columns * TILE))
        self.cursor = self.sheet.plot([], [], "+", color=plots.COLORS[1], markersize=12, zorder=4)[0]
        self.bars = bars.barh(range(len(CLASSES)), 0, color=plots.COLORS[0], height=0.7, zorder=3)
        bars.set(xlim=(0, 1), ylim=(len(CLASSES) - 0.4, -0.6), xticks=())
        bars.set_yticks(range(len(CLASSES)), CLASSES, fontsize=13)
        bars.tick_params(axis="y", length=0)
        bars.spines[:].set_visible(False)

    def update(self, state: State) -> None:
        self.state = state
        self.image.set_data(self.blend(state.ink))
        self.gallery.set_data(self.tiles(state.maps))
        self.cursor.set_data([state.column], [state.row])
        drawn = state.ink.any()
        for k, (bar, share) in enumerate(zip(self.bars, state.probabilities, strict=True)):
            bar.set_width(share if drawn else 0)
            bar.set_facecolor(plots.COLORS[2 if k == state.probabilities.argmax() else 0])

    def blend(self, ink: np.ndarray) -> np.ndarray:
        """Ink as a picture on the page: uint8 (…, 3); the paper is a little darker, so that one sees it."""
        ground, line = (np.array(to_rgb(color)) for color in (self.paper, self.ink))
        return np.uint8(255 * (ground + (0.06 + 0.94 * ink[..., None]) * (line - ground)))

    def tiles(self, maps: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
        """The 8 maps of the first layer, and 16 of the second: uint8 (rows · TILE, columns · TILE, 3)."""
        first, second = maps
        rows, columns = self.shape
        whole = np.zeros((rows * TILE, columns * TILE), np.float32)
        large = second[:16].repeat(2, axis=1).repeat(2, axis=2) / max(second.max(), 1e-9)
        for i, tile in enumerate([*first / max(first.max(), 1e-9), *large]):
            y, x = (TILE * part for part in divmod(i, columns))
            whole[y + 1 : y + 1 + SIDE, x + 1 : x + 1 + SIDE] = tile
        return self.blend(whole)

    def said(self) -> str:
        shares = self.state.probabilities
        second, first = np.argsort(shares)[-2:]
        if not self.state.ink.any():
            return "Nothing is drawn yet: draw one of the ten shapes as an outline."
        if shares[first] < SURE:
            return (
                f"Unsure: {CLASSES[first]} ({100 * shares[first]:.0f} %) or "
                f"{CLASSES[second]} ({100 * shares[second]:.0f} %)."
            )
        return f"This is a {CLASSES[first]}, says the net, {100 * shares[first]:.0f} % sure."


show = shows(DrawItDemo)
