"""A picture as numbers: a window slides over it and shows the values of the pixels below it."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from lib.checks import check_whole, shown
from lib.demos.kit import Demo, Region, Slider, shows
from lib.demos.kit.data import Images, images_of
from lib.demos.kit.screen import NumberGrid, Screen, dots

PICTURES = 12
SIDE = 5  # pixels on a side of the window


class Window(NamedTuple):
    """A picture, and the part of it below the window.

    picture: uint8 (H, W, 3)
    patch: uint8 (SIDE, SIDE, 3), the part at (row, column)
    """

    picture: np.ndarray
    patch: np.ndarray
    row: int
    column: int


def compute(image: np.ndarray, row: int, column: int, brightness: int) -> Window:
    """A brighter or darker picture, and the pixels of it below the window.

    image: uint8 (3, H, W)
    row, column: upper left pixel of the window, 0…H − SIDE and 0…W − SIDE
    brightness: added to every value, −255…255; what leaves 0…255 is cut off there
    """
    image = np.asarray(image)
    if image.ndim != 3 or len(image) != 3 or image.dtype != np.uint8:
        raise ValueError(f"image: expected uint8 (3, H, W), got {shown(image)}")
    check_whole(row, name="row", high=image.shape[1] - SIDE)
    check_whole(column, name="column", high=image.shape[2] - SIDE)
    check_whole(brightness, name="brightness", low=-255, high=255)
    brighter = np.clip(image.astype(np.int16) + brightness, 0, 255).astype(np.uint8)  # int16: no overflow
    picture = np.moveaxis(brighter, 0, -1)
    return Window(picture, picture[row : row + SIDE, column : column + SIDE], row, column)


class PixelsDemo(Demo):
    title = "What the computer sees"
    alt = (
        "Left, a small colour picture with a square window on it; right, the 5 × 5 pixels in the window, "
        "each with its three numbers: red, green, blue."
    )
    ask = "Predict, then drag the window: what do its numbers do at the edge of a shape?"
    size = (8, 3.7)
    tall_size = (4.6, 9.2)
    picture = Slider(0, PICTURES - 1, start=0)
    brightness = Slider(-255, 255, start=0, step=5)
    row = Slider(0, 32 - SIDE, start=12, label="row")
    column = Slider(0, 32 - SIDE, start=13, label="column")
    window = Region("column", "row", axes="left", width=SIDE, height=SIDE)
    presets = {
        "Lights out": {"brightness": -120},
        "Too bright: white stays 255": {"brightness": 200},
        "Top left corner": {"row": 0, "column": 0},
    }

    def __init__(self, data: Images | None = None, **values: Any):
        """data: 32×32 colour pictures; None takes the training images of `load_dataset("auto")`"""
        self.images = np.array(images_of(data, least=PICTURES)[:PICTURES])
        super().__init__(**values)

    def compute(self, picture: int, brightness: int, row: int, column: int) -> Window:
        return compute(self.images[picture], row, column, brightness)

    def arrange(self, figure: Figure) -> tuple[Axes, Axes]:
        if self.tall:
            words, corners, side = ((0.5, 0.97), (0.5, 0.471)), ((25, 475), (25, 15)), 410
        else:
            words, corners, side = ((0.25, 0.915), (0.75, 0.915)), ((45, 15), (445, 15)), 310
        titles = "for you: a picture", "for the computer: red, green, blue"
        for place, title in zip(words, titles, strict=True):
            figure.text(*place, title, ha="center", fontsize=14)
        left, right = (dots(figure, *corner, side) for corner in corners)
        return left, right

    def draw(self, axes: tuple[Axes, Axes]) -> None:
        self.left, right = axes
        self.screen = Screen(self.left, (32, 32))
        style: dict[str, Any] = {"fill": False, "linewidth": 3}
        self.frames = [
            Rectangle((0, 0), SIDE, SIDE, edgecolor="black", **style),
            Rectangle((0, 0), SIDE, SIDE, edgecolor="white", linestyle=(0, (3, 3)), **style),
        ]
        for frame in self.frames:
            self.left.add_patch(frame)
        self.numbers = NumberGrid(right, SIDE)

    def update(self, state: Window) -> None:
        self.state = state
        self.screen.set_data(state.picture)
        for frame in self.frames:
            frame.set_xy((state.column - 0.5, state.row - 0.5))
        self.numbers.fill(state.patch, state.patch)

    def said(self) -> str:
        picture, half = self.state.picture, SIDE // 2
        row, column = self.state.row + half, self.state.column + half
        red, green, blue = picture[row, column]
        ends = int(((picture == 0) | (picture == 255)).sum())
        at_ends = f"{ends:,} stand" if ends > 1 else "one stands" if ends else "none stands"
        return (
            f"Middle of the window (row {row}, column {column}): red {red}, green {green}, blue {blue}. "
            f"Of all {picture.size:,} numbers, {at_ends} at 0 or 255."
        )


show = shows(PixelsDemo)
