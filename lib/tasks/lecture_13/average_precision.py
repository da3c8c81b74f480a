"""The area under precision and recall."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.tasks.task import Task

task = Task(
    "13.average_precision",
    "Average precision",
    defines=("average_precision",),
    parts={"all found": 1, "some missed": 1},
    hints=(
        "np.cumsum(hits) counts how many objects are found after each detection. Recall and precision both "
        "divide it, by different things.",
        "At each place stands the best precision from there on: np.maximum.accumulate of the list turned "
        "round, then turned back.",
        "Recall rises only at hits. Each step, np.diff(recall, prepend=0), times the precision there: add.",
    ),
    minutes=5,
    tells=("cumsum(hits)", "maximum.accumulate", "prepend"),
)


def drawn_hits(rng: np.random.Generator) -> Any:
    """Ten detections: hits and misses in an order in which precision rises again.

    The last is a miss: from a hit to a hit, a list that is not turned back would have the same sum.
    """
    middle = rng.permutation([True, True, True, False, False])
    return np.hstack([[True, False, False], middle, [True, False]])


@task.check("all found", within=1e-6)
def every_object_is_found(average_precision: Any, rng: np.random.Generator) -> dict[str, Any]:
    """ten detections that find all five objects"""
    hits = drawn_hits(rng)
    return {f"hits {''.join('01'[int(hit)] for hit in hits)}": float(average_precision(hits, 5))}


@task.check("some missed", within=1e-6)
def some_objects_are_missed(average_precision: Any, rng: np.random.Generator) -> dict[str, Any]:
    """ten detections that find five of several objects"""
    hits, objects = drawn_hits(rng), int(rng.choice([7, 8, 9]))
    name = f"hits {''.join('01'[int(hit)] for hit in hits)}, {objects} objects"
    return {name: float(average_precision(hits, objects))}


@task.reference
def average_precision(hits, objects):
    found = np.cumsum(hits)
    recall = found / objects
    precision = found / np.arange(1, len(hits) + 1)
    best = np.maximum.accumulate(precision[::-1])[::-1]
    return np.sum(np.diff(recall, prepend=0) * best)


BOTH = ("all found", "some missed")


def curve_of(hits: Any, objects: int) -> tuple[Any, Any, Any]:
    """Recall, precision, and the best precision from each place on."""
    found = np.cumsum(hits)
    precision = found / np.arange(1, len(hits) + 1)
    return found / objects, precision, np.maximum.accumulate(precision[::-1])[::-1]


@task.wrong(
    0,
    "The curve still rises in places. First put at each recall the best precision at this or a higher one.",
    breaks=BOTH,
)
def curve_as_it_is(hits, objects):
    recall, precision, _ = curve_of(hits, objects)
    return np.sum(np.diff(recall, prepend=0) * precision)


@task.wrong(
    0,
    "Your recall ends at 1 although objects are missed: divide by all objects, not by those that are found.",
    breaks="some missed",
)
def missed_ones_forgotten(hits, objects):
    return average_precision(hits, hits.sum())


@task.wrong(
    0,
    "This takes the best precision up to each place. Take the best from each place on: turn the list round.",
    breaks=BOTH,
)
def best_so_far(hits, objects):
    recall, precision, _ = curve_of(hits, objects)
    return np.sum(np.diff(recall, prepend=0) * np.maximum.accumulate(precision))


@task.wrong(
    0,
    "This is a mean over all detections. Only hits raise recall: weigh by the steps of recall.",
    breaks=BOTH,
)
def mean_over_detections(hits, objects):
    return curve_of(hits, objects)[2].mean()


@task.wrong(
    0, "This is the precision after the last detection, one point of the curve: add up the area.", breaks=BOTH
)
def last_precision(hits, objects):
    return curve_of(hits, objects)[1][-1]


@task.wrong(
    0,
    "This is the mean at eleven recalls, an older definition: here take the whole area.",
    breaks=BOTH,
)
def at_eleven_recalls(hits, objects):
    recall, _, best = curve_of(hits, objects)
    return np.append(best, 0)[np.searchsorted(recall, np.arange(11) / 10)].mean()


@task.wrong(
    0,
    "Precision is the part of the detections *so far* that are hits: divide by 1, 2, 3 and so on.",
    breaks=BOTH,
)
def by_all_detections(hits, objects):
    recall = np.cumsum(hits) / objects
    precision = np.cumsum(hits) / len(hits)
    best = np.maximum.accumulate(precision[::-1])[::-1]
    return np.sum(np.diff(recall, prepend=0) * best)


@task.wrong(
    0,
    "Your list of the best precisions is still turned round: turn it back with [::-1] before you multiply.",
    breaks=BOTH,
)
def not_turned_back(hits, objects):
    recall, _, best = curve_of(hits, objects)
    return np.sum(np.diff(recall, prepend=0) * best[::-1])


@task.wrong(
    0,
    "The first step is missing: recall rises from 0 to the first hit, too: np.diff(recall, prepend=0).",
    breaks=BOTH,
)
def first_step_missing(hits, objects):
    recall, _, best = curve_of(hits, objects)
    return np.sum(np.diff(recall) * best[1:])
