"""The gradient of a batch from those of its parts."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.tasks.task import Task

task = Task(
    "12.merge",
    "One gradient from several",
    defines=("merge",),
    parts={"gradient": 1},
    hints=(
        "A process with twice as many images counts twice: its mean times its images is their sum.",
        "Add up the sums of all processes, then divide by the number of all images.",
        "counts @ gradients is the sum over all images. What is counts.sum()?",
    ),
    minutes=3,
    tells=("counts @ gradients", "counts.sum()", "average="),
)


@task.check("gradient", within=1e-9)
def gradient_of_all(merge: Any, rng: np.random.Generator) -> dict[str, Any]:
    """three processes with different numbers of images"""
    gradients, counts = rng.normal(size=(3, 5)), rng.permutation([2, 5, 9, 14])[:3]
    return {f"{counts.tolist()} images": np.asarray(merge(gradients.copy(), counts.copy()))}


@task.reference
def merge(gradients, counts):
    return counts @ gradients / counts.sum()


@task.wrong(
    0, "Every process counts alike here; one with twice as many images must count twice.", breaks="gradient"
)
def each_process_alike(gradients, counts):
    return gradients.mean(axis=0)


@task.wrong(0, "This is the sum over all images: divide by the number of all images.", breaks="gradient")
def sum_over_all_images(gradients, counts):
    return counts @ gradients


@task.wrong(
    0, "The means are added up as they are: first multiply each by its number of images.", breaks="gradient"
)
def means_added(gradients, counts):
    return gradients.sum(axis=0) / counts.sum()


@task.wrong(
    0, "You divide by the number of processes: divide by the number of all images.", breaks="gradient"
)
def by_the_processes(gradients, counts):
    return counts @ gradients / len(counts)
