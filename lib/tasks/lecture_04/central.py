"""The slope of a loss from a nudge to both sides."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.tasks.task import Task

task = Task(
    "04.central",
    "The central slope",
    defines=("central_slope",),
    parts={"slope": 1},
    hints=(
        "L is a function: L(w + h) is the loss on one side. Where is the other side?",
        "Rise: the loss on the right minus the loss on the left. Run: how far apart are the two places?",
        "They are 2h apart. Mind the brackets: Python works from left to right.",
    ),
    minutes=2,
    tells=("(2 * h)", "{2h}"),
)


@task.check("slope", within=1e-9)
def slope_of_a_cubic(central_slope: Any, rng: np.random.Generator) -> dict[str, Any]:
    """the slope of a w³ + b w² from a nudge that is not small"""
    a, b = rng.uniform(0.5, 3, 2)
    w, h = rng.uniform(1.5, 3), rng.uniform(0.6, 0.9)  # so that the loss to the left is not small
    found = central_slope(lambda place: a * place**3 + b * place**2, float(w), float(h))
    return {f"central_slope(L, {w:.4g}, {h:.4g})": found}


@task.reference
def central_slope(L, w, h):
    return (L(w + h) - L(w - h)) / (2 * h)


@task.wrong(0, "This nudges to one side only: take the loss at w − h in the place of L(w).", breaks="slope")
def to_the_right_only(L, w, h):
    return (L(w + h) - L(w)) / h


@task.wrong(
    0,
    "Twice the slope: from w − h to w + h the distance is not h.",
    breaks="slope",
)
def half_the_run(L, w, h):
    return (L(w + h) - L(w - h)) / h


@task.wrong(
    0,
    "Without brackets, / 2 * h divides by 2 and multiplies by h: put 2 * h in brackets.",
    breaks="slope",
)
def brackets_forgotten(L, w, h):
    return (L(w + h) - L(w - h)) / 2 * h


@task.wrong(0, "The sign is wrong: rise is the loss on the right minus the loss on the left.", breaks="slope")
def right_to_left(L, w, h):
    return (L(w - h) - L(w + h)) / (2 * h)


@task.wrong(0, "This nudges by half of h only: go by h to each side, and divide by 2h.", breaks="slope")
def half_a_nudge(L, w, h):
    return (L(w + h / 2) - L(w - h / 2)) / h


@task.wrong(
    0, "The two losses are added; rise is the one on the right minus the one on the left.", breaks="slope"
)
def losses_added(L, w, h):
    return (L(w + h) + L(w - h)) / (2 * h)


@task.wrong(0, "Only L(w − h) is divided here: put the whole rise in brackets.", breaks="slope")
def rise_without_brackets(L, w, h):
    return L(w + h) - L(w - h) / (2 * h)


@task.wrong(0, "This is the slope of w²; L may be any function: call L(w + h) and L(w − h).", breaks="slope")
def slope_of_the_square(L, w, h):
    return 2 * w
