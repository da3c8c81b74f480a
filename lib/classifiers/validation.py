"""How good is a classifier, and which hyperparameters should it have? Accuracy and cross-validation."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import numpy as np

from lib.checks import check_examples, check_labels, check_whole, shown


def accuracy(predicted: np.ndarray, labels: np.ndarray) -> float:
    """The fraction of predictions, int (N,), that equal the labels, int (N,).

    >>> accuracy(np.array([0, 1, 2, 2]), np.array([0, 1, 2, 0]))
    0.75
    """
    predicted, labels = np.asarray(predicted), np.asarray(labels)
    if predicted.shape != labels.shape or labels.ndim != 1 or not len(labels):
        raise ValueError(
            f"predicted: expected one label for each of the labels, shape (N,) with N ≥ 1, "
            f"got {predicted.shape} for labels of shape {labels.shape}"
        )
    return float((predicted == labels).mean())


def k_folds(count: int, k: int, *, seed: int = 0) -> list[tuple[np.ndarray, np.ndarray]]:
    """k pairs (training rows, validation rows): every example is in exactly one validation fold.

    count: how many examples there are
    k: how many folds; they are random, and their sizes differ by at most one
    seed: of the random order
    Raises `ValueError` unless 2 ≤ k ≤ count.

    >>> [(len(training), len(validation)) for training, validation in k_folds(10, 3)]
    [(6, 4), (7, 3), (7, 3)]
    """
    check_whole(count, name="count", low=2)
    check_whole(k, name="folds", low=2, high=count, of="the number of examples")
    check_whole(seed, name="seed")
    parts = np.array_split(np.random.default_rng(seed).permutation(count), k)
    return [(np.concatenate(parts[:i] + parts[i + 1 :]), parts[i]) for i in range(k)]


def cross_validate(
    make_classifier: Callable[[], Any], X: np.ndarray, y: np.ndarray, *, folds: int = 5, seed: int = 0
) -> np.ndarray:
    """The accuracy on each validation fold, float64 (folds,): take the mean, and the std as its error bar.

    make_classifier: called once a fold, returns a fresh object with `train(X, y)` and `predict(X)`
    X: (N, D), one example a row
    y: int (N,), the labels
    folds: how many parts, each of which is held out once
    seed: of the random order
    Raises `ValueError` unless 2 ≤ folds ≤ N. Source: deck A1, "Cross-validation".
    """
    X = check_examples(X)
    y = check_labels(y, len(X))
    if not callable(make_classifier):
        raise ValueError(
            f"make_classifier: expected what makes a new classifier, got {shown(make_classifier)}; "
            "write lambda: in front of it"
        )
    accuracies = []
    for training, validation in k_folds(len(X), folds, seed=seed):
        classifier = make_classifier()
        if not (hasattr(classifier, "train") and hasattr(classifier, "predict")):
            raise ValueError(
                "make_classifier: expected that it returns an object with train(X, y) and predict(X), "
                f"got {shown(classifier)}"
            )
        classifier.train(X[training], y[training])
        accuracies.append(accuracy(classifier.predict(X[validation]), y[validation]))
    return np.array(accuracies)


def grid(
    make_classifier: Callable[[Any], Any],
    values: Iterable,
    X: np.ndarray,
    y: np.ndarray,
    *,
    folds: int = 5,
    seed: int = 0,
) -> dict[Any, np.ndarray]:
    """Cross-validation for each value of a hyperparameter, on the same folds: {value: accuracies (folds,)}.

    make_classifier: takes a value, as in `lambda k: KNearestNeighbors(k)`
    """
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise ValueError(
            f"values: expected several values to compare, such as [1, 3, 5], got {shown(values)}"
        )
    if not callable(make_classifier):
        raise ValueError(
            "make_classifier: expected a function of one value that makes a new classifier, "
            f"got {shown(make_classifier)}"
        )
    return {
        value: cross_validate(partial(make_classifier, value), X, y, folds=folds, seed=seed)
        for value in values
    }
