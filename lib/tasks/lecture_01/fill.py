"""How much of its bounding box a silhouette fills: a measurement by hand."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.tasks.task import Task

task = Task(
    "01.fill",
    "How full is the box",
    defines=("fill",),
    parts={"fill": 1},
    hints=(
        "np.nonzero(mask) gives the rows and the columns of all pixels that are True.",
        "The box reaches from rows.min() to rows.max(), both included. How many rows are that?",
        "len(rows) pixels are True; the box has (rows.max() - rows.min() + 1) times as many columns.",
    ),
    minutes=5,
    tells=("rows.min()", "rows.max()"),
)


@task.check("fill", within=1e-9)
def fill_of_a_blob(fill: Any, rng: np.random.Generator) -> dict[str, Any]:
    """a silhouette somewhere in a picture"""
    height, width = (int(size) for size in rng.permutation([5, 6, 7, 9])[:2])
    blob = rng.random((height, width)) < 0.7
    blob[0], blob[-1], blob[:, 0], blob[:, -1] = (rng.random(n) < 0.7 for n in (width, width, height, height))
    blob[0, 1] = blob[-1, 2] = blob[2, 0] = blob[1, -1] = True  # the box is the whole blob
    mask = np.zeros((19, 23), bool)
    top, left = (int(place) for place in rng.permutation([2, 3, 5])[:2])
    mask[top : top + height, left : left + width] = blob
    return {f"a box of {height} × {width}": fill(mask)}


@task.reference
def fill(mask):
    rows, columns = np.nonzero(mask)
    height = rows.max() - rows.min() + 1
    width = columns.max() - columns.min() + 1
    return len(rows) / (height * width)


@task.wrong(0, "This is the share of the whole picture; divide by the pixels of the box.", breaks="fill")
def of_the_picture(mask):
    return mask.mean()


@task.wrong(
    0, "The box is a row and a column too small: from row 3 to row 5 there are three rows.", breaks="fill"
)
def fence_post(mask):
    rows, columns = np.nonzero(mask)
    return len(rows) / ((rows.max() - rows.min()) * (columns.max() - columns.min()))


@task.wrong(
    0,
    "The box begins at the corner of the picture; it should begin where the silhouette does.",
    breaks="fill",
)
def box_from_the_corner(mask):
    rows, columns = np.nonzero(mask)
    return len(rows) / ((rows.max() + 1) * (columns.max() + 1))


@task.wrong(0, "This is the share of the box that is empty.", breaks="fill")
def share_that_is_empty(mask):
    return 1 - fill(mask)


@task.wrong(
    0, "A slice leaves out its end: write max() + 1, or the last row and column are lost.", breaks="fill"
)
def slice_ends_too_early(mask):
    rows, columns = np.nonzero(mask)
    return mask[rows.min() : rows.max(), columns.min() : columns.max()].mean()


@task.wrong(0, "This is in per cent; a share lies between 0 and 1.", breaks="fill")
def share_in_per_cent(mask):
    return 100 * fill(mask)


@task.wrong(0, "This is the number of pixels; divide it by the pixels of the box.", breaks="fill")
def pixels_alone(mask):
    return mask.sum()


@task.wrong(0, "Upside down: divide the pixels that are True by the pixels of the box.", breaks="fill")
def upside_down(mask):
    return 1 / fill(mask)


@task.wrong(
    0,
    "len(rows) and len(columns) are the same number, that of the True pixels: count them once.",
    breaks="fill",
)
def pixels_squared(mask):
    return mask.sum() * fill(mask)


@task.wrong(
    0,
    "The box begins where the silhouette does, not at the corner; and from row 3 to row 5 are three rows.",
    breaks="fill",
)
def corner_and_fence_post(mask):
    rows, columns = np.nonzero(mask)
    return len(rows) / (rows.max() * columns.max())
