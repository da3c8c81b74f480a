"""An image classifier written by hand: the program that lecture 01 asks for, and then breaks.

It works as people tried for decades: separate the object from its background, measure a few properties of the
silhouette, and decide by rules. On a clean picture it is right; it was told nothing about anything else.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

DIRECTIONS = 45  # rays on which the outline's distance from the centre is measured, 8° apart


class Silhouette(NamedTuple):
    """What the rules look at.

    mask: bool (H, W), the object's pixels
    holes: how many regions of background it encloses
    fill: its share of the pixels of its bounding box, 0…1
    corners: how often, going once around, the outline reaches far out; 0 for a round one
    waist: width of its middle row, as a share of the bounding box
    foot: the same of the row an eighth above its lowest
    balance: share of its pixels that fall on it again when it is mirrored left to right, 0…1
    """

    mask: np.ndarray
    holes: int
    fill: float
    corners: int
    waist: float
    foot: float
    balance: float


def predict(image: np.ndarray) -> str:
    """The name of the shape on a picture, by rules alone.

    image: uint8 (3, H, W), H and W at least 16. Raises `ValueError` for anything else.

    Source: deck A1, "No way to hand-code it", taken as a dare.
    """
    return decide(measure(image))


def decide(seen: Silhouette) -> str:
    """The rules, tried from top to bottom."""
    if seen.holes:
        return "ring"
    if seen.balance < 0.75:
        return "crescent"
    if seen.corners == 0:
        return "disc"
    if seen.fill > 0.9:
        return "square"
    if seen.waist < 0.5 and seen.foot > 0.7:
        return "hourglass"
    if seen.waist < 0.5:
        return "arrow"
    if seen.corners == 5:
        return "star"
    if seen.corners == 4:
        return "cross"
    return "triangle" if seen.foot > 0.5 else "heart"


def measure(image: np.ndarray) -> Silhouette:
    """The silhouette of the largest thing on a picture; arguments as in `predict`."""
    image = np.asarray(image)
    if image.dtype != np.uint8 or image.ndim != 3 or len(image) != 3 or min(image.shape[1:]) < 16:
        raise ValueError(
            f"image: expected uint8 (3, H, W) of at least 16×16 pixels, got {image.dtype} {image.shape}"
        )
    mask = largest_blob(differs_from_background(image))
    rows, columns = np.nonzero(mask)
    box = mask[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    widths = box.mean(axis=1)
    return Silhouette(
        mask=mask,
        holes=len(blobs(~np.pad(box, 1), smallest=4)) - 1,  # one of them is the outside
        fill=box.mean(),
        corners=count_corners(rows, columns),
        waist=widths[len(box) // 2],
        foot=widths[len(box) * 7 // 8],
        balance=np.sum(box & box[:, ::-1]) / len(rows),
    )


def differs_from_background(image: np.ndarray) -> np.ndarray:
    """Pixels nearer to the oddest colour than to the frame's: uint8 (3, H, W) → bool (H, W), never empty."""
    pixels = image.astype(float)
    frame = np.concatenate([pixels[:, 0], pixels[:, -1], pixels[:, :, 0], pixels[:, :, -1]], axis=1)
    distance = np.abs(pixels - np.median(frame, axis=1)[:, None, None]).sum(axis=0)
    return distance >= 0.5 * distance.max()


def largest_blob(mask: np.ndarray) -> np.ndarray:
    """The largest connected part of a mask that is not empty: bool (H, W) → bool (H, W)."""
    part = np.zeros(mask.size, bool)
    part[max(blobs(mask), key=len)] = True
    return part.reshape(mask.shape)


def blobs(mask: np.ndarray, smallest: int = 1) -> list[list[int]]:
    """Connected parts (four neighbours) of `smallest` pixels or more, as positions in `mask.ravel()`."""
    width = mask.shape[1] + 1  # one column of nothing, so that rows do not touch
    left = bytearray(np.pad(mask, ((0, 1), (0, 1))).tobytes())
    found = []
    while (start := left.find(1)) >= 0:
        left[start] = 0
        blob = [start]
        for place in blob:  # grows while it is walked through
            for neighbour in (place - 1, place + 1, place - width, place + width):
                if left[neighbour]:
                    left[neighbour] = 0
                    blob.append(neighbour)
        if len(blob) >= smallest:
            found.append([place - place // width for place in blob])
    return found


def count_corners(rows: np.ndarray, columns: np.ndarray) -> int:
    """How many times the outline swings out and back, seen from the centre; pixels as two int (n,)."""
    y, x = rows - rows.mean(), columns - columns.mean()
    direction = ((np.arctan2(y, x) / (2 * np.pi) + 0.5) * DIRECTIONS).astype(int) % DIRECTIONS
    reach = np.zeros(DIRECTIONS)
    np.maximum.at(reach, direction, np.hypot(x, y))
    reach = (np.roll(reach, 1) + reach + np.roll(reach, -1)) / 3
    if reach.min() > 0.85 * reach.max():
        return 0
    far = reach > (reach.min() + reach.max()) / 2
    return int(np.sum(far & ~np.roll(far, 1)))
