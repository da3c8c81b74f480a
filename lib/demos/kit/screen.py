"""Pictures on the canvas of a demo, painted by repeating pixels: several times faster than `imshow`."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.transforms import IdentityTransform
from PIL import Image

from lib.demos.kit.ink import is_bright, word_mask


class Screen(AxesImage):
    """An image that fills its axes by repeating pixels: painted several times faster than by `imshow`.

    Its data, uint8 (h, w, 3), comes by `set_data`. An image that has about as many pixels as there are dots
    is fitted to them smoothly instead.
    """

    def __init__(self, axes: Axes, shape: tuple[int, int]):
        height, width = shape
        super().__init__(axes, extent=(-0.5, width - 0.5, height - 0.5, -0.5))
        self.set_data(np.zeros((height, width, 3), np.uint8))
        axes.add_image(self)
        axes.set(xlim=(-0.5, width - 0.5), ylim=(height - 0.5, -0.5))
        axes.set_axis_off()
        axes.spines[:].set_visible(False)

    def painted(self, height: int, width: int) -> np.ndarray:
        """The image as it looks on so many dots: uint8 (height, width, 3)."""
        data = np.asarray(self.get_array())
        if data.shape[:2] == (height, width):
            return data
        if 2 * len(data) > height:
            return np.asarray(Image.fromarray(data).resize((width, height), Image.Resampling.BILINEAR))
        rows = np.arange(height) * len(data) // height
        columns = np.arange(width) * data.shape[1] // width
        return data.take(columns, axis=1).take(rows, axis=0)

    def make_image(self, renderer: Any, magnification: float = 1.0, unsampled: bool = False) -> tuple:
        box = self.axes.bbox
        left, bottom, right, top = (round(edge * magnification) for edge in box.extents)
        picture = self.painted(top - bottom, right - left)
        upwards = Image.fromarray(picture).convert("RGBA").transpose(Image.Transpose.FLIP_TOP_BOTTOM)
        pixels = np.array(upwards)  # the canvas counts from below, and wants it writable
        return pixels, left / magnification, bottom / magnification, IdentityTransform()


class Grid(Screen):
    """Equal cells, drawn anew for the number of dots that there are, so that words in them stay crisp.

    rows, columns: how many cells
    side: dots of a cell at the size that the demo names
    """

    def __init__(self, axes: Axes, rows: int, columns: int, *, side: int):
        super().__init__(axes, (rows * side, columns * side))
        self.rows, self.columns, self.side = rows, columns, side

    def cells(self, side: int) -> np.ndarray:
        """The whole table with cells of so many dots: uint8 (rows · side, columns · side, 3)."""
        raise NotImplementedError

    def painted(self, height: int, width: int) -> np.ndarray:
        side = max(8, min(height // self.rows, width // self.columns))
        whole = self.cells(side)
        rows, columns = spread(height, self.rows, side), spread(width, self.columns, side)
        return whole.take(columns, axis=1).take(rows, axis=0)


def spread(dots: int, cells: int, side: int) -> np.ndarray:
    """Which of cells · side lines stands at each of so many dots; the last of a cell may stand twice."""
    ends = np.round(np.linspace(0, dots, cells + 1)).astype(int)
    lines = [cell * side + np.minimum(np.arange(size), side - 1) for cell, size in enumerate(np.diff(ends))]
    return np.concatenate(lines)


class NumberGrid(Grid):
    """Pixels as large squares with their numbers on them, for an axes `side` × TILE dots wide."""

    TILE = 60  # dots on a side of a square

    def __init__(self, axes: Axes, side: int):
        super().__init__(axes, side, side, side=self.TILE)
        self.patch, self.values = np.zeros((side, side, 3), np.uint8), np.zeros((side, side, 1), np.uint8)

    def fill(self, patch: np.ndarray, values: np.ndarray) -> None:
        """patch: uint8 (side, side, 3), colours; values: uint8 (side, side, n), n numbers in a square."""
        self.patch, self.values = patch, values
        self.stale = True

    def cells(self, side: int) -> np.ndarray:
        count, _, n = self.values.shape
        height = side // n
        printed = np.zeros((count, count, side, side), np.uint8)
        masks = number_masks(height, side, max(7, 19 * side // self.TILE))
        printed[:, :, : n * height] = masks[self.values].reshape(count, count, n * height, side)
        ink = printed.transpose(0, 2, 1, 3).reshape(count * side, count * side, 1)
        paper, colour = (
            squares.repeat(side, 0).repeat(side, 1)
            for squares in (self.patch, np.where(is_bright(self.patch), 0, 255).astype(np.uint8)[..., None])
        )
        pixels = np.where(ink > 127, colour, paper)
        pixels[::side] = pixels[:, ::side] = 255  # white lines between the squares
        return pixels


@lru_cache(maxsize=12)
def number_masks(height: int, width: int, font: int) -> np.ndarray:
    """The numbers 0…255 in print: uint8 (256, height, width), 255 where there is ink."""
    return np.stack([word_mask(str(number), (width, height), font) for number in range(256)])


def dots(figure: Figure, left: float, bottom: float, side: float) -> Axes:
    """A square axes, placed and sized in dots, so that pixels of a picture are whole dots."""
    figure.set_layout_engine("none")
    width, height = figure.get_size_inches() * figure.dpi
    return figure.add_axes((left / width, bottom / height, side / width, side / height))
