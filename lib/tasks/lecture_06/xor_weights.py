"""Weights for XOR, set by hand."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.tasks.several import one_of
from lib.tasks.task import Task

task = Task(
    "06.xor_weights",
    "XOR by hand",
    defines=("xor_weights",),
    parts={"the four answers": 1},
    hints=(
        "Let both units look at x₁ + x₂: it is 0, 1, 1, 2 at the four corners. Only the last one is wrong.",
        "The first unit is max(0, x₁ + x₂). A second one that is 0, 0, 0, 1 can mend the last corner.",
        "The second unit is max(0, x₁ + x₂ − 1). How often must you subtract it, so that 2 becomes 0?",
    ),
    minutes=4,
    tells=("x_1 + x_2 - 1", "x1 + x2 - 1", "subtract it twice"),
)


@task.check("the four answers", within=1e-9)
def answers_at_corners(xor_weights: Any, rng: np.random.Generator) -> dict[str, Any]:
    """the network with your numbers at (0, 0), (0, 1), (1, 0), (1, 1)"""
    if (four := xor_weights()) is None:
        return {"answer at (0, 0)": None}
    W1, b1, W2, b2 = (np.asarray(one_of(four, place, 4), dtype=float) for place in range(4))
    corners = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    answers = np.clip(corners @ W1 + b1, 0, None) @ np.ravel(W2) + np.sum(b2)
    found = {f"answer at {tuple(map(int, x))}": answer for x, answer in zip(corners, answers, strict=True)}
    return found | {"hidden units": W1.shape[1]}


@task.reference
def xor_weights():
    W1 = np.array([[1.0, 1.0], [1.0, 1.0]])
    b1 = np.array([0.0, -1.0])
    W2 = np.array([1.0, -2.0])
    b2 = 0.0
    return W1, b1, W2, b2


PART = "the four answers"


@task.wrong(
    0, "At (1, 1) this gives 2: a second unit must be 1 there, 0 at the other corners, and be taken away.",
    breaks=PART,
)  # fmt: skip
def the_sum_alone():
    W1, b1, W2, b2 = xor_weights()
    return W1, b1, W2 * [1, 0], b2


@task.wrong(0, "This says 1 at (1, 1), so it is OR: take away twice as much of the second unit.", breaks=PART)
def inclusive_or():
    W1, b1, W2, b2 = xor_weights()
    return W1, b1, W2 / [1, 2], b2


@task.wrong(
    0, "Both units bend along the same line, so together they are one: give the second the bias −1.",
    breaks=PART,
)  # fmt: skip
def bends_at_one_place():
    W1, b1, W2, b2 = xor_weights()
    return W1, 0 * b1, W2, b2


@task.wrong(
    0, "With the bias +1 the second unit is at work everywhere; it should begin where x₁ + x₂ passes 1.",
    breaks=PART,
)  # fmt: skip
def bends_too_early():
    W1, b1, W2, b2 = xor_weights()
    return W1, -b1, W2, b2


@task.wrong(0, "All four answers are exchanged: 1 is wanted where the two inputs differ.", breaks=PART)
def where_they_agree():
    W1, b1, W2, _ = xor_weights()
    return W1, b1, -W2, 1.0


@task.wrong(0, "½ everywhere is the best that a plane can do; with two units that bend you can do better.",
            breaks=PART)  # fmt: skip
def a_half_everywhere():
    W1, b1, W2, _ = xor_weights()
    return W1, b1, 0 * W2, 0.5
