"""A convnet that knows 100 images by heart; its predictions are made again here."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.tasks.task import Task

task = Task(
    "a3.overfit",
    "A convnet that knows 100 images by heart",
    defines=("overfit", "predict", "Conv2d", "MaxPool2d", "BatchNorm"),
    parts={"predictions": 3},
    allows=("lib.tasks.a3.answers",),  # whose layers stand in for those that fail their own task
)

IMAGES, CLASSES, SIZE = 100, 10, 12


@task.check("predictions")
def by_heart(
    overfit: Any, predict: Any, Conv2d: Any, MaxPool2d: Any, BatchNorm: Any, rng: np.random.Generator
) -> dict[str, Any]:
    """100 images of noise with labels drawn by lot: predictions of all, in another order, and one by one"""
    images, labels = noise(rng)
    net = overfit(images.copy(), labels.copy(), Conv2d, MaxPool2d, BatchNorm)
    found = np.asarray(predict(net, images.copy()))
    order = rng.permutation(IMAGES)
    moved = np.asarray(predict(net, images[order]))
    alone = np.array([np.ravel(predict(net, images[i : i + 1])) for i in range(20)])
    same = alone.size == 20 and found.shape == labels.shape and (alone.ravel() == found[:20]).mean() >= 0.9
    return {
        "shape of predict(net, images)": np.array(found.shape),
        "at least 90 of 100 are right": found.shape == labels.shape and int((found == labels).sum()) >= 90,
        "predictions move with the images": np.array_equal(moved, found[order]),
        "an image alone is told the same": bool(same),
        "images are told different classes": len(np.unique(found)) > 1,
    }


def noise(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Images (100, 3, 12, 12), bright and dark ones, and labels that only training on them gets right."""
    contrast, darkest = rng.uniform(60, 150, (IMAGES, 1, 1, 1)), rng.uniform(0, 100, (IMAGES, 3, 1, 1))
    images = darkest + contrast * rng.random((IMAGES, 3, SIZE, SIZE))
    return images.astype(np.uint8), rng.integers(CLASSES, size=IMAGES)
