"""The error recursion of five sigmoid layers."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.tasks.task import Task

task = Task(
    "07.errors",
    "The error recursion",
    defines=("errors",),
    parts={"the last": 1, "the others": 1},
    hints=(
        "Begin with E[5]: (A5 − t), entry by entry times the slope of the sigmoid, A5 · (1 − A5).",
        "Then a loop over k = 4, 3, 2, 1. The row E[k + 1] is there already.",
        "E[k] is the row E[k + 1] times the matrix W[k + 1], then entry by entry times A[k] · (1 − A[k]).",
    ),
    minutes=4,
    tells=("E[k + 1] @", "W[k + 1])"),
)


def net_of_five(rng: np.random.Generator) -> tuple[list[Any], list[np.ndarray], np.ndarray]:
    """Weights, values and a target; hidden layers of one size, so that a wrong matrix fits as well."""
    W = [None, rng.normal(size=(4, 6)), *(rng.normal(size=(4, 4)) for _ in range(4))]
    A = [rng.normal(size=6), *(rng.uniform(0.1, 0.9, 4) for _ in range(5))]
    return W, A, rng.uniform(size=4)


@task.check("the last", within=1e-9)
def last_error(errors: Any, rng: np.random.Generator) -> dict[str, Any]:
    """E5"""
    found = errors(*net_of_five(rng))
    return {"E[5]": None if found is None else found[5]}


@task.check("the others", within=1e-9)
def other_errors(errors: Any, rng: np.random.Generator) -> dict[str, Any]:
    """E4 to E1"""
    found = errors(*net_of_five(rng))
    return {f"E[{k}]": None if found is None else found[k] for k in (4, 3, 2, 1)}


@task.reference
def errors(W, A, t):
    E = {5: (A[5] - t) * A[5] * (1 - A[5])}
    for k in (4, 3, 2, 1):
        E[k] = (E[k + 1] @ W[k + 1]) * A[k] * (1 - A[k])
    return E


@task.wrong(
    0,
    "Between layers k + 1 and k stands the matrix W[k + 1]. Yours is W[k]; here it happens to fit.",
    breaks="the others",
)
def matrix_of_the_layer_itself(W, A, t):
    E = {5: (A[5] - t) * A[5] * (1 - A[5])}
    for k in (4, 3, 2):
        E[k] = (E[k + 1] @ W[k]) * A[k] * (1 - A[k])
    E[1] = (E[2] @ W[1])[:4] * A[1] * (1 - A[1])
    return E


@task.wrong(
    0,
    "The row stands on the left of the matrix: E @ W. W @ E is how forward reads it.",
    breaks="the others",
)
def matrix_on_the_left(W, A, t):
    E = {5: (A[5] - t) * A[5] * (1 - A[5])}
    for k in (4, 3, 2, 1):
        E[k] = (W[k + 1] @ E[k + 1]) * A[k] * (1 - A[k])
    return E


@task.wrong(
    0, "The sigmoids of layers 4 to 1 are left out: multiply by A[k] · (1 − A[k]).", breaks="the others"
)
def sigmoids_left_out(W, A, t):
    E = {5: (A[5] - t) * A[5] * (1 - A[5])}
    for k in (4, 3, 2, 1):
        E[k] = E[k + 1] @ W[k + 1]
    return E


@task.wrong(
    0,
    "The last layer has a sigmoid, too: A5 − t is the gradient behind it, E5 the one before it.",
    breaks=("the last", "the others"),
)
def last_sigmoid_left_out(W, A, t):
    E = {5: A[5] - t}
    for k in (4, 3, 2, 1):
        E[k] = (E[k + 1] @ W[k + 1]) * A[k] * (1 - A[k])
    return E


@task.wrong(0, "All signs are turned: the error starts with A5 − t.", breaks=("the last", "the others"))
def target_minus_output(W, A, t):
    return {k: -row for k, row in errors(W, A, t).items()}
