"""Neighbours and votes by unusual means that are right: full marks."""

from collections import Counter

import numpy as np
import pytest

from lib.tasks import assess, find_task

TASK = find_task("a1.vote")


def pairs_sorted(distances, train_labels, k):
    """Distance and index as pairs, which Python sorts."""
    print(f"{k} neighbours")
    return [
        [train_labels[j] for _, j in sorted(zip(row, range(len(row)), strict=True))[:k]] for row in distances
    ]


def one_by_one(distances, train_labels, k):
    """The nearest is found and taken out, k times; argmin takes the first of equals."""
    left, found = distances.astype(float), []
    rows = np.arange(len(left))
    for _ in range(k):
        nearest = left.argmin(axis=1)
        found.append(train_labels[nearest])
        left[rows, nearest] = np.inf
    return np.transpose(found)


def by_two_keys(distances, train_labels, k):
    index = np.broadcast_to(np.arange(distances.shape[1]), distances.shape)
    order = np.lexsort((index, distances), axis=-1)
    return np.take_along_axis(np.tile(train_labels, (len(distances), 1)), order, axis=1)[:, :k]


def row_by_row(distances, train_labels, k):
    found = np.empty((len(distances), k), train_labels.dtype)
    for i, row in enumerate(distances):
        found[i] = [train_labels[j] for j in sorted(range(len(row)), key=row.__getitem__)][:k]
    return found


def as_floats(distances, train_labels, k):
    return train_labels.astype(np.float64)[distances.argsort(kind="mergesort")][..., :k]


def most_common(labels):
    return Counter(labels.tolist()).most_common(1)[0][0]  # of equals the one that came first


def by_unique(labels):
    classes, first, counts = np.unique(labels, return_index=True, return_counts=True)
    return classes[np.lexsort((first, -counts))[0]]


def by_comparison(labels):
    votes = (labels[:, None] == labels).sum(axis=0)
    return labels[votes.argmax()]


def by_key(labels):
    row = list(labels)
    return max(sorted(set(row), key=row.index), key=row.count)


def as_float(labels):
    best = labels[0]
    for label in labels:
        if np.count_nonzero(labels == label) > np.count_nonzero(labels == best):
            best = label
    return float(best)


def as_an_array(labels):
    return np.asarray(by_comparison(labels))


ANSWERS = {
    "sorted pairs, Counter": (pairs_sorted, most_common),
    "one by one, unique": (one_by_one, by_unique),
    "two keys, comparison": (by_two_keys, by_comparison),
    "row by row, key": (row_by_row, by_key),
    "floats": (as_floats, as_float),
    "mixed": (pairs_sorted, as_an_array),
}


@pytest.mark.parametrize("given", ANSWERS.values(), ids=list(ANSWERS))
def test_it_has_full_marks(given):
    report = assess(TASK, given, range(1, 6))
    assert report.passed, str(report)
