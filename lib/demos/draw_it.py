"""Draw on 32 × 32 pixels, and a small convnet names it with every stroke."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure

from data_loaders.shapes.outlines import OUTLINES
from data_loaders.shapes10 import CLASSES
from lib import nn, plots
from lib.demos.kit import Demo, Draw, Slider, Switch, Undo, shows
from lib.demos.kit.draw import Stroke
from lib.demos.kit.looks import legible
from lib.demos.kit.screen import Grid, Screen
from lib.demos.kit.signs import sign_colors

SIDE = 32  # pixels along each side of the canvas
ELSE = len(CLASSES)  # the number of the answer "something else"
ANSWERS = (*CLASSES, "something else")
SURE = 0.8  # a name with less than this probability is called unsure
WEIGHTS = Path(__file__).with_name("draw_it.npz")
RADIUS, PIECE = 1.1, 16  # pixels of half a line's width; places of a stroke that are painted at once
RELUS = (1, 4, 7)  # where in the net the maps leave a ReLU
MAPS = ((8, 32), (24, 16), (32, 8))  # how many, and pixels along a side
COLUMNS = (4, 12, 16)  # side by side
WITH_AN = ("arrow", "hourglass")
ICON = 48  # pixels of a class's small picture

HEART: tuple[Stroke, ...] = (
    ((16, 10), (14, 7), (11, 5), (8, 5), (5, 7), (4, 11), (5, 15), (8, 19), (12, 23), (16, 28)),
    ((16, 10), (18, 7), (21, 5), (24, 5), (27, 7), (28, 11), (27, 15), (24, 19), (20, 23), (16, 28)),
)
STAR: tuple[Stroke, ...] = (((8, 28), (16, 3), (24, 28), (3, 12), (29, 12), (8, 28)),)
HALF_STAR: tuple[Stroke, ...] = (((8, 28), (16, 3), (24, 28)),)
HOUSE: tuple[Stroke, ...] = (
    ((7, 28), (7, 14), (16, 4), (25, 14), (25, 28), (7, 28)),
    ((14, 28), (14, 20), (19, 20), (19, 28)),
)
SCRIBBLE: tuple[Stroke, ...] = (((3, 28), (9, 8), (12, 25), (18, 4), (21, 28), (29, 10)), ((3, 14), (29, 20)))


def convnet() -> nn.Sequential:
    """Three convolutions with ReLU and pooling, then one linear layer; for drawings float32 (N, 1, 32, 32).

    The convolutions have no biases: where there is no ink, every map is exactly 0.
    """
    return nn.Sequential(
        nn.Conv2d(1, 8, 5, padding=2, bias=False), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(8, 24, 5, padding=2, bias=False), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(24, 32, 3, padding=1, bias=False), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(32 * 4 * 4, len(ANSWERS)),
    ).reset(0).float()  # fmt: skip


@lru_cache(maxsize=1)
def trained() -> nn.Sequential:
    """The convnet with the weights of benchmarks/train_draw_it.py."""
    return convnet().load(WEIGHTS)


class State(NamedTuple):
    """What the net makes of a drawing.

    ink: float32 (SIDE, SIDE), 0 paper and 1 ink
    maps: (8, 32, 32), (24, 16, 16) and (32, 8, 8), after the ReLU of each convolution
    probabilities: (11,), of the answers
    column, row: where the cursor stands
    pen: whether it draws
    shares: None, or (SIDE, SIDE): what each pixel adds to the most probable answer's score; with the bias
        they add up to it
    """

    ink: np.ndarray
    maps: tuple[np.ndarray, ...]
    probabilities: np.ndarray
    column: int
    row: int
    pen: bool
    shares: np.ndarray | None

    @property
    def drawn(self) -> bool:
        return bool(self.ink.any())

    @property
    def best(self) -> int:
        """The number of the most probable answer."""
        return int(self.probabilities.argmax())

    @property
    def sure(self) -> bool:
        """Whether the net names one of the ten shapes, and is sure of it."""
        return self.drawn and self.best != ELSE and self.probabilities[self.best] >= SURE


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


def compute(
    strokes: tuple[Stroke, ...], column: int = 15, row: int = 15, pen: bool = False, reasons: bool = False
) -> State:
    """What the trained net makes of strokes in the coordinates of pixels. Arguments as in `State`.

    reasons: whether to find out what each pixel adds to the score
    """
    model, ink = trained(), painted(strokes)
    X = ink[None, None]
    scores = model.forward(X)[0]
    powers = np.exp(scores - scores.max())
    maps = tuple(model[place].output[0].copy() for place in RELUS)
    shares = None
    if reasons:  # the score is linear in the ink, as long as no ReLU and no maximum changes sides
        chosen = np.eye(len(ANSWERS), dtype=np.float32)[[scores.argmax()]]
        shares = ink * model.backward(X, chosen)[0, 0]
    return State(ink, maps, powers / powers.sum(), column, row, pen, shares)


def with_article(answer: str) -> str:
    """An answer as it stands in a sentence."""
    return answer if answer == ANSWERS[ELSE] else f"{'an' if answer in WITH_AN else 'a'} {answer}"


class DrawItDemo(Demo):
    title = "Draw it"
    alt = (
        "Left, a canvas of 32 × 32 pixels to draw on. In the middle what three convolutions of a small net "
        "find in the drawing: 8 maps of 32 × 32, 24 of 16 × 16, 32 of 8 × 8. Right, the probability of each "
        "of the ten shapes, and of something else."
    )
    ask = "Predict, then draw: after how many corners of a star does the net know?"
    size = (10.2, 4.3)
    tall_size = (4.8, 11.3)
    presets = {
        "Clear": {},
        "Half a star": {"strokes": HALF_STAR},
        "A star in one go": {"strokes": STAR},
        "What speaks for a heart": {"strokes": HEART, "reasons": True},
        "A house": {"strokes": HOUSE},
        "A scribble": {"strokes": SCRIBBLE},
    }

    strokes = Draw(axes="sheet", x="column", y="row", pen="pen", examples=(STAR, HEART))
    column = Slider(0, SIDE - 1, start=15)
    row = Slider(0, SIDE - 1, start=15)
    pen = Switch(label="pen down")
    reasons = Switch(label="colour what speaks for the name")
    undo = Undo("strokes", axes="eraser")

    compute = staticmethod(compute)

    def set(self, **values: Any) -> None:
        super().set(**self.strokes.followed(self, self.checked(values)))

    def arrange(self, figure: Figure) -> tuple[Axes, ...]:
        """Sheet, the word under it, three galleries, icons, bars; places in inches from the lower left."""
        figure.set_layout_engine("none")
        if self.tall:
            inches = [
                (0.3, 7.0, 4.2, 4.2), (0.3, 6.68, 1.1, 0.28), (0.3, 4.25, 4.2, 2.1), (0.3, 3.25, 4.2, 0.7),
                (0.3, 2.43, 4.2, 0.525), (0.3, 0.255, 0.205, 2.05), (1.75, 0.05, 2.7, 2.255),
            ]  # fmt: skip
        else:
            inches = [
                (0.1, 0.36, 3.84, 3.84), (0.1, 0.03, 1.1, 0.28),
                (4.25, 2.2, 3.36, 1.68), (4.25, 1.27, 3.36, 0.56),
                (4.25, 0.48, 3.36, 0.42), (7.9, 0.47, 0.307, 3.07), (9.36, 0.163, 0.8, 3.377),
            ]  # fmt: skip
        width, height = figure.get_size_inches()
        return tuple(figure.add_axes((x / width, y / height, w / width, h / height)) for x, y, w, h in inches)

    def draw(self, axes: tuple[Axes, ...]) -> None:
        self.sheet, self.eraser, *galleries, icons, bars = axes
        self.image = Screen(self.sheet, (SIDE, SIDE))
        self.invitation = self.sheet.text(
            (SIDE - 1) / 2,
            (SIDE - 1) / 2 - 5,
            "draw here",
            ha="center",
            color=self.ink,
            alpha=0.45,
            fontsize=20,
            zorder=3,
        )
        self.cell = self.sheet.plot([], [], color=plots.COLORS[3], linewidth=2, zorder=4)[0]
        self.eraser.set_axis_off()
        self.eraser.text(0, 0.5, "↶ undo", va="center", fontsize=13, transform=self.eraser.transAxes)
        ground = mixed(self.paper, self.ink, 0.06)
        peak = mixed(plots.COLORS[0], self.ink, 0.65)
        self.colors = ramp(ground, legible(plots.COLORS[0], dark=self.dark), peak)
        self.key = [  # to the colours of the ink
            self.sheet.text(x, SIDE - 0.2, words, color=color, ha="right", va="top", fontsize=13)
            for x, words, color in (
                (0.72 * SIDE, "speaks for it", legible(plots.COLORS[0], dark=self.dark)),
                (SIDE - 0.5, "against it", plots.COLORS[1]),
            )
        ]
        self.galleries = [
            Gallery(ax, self.paper, rows=count // columns, columns=columns, side=side)
            for ax, (count, side), columns in zip(galleries, MAPS, COLUMNS, strict=True)
        ]
        for ax, (count, side) in zip(galleries, MAPS, strict=True):
            ax.text(
                0, 1.01, f"{count} maps of {side} × {side}", transform=ax.transAxes, va="bottom", fontsize=12
            )
        Screen(icons, (ELSE * ICON, ICON)).set_data(ramp(self.paper, self.ink)[small_outlines()])
        self.bars = bars.barh(range(len(ANSWERS)), 0, height=0.62, zorder=3)
        bars.set(xlim=(0, 1), ylim=(len(ANSWERS) - 0.5, -0.5))
        bars.set_axis_off()
        bars.axvline(0, color=self.faint, linewidth=1.5)
        for k, name in enumerate(ANSWERS):  # the last one has no picture
            icons.text(1.15 * ICON if k < ELSE else 0, (k + 0.45) * ICON, name, va="center", fontsize=13)
        x, y = (4.5 / 4.8, 6.55 / 11.3) if self.tall else (7.9 / 10.2, 3.75 / 4.3)
        align = "right" if self.tall else "left"
        self.word = bars.figure.text(x, y, "", fontsize=19, fontweight="bold", ha=align, va="center")

    def update(self, state: State) -> None:
        self.state = state
        self.image.set_data(self.colored(state))
        self.invitation.set_visible(not state.drawn)
        for words in self.key:
            words.set_visible(state.shares is not None)
        x, y = state.column - 0.5, state.row - 0.5
        self.cell.set_data([x, x + 1, x + 1, x, x], [y, y, y + 1, y + 1, y])
        self.cell.set_linewidth(4 if state.pen else 1.5)
        for gallery, maps in zip(self.galleries, state.maps, strict=True):
            gallery.show(self.colors[np.uint8(255 * maps / max(maps.max(), 1e-9))])
        for k, (bar, share) in enumerate(zip(self.bars, state.probabilities, strict=True)):
            bar.set_width(share if state.drawn else 0)
            bar.set_facecolor(plots.COLORS[8 if k == ELSE else 2 if state.sure and k == state.best else 0])
        self.word.set_text(self.answer())

    def answer(self) -> str:
        """In a word, what it is."""
        if not self.state.drawn:
            return ""
        return ANSWERS[self.state.best] + "?" * (not self.state.sure and self.state.best != ELSE)

    def colored(self, state: State) -> np.ndarray:
        """The drawing in colours: uint8 (SIDE, SIDE, 3); the paper is a little darker than the page."""
        paper, ink = (
            255 * np.array(to_rgb(color)) for color in (mixed(self.paper, self.ink, 0.06), self.ink)
        )
        if state.shares is not None and state.drawn:
            shares = state.shares / np.abs(state.shares).max()
            ink = sign_colors(
                np.sign(shares) * np.abs(shares) ** 0.5, paper=mixed(self.paper, self.ink, 0.25)
            )
        return (paper + state.ink[..., None] * (ink - paper)).astype(np.uint8)

    def said(self) -> str:
        state = self.state
        shares = 100 * state.probabilities
        second = int(np.argsort(shares)[-2])
        name, next_name = (with_article(ANSWERS[k]) for k in (state.best, second))
        if not state.drawn:
            return (
                "Nothing is drawn, so all 64 maps are empty. Draw something: one of the ten shapes, or not."
            )
        if state.sure:
            words = f"This is {name}, says the net, {shares[state.best]:.0f} % sure" + (
                f"; next comes {next_name} ({shares[second]:.0f} %)." if shares[second] >= 1 else "."
            )
        elif state.best == ELSE:
            words = f"This is something else, says the net, {shares[ELSE]:.0f} % sure" + (
                f"; of the ten shapes {next_name} is nearest ({shares[second]:.0f} %)."
                if shares[second] >= 1
                else "."
            )
        else:
            words = f"Unsure: {name} ({shares[state.best]:.0f} %) or {next_name} ({shares[second]:.0f} %)?"
        if state.shares is not None:
            blue, orange = state.shares.clip(0).sum(), -state.shares.clip(None, 0).sum()
            words += f" Blue ink adds {blue:.1f} to its score, orange takes {orange:.1f} away."
        most = type(self).strokes.most
        if sum(map(len, self.values["strokes"])) >= most:
            words += f" The sheet is full: {most:,} places are the limit. Undo a line, or clear it."
        return words


class Gallery(Grid):
    """Maps of one layer in rows, each with as many dots as there is room for."""

    def __init__(self, axes: Axes, paper: str, *, rows: int, columns: int, side: int):
        super().__init__(axes, rows, columns, side=side + 2)
        self.paper = np.uint8(255 * np.array(to_rgb(paper)))
        self.maps = np.zeros((rows * columns, side, side, 3), np.uint8)

    def show(self, maps: np.ndarray) -> None:
        """maps: uint8 (rows · columns, h, w, 3), colours."""
        self.maps = maps
        self.stale = True

    def cells(self, side: int) -> np.ndarray:
        inner = side - max(2, side // 20)
        at = np.arange(inner) * self.maps.shape[1] // inner
        whole = np.full((self.rows, side, self.columns, side, 3), self.paper)
        large = self.maps.take(at, axis=1).take(at, axis=2)
        whole[:, :inner, :, :inner] = large.reshape(self.rows, self.columns, inner, inner, 3).swapaxes(1, 2)
        return whole.reshape(self.rows * side, self.columns * side, 3)


def mixed(color: str, other: str, share: float) -> str:
    """A colour with a share of another in it."""
    red, green, blue = (
        (1 - share) * a + share * b for a, b in zip(to_rgb(color), to_rgb(other), strict=True)
    )
    return to_hex((red, green, blue))


def ramp(*colors: str) -> np.ndarray:
    """256 colours, uint8 (256, 3), from the first to the last."""
    stops = 255 * np.array([to_rgb(color) for color in colors])
    where = np.linspace(0, len(colors) - 1, 256)
    return np.stack([np.interp(where, range(len(colors)), stops[:, k]) for k in range(3)], axis=1).astype(
        np.uint8
    )


@lru_cache(maxsize=1)
def small_outlines() -> np.ndarray:
    """The ten shapes one below the other, as lines: uint8 (10 · ICON, ICON), 255 where there is ink."""
    ticks = np.linspace(-1.25, 1.25, ICON, dtype=np.float32)
    x, y = np.meshgrid(ticks, -ticks)
    build = np.zeros((1, 1, 1), np.float32)
    far = np.abs(np.concatenate([outline(x[None], y[None], build)[0] for outline in OUTLINES.values()]))
    return (255 * np.clip(1.6 - far * ICON / 2.5, 0, 1)).astype(np.uint8)


show = shows(DrawItDemo)
