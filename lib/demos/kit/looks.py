"""What the looks of several demos share: contour maps in one hue, names at ends of curves, signs in words."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_hex, to_rgb

from lib import plots


def draw_valley(
    axes: Axes, x: np.ndarray, y: np.ndarray, heights: np.ndarray, levels: np.ndarray, *, paper: str
) -> None:
    """Contour lines and shades of a loss over two weights, the darker the lower.

    x, y: float (w,) and (h,), the weights
    heights: float (h, w), the loss; above the last level nothing is shaded
    levels: of the lines, ascending
    paper: the colour of the ground
    """
    ground, hue = np.array(to_rgb(paper)), np.array(to_rgb(plots.COLORS[0]))
    shares = np.linspace(0.42, 0.05, len(levels) - 1)
    shades = [tuple(share * hue + (1 - share) * ground) for share in shares]
    axes.contourf(x, y, heights, levels, colors=shades, zorder=0.5)
    line = tuple(0.55 * hue + 0.45 * ground)
    axes.contour(x, y, heights, levels, colors=[line], linewidths=0.8, zorder=0.6)


def legible(color: str, *, dark: bool) -> str:
    """A colour of the palette for lines and words: lighter on a dark page, where deep ones fade."""
    if not dark:
        return color
    red, green, blue = (0.6 * part + 0.4 for part in to_rgb(color))
    return to_hex((red, green, blue))


def line_end(
    x: float, y: float, slope: float, *, right: float, low: float, high: float
) -> tuple[float, float]:
    """Where a line through (x, y) leaves the picture on its right side, above or below."""
    height = y + slope * (right - x)
    if low <= height <= high:
        return right, height
    edge = high if height > high else low
    return x + (edge - y) / slope, edge


def apart(
    a: float, b: float, *, least: float, low: float = -np.inf, high: float = np.inf
) -> tuple[float, float]:
    """Two heights, moved apart around their middle where their distance is below `least`, within limits."""
    half = max(abs(a - b), least) / 2
    middle = min(max((a + b) / 2, low + half), high - half)
    return (middle + half, middle - half) if a >= b else (middle - half, middle + half)


def signed(words: str) -> str:
    """The words with a true minus sign in the place of a hyphen, as in −3 and 1e−05."""
    return words.replace("-", "−")
