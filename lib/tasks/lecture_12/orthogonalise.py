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
        "In the loop, compute M @ M.T first, as MM. The three terms are M, MM @ M and MM @ MM @ M.",
        "M = 3.4445 * M - 4.7750 * MM @ M + 2.0315 * MM @ MM @ M is the line in the loop.",
    ),
    minutes=5,
    tells=("G / np.linalg.norm", "M @ M.T"),
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
    M = G / np.linalg.norm(G)
    for _ in range(steps):
        MM = M @ M.T
        M = 3.4445 * M - 4.7750 * MM @ M + 2.0315 * MM @ MM @ M
    return M


def from_here(M: Any, steps: int) -> Any:
    """The steps alone."""
    for _ in range(steps):
        MM = M @ M.T
        M = 3.4445 * M - 4.7750 * MM @ M + 2.0315 * MM @ MM @ M
    return M


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
    0, "You take powers of each element (** or *). M Mᵀ M is a product of matrices: write @.",
    breaks=ALL_STEPS,
)  # fmt: skip
def powers_of_elements(G, steps):
    M = G / np.linalg.norm(G)
    for _ in range(steps):
        M = 3.4445 * M - 4.7750 * M**3 + 2.0315 * M**5
    return M


@task.wrong(0, "The sign of b is lost: it is −4.7750.", breaks=ALL_STEPS)
def b_is_positive(G, steps):
    M = G / np.linalg.norm(G)
    for _ in range(steps):
        MM = M @ M.T
        M = 3.4445 * M + 4.7750 * MM @ M + 2.0315 * MM @ MM @ M
    return M


@task.wrong(0, "The last term has M Mᵀ only once; it needs the square of it, (M Mᵀ)² M.", breaks=ALL_STEPS)
def square_forgotten(G, steps):
    M = G / np.linalg.norm(G)
    for _ in range(steps):
        M = 3.4445 * M + (2.0315 - 4.7750) * M @ M.T @ M
    return M


@task.wrong(
    0, "M Mᵀ is computed once, before the loop. M changes, so compute it in each step.", breaks="steps"
)
def product_of_the_start(G, steps):
    M = G / np.linalg.norm(G)
    MM = M @ M.T
    for _ in range(steps):
        M = 3.4445 * M - 4.7750 * MM @ M + 2.0315 * MM @ MM @ M
    return M


@task.wrong(0, "You divide in every step. Divide once, before the loop.", breaks="steps")
def divided_each_time(G, steps):
    M = G / np.linalg.norm(G)
    for _ in range(steps):
        M = from_here(M / np.linalg.norm(M), 1)
    return M
