"""Scenes of several objects, with the exact mask and the tight box of each: something to find."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lib.checks import check_whole, mismatch
from lib.detection.boxes import overlap

HEIGHT, WIDTH = 128, 192  # pixels
SMALLEST, LARGEST = 32, 64  # of the side of the square that an object is drawn in
MOST_OBJECTS = 5
TRIES = 100  # to find a place for an object
Draw = Callable[[np.random.Generator, int], tuple[np.ndarray, np.ndarray, int]]


@dataclass(frozen=True)
class Scene:
    """A picture and what is in it.

    image: uint8 (3, H, W)
    boxes: float64 (M, 4), around the part of each object that is seen
    labels: int64 (M,)
    masks: bool (M, H, W), that part
    """

    image: np.ndarray
    boxes: np.ndarray
    labels: np.ndarray
    masks: np.ndarray


def box_of(mask: np.ndarray) -> tuple[int, int, int, int]:
    """The tight box (x1, y1, x2, y2) around the pixels of a mask, bool (H, W); `ValueError` if it has none.

    >>> mask = np.zeros((4, 6), bool)
    >>> mask[1:3, 2:5] = True
    >>> box_of(mask)
    (2, 1, 5, 3)
    """
    if not mask.any():
        raise mismatch("", "mask", "at least one pixel of the object", "none")
    (rows,), (columns,) = np.nonzero(mask.any(axis=1)), np.nonzero(mask.any(axis=0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def compose(
    background: np.ndarray,
    draw: Draw,
    rng: np.random.Generator,
    *,
    occlusion: float,
    scale: float,
    objects: int | None = None,
) -> Scene:
    """One scene: objects one after another onto a background, where none covers another too much.

    background: float (3, H, W), 0 to 1
    draw: of a generator and a side s in pixels → an object's colours, float (3, s, s), its opacity,
        float (s, s), 0 to 1, and its label; where it is at least half opaque the object is
    occlusion: the most of an object's square that a later one may share, as IoU, 0 to 1
    scale: 0: all objects have the middle size; 1: sides from 32 to 64 pixels, each ratio as likely
    objects: how many, at least 0; None draws 1 to 5

    Where an object finds no place, or one would be hidden by more than half, it is left out. Raises
    `ValueError` where the background has less than 64 pixels to a side.
    """
    _, height, width = background.shape
    if min(height, width) < LARGEST:
        size = f"{height} × {width}"
        raise mismatch("", "background", f"at least {LARGEST} × {LARGEST} pixels", size)
    if objects is None:
        objects = int(rng.integers(1, MOST_OBJECTS + 1))
    check_whole(objects, name="objects")
    canvas = background.copy()
    squares = np.zeros((0, 4))
    masks: list[np.ndarray] = []
    labels: list[int] = []
    whole: list[int] = []  # pixels of each object, before others covered it
    for _ in range(objects):
        side = round(np.sqrt(SMALLEST * LARGEST) * (LARGEST / SMALLEST) ** (scale * rng.uniform(-0.5, 0.5)))
        for _ in range(TRIES):
            x, y = rng.integers(0, width - side + 1), rng.integers(0, height - side + 1)
            square = np.array([x, y, x + side, y + side], float)
            if not len(squares) or overlap(square, squares).max() <= occlusion:
                break
        else:
            continue
        colours, opacity, label = draw(rng, side)
        mask = np.zeros((height, width), bool)
        mask[y : y + side, x : x + side] = opacity >= 0.5
        seen = [other & ~mask for other in masks]
        if not mask.any() or any(now.sum() < size / 2 for now, size in zip(seen, whole, strict=True)):
            continue
        place = canvas[:, y : y + side, x : x + side]
        place += opacity * (colours - place)
        squares, masks, labels = np.vstack([squares, square]), [*seen, mask], [*labels, label]
        whole.append(int(mask.sum()))
    return Scene(
        (255 * canvas.clip(0, 1) + 0.5).astype(np.uint8),
        np.array([box_of(mask) for mask in masks], float).reshape(-1, 4),
        np.array(labels, np.int64),
        np.array(masks, bool).reshape(-1, height, width),
    )
