"""Words as masks of ink, for pictures with numbers on them."""

from __future__ import annotations

import numpy as np
from matplotlib.font_manager import findfont
from PIL import Image, ImageDraw, ImageFont


def is_bright(colours: np.ndarray) -> np.ndarray:
    """Where ink has to be black: the luma of Rec. 601 above 140; colours: uint8 (…, 3) → bool (…)."""
    return colours @ np.array([299, 587, 114]) > 140_000


def word_mask(word: str, size: tuple[int, int], font: int) -> np.ndarray:
    """A word in print in the middle of a box: uint8 (height, width), 255 where there is ink.

    size: (width, height), dots
    font: height of the letters, dots
    """
    mask, (width, height) = Image.new("L", size), size
    letters = ImageFont.truetype(findfont("DejaVu Sans"), font)
    ImageDraw.Draw(mask).text((width / 2, height / 2), word, 255, letters, anchor="mm")
    return np.asarray(mask)
