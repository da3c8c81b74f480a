"""R-CNN: proposals in, boxes with classes and scores out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lib.checks import check_number, check_whole
from lib.detection.average_precision import average_precision, rank
from lib.detection.boxes import SIDES, clip
from lib.detection.classify import Classifier
from lib.detection.described import Described
from lib.detection.examples import Examples
from lib.detection.regression import BoxRegressor, regressed, regression_targets
from lib.detection.scenes import Scene
from lib.detection.suppression import suppressed_by_class

REG = 1.0  # λ of the regressions, chosen on other scenes than those to test on
NEAR = 0.6  # the least IoU of a pair that the regression learns from
LEAST_PAIRS = 20  # of a class


@dataclass(frozen=True)
class Detections:
    """What was found in a scene, the highest score first.

    boxes: float64 (N, 4)
    scores: float (N,)
    labels: int64 (N,)
    """

    boxes: np.ndarray
    scores: np.ndarray
    labels: np.ndarray


class Detector:
    """A classifier of features and, for each class, a regression of boxes.

    classifier: such as `SVMs()`

    After `train`
        regressors: one a class; None where there were fewer than 20 pairs to learn from
    """

    def __init__(self, classifier: Classifier):
        self.classifier = classifier
        self.regressors: list[BoxRegressor | None] = []

    def train(self, examples: Examples) -> Detector:
        """Trains classifier and regressions; returns itself."""
        self.classifier.train(examples)
        self.regressors = []
        fits, labels = examples.overlaps.max(axis=1), examples.labels
        for label in range(examples.overlaps.shape[1]):
            rows = np.flatnonzero((labels == label) & (fits >= NEAR))
            pairs = examples.boxes[rows], examples.objects[rows]
            known = len(rows) >= LEAST_PAIRS
            self.regressors.append(
                BoxRegressor(REG).train(examples.maps[rows], regression_targets(*pairs)) if known else None
            )
        return self

    def moved(self, described: Described, label: int) -> np.ndarray:
        """All boxes, moved to where an object of this class would be: float64 (P, 4)."""
        if not self.regressors:
            raise RuntimeError("Detector: it has learnt nothing yet; call train(examples) first")
        regressor = self.regressors[check_whole(label, name="label", high=len(self.regressors) - 1)]
        if regressor is None or not len(described.boxes):
            return described.boxes
        to = regressed(described.boxes, regressor.predict(described.maps))
        return clip(to, described.height, described.width)

    def detect(
        self, described: Described, *, regression: bool = True, least: float = -1.0, threshold: float = 0.3
    ) -> Detections:
        """Scores all boxes for all classes, and suppresses within each class.

        described: the proposals of a scene
        regression: whether boxes move to where the object is thought to be
        least: only boxes with a higher score are detections
        threshold: of the suppression

        Raises `RuntimeError` before `train`, and `ValueError` where a score is NaN.
        """
        check_number(threshold, name="threshold", low=0, high=1)
        if least != -np.inf:
            check_number(least, name="least", otherwise=" or -np.inf")
        of_boxes = self.classifier.scores(described.pooled)
        if np.isnan(of_boxes).any():
            row, label = np.argwhere(np.isnan(of_boxes))[0].tolist()
            raise ValueError(
                f"scores: expected numbers, got nan for box {row}, class {label}; see its features"
            )
        boxes, scores, labels = [np.zeros((0, 4))], [np.zeros(0)], [np.zeros(0, np.int64)]
        for label, of_class in enumerate(of_boxes.T):
            rows = np.flatnonzero(of_class > least)
            boxes.append((self.moved(described, label) if regression else described.boxes)[rows])
            scores.append(of_class[rows])
            labels.append(np.full(len(rows), label))
        found = np.concatenate(boxes), np.concatenate(scores), np.concatenate(labels)
        sides = found[0][:, 2:] - found[0][:, :2]
        inside = (sides >= SIDES[0]).all(axis=1)  # a box that moved out of the scene is gone
        found = found[0][inside], found[1][inside], found[2][inside]
        stay = suppressed_by_class(*found, threshold)
        return Detections(*(values[stay] for values in found))


def average_precisions(
    detections: Sequence[Detections],
    scenes: Sequence[Scene],
    classes: int,
    *,
    threshold: float = 0.5,
    definition: str = "all",
) -> np.ndarray:
    """The average precision of each class, (classes,); NaN where no scene has an object of it.

    threshold: the least IoU of a hit
    definition: see `average_precision`
    """
    made = []
    for label in range(check_whole(classes, name="classes")):
        found = [(each.boxes[each.labels == label], each.scores[each.labels == label]) for each in detections]
        objects = [scene.boxes[scene.labels == label] for scene in scenes]
        made.append(average_precision(rank(found, objects, threshold), definition))
    return np.array(made)
