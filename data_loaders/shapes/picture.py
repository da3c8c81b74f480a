"""From random choices and seven nuisances to pixels: background, clutter, shape, occluder, light.

Only operations are used that IEEE 754 fixes to the last bit (+, −, ×, /, √, min, max, floor, comparisons), no
sum whose order could change: the same picture comes out on every machine.
"""

from __future__ import annotations

import numpy as np

from data_loaders.shapes.draws import Draws
from data_loaders.shapes.outlines import Outline, length
from data_loaders.shapes.texture import upsample

DRAWS = 280  # random numbers a picture may use


def paint(
    outline: Outline, hue: float, seeds: np.ndarray, sliders: dict[str, np.ndarray], size: int
) -> np.ndarray:
    """n pictures of one class: uint8 (n, 3, size, size).

    outline: signed distance of the class, from `outlines`
    hue: the colour of the class on a circle of length 1, before variation
    seeds: uint64 (n,), one a picture: the choices that the sliders scale
    sliders: nuisance → float32 (n, 1, 1), −1…1 or 0…1
    """
    draw = Draws(seeds, DRAWS)
    centre = ((2 * np.arange(size, dtype=np.float32) + 1) - size) / size  # of each pixel, −1…1
    x, y = centre[None, None, :], -centre[None, :, None]  # y points up
    sharpness = size / 2  # pixels a unit: edges are one pixel wide
    blobs, warp_x, warp_y = np.moveaxis(upsample(draw.signed(3, 5, 5), size), 1, 0)
    grain = upsample(draw.signed(12, 12), size)
    stripes = wave(4 * (draw.signed() * x + draw.signed() * y) + blobs)

    canvas = background(draw, sliders["clutter"], blobs, grain, stripes)
    distractors(draw, sliders["clutter"], canvas, x, y, sharpness)

    at_x, at_y = 0.5 * sliders["viewpoint"] * draw.push(), 0.5 * sliders["viewpoint"] * draw.push()
    bend = 0.45 * sliders["deformation"]
    u, v = seen_from(draw, sliders["viewpoint"], x - at_x, y - at_y)
    u, v = u + bend * warp_x, v + bend * warp_y
    change = sliders["variation"]
    radius = 0.58 * ratio(0.35 * sliders["scale"])
    stretch = 1 + 0.2 * change * draw.push()
    distance = outline(u / (radius * stretch), v * stretch / radius, change) * radius
    varied = hue + 0.5 * change * draw.push()
    body = colour(varied, 0.75 + 0.25 * change * draw.push(), 0.8 + 0.2 * change * draw.push())
    canvas *= 1 - 0.3 * np.clip(0.6 - 6 * distance, 0, 1)[:, None]  # a soft shadow around the shape
    relief = 0.72 + 0.28 * np.clip(-6 * distance, 0, 1) + 0.2 * change * grain
    cover(canvas, distance * sharpness, body * relief[:, None])

    occluder(draw, sliders["occlusion"], canvas, x, y, at_x, at_y, sharpness, stripes)
    return lit(draw, sliders["illumination"], canvas, x, y)


def background(draw, clutter, blobs, grain, stripes):
    """A plain colour that clutter mixes with a second one by blobs, grain or stripes: (n, 3, size, size)."""
    hue = draw.uniform()
    plain = colour(hue, 0.15 + 0.35 * draw.uniform(), 0.4 + 0.5 * draw.uniform())
    other = colour(hue + 0.3 * draw.signed(), 0.2 + 0.5 * draw.uniform(), 0.1 + 0.85 * draw.uniform())
    kind = draw.uniform()
    pattern = 0.5 + blobs + kind * grain + (1 - kind) * (stripes - 0.5)
    return plain + (clutter * np.clip(pattern, 0, 1))[:, None] * (other - plain)


def distractors(draw, clutter, canvas, x, y, sharpness):
    """Bars and discs behind the shape, which grow with clutter."""
    for kind in ("bar", "disc", "bar", "disc"):
        from_x, from_y = x - 1.1 * draw.signed(), y - 1.1 * draw.signed()
        tint = colour(draw.uniform(), 0.3 + 0.6 * draw.uniform(), 0.2 + 0.8 * draw.uniform())
        width, extent = clutter * (0.05 + 0.12 * draw.uniform()), clutter * (0.2 + 0.6 * draw.uniform())
        u, v = draw.direction()
        if kind == "bar":
            along, across = np.abs(u * from_x + v * from_y), np.abs(u * from_y - v * from_x)
            distance = np.maximum(along - extent, across - width)
        else:
            distance = length(from_x, from_y) - 0.5 * extent
        cover(canvas, distance * sharpness + 0.5, tint)


def seen_from(draw, viewpoint, x, y):
    """Where a pixel at (x, y) from the shape lies on it: perspective, then rotation by up to 53°."""
    depth = 1 + 0.2 * viewpoint * (draw.push() * x + draw.push() * y)
    x, y = x / depth, y / depth
    t = 0.5 * viewpoint  # tangent of half the angle: a rotation without sine and cosine
    cosine, sine = (1 - t * t) / (1 + t * t), 2 * t / (1 + t * t)
    return cosine * x + sine * y, cosine * y - sine * x


def occluder(draw, occlusion, canvas, x, y, at_x, at_y, sharpness, stripes):
    """A large disc that slides in from outside the picture until it covers half of the shape."""
    u, v = draw.direction()
    rim = (1 - occlusion) * (np.abs(u) + np.abs(v)) + occlusion * (u * at_x + v * at_y)  # from the centre
    tint = colour(draw.uniform(), 0.2 + 0.5 * draw.uniform(), 0.25 + 0.6 * draw.uniform())
    away = length(x - u * (rim + 0.95), y - v * (rim + 0.95)) - 0.95
    cover(canvas, away * sharpness + 0.5, tint * (0.8 + 0.3 * stripes)[:, None])


def lit(draw, illumination, canvas, x, y):
    """More or less light, and more on one side, by a tone curve that keeps 0 and 1: → uint8."""
    gain = ratio(illumination * (0.5 + 0.2 * (draw.push() * x + draw.push() * y)))[:, None]
    canvas = np.clip(canvas, 0, 1)
    canvas = canvas * gain / (1 + (gain - 1) * canvas)
    return (255 * canvas + 0.5).astype(np.uint8)


def colour(hue: np.ndarray, saturation: np.ndarray, value: np.ndarray) -> np.ndarray:
    """Hue (any real, period 1), saturation and value as (n, 1, 1) → red, green and blue as (n, 3, 1, 1)."""
    turn = hue[:, None] + np.array([0, 2 / 3, 1 / 3], np.float32)[:, None, None]
    pure = np.clip(np.abs(6 * (turn - np.floor(turn)) - 3) - 1, 0, 1)
    return value[:, None] * (1 - saturation[:, None] * (1 - pure))


def cover(canvas: np.ndarray, pixels: np.ndarray, paint: np.ndarray) -> None:
    """Lay paint, (n, 3, H, W) or (n, 3, 1, 1), over the canvas inside an edge that is `pixels` away."""
    canvas += np.clip(0.5 - pixels, 0, 1)[:, None] * (paint - canvas)


def ratio(t: np.ndarray) -> np.ndarray:
    """(1 + t) / (1 − t): a factor from below to above 1 as t goes from −1 to 1, with f(−t) = 1 / f(t)."""
    return (1 + t) / (1 - t)


def wave(t: np.ndarray) -> np.ndarray:
    """The triangle wave of period 1 and range 0…1."""
    return np.abs(2 * (t - np.floor(t)) - 1)
