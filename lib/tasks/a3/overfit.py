"""A convnet that knows 100 images by heart; its predictions are made again here."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.tasks.task import Task

task = Task(
    "a3.overfit",
    "A convnet that knows 100 images by heart",
    defines=("overfit", "predict", "Conv2d", "MaxPool2d", "BatchNorm"),
    parts={"accuracy": 2, "predictions": 1},
)

IMAGES, CLASSES, SIZE = 100, 10, 12


@task.check("accuracy")
def by_heart(
    overfit: Any, predict: Any, Conv2d: Any, MaxPool2d: Any, BatchNorm: Any, rng: np.random.Generator
) -> dict[str, Any]:
    """100 images of noise with labels drawn by lot"""
    images, labels = noise(rng)
    net = overfit(images.copy(), labels.copy(), Conv2d, MaxPool2d, BatchNorm)
    found = np.asarray(predict(net, images.copy()))
    right = found.shape == labels.shape and int((found == labels).sum()) >= 90
    return {"at least 90 of 100 predictions are right": right}


@task.check("predictions")
def from_images_alone(
    overfit: Any, predict: Any, Conv2d: Any, MaxPool2d: Any, BatchNorm: Any, rng: np.random.Generator
) -> dict[str, Any]:
    """predict, of the images in one go, in another order, and one by one"""
    images, labels = noise(rng)
    net = overfit(images.copy(), labels.copy(), Conv2d, MaxPool2d, BatchNorm)
    found = np.asarray(predict(net, images.copy()))
    order = rng.permutation(IMAGES)
    moved = np.asarray(predict(net, images[order]))
    alone = np.array([np.ravel(predict(net, images[i : i + 1])) for i in range(20)])
    same = alone.size == 20 and found.shape == labels.shape and (alone.ravel() == found[:20]).mean() >= 0.9
    return {
        "shape of predict(net, images)": np.array(found.shape),
        "predictions move with the images": np.array_equal(moved, found[order]),
        "an image alone is told the same": bool(same),
        "different images are told different classes": len(np.unique(found)) > 1,
    }


def noise(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Images (100, 3, 12, 12) and labels; nothing but training on these images gets them right."""
    images = rng.integers(256, size=(IMAGES, 3, SIZE, SIZE), dtype=np.uint8)
    return images, rng.integers(CLASSES, size=IMAGES)
