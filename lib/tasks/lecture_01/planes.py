"""From a picture as programs draw it to three colour planes."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.tasks.task import Task

task = Task(
    "01.planes",
    "Three planes",
    defines=("to_planes",),
    parts={"planes": 1},
    hints=(
        "Which axis of (H, W, 3) has to go where? Say it in words first: the last one, to the front.",
        "np.moveaxis takes the array, the place where the axis is, and the place where it should be.",
        "The last axis is -1, and the first is 0.",
    ),
    minutes=2,
    tells=("-1, 0)", "2, 0, 1"),
)


@task.check("planes")
def planes_of_a_picture(to_planes: Any, rng: np.random.Generator) -> dict[str, Any]:
    """a picture"""
    height, width = (int(size) for size in rng.permutation(np.arange(4, 9))[:2])
    picture = rng.integers(0, 256, size=(height, width, 3)).astype(np.uint8)
    return {f"a picture of shape {picture.shape}": to_planes(picture)}


@task.reference
def to_planes(picture):
    return np.moveaxis(picture, -1, 0)


@task.wrong(
    0,
    "The shape is right, and the numbers have not moved: reshape cuts the row of numbers at other places.",
    breaks="planes",
)
def reshaped(picture):
    height, width, channels = picture.shape
    return picture.reshape(channels, height, width)


@task.wrong(
    0,
    "Rows and columns have changed places, too: (3, W, H). Move the one axis, and leave the others in order.",
    breaks="planes",
)
def turned_over(picture):
    return picture.T


@task.wrong(
    0,
    "This moves the rows to the end: the way from planes to a drawing. Here the colours move to the front.",
    breaks="planes",
)
def other_way(picture):
    return np.moveaxis(picture, 0, -1)


@task.wrong(0, "The planes are there in the order blue, green, red: keep red first.", breaks="planes")
def blue_first(picture):
    return np.moveaxis(picture, -1, 0)[::-1]


@task.wrong(
    0,
    "These are the first three rows of pixels; the colours are on the last axis: picture[:, :, 0] is red.",
    breaks="planes",
)
def first_three_rows(picture):
    return picture[:3]
