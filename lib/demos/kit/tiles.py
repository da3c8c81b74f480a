"""Squares with words on them: a small table of numbers as one picture, many times faster than a text each."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb

from lib.demos.kit.ink import is_bright, word_mask
from lib.demos.kit.screen import Grid


class Tiles(Grid):
    """A table of coloured squares, each with a short word, for an axes `columns` × side dots wide.

    rows, columns: the most that will ever be shown; a smaller table stands in the upper left corner
    side: dots of a square
    font: height of the letters in dots
    """

    def __init__(self, axes: Axes, rows: int, columns: int, *, side: int, font: int = 16):
        super().__init__(axes, rows, columns, side=side)
        self.font = font
        self.paper = tuple(round(255 * part) for part in to_rgb(axes.get_facecolor()))
        self.table: list[tuple] = []

    def fill(
        self, colours: np.ndarray, words: Sequence[Sequence[str]], frames: np.ndarray | None = None
    ) -> None:
        """colours: uint8 (r, c, 3); words: r rows of c; frames: bool (r, c), squares with an edge in ink."""
        framed = np.zeros(colours.shape[:2], bool) if frames is None else frames
        self.table = list(zip(colours.tolist(), words, framed.tolist(), strict=True))
        self.stale = True

    def cells(self, side: int) -> np.ndarray:
        whole = np.full((self.rows * side, self.columns * side, 3), self.paper, np.uint8)
        font = max(7, round(self.font * side / self.side))
        for i, row in enumerate(self.table):
            for j, (colour, word, frame) in enumerate(zip(*row, strict=True)):
                place = slice(i * side, (i + 1) * side), slice(j * side, (j + 1) * side)
                whole[place] = tile(tuple(colour), word, side, font, bool(frame), self.paper)
        return whole


@lru_cache(maxsize=4000)
def tile(
    colour: tuple[int, int, int],
    word: str,
    side: int,
    height: int,
    frame: bool,
    paper: tuple[int, ...] = (255, 255, 255),
) -> np.ndarray:
    """One square, uint8 (side, side, 3), with a line of paper above and to its left."""
    ground = np.array(colour)
    ink = word_mask(word, (side, side), height)[..., None].astype(int)
    square = ground + (np.where(is_bright(ground), 0, 255) - ground) * ink // 255
    square[0] = square[:, 0] = paper
    if frame:
        inner = square[1:, 1:]
        inner[:3] = inner[-3:] = inner[:, :3] = inner[:, -3:] = 0 if is_bright(np.array(paper)) else 235
    return square.astype(np.uint8)
