"""Crops: what is in a box, and a little around it, as a picture of the size that the net takes."""

from __future__ import annotations

import numpy as np

from lib.checks import check_number, check_whole
from lib.detection.boxes import check_boxes
from lib.detection.pictures import check_picture

CONTEXT = 1.5  # the net has learnt pictures in which the object fills about two thirds of each side


def crop_boxes(
    image: np.ndarray, boxes: np.ndarray, *, size: int = 32, context: float = CONTEXT
) -> np.ndarray:
    """Each box of an image, warped to a square by bilinear interpolation: uint8 (P, 3, size, size).

    image: uint8 (3, H, W)
    boxes: (P, 4)
    size: pixels of a crop's sides, whatever shape the box has
    context: by how much each box is enlarged around its centre first; beyond the image its border goes on

    Source: Girshick et al. 2014, appendix A, "warp".
    """
    image = check_picture(image)
    boxes, size = check_boxes(boxes), check_whole(size, name="size", low=1)
    context = check_number(context, name="context", low=0, open_low=True)
    middle, half = (boxes[:, :2] + boxes[:, 2:]) / 2, context * (boxes[:, 2:] - boxes[:, :2]) / 2
    steps = (2 * np.arange(size) + 1) / size - 1  # of the crop's pixels, from −1 to 1
    x, y = (middle[:, axis, None] + half[:, axis, None] * steps - 0.5 for axis in (0, 1))  # (P, size)
    top, bottom, down = _between(y, image.shape[1])
    left, right, along = _between(x, image.shape[2])
    down, along = down[:, :, None, None], along[:, None, :, None]
    pixels = image.transpose(1, 2, 0).astype(np.float32)

    def row_of(y: np.ndarray) -> np.ndarray:
        at_left, at_right = (pixels[y[:, :, None], x[:, None, :]] for x in (left, right))
        return at_left + along * (at_right - at_left)

    upper = row_of(top)
    return (upper + down * (row_of(bottom) - upper) + 0.5).astype(np.uint8).transpose(0, 3, 1, 2)


def _between(places: np.ndarray, length: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The pixels before and after each place, and how far it is from the one to the other, 0 to 1."""
    places = places.clip(0, length - 1)
    before = places.astype(int)
    return before, np.minimum(before + 1, length - 1), (places - before).astype(np.float32)
