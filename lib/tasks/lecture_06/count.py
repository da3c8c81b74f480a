"""How many weights and biases a fully connected network has."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from lib.tasks.several import one_of
from lib.tasks.task import Task

task = Task(
    "06.count",
    "Weights and biases",
    defines=("count",),
    parts={"weights": 1, "biases": 1},
    hints=(
        "How many lines run from 3 units to 4? How many of 4 units have a bias?",
        "Go through the pairs (sizes[0], sizes[1]), (sizes[1], sizes[2]), … to the last.",
        "A pair (a, b) has a · b weights, and b biases. pairwise(sizes) gives the pairs.",
    ),
    minutes=3,
    tells=("a * b for", "sum(sizes[1:])", "20 weights", "32 weights"),
)


def drawn_sizes(rng: np.random.Generator, layers: int) -> list[int]:
    """Sizes that all differ."""
    return [int(size) for size in rng.permutation(np.arange(2, 12))[: layers + 1]]


@task.check("weights")
def count_weights(count: Any, rng: np.random.Generator) -> dict[str, Any]:
    """the first of the two numbers"""
    cases = [drawn_sizes(rng, layers) for layers in (2, 3, 4)]
    return {f"weights of {sizes}": one_of(count(sizes), 0) for sizes in cases}


@task.check("biases")
def count_biases(count: Any, rng: np.random.Generator) -> dict[str, Any]:
    """the second of the two numbers"""
    cases = [drawn_sizes(rng, layers) for layers in (2, 3, 4)]
    return {f"biases of {sizes}": one_of(count(sizes), 1) for sizes in cases}


@task.reference
def count(sizes):
    weights = sum(a * b for a, b in pairwise(sizes))
    biases = sum(sizes[1:])
    return weights, biases


@task.wrong(0, "Inputs compute nothing, so they have no bias: begin with the second size.", breaks="biases")
def inputs_too(sizes):
    return count(sizes)[0], sum(sizes)


@task.wrong(0, "The units of the output have biases, too.", breaks="biases")
def hidden_ones_alone(sizes):
    return count(sizes)[0], sum(sizes[1:-1])


@task.wrong(0, "That is one bias for each layer; each unit has its own.", breaks="biases")
def one_for_each_layer(sizes):
    return count(sizes)[0], len(sizes) - 1


@task.wrong(0, "From a units to b run a · b lines, one from each to each; yours adds.", breaks="weights")
def sums_of_sizes(sizes):
    return sum(a + b for a, b in pairwise(sizes)), count(sizes)[1]


@task.wrong(0, "Nothing runs from the input to the output directly: go layer by layer.", breaks="weights")
def first_to_last(sizes):
    return sizes[0] * sizes[-1], count(sizes)[1]


@task.wrong(0, "The weights of the last layer are missing.", breaks="weights")
def without_the_last(sizes):
    return sum(a * b for a, b in pairwise(sizes[:-1])), count(sizes)[1]


@task.wrong(0, "The two are exchanged: first the weights, then the biases.", breaks=("weights", "biases"))
def biases_first(sizes):
    return count(sizes)[::-1]


@task.wrong(
    0, "This multiplies all sizes; lines run between neighbours only: add up a · b of each pair.",
    breaks="weights",
)  # fmt: skip
def product_of_all(sizes):
    return int(np.prod(sizes)), count(sizes)[1]


@task.wrong(
    0, "Two numbers are wanted: return the weights, then the biases, not their sum.",
    breaks=("weights", "biases"),
)  # fmt: skip
def one_total(sizes):
    return sum(count(sizes))
