"""Places in a picture: from the coordinates of its axes to shares of its width and height, and back."""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes


def share_of(axes: Axes, x: float, y: float) -> tuple[float, float]:
    """A place in the axes' coordinates as shares of the picture, from its upper left corner."""
    right, up = axes.transData.transform((x, y))
    width, height = axes.figure.bbox.size
    return float(right / width), float(1 - up / height)


def place_in(axes: Axes, right: float, below: float) -> tuple[float, float, bool]:
    """The way back: the place in the axes' coordinates, and whether it lies within the axes."""
    width, height = axes.figure.bbox.size
    dots = (right * width, (1 - below) * height)
    x, y = axes.transData.inverted().transform(dots)
    return float(x), float(y), bool(axes.bbox.contains(*dots))


def field_of(axes: Axes) -> dict[str, Any]:
    """Where an axes lies in its picture, in shares."""
    width, height = axes.figure.bbox.size
    left, bottom, right, top = axes.bbox.extents
    return {"left": left / width, "right": right / width, "top": 1 - top / height, "bottom": 1 - bottom / height}
