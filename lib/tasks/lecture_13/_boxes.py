"""Drawn boxes for the exercises of this lecture."""

from __future__ import annotations

import numpy as np


def drawn_boxes(rng: np.random.Generator, count: int) -> np.ndarray:
    """Boxes (count, 4) of 20 to 60 pixels, none of them a square, whose centres lie near (70, 50)."""
    centres = np.array([70.0, 50.0]) + rng.uniform(-8, 8, size=(count, 2))
    halves = rng.uniform(10, 15, size=(count, 2)) * np.array([2.0, 1.0])
    return np.hstack([centres - halves, centres + halves])
