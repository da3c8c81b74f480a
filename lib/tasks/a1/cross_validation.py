"""Folds, cross-validation over k, and the choice of k."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lib.checks import mismatch, shown
from lib.tasks.facts import are_same
from lib.tasks.task import Task

task = Task(
    "a1.cross_validation",
    "Cross-validation",
    defines=("make_folds", "cross_validate", "best_k"),
    parts={"make_folds": 3, "sizes of folds": 1, "training part": 3, "accuracies": 3, "best_k": 2},
)
CASES = (
    (12, 4),
    (13, 5),
    (23, 6),
    (7, 7),
    (9, 2),
    (9, 6),
    (20, 7),
    (11, 1),
    (1, 1),
    (300, 7),
)  # examples, folds


def rows_of_folds(folds: Sequence[Any]) -> list[np.ndarray]:
    """Each fold as an array of row numbers; raises `ValueError` for anything that can't be an index."""
    return [row_numbers(fold) for fold in folds]


def row_numbers(fold: Any) -> np.ndarray:
    """A fold as an array; raises `ValueError` where it holds no row numbers."""
    try:
        rows = np.array(fold)
    except ValueError:  # lists of several lengths in one
        rows = np.array(None)
    if rows.ndim != 1 or rows.dtype.kind not in "ui":
        got = shown(fold) if isinstance(fold, np.ndarray) else f"a {type(fold).__name__} of something else"
        raise mismatch("make_folds", "each fold", "an array of row numbers, (n,)", got)
    return rows


@task.check("make_folds")
def examples_of_folds(
    make_folds: Any, cross_validate: Any, best_k: Any, rng: np.random.Generator
) -> dict[str, Any]:
    """several numbers"""
    found: dict[str, Any] = {}
    for count, folds in CASES:
        made = rows_of_folds(make_folds(count, folds))
        times = np.bincount(np.concatenate(made).astype(int), minlength=count)
        case = f"make_folds({count}, {folds})"
        found[f"folds of {case}"] = len(made)
        found[f"examples in no fold, {case}"] = int((times[:count] == 0).sum())
        found[f"examples in several folds, {case}"] = int((times > 1).sum())
        found[f"rows that do not exist, {case}"] = int(times[count:].sum())
    return found


@task.check("sizes of folds")
def lengths_of_folds(
    make_folds: Any, cross_validate: Any, best_k: Any, rng: np.random.Generator
) -> dict[str, Any]:
    """several numbers"""
    found: dict[str, Any] = {}
    for count, folds in CASES:
        lengths = [len(fold) for fold in rows_of_folds(make_folds(count, folds))]
        found[f"no fold too small, make_folds({count}, {folds})"] = min(lengths) >= count // folds
        found[f"largest fold, make_folds({count}, {folds})"] = max(lengths)
    return found


@dataclass
class Recorder:
    """Stands in for predict: keeps what it is called with, and answers by a table, whatever it is trained on.

    names: of the examples, 0.5 … N − 0.5 in some order, which stand in the first column of X
    answers: labels (ks, N) for each k from 0 on
    """

    names: np.ndarray
    answers: np.ndarray
    calls: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = field(default_factory=list)

    def predict(self, X_train: np.ndarray, y_train: np.ndarray, X_new: np.ndarray, k: int) -> np.ndarray:
        training, validation = self.rows(X_train), self.rows(X_new)
        self.calls.append((training, np.array(y_train), validation))
        return self.answers[int(k)][validation]

    def rows(self, X: np.ndarray) -> np.ndarray:
        """Which examples these are."""
        return self.names.argsort()[np.asarray(X)[:, 0].astype(int)]


def experiment(
    rng: np.random.Generator,
) -> tuple[Recorder, np.ndarray, np.ndarray, list[int], list[np.ndarray]]:
    """A recorder, images, labels, several k and folds: unequal ones, their rows in no order."""
    N, count = int(rng.integers(21, 27)), int(rng.integers(3, 6))
    ks = sorted(int(k) for k in rng.choice(np.arange(1, 20), 7, replace=False))
    names, y = rng.permutation(N) + 0.5, rng.integers(0, 4, size=N)
    recorder = Recorder(names, np.where(rng.random((25, N)) < rng.uniform(0.2, 0.9, size=(25, 1)), y, 9))
    cuts = np.sort(rng.choice(np.arange(1, N // 2), count - 1, replace=False)) * 2
    folds = np.split(rng.permutation(N), cuts)
    return recorder, np.column_stack([names, rng.normal(size=(N, 2))]), y, ks, folds


@task.check("training part")
def what_predict_is_given(
    make_folds: Any, cross_validate: Any, best_k: Any, rng: np.random.Generator
) -> dict[str, Any]:
    """what predict gets"""
    recorder, X, y, ks, folds = experiment(rng)
    before, given = (X.copy(), y.copy()), [fold.copy() for fold in folds]
    cross_validate(recorder.predict, X, y, ks, given)
    both_folds = (fold for pair in zip(given, folds, strict=False) for fold in pair)
    rows = [{*fold.tolist()} for fold in folds]
    at_once = both = neither = twice = others = 0
    for training, labels, validation in recorder.calls:
        trained = {*training.tolist()}
        held = [fold for fold in rows if fold & {*validation.tolist()}]
        rest = {*range(len(X))}.difference(*held) if held else set()
        at_once = max(at_once, len(held))
        both = max(both, len(trained - rest))
        neither = max(neither, len(rest - trained))
        twice = max(twice, len(training) - len(trained))
        alike = labels.shape == training.shape
        others = max(others, sum((labels != before[1][training]).tolist()) if alike else len(X))
    return {
        "folds predicted at once": at_once,
        "images of that fold trained on": both,
        "images of other folds not trained on": neither,
        "images trained on twice": twice,
        "fewest images trained on": min((len(call[0]) for call in recorder.calls), default=0),
        "training images with a label of another": others,
        "X and y are as before": are_same(X, before[0], y, before[1]),
        "folds are as before": are_same(len(given), len(folds), *both_folds),
    }


@task.check("accuracies")
def accuracies_of_folds(
    make_folds: Any, cross_validate: Any, best_k: Any, rng: np.random.Generator
) -> dict[str, Any]:
    """cross_validate"""
    found: dict[str, Any] = {}
    for i in (1, 2):
        recorder, *given = experiment(rng)
        found[f"accuracies (ks, folds) {i}"] = cross_validate(recorder.predict, *given)
    recorder, X, y, ks, folds = experiment(rng)
    found["accuracies of one k"] = cross_validate(recorder.predict, X, y, ks[3:4], folds)
    return found


@task.check("best_k")
def choice_of_k(
    make_folds: Any, cross_validate: Any, best_k: Any, rng: np.random.Generator
) -> dict[str, Any]:
    """best_k"""
    ks = [2, 3, 5, 8, 13, 21]
    found: dict[str, Any] = {}
    for i in range(1, 7):
        accuracies = rng.integers(10, 20, size=(6, 5)) / 64
        best, lucky, last, first, steady, middling = rng.permutation(6)
        accuracies[best] = np.array([56, 8, 24, 52, 24]) / 64  # the best mean, and best in nothing else
        accuracies[steady], accuracies[middling, 1:4] = 26 / 64, 28 / 64
        accuracies[lucky, 1], accuracies[last, -1], accuracies[first, 0] = 60 / 64, 48 / 64, 58 / 64
        found[f"best_k of table {i}"] = best_k(ks, accuracies)
    tied = np.full((6, 4), 0.25)
    tied[[1, 3, 4]] = np.array([[2, 3, 2, 1], [1, 2, 2, 3], [2, 2, 2, 2]]) / 4
    before, close = tied.copy(), np.full((6, 4), 0.25)
    close[4, 2] += 2**-12
    return {
        **found,
        "best_k where three k have the same mean": best_k(ks, tied),
        "best_k where two means are nearly the same": best_k(ks, close),
        "best_k where nothing was right": best_k(ks, np.zeros((6, 4))),
        "accuracies are as before": are_same(tied, before),
    }
