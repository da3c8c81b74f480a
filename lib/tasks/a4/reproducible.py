"""A training that gives the same net again, and predictions that belong to their images.

All is tried on a few striped pictures that the checks draw, so that it takes seconds.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.checks import mismatch, shown
from lib.tasks.facts import are_mostly_same, are_same
from lib.tasks.task import Task

task = Task(
    "a4.reproducible",
    "A training that can be repeated",
    defines=("train", "predict"),
    parts={"repeatable": 5, "predictions": 7},
    allows=("torch",),
)

CLASSES = 10
LEARNT = 0.25  # the share of new pictures that a net has right at least; their colours alone are good for 0.5
ALIKE = 0.98  # the share of answers that must be the same; the rest is rounding, where two classes are level
AGAIN = 0.95  # after a second training, whose rounding adds up over its steps


@task.check("repeatable")
def trained_twice(train: Any, predict: Any, rng: np.random.Generator) -> dict[str, Any]:
    """two trainings with the same images and the same seed"""
    images, labels, kinds = striped(rng, 100)
    before, seed = (images.copy(), labels.copy()), int(rng.integers(2**31))
    probes = doubtful(rng, 150, kinds)
    first, second = (
        labels_of(predict(train(images, labels, seed, epochs=3), probes.copy()), len(probes))
        for _ in range(2)
    )
    return {
        "images and labels are as before": are_same(images, before[0], labels, before[1]),
        "both nets answer alike": are_mostly_same(first, second, AGAIN),
    }


@task.check("predictions")
def predictions_of_a_net(train: Any, predict: Any, rng: np.random.Generator) -> dict[str, Any]:
    """one training, then predictions"""
    images, labels, kinds = striped(rng, 200)
    new, truth, _ = striped(rng, 200, kinds)
    seed, probes = int(rng.integers(2**31)), doubtful(rng, 300, kinds)
    untouched = probes.copy()
    dark_first = np.argsort(probes.mean(axis=(1, 2, 3)), kind="stable")
    few = dark_first[::3]
    parts = np.split(few, [1, 2, 3, 4, 9, 40, 90])  # one image, then more and more
    model = train(images, labels, seed, epochs=5)
    right = (labels_of(predict(model, new), len(new)) == truth).tolist()
    once = labels_of(predict(model, probes), len(probes))
    sorted_once = labels_of(predict(model, probes[dark_first]), len(probes))
    in_parts = np.concatenate([labels_of(predict(model, probes[part]), len(part)) for part in parts])
    again = labels_of(predict(model, probes), len(probes))
    return {
        "it has learnt the labels that it was given": sum(right) > LEARNT * len(truth),
        "images are as before": are_same(probes, untouched),
        "asked again, it answers alike": are_mostly_same(again, once, ALIKE),
        "in another order, each image keeps its label": are_mostly_same(sorted_once, once[dark_first], ALIKE),
        "in smaller groups, each image keeps its label": are_mostly_same(in_parts, once[few], ALIKE),
    }


def striped(
    rng: np.random.Generator, count: int, kinds: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pictures of ten kinds of stripes, uint8 (count, 3, 32, 32), their labels, and the kind of each class.

    A kind is one of five pairs of colours, with lying or standing stripes; which class it is, is drawn, so
    that nobody knows it who has not looked at the labels.

    kinds: int (10,), as they were drawn for other pictures; None draws them
    """
    kinds = rng.permutation(CLASSES) if kinds is None else kinds
    labels = rng.permutation(np.arange(count) % CLASSES)
    kind = kinds[labels]
    pairs = np.array(PAIRS, np.float32)[kind % 5, :, :, None, None]  # (count, 2, 3, 1, 1)
    place = np.arange(32) + rng.integers(0, 8, (count, 1))
    wave = (0.5 + 0.5 * np.sin(2 * np.pi * place / 8)).astype(np.float32)  # (count, 32)
    lying = (kind < 5)[:, None, None]
    share = np.where(lying, wave[:, :, None], wave[:, None, :])[:, None]  # (count, 1, 32, 32)
    bright = rng.uniform(0.7, 1, (count, 1, 1, 1)).astype(np.float32)
    pixels = bright * (pairs[:, 1] + share * (pairs[:, 0] - pairs[:, 1]))
    pixels += rng.integers(-14, 15, pixels.shape, dtype=np.int8)
    return np.clip(pixels, 0, 255).astype(np.uint8), labels, kinds


PAIRS = (
    ((230, 40, 40), (40, 40, 230)),
    ((230, 230, 40), (40, 130, 40)),
    ((230, 230, 230), (30, 30, 30)),
    ((40, 230, 230), (230, 40, 230)),
    ((240, 140, 30), (90, 90, 140)),
)


def doubtful(rng: np.random.Generator, count: int, kinds: np.ndarray) -> np.ndarray:
    """Pictures between two kinds, some dark, some bright: their labels change easily, and are not known."""
    one, other = (striped(rng, count, kinds)[0].astype(np.float32) for _ in range(2))
    share, bright = (rng.uniform(low, high, (count, 1, 1, 1)) for low, high in ((0.3, 0.7), (0.3, 1)))
    share, bright = share.astype(np.float32), bright.astype(np.float32)
    return (bright * (other + share * (one - other))).astype(np.uint8)


def labels_of(predicted: Any, count: int) -> np.ndarray:
    """The labels that `predict` returned, as an array of numpy's own; raises `ValueError` for others."""
    plain = predicted.detach().cpu() if hasattr(predicted, "detach") else predicted
    labels = np.array(plain)
    if labels.shape != (count,) or labels.dtype.kind not in "iu":
        raise mismatch("predict", "labels", f"integers of shape ({count},)", shown(labels))
    if {*labels.tolist()} - {*range(CLASSES)}:
        raise mismatch("predict", "labels", "0 to 9", f"{labels.min()} to {labels.max()}")
    return labels
