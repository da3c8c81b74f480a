"""How good a detector is: precision and recall as the threshold on the score falls, and the area below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lib.checks import check_choice, check_number, mismatch, shown
from lib.detection.boxes import check_box_scores, check_boxes, iou

COCO_POINTS = np.linspace(0, 1, 101)  # the very floats of COCO's own program, some of them above k / 100
POINTS = {"11": np.arange(11) / 10, "101": COCO_POINTS}
DEFINITIONS = ("11", "all", "101")


@dataclass(frozen=True)
class Ranking:
    """The detections of one class in all scenes, the highest score first.

    scores: float (N,)
    hits: bool (N,), whether each found an object that none before it had found
    objects: how many objects of the class there are
    """

    scores: np.ndarray
    hits: np.ndarray
    objects: int

    @property
    def recall(self) -> np.ndarray:
        """The part of the objects that the first k detections find, k = 1 … N: (N,); NaN without objects."""
        found = np.cumsum(self.hits)
        return found / self.objects if self.objects else np.full(len(found), np.nan)

    @property
    def precision(self) -> np.ndarray:
        """The part of the first k detections that are hits, k = 1 … N: (N,)."""
        return np.cumsum(self.hits) / np.arange(1, len(self.hits) + 1)


def rank(
    found: Sequence[tuple[np.ndarray, np.ndarray]], objects: Sequence[np.ndarray], threshold: float = 0.5
) -> Ranking:
    """Compares the detections of one class with the true boxes, scene by scene.

    found: for each scene boxes (N, 4) and their scores (N,)
    objects: for each scene the true boxes (M, 4)
    threshold: the least IoU of a hit, above 0

    Raises `ValueError` that names the scene whose boxes or scores do not fit.

    In a scene the detection with the highest score chooses first: the object with which it has the highest
    IoU, of those that are not found yet. So each object counts once, and a second box on it is wrong.

    Source: the rule of COCO; PASCAL VOC's differs where the best object is found already.
    """
    threshold = check_number(threshold, name="threshold", low=0, high=1, open_low=True)
    if len(found) != len(objects):
        raise ValueError(f"found: expected one entry for each of {len(objects)} scenes, got {len(found)}")
    scores, hits = [np.zeros(0)], [np.zeros(0, bool)]
    for number, (pair, truths) in enumerate(zip(found, objects, strict=True)):
        if not isinstance(pair, (tuple, list)) or len(pair) != 2:
            raise mismatch("", f"found[{number}]", "a pair (boxes, scores)", shown(pair))
        boxes, its_scores = pair
        boxes = check_boxes(boxes, name=f"found[{number}], boxes")
        its_scores = check_box_scores(its_scores, len(boxes), name=f"found[{number}], scores")
        order = np.argsort(-its_scores, kind="stable")
        scores.append(its_scores[order])
        truths = check_boxes(truths, name=f"objects[{number}]")
        hits.append(_hits(iou(boxes[order], truths), threshold))
    all_scores, all_hits = np.concatenate(scores), np.concatenate(hits)
    order = np.argsort(-all_scores, kind="stable")
    return Ranking(all_scores[order], all_hits[order], sum(map(len, objects)))


def _hits(overlaps: np.ndarray, threshold: float) -> np.ndarray:
    """Which detections, (N,), in the order of the rows, are hits; overlaps: (N, M)."""
    overlaps, hits = overlaps.copy(), np.zeros(len(overlaps), bool)
    if overlaps.size:
        for row, its_overlaps in enumerate(overlaps):
            best = len(its_overlaps) - 1 - its_overlaps[::-1].argmax()  # of equal ones the last, as COCO does
            if its_overlaps[best] >= threshold:
                hits[row] = True
                overlaps[:, best] = -1  # found
    return hits


def average_precision(ranking: Ranking, definition: str = "all") -> float:
    """The area under precision as a function of recall, from 0 to 1; NaN where there are no objects.

    definition: of three in use, which differ by a few hundredths. Each first makes the curve fall: at each
        recall stands the best precision at this or a higher one.
        "11": the mean at the recalls 0, 0.1 … 1 (PASCAL VOC until 2009)
        "all": the area itself (PASCAL VOC from 2010)
        "101": the mean at the recalls 0, 0.01 … 1 (COCO)

    >>> ranking = Ranking(np.array([0.9, 0.8, 0.7]), np.array([True, False, True]), objects=2)
    >>> [round(average_precision(ranking, name), 4) for name in ("11", "all", "101")]
    [0.8485, 0.8333, 0.835]
    """
    check_choice(definition, DEFINITIONS, name="definition")
    if not ranking.objects:
        return np.nan
    falling = envelope(ranking.precision)
    if definition == "all":  # each hit is a step of the recall, 1 / objects wide
        return float(falling[ranking.hits].sum() / ranking.objects)
    places = np.searchsorted(ranking.recall, POINTS[definition])
    return float(np.append(falling, 0.0)[places].mean())


def envelope(precision: np.ndarray) -> np.ndarray:
    """The best precision from each place on: (N,), which never rises."""
    return np.maximum.accumulate(precision[::-1])[::-1]
