"""Non-maximum suppression: of boxes that overlap much, only the one with the highest score stays."""

from __future__ import annotations

import numpy as np

from lib.checks import check_labels, check_number
from lib.detection.boxes import check_box_scores, check_boxes, overlap

BLOCK = 16  # boxes that numpy compares with all others in one step; one at a time takes several times as long


def non_maximum_suppression(boxes: np.ndarray, scores: np.ndarray, threshold: float = 0.3) -> np.ndarray:
    """The numbers of the boxes that stay, int64 (kept,), the highest score first; of equal ones the first.

    boxes: (N, 4), of one class
    scores: (N,)
    threshold: a box goes where its IoU with a box that stays is above it, 0 to 1

    Raises `ValueError` for boxes inside out and scores that are NaN.

    Source: Girshick et al. 2014; the greedy rule is older.

    >>> boxes = np.array([[0, 0, 10, 10], [1, 0, 11, 10], [20, 0, 30, 10]])
    >>> non_maximum_suppression(boxes, np.array([0.8, 0.9, 0.5]))
    array([1, 2])
    """
    boxes = check_boxes(boxes)
    scores = check_box_scores(scores, len(boxes))
    # float64, or numpy would round it to the boxes' float32
    threshold = np.float64(check_number(threshold, name="threshold", low=0, high=1))
    waiting = np.argsort(-scores, kind="stable")
    kept = [waiting[:0]]
    while len(waiting):
        best, waiting = waiting[:BLOCK], waiting[BLOCK:]
        above = overlap(boxes[best, None], boxes[best]) > threshold
        stay = np.ones(len(best), bool)
        for row in range(len(best)):
            if stay[row]:
                stay[row + 1 :] &= ~above[row, row + 1 :]
        best = best[stay]
        kept.append(best)
        waiting = waiting[~(overlap(boxes[best, None], boxes[waiting]) > threshold).any(axis=0)]
    return np.concatenate(kept)


def suppressed_by_class(
    boxes: np.ndarray, scores: np.ndarray, labels: np.ndarray, threshold: float = 0.3
) -> np.ndarray:
    """As `non_maximum_suppression`, within each class by itself: int64 (kept,), the highest score first.

    labels: int (N,), the class of each box
    """
    boxes = check_boxes(boxes)
    scores = check_box_scores(scores, len(boxes))
    labels = check_labels(labels if len(boxes) else np.asarray(labels, np.int64), len(boxes), name="labels")
    stay = np.zeros(len(boxes), bool)
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        stay[members[non_maximum_suppression(boxes[members], scores[members], threshold)]] = True
    order = np.argsort(-scores, kind="stable")
    return order[stay[order]]
