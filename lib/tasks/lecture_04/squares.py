"""The gradient of the mean squared error of a linear model."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.tasks.task import Task

task = Task(
    "04.squares",
    "Least squares",
    defines=("squares_gradient",),
    parts={"gradient": 1, "one example": 1},
    hints=(
        "First the errors: X @ beta - y has one number for each example, shape (N,).",
        "Each error is multiplied by its own row of X, then all are added. Which product does both at once?",
        "X is (N, D) and the errors are (N,): X.T @ errors has the shape of β. The factor is 2 / N.",
    ),
    minutes=6,
    tells=("X.T @", "@ X /", "X_small.T @"),
)


@task.check("gradient", within=1e-9)
def gradient_of_some_examples(squares_gradient: Any, rng: np.random.Generator) -> dict[str, Any]:
    """five examples with three features"""
    X, y, beta = rng.normal(size=(5, 3)) + 1, rng.normal(size=5), rng.normal(size=3)
    return {"squares_gradient(X, y, beta)": squares_gradient(X, y, beta)}


@task.check("one example", within=1e-9)
def gradient_of_one_example(squares_gradient: Any, rng: np.random.Generator) -> dict[str, Any]:
    """one example with four features"""
    X, y, beta = rng.normal(size=(1, 4)) + 1, rng.normal(size=1), rng.normal(size=4)
    return {"of one example": squares_gradient(X, y, beta)}


@task.reference
def squares_gradient(X, y, beta):
    return 2 * X.T @ (X @ beta - y) / len(X)


EVERYTHING = ("gradient", "one example")


@task.wrong(0, "The 2 is missing: the derivative of e² is 2e times that of e.", breaks=EVERYTHING)
def two_forgotten(X, y, beta):
    return X.T @ (X @ beta - y) / len(X)


@task.wrong(0, "This is the gradient of the sum; the loss is the mean, so divide by N.", breaks="gradient")
def of_the_sum(X, y, beta):
    return 2 * X.T @ (X @ beta - y)


@task.wrong(
    0,
    "The sign is wrong: the error is X β − y, and where it is positive, more β X means more loss.",
    breaks=EVERYTHING,
)
def error_reversed(X, y, beta):
    return 2 * X.T @ (y - X @ beta) / len(X)


@task.wrong(
    0,
    "The mean error times the mean row is not the mean of the products: each error has to meet its own row.",
    breaks="gradient",
)
def averaged_too_early(X, y, beta):
    return 2 * (X @ beta - y).mean() * X.mean(axis=0)


@task.wrong(0, "One row for each example came out: take the mean over the examples.", breaks=EVERYTHING)
def row_by_row(X, y, beta):
    return 2 * X * (X @ beta - y)[:, np.newaxis]


@task.wrong(
    0,
    "The numbers are right, but stand in a column, (D, 1): leave the errors at (N,), and (D,) comes out.",
    breaks=EVERYTHING,
)
def a_column_of_slopes(X, y, beta):
    return 2 / len(X) * X.T @ (X @ beta - y)[:, np.newaxis]


@task.wrong(
    0,
    "You divide by the number of features, D; the loss is a mean over the examples, so divide by N.",
    breaks=EVERYTHING,
)
def divided_by_features(X, y, beta):
    return 2 * X.T @ (X @ beta - y) / X.shape[1]


@task.wrong(
    0,
    "Each error has met its row, but nothing is added up: the product X.T @ errors does both.",
    breaks=EVERYTHING,
)
def not_added_up(X, y, beta):
    return 2 * X.T * (X @ beta - y) / len(X)


@task.wrong(
    0,
    "All features are added up to one number; there is a slope for each: add over the examples alone.",
    breaks=EVERYTHING,
)
def added_over_everything(X, y, beta):
    return 2 * (X * (X @ beta - y)[:, np.newaxis]).sum() / len(X)
