"""A small network as a picture: what each unit makes of the plane, and the weights between them as lines."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from PIL import Image, ImageDraw

from lib import plots
from lib.demos.kit.regions import between
from lib.demos.kit.screen import Screen

WIDTH, HEIGHT = 350, 310  # dots at the size that the demo names
GAP, LARGEST = 6, 72  # dots between units, and on a side of a unit
LINES = 64  # between two layers: the strongest ones
FINER = 2  # lines are drawn so many times finer, and then made smooth

BLUE, ORANGE = (255 * np.array([to_rgb(color) for color in plots.COLORS[:2]])).round()


@lru_cache(maxsize=8)
def shades(strength: float = 1.0, paper: str = "white") -> np.ndarray:
    """Colours from orange (−1) over the paper's (0) to blue (+1), uint8 (256, 3).

    strength: how much of the full colour the two ends have, from 0 to 1
    """
    share, ground = np.linspace(-1, 1, 256)[:, None], 255 * np.array(to_rgb(paper))
    full = np.where(share < 0, ORANGE, BLUE)
    return (ground + strength * np.abs(share) * (full - ground)).astype(np.uint8)


def levels(shares: np.ndarray) -> np.ndarray:
    """−1…1 → 0…255, of `shades`; numbers beyond are cut."""
    return (128 + 127.5 * np.clip(shares, -1, 1)).astype(np.uint8)


@lru_cache(maxsize=100)
def places(widths: tuple[int, ...]) -> tuple[int, list[np.ndarray]]:
    """Side of a unit in dots, and for each layer int (units, 2): left and upper edges of its units.

    widths: units of each layer, the input's first. More than 8 units stand in two columns; a gap for the
    lines is left behind each layer, behind the last one too.
    """
    pitch, most = WIDTH // len(widths), max(widths)
    columns = 1 if most <= 8 else 2
    rows = -(-most // columns)
    side = min(HEIGHT // rows - GAP, (3 * pitch // 4 + GAP) // columns - GAP, LARGEST)
    step, found = side + GAP, []
    for layer, units in enumerate(widths):
        used = -(-units // rows)
        high = -(-units // used)
        column, row = np.divmod(np.arange(units), high)
        left = layer * pitch + (columns - used) * step // 2 + column * step
        top = (HEIGHT - high * step + GAP) // 2 + row * step
        found.append(np.stack([left, top], axis=1))
    return side, found


@lru_cache(maxsize=8)
def line_ends(widths: tuple[int, ...]) -> np.ndarray:
    """Where the line of each weight begins and ends, in dots: (weights, 4), (left, top) of both.

    widths: as in `places`. Weights are counted through the matrices, the units behind one after the other;
    the last ones lead to the score.
    """
    side, layers = places(widths)
    leave, entry = np.array([side, side // 2]), np.array([0, side // 2])
    ends = [*(corners + entry for corners in layers[1:]), np.array([[WIDTH, HEIGHT // 2]])]
    found = []
    for corners, behind in zip(layers, ends, strict=True):
        starts = np.tile(corners + leave, (len(behind), 1))
        found.append(np.hstack([starts, behind.repeat(len(corners), axis=0)]))
    return np.concatenate(found)


def is_drawn(matrices: Sequence[np.ndarray]) -> np.ndarray:
    """Which weights have a line, bool (weights,), counted as in `line_ends`: the strongest of each matrix."""
    found = []
    for W in matrices:
        found.append(np.zeros(W.size, bool))
        found[-1][strongest(W)] = True
    return np.concatenate(found)


def strongest(W: np.ndarray) -> np.ndarray:
    """The weights that are drawn, the strongest last."""
    return np.argsort(np.abs(W), axis=None)[-LINES:]


def paint(
    outputs: Sequence[np.ndarray],
    matrices: Sequence[np.ndarray],
    *,
    scale: float = 1.0,
    paper: str = "white",
    ink: str = "black",
    chosen: int = -1,
) -> np.ndarray:
    """The network as uint8 (HEIGHT, WIDTH, 3), or `scale` times as many dots.

    outputs: of the input and of each hidden layer, (units, G, G), over a grid of the plane from its upper
        left corner: blue positive, the paper's colour 0, orange negative; full colour is 1, or the unit's
        largest output where that is larger
    matrices: (units behind, units before), the weights after each of them, thicker and darker where larger
    chosen: the number of the unit with a frame of ink, counted through all layers; −1 for none
    """
    side, layers = places(tuple(len(output) for output in outputs))
    width, height = round(scale * WIDTH), round(scale * HEIGHT)
    picture = Image.new("RGB", (FINER * width, FINER * height), paper)
    pencil = ImageDraw.Draw(picture)
    colours = shades(paper=paper)
    end = np.array([[WIDTH, (HEIGHT - side) // 2]])  # where the plane begins that shows the last score
    exit_of_unit, entry = np.array([side, side // 2]), np.array([0, side // 2])
    fine = FINER * scale
    thin = min(1.0, side / 45)  # among many small units
    for W, before, behind in zip(matrices, layers, [*layers[1:], end], strict=True):
        draw_lines(pencil, W, fine * (before + exit_of_unit), fine * (behind + entry), colours, fine * thin)
    pixels = np.array(picture.reduce(FINER))
    dots = round(scale * side)
    frame = colours[127].astype(int) // 2 + 60
    number = 0
    for output, corners in zip(outputs, layers, strict=True):
        grid = between(dots, output.shape[-1])
        maps = grid @ output @ grid.T
        peaks = np.abs(maps).max(axis=(1, 2), keepdims=True)
        tiles = colours[levels(maps / np.maximum(peaks, 1))]
        tiles[:, [0, -1]] = tiles[:, :, [0, -1]] = frame
        for tile, (left, top) in zip(tiles, np.round(scale * corners).astype(int), strict=True):
            if number == chosen:
                wide = round(3 * scale) + 1
                ring = pixels[
                    max(0, top - wide) : top + dots + wide, max(0, left - wide) : left + dots + wide
                ]
                ring[:] = (255 * np.array(to_rgb(ink))).astype(np.uint8)
            pixels[top : top + dots, left : left + dots] = tile
            number += 1
    return pixels


def draw_lines(
    pencil: ImageDraw.ImageDraw,
    W: np.ndarray,
    starts: np.ndarray,
    ends: np.ndarray,
    colours: np.ndarray,
    scale: float,
) -> None:
    """A line for each of the strongest weights, the very strongest on top.

    W: (units behind, units before)
    starts, ends: (units before, 2) and (units behind, 2), where lines begin and end, in dots
    colours: 256 `shades`
    scale: dots of the thinnest line
    """
    share = W / max(np.abs(W).max(), 1)
    for index in strongest(W):
        behind, before = divmod(int(index), W.shape[1])
        amount = float(share[behind, before])
        colour = tuple(map(int, colours[round(127.5 + 127.5 * amount)]))
        line = (*map(int, starts[before]), *map(int, ends[behind]))
        pencil.line(line, fill=colour, width=max(1, round(scale * (1 + 4 * abs(amount)))))


class NetworkScreen(Screen):
    """The network on an axes, painted for the dots that there are.

    paper, ink: the colours of the ground and of the frame of the chosen unit
    """

    def __init__(self, axes: Axes, *, paper: str, ink: str):
        super().__init__(axes, (HEIGHT, WIDTH))
        self.paper, self.ink = paper, ink
        self.outputs: Sequence[np.ndarray] = ()
        self.matrices: Sequence[np.ndarray] = ()
        self.chosen = -1

    def show(self, outputs: Sequence[np.ndarray], matrices: Sequence[np.ndarray], chosen: int) -> None:
        """Arguments as in `paint`."""
        self.outputs, self.matrices, self.chosen = outputs, matrices, chosen
        self.stale = True

    def painted(self, height: int, width: int) -> np.ndarray:
        pixels = paint(
            self.outputs,
            self.matrices,
            scale=height / HEIGHT,
            paper=self.paper,
            ink=self.ink,
            chosen=self.chosen,
        )
        if pixels.shape[:2] == (height, width):
            return pixels
        return np.asarray(Image.fromarray(pixels).resize((width, height)))


class PlaneScreen(Screen):
    """A function of the plane in shades, smooth however large it is drawn, with a line where it is 0.

    paper, ink: the colours of 0 and of that line
    """

    def __init__(self, axes: Axes, *, paper: str, ink: str):
        super().__init__(axes, (2, 2))
        self.shades = shades(0.6, paper)
        self.line = (255 * (0.7 * np.array(to_rgb(ink)) + 0.3 * np.array(to_rgb(paper)))).astype(np.uint8)

    def show(self, values: np.ndarray, *, squash: bool) -> None:
        """values: (G, G), from the upper left corner; squash: score → 2 σ(score) − 1, else largest → 1."""
        self.values, self.squash = values.astype(np.float32), squash
        self.stale = True

    def painted(self, height: int, width: int) -> np.ndarray:
        rows, columns = self.values.shape
        fine = between(height, rows) @ self.values @ between(width, columns).T
        shares = np.tanh(fine / 2) if self.squash else fine / max(1, float(np.abs(fine).max()))
        pixels = self.shades[levels(shares)]
        above = fine > 0
        border = np.zeros(above.shape, bool)
        border[1:] |= above[1:] != above[:-1]
        border[:, 1:] |= above[:, 1:] != above[:, :-1]
        border[:-1] |= border[1:]
        border[:, :-1] |= border[:, 1:]  # as thick as a line of two dots
        pixels[border] = self.line
        return pixels
