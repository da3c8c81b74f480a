"""Mean and variance of what a linear layer makes of random inputs."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.tasks.task import Task

task = Task(
    "08.moments",
    "Mean and variance through a layer",
    defines=("moments",),
    parts={"mean": 1, "variance": 1},
    hints=(
        "The mean of a sum is the sum of the means: the layer does with the mean what it does with a.",
        "The variance of w a is w² times that of a. Variances of independent numbers add.",
        "b is the same for all inputs: it moves the mean, and the variance does not notice it.",
    ),
    minutes=3,
    tells=("W**2", "W ** 2", "np.square(W)"),
)


def moments_of_drawn(moments: Any, rng: np.random.Generator) -> tuple[Any, Any]:
    """Of three outputs from four inputs."""
    mean, variance = rng.uniform(0.5, 2, 4), rng.uniform(0.3, 3, 4)
    mean, variance = moments(mean, variance, rng.normal(size=(3, 4)), rng.uniform(0.5, 2, 3))
    return mean, variance


@task.check("mean", within=1e-9)
def mean_of_the_outputs(moments: Any, rng: np.random.Generator) -> dict[str, Any]:
    """the first of the two, for four inputs and three outputs"""
    return {"the mean": moments_of_drawn(moments, rng)[0]}


@task.check("variance", within=1e-9)
def variance_of_the_outputs(moments: Any, rng: np.random.Generator) -> dict[str, Any]:
    """the second of the two, for four inputs and three outputs"""
    return {"the variance": moments_of_drawn(moments, rng)[1]}


@task.reference
def moments(mean, variance, W, b):
    return W @ mean + b, W**2 @ variance


@task.wrong(0, "The weights have to be squared: 3a has nine times the variance of a.", breaks="variance")
def weights_not_squared(mean, variance, W, b):
    return W @ mean + b, W @ variance


@task.wrong(0, "b is the same for every input, so it adds nothing to the variance.", breaks="variance")
def variance_with_bias(mean, variance, W, b):
    return W @ mean + b, W**2 @ variance + b


@task.wrong(0, "b is missing in the mean: it moves every output.", breaks="mean")
def mean_without_bias(mean, variance, W, b):
    return W @ mean, W**2 @ variance


@task.wrong(0, "This is the standard deviation, the root of the variance.", breaks="variance")
def returns_the_deviation(mean, variance, W, b):
    return W @ mean + b, np.sqrt(W**2 @ variance)


@task.wrong(0, "The whole sum is squared; each variance wants its own squared weight.", breaks="variance")
def deviations_added(mean, variance, W, b):
    return W @ mean + b, (W @ np.sqrt(variance)) ** 2
