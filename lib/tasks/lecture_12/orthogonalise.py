"""A matrix whose singular values all become about 1, as Muon makes it."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.tasks.task import Task

task = Task(
    "12.orthogonalise",
    "All directions alike",
    defines=("orthogonalise",),
    parts={"length": 1, "one step": 1, "steps": 1},
    hints=(
        "np.linalg.norm(G) is the root of the sum of all squares. Divide by it once, before the loop.",
        "In the loop, compute X @ X.T first, as XX. The three terms are X, XX @ X and XX @ XX @ X.",
        "X = 3.4445 * X - 4.7750 * XX @ X + 2.0315 * XX @ XX @ X is the line in the loop.",
    ),
    minutes=5,
    tells=("G / np.linalg.norm", "X @ X.T"),
)


def matrix_after(orthogonalise: Any, rng: np.random.Generator, steps: int) -> dict[str, Any]:
    """What becomes of a drawn matrix."""
    rows, columns = (int(size) for size in rng.permutation([2, 3, 4, 5])[:2])
    G = rng.normal(size=(rows, columns)) * rng.uniform(1.5, 2)
    return {f"a matrix of {rows} × {columns}": np.asarray(orthogonalise(G.copy(), steps))}


@task.check("length", within=1e-9)
def matrix_after_no_step(orthogonalise: Any, rng: np.random.Generator) -> dict[str, Any]:
    """steps = 0, so that only the division is left"""
    return matrix_after(orthogonalise, rng, 0)


@task.check("one step", within=1e-9)
def matrix_after_one_step(orthogonalise: Any, rng: np.random.Generator) -> dict[str, Any]:
    """steps = 1"""
    return matrix_after(orthogonalise, rng, 1)


@task.check("steps", within=1e-9)
def matrix_after_three_steps(orthogonalise: Any, rng: np.random.Generator) -> dict[str, Any]:
    """steps = 3"""
    return matrix_after(orthogonalise, rng, 3)


@task.reference
def orthogonalise(G, steps):
    X = G / np.linalg.norm(G)
    for _ in range(steps):
        XX = X @ X.T
        X = 3.4445 * X - 4.7750 * XX @ X + 2.0315 * XX @ XX @ X
    return X


def from_here(X: Any, steps: int) -> Any:
    """The steps alone."""
    for _ in range(steps):
        XX = X @ X.T
        X = 3.4445 * X - 4.7750 * XX @ X + 2.0315 * XX @ XX @ X
    return X


EVERYTHING, ALL_STEPS = ("length", "one step", "steps"), ("one step", "steps")


@task.wrong(
    0, "The division is missing: with singular values above 1 the polynomial runs away.", breaks=EVERYTHING
)
def never_divided(G, steps):
    return from_here(G, steps)


@task.wrong(
    0,
    "You divide by the largest singular value, which would need an SVD. Divide by np.linalg.norm(G).",
    breaks=EVERYTHING,
)
def by_the_largest(G, steps):
    return from_here(G / np.linalg.norm(G, 2), steps)


@task.wrong(
    0, "You take powers of each element (** or *). X Xᵀ X is a product of matrices: write @.",
    breaks=ALL_STEPS,
)  # fmt: skip
def powers_of_elements(G, steps):
    X = G / np.linalg.norm(G)
    for _ in range(steps):
        X = 3.4445 * X - 4.7750 * X**3 + 2.0315 * X**5
    return X


@task.wrong(0, "The sign of b is lost: it is −4.7750.", breaks=ALL_STEPS)
def b_is_positive(G, steps):
    X = G / np.linalg.norm(G)
    for _ in range(steps):
        XX = X @ X.T
        X = 3.4445 * X + 4.7750 * XX @ X + 2.0315 * XX @ XX @ X
    return X


@task.wrong(0, "The last term has X Xᵀ only once; it needs the square of it, (X Xᵀ)² X.", breaks=ALL_STEPS)
def square_forgotten(G, steps):
    X = G / np.linalg.norm(G)
    for _ in range(steps):
        X = 3.4445 * X + (2.0315 - 4.7750) * X @ X.T @ X
    return X


@task.wrong(
    0, "X Xᵀ is computed once, before the loop. X changes, so compute it in each step.", breaks="steps"
)
def product_of_the_start(G, steps):
    X = G / np.linalg.norm(G)
    XX = X @ X.T
    for _ in range(steps):
        X = 3.4445 * X - 4.7750 * XX @ X + 2.0315 * XX @ XX @ X
    return X


@task.wrong(0, "You divide in every step. Divide once, before the loop.", breaks="steps")
def divided_each_time(G, steps):
    X = G / np.linalg.norm(G)
    for _ in range(steps):
        X = from_here(X / np.linalg.norm(X), 1)
    return X
