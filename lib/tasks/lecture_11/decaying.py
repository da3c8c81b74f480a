"""Which parameters of a net weight decay pulls towards 0."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.tasks.task import Task

task = Task(
    "11.decaying",
    "What decays",
    defines=("decaying",),
    parts={"names": 1, "weights": 1, "biases": 1, "scales": 1},
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


def kind_of(found: Any, shapes: dict[str, tuple[int, ...]]) -> str:
    """What was returned, in words."""
    if not isinstance(found, list):
        return f"a {type(found).__name__}"
    if all(isinstance(thing, str) and thing in shapes for thing in found):
        return "a list of names"
    if all(isinstance(thing, tuple) for thing in found):
        return "a list of shapes" if all(thing in shapes.values() for thing in found) else "a list of tuples"
    return "a list of other things"


@task.check("names")
def kind_of_what_is_returned(decaying: Any, rng: np.random.Generator) -> dict[str, Any]:
    """what is returned"""
    shapes = drawn_shapes(rng)
    return {"decaying(shapes)": kind_of(decaying(dict(shapes)), shapes)}


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


@task.wrong(0, "These are the shapes of those that decay; return their names.", breaks=("names", "weights"))
def their_shapes(shapes):
    return [shape for shape in shapes.values() if len(shape) > 1]


@task.wrong(0, "These are pairs of a name and a shape; return the names alone.", breaks=("names", "weights"))
def names_and_shapes(shapes):
    return [(name, shape) for name, shape in shapes.items() if len(shape) > 1]


@task.wrong(0, "The names are right, but in a dictionary: return a list of them.", breaks="names")
def a_smaller_dictionary(shapes):
    return {name: shape for name, shape in shapes.items() if len(shape) > 1}


@task.wrong(
    0,
    "This is True or False for each parameter; return the names of those that decay.",
    breaks=("names", "weights"),
)
def yes_or_no(shapes):
    return [len(shape) > 1 for shape in shapes.values()]
