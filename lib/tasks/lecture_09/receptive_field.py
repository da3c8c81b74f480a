"""How many pixels across an output sees."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.tasks.task import Task

task = Task(
    "09.receptive_field",
    "The receptive field",
    defines=("receptive_field",),
    parts={"stride 1": 1, "strides": 1},
    hints=(
        "Without any layer an output sees 1 pixel. A layer with a kernel of k adds k − 1 steps to that.",
        "How wide is a step? In the first layer 1 pixel; behind a layer of stride s it is s times as wide.",
        "Keep two numbers, r = 1 and step = 1. For each layer: r grows by (k − 1) · step, then step by · s.",
    ),
    minutes=4,
    tells=("* step", "step *=", "\\prod"),
)


@task.check("stride 1")
def field_of_stride_one(receptive_field: Any, rng: np.random.Generator) -> dict[str, Any]:
    """three layers of stride 1"""
    layers = [(int(k), 1) for k in rng.permutation([3, 5, 7])]
    return {f"receptive_field({layers})": receptive_field(layers)}


@task.check("strides")
def field_of_strides(receptive_field: Any, rng: np.random.Generator) -> dict[str, Any]:
    """four layers, three of them with strides"""
    kernels, strides = rng.permutation([3, 5, 7, 4]), rng.permutation([2, 3, 4])
    layers = [(int(k), int(s)) for k, s in zip(kernels, [*strides, 1], strict=True)]
    return {f"receptive_field({layers})": receptive_field(layers)}


@task.reference
def receptive_field(layers):
    r, step = 1, 1
    for k, s in layers:
        r += (k - 1) * step
        step *= s
    return r


@task.wrong(
    0, "The strides are missing: behind a layer of stride s, a step is s pixels wide.", breaks="strides"
)
def strides_forgotten(layers):
    return receptive_field([(k, 1) for k, _ in layers])


@task.wrong(
    0, "A layer's own stride widens the steps of the layers behind it, not its own.", breaks="strides"
)
def own_stride_first(layers):
    r, step = 1, 1
    for k, s in layers:
        step *= s
        r += (k - 1) * step
    return r


@task.wrong(0, "Steps multiply: behind strides of 2 and 3, a step is 6 pixels wide.", breaks="strides")
def strides_added(layers):
    r, step = 1, 1
    for k, s in layers:
        r += (k - 1) * step
        step += s - 1
    return r


@task.wrong(
    0,
    "Kernels that overlap add k − 1 each, not k: the pixel itself was seen already.",
    breaks=("stride 1", "strides"),
)
def whole_kernels_added(layers):
    return receptive_field([(k + 1, s) for k, s in layers]) - 1


@task.wrong(
    0, "The start is missing: without any layer an output sees 1 pixel.", breaks=("stride 1", "strides")
)
def begins_with_none(layers):
    return receptive_field(layers) - 1


@task.wrong(
    0,
    "Kernels do not multiply: neighbouring outputs see mostly the same pixels.",
    breaks=("stride 1", "strides"),
)
def kernels_multiplied(layers):
    return int(np.prod([k for k, _ in layers]))


@task.wrong(
    0,
    "This formula goes back from the output: begin with the last layer, or keep the step as well.",
    breaks="strides",
)
def backwards_from_the_front(layers):
    r = 1
    for k, s in layers:
        r = (r - 1) * s + k
    return r
