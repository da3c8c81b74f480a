"""Intersection over union."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.tasks.lecture_13._boxes import drawn_boxes
from lib.tasks.task import Task

task = Task(
    "13.iou",
    "Intersection over union",
    defines=("iou",),
    parts={"overlapping": 1, "apart": 1},
    hints=(
        "Where two boxes overlap, the shared box begins at the larger x1 and y1 and ends at the smaller x2 "
        "and y2.",
        "Its width and height are differences of these. Where one is negative, the boxes are apart: take 0.",
        "low = np.maximum(box[:2], boxes[:, :2]) and high = np.minimum(box[2:], boxes[:, 2:]) give the "
        "shared boxes. The union is the sum of both areas minus the shared one.",
    ),
    minutes=4,
    tells=("np.maximum(box", "areas - shared", "minus the shared"),
)


@task.check("overlapping", within=1e-6)
def iou_of_boxes_that_overlap(iou: Any, rng: np.random.Generator) -> dict[str, Any]:
    """a box and three that overlap with it"""
    box, *boxes = drawn_boxes(rng, 4)
    return {"three boxes": np.asarray(iou(box.copy(), np.array(boxes)))}


@task.check("apart", within=1e-6)
def iou_of_boxes_apart(iou: Any, rng: np.random.Generator) -> dict[str, Any]:
    """boxes beside it, below it, and to the lower right, after one that overlaps"""
    box, other = drawn_boxes(rng, 2)
    far = rng.uniform(70, 90, size=2)
    moves = np.array([[0, 0], [1, 0], [0, 1], [1, 1]]) * far
    return {"four boxes": np.asarray(iou(box.copy(), other + np.tile(moves, 2)))}


@task.reference
def iou(box, boxes):
    low = np.maximum(box[:2], boxes[:, :2])
    high = np.minimum(box[2:], boxes[:, 2:])
    shared = np.maximum(high - low, 0).prod(axis=1)
    area = (box[2:] - box[:2]).prod()
    areas = (boxes[:, 2:] - boxes[:, :2]).prod(axis=1)
    return shared / (area + areas - shared)


BOTH = ("overlapping", "apart")


def parts_of(box: Any, boxes: Any) -> tuple[Any, Any, Any]:
    """The shared areas, the area of the box, the areas of the boxes."""
    size = np.minimum(box[2:], boxes[:, 2:]) - np.maximum(box[:2], boxes[:, :2])
    areas = (boxes[:, 2:] - boxes[:, :2]).prod(axis=1)
    return np.maximum(size, 0).prod(axis=1), (box[2:] - box[:2]).prod(), areas


@task.wrong(
    0,
    "Boxes that are apart share nothing: a negative width or height must become 0 before you multiply.",
    breaks="apart",
)
def negative_sizes_stay(box, boxes):
    low, high = np.maximum(box[:2], boxes[:, :2]), np.minimum(box[2:], boxes[:, 2:])
    shared = (high - low).prod(axis=1)
    _, area, areas = parts_of(box, boxes)
    return shared / (area + areas - shared)


@task.wrong(
    0,
    "Only the product is cut off at 0. Two negative sides have a positive product: cut each side.",
    breaks="apart",
)
def product_cut_off(box, boxes):
    low, high = np.maximum(box[:2], boxes[:, :2]), np.minimum(box[2:], boxes[:, 2:])
    shared = np.maximum((high - low).prod(axis=1), 0)
    _, area, areas = parts_of(box, boxes)
    return shared / (area + areas - shared)


@task.wrong(
    0,
    "The shared part counts twice in the sum of the areas: take it away once to get the union.",
    breaks=BOTH,
)
def shared_part_counted_twice(box, boxes):
    shared, area, areas = parts_of(box, boxes)
    return shared / (area + areas)


@task.wrong(0, "You divide by the smaller of the two areas: divide by the area of the union.", breaks=BOTH)
def by_the_smaller_area(box, boxes):
    shared, area, areas = parts_of(box, boxes)
    return shared / np.minimum(area, areas)


@task.wrong(
    0, "This is the part of `box` that each other box covers: divide by the area of the union.", breaks=BOTH
)
def part_of_the_first(box, boxes):
    shared, area, _ = parts_of(box, boxes)
    return shared / area


@task.wrong(0, "These are the shared areas: divide each by the area of the union.", breaks=BOTH)
def shared_area_alone(box, boxes):
    return parts_of(box, boxes)[0]


@task.wrong(
    0, "A box ends at x2, so that its width is x2 − x1, without + 1; the same holds for y.", breaks=BOTH
)
def one_pixel_more(box, boxes):
    return iou(box + np.array([0, 0, 1, 1]), boxes + np.array([0, 0, 1, 1]))


@task.wrong(
    0,
    "The last two numbers are not width and height: they are the corner where the box ends, x2 and y2.",
    breaks=BOTH,
)
def width_and_height(box, boxes):
    box, boxes = np.array(box), np.array(boxes)
    box[2:], boxes[:, 2:] = box[2:] + box[:2], boxes[:, 2:] + boxes[:, :2]
    return iou(box, boxes)


@task.wrong(
    0,
    "You divide by the box around both. The union is smaller: without the corners that lie in neither box.",
    breaks=BOTH,
)
def by_the_box_around_both(box, boxes):
    around = np.maximum(box[2:], boxes[:, 2:]) - np.minimum(box[:2], boxes[:, :2])
    return parts_of(box, boxes)[0] / around.prod(axis=1)


@task.wrong(
    0,
    "Minimum and maximum are exchanged: the shared box begins at the larger x1 and ends at the smaller x2.",
    breaks=BOTH,
)
def minimum_and_maximum_exchanged(box, boxes):
    around = np.maximum(box[2:], boxes[:, 2:]) - np.minimum(box[:2], boxes[:, :2])
    _, area, areas = parts_of(box, boxes)
    return around.prod(axis=1) / (area + areas - around.prod(axis=1))


@task.wrong(
    0,
    "prod() multiplies the sides of all boxes together: prod(axis=1) gives one area for each box.",
    breaks=BOTH,
)
def all_sides_multiplied(box, boxes):
    low, high = np.maximum(box[:2], boxes[:, :2]), np.minimum(box[2:], boxes[:, 2:])
    shared = np.maximum(high - low, 0).prod()
    _, area, areas = parts_of(box, boxes)
    return shared / (area + areas - shared)
