"""A small network as a picture: what each unit makes of the plane, and the weights between them as lines."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from matplotlib.colors import to_rgb
from PIL import Image, ImageDraw

from lib import plots

WIDTH, HEIGHT = 312, 380  # dots
GAP, LARGEST = 6, 72  # dots between units, and on a side of a unit
LINES = 64  # between two layers: the strongest ones

BLUE, ORANGE = (255 * np.array([to_rgb(color) for color in plots.COLORS[:2]])).round()


def shades(strength: float) -> np.ndarray:
    """Colours from blue over white to orange, uint8 (256, 3).

    strength: how much of the full colour the two ends have, from 0 to 1
    """
    share = np.linspace(-1, 1, 256)[:, None]
    return (255 + strength * np.abs(share) * (np.where(share < 0, BLUE, ORANGE) - 255)).astype(np.uint8)


FULL = shades(1.0)


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


def paint(outputs: Sequence[np.ndarray], matrices: Sequence[np.ndarray]) -> np.ndarray:
    """The network as uint8 (HEIGHT, WIDTH, 3).

    outputs: of the input and of each hidden layer, (units, G, G), over a grid of the plane from its upper
    left corner: orange positive, white 0, blue negative; full colour is 1, or the unit's largest output
    where that is larger
    matrices: (units behind, units before), the weights after each of them, thicker and darker where larger
    """
    side, layers = places(tuple(len(output) for output in outputs))
    picture = Image.new("RGB", (WIDTH, HEIGHT), "white")
    pencil = ImageDraw.Draw(picture)
    end = np.array([[WIDTH, (HEIGHT - side) // 2]])  # where the plane begins that shows the last score
    exit_of_unit, entry = np.array([side, side // 2]), np.array([0, side // 2])
    for W, before, behind in zip(matrices, layers, [*layers[1:], end], strict=True):
        draw_lines(pencil, W, before + exit_of_unit, behind + entry)
    pixels = np.array(picture)
    for output, corners in zip(outputs, layers, strict=True):
        cells = np.arange(side) * output.shape[-1] // side
        maps = output[:, cells[:, None], cells]
        peaks = np.abs(maps).max(axis=(1, 2), keepdims=True)
        tiles = FULL[(127.5 + 127.5 * maps / np.maximum(peaks, 1)).astype(np.uint8)]
        tiles[:, [0, -1]] = tiles[:, :, [0, -1]] = 110  # a grey frame
        for tile, (left, top) in zip(tiles, corners, strict=True):
            pixels[top : top + side, left : left + side] = tile
    return pixels


def draw_lines(pencil: ImageDraw.ImageDraw, W: np.ndarray, starts: np.ndarray, ends: np.ndarray) -> None:
    """A line for each of the strongest weights, the very strongest on top.

    W: (units behind, units before)
    starts, ends: (units before, 2) and (units behind, 2), where lines begin and end, in dots
    """
    share = W / max(np.abs(W).max(), 1)
    for index in np.argsort(np.abs(share), axis=None)[-LINES:]:
        behind, before = divmod(int(index), W.shape[1])
        amount = float(share[behind, before])
        colour = tuple(map(int, FULL[round(127.5 + 127.5 * amount)]))
        line = (*map(int, starts[before]), *map(int, ends[behind]))
        pencil.line(line, fill=colour, width=1 + round(4 * abs(amount)))
