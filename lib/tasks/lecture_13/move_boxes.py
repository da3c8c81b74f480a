"""From the targets back to a box."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.tasks.lecture_13._boxes import drawn_boxes
from lib.tasks.task import Task

task = Task(
    "13.move_boxes",
    "Back to a box",
    defines=("move_boxes",),
    parts={"move": 1, "stretch": 1, "both": 1},
    hints=(
        "Undo each step of the targets: the first two were divided by the size, the last two are logarithms.",
        "The new centre is the old one plus targets[:, :2] times the size. np.exp undoes the logarithm.",
        "From a centre and a size, the corners are the centre minus half of the size, and plus half of it.",
    ),
    minutes=4,
    tells=("np.exp(targets", "targets[:, :2] *"),
)


def moved_by(move_boxes: Any, rng: np.random.Generator, first: float, last: float) -> dict[str, Any]:
    """Three boxes, moved by targets; first, last: factors of the first and of the last two columns."""
    signs = rng.choice([-1, 1], size=(3, 4))
    targets = signs * rng.uniform(0.2, 0.6, size=(3, 4)) * np.array([first, first, last, last])
    return {"three boxes": np.asarray(move_boxes(drawn_boxes(rng, 3), targets))}


@task.check("move", within=1e-6)
def boxes_that_only_move(move_boxes: Any, rng: np.random.Generator) -> dict[str, Any]:
    """targets whose last two columns are 0"""
    return moved_by(move_boxes, rng, 1, 0)


@task.check("stretch", within=1e-6)
def boxes_that_only_stretch(move_boxes: Any, rng: np.random.Generator) -> dict[str, Any]:
    """targets whose first two columns are 0"""
    return moved_by(move_boxes, rng, 0, 1)


@task.check("both", within=1e-6)
def boxes_that_do_both(move_boxes: Any, rng: np.random.Generator) -> dict[str, Any]:
    """targets of all kinds"""
    return moved_by(move_boxes, rng, 1, 1)


@task.reference
def move_boxes(proposals, targets):
    centre, size = (proposals[:, :2] + proposals[:, 2:]) / 2, proposals[:, 2:] - proposals[:, :2]
    centre = centre + targets[:, :2] * size
    half = size * np.exp(targets[:, 2:]) / 2
    return np.hstack([centre - half, centre + half])


ALL = ("move", "stretch", "both")


def centre_size(boxes: Any) -> tuple[Any, Any]:
    """Centres and sizes."""
    return (boxes[:, :2] + boxes[:, 2:]) / 2, boxes[:, 2:] - boxes[:, :2]


def around(centre: Any, size: Any) -> Any:
    """Boxes of these centres and sizes."""
    return np.hstack([centre - size / 2, centre + size / 2])


@task.wrong(
    0, "The move was divided by the size of the proposal: multiply by it again.", breaks=("move", "both")
)
def moved_by_pixels(proposals, targets):
    centre, size = centre_size(proposals)
    return around(centre + targets[:, :2], size * np.exp(targets[:, 2:]))


@task.wrong(
    0, "The last two targets are logarithms of a ratio: multiply the size by np.exp of them.",
    breaks=("stretch", "both"),
)  # fmt: skip
def one_plus_the_target(proposals, targets):
    centre, size = centre_size(proposals)
    return around(centre + targets[:, :2] * size, size * (1 + targets[:, 2:]))


@task.wrong(
    0, "The move is multiplied by the new size: it was divided by the size of the proposal.", breaks="both"
)
def by_the_new_size(proposals, targets):
    centre, size = centre_size(proposals)
    size = size * np.exp(targets[:, 2:])
    return around(centre + targets[:, :2] * size, size)


@task.wrong(0, "These are centre and size: return the corners, (x1, y1, x2, y2).", breaks=ALL)
def centre_and_size(proposals, targets):
    centre, size = centre_size(proposals)
    return np.hstack([centre + targets[:, :2] * size, size * np.exp(targets[:, 2:])])


@task.wrong(
    0, "The boxes are twice as large: from the centre it is half of the size to either side.", breaks=ALL
)
def whole_size_to_each_side(proposals, targets):
    centre, size = centre_size(proposals)
    return around(centre + targets[:, :2] * size, 2 * size * np.exp(targets[:, 2:]))


@task.wrong(0, "The size is never changed: the last two targets stretch it.", breaks=("stretch", "both"))
def size_stays(proposals, targets):
    centre, size = centre_size(proposals)
    return around(centre + targets[:, :2] * size, size)


@task.wrong(
    0,
    "The corner x1, y1 stays where the move leads: a box is stretched around its centre.",
    breaks=("stretch", "both"),
)
def stretched_from_the_corner(proposals, targets):
    _, size = centre_size(proposals)
    corner = proposals[:, :2] + targets[:, :2] * size
    return np.hstack([corner, corner + size * np.exp(targets[:, 2:])])


@task.wrong(0, "The last two targets are logarithms: take np.exp of them before you multiply.", breaks=ALL)
def without_the_exponential(proposals, targets):
    centre, size = centre_size(proposals)
    return around(centre + targets[:, :2] * size, size * targets[:, 2:])


@task.wrong(
    0, "Your boxes begin at their centres: x1 and y1 are the centre minus half of the size.", breaks=ALL
)
def begins_at_the_centre(proposals, targets):
    centre, size = centre_size(proposals)
    centre, size = centre + targets[:, :2] * size, size * np.exp(targets[:, 2:])
    return np.hstack([centre, centre + size])


@task.wrong(
    0,
    "The move is divided by the size a second time: multiply, to get pixels again.",
    breaks=("move", "both"),
)
def divided_again(proposals, targets):
    centre, size = centre_size(proposals)
    return around(centre + targets[:, :2] / size, size * np.exp(targets[:, 2:]))
