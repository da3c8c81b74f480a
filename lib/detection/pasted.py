"""Scenes of small photographs on a large one: with soft round edges, or as squares, which is a trap."""

from __future__ import annotations

import numpy as np


def enlarged(image: np.ndarray, height: int, width: int) -> np.ndarray:
    """An image (3, h, w) of any size, by bilinear interpolation: float64 (3, height, width)."""
    for axis, size in ((1, height), (2, width)):
        place = ((np.arange(size) + 0.5) * image.shape[axis] / size - 0.5).clip(0, image.shape[axis] - 1)
        first = np.minimum(place.astype(int), max(image.shape[axis] - 2, 0))
        part = (place - first).reshape((-1, 1) if axis == 1 else -1)
        second = np.minimum(first + 1, image.shape[axis] - 1)
        image = (1 - part) * image.take(first, axis) + part * image.take(second, axis)
    return image


class PastedObjects:
    """Draws one of a set's images as an object.

    images: uint8 (N, 3, h, w)
    labels: int (N,)
    soft: True: a round object that fades over an eighth of its side; False: the square as it is
    """

    def __init__(self, images: np.ndarray, labels: np.ndarray, *, soft: bool):
        self.images, self.labels, self.soft = images, labels, soft

    def background(self, rng: np.random.Generator, height: int, width: int, clutter: float) -> np.ndarray:
        """One of the images, enlarged; with less clutter it has less contrast: (3, height, width), 0 to 1."""
        large = enlarged(self.images[rng.integers(len(self.images))] / 255, height, width)
        middle = large.mean(axis=(1, 2), keepdims=True)
        return middle + clutter * (large - middle)

    def draw(self, rng: np.random.Generator, side: int) -> tuple[np.ndarray, np.ndarray, int]:
        """An image's colours (3, side, side), its opacity (side, side), and its label."""
        number = rng.integers(len(self.images))
        opacity = np.ones((side, side))
        if self.soft:
            y, x = np.indices((side, side)) + 0.5
            from_rim = side / 2 - np.hypot(x - side / 2, y - side / 2)
            opacity = np.clip(from_rim / (side / 8), 0, 1)
        return enlarged(self.images[number] / 255, side, side), opacity, int(self.labels[number])
