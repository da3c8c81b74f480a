"""A small data set for tests of the challenge: images that look like nothing but are all different."""

from __future__ import annotations

import numpy as np

from data_loaders import Dataset, Split

CLASSES = tuple(f"class {number}" for number in range(10))
SECRET, OTHER = b"a secret of the tests", b"another secret of the tests"


def small_dataset(count: int = 200, seed: int = 0) -> Dataset:
    """So many test images, uint8 (count, 3, 8, 8), and ten training images."""
    rng = np.random.default_rng(seed)

    def split(number: int) -> Split:
        images = rng.integers(0, 256, (number, 3, 8, 8)).astype(np.uint8)
        return Split(images, rng.integers(0, 10, number))

    return Dataset("Small", split(10), split(count), CLASSES)


def known_share(labels: np.ndarray, share: float, rows: np.ndarray, seed: int = 0) -> np.ndarray:
    """Predictions of which this share is right in some rows, and one in ten elsewhere, as by guessing."""
    rng = np.random.default_rng(seed)
    wrong = (labels + rng.integers(1, 10, len(labels))) % 10
    right = rng.random(len(labels)) < np.where(rows, share, 0.1)
    return np.where(right, labels, wrong)
