"""A little noise against the gradient of an image."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.tasks.task import Task

task = Task(
    "10.adversary",
    "Adversarial noise",
    defines=("adversary",),
    parts={"step": 1, "pixels": 1},
    hints=(
        "The loss shall grow, so go up the gradient: x plus ε where it is positive, x minus ε elsewhere.",
        "np.sign says the direction. A pixel ends at 0 and at 1: np.clip keeps it there.",
    ),
    minutes=3,
    tells=("np.sign", "np.clip", ".sign()", "clamp("),
)


@task.check("step", within=1e-9)
def noise_in_the_middle(adversary: Any, rng: np.random.Generator) -> dict[str, Any]:
    """pixels far from 0 and 1, ε = 0.05"""
    x, gradient = rng.uniform(0.3, 0.7, (2, 3)), rng.normal(size=(2, 3))
    gradient.flat[:2] = 2.5, -0.01
    return {"adversary(x, gradient, 0.05)": adversary(x, gradient, 0.05)}


@task.check("pixels", within=1e-9)
def noise_at_the_ends(adversary: Any, rng: np.random.Generator) -> dict[str, Any]:
    """pixels near 0 and 1, whose gradients, 1 and −1, lead outwards, ε = 0.2"""
    x = np.array([0.02, 0.96, 0.08, 0.9]) + rng.uniform(0, 0.02, 4)
    return {"pixels near the ends": adversary(x, np.array([-1.0, 1.0, -1.0, 1.0]), 0.2)}


@task.reference
def adversary(x, gradient, epsilon):
    return np.clip(x + epsilon * np.sign(gradient), 0, 1)


@task.wrong(0, "Pixels lie between 0 and 1: cut what lies beyond.", breaks="pixels")
def beyond_white(x, gradient, epsilon):
    return x + epsilon * np.sign(gradient)


@task.wrong(
    0,
    "You go down the gradient, so the loss falls; the adversary wants it to grow.",
    breaks=("step", "pixels"),
)
def helps_the_net(x, gradient, epsilon):
    return np.clip(x - epsilon * np.sign(gradient), 0, 1)


@task.wrong(
    0, "Each pixel may change by all of ε: only the sign of the gradient counts, not its size.", breaks="step"
)
def follows_the_size(x, gradient, epsilon):
    return np.clip(x + epsilon * gradient, 0, 1)


@task.wrong(
    0,
    "This returns the noise alone; add it to the image.",
    breaks=("step", "pixels"),
)
def noise_alone(x, gradient, epsilon):
    return epsilon * np.sign(gradient)


@task.wrong(
    0,
    "The noise goes up only. Where the gradient is negative, the loss grows when the pixel falls.",
    breaks=("step", "pixels"),
)
def brighter_only(x, gradient, epsilon):
    return np.clip(x + epsilon, 0, 1)


@task.wrong(
    0,
    "You cut the noise at 0 and 1. Add it to the image first, then cut the pixels.",
    breaks=("step", "pixels"),
)
def cut_before_the_sum(x, gradient, epsilon):
    return x + np.clip(epsilon * np.sign(gradient), 0, 1)
