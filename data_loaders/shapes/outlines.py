"""The ten outlines as signed distances: negative inside, positive outside, about 1 across.

Every function takes x (right) and y (up), float32 (n, H, W), and `build`, float32 (n, 1, 1), slim at −1 and
full at 1, and returns float32 (n, H, W). Only operations are used that IEEE 754 fixes to the last bit.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

Outline = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]
ROOT_HALF = 0.70710678  # cos 45°


def length(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The distance from the origin."""
    return np.sqrt(x * x + y * y)


def disc(x: np.ndarray, y: np.ndarray, build: np.ndarray) -> np.ndarray:
    return length(x, y) - (0.84 + 0.06 * build)


def ring(x: np.ndarray, y: np.ndarray, build: np.ndarray) -> np.ndarray:
    return np.abs(length(x, y) - 0.7) - (0.2 + 0.07 * build)


def triangle(x: np.ndarray, y: np.ndarray, build: np.ndarray) -> np.ndarray:
    return np.maximum(-0.55 - y, 0.8660254 * np.abs(x) + 0.5 * y - (0.5 + 0.05 * build))


def square(x: np.ndarray, y: np.ndarray, build: np.ndarray) -> np.ndarray:
    return np.maximum(np.abs(x), np.abs(y)) - (0.72 + 0.06 * build)


def star(x: np.ndarray, y: np.ndarray, build: np.ndarray) -> np.ndarray:
    # Five mirrors fold the plane onto one half of the upper tip; what is left is a single edge.
    c, s = 0.80901699, 0.58778525  # cos 36°, sin 36°
    x = np.abs(x)
    behind = 2 * np.maximum(c * x - s * y, 0)
    x, y = x - behind * c, y + behind * s
    behind = 2 * np.maximum(-c * x - s * y, 0)
    x, y = np.abs(x + behind * c), y + behind * s
    inner = 0.44 + 0.08 * build
    edge_x, edge_y = inner * s, inner * c - 1  # from the tip (0, 1) to the notch
    return (x * -edge_y + (y - 1) * edge_x) / length(edge_x, edge_y)


def cross(x: np.ndarray, y: np.ndarray, build: np.ndarray) -> np.ndarray:
    x, y = np.abs(x), np.abs(y)
    return np.maximum(np.maximum(x, y) - 0.9, np.minimum(x, y) - (0.27 + 0.08 * build))


def crescent(x: np.ndarray, y: np.ndarray, build: np.ndarray) -> np.ndarray:
    return np.maximum(length(x, y) - 0.9, (0.72 - 0.08 * build) - length(x - 0.42, y - 0.12))


def heart(x: np.ndarray, y: np.ndarray, build: np.ndarray) -> np.ndarray:
    # A square on its corner and, on each of its upper sides, a disc.
    half = 0.54 + 0.03 * build
    x, y = np.abs(x), y + 0.1
    corner = ROOT_HALF * half
    return np.minimum(ROOT_HALF * (x + np.abs(y)) - half, length(x - corner, y - corner) - half)


def arrow(x: np.ndarray, y: np.ndarray, build: np.ndarray) -> np.ndarray:
    x = np.abs(x)
    head = np.maximum(0.1 - y, 0.7593 * x + 0.6508 * (y - 0.95))
    shaft = np.maximum(x - (0.23 + 0.07 * build), np.abs(y + 0.4) - 0.55)
    return np.minimum(head, shaft)


def hourglass(x: np.ndarray, y: np.ndarray, build: np.ndarray) -> np.ndarray:
    y = np.abs(y)
    return np.maximum(y - 0.88, 0.8 * np.abs(x) - 0.6 * y - (0.1 + 0.06 * build))


OUTLINES: dict[str, Outline] = {
    f.__name__: f for f in (disc, ring, triangle, square, star, cross, crescent, heart, arrow, hourglass)
}
