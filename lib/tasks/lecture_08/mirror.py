"""A fold of the plane along a line, with one ReLU."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.tasks.task import Task

task = Task(
    "08.mirror",
    "Mirror beyond a line",
    defines=("mirror",),
    parts={"before": 1, "beyond": 1},
    allows=("lib.nn",),
    hints=(
        "places @ u - c has one number for each point, shape (N,): how far it lies beyond the line.",
        "A ReLU of it is 0 for the points that stay. np.maximum(0, …) is one.",
        "A point that lies h beyond the line has to go back by 2h, against the direction u.",
        "(N,) becomes a column with [:, np.newaxis], and a column times u has the shape (N, 2).",
    ),
    minutes=6,
    tells=("2 * np.maximum", "places @ u", "- 2 * "),
)


def a_line(rng: np.random.Generator) -> tuple[np.ndarray, float, np.ndarray]:
    """Its unit vector u, its offset c, and one point on it."""
    angle, c = rng.uniform(0.2, 1.3), float(rng.uniform(0.3, 0.8))
    n = np.array([np.cos(angle), np.sin(angle)])
    return n, c, c * n


def points_at(rng: np.random.Generator, sign: int) -> tuple[np.ndarray, np.ndarray, float]:
    """Five points on one side of a line: the points, n and c."""
    n, c, foot = a_line(rng)
    along = np.array([-n[1], n[0]])
    far, aside = sign * rng.uniform(1.7, 2.5, (5, 1)), rng.normal(size=(5, 1))
    return foot + far * n + aside * along, n, c


@task.check("before", within=1e-9)
def points_before_the_line(mirror: Any, rng: np.random.Generator) -> dict[str, Any]:
    """five points before the line, which stay"""
    return {"mirror(places, u, c) before the line": mirror(*points_at(rng, -1))}


@task.check("beyond", within=1e-9)
def points_beyond_the_line(mirror: Any, rng: np.random.Generator) -> dict[str, Any]:
    """five points beyond the line, which are mirrored"""
    return {"mirror(places, u, c) beyond the line": mirror(*points_at(rng, 1))}


@task.reference
def mirror(places, u, c):
    ahead = np.maximum(0, places @ u - c)
    return places - 2 * ahead[:, np.newaxis] * u


BOTH = ("before", "beyond")


@task.wrong(0, "All points are mirrored: those before the line must stay. A ReLU does that.", breaks="before")
def mirrors_all(places, u, c):
    return places - 2 * (places @ u - c)[:, np.newaxis] * u


@task.wrong(
    0, "The points come to lie on the line itself: a mirror image is twice as far away.", breaks="beyond"
)
def onto_the_line(places, u, c):
    return places - np.maximum(0, places @ u - c)[:, np.newaxis] * u


@task.wrong(0, "The sign is wrong: the points move away from the line; subtract.", breaks="beyond")
def moves_away(places, u, c):
    return places + 2 * np.maximum(0, places @ u - c)[:, np.newaxis] * u


@task.wrong(0, "c is missing: this folds along a line through the origin.", breaks="beyond")
def through_the_origin(places, u, c):
    return places - 2 * np.maximum(0, places @ u)[:, np.newaxis] * u


@task.wrong(0, "The other side is folded over: what lies beyond the line has u · x > c.", breaks=BOTH)
def other_side(places, u, c):
    return places + 2 * np.maximum(0, c - places @ u)[:, np.newaxis] * u


@task.wrong(
    0, "These points are mirrored at the origin; the image lies straight behind the line.", breaks="beyond"
)
def through_a_point(places, u, c):
    return np.where((places @ u > c)[:, np.newaxis], -places, places)


@task.wrong(
    0, "The points before the line move, too: take the ReLU of the distance, not its absolute value.",
    breaks="before",
)  # fmt: skip
def absolute_distance(places, u, c):
    return places - 2 * np.abs(places @ u - c)[:, np.newaxis] * u


@task.wrong(0, "c has the wrong sign: beyond the line it is u · x − c that is positive.", breaks="beyond")
def c_added(places, u, c):
    return mirror(places, u, -c)


@task.wrong(0, "c belongs inside the ReLU: the distance beyond the line is u · x − c.", breaks="before")
def c_outside_the_relu(places, u, c):
    return places - 2 * (np.maximum(0, places @ u) - c)[:, np.newaxis] * u


@task.wrong(0, "Only the points beyond the line came back; return the others, too.", breaks="before")
def drops_those_before(places, u, c):
    return mirror(places, u, c)[places @ u > c]
