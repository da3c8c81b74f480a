"""How large is the output? Windows placed on a row of pixels: by formula, and by counting."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lib.checks import check_whole
from lib.demos.kit import Demo, Slider, shows
from lib.demos.kit.screen import Screen, dots

MOST_N, MOST_K, MOST_P = 10, 5, 2
LENGTH = MOST_N + 2 * MOST_P  # cells of the longest padded row, and windows that it can hold
TILE, LINE = 48, 22  # dots: a cell is TILE wide; a row of cells is LINE high
GAP = 8  # dots between the input and its windows
PIXEL, PAD, TAP, FLAT = (
    np.array(rgb, np.uint8) for rgb in ((86, 180, 233), (213, 213, 213), (0, 114, 178), (225, 225, 225))
)
UNSEEN = np.array([213, 94, 0], np.uint8)


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
    return State(n, k, p, s, d, max(0, (n + 2 * p - d * (k - 1) - 1) // s + 1), windows, seen)


class OutputSizeDemo(Demo):
    title = "How large is the output?"
    alt = (
        "Left, a row of pixels with its padding, and below it each window in a row of its own; pixels that "
        "no window sees are orange. Right, the same windows on a square picture: the darker a pixel, the "
        "more windows see it. Above, the formula with the numbers."
    )
    size = (10, 4.7)
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

    compute = staticmethod(compute)

    def arrange(self, figure: Figure) -> tuple[Axes, Axes]:
        figure.set_layout_engine("none")
        width, height = LENGTH * TILE, TILE + GAP + LENGTH * LINE
        line = figure.add_axes((15 / 1000, 10 / 470, width / 1000, height / 470))
        figure.text(0.857, 0.70, "in 2-D: how often seen", ha="center", fontsize=13)
        return line, dots(figure, 745, 90, 16 * LENGTH)

    def draw(self, axes: tuple[Axes, Axes]) -> None:
        line, square = axes
        self.rows = Screen(line, (TILE + GAP + LENGTH * LINE, LENGTH * TILE))
        self.picture = Screen(square, (LENGTH, LENGTH))
        figure = line.figure
        self.formula = figure.text(0.015, 0.93, "", fontsize=17)
        self.verdict = figure.text(0.015, 0.85, "", fontsize=14)
        self.most = square.text(
            0.5, -0.05, "", transform=square.transAxes, ha="center", va="top", fontsize=13
        )

    def update(self, state: State) -> None:
        n, k, p, s, d = state[:5]
        numbers = f"⌊({n} + 2·{p} − {d}·({k} − 1) − 1) / {s}⌋ + 1"
        self.formula.set_text(f"⌊(n + 2p − d(k − 1) − 1) / s⌋ + 1  =  {numbers}  =  {state.by_formula}")
        count, unseen = len(state.windows), int((state.seen[p : p + n] == 0).sum())
        words = f"{count} windows" if count > 1 else ("1 window" if count else "no window fits")
        missed = f"{unseen} of {n} pixels are never seen" if unseen else "every pixel is seen"
        self.verdict.set_text(f"counted: {words}; {missed}")
        self.rows.set_data(paint_rows(state))
        both = state.seen[:, None] * state.seen  # a window in 2-D is one in 1-D downwards, and one across
        self.picture.set_data(paint_square(both, p))
        self.most.set_text(f"most: {both.max()}, a corner pixel: {both[p, p]}")


def paint_rows(state: State) -> np.ndarray:
    """The padded row of pixels with the windows below it: uint8 (height, LENGTH · TILE, 3)."""
    length = state.n + 2 * state.p
    inside = np.zeros(length, bool)
    inside[state.p : state.p + state.n] = True
    colours = np.where(inside[:, None], PIXEL, PAD)
    colours[inside & (state.seen == 0)] = UNSEEN
    cells = np.full((LENGTH, LENGTH, 3), 255, np.uint8)
    for row, taps in enumerate(state.windows[:LENGTH]):
        cells[row, taps[0] : taps[-1] + 1] = FLAT
        cells[row, taps] = np.where(inside[taps, None], TAP, PAD // 2)
    top = np.full((TILE, LENGTH * TILE, 3), 255, np.uint8)
    top[:, : length * TILE] = colours.repeat(TILE, axis=0)
    below = cells.repeat(LINE, axis=0).repeat(TILE, axis=1)
    below[LINE - 3 :: LINE] = below[LINE - 2 :: LINE] = below[LINE - 1 :: LINE] = 255
    whole = np.concatenate([top, np.full((GAP, LENGTH * TILE, 3), 255, np.uint8), below])
    whole[:, ::TILE] = whole[:, 1::TILE] = 255
    return whole


def paint_square(seen: np.ndarray, padding: int) -> np.ndarray:
    """How often each place of a padded picture is seen, in the middle: uint8 (LENGTH, LENGTH, 3)."""
    share = seen / max(1, seen.max())
    colours = (235 - share[..., None] * (235 - TAP.astype(float))).astype(np.uint8)
    inside = np.zeros(seen.shape, bool)
    inside[padding : len(seen) - padding, padding : len(seen) - padding] = True
    colours[~inside] = PAD
    colours[inside & (seen == 0)] = UNSEEN
    whole = np.full((LENGTH, LENGTH, 3), 255, np.uint8)
    start = (LENGTH - len(seen)) // 2
    whole[start : start + len(seen), start : start + len(seen)] = colours
    return whole


show = shows(OutputSizeDemo)
