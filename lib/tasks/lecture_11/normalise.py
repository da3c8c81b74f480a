"""Images around 0, by the mean and the deviation of each colour over the training images."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.tasks.task import Task

task = Task(
    "11.normalise",
    "Normalised images",
    defines=("normalise",),
    parts={"training images": 1, "other images": 1},
    hints=(
        "Three colours have three means and three deviations. Over which axes of train are they taken?",
        "train.mean(axis=(0, 2, 3)) has the shape (3,). To fit to (N, 3, H, W) it must be (1, 3, 1, 1).",
        "keepdims=True keeps the axes. Subtract that mean, and divide by train.std with the same axes.",
    ),
    minutes=4,
    tells=("axis=(0, 2, 3)", "keepdims=True"),
)


def drawn_images(rng: np.random.Generator, count: int) -> np.ndarray:
    """Bytes (count, 3, 4, 5) whose colours differ in mean and in spread."""
    low = rng.permutation([5, 40, 90])[:, None, None]
    return rng.integers(low, low + rng.permutation([60, 100, 160])[:, None, None], (count, 3, 4, 5)).astype(
        np.uint8
    )


@task.check("training images", within=1e-5)
def normalised_training_images(normalise: Any, rng: np.random.Generator) -> dict[str, Any]:
    """the training images themselves"""
    train = drawn_images(rng, 7)
    return {"normalise(train, train)": normalise(train.copy(), train)}


@task.check("other images", within=1e-5)
def normalised_other_images(normalise: Any, rng: np.random.Generator) -> dict[str, Any]:
    """two other images"""
    train, others = drawn_images(rng, 7), drawn_images(rng, 2)
    return {"normalise(others, train)": normalise(others.copy(), train)}


@task.reference
def normalise(images, train):
    mean = train.mean(axis=(0, 2, 3), keepdims=True)
    deviation = train.std(axis=(0, 2, 3), keepdims=True)
    return (images - mean) / deviation


BOTH = ("training images", "other images")


@task.wrong(
    0,
    "These images are scaled by their own mean and deviation; the net has learnt with those of train.",
    breaks="other images",
)
def by_their_own_scale(images, train):
    return normalise(images, images)


@task.wrong(0, "This is one mean and one deviation for all colours: each colour has its own.", breaks=BOTH)
def one_scale_for_all_colours(images, train):
    return (images - train.mean()) / train.std()


@task.wrong(
    0,
    "Every pixel has a mean of its own here; take the mean over height and width, too.",
    breaks=BOTH,
)
def pixel_by_pixel(images, train):
    return (images - train.mean(axis=0)) / (train.std(axis=0) + 1e-9)


@task.wrong(0, "This divides by the variance; the deviation is its square root, `std`.", breaks=BOTH)
def by_the_variance(images, train):
    mean = train.mean(axis=(0, 2, 3), keepdims=True)
    return (images - mean) / train.var(axis=(0, 2, 3), keepdims=True)


@task.wrong(0, "The mean is still in it: subtract that of each colour first.", breaks=BOTH)
def mean_left_in(images, train):
    return images / train.std(axis=(0, 2, 3), keepdims=True)


@task.wrong(
    0,
    "Bytes were subtracted from bytes, where 10 − 20 is 246: let the mean be a float.",
    breaks=BOTH,
)
def subtracted_as_bytes(images, train):
    mean = train.mean(axis=(0, 2, 3), keepdims=True).astype(np.uint8)
    return (images - mean) / train.std(axis=(0, 2, 3), keepdims=True)


@task.wrong(
    0, "This puts all between 0 and 1; here mean 0 and deviation 1 of train are asked for.", breaks=BOTH
)
def between_zero_and_one(images, train):
    return images / 255


@task.wrong(
    0,
    "Each image has a mean and a deviation of its own here: take one for each colour, over all images of "
    "train.",
    breaks=BOTH,
)
def image_by_image(images, train):
    mean = images.mean(axis=(2, 3), keepdims=True)
    return (images - mean) / images.std(axis=(2, 3), keepdims=True)


@task.wrong(
    0,
    "Each image has one mean for its three colours here: take one for each colour, over all images of train.",
    breaks=BOTH,
)
def image_by_image_in_all_colours(images, train):
    mean = images.mean(axis=(1, 2, 3), keepdims=True)
    return (images - mean) / images.std(axis=(1, 2, 3), keepdims=True)


@task.wrong(
    0,
    "The result is kept in bytes, which have no decimals and no sign: np.zeros_like of bytes makes bytes.",
    breaks=BOTH,
)
def normalised_in_bytes(images, train):
    kept = np.zeros_like(images)
    kept[:] = normalise(images, train)
    return kept
