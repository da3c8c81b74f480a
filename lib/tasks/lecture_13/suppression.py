"""Non-maximum suppression."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.tasks.task import Task

task = Task(
    "13.suppression",
    "Only one box an object",
    defines=("suppress",),
    parts={"who stays": 1, "order": 1, "chain": 1},
    hints=(
        "np.argsort(-scores) gives the numbers of the boxes, the highest score first. All of them wait.",
        "Take the first of those that wait: it stays. Who overlaps too much with it waits no longer. Repeat.",
        "In the loop: best, rest = waiting[0], waiting[1:]. Then waiting = rest[overlaps[best, rest] <= "
        "threshold].",
    ),
    minutes=4,
    tells=("argsort(-scores", "<= threshold]"),
)


def shuffled(rng: np.random.Generator, count: int, stay: list[int]) -> Any:
    """An order of the numbers 0 … count − 1 whose places `stay` hold other numbers, which are not sorted."""
    while True:
        order = rng.permutation(count)
        held = order[stay].tolist()
        if set(held) != set(stay) and held not in (sorted(held), sorted(held)[::-1]):
            return order


def drawn_case(rng: np.random.Generator) -> tuple[Any, Any, float]:
    """IoUs (6, 6), scores (6,) and a threshold.

    By their scores, the first box suppresses the third, the second the fifth; two are alone.
    """
    order, threshold = shuffled(rng, 6, [0, 1, 3, 5]), float(rng.uniform(0.55, 0.65))
    overlaps = rng.uniform(0.4, 0.5, size=(6, 6))  # more than in the row below, where the threshold is lower
    for a, b in ((0, 2), (1, 4)):
        overlaps[order[a], order[b]] = overlaps[order[b], order[a]] = rng.uniform(0.7, 0.9)
    low = np.tril_indices(6, -1)
    overlaps[low] = overlaps.T[low]
    np.fill_diagonal(overlaps, 1)
    scores = np.zeros(6)
    scores[order] = np.sort(rng.uniform(0.2, 0.9, size=6))[::-1]
    return overlaps, scores, threshold


def in_order(kept: Any) -> Any:
    """What was returned, as a sorted array; one number alone stays one."""
    return np.sort(kept) if np.ndim(kept) else kept


@task.check("who stays")
def boxes_that_stay(suppress: Any, rng: np.random.Generator) -> dict[str, Any]:
    """six boxes, in whatever order they come back"""
    overlaps, scores, threshold = drawn_case(rng)
    return {"numbers, sorted": in_order(suppress(overlaps.copy(), scores.copy(), threshold))}


@task.check("order")
def order_of_those_that_stay(suppress: Any, rng: np.random.Generator) -> dict[str, Any]:
    """the same, in the order in which they come back"""
    overlaps, scores, threshold = drawn_case(rng)
    return {"numbers": np.asarray(suppress(overlaps.copy(), scores.copy(), threshold))}


@task.check("chain")
def row_of_boxes(suppress: Any, rng: np.random.Generator) -> dict[str, Any]:
    """five boxes in a row, each of which overlaps with the next one only"""
    order, threshold = shuffled(rng, 5, [0, 2, 4]), float(rng.uniform(0.1, 0.2))
    overlaps, scores = np.zeros((5, 5)), np.zeros(5)
    row = np.abs(np.subtract.outer(np.arange(5), np.arange(5)))
    overlaps[np.ix_(order, order)] = np.select([row == 0, row == 1], [1.0, rng.uniform(0.3, 0.39)], 0.02)
    scores[order] = np.sort(rng.uniform(0.2, 0.9, size=5))[::-1]
    return {"numbers, sorted": in_order(suppress(overlaps, scores, threshold))}


@task.reference
def suppress(overlaps, scores, threshold):
    waiting = np.argsort(-scores)
    kept = []
    while len(waiting):
        best, rest = waiting[0], waiting[1:]
        kept.append(best)
        waiting = rest[overlaps[best, rest] <= threshold]
    return kept


ALL = ("who stays", "order", "chain")


@task.wrong(
    0,
    "A box that is gone suppresses nobody. In a row of boxes the third one stays, since the second is gone.",
    breaks="chain",
)
def the_gone_still_suppress(overlaps, scores, threshold):
    order = np.argsort(-scores)
    return [b for k, b in enumerate(order) if (overlaps[b, order[:k]] <= threshold).all()]


@task.wrong(
    0,
    "Your numbers are sorted. Return them in the order of the scores, the highest first.",
    breaks="order",
)
def sorted_numbers(overlaps, scores, threshold):
    return sorted(suppress(overlaps, scores, threshold))


@task.wrong(
    0, "You begin with the lowest score: the best box comes first, argsort sorts upwards.", breaks=ALL[:2]
)
def lowest_score_first(overlaps, scores, threshold):
    return suppress(overlaps, -scores, threshold)


@task.wrong(0, "You keep what overlaps, and drop what does not: turn the comparison round.", breaks=ALL)
def comparison_turned(overlaps, scores, threshold):
    waiting, kept = np.argsort(-scores), []
    while len(waiting):
        best, rest = waiting[0], waiting[1:]
        kept.append(best)
        waiting = rest[overlaps[best, rest] > threshold]
    return kept


@task.wrong(
    0,
    "You stop after the best box: after each round the best of those that still wait is next.",
    breaks=ALL,
)
def one_round_only(overlaps, scores, threshold):
    order = np.argsort(-scores)
    return [order[0], *order[1:][overlaps[order[0], order[1:]] <= threshold]]


@task.wrong(
    0,
    "You compare with the last box that stays alone: compare with every box that stays.",
    breaks=ALL[:2],
)
def with_the_last_alone(overlaps, scores, threshold):
    kept: list[Any] = []
    for box in np.argsort(-scores):
        if not kept or overlaps[kept[-1], box] <= threshold:
            kept.append(box)
    return kept


@task.wrong(0, "These are scores. Return the numbers of the boxes that stay.", breaks=ALL)
def scores_of_those_that_stay(overlaps, scores, threshold):
    return scores[suppress(overlaps, scores, threshold)]


@task.wrong(
    0, "These are places in the sorted list. Return the numbers that the boxes had before.", breaks=ALL
)
def places_in_the_order(overlaps, scores, threshold):
    order = np.argsort(-scores)
    return suppress(overlaps[np.ix_(order, order)], scores[order], threshold)


@task.wrong(
    0,
    "You compare with a number of your own: compare with `threshold`, which may be another.",
    breaks="chain",
)
def threshold_of_its_own(overlaps, scores, threshold):
    return suppress(overlaps, scores, 0.5)


@task.wrong(
    0, "These are True and False: return the numbers of the boxes that stay, the highest score first.",
    breaks=ALL,
)  # fmt: skip
def true_and_false(overlaps, scores, threshold):
    stays = np.zeros(len(scores), bool)
    stays[suppress(overlaps, scores, threshold)] = True
    return stays


@task.wrong(
    0, "You compare the scores with the threshold: compare the IoU of two boxes with it.",
    breaks=ALL,
)  # fmt: skip
def threshold_of_the_scores(overlaps, scores, threshold):
    return [box for box in np.argsort(-scores) if scores[box] > threshold]
