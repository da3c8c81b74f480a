"""One picture of Shapes-10, with its seven nuisances as sliders."""

from __future__ import annotations

import operator

import numpy as np

from data_loaders.shapes.outlines import OUTLINES
from data_loaders.shapes.picture import paint

CLASSES = tuple(OUTLINES)
# The usual colour of each class, on a circle of length 1 that starts at red; variation changes it.
HUES = (0.60, 0.07, 0.36, 0.76, 0.14, 0.50, 0.18, 0.97, 0.28, 0.86)
# Deck A1's reasons why nobody can write `predict` by hand, with the range of each: 0 is the plain picture.
NUISANCES = {
    "illumination": (-1.0, 1.0),  # dark … bright, and light from one side
    "viewpoint": (-1.0, 1.0),  # rotation, perspective and place
    "occlusion": (0.0, 1.0),  # how far another object covers the shape
    "deformation": (-1.0, 1.0),  # a smooth warp and its opposite
    "clutter": (0.0, 1.0),  # texture and objects behind the shape
    "variation": (-1.0, 1.0),  # slim … full build, colour, proportions, surface
    "scale": (-1.0, 1.0),  # half … double the size
}


def render(
    shape: str | int,
    *,
    illumination: float = 0.0,
    viewpoint: float = 0.0,
    occlusion: float = 0.0,
    deformation: float = 0.0,
    clutter: float = 0.0,
    variation: float = 0.0,
    scale: float = 0.0,
    seed: int = 0,
    size: int = 32,
) -> np.ndarray:
    """A picture of one shape: uint8 (3, size, size), the same for the same arguments on every machine.

    shape: a name from `CLASSES`, or its label 0…9
    illumination … scale: how strong each nuisance is, in its range of `NUISANCES`; pictures change smoothly
    seed: 0…2⁶⁴ − 1; chooses colours, textures, directions and other objects, which the nuisances then scale
    size: height and width in pixels, 8…1024

    Raises `ValueError` that names the argument.

    >>> render("star", viewpoint=0.5, clutter=1.0).shape
    (3, 32, 32)
    """
    label = check_shape(shape)
    sliders = {
        "illumination": illumination,
        "viewpoint": viewpoint,
        "occlusion": occlusion,
        "deformation": deformation,
        "clutter": clutter,
        "variation": variation,
        "scale": scale,
    }
    for name, value in sliders.items():
        check_number(name, value, *NUISANCES[name])
    seeds = np.array([check_integer("seed", seed, 0, 2**64 - 1)], np.uint64)
    size = check_integer("size", size, 8, 1024)
    amounts = {name: np.full((1, 1, 1), value, np.float32) for name, value in sliders.items()}
    return paint_class(label, seeds, amounts, size)[0]


def paint_class(label: int, seeds: np.ndarray, sliders: dict[str, np.ndarray], size: int) -> np.ndarray:
    """Pictures of one class, arguments as in `paint`: uint8 (n, 3, size, size)."""
    return paint(OUTLINES[CLASSES[label]], HUES[label], seeds, sliders, size)


def check_shape(shape: str | int) -> int:
    """The label of a shape given by name or label."""
    if isinstance(shape, str):
        if shape not in CLASSES:
            raise ValueError(f"shape: expected one of {', '.join(CLASSES)}, got {shape!r}")
        return CLASSES.index(shape)
    return check_integer("shape", shape, 0, len(CLASSES) - 1)


def check_integer(name: str, value: int, low: int, high: int) -> int:
    """The value as an int, where it is an integer from low to high."""
    try:
        number = operator.index(value)
    except TypeError:
        number = None
    if number is None or not low <= number <= high:
        raise ValueError(f"{name}: expected an integer from {low} to {high}, got {value!r}")
    return number


def check_number(name: str, value: float, low: float, high: float) -> None:
    """Nothing, where the value is a number from low to high; NaN is not."""
    if not isinstance(value, (int, float, np.integer, np.floating)) or not low <= value <= high:
        raise ValueError(f"{name}: expected a number from {low:g} to {high:g}, got {value!r}")
