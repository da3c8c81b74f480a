"""Grad-CAM, from the maps of a layer and the gradient in them."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.tasks.task import Task

task = Task(
    "10.grad_cam",
    "Grad-CAM",
    defines=("grad_cam_of",),
    parts={"where all counts": 1, "nothing below 0": 1},
    hints=(
        "The weight of a map is the mean of its gradient: gradient.mean over rows and columns, axes 1 and 2.",
        "Multiply each map by its weight, and add all maps up: the sum over axis 0.",
        "weights[:, None, None] * maps; sum it over axis 0, and let np.maximum keep what is above 0.",
    ),
    minutes=4,
    tells=("gradient.mean(", "[:, None, None]", "einsum", "tensordot"),
)


@task.check("where all counts", within=1e-9)
def heat_of_positive_maps(grad_cam_of: Any, rng: np.random.Generator) -> dict[str, Any]:
    """three maps of 4 × 5, all numbers positive"""
    maps, gradient = rng.uniform(0.5, 2, (2, 3, 4, 5))
    return {"positive maps and gradients": grad_cam_of(maps, gradient)}


@task.check("nothing below 0", within=1e-9)
def heat_of_mixed_maps(grad_cam_of: Any, rng: np.random.Generator) -> dict[str, Any]:
    """two maps of 3 × 4 that speak against each other; the gradient of a map is the same everywhere"""
    maps = rng.uniform(0.5, 2, (2, 3, 4))
    maps[0, 0], maps[1, 0], maps[0, 1], maps[1, 1] = 4, 0.3, 0.3, 4  # a row of each sign
    gradient = np.array([1.3, -0.8])[:, None, None] * np.ones((2, 3, 4))
    return {"a map that counts 1.3 and one that counts −0.8": grad_cam_of(maps, gradient)}


@task.reference
def grad_cam_of(maps, gradient):
    weights = gradient.mean(axis=(1, 2))
    return np.maximum((weights[:, None, None] * maps).sum(axis=0), 0)


@task.wrong(
    0, "What speaks against the class is still there: keep only what is above 0.", breaks="nothing below 0"
)
def with_what_is_against(maps, gradient):
    return (gradient.mean(axis=(1, 2))[:, None, None] * maps).sum(axis=0)


@task.wrong(
    0,
    "You cut each map at 0 before the sum, so nothing can speak against the class: add first.",
    breaks="nothing below 0",
)
def cut_before_the_sum(maps, gradient):
    return np.maximum(gradient.mean(axis=(1, 2))[:, None, None] * maps, 0).sum(axis=0)


@task.wrong(
    0,
    "Each place has its own weight here. A map has one weight: the mean of its gradient.",
    breaks="where all counts",
)
def place_by_place(maps, gradient):
    return np.maximum((gradient * maps).sum(axis=0), 0)


@task.wrong(
    0,
    "The gradients are summed over the places; take their mean.",
    breaks=("where all counts", "nothing below 0"),
)
def summed_over_places(maps, gradient):
    return np.maximum((gradient.sum(axis=(1, 2))[:, None, None] * maps).sum(axis=0), 0)


@task.wrong(
    0,
    "The weights are missing: a map counts as much as the mean of its gradient says.",
    breaks=("where all counts", "nothing below 0"),
)
def all_maps_alike(maps, gradient):
    return np.maximum(maps.sum(axis=0), 0)


@task.wrong(
    0,
    "The mean goes over the maps here (axis 0). Take it over the places: axes 1 and 2, one number a map.",
    breaks=("where all counts", "nothing below 0"),
)
def mean_over_the_maps(maps, gradient):
    return np.maximum((gradient.mean(axis=0) * maps).sum(axis=0), 0)


@task.wrong(
    0,
    "One mean for all maps together: take one for each map, over axes 1 and 2.",
    breaks=("where all counts", "nothing below 0"),
)
def one_mean_for_all(maps, gradient):
    return np.maximum((gradient.mean() * maps).sum(axis=0), 0)


@task.wrong(
    0, "What is below 0 becomes 0; you have turned its sign, as if it spoke for the class.",
    breaks="nothing below 0",
)  # fmt: skip
def sign_turned(maps, gradient):
    return np.abs((gradient.mean(axis=(1, 2))[:, None, None] * maps).sum(axis=0))
