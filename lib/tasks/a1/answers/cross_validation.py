"""Cross-validation: the right answer, and those that students give."""

from __future__ import annotations

import numpy as np

from lib.tasks.a1.cross_validation import task


@task.reference
def make_folds(count, folds):
    return np.array_split(np.arange(count), folds)


@task.reference
def cross_validate(predict, X, y, ks, folds):
    accuracies = np.zeros((len(ks), len(folds)))
    for j, rows in enumerate(folds):
        training = np.concatenate([*folds[:j], *folds[j + 1 :]])
        for i, k in enumerate(ks):
            predicted = predict(X[training], y[training], X[rows], k)
            accuracies[i, j] = np.mean(predicted == y[rows])
    return accuracies


@task.reference
def best_k(ks, accuracies):
    return ks[np.argmax(np.mean(accuracies, axis=1))]


@task.wrong(
    21,
    "The examples that are left over are in no fold: each belongs to exactly one, "
    "also where the folds do not divide N.",
    breaks=("make_folds", "sizes of folds"),
    replaces="make_folds",
)
def remainder_dropped(count, folds):
    size = count // folds
    return [np.arange(i * size, (i + 1) * size) for i in range(folds)]


@task.wrong(
    21,
    "You make one fold more for the examples that are left over: spread them over the folds that there are.",
    breaks=("make_folds", "sizes of folds"),
    replaces="make_folds",
)
def one_fold_more(count, folds):
    size = count // folds
    return [np.arange(i, min(i + size, count)) for i in range(0, count, size)]


@task.wrong(
    21,
    "The second argument is how many folds there are, not how many examples are in one.",
    breaks=("make_folds", "sizes of folds"),
    replaces="make_folds",
)
def size_for_number(count, folds):
    return [np.arange(i, min(i + folds, count)) for i in range(0, count, folds)]


@task.wrong(
    21,
    "One fold an example: the loop must run over the folds, not over the examples.",
    breaks=("make_folds", "sizes of folds"),
    replaces="make_folds",
)
def one_fold_an_example(count, folds):
    return [np.arange(i, i + 1) for i in range(count)]


@task.wrong(
    0,
    "The folds overlap at their ends: a slice does not contain its end.",
    breaks=("make_folds", "sizes of folds"),
    replaces="make_folds",
)
def ends_in_two_folds(count, folds):
    made = make_folds(count, folds)
    return [*(np.append(fold, fold[-1] + 1) for fold in made[:-1]), made[-1]]


@task.wrong(
    0,
    "Each fold is drawn afresh, so that some examples are in several and others in none: shuffle once, "
    "then cut.",
    breaks="make_folds",
    replaces="make_folds",
)
def drawn_with_repetition(count, folds):
    rng = np.random.default_rng(1)
    return [rng.permutation(count)[: len(fold)] for fold in make_folds(count, folds)]


@task.wrong(
    0,
    "Row numbers begin at 0: yours begin at 1, and the last does not exist.",
    breaks="make_folds",
    replaces="make_folds",
)
def from_one(count, folds):
    return np.array_split(np.arange(1, count + 1), folds)


@task.wrong(
    0,
    "These are the rows to train on; a fold holds the rows to validate on.",
    breaks=("make_folds", "sizes of folds"),
    replaces="make_folds",
)
def all_other_rows(count, folds):
    return [np.setdiff1d(np.arange(count), fold) for fold in make_folds(count, folds)]


@task.wrong(
    0,
    "One fold takes all that are left over: sizes may differ by one at most, "
    "so give them to different folds.",
    breaks="sizes of folds",
    replaces="make_folds",
)
def last_takes_the_rest(count, folds):
    size = count // folds
    return np.split(np.arange(count), np.arange(1, folds) * size)


@task.wrong(
    0,
    "You round sizes up, so that the last fold gets too few or none: sizes may differ by one at most.",
    breaks=("make_folds", "sizes of folds"),
    replaces="make_folds",
)
def rounded_up(count, folds):
    size = -(-count // folds)
    return [np.arange(i, min(i + size, count)) for i in range(0, count, size)]


@task.wrong(
    19,
    "The fold that you measure on is in the training part too, so that each image finds itself: "
    "train on the other folds.",
    breaks="training part",
    replaces="cross_validate",
)
def trained_on_all(predict, X, y, ks, folds):
    return cross_validate(lambda X_train, y_train, X_val, k: predict(X, y, X_val, k), X, y, ks, folds)


@task.wrong(
    19,
    "You train on the very fold that you measure on: train on the other folds.",
    breaks="training part",
    replaces="cross_validate",
)
def trained_on_the_fold(predict, X, y, ks, folds):
    return [[np.mean(predict(X[rows], y[rows], X[rows], k) == y[rows]) for rows in folds] for k in ks]


@task.wrong(
    0,
    "You train on one fold alone: all folds but the one that you measure on belong to the training part.",
    breaks="training part",
    replaces="cross_validate",
)
def trained_on_the_next(predict, X, y, ks, folds):
    found = np.zeros((len(ks), len(folds)))
    for i, k in enumerate(ks):
        for j, rows in enumerate(folds):
            other = folds[j - 1]
            found[i, j] = np.mean(predict(X[other], y[other], X[rows], k) == y[rows])
    return found


@task.wrong(
    0,
    "You train on the folds before only: "
    "those after the one that you measure on belong to the training part too.",
    breaks="training part",
    replaces="cross_validate",
)
def trained_on_those_before(predict, X, y, ks, folds):
    found = np.zeros((len(ks), len(folds)))
    for i, k in enumerate(ks):
        for j, rows in enumerate(folds):
            training = np.concatenate([np.empty(0, int), *folds[:j]])
            found[i, j] = np.mean(predict(X[training], y[training], X[rows], k) == y[rows])
    return found


@task.wrong(
    0,
    "You train on one fold and measure on the others: it is the other way round.",
    breaks=("training part", "accuracies"),
    replaces="cross_validate",
)
def roles_exchanged(predict, X, y, ks, folds):
    found = np.zeros((len(ks), len(folds)))
    for i, k in enumerate(ks):
        for j, rows in enumerate(folds):
            others = np.concatenate([*folds[:j], *folds[j + 1 :]])
            found[i, j] = np.mean(predict(X[rows], y[rows], X[others], k) == y[others])
    return found


@task.wrong(
    20,
    "All rows of your table are equal: the k of your loop does not reach predict.",
    breaks="accuracies",
    replaces="cross_validate",
)
def same_k(predict, X, y, ks, folds):
    return cross_validate(lambda *parts: predict(*parts[:3], ks[0]), X, y, ks, folds)


@task.wrong(
    20,
    "All rows of your table are equal, those of the last k: the k of your loop does not reach predict.",
    breaks="accuracies",
    replaces="cross_validate",
)
def last_k(predict, X, y, ks, folds):
    return cross_validate(lambda *parts: predict(*parts[:3], ks[-1]), X, y, ks, folds)


@task.wrong(
    20,
    "You give predict the number of the k in your loop; it needs the k itself.",
    breaks="accuracies",
    replaces="cross_validate",
)
def index_for_k(predict, X, y, ks, folds):
    return cross_validate(lambda *parts: predict(*parts[:3], list(ks).index(parts[3])), X, y, ks, folds)


@task.wrong(
    22,
    "The training images come with labels of other images: index X and y with the same rows.",
    breaks="training part",
    replaces="cross_validate",
)
def labels_of_the_first(predict, X, y, ks, folds):
    return cross_validate(
        lambda X_train, y_train, X_val, k: predict(X_train, y[: len(X_train)], X_val, k), X, y, ks, folds
    )


@task.wrong(
    22,
    "The training labels are those of all images, also of the fold that you measure on: "
    "index X and y with the same rows.",
    breaks="training part",
    replaces="cross_validate",
)
def labels_of_all(predict, X, y, ks, folds):
    return cross_validate(lambda X_train, y_train, X_val, k: predict(X_train, y, X_val, k), X, y, ks, folds)


@task.wrong(
    22,
    "Your predictions are compared with labels of other images: take those of the fold's own rows.",
    breaks="accuracies",
    replaces="cross_validate",
)
def compared_with_the_first(predict, X, y, ks, folds):
    found = np.zeros((len(ks), len(folds)))
    for i, k in enumerate(ks):
        for j, rows in enumerate(folds):
            training = np.setdiff1d(np.arange(len(X)), rows)
            found[i, j] = np.mean(predict(X[training], y[training], X[rows], k) == y[: len(rows)])
    return found


@task.wrong(
    0,
    "These are the means over the folds; one accuracy for each k and each fold is asked for.",
    breaks="accuracies",
    replaces="cross_validate",
)
def means_alone(predict, X, y, ks, folds):
    return cross_validate(predict, X, y, ks, folds).mean(axis=1)


@task.wrong(
    0,
    "The entry [i, j] belongs to the i-th k and the j-th fold; yours are transposed.",
    breaks="accuracies",
    replaces="cross_validate",
)
def folds_by_ks(predict, X, y, ks, folds):
    return cross_validate(predict, X, y, ks, folds).T


@task.wrong(
    0,
    "These count the right predictions: divide by the size of the fold.",
    breaks="accuracies",
    replaces="cross_validate",
)
def counts_alone(predict, X, y, ks, folds):
    return cross_validate(predict, X, y, ks, folds) * [len(rows) for rows in folds]


@task.wrong(
    0,
    "You divide by the same number in each fold; folds differ in size, so divide by the size of the fold.",
    breaks="accuracies",
    replaces="cross_validate",
)
def mean_size(predict, X, y, ks, folds):
    return counts_alone(predict, X, y, ks, folds) * len(folds) / len(X)


@task.wrong(
    0,
    "These are in per cent; shares between 0 and 1 are asked for.",
    breaks="accuracies",
    replaces="cross_validate",
)
def in_per_cent(predict, X, y, ks, folds):
    return 100 * cross_validate(predict, X, y, ks, folds)


@task.wrong(
    0,
    "These are the shares of wrong predictions; those of right ones are asked for.",
    breaks="accuracies",
    replaces="cross_validate",
)
def shares_of_errors(predict, X, y, ks, folds):
    return 1 - cross_validate(predict, X, y, ks, folds)


@task.wrong(
    0,
    "Only the last fold is filled in for every k: where is the result stored?",
    breaks="accuracies",
    replaces="cross_validate",
)
def last_fold_only(predict, X, y, ks, folds):
    found = cross_validate(predict, X, y, ks, folds)
    return np.repeat(found[:, -1:], len(folds), axis=1)


@task.wrong(
    23,
    "You choose the k with the best single fold, which may be luck: choose by the mean over the folds.",
    breaks="best_k",
    replaces="best_k",
)
def best_single_fold(ks, accuracies):
    return ks[np.argmax(np.max(accuracies, axis=1))]


@task.wrong(
    23,
    "You choose by the last fold alone: choose by the mean over the folds.",
    breaks="best_k",
    replaces="best_k",
)
def best_in_the_last_fold(ks, accuracies):
    return ks[np.argmax(np.asarray(accuracies)[:, -1])]


@task.wrong(
    23,
    "You choose by the first fold alone: choose by the mean over the folds.",
    breaks="best_k",
    replaces="best_k",
)
def best_in_the_first_fold(ks, accuracies):
    return ks[np.argmax(np.asarray(accuracies)[:, 0])]


@task.wrong(
    0,
    "You take the mean over the wrong axis: the one over the folds belongs to a k.",
    breaks="best_k",
    replaces="best_k",
)
def mean_over_ks(ks, accuracies):
    return ks[np.argmax(np.mean(accuracies, axis=0))]


@task.wrong(
    0, "This is the place of the best k in ks; the k itself is asked for.", breaks="best_k", replaces="best_k"
)
def place_of_the_best(ks, accuracies):
    return np.argmax(np.mean(accuracies, axis=1))


@task.wrong(0, "This is the best mean accuracy; its k is asked for.", breaks="best_k", replaces="best_k")
def best_accuracy(ks, accuracies):
    return np.max(np.mean(accuracies, axis=1))


@task.wrong(
    0, "You take the k with the lowest accuracy: the highest is the best.", breaks="best_k", replaces="best_k"
)
def worst_k(ks, accuracies):
    return ks[np.argmin(np.mean(accuracies, axis=1))]


@task.wrong(
    0,
    "Of several k with the same mean you take the largest; take the smallest.",
    breaks="best_k",
    replaces="best_k",
)
def largest_of_equal(ks, accuracies):
    return max(zip(np.mean(accuracies, axis=1), ks, strict=True))[1]


@task.wrong(
    0, "You choose by the worst fold; choose by the mean over the folds.", breaks="best_k", replaces="best_k"
)
def best_worst_fold(ks, accuracies):
    return ks[np.argmax(np.min(accuracies, axis=1))]


@task.wrong(
    0,
    "You choose by the median over the folds; choose by the mean.",
    breaks="best_k",
    replaces="best_k",
)
def best_median(ks, accuracies):
    return ks[np.argmax(np.median(accuracies, axis=1))]


@task.wrong(0, "No mean is above 0 where nothing was right, and then no k was chosen.", breaks="best_k",
    replaces="best_k",
)  # fmt: skip
def better_than_nothing(ks, accuracies):
    best, highest = None, 0
    for k, row in zip(ks, accuracies, strict=True):
        if np.mean(row) > highest:
            best, highest = k, np.mean(row)
    return best


@task.wrong(
    0, "The folds belong to your caller: sorting one in place changes it there.", breaks="training part",
    replaces="cross_validate",
)  # fmt: skip
def folds_sorted_in_place(predict, X, y, ks, folds):
    for fold in folds:
        fold.sort()
    return cross_validate(predict, X, y, ks, folds)
