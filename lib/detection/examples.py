"""What a detector learns from: boxes of all training scenes, each with its features and how well it fits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lib.checks import check_labels, check_whole
from lib.detection.boxes import iou
from lib.detection.described import Described
from lib.detection.scenes import Scene

ALIKE = 0.5  # the least IoU with an object at which a box is one of its class
APART = 0.3  # the most IoU at which a box is surely not


@dataclass(frozen=True)
class Examples:
    """N boxes: proposals and true boxes of all scenes.

    pooled, maps: float32 (N, 128) and (N, 1152), as of `describe`
    boxes: float64 (N, 4)
    overlaps: float64 (N, classes), the highest IoU with an object of each class in the same scene, else 0
    objects: float64 (N, 4), the object with which the box has the highest IoU, where it has one
    true: bool (N,), whether it is a true box itself
    """

    pooled: np.ndarray
    maps: np.ndarray
    boxes: np.ndarray
    overlaps: np.ndarray
    objects: np.ndarray
    true: np.ndarray

    @property
    def labels(self) -> np.ndarray:
        """The class of the object that a box fits best, int64 (N,)."""
        return self.overlaps.argmax(axis=1)


def collect(scenes: Sequence[Scene], described: Sequence[Described], classes: int) -> Examples:
    """The boxes of `described`, which belong to these scenes, compared with their objects.

    described: for each scene its proposals; true boxes among them are found by their IoU of 1

    classes: how many there are; labels are below it

    Raises `ValueError` where there are not as many of both, no object or no box, or a label is too high.
    """
    if len(scenes) != len(described):
        raise ValueError(
            f"described: expected one entry for each of {len(scenes)} scenes, got {len(described)}"
        )
    if not any(len(scene.boxes) for scene in scenes):
        raise ValueError("scenes: expected at least one with an object, got none")
    if not any(len(its.boxes) for its in described):
        raise ValueError("described: expected at least one box, got none; describe true boxes, too")
    check_whole(classes, name="classes", low=1)
    for number, scene in enumerate(scenes):
        check_labels(scene.labels, len(scene.boxes), name=f"scenes[{number}], labels", classes=classes)
    overlaps, objects = [], []
    for scene, its in zip(scenes, described, strict=True):
        with_each = np.zeros((len(its.boxes), classes))
        best = its.boxes
        if len(scene.boxes):
            pairs = iou(its.boxes, scene.boxes)
            for column, label in enumerate(scene.labels):
                with_each[:, label] = np.maximum(with_each[:, label], pairs[:, column])
            best = scene.boxes[pairs.argmax(axis=1)]
        overlaps.append(with_each)
        objects.append(best)
    all_overlaps = np.concatenate(overlaps)
    return Examples(
        np.concatenate([its.pooled for its in described]),
        np.concatenate([its.maps for its in described]),
        np.concatenate([its.boxes for its in described]),
        all_overlaps,
        np.concatenate(objects),
        all_overlaps.max(axis=1) == 1,
    )
