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
        "The nearest mean has the smallest ‖x − m‖², so the largest −‖x − m‖². Multiply it out.",
        "−‖x − m‖² = −‖x‖² + 2 m·x − ‖m‖². Which term is the same for all classes? Drop it.",
        "2 m·x − ‖m‖² is left. Its row is 2 m; ours shall be m: halve everything.",
    ),
    minutes=4,
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
    0, "Twice too much: ‖m‖² goes with the row 2 m. The row here is m, so halve the bias.", breaks="b"
)
def for_the_row_twice_as_long(means):
    return -((means**2).sum(axis=1))


@task.wrong(0, "The sign: a long mean is far from everything, so its class must lose some score.", breaks="b")
def long_means_rewarded(means):
    return 0.5 * (means**2).sum(axis=1)


@task.wrong(
    0, "This takes the length ‖m‖; multiplying out ‖x − m‖² leaves its square, ‖m‖² = m·m.", breaks="b"
)
def length_without_square(means):
    return -0.5 * np.sqrt((means**2).sum(axis=1))


@task.wrong(
    0, "Without a bias the longest mean wins too often: ‖m‖² is not the same for all classes.", breaks="b"
)
def no_bias_at_all(means):
    return np.zeros(len(means))


@task.wrong(
    0, "One bias for each pixel came out. One for each class is needed: add along axis 1.", breaks="b"
)
def added_over_classes(means):
    return -0.5 * (means**2).sum(axis=0)
