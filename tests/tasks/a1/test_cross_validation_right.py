"""Cross-validation and accuracy by unusual means that are right: full marks."""

import random
from fractions import Fraction

import numpy as np
import pytest

from lib.tasks import assess, find_task


def in_strides(count, folds):
    return [list(range(i, count, folds)) for i in range(folds)]


def shuffled(count, folds):
    rows = list(range(count))
    random.shuffle(rows)
    return tuple(np.array(rows[i::folds], np.int32) for i in range(folds))


def rest_spread(count, folds):
    """Sizes first, the rest to the last folds, and then the cuts."""
    size, rest = divmod(count, folds)
    sizes = [size + (i >= folds - rest) for i in range(folds)]
    ends = np.cumsum(sizes)
    return [np.arange(end - length, end) for end, length in zip(ends, sizes, strict=True)]


def table_of_remainders(count, folds):
    belongs = np.random.permutation(np.arange(count) % folds)  # noqa: NPY002  # as students do
    return [np.nonzero(belongs == i)[0] for i in range(folds)]


def backwards(count, folds):
    return np.array_split(np.arange(count)[::-1], folds)[::-1]


def with_masks(predict, X, y, ks, folds):
    table = []
    for k in ks:
        row = []
        for rows in folds:
            mask = np.ones(len(X), bool)
            mask[rows] = False
            right = predict(X[mask], y[mask], X[rows], k) == y[rows]
            row.append(sum(right.tolist()) / len(rows))
        table.append(row)
    return table


def by_names(predict, X, y, ks, folds):
    table = np.full((len(ks), len(folds)), np.nan, np.float32)
    for (i, j), _ in np.ndenumerate(table):
        rest = np.concatenate([fold for number, fold in enumerate(folds) if number != j])
        answers = predict(X_train=X[rest], y_train=y[rest], X_new=X[folds[j]], k=ks[i])
        table[i, j] = 1 - np.count_nonzero(answers - y[folds[j]]) / answers.size
    return table


def fold_by_fold(predict, X, y, ks, folds):
    columns = []
    for rows in folds:
        rest = np.setdiff1d(np.arange(len(y)), rows)
        columns.append([np.equal(predict(X[rest], y[rest], X[rows], k), y[rows]).mean() for k in ks])
    return np.stack(columns, axis=1)


def with_deletion(predict, X, y, ks, folds):
    def part(fold, k):
        answers = predict(np.delete(X, fold, axis=0), np.delete(y, fold), X.take(fold, axis=0), k)
        return np.average(answers == y.take(fold))

    return np.array([[part(fold, k) for fold in folds] for k in ks])


def sorted_folds(predict, X, y, ks, folds):
    """Rows in order, a list, and every prediction made twice."""
    table = np.zeros((len(folds), len(ks)))
    for j in range(len(folds)):
        rows = sorted(int(row) for row in folds[j])
        rest = [row for row in range(len(X)) if row not in rows]
        for i, k in enumerate(ks):
            predict(X[rest], y[rest], X[rows], k)
            print(".", end="")
            table[j, i] = (predict(X[rest], y[rest], X[rows], k) == y[rows]).mean()
    return table.T


def by_pairs(ks, accuracies):
    means = [sum(row) / len(row) for row in accuracies]
    return max(zip(means, [-k for k in ks], strict=True))[1] * -1


def by_sums(ks, accuracies):
    return sorted(ks, key=lambda k: -np.sum(accuracies[ks.index(k)]))[0]


def by_fractions(ks, accuracies):
    exact = [sum(map(Fraction, row)) for row in accuracies.tolist()]
    return ks[exact.index(max(exact))]


def in_a_loop(ks, accuracies):
    best, highest = None, -np.inf
    for k, mean in zip(ks, accuracies.mean(axis=-1), strict=True):
        if mean > highest:
            best, highest = k, mean
    return np.int64(best)


def from_an_array(ks, accuracies):
    means = np.asarray(accuracies).mean(1)
    return np.array(ks)[means == means.max()][0]


ANSWERS = {
    "strides, masks, pairs": (in_strides, with_masks, by_pairs),
    "shuffled, names, sums": (shuffled, by_names, by_sums),
    "rest spread, fold by fold, fractions": (rest_spread, fold_by_fold, by_fractions),
    "remainders, deletion, loop": (table_of_remainders, with_deletion, in_a_loop),
    "backwards, sorted, array": (backwards, sorted_folds, from_an_array),
}


@pytest.mark.parametrize("given", ANSWERS.values(), ids=list(ANSWERS))
def test_it_has_full_marks(given):
    report = assess(find_task("a1.cross_validation"), given, range(1, 6))
    assert report.passed, str(report)


def in_plain_python(predicted, labels):
    pairs = list(zip(np.ravel(predicted).tolist(), np.ravel(labels).tolist(), strict=True))
    return sum(one == other for one, other in pairs) / len(pairs)


def one_minus_errors(predicted, labels):
    predicted, labels = predicted.reshape(-1), labels.reshape(-1)
    return 1 - np.count_nonzero(predicted != labels) / labels.size


def squeezed(predicted, labels):
    return np.float32((np.squeeze(predicted) == np.squeeze(labels)).mean())


def of_columns(predicted, labels):
    return np.average(predicted.reshape(-1, 1) == labels.reshape(-1, 1))


def as_a_fraction(predicted, labels):
    right = np.equal(predicted.flatten(), labels.flatten()).astype(int)
    return np.array(np.dot(right, right) / len(right))


@pytest.mark.parametrize("accuracy", [in_plain_python, one_minus_errors, squeezed, of_columns, as_a_fraction])
def test_such_an_accuracy_has_full_marks(accuracy):
    report = assess(find_task("a1.accuracy"), [accuracy], range(1, 6))
    assert report.passed, str(report)


def pairs_of_rows(count, folds):
    """Training and validation rows, as lib.classifiers gives them."""
    cut = np.array_split(np.arange(count), folds)
    return [(np.setdiff1d(np.arange(count), rows), rows) for rows in cut]


def masks(count, folds):
    return [np.arange(count) % folds == i for i in range(folds)]


@pytest.mark.parametrize(("make_folds", "got"), [(pairs_of_rows, "a tuple"), (masks, "bool (12,)")])
def test_what_is_no_list_of_row_numbers_is_named(make_folds, got):
    report = assess(find_task("a1.cross_validation"), [make_folds, with_masks, by_pairs], [0])
    assert [part.name for part in report.parts if not part.passed] == ["make_folds", "sizes of folds"]
    assert f"each fold: expected an array of row numbers, (n,), got {got}" in report.parts[0].sentence
