"""The nearest mean as a linear classifier: its bias."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.tasks.task import Task

task = Task(
    "03.mean_bias",
    "The nearest mean is linear",
    defines=("mean_bias",),
    parts={"b": 1},
    hints=(
        "The nearest mean has the smallest ‖x − μ‖², so the largest −‖x − μ‖². Multiply it out.",
        "−‖x − μ‖² = −‖x‖² + 2 μ·x − ‖μ‖². Which term is the same for all classes? Drop it.",
        "2 μ·x − ‖μ‖² is left. Its row is 2 μ; ours shall be μ: halve everything.",
    ),
    minutes=6,
    tells=("(means**2).sum", "tfrac12", "half the squared", "-0.5 *"),
)


@task.check("b", within=1e-9)
def biases_of_means(mean_bias: Any, rng: np.random.Generator) -> dict[str, Any]:
    """the biases of drawn means"""
    C, D = (int(size) for size in rng.permutation(np.arange(3, 8))[:2])
    return {f"the biases of means {(C, D)}": mean_bias(rng.normal(size=(C, D)))}


@task.reference
def mean_bias(means):
    return -0.5 * (means**2).sum(axis=1)


@task.wrong(
    0, "Twice too much: ‖μ‖² goes with the row 2 μ. The row here is μ, so halve the bias.", breaks="b"
)
def for_the_row_twice_as_long(means):
    return -((means**2).sum(axis=1))


@task.wrong(0, "The sign: a long mean is far from everything, so its class must lose some score.", breaks="b")
def long_means_rewarded(means):
    return 0.5 * (means**2).sum(axis=1)


@task.wrong(
    0, "This takes the length ‖μ‖; multiplying out ‖x − μ‖² leaves its square, ‖μ‖² = μ·μ.", breaks="b"
)
def length_without_square(means):
    return -0.5 * np.sqrt((means**2).sum(axis=1))


@task.wrong(
    0, "Without a bias the longest mean wins too often: ‖μ‖² is not the same for all classes.", breaks="b"
)
def no_bias_at_all(means):
    return np.zeros(len(means))


@task.wrong(
    0, "One bias for each pixel came out. One for each class is needed: add along axis 1.", breaks="b"
)
def added_over_classes(means):
    return -0.5 * (means**2).sum(axis=0)


@task.wrong(
    0,
    "The numbers are right, but stand in a column, (C, 1): (C,) is asked for, so leave keepdims away.",
    breaks="b",
)
def a_column_of_biases(means):
    return -0.5 * (means**2).sum(axis=1, keepdims=True)
