"""How to move and stretch a proposal."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.tasks.lecture_13._boxes import drawn_boxes
from lib.tasks.task import Task

task = Task(
    "13.regression_targets",
    "Way to the object",
    defines=("regression_targets",),
    parts={"move": 1, "stretch": 1},
    hints=(
        "Begin with centre and size of each box: (x1 + x2) / 2 and x2 − x1, and the same for y.",
        "The first two columns are the way between the centres, divided by the size of the *proposal*.",
        "The last two are np.log(true_size / size). np.hstack puts both pairs side by side.",
    ),
    minutes=4,
    tells=("np.log(true", "(true_centre - centre)"),
)


def drawn_pairs(rng: np.random.Generator) -> tuple[Any, Any]:
    """Three proposals and their objects, of other places and sizes."""
    proposals, objects = drawn_boxes(rng, 3), drawn_boxes(rng, 3)
    objects[:, 2:] += rng.uniform(9, 25, size=(3, 2))
    return proposals, objects


@task.check("move", within=1e-6)
def targets_of_the_centre(regression_targets: Any, rng: np.random.Generator) -> dict[str, Any]:
    """the first two columns"""
    targets = np.asarray(regression_targets(*drawn_pairs(rng)))
    return {"columns 0 and 1": targets if targets.ndim != 2 else targets[:, :2]}


@task.check("stretch", within=1e-6)
def targets_of_the_size(regression_targets: Any, rng: np.random.Generator) -> dict[str, Any]:
    """the last two columns"""
    targets = np.asarray(regression_targets(*drawn_pairs(rng)))
    return {"columns 2 and 3": targets if targets.ndim != 2 else targets[:, 2:]}


@task.reference
def regression_targets(proposals, objects):
    centre, size = (proposals[:, :2] + proposals[:, 2:]) / 2, proposals[:, 2:] - proposals[:, :2]
    true_centre, true_size = (objects[:, :2] + objects[:, 2:]) / 2, objects[:, 2:] - objects[:, :2]
    return np.hstack([(true_centre - centre) / size, np.log(true_size / size)])


def measured(boxes: Any) -> tuple[Any, Any]:
    """Centres and sizes."""
    return (boxes[:, :2] + boxes[:, 2:]) / 2, boxes[:, 2:] - boxes[:, :2]


@task.wrong(
    0,
    "The move is in pixels: divide it by width and height of the proposal, so that size does not matter.",
    breaks="move",
)
def in_pixels(proposals, objects):
    targets = regression_targets(proposals, objects)
    targets[:, :2] *= measured(proposals)[1]
    return targets


@task.wrong(
    0,
    "You divide by the size of the object, which nobody knows later. Divide by the proposal's.",
    breaks="move",
)
def by_the_objects_size(proposals, objects):
    targets = regression_targets(proposals, objects)
    targets[:, :2] *= measured(proposals)[1] / measured(objects)[1]
    return targets


@task.wrong(0, "The way leads from corner to corner here: take it from centre to centre.", breaks="move")
def between_the_corners(proposals, objects):
    targets = regression_targets(proposals, objects)
    targets[:, :2] = (objects[:, :2] - proposals[:, :2]) / measured(proposals)[1]
    return targets


@task.wrong(
    0,
    "Proposal and object are exchanged: the way leads from the proposal to the object.",
    breaks=("move", "stretch"),
)
def the_way_back(proposals, objects):
    return regression_targets(objects, proposals)


@task.wrong(
    0, "The logarithm is missing: where the size stays as it is, the target must be 0.", breaks="stretch"
)
def without_the_logarithm(proposals, objects):
    targets = regression_targets(proposals, objects)
    targets[:, 2:] = np.exp(targets[:, 2:])
    return targets


@task.wrong(
    0,
    "The ratio is turned round: divide the object's size by the proposal's, then take the logarithm.",
    breaks="stretch",
)
def ratio_turned_round(proposals, objects):
    targets = regression_targets(proposals, objects)
    targets[:, 2:] *= -1
    return targets


@task.wrong(
    0,
    "The stretch is a difference here. Take the logarithm of the ratio of the sizes.",
    breaks="stretch",
)
def difference_of_sizes(proposals, objects):
    targets = regression_targets(proposals, objects)
    targets[:, 2:] = (measured(objects)[1] - measured(proposals)[1]) / measured(proposals)[1]
    return targets


@task.wrong(
    0,
    "The columns stand in another order: first both moves, t_x and t_y, then both stretches, t_w and t_h.",
    breaks=("move", "stretch"),
)
def by_axis(proposals, objects):
    return regression_targets(proposals, objects)[:, [0, 2, 1, 3]]


@task.wrong(0, "The way down is divided by the width here: divide it by the height.", breaks="move")
def both_by_the_width(proposals, objects):
    targets, size = regression_targets(proposals, objects), measured(proposals)[1]
    targets[:, 1] *= size[:, 1] / size[:, 0]
    return targets


@task.wrong(
    0,
    "Each target is a row here. Make it a column: np.stack with axis=1, or .T at the end.",
    breaks=("move", "stretch"),
)
def rows_for_columns(proposals, objects):
    return regression_targets(proposals, objects).T
