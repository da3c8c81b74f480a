"""A bump made of two hidden units with sigmoids."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.tasks.several import one_of
from lib.tasks.task import Task

task = Task(
    "06.bump_weights",
    "A bump of two units",
    defines=("bump_weights",),
    parts={"the bump": 1},
    hints=(
        "A step up at a, minus a step up at b, is 0 before a, 1 between, and 0 after b.",
        "A unit computes σ(w1 x + b1), and a step at a is σ(w (x − a)). Multiply out: what is b1?",
        "The biases are −w a and −w b. The second layer adds height times the first, minus height times the "
        "other.",
    ),
    minutes=4,
    tells=("-w * a", "[height, -height]", "−w a"),
)


@task.check("the bump", within=1e-9)
def heights_of_a_bump(bump_weights: Any, rng: np.random.Generator) -> dict[str, Any]:
    """the network with your numbers, before, in and after the bump"""
    a, b = float(rng.uniform(0.2, 0.4)), float(rng.uniform(0.6, 0.8))
    height, w = float(rng.uniform(2, 3)), float(rng.uniform(25, 40))
    three, found = bump_weights(a, b, height, w), {}
    if three is None:
        return {"output at 0": None}
    w1, b1, w2 = (np.asarray(one_of(three, place, 3), dtype=float) for place in range(3))
    for name, x in {"0": 0.0, "a": a, "the middle": (a + b) / 2, "b": b, "1": 1.0}.items():
        found[f"output at {name}"] = np.dot(0.5 + 0.5 * np.tanh((x * w1 + b1) / 2), w2)
    return found


@task.reference
def bump_weights(a, b, height, w):
    w1 = np.array([w, w])
    b1 = np.array([-w * a, -w * b])
    w2 = np.array([height, -height])
    return w1, b1, w2


PART = "the bump"


@task.wrong(
    0, "σ(w x − a) is ½ where w x = a, so it steps at a / w: the bias needs the factor w.", breaks=PART
)
def factor_forgotten(a, b, height, w):
    return np.array([w, w]), np.array([-a, -b]), np.array([height, -height])


@task.wrong(0, "These units step at −a and −b: a step further right needs a smaller bias.", breaks=PART)
def steps_to_the_left(a, b, height, w):
    return np.array([w, w]), np.array([w * a, w * b]), np.array([height, -height])


@task.wrong(0, "This goes up at a, and up once more at b: the second step is taken away.", breaks=PART)
def two_steps_up(a, b, height, w):
    w1, b1, w2 = bump_weights(a, b, height, w)
    return w1, b1, np.abs(w2)


@task.wrong(0, "The bump is upside down: add the step at a, and take away the one at b.", breaks=PART)
def hole(a, b, height, w):
    w1, b1, w2 = bump_weights(a, b, height, w)
    return w1, b1, -w2


@task.wrong(0, "The bump has the height 1: the weights of the second layer say how high it is.", breaks=PART)
def height_of_one(a, b, height, w):
    w1, b1, w2 = bump_weights(a, b, height, w)
    return w1, b1, w2 / height
