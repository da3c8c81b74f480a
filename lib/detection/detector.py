"""R-CNN: proposals in, boxes with classes and scores out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lib.checks import check_number
from lib.detection.average_precision import average_precision, rank
from lib.detection.boxes import clip
from lib.detection.classify import Classifier
from lib.detection.examples import Examples
from lib.detection.features import Described
from lib.detection.regression import BoxRegressor, regressed, regression_targets
from lib.detection.scenes import HEIGHT, WIDTH, Scene
from lib.detection.suppression import suppressed_by_class

REG = 1.0  # λ of the regressions
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
        regressor = self.regressors[label]
        if regressor is None or not len(described.boxes):
            return described.boxes
        return clip(regressed(described.boxes, regressor.predict(described.maps)), HEIGHT, WIDTH)

    def detect(
        self, described: Described, *, regression: bool = True, least: float = -1.0, threshold: float = 0.3
    ) -> Detections:
        """Scores all boxes for all classes, and suppresses within each class.

        described: the proposals of a scene
        regression: whether boxes move to where the object is thought to be
        least: only boxes with a higher score are detections
        threshold: of the suppression
        """
        check_number(threshold, name="threshold", low=0, high=1)
        boxes, scores, labels = [np.zeros((0, 4))], [np.zeros(0)], [np.zeros(0, np.int64)]
        for label, of_class in enumerate(self.classifier.scores(described.pooled).T):
            rows = np.flatnonzero(of_class > least)
            boxes.append((self.moved(described, label) if regression else described.boxes)[rows])
            scores.append(of_class[rows])
            labels.append(np.full(len(rows), label))
        found = np.concatenate(boxes), np.concatenate(scores), np.concatenate(labels)
        inside = (found[0][:, :2] < found[0][:, 2:]).all(axis=1)  # a box that moved out of the scene is gone
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
    for label in range(classes):
        found = [(each.boxes[each.labels == label], each.scores[each.labels == label]) for each in detections]
        objects = [scene.boxes[scene.labels == label] for scene in scenes]
        made.append(average_precision(rank(found, objects, threshold), definition))
    return np.array(made)
