"""A window cut out of a picture."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.tasks.task import Task

task = Task(
    "01.crop",
    "A window",
    defines=("crop",),
    parts={"window": 1},
    hints=(
        "A picture has the shape (3, H, W). The window keeps all three planes.",
        "The first index is a colon. The rows go from top on; where do they end?",
        "The slice top:end leaves end out, so end is top + height. The columns likewise.",
    ),
    minutes=2,
    tells=("top + height", "left + width"),
)


@task.check("window")
def window_of_a_picture(crop: Any, rng: np.random.Generator) -> dict[str, Any]:
    """a window"""
    image = rng.integers(0, 256, size=(3, 17, 23)).astype(np.uint8)
    top, left = (int(place) for place in rng.permutation([1, 2, 4])[:2])
    height, width = (int(size) for size in rng.permutation([5, 6, 8, 9])[:2])
    return {f"top {top}, left {left}, height {height}, width {width}": crop(image, top, left, height, width)}


@task.reference
def crop(image, top, left, height, width):
    return image[:, top : top + height, left : left + width]


@task.wrong(
    0,
    "This cuts planes and rows: the channels come first here, so begin with a colon for all of them.",
    breaks="window",
)
def channels_forgotten(image, top, left, height, width):
    return image[top : top + height, left : left + width]


@task.wrong(
    0,
    "Height and width are taken for the end: the slice of the rows runs from top to top + height.",
    breaks="window",
)
def size_as_end(image, top, left, height, width):
    return image[:, top:height, left:width]


@task.wrong(
    0,
    "Rows and columns are exchanged: the row, counted from the top, is the first of the two.",
    breaks="window",
)
def columns_first(image, top, left, height, width):
    return image[:, left : left + width, top : top + height]


@task.wrong(
    0,
    "The window has a row and a column too many: a slice leaves out the place where it ends.",
    breaks="window",
)
def end_included(image, top, left, height, width):
    return image[:, top : top + height + 1, left : left + width + 1]
