"""The sizes of the factors in the gradient of the first weights."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.tasks.task import Task

task = Task(
    "07.sizes",
    "Sizes along the chain",
    defines=("sizes",),
    parts={"sizes": 1},
    hints=(
        "Six factors: ∂L/∂o, then one for each of the modules K, J, H, G, and F in its weights.",
        "The columns of each factor are as many as the rows of the next one, or they don't multiply.",
        "W1 is p × n. Laid out as a row, it has p · n numbers: the columns of the last factor.",
    ),
    minutes=5,
    tells=("(p, p * n)", "4 × 20"),
)


@task.check("sizes")
def sizes_of_the_factors(sizes: Any, rng: np.random.Generator) -> dict[str, Any]:
    """chains of several sizes"""
    found = {}
    for _ in range(2):
        n, p, q, m = (int(size) for size in rng.permutation(np.arange(2, 10))[:4])
        found[f"with n = {n}, p = {p}, q = {q}, m = {m}"] = sizes(n, p, q, m)
    return found


@task.reference
def sizes(n, p, q, m):
    return [(1, m), (m, q), (q, q), (q, p), (p, p), (p, p * n)]


@task.wrong(0, "The order is turned round: ∂L/∂o stands on the left.", breaks="sizes")
def weights_first(n, p, q, m):
    return sizes(n, p, q, m)[::-1]


@task.wrong(0, "Rows and columns are exchanged: (numbers out, numbers in) for each factor.", breaks="sizes")
def columns_first(n, p, q, m):
    return [(columns, rows) for rows, columns in sizes(n, p, q, m)]


@task.wrong(0, "The sigmoid and the ReLU are missing: they are factors too, square ones.", breaks="sizes")
def linear_modules_alone(n, p, q, m):
    return [(1, m), (m, q), (q, p), (p, p * n)]


@task.wrong(
    0,
    "The last factor is that of a1 in its input x. We want the slope in the weights W1, p · n numbers.",
    breaks="sizes",
)
def down_to_the_input(n, p, q, m):
    return [(1, m), (m, q), (q, q), (q, p), (p, p), (p, n)]


@task.wrong(
    0,
    "The Jacobian of the sigmoid and of the ReLU is a diagonal matrix, as many rows as columns.",
    breaks="sizes",
)
def diagonals_as_rows(n, p, q, m):
    return [(1, m), (m, q), (1, q), (q, p), (1, p), (p, p * n)]
