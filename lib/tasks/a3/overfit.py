"""A convnet that has memorised 100 images; its predictions are made again here."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.tasks.facts import are_mostly_same
from lib.tasks.task import Task

task = Task(
    "a3.overfit",
    "A convnet that has memorised 100 images",
    defines=("overfit", "predict", "Conv2d", "MaxPool2d", "BatchNorm"),
    parts={"predictions": 3},
    # The answers' layers stand in for those that fail their own task; the rest of the net is the course's.
    allows=("lib.tasks.a3.answers", "lib.nn"),
)

IMAGES, CLASSES, SIZE = 50, 10, 12
ENOUGH = 0.9  # the share of predictions that agree; of others two scores may be nearly alike


@task.check("predictions")
def memorised(
    overfit: Any, predict: Any, Conv2d: Any, MaxPool2d: Any, BatchNorm: Any, rng: np.random.Generator
) -> dict[str, Any]:
    """50 images of noise with labels drawn by lot: predictions of all, in other company"""
    images, labels = noise(rng)
    modes: list[bool] = []
    layers: list[Any] = []

    def watched(*args: Any, **named: Any) -> Any:
        """A layer that notes in which mode it is used."""
        layer = BatchNorm(*args, **named)
        theirs = layer.forward

        def forward(x: np.ndarray) -> Any:
            modes.append(bool(layer.training))
            return theirs(x)

        layer.forward = forward
        layers.append(layer)
        return layer

    net = overfit(images.copy(), labels.copy(), Conv2d, MaxPool2d, watched)
    learnt = sum(modes)
    modes.clear()
    found = np.asarray(predict(net, images.copy()))
    order = rng.permutation(IMAGES)
    moved = np.asarray(predict(net, images[order]))
    alone = np.ravel([predict(net, images[i : i + 1]) for i in range(20)])
    in_training = True in modes
    used = learnt > 0 and len(modes) > 0
    for layer in layers:
        layer.weight[...] = 0
        layer.bias[...] = 0
    without = np.asarray(predict(net, images.copy()))
    return {
        "shape of predict(net, images)": np.array(found.shape),
        "at least 45 of 50 are right": are_mostly_same(found, labels, ENOUGH),
        "predictions move with the images": are_mostly_same(moved, found[order], ENOUGH),
        "an image alone is told the same": are_mostly_same(alone, found[:20], ENOUGH),
        "batch norm is in training mode in predict": in_training,
        "the net that was trained is what predicts": used and len({*without.ravel().tolist()}) == 1,
        "images are told different classes": len({*found.ravel().tolist()}) > 1,
    }


def noise(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Images (50, 3, 12, 12), and labels that nothing but training on these images gets right."""
    images = rng.integers(256, size=(IMAGES, 3, SIZE, SIZE), dtype=np.uint8)
    return images, rng.integers(CLASSES, size=IMAGES)
