"""A 3 × 3 kernel slides over a picture: nine products and a sum for each pixel; you edit the nine cells."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from lib import plots
from lib.checks import check_finite, check_whole
from lib.demos.kit import Demo, Slider, Time, shows
from lib.demos.kit.data import Images, images_of
from lib.demos.kit.rounded import rounded
from lib.demos.kit.screen import Screen, dots
from lib.demos.kit.tiles import Tiles

SIZE = 32  # pixels on a side of the picture
OUT = SIZE - 2  # of the output: a 3 × 3 window fits 30 times
CELLS = ("top_left", "top", "top_right", "left", "centre", "right", "bottom_left", "bottom", "bottom_right")
LUMA = np.array([0.299, 0.587, 0.114])  # of red, green and blue in a grey: Rec. 601
ORANGE, BLUE = np.array([230, 159, 0]), np.array([86, 180, 233])


class State(NamedTuple):
    """One convolution, and the step of it that is looked at.

    kernel: (3, 3)
    output: (OUT, OUT), all values, may leave 0…255
    patch: (3, 3), the pixels under the window
    products: (3, 3), patch × kernel
    value: their sum
    row, column: of the window's upper left pixel, and of the output pixel
    """

    kernel: np.ndarray
    output: np.ndarray
    patch: np.ndarray
    products: np.ndarray
    value: float
    row: int
    column: int


def compute(image: np.ndarray, kernel: np.ndarray, position: int) -> State:
    """Slides the kernel over the image, and stops at one position to show the arithmetic.

    image: (SIZE, SIZE), grey values 0…255
    kernel: (3, 3)
    position: 0…OUT² − 1, row by row

    The kernel is not flipped, as in all of deep learning; in signal processing that is a correlation.
    Raises `ValueError` that names the argument.

    >>> image = np.zeros((32, 32)); image[:, 16:] = 100
    >>> sobel = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
    >>> compute(image, sobel, 14).value
    400.0
    """
    image, kernel = np.asarray(image, float), np.asarray(kernel, float)
    if image.shape != (SIZE, SIZE):
        raise ValueError(f"image: expected shape {(SIZE, SIZE)}, got {image.shape}")
    if kernel.shape != (3, 3):
        raise ValueError(f"kernel: expected shape (3, 3), got {kernel.shape}")
    check_finite(kernel, name="kernel")
    check_whole(position, name="position", high=OUT * OUT - 1)
    output = np.zeros((OUT, OUT))
    for i in range(3):
        for j in range(3):
            output += kernel[i, j] * image[i : i + OUT, j : j + OUT]
    row, column = divmod(int(position), OUT)
    patch = image[row : row + 3, column : column + 3]
    return State(kernel, output, patch, patch * kernel, float(output[row, column]), row, column)


def grey(image: np.ndarray) -> np.ndarray:
    """A picture, uint8 (3, SIZE, SIZE), as grey values 0…255: float (SIZE, SIZE)."""
    return np.round(LUMA @ image.reshape(3, -1)).reshape(SIZE, SIZE)


def cell(place: str, start: float) -> Slider:
    return Slider(-4.0, 9.0, start=start, step=0.1, label=f"w{place}")


def named(*numbers: float) -> dict[str, float]:
    return {name: float(number) for name, number in zip(CELLS, numbers, strict=True)}


class ConvolveDemo(Demo):
    title = "Patch × kernel, summed: a convolution, pixel by pixel"
    alt = (
        "Left, a grey picture with a small square window on it. In the middle, the nine pixels in the "
        "window, the nine cells of the kernel, their products, and the sum. Right, the output: bright up to "
        "the present position, pale where it is still to come."
    )
    size = (10, 3.7)
    presets = {
        "Identity": named(0, 0, 0, 0, 1, 0, 0, 0, 0),
        "Shift": named(0, 0, 0, 1, 0, 0, 0, 0, 0),
        "Blur": named(0.1, 0.1, 0.1, 0.1, 0.2, 0.1, 0.1, 0.1, 0.1),
        "Sharpen": named(0, -1, 0, -1, 5, -1, 0, -1, 0),
        "Upright edges": named(-1, 0, 1, -2, 0, 2, -1, 0, 1),
        "Level edges": named(-1, -2, -1, 0, 0, 0, 1, 2, 1),
        "Laplacian": named(0, 1, 0, 1, -4, 1, 0, 1, 0),
        "Emboss": named(-2, -1, 0, -1, 1, 1, 0, 1, 2),
    }

    columns = 3  # the sliders stand as the cells of the kernel do
    top_left, top, top_right = cell("₀₀", -1), cell("₀₁", 0), cell("₀₂", 1)
    left, centre, right = cell("₁₀", -2), cell("₁₁", 0), cell("₁₂", 2)
    bottom_left, bottom, bottom_right = cell("₂₀", -1), cell("₂₁", 0), cell("₂₂", 1)
    position = Time(OUT * OUT - 1, start=OUT * OUT // 2 + 11, interval=80, label="pixel")

    def __init__(self, data: Images | None = None, **values: Any):
        """data: 32×32 colour pictures, the first one is used; None takes the training images of "auto"."""
        self.image = grey(images_of(data, least=1)[0])
        super().__init__(**values)

    def compute(self, position: int, **cells: float) -> State:
        return compute(self.image, np.array([cells[name] for name in CELLS]).reshape(3, 3), position)

    def arrange(self, figure: Figure) -> tuple[Axes, ...]:
        for x, title in ((138, "input"), (874, "output")):
            figure.text(x / 1000, 0.89, title, ha="center", fontsize=14)
        for x, title in ((348, "patch"), (506, "kernel"), (664, "products")):
            figure.text(x / 1000, 0.75, title, ha="center", fontsize=14)
        for x, sign in ((427, "×"), (585, "=")):
            figure.text(x / 1000, 0.53, sign, ha="center", va="center", fontsize=16)
        grids = [dots(figure, x, 130, 138) for x in (279, 437, 595)]
        return dots(figure, 10, 62, 256), *grids, dots(figure, 754, 70, 240)

    def draw(self, axes: tuple[Axes, ...]) -> None:
        left, *grids, right = axes
        Screen(left, (SIZE, SIZE)).set_data(self.image.astype(np.uint8)[..., None].repeat(3, axis=2))
        self.tiles = [Tiles(ax, 3, 3, side=46, font=16) for ax in grids]
        self.output = Screen(right, (OUT, OUT))
        style: dict[str, Any] = {
            "fill": False,
            "edgecolor": plots.COLORS[5],
            "linewidth": 3,
            "zorder": 3,
            "clip_on": False,
        }
        self.window, self.pixel = Rectangle((0, 0), 3, 3, **style), Rectangle((0, 0), 1, 1, **style)
        left.add_patch(self.window)
        right.add_patch(self.pixel)
        figure = left.figure
        self.sum = figure.text(0.664, 0.26, "", ha="center", fontsize=16, fontweight="bold")
        self.scale = figure.text(0.874, 0.10, "", ha="center", fontsize=13)

    def update(self, state: State) -> None:
        self.window.set_xy((state.column - 0.5, state.row - 0.5))
        self.pixel.set_xy((state.column - 0.5, state.row - 0.5))
        self.tiles[0].set(
            state.patch.astype(np.uint8)[..., None].repeat(3, axis=2),
            [[rounded(v, 4) for v in r] for r in state.patch],
        )
        for tiles, table, top in ((self.tiles[1], state.kernel, 4), (self.tiles[2], state.products, 255)):
            tiles.set(signed_colours(table / top), [[rounded(v, 4) for v in row] for row in table])
        signed = state.kernel.sum() < 0.5  # such a kernel answers to differences: 0 should be in the middle
        shown = np.clip(128 + state.output / 2 if signed else state.output, 0, 255)
        to_come = np.arange(OUT * OUT).reshape(OUT, OUT) > state.row * OUT + state.column
        shown = np.where(to_come, 255 - (255 - shown) / 3, shown)
        self.output.set_data(shown.astype(np.uint8)[..., None].repeat(3, axis=2))
        self.sum.set_text(f"sum = {state.value:.1f}".replace("-", "−"))
        self.scale.set_text("grey is 0" if signed else "black is 0")


def signed_colours(values: np.ndarray) -> np.ndarray:
    """Orange below 0, blue above, white at 0: values −1…1, (r, c) → uint8 (r, c, 3)."""
    strength = np.clip(np.abs(values), 0, 1)[..., None]
    towards = np.where(values[..., None] < 0, ORANGE, BLUE)
    return (245 + (towards - 245) * strength).astype(np.uint8)


show = shows(ConvolveDemo)
