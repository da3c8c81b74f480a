"""The course's colours of signs: blue is positive, orange negative, and the ground is 0."""

from __future__ import annotations

import numpy as np
from matplotlib.colors import to_rgb

from lib import plots

BLUE, ORANGE = (255 * np.array([to_rgb(color) for color in plots.COLORS[:2]])).round()


def sign_colors(values: np.ndarray, *, paper: str = "#ffffff") -> np.ndarray:
    """Colours of numbers: uint8 (…, 3), the stronger the further from 0.

    values: of any shape; −1 and 1, and what lies beyond, have the full colour
    paper: the colour of 0

    >>> sign_colors(np.array([1.0, 0.0, -2.0])).tolist()
    [[0, 114, 178], [255, 255, 255], [230, 159, 0]]
    """
    share = np.clip(np.asarray(values, float), -1, 1)[..., None]
    ground = 255 * np.array(to_rgb(paper))
    return (ground + np.abs(share) * (np.where(share < 0, ORANGE, BLUE) - ground)).round().astype(np.uint8)
