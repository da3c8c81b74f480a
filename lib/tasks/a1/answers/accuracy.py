"""Accuracy: the right answer, and those that students give."""

from __future__ import annotations

import numpy as np

from lib.tasks.a1.accuracy import task

BOTH = ("accuracy", "columns")
ALL_OR_NOTHING = (
    "Only 0 or 1 comes out, 1 where all are right: the share is asked for, and // would drop its fraction."
)


@task.reference
def accuracy(predicted, labels):
    return np.mean(np.ravel(predicted) == np.ravel(labels))


@task.wrong(
    24,
    "Your comparison has N × N entries: a column beside a row is broadcast. Give both the shape (N,) first.",
    breaks="columns",
)
def broadcast(predicted, labels):
    return np.mean(predicted == labels)


@task.wrong(
    24,
    "Your comparison has N × N entries: a column beside a row is broadcast, "
    "so your sum counts far too many. Give both the "
    "shape (N,) first.",
    breaks="columns",
)
def broadcast_sum(predicted, labels):
    return np.sum(predicted == labels) / len(labels)


@task.wrong(0, "This is how many are right: divide by how many there are.", breaks=BOTH)
def number_right(predicted, labels):
    return int((np.ravel(predicted) == np.ravel(labels)).sum())


@task.wrong(0, "This is the share of wrong predictions; the share of right ones is asked for.", breaks=BOTH)
def error_rate(predicted, labels):
    return 1 - accuracy(predicted, labels)


@task.wrong(0, "This is in per cent; a share between 0 and 1 is asked for.", breaks=BOTH)
def per_cent(predicted, labels):
    return 100 * accuracy(predicted, labels)


@task.wrong(0, ALL_OR_NOTHING, breaks=BOTH)
def whole_division(predicted, labels):
    return (np.ravel(predicted) == np.ravel(labels)).sum() // np.size(labels)


@task.wrong(0, ALL_OR_NOTHING, breaks=BOTH)
def all_right(predicted, labels):
    return float((np.ravel(predicted) == np.ravel(labels)).all())


@task.wrong(0, "You divide by the number of classes; divide by the number of examples.", breaks=BOTH)
def per_class(predicted, labels):
    return (np.ravel(predicted) == np.ravel(labels)).sum() / len(np.unique(labels))


@task.wrong(0, "You count classes that come up in both; compare example by example.", breaks=BOTH)
def shared_classes(predicted, labels):
    return len(np.intersect1d(predicted, labels)) / len(np.unique(labels))


@task.wrong(
    0,
    "A prediction near its label is not nearly right: labels are names, so only equal ones count.",
    breaks=BOTH,
)
def near_is_right(predicted, labels):
    return np.mean(np.abs(np.ravel(predicted).astype(int) - np.ravel(labels)) <= 1)


@task.wrong(0, "Your accuracy is rounded to whole per cents: give it in full.", breaks=BOTH)
def rounded(predicted, labels):
    return round(float(accuracy(predicted, labels)), 2)


@task.wrong(0, "The number of right ones is counted in a byte, which ends at 255.", breaks="accuracy")
def counted_in_a_byte(predicted, labels):
    return np.sum(np.ravel(predicted) == np.ravel(labels), dtype=np.uint8) / np.size(labels)


@task.wrong(
    0,
    "Of shape (1, 1) squeeze takes both axes away, and nothing is left to count: ravel leaves one.",
    breaks="columns",
)
def squeezed(predicted, labels):
    if predicted.ndim == 2:
        predicted = predicted.squeeze()
    if labels.ndim == 2:
        labels = labels.squeeze()
    return (predicted == labels).sum() / len(labels)
