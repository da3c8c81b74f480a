"""The share of right predictions."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.tasks.facts import are_same
from lib.tasks.task import Task

task = Task("a1.accuracy", "Accuracy", defines=("accuracy",), parts={"accuracy": 2, "columns": 1})
COUNTS = 11, 13, 17, 19, 23, 29, 31  # no share is a half or a whole number of per cents


def drawn_labels(rng: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Predictions and labels of four classes: the first is right, the second nearly, of the others a part."""
    labels = rng.integers(3, 7, size=count)
    predicted = np.where(
        rng.random(count) < 0.4, 3 + (labels - 3 + rng.integers(1, 4, size=count)) % 4, labels
    )
    predicted[:2] = labels[:2] + np.array([0, 1])
    return predicted, labels


@task.check("accuracy")
def accuracy_of_rows(accuracy: Any, rng: np.random.Generator) -> dict[str, Any]:
    """shapes (N,)"""
    predicted, labels = drawn_labels(rng, int(rng.choice(COUNTS)))
    before = predicted.copy(), labels.copy()
    many = rng.integers(-400, 400, size=700)
    found = {
        "accuracy": accuracy(predicted, labels),
        "accuracy of other labels": accuracy(*drawn_labels(rng, 29)),
        "accuracy of uint8 and int64": accuracy(predicted.astype(np.uint8), labels),
        "accuracy of 700 labels of any size": accuracy(many + 256 * (rng.random(700) < 0.4), many),
        "accuracy where all are right": accuracy(labels, labels.copy()),
        "accuracy where all are wrong": accuracy(labels + 1, labels),
        "accuracy of one that is right": accuracy(labels[:1], labels[:1].copy()),
        "accuracy of one that is wrong": accuracy(-labels[:1], labels[:1]),
    }
    unchanged = are_same(predicted, before[0], labels, before[1])
    return found | {"predicted and labels are as before": unchanged}


@task.check("columns")
def accuracy_of_columns(accuracy: Any, rng: np.random.Generator) -> dict[str, Any]:
    """shapes (N, 1)"""
    predicted, labels = drawn_labels(rng, int(rng.choice(COUNTS)))
    return {
        "labels (N, 1)": accuracy(predicted, labels[:, None]),
        "predicted (N, 1)": accuracy(predicted[:, None], labels),
        "both (N, 1)": accuracy(predicted[:, None], labels[:, None]),
        "both (1, 1)": accuracy(labels[:1, None], labels[:1, None].copy()),
    }
