"""How large is the output? Windows placed on a row of pixels: by formula, and by counting."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from lib.checks import check_whole
from lib.demos.kit import Demo, Slider, shows
from lib.demos.kit.painting import Painting
from lib.demos.kit.screen import Screen, dots
from lib.demos.kit.touch import Mark, Touch, Values

MOST_N, MOST_K, MOST_P = 10, 5, 2
LENGTH = MOST_N + 2 * MOST_P  # cells of the longest padded row, and windows that it can hold
TILE, LINE = 48, 22  # dots: a cell is TILE wide; a row of cells is LINE high
GAP = 8  # dots between the input and its windows
PIXEL, TAP, UNSEEN = (np.array(rgb, np.uint8) for rgb in ((86, 180, 233), (0, 114, 178), (213, 94, 0)))
WHITE, BLACK = np.full(3, 255, np.uint8), np.zeros(3, np.uint8)


class State(NamedTuple):
    """All windows on a padded row, and what they see.

    n, k, p, s, d: the geometry
    by_formula: ⌊(n + 2p − d(k − 1) − 1) / s⌋ + 1, or 0 where no window fits
    windows: int (windows, k), the places in the padded row that each window looks at, from 0
    seen: int (n + 2p,), how many windows look at each place
    """

    n: int
    k: int
    p: int
    s: int
    d: int
    by_formula: int
    windows: np.ndarray
    seen: np.ndarray


def compute(n: int, k: int, p: int, s: int, d: int) -> State:
    """Places windows on a padded row until the next one would stand out, and counts them.

    n: pixels of the row, ≥ 1
    k: kernel size, ≥ 1
    p: padding on both sides, ≥ 0
    s: stride, ≥ 1
    d: dilation, ≥ 1

    Raises `ValueError` that names the argument.

    >>> state = compute(n=7, k=3, p=1, s=2, d=1)
    >>> state.by_formula, state.windows[:, 0]
    (4, array([0, 2, 4, 6]))
    """
    for name, value, least in (("n", n, 1), ("k", k, 1), ("p", p, 0), ("s", s, 1), ("d", d, 1)):
        check_whole(value, name=name, low=least)
    length, reach = n + 2 * p, d * (k - 1)
    placed = []
    start = 0
    while start + reach < length:  # the last tap is still on the row
        placed.append(start)
        start += s
    windows = np.array(placed, int)[:, None] + d * np.arange(k)
    seen = np.bincount(windows.ravel(), minlength=length)
    return State(n, k, p, s, d, windows_of(n, k, p, s, d), windows, seen)


class Ends(Touch):
    """Ends to drag sideways: of the picture, and of the first window; and the beginning of the second one."""

    hint = "Drag the end of the picture, the end of the first window, or the second window"
    names = ("n", "k", "s")

    def marks(self, demo: Demo) -> list[Mark]:
        n, k, p, s, d = (demo.values[name] for name in ("n", "k", "p", "s", "d"))
        first = TILE + GAP + (LINE - 3) / 2
        marks = [
            Mark(TILE * (p + n) - 0.5, TILE / 2, f"input size n = {n}", drag="x"),
            Mark(TILE * (d * (k - 1) + 1) - 0.5, first, f"kernel size k = {k}", drag="x"),
            Mark(TILE * s - 0.5, first + LINE, f"stride s = {s}", drag="x"),
        ]
        return marks[: 1 + min(2, windows_of(n, k, p, s, d))]

    def dragged(self, demo: Demo, index: int, x: float, y: float) -> Values:
        name, cells = self.names[index], (x + 0.5) / TILE
        if name == "n":
            cells -= demo.values["p"]
        if name == "k":
            cells = 1 + (cells - 1) / demo.values["d"]
        return {name: demo.controls[name].nearest(cells)}

    def stepped(self, demo: Demo, index: int, right: int, up: int) -> Values:
        name = self.names[index]
        return {name: demo.controls[name].step_from(demo.values[name], right)}


def windows_of(n: int, k: int, p: int, s: int, d: int) -> int:
    """How many windows fit, by the formula."""
    return max(0, (n + 2 * p - d * (k - 1) - 1) // s + 1)


class OutputSizeDemo(Demo):
    title = "How large is the output?"
    alt = (
        "A row of pixels with its padding, and below it each window in a row of its own; pixels that "
        "no window sees are orange. Beside it, the same windows on a square picture: the darker a pixel, the "
        "more windows see it. Above, the formula with the numbers."
    )
    ask = "Predict the size of the output, then drag an end: when do pixels stay unseen?"
    size = (10, 4.2)
    tall_size = (4.9, 6.3)
    presets = {
        "Valid": {"n": 8, "k": 3, "p": 0},
        "Same": {"n": 8, "k": 3, "p": 1},
        "Half": {"n": 8, "k": 3, "p": 1, "s": 2},
        "Half, no overlap": {"n": 8, "k": 2, "p": 0, "s": 2},
        "Dilated": {"n": 9, "k": 3, "p": 2, "d": 2},
        "Pixels left over": {"n": 8, "k": 2, "p": 0, "s": 3},
        "Nothing fits": {"n": 4, "k": 3, "p": 0, "d": 2},
    }

    n = Slider(3, MOST_N, start=8, label="input size n")
    k = Slider(1, MOST_K, start=3, label="kernel size k")
    p = Slider(0, MOST_P, start=1, label="padding p")
    s = Slider(1, 4, start=1, label="stride s")
    d = Slider(1, 3, start=1, label="dilation d")
    ends = Ends(axes="line")

    compute = staticmethod(compute)

    def arrange(self, figure: Figure) -> tuple[Axes, Axes]:
        figure.set_layout_engine("none")
        width, height = LENGTH * TILE, TILE + GAP + LENGTH * LINE
        if self.tall:
            square = dots(figure, 145, 34, 200)
            return figure.add_axes((12 / 490, 295 / 630, 466 / 490, 466 * height / width / 630)), square
        square = dots(figure, 745, 74, 16 * LENGTH)
        return figure.add_axes((15 / 1000, 10 / 420, width / 1000, height / 420)), square

    def draw(self, axes: tuple[Axes, Axes]) -> None:
        self.line, square = axes
        shape = TILE + GAP + LENGTH * LINE, LENGTH * TILE
        self.rows, self.picture = Painting(self.line, shape, self._rows), Screen(square, (LENGTH, LENGTH))
        figure = square.figure
        self.formula = figure.text(
            0.02, 0.985, "", fontsize=13 if self.tall else 17, va="top", linespacing=1.4
        )
        look: dict[str, Any] = {"transform": square.transAxes, "ha": "center", "fontsize": 13}
        square.text(0.5, 1.04, "in 2-D: how often seen", **look)
        self.most = square.text(0.5, -0.04, "", va="top", **look)

    def _rows(self, state: State, height: int, width: int) -> np.ndarray:
        share = height / (TILE + GAP + LENGTH * LINE)
        tile, line = max(4, round(width / LENGTH)), max(4, round(LINE * share))
        return paint_rows(state, tile, line, self._paper)

    @property
    def _paper(self) -> np.ndarray:
        return (255 * np.array(to_rgb(self.paper))).astype(np.uint8)

    def update(self, state: State) -> None:
        self.state = state
        n, k, p, s, d = state[:5]
        numbers = f"⌊({n} + 2·{p} − {d}·({k} − 1) − 1) / {s}⌋ + 1"
        between = "\n=  " if self.tall else "  =  "
        self.formula.set_text(f"⌊(n + 2p − d(k − 1) − 1) / s⌋ + 1{between}{numbers}  =  {state.by_formula}")
        self.rows.show(state)
        both = state.seen[:, None] * state.seen  # a window in 2-D is one in 1-D downwards, and one across
        self.picture.set_data(paint_square(both, p, self._paper))
        self.most.set_text(f"most: {both.max()}, a corner pixel: {both[p, p]}")

    def said(self) -> str:
        n, k, p, _, d = self.state[:5]
        count, unseen = len(self.state.windows), int((self.state.seen[p : p + n] == 0).sum())
        room = f"{n} pixels" + (f" and {2 * p} of padding" if p else "")
        if not count:
            return f"No window fits: it is {d * (k - 1) + 1} pixels long, and there are {room}."
        fit = f"{count} window{'s fit' if count > 1 else ' fits'} on {room}, as the formula says"
        missed = f"{unseen} of {n} pixels, in orange, {'are' if unseen > 1 else 'is'} never seen"
        return f"{fit}; {missed if unseen else 'every pixel is seen'}."


def grey(paper: np.ndarray, share: float) -> np.ndarray:
    """A colour between paper and ink."""
    ink = BLACK if paper.mean() > 127 else WHITE
    return (paper + share * (ink.astype(float) - paper)).astype(np.uint8)


def paint_rows(state: State, tile: int = TILE, line: int = LINE, paper: np.ndarray = WHITE) -> np.ndarray:
    """The padded row of pixels with the windows below it: uint8 (height, LENGTH · tile, 3).

    tile: width of a cell, and height of a pixel, in dots
    line: height of a row of cells, in dots
    paper: uint8 (3,), of the ground
    """
    length, gap = state.n + 2 * state.p, GAP * tile // TILE
    pad, flat, tap_on_pad = (grey(paper, share) for share in (0.165, 0.118, 0.58))
    inside = np.zeros(length, bool)
    inside[state.p : state.p + state.n] = True
    colours = np.where(inside[:, None], PIXEL, pad)
    colours[inside & (state.seen == 0)] = UNSEEN
    cells = np.tile(paper, (LENGTH, LENGTH, 1))
    for row, taps in enumerate(state.windows[:LENGTH]):
        cells[row, taps[0] : taps[-1] + 1] = flat
        cells[row, taps] = np.where(inside[taps, None], TAP, tap_on_pad)
    top = np.tile(paper, (tile, LENGTH * tile, 1))
    top[:, : length * tile] = colours.repeat(tile, axis=0)
    below = cells.repeat(line, axis=0).repeat(tile, axis=1)
    for up in range(1, 1 + max(1, line // 7)):
        below[line - up :: line] = paper
    whole = np.concatenate([top, np.tile(paper, (gap, LENGTH * tile, 1)), below])
    whole[:, ::tile] = whole[:, 1::tile] = paper
    return whole


def paint_square(seen: np.ndarray, padding: int, paper: np.ndarray = WHITE) -> np.ndarray:
    """How often each place of a padded picture is seen, in the middle: uint8 (LENGTH, LENGTH, 3)."""
    share, never = seen / max(1, seen.max()), grey(paper, 0.08).astype(float)
    colours = (never + share[..., None] * (TAP - never)).astype(np.uint8)
    inside = np.zeros(seen.shape, bool)
    inside[padding : len(seen) - padding, padding : len(seen) - padding] = True
    colours[~inside] = grey(paper, 0.165)
    colours[inside & (seen == 0)] = UNSEEN
    whole = np.tile(paper, (LENGTH, LENGTH, 1))
    start = (LENGTH - len(seen)) // 2
    whole[start : start + len(seen), start : start + len(seen)] = colours
    return whole


show = shows(OutputSizeDemo)
