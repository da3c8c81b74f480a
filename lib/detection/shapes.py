"""Scenes of Shapes-10, drawn from their outlines: no frame and no seam gives an object away."""

from __future__ import annotations

import numpy as np

from data_loaders.shapes.draws import Draws
from data_loaders.shapes.outlines import OUTLINES
from data_loaders.shapes.picture import DRAWS, background, colour, distractors, lit, ratio, seen_from, wave
from data_loaders.shapes.render import HUES
from data_loaders.shapes.texture import upsample

NAMES = tuple(OUTLINES)
STRENGTH = {"viewpoint": 0.7, "deformation": 0.7, "variation": 0.8}  # as in the set that the nets have learnt


def shape_background(rng: np.random.Generator, height: int, width: int, clutter: float) -> np.ndarray:
    """A ground of two colours with bars and discs on it: float32 (3, height, width), 0 to 1.

    clutter: 0 (one colour) to 1
    """
    draw, size = _draws(rng), max(height, width)
    blobs = upsample(draw.signed(5, 5), size)
    grain, place = upsample(draw.signed(24, 24), size), _places(size)
    stripes = wave(8 * (draw.signed() * place[0] + draw.signed() * place[1]) + blobs)
    amount = np.full((1, 1, 1), clutter, np.float32)
    canvas = background(draw, amount, blobs, grain, stripes)
    for _ in range(3):  # four things each time
        distractors(draw, amount / 3, canvas, *place, size / 2)
    return canvas[0, :, :height, :width]


def shape_object(rng: np.random.Generator, side: int) -> tuple[np.ndarray, np.ndarray, int]:
    """One of the ten shapes: colours, float32 (3, side, side), opacity, (side, side), and label."""
    draw, label = _draws(rng), int(rng.integers(len(NAMES)))
    amount = {name: np.float32(strength) * draw.signed() for name, strength in STRENGTH.items()}
    change, (x, y) = amount["variation"], _places(side)
    bends = upsample(draw.signed(2, 5, 5), side)
    u, v = seen_from(draw, amount["viewpoint"], x, y)
    u, v = (
        a + 0.3 * amount["deformation"] * bend
        for a, bend in zip((u, v), np.moveaxis(bends, 1, 0), strict=True)
    )
    radius, stretch = 0.72 * ratio(0.1 * draw.signed()), 1 + 0.2 * change * draw.push()
    outline = OUTLINES[NAMES[label]]
    distance = outline(u / (radius * stretch), v * stretch / radius, change) * radius
    hue = np.float32(HUES[label]) + 0.5 * change * draw.push()
    body = colour(hue, 0.75 + 0.25 * change * draw.push(), 0.8 + 0.2 * change * draw.push())
    relief = 0.72 + 0.28 * np.clip(-6 * distance, 0, 1) + 0.2 * change * upsample(draw.signed(12, 12), side)
    return (body * relief[:, None])[0], np.clip(0.5 - distance * side / 2, 0, 1)[0], label


def lit_scene(rng: np.random.Generator, image: np.ndarray, illumination: float) -> np.ndarray:
    """More light on one side, less on the other: uint8 (3, H, W) → the same."""
    size = max(image.shape[1:])
    x, y = (place[:, : image.shape[1], : image.shape[2]] for place in np.broadcast_arrays(*_places(size)))
    draw = _draws(rng)
    return lit(draw, np.float32(illumination) * draw.signed(), image[None] / np.float32(255), x, y)[0]


def _draws(rng: np.random.Generator) -> Draws:
    return Draws(rng.integers(2**64, size=1, dtype=np.uint64), DRAWS + 1000)


def _places(size: int) -> tuple[np.ndarray, np.ndarray]:
    """Of each pixel, from −1 to 1: x (1, 1, size) to the right, y (1, size, 1) upwards."""
    centre = ((2 * np.arange(size, dtype=np.float32) + 1) - size) / size
    return centre[None, None, :], -centre[None, :, None]
