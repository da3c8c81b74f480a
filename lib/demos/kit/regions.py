"""Regions of classes in the plane, with smooth borders however large the picture is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb

from lib.demos.kit.screen import Screen


class Regions(Screen):
    """Which class every place of the plane belongs to, with a line where two classes meet.

    colors: one for each class; its region has a light shade of it
    extent: left, right, bottom and top of the plane, in the axes' coordinates
    """

    def __init__(self, axes: Axes, colors: Sequence[str], extent: tuple[float, float, float, float]):
        super().__init__(axes, (2, 2))
        axes.set_axis_on()
        self.set(extent=extent, zorder=0.5)
        full, paper = np.array([to_rgb(color) for color in colors]), np.array(to_rgb(axes.get_facecolor()))
        self.shades = (255 * (0.3 * full + 0.7 * paper)).astype(np.uint8)
        self.lines = (255 * (0.8 * full + 0.2 * paper)).astype(np.uint8)
        self.scores = np.zeros((len(colors), 2, 2), np.float32)

    def show(self, scores: np.ndarray) -> None:
        """scores: float (h, w, classes), the largest wins; or int (h, w), classes.

        The first row is the lowest, and each number belongs to the middle of its cell.
        """
        if scores.ndim == 2:
            self.scores = softened(scores, len(self.shades))
        else:
            self.scores = np.ascontiguousarray(np.moveaxis(scores, -1, 0), np.float32)  # BLAS takes no other
        self.stale = True

    def painted(self, height: int, width: int) -> np.ndarray:
        _, rows, columns = self.scores.shape
        fine = between(height, rows) @ self.scores @ between(width, columns).T
        classes = fine.argmax(axis=0)[::-1]
        pixels = self.shades.take(classes, axis=0)
        border = np.zeros(classes.shape, bool)
        border[1:] |= classes[1:] != classes[:-1]
        border[:, 1:] |= classes[:, 1:] != classes[:, :-1]
        thick = border.copy()  # as thick as a line of two dots
        thick[:-1] |= border[1:]
        thick[:, :-1] |= border[:, 1:]
        pixels[thick] = self.lines[classes[thick]]
        return pixels


def softened(classes: np.ndarray, count: int) -> np.ndarray:
    """Scores for classes alone, int (h, w): float32 (count, h, w). Slanting borders lose most of their steps.

    Each class is blurred over its neighbourhood. Where that gives a cell to another class, as in an island
    of one cell, it is sharpened again, the more the further it was off.
    """
    height, width = classes.shape
    sharp = (classes == np.arange(count)[:, None, None]).astype(np.float32)
    soft = blur(height) @ sharp @ blur(width).T
    own = np.where(sharp > 0, soft, 0).sum(axis=0)
    off = np.clip(np.where(sharp > 0, 0, soft).max(axis=0) - own, 0, None)
    least = off / (1 + off)  # brings it to a draw
    return soft + least * (1 + 5 * least) * (sharp - soft)


@lru_cache(maxsize=8)
def blur(cells: int) -> np.ndarray:
    """Binomial weights 1, 4, 6, 4, 1 of a cell's neighbours, the ends repeated: float32 (cells, cells)."""
    weights = np.zeros((cells, cells), np.float32)
    rows = np.arange(cells)
    for shift, weight in zip(range(-2, 3), (1, 4, 6, 4, 1), strict=True):
        np.add.at(weights, (rows, np.clip(rows + shift, 0, cells - 1)), weight / 16)
    return weights


@lru_cache(maxsize=8)
def between(many: int, few: int) -> np.ndarray:
    """Smooth interpolation from the middles of `few` cells to those of `many`: float32 (many, few).

    Quadratic B-splines: borders are rounded, and yet a single cell of a class stays in sight.
    """
    places = (np.arange(many) + 0.5) * few / many - 0.5
    apart = np.abs(places[:, None] - np.arange(few))
    weights = np.where(apart < 0.5, 0.75 - apart**2, 0.5 * np.clip(1.5 - apart, 0, None) ** 2)
    return (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)
