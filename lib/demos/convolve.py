"""A 3 × 3 kernel slides over a picture: nine products and a sum for each pixel; you edit the nine cells."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from lib import plots
from lib.checks import check_finite, check_whole
from lib.demos.kit import Demo, Slider, Time, shows
from lib.demos.kit.data import Images, images_of
from lib.demos.kit.looks import signed
from lib.demos.kit.numbers import Number, Numbers
from lib.demos.kit.rounded import rounded
from lib.demos.kit.screen import Screen, dots
from lib.demos.kit.sliding import Sliding
from lib.demos.kit.tiles import Tiles

SIZE = 32  # pixels on a side of the picture
OUT = SIZE - 2  # of the output: a 3 × 3 window fits 30 times
CELLS = ("top_left", "top", "top_right", "left", "centre", "right", "bottom_left", "bottom", "bottom_right")
LUMA = np.array([0.299, 0.587, 0.114])  # of red, green and blue in a grey: Rec. 601
BLUE, ORANGE = (255 * np.array(to_rgb(color)) for color in plots.COLORS[:2])
CELL = 44  # dots on a side of a cell of the kernel


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
    """A kernel for a preset, with the whole picture done."""
    cells = {name: float(number) for name, number in zip(CELLS, numbers, strict=True)}
    return cells | {"position": OUT * OUT - 1}


class ConvolveDemo(Demo):
    title = "A convolution, pixel by pixel"
    alt = (
        "Left, a grey picture with a small square window on it. In the middle, the nine pixels in the "
        "window, the nine cells of the kernel, their products, and the sum. Right, the output: bright up to "
        "the present position, pale where it is still to come."
    )
    ask = "Predict, then turn a cell: which kernel shows edges, but only those that are dark on the right?"
    size = (10, 3.6)
    tall_size = (5, 5)
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
    position = Time(OUT * OUT - 1, interval=80, label="pixel")
    window = Sliding(
        "position", axes="input", stops="stops", side=3,
        label="the window", hint="Drag the window, or click where it should go",
    )  # fmt: skip
    pixel = Sliding("position", axes="made", stops="stops", label="the output pixel")
    cells = Numbers(
        axes="weights", of="kernel_cells", pace=3, wheel=True, click=10,
        hint="Drag a cell of the kernel, turn the wheel over it, or click to add 1",
    )  # fmt: skip

    def __init__(self, data: Images | None = None, **values: Any):
        """data: 32×32 colour pictures, the first one is used; None takes the training images of "auto"."""
        self.image = grey(images_of(data, least=1)[0])
        super().__init__(**values)

    def compute(self, position: int, **cells: float) -> State:
        return compute(self.image, np.array([cells[name] for name in CELLS]).reshape(3, 3), position)

    def arrange(self, figure: Figure) -> tuple[Axes, ...]:
        figure.set_layout_engine("none")
        # Tall: the arithmetic in a row below the pictures. Wide: in two rows between them.
        tables: tuple[tuple[int, int], ...]
        if self.tall:
            pictures = ((10, 250, 224), (266, 250, 224))
            tables, total = ((10, 36), (184, 36), (358, 36)), (490, 22)
        else:
            pictures = ((10, 12, 318), (672, 12, 318))
            tables, total = ((356, 198), (514, 198), (356, 12)), (580, 78)
        (left, bottom, side), (right, _, _) = pictures
        width, height = figure.get_size_inches() * figure.dpi

        def word(x: float, y: float, text: str, size: float) -> Any:
            return figure.text(x / width, y / height, text, ha="center", va="center", fontsize=size)

        word(left + side / 2, bottom + side + 15, "input", 14)
        self.scale = word(right + side / 2, bottom + side + 15, "", 14)
        for (x, y), title in zip(tables, ("patch", "kernel", "products"), strict=True):
            word(x + 1.5 * CELL, y + 3 * CELL + 15, title, 14)
        for (x, y), sign in zip(tables[1:], ("×", "="), strict=True):
            word(x - (21 if self.tall else 13), y + 1.5 * CELL, sign, 16)
        if not self.tall:
            word(total[0], tables[2][1] + 3 * CELL + 15, "their sum", 14)
        self.sum = word(*total, "", 16 if self.tall else 20)
        self.sum.set(fontweight="bold", ha="right" if self.tall else "center")
        grids = [dots(figure, x, y, 3 * CELL) for x, y in tables]
        return dots(figure, left, bottom, side), *grids, dots(figure, right, bottom, side)

    def draw(self, axes: tuple[Axes, ...]) -> None:
        self.input, *grids, self.made = axes
        self.weights = grids[1]
        Screen(self.input, (SIZE, SIZE)).set_data(self.image.astype(np.uint8)[..., None].repeat(3, axis=2))
        self.tiles = [Tiles(ax, 3, 3, side=CELL, font=16) for ax in grids]
        self.output = Screen(self.made, (OUT, OUT))
        style: dict[str, Any] = {
            "fill": False, "edgecolor": plots.COLORS[5], "linewidth": 3, "zorder": 3, "clip_on": False
        }  # fmt: skip
        self.frame, self.dot = Rectangle((0, 0), 3, 3, **style), Rectangle((0, 0), 1, 1, **style)
        self.input.add_patch(self.frame)
        self.made.add_patch(self.dot)

    def update(self, state: State) -> None:
        self.state, paper = state, 255 * np.array(to_rgb(self.paper))
        self.frame.set_xy((state.column - 0.5, state.row - 0.5))
        self.dot.set_xy((state.column - 0.5, state.row - 0.5))
        self.tiles[0].fill(
            state.patch.astype(np.uint8)[..., None].repeat(3, axis=2),
            [[rounded(v, 4) for v in r] for r in state.patch],
        )
        for tiles, table, top in ((self.tiles[1], state.kernel, 4), (self.tiles[2], state.products, 255)):
            words = [[rounded(v, 4) for v in row] for row in table]
            tiles.fill(signed_colours(table / top, np.clip(paper, 40, 245)), words)
        levels, zero = self.levels()
        shown = np.clip(levels, 0, 255)[..., None].repeat(3, axis=2)
        to_come = np.arange(OUT * OUT).reshape(OUT, OUT, 1) > state.row * OUT + state.column
        shown = np.where(to_come, paper - (paper - shown) / 3, shown)
        self.output.set_data(shown.astype(np.uint8))
        self.sum.set_text(signed(f"{'sum = ' if self.tall else ''}{state.value:.1f}"))
        self.scale.set_text("output, pale: to come" if to_come.any() else f"output ({zero} is 0)")

    def levels(self) -> tuple[np.ndarray, str]:
        """The output as grey levels, (OUT, OUT), those outside 0…255 are clipped; and which grey a 0 gets."""
        output = self.state.output
        if self.state.kernel.sum() < 0.5:  # such a kernel answers to differences: 0 should be in the middle
            return 128 + output / 2, "grey"
        return output, "black"

    def stops(self) -> int:
        return OUT

    def kernel_cells(self) -> list[Number]:
        """The cells of the kernel, row by row."""
        found = []
        for number, name in enumerate(CELLS):
            row, column = divmod(number, 3)
            place = (CELL * (column + 0.5) - 0.5, CELL * (row + 0.5) - 0.5, CELL, CELL)
            slider: Any = self.controls[name]
            put = lambda value, name=name: {name: value}  # noqa: E731
            found.append(Number(*place, slider.label, self.values[name], slider, put))
        return found

    def said(self) -> str:
        state = self.state
        whole = float(state.kernel.sum())
        flat = f"flat grey 100 gives {rounded(100 * whole, 3)}"
        value, total = rounded(round(state.value, 1), 5), rounded(round(whole, 1), 3)
        levels, _ = self.levels()
        counts = {"Brighter than white": (levels > 255).sum(), "Darker than black": (levels < 0).sum()}
        clipped = "".join(f" {name}: {n} of {OUT * OUT} pixels." for name, n in counts.items() if n)
        return (
            f"Row {state.row + 1}, column {state.column + 1}: nine products add up to {value}. "
            f"The cells add up to {total}, so {flat if abs(whole) > 1e-9 else 'any flat grey gives 0'}."
            f"{clipped}"
        )


def signed_colours(values: np.ndarray, paper: np.ndarray | int = 245) -> np.ndarray:
    """Orange below 0, blue above, paper at 0: values −1…1, (r, c) → uint8 (r, c, 3)."""
    strength = np.clip(np.abs(values), 0, 1)[..., None]
    towards = np.where(values[..., None] < 0, ORANGE, BLUE)
    return (paper + (towards - paper) * strength).astype(np.uint8)


show = shows(ConvolveDemo)
