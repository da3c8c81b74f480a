"""A kernel designed by hand: it makes a picture sharper."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.tasks.task import Task

task = Task(
    "09.sharpen",
    "A kernel that sharpens",
    defines=("sharpen",),
    parts={"kernel": 1},
    hints=(
        "What is the kernel that leaves the picture as it is? And the one for the mean of the 8 neighbours?",
        "A sum of two answers is the answer of the summed kernels. So put the kernel together from parts.",
        "The pixel itself counts 1 + amount. Each of its 8 neighbours counts −amount / 8.",
    ),
    minutes=3,
    tells=("1 + amount", "amount / 8"),
)


@task.check("kernel", within=1e-9)
def sharpening_kernel(sharpen: Any, rng: np.random.Generator) -> dict[str, Any]:
    """the kernel"""
    amount = float(rng.choice([0.3, 0.7, 1.6, 2.5]))
    return {f"sharpen({amount})": sharpen(amount)}


@task.reference
def sharpen(amount):
    kernel = np.full((3, 3), -amount / 8)
    kernel[1, 1] = 1 + amount
    return kernel


@task.wrong(0, "The pixel itself is in your mean: the mean is that of its 8 neighbours.", breaks="kernel")
def mean_of_nine(amount):
    kernel = np.full((3, 3), -amount / 9)
    kernel[1, 1] += 1 + amount
    return kernel


@task.wrong(
    0, "A flat sky becomes 0: the difference is right, but add it to the pixel itself.", breaks="kernel"
)
def difference_alone(amount):
    kernel = sharpen(amount)
    kernel[1, 1] -= 1
    return kernel


@task.wrong(
    0, "This blurs: the difference is the pixel minus its neighbours, not the other way.", breaks="kernel"
)
def blurs(amount):
    return sharpen(-amount)


@task.wrong(
    0, "You take the sum of the neighbours: it is their mean, so each counts an eighth.", breaks="kernel"
)
def sum_of_neighbours(amount):
    kernel = np.full((3, 3), -float(amount))
    kernel[1, 1] = 1 + 8 * amount
    return kernel


@task.wrong(
    0, "A flat sky becomes darker: what the neighbours lose, the pixel in the middle gains.", breaks="kernel"
)
def darkens(amount):
    kernel = sharpen(amount)
    kernel[1, 1] = 1
    return kernel


@task.wrong(
    0, "These are four neighbours; the corners are neighbours as well, so there are eight.", breaks="kernel"
)
def four_neighbours(amount):
    kernel = np.zeros((3, 3))
    kernel[1, :] = kernel[:, 1] = -amount / 4
    kernel[1, 1] = 1 + amount
    return kernel


@task.wrong(
    0, "You divide by 9, but each pixel has 8 neighbours, so each of them counts an eighth.", breaks="kernel"
)
def ninths(amount):
    kernel = np.full((3, 3), -amount / 9)
    kernel[1, 1] = 1 + amount
    return kernel


@task.wrong(0, "amount multiplies all of the difference: the mean of the neighbours, too.", breaks="kernel")
def amount_in_the_middle(amount):
    kernel = np.full((3, 3), -1 / 8)
    kernel[1, 1] = 1 + amount
    return kernel
