"""Early stopping: which epoch's net is kept, and after which epoch the training stops."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.tasks.task import Task

task = Task(
    "11.stop_at",
    "Early stopping",
    defines=("stop_at",),
    parts={"kept": 1, "last": 1},
    hints=(
        "Go through the epochs in order, and remember the best one so far. Better means higher, not equal.",
        "At epoch k, k - best epochs have passed since the best one. At patience of them, stop.",
        "After the loop without a stop, the last epoch is len(accuracies).",
    ),
    minutes=4,
    tells=("- best >= patience", "- best == patience"),
)


def trainings(rng: np.random.Generator) -> tuple[list[list[float]], int]:
    """Three trainings and a patience: one stops before its highest, one has a tie, one climbs."""
    patience, length = int(rng.integers(3, 5)), int(rng.integers(3, 6))
    climb = np.sort(rng.uniform(0.3, 0.6, length))
    below = climb[-1] - rng.uniform(0.05, 0.1, 8) + np.array([0, 0.1, 0, 0.1] * 2) * 0.4
    stops = [*climb, *below[: patience + 2], 0.9, 0.8]
    tie = [*climb, climb[-1], *(climb[-1] - rng.uniform(0.05, 0.2, patience + 3))]
    return [[round(float(a), 4) for a in one] for one in (stops, tie, np.sort(rng.uniform(size=7)))], patience


@task.check("kept")
def epoch_that_is_kept(stop_at: Any, rng: np.random.Generator) -> dict[str, Any]:
    """the epochs whose nets are kept, of three trainings"""
    lists, patience = trainings(rng)
    return {f"kept, with patience {patience}": [int(stop_at(one, patience)[0]) for one in lists]}


@task.check("last")
def epoch_that_is_the_last(stop_at: Any, rng: np.random.Generator) -> dict[str, Any]:
    """the last epochs of three trainings"""
    lists, patience = trainings(rng)
    return {f"last, with patience {patience}": [int(stop_at(one, patience)[1]) for one in lists]}


@task.reference
def stop_at(accuracies, patience):
    best = 1
    for k, accuracy in enumerate(accuracies, start=1):
        if accuracy > accuracies[best - 1]:
            best = k
        if k - best == patience:
            return best, k
    return best, len(accuracies)


BOTH = ("kept", "last")


@task.wrong(0, "Epochs count from 1 here: the first one is epoch 1, not 0.", breaks=BOTH)
def epochs_from_zero(accuracies, patience):
    kept, last = stop_at(accuracies, patience)
    return kept - 1, last - 1


@task.wrong(
    0,
    "This kept epoch comes after the stop: the training never got there. Look only at what came before.",
    breaks="kept",
)
def best_of_the_whole_list(accuracies, patience):
    return int(np.argmax(accuracies)) + 1, stop_at(accuracies, patience)[1]


@task.wrong(
    0,
    "An equal accuracy counts as better here; it takes a higher one to start the waiting anew.",
    breaks=BOTH,
)
def a_tie_is_better(accuracies, patience):
    best = 1
    for k, accuracy in enumerate(accuracies, start=1):
        if accuracy >= accuracies[best - 1]:
            best = k
        if k - best == patience:
            return best, k
    return best, len(accuracies)


@task.wrong(
    0,
    "Each epoch is compared with the one before it; compare it with the best so far.",
    breaks=BOTH,
)
def against_the_one_before(accuracies, patience):
    worse = 0
    for k in range(1, len(accuracies)):
        worse = 0 if accuracies[k] > accuracies[k - 1] else worse + 1
        if worse == patience:
            return int(np.argmax(accuracies[: k + 1])) + 1, k + 1
    return int(np.argmax(accuracies)) + 1, len(accuracies)


@task.wrong(
    0,
    "It stops one epoch late: when as many epochs as the patience were no better, it is over.",
    breaks="last",
)
def one_epoch_late(accuracies, patience):
    kept, last = stop_at(accuracies, patience)
    return kept, min(last + 1, len(accuracies))


@task.wrong(
    0,
    "The two are exchanged: first the epoch that is kept, then the last one.",
    breaks=BOTH,
)
def last_one_first(accuracies, patience):
    return stop_at(accuracies, patience)[::-1]
