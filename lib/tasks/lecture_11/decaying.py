"""Which parameters of a net weight decay pulls towards 0."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.tasks.task import Task

task = Task(
    "11.decaying",
    "What decays",
    defines=("decaying",),
    parts={"weights": 1, "biases": 1, "scales": 1},
    hints=(
        "shapes.items() gives pairs of a name and a shape. Don't go by the name: look at the shape.",
        "A matrix has two axes, a set of filters four. How many have a bias, or the scale of a batch norm?",
        "Those decay whose shape has more than one number: len(shape) > 1.",
    ),
    minutes=2,
    tells=("len(shape)", ".ndim"),
)


def drawn_shapes(rng: np.random.Generator) -> dict[str, tuple[int, ...]]:
    """The parameters of a convolution, a batch norm and a linear layer, of drawn sizes."""
    filters, inputs, classes = (int(size) for size in rng.permutation(np.arange(5, 30))[:3])
    return {
        "0.weight": (filters, 3, 5, 5), "0.bias": (filters,), "1.weight": (filters,), "1.bias": (filters,),
        "4.weight": (classes, inputs), "4.bias": (classes,),
    }  # fmt: skip


def whether_they_decay(decaying: Any, rng: np.random.Generator, names: list[str]) -> dict[str, Any]:
    shapes = drawn_shapes(rng)
    found = list(decaying(dict(shapes)))
    return {f"{name} {shapes[name]} decays": found.count(name) == 1 for name in names}


@task.check("weights")
def weights_that_decay(decaying: Any, rng: np.random.Generator) -> dict[str, Any]:
    """the filters of a convolution, the matrix of a linear layer"""
    return whether_they_decay(decaying, rng, ["0.weight", "4.weight"])


@task.check("biases")
def biases_that_decay(decaying: Any, rng: np.random.Generator) -> dict[str, Any]:
    """the biases of a convolution, a batch norm and a linear layer"""
    return whether_they_decay(decaying, rng, ["0.bias", "1.bias", "4.bias"])


@task.check("scales")
def scales_that_decay(decaying: Any, rng: np.random.Generator) -> dict[str, Any]:
    """the scale of a batch norm"""
    return whether_they_decay(decaying, rng, ["1.weight"])


@task.reference
def decaying(shapes):
    return [name for name, shape in shapes.items() if len(shape) > 1]


@task.wrong(
    0,
    "The scale of a batch norm is called weight, too, and stays free: go by the shape.",
    breaks="scales",
)
def all_called_weight(shapes):
    return [name for name in shapes if name.endswith("weight")]


@task.wrong(
    0,
    "The filters decay, but the matrix of the linear layer is left out: it multiplies as well.",
    breaks="weights",
)
def filters_alone(shapes):
    return [name for name, shape in shapes.items() if len(shape) == 4]


@task.wrong(
    0,
    "Everything decays here; biases and the scale of a batch norm stay free.",
    breaks=("biases", "scales"),
)
def everything(shapes):
    return list(shapes)


@task.wrong(
    0,
    "These are the ones that stay free; the others are asked for.",
    breaks=("weights", "biases", "scales"),
)
def those_that_stay_free(shapes):
    return [name for name in shapes if name not in decaying(shapes)]
