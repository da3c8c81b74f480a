"""The backward pass of a network with two layers."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.tasks.lecture_06._net import as_array, drawn_problem, hidden_of
from lib.tasks.several import one_of
from lib.tasks.task import Task

task = Task(
    "06.backward",
    "Backward",
    defines=("backward",),
    parts={"dW2": 1, "db2": 1, "dW1": 1, "db1": 1},
    hints=(
        "Shapes lead the way: dW2 is (H, C) like W2. Only one product of h1 (N, H) and dscores (N, C) is.",
        "b2 was added to each row, so it is a branch: db2 is the sum of dscores over the rows.",
        "dh1 is dscores @ W2.T. ReLU lets it pass where h1 is above 0, and stops it elsewhere.",
        "After ReLU, dW1 and db1 come from dh1 and X as dW2 and db2 came from dscores and h1.",
    ),
    minutes=9,
    tells=("h1.T @ dscores", "dscores @ W2.T", "X.T @ dh1", "h1 > 0"),
)


def gradients_of(backward: Any, rng: np.random.Generator) -> tuple[Any, Any, Any, Any]:
    """What backward returns for drawn numbers."""
    problem = drawn_problem(rng)
    dscores = rng.normal(size=problem.T.shape)
    four = backward(problem.X.copy(), hidden_of(problem), problem.W2.copy(), dscores)
    return one_of(four, 0, 4), one_of(four, 1, 4), one_of(four, 2, 4), one_of(four, 3, 4)


@task.check("dW2", within=1e-9)
def gradient_in_w2(backward: Any, rng: np.random.Generator) -> dict[str, Any]:
    """the third array"""
    return as_array("dW2", gradients_of(backward, rng)[2])


@task.check("db2", within=1e-9)
def gradient_in_b2(backward: Any, rng: np.random.Generator) -> dict[str, Any]:
    """the fourth array"""
    return as_array("db2", gradients_of(backward, rng)[3])


@task.check("dW1", within=1e-9)
def gradient_in_w1(backward: Any, rng: np.random.Generator) -> dict[str, Any]:
    """the first array"""
    return as_array("dW1", gradients_of(backward, rng)[0])


@task.check("db1", within=1e-9)
def gradient_in_b1(backward: Any, rng: np.random.Generator) -> dict[str, Any]:
    """the second array"""
    return as_array("db1", gradients_of(backward, rng)[1])


@task.reference
def backward(X, h1, W2, dscores):
    dW2 = h1.T @ dscores
    db2 = dscores.sum(axis=0)
    dh1 = (dscores @ W2.T) * (h1 > 0)
    dW1 = X.T @ dh1
    db1 = dh1.sum(axis=0)
    return dW1, db1, dW2, db2


FIRST = ("dW1", "db1")


@task.wrong(
    0, "The way back goes through ReLU: where h1 is 0, the unit was at rest, and no gradient passes.",
    breaks=FIRST,
)  # fmt: skip
def through_resting_units(X, h1, W2, dscores):
    dh1 = dscores @ W2.T
    return X.T @ dh1, dh1.sum(axis=0), *backward(X, h1, W2, dscores)[2:]


@task.wrong(
    0, "You stop gradients that are negative; ReLU stops those of units at rest, where h1 is 0.", breaks=FIRST
)
def stops_the_negative(X, h1, W2, dscores):
    dh1 = np.clip(dscores @ W2.T, 0, None)
    return X.T @ dh1, dh1.sum(axis=0), *backward(X, h1, W2, dscores)[2:]


@task.wrong(
    0, "The slope of ReLU is 1 where h1 is above 0, whatever its size; you multiply by h1 itself.",
    breaks=FIRST,
)  # fmt: skip
def times_the_value(X, h1, W2, dscores):
    dh1 = (dscores @ W2.T) * h1
    return X.T @ dh1, dh1.sum(axis=0), *backward(X, h1, W2, dscores)[2:]


@task.wrong(
    0, "h1 · (1 − h1) is the slope of a sigmoid; here is ReLU: 1 where h1 is above 0, and 0 elsewhere.",
    breaks=FIRST,
)  # fmt: skip
def slope_of_a_sigmoid(X, h1, W2, dscores):
    dh1 = (dscores @ W2.T) * h1 * (1 - h1)
    return X.T @ dh1, dh1.sum(axis=0), *backward(X, h1, W2, dscores)[2:]


@task.wrong(
    0, "Biases are served by all rows: add the rows up. The 1/N of the mean is in dscores already.",
    breaks=("db1", "db2"),
)  # fmt: skip
def averaged_biases(X, h1, W2, dscores):
    dW1, db1, dW2, db2 = backward(X, h1, W2, dscores)
    return dW1, db1 / len(X), dW2, db2 / len(X)


@task.wrong(
    0, "One number came out for all biases; each has its own: sum over the examples alone, axis=0.",
    breaks=("db1", "db2"),
)  # fmt: skip
def one_bias_for_all(X, h1, W2, dscores):
    dW1, db1, dW2, db2 = backward(X, h1, W2, dscores)
    return dW1, db1.sum(), dW2, db2.sum()


@task.wrong(0, "dW1 and dW2 are transposed: each has the shape of its own weights.", breaks=("dW1", "dW2"))
def weights_turned(X, h1, W2, dscores):
    dW1, db1, dW2, db2 = backward(X, h1, W2, dscores)
    return dW1.T, db1, dW2.T, db2


@task.wrong(
    0, "These are divided by N once more; dscores has the 1/N of the mean already.", breaks=("dW1", "dW2")
)
def mean_of_a_mean(X, h1, W2, dscores):
    dW1, db1, dW2, db2 = backward(X, h1, W2, dscores)
    return dW1 / len(X), db1, dW2 / len(X), db2


@task.wrong(
    0, "The order is another: dW1, db1, dW2, db2, as in forward.", breaks=("dW1", "db1", "dW2", "db2")
)
def last_layer_first(X, h1, W2, dscores):
    dW1, db1, dW2, db2 = backward(X, h1, W2, dscores)
    return dW2, db2, dW1, db1


@task.wrong(
    0, "The bias gradients are not summed: a bias serves every row, so add the rows up, with axis=0.",
    breaks=("db1", "db2"),
)  # fmt: skip
def biases_not_summed(X, h1, W2, dscores):
    dW1, _, dW2, _ = backward(X, h1, W2, dscores)
    return dW1, (dscores @ W2.T) * (h1 > 0), dW2, dscores


@task.wrong(
    0, "axis=1 adds up what each example says; each bias wants its column added up: axis=0.",
    breaks=("db1", "db2"),
)  # fmt: skip
def summed_along_rows(X, h1, W2, dscores):
    dW1, _, dW2, _ = backward(X, h1, W2, dscores)
    return dW1, ((dscores @ W2.T) * (h1 > 0)).sum(axis=1), dW2, dscores.sum(axis=1)
