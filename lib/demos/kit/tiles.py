"""Squares with words on them: a small table of numbers as one picture, many times faster than a text each."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from matplotlib.axes import Axes
from matplotlib.font_manager import findfont
from PIL import Image, ImageDraw, ImageFont

from lib.demos.kit.screen import Screen


class Tiles:
    """A table of coloured squares, each with a short word, for an axes `columns` × side dots wide.

    rows, columns: the most that will ever be shown; a smaller table stands in the upper left corner
    side: dots of a square; font: height of the letters in dots
    """

    def __init__(self, axes: Axes, rows: int, columns: int, *, side: int, font: int = 16):
        self.rows, self.columns, self.side, self.font = rows, columns, side, font
        self.screen = Screen(axes, (rows * side, columns * side))

    def set(
        self, colours: np.ndarray, words: Sequence[Sequence[str]], frames: np.ndarray | None = None
    ) -> None:
        """colours: uint8 (r, c, 3); words: r rows of c; frames: bool (r, c), squares with a black edge."""
        r, c = colours.shape[:2]
        side = self.side
        ink = np.zeros((r * side, c * side), np.uint8)
        for i, row in enumerate(words):
            for j, word in enumerate(row):
                if word:
                    ink[i * side : (i + 1) * side, j * side : (j + 1) * side] = word_mask(
                        word, side, self.font
                    )
        bright = (
            colours @ np.array([299, 587, 114]) > 140_000
        )  # luma of Rec. 601: black ink on bright squares
        letters = np.where(bright, 0, 255).repeat(side, 0).repeat(side, 1)[..., None]
        paper = colours.astype(np.int32).repeat(side, 0).repeat(side, 1)
        paper += (letters - paper) * ink[..., None] // 255
        paper[::side] = paper[:, ::side] = 255  # white lines between the squares
        if frames is not None:
            for i, j in np.argwhere(frames):
                square = paper[i * side + 1 : (i + 1) * side, j * side + 1 : (j + 1) * side]
                square[:3] = square[-3:] = square[:, :3] = square[:, -3:] = 0
        whole = np.full((self.rows * side, self.columns * side, 3), 255, np.uint8)
        whole[: r * side, : c * side] = paper
        self.screen.set_data(whole)


@lru_cache(maxsize=2000)
def word_mask(word: str, side: int, height: int) -> np.ndarray:
    """A word in print in the middle of a square: uint8 (side, side), 255 where there is ink."""
    font = ImageFont.truetype(findfont("DejaVu Sans"), height)
    mask = Image.new("L", (side, side))
    ImageDraw.Draw(mask).text((side / 2, side / 2), word, 255, font, anchor="mm")
    return np.asarray(mask)


def short(number: float) -> str:
    """A number in at most six characters: one decimal only where it has one and room for it.

    >>> short(-3.0), short(14.28), short(-1020.4)
    ('−3', '14.3', '−1020')
    """
    rounded = round(number, 1)
    decimals = 0 if rounded == int(rounded) or abs(rounded) >= 1000 else 1
    return f"{rounded + 0.0:.{decimals}f}".replace("-", "−")
