"""A share of right answers, and how far it may be off by chance."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.tasks.several import one_of
from lib.tasks.task import Task

task = Task(
    "02.error_bar",
    "An error bar",
    defines=("error_bar",),
    parts={"share": 1, "error": 1},
    hints=(
        "right is an array of True and False. The mean of it is the share p.",
        "The formula stands above: p (1 − p), divided by the number of pictures, and the root of that.",
        "np.sqrt(p * (1 - p) / len(right)) is the error; return it beside p.",
    ),
    minutes=3,
    tells=("(1 - p) / len", "right.mean()"),
)


def hits(rng: np.random.Generator) -> np.ndarray:
    """Which of some hundred pictures are right."""
    return rng.random(int(rng.integers(300, 900))) < rng.uniform(0.15, 0.4)


@task.check("share", within=1e-9)
def share_of_hits(error_bar: Any, rng: np.random.Generator) -> dict[str, Any]:
    """the first of the two"""
    right = hits(rng)
    return {f"share of {right.sum()} right ones of {len(right)}": one_of(error_bar(right), 0)}


@task.check("error", within=2e-3)  # dividing by N − 1 is no mistake
def error_of_the_share(error_bar: Any, rng: np.random.Generator) -> dict[str, Any]:
    """the second of the two"""
    right = hits(rng)
    return {f"standard error of {right.sum()} right ones of {len(right)}": one_of(error_bar(right), 1)}


@task.reference
def error_bar(right):
    p = np.mean(right)
    return p, np.sqrt(p * (1 - p) / len(right))


@task.wrong(0, "The root is missing: this is the square of the standard error.", breaks="error")
def without_the_root(right):
    p = np.mean(right)
    return p, p * (1 - p) / len(right)


@task.wrong(
    0,
    "This is how far single pictures scatter; their mean scatters less: divide by N below the root.",
    breaks="error",
)
def scatter_of_one(right):
    p = np.mean(right)
    return p, np.sqrt(p * (1 - p))


@task.wrong(
    0, "You divide by N outside of the root: it belongs below the root, so only √N remains.", breaks="error"
)
def divided_outside(right):
    p = np.mean(right)
    return p, np.sqrt(p * (1 - p)) / len(right)


@task.wrong(0, "Both are in per cent; shares between 0 and 1 are asked for.", breaks=("share", "error"))
def both_in_per_cent(right):
    p, error = error_bar(right)
    return 100 * p, 100 * error


@task.wrong(0, "This is the share of mistakes: True stands for a right answer.", breaks="share")
def counts_mistakes(right):
    p, error = error_bar(right)
    return 1 - p, error


@task.wrong(0, "The two are exchanged: return p first, then its error.", breaks=("share", "error"))
def error_comes_first(right):
    return error_bar(right)[::-1]


@task.wrong(
    0, "This is how many are right; the share is asked for, so divide by how many there are.", breaks="share"
)
def number_of_hits(right):
    return right.sum(), error_bar(right)[1]


@task.wrong(0, "Only N is below the root here: p (1 − p) belongs there, too.", breaks="error")
def root_of_n_alone(right):
    p = np.mean(right)
    return p, p * (1 - p) / np.sqrt(len(right))


@task.wrong(0, "The brackets around 1 − p are missing: p * 1 - p / N is p − p / N.", breaks="error")
def brackets_forgotten(right):
    p = np.mean(right)
    return p, np.sqrt(p * 1 - p / len(right))
