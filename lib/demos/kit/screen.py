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

    Its data, uint8 (h, w, 3), comes by `set_data`.
    """

    def __init__(self, axes: Axes, shape: tuple[int, int]):
        height, width = shape
        super().__init__(axes, extent=(-0.5, width - 0.5, height - 0.5, -0.5))
        self.set_data(np.zeros((height, width, 3), np.uint8))
        axes.add_image(self)
        axes.set(xlim=(-0.5, width - 0.5), ylim=(height - 0.5, -0.5))
        axes.set_axis_off()
        axes.spines[:].set_visible(False)

    def make_image(self, renderer: Any, magnification: float = 1.0, unsampled: bool = False) -> tuple:
        box = self.axes.bbox
        left, bottom, right, top = (round(edge * magnification) for edge in box.extents)
        data = np.asarray(self.get_array())
        rows = np.arange(top - bottom)[::-1] * len(data) // (top - bottom)  # the canvas counts from below
        columns = np.arange(right - left) * data.shape[1] // (right - left)
        opaque = np.asarray(Image.fromarray(data).convert("RGBA"))
        words = opaque.view(np.uint32)[..., 0]  # four bytes a pixel move as one word
        pixels = words.take(columns, axis=1).take(rows, axis=0).view(np.uint8)
        pixels = pixels.reshape(len(rows), len(columns), 4)
        return pixels, left / magnification, bottom / magnification, IdentityTransform()


class NumberGrid:
    """Pixels as large squares with their numbers on them, for an axes `side` × TILE dots wide."""

    TILE = 60  # dots on a side of a square; divisible by 1, 2 and 3 numbers

    def __init__(self, axes: Axes, side: int):
        self.screen = Screen(axes, (side * self.TILE, side * self.TILE))

    def set(self, patch: np.ndarray, values: np.ndarray) -> None:
        """patch: uint8 (side, side, 3), colours; values: uint8 (side, side, n), n numbers in a square."""
        side, _, n = values.shape
        size, height = side * self.TILE, self.TILE // n
        ink = number_masks(height, self.TILE)[values].transpose(0, 2, 3, 1, 4).reshape(size, size, 1)
        paper = patch.repeat(self.TILE, 0).repeat(self.TILE, 1)
        colour = (
            np.where(is_bright(patch), 0, 255)
            .astype(np.uint8)
            .repeat(self.TILE, 0)
            .repeat(self.TILE, 1)[..., None]
        )
        pixels = np.where(ink > 127, colour, paper)
        pixels[:: self.TILE] = pixels[:, :: self.TILE] = 255  # white lines between the squares
        self.screen.set_data(pixels)


@lru_cache(maxsize=4)
def number_masks(height: int, width: int) -> np.ndarray:
    """The numbers 0…255 in print: uint8 (256, height, width), 255 where there is ink."""
    return np.stack([word_mask(str(number), (width, height), 19) for number in range(256)])


def dots(figure: Figure, left: float, bottom: float, side: float) -> Axes:
    """A square axes, placed and sized in dots, so that pixels of a picture are whole dots."""
    figure.set_layout_engine("none")
    width, height = figure.get_size_inches() * figure.dpi
    return figure.add_axes((left / width, bottom / height, side / width, side / height))
