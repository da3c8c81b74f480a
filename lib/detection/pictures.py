"""The pictures that proposals and crops are made of."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.checks import mismatch, shown


def check_picture(image: Any) -> np.ndarray:
    """The image, uint8 (3, H, W) with H, W ≥ 1; anything else raises `ValueError`."""
    if not isinstance(image, np.ndarray) or image.dtype != np.uint8 or image.ndim != 3 or len(image) != 3:
        raise mismatch("", "image", "uint8 of shape (3, H, W)", shown(image))
    if not image.size:
        raise mismatch("", "image", "at least one pixel", shown(image))
    return image
