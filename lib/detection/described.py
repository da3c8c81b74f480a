"""What a detector knows of boxes: their features."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Described:
    """Boxes of one scene and their features; computed once, so that scores can be had again and again.

    boxes: float64 (P, 4)
    pooled: float32 (P, 128), the largest value of each channel: what a thing is
    maps: float32 (P, 1152), 3 × 3 places of each channel: where it is in its box
    height, width: of the scene, in pixels
    """

    boxes: np.ndarray
    pooled: np.ndarray
    maps: np.ndarray
    height: int
    width: int
