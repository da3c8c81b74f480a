"""One neighbour, judged on its own training pictures without letting any picture find itself."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.tasks.task import Task

task = Task(
    "02.leave_one_out",
    "Leave one out",
    defines=("leave_one_out",),
    allows=("lib.classifiers.validation",),  # accuracy may be of use
    parts={"share": 1, "copies": 1, "the table stays": 1},
    hints=(
        "Row i has the distances of picture i to all pictures. Which entry belongs to itself?",
        "Make a copy of the table, and np.fill_diagonal(copy, np.inf): nobody is nearest to itself then.",
        "copy.argmin(axis=1) is each picture's nearest row. How often is the label there that of y?",
    ),
    minutes=6,
    tells=("fill_diagonal",),
)


def table(rng: np.random.Generator, copies: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Distances (N, N) of drawn points to each other, and labels (N,) that near ones often share."""
    points = rng.normal(size=(47, 2))
    y = (points[:, 0] > 0) + 2 * (rng.random(47) < 0.4)
    if copies:
        points[24:] = points[:23]
        y[24:] = y[:23] + rng.integers(0, 2, size=23)
    return np.sqrt(((points[:, None] - points) ** 2).sum(axis=2)), y


@task.check("share")
def share_without_itself(leave_one_out: Any, rng: np.random.Generator) -> dict[str, Any]:
    """47 pictures"""
    return {"the share that is right": leave_one_out(*table(rng))}


@task.check("copies")
def share_where_some_are_copies(leave_one_out: Any, rng: np.random.Generator) -> dict[str, Any]:
    """some are there twice"""
    return {"the share where some pictures are there twice": leave_one_out(*table(rng, copies=True))}


@task.check("the table stays")
def what_becomes_of_the_table(leave_one_out: Any, rng: np.random.Generator) -> dict[str, Any]:
    """what becomes of distances"""
    distances, y = table(rng)
    before = distances.copy()
    found = leave_one_out(distances, y)
    return {
        "distances is as before": bool((distances == before).all()),
        "there is a result": found is not None,
    }


@task.reference
def leave_one_out(distances, y):
    others = distances.copy()
    np.fill_diagonal(others, np.inf)
    return np.mean(y[others.argmin(axis=1)] == y)


SHARES = ("share", "copies")


@task.wrong(0, "Every picture has found itself, at distance 0: leave it out.", breaks=SHARES)
def found_itself(distances, y):
    return np.mean(y[distances.argmin(axis=1)] == y)


@task.wrong(
    0,
    "The second in line is not always another picture: where a copy comes first, it is the picture itself.",
    breaks="copies",
)
def second_in_line(distances, y):
    return np.mean(y[np.argsort(distances, axis=1, kind="stable")[:, 1]] == y)


@task.wrong(
    0, "The table of distances has changed, and others need it: work on a copy.", breaks="the table stays"
)
def writes_into_the_table(distances, y):
    np.fill_diagonal(distances, np.inf)
    return np.mean(y[distances.argmin(axis=1)] == y)


@task.wrong(0, "This is how many are right: divide by how many pictures there are.", breaks=SHARES)
def hits_alone(distances, y):
    return len(y) * leave_one_out(distances, y)


@task.wrong(0, "This is the share of mistakes; the share that is right is asked for.", breaks=SHARES)
def share_of_mistakes(distances, y):
    return 1 - leave_one_out(distances, y)


@task.wrong(0, "Here each picture asks the farthest one: take argmin.", breaks=SHARES)
def asks_the_farthest(distances, y):
    return np.mean(y[distances.argmax(axis=1)] == y)


@task.wrong(
    0,
    "Off the diagonal this adds 0 · np.inf, which is nan: set the diagonal of a copy to np.inf instead.",
    breaks=SHARES,
)
def nan_everywhere(distances, y):
    with np.errstate(invalid="ignore"):
        others = distances + np.eye(len(y)) * np.inf
    return np.mean(y[others.argmin(axis=1)] == y)
