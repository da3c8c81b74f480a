"""The vote of the neighbours: the right answer, and those that students give."""

from __future__ import annotations

import random

import numpy as np

from lib.tasks.a1.vote import task


@task.reference
def nearest_labels(distances, train_labels, k):
    return train_labels[np.argsort(distances, axis=1, kind="stable")[:, :k]]


@task.reference
def vote(labels):
    counts = {label: int((labels == label).sum()) for label in labels}  # in the order of the neighbours
    return max(counts, key=lambda label: counts[label])


NEIGHBOURS = ("nearest_labels", "equal distances")
VOTE = ("vote", "any labels", "equal votes")


@task.wrong(
    12,
    "Whatever k is, you return three neighbours of each test image: return k of them.",
    breaks=NEIGHBOURS,
    replaces="nearest_labels",
)
def always_three(distances, train_labels, k):
    return nearest_labels(distances, train_labels, 3)


@task.wrong(
    12,
    "Whatever k is, you return the nearest neighbour alone: return k of them.",
    breaks=NEIGHBOURS,
    replaces="nearest_labels",
)
def always_one(distances, train_labels, k):
    return nearest_labels(distances, train_labels, 1)


@task.wrong(
    13,
    "You took the farthest images: the nearest have the smallest distances.",
    breaks=NEIGHBOURS,
    replaces="nearest_labels",
)
def farthest(distances, train_labels, k):
    return nearest_labels(-distances, train_labels, k)


@task.wrong(
    13,
    "The right neighbours, but the farthest of them comes first: they are asked for nearest first.",
    breaks=NEIGHBOURS,
    replaces="nearest_labels",
)
def nearest_last(distances, train_labels, k):
    return nearest_labels(distances, train_labels, k)[:, ::-1]


@task.wrong(
    13,
    "You sorted along the test images; each row belongs to one test image, "
    "so sort along the training images.",
    breaks=NEIGHBOURS,
    replaces="nearest_labels",
)
def wrong_axis(distances, train_labels, k):
    return train_labels[np.argsort(distances, axis=0, kind="stable")[:, :k]]


@task.wrong(
    14,
    "These are positions in the training set; look up their labels.",
    breaks=NEIGHBOURS,
    replaces="nearest_labels",
)
def positions(distances, train_labels, k):
    return np.argsort(distances, axis=1, kind="stable")[:, :k]


@task.wrong(
    0,
    "You left out the nearest one: in Python the first k are [:k], counted from 0.",
    breaks=NEIGHBOURS,
    replaces="nearest_labels",
)
def without_the_nearest(distances, train_labels, k):
    return train_labels[np.argsort(distances, axis=1, kind="stable")[:, 1 : k + 1]]


@task.wrong(
    0,
    "These are distances; the labels of those images are asked for.",
    breaks=NEIGHBOURS,
    replaces="nearest_labels",
)
def smallest_distances(distances, train_labels, k):
    return np.sort(distances, axis=1)[:, :k]


@task.wrong(
    0,
    "These are the ranks of the first images: argsort once gives the positions of the nearest, "
    "twice their ranks.",
    breaks=NEIGHBOURS,
    replaces="nearest_labels",
)
def sorted_twice(distances, train_labels, k):
    order = np.argsort(distances, axis=1, kind="stable")
    return train_labels[np.argsort(order, axis=1, kind="stable")[:, :k]]


@task.wrong(
    0,
    "The right neighbours, but not nearest first: argpartition leaves them unsorted.",
    breaks=NEIGHBOURS,
    replaces="nearest_labels",
)
def in_order_of_position(distances, train_labels, k):
    rows = np.sort(np.argsort(distances, axis=1, kind="stable")[:, :k], axis=1)
    return train_labels[rows]


@task.wrong(
    0,
    "Among equal distances the training image of larger index comes first in yours; "
    "here the smaller index is nearer.",
    breaks="equal distances",
    replaces="nearest_labels",
)
def last_of_equal(distances, train_labels, k):
    return nearest_labels(distances[:, ::-1], train_labels[::-1], k)


@task.wrong(
    0,
    "Among equal distances yours come in no order: numpy's default sort is not stable, "
    "so ask for one that is.",
    breaks="equal distances",
    replaces="nearest_labels",
)
def not_stable(distances, train_labels, k):
    return train_labels[np.argsort(distances, axis=1)[:, :k]]


@task.wrong(
    0,
    "Among equal distances yours takes the smaller label; "
    "here the smaller index in the training set is nearer.",
    breaks="equal distances",
    replaces="nearest_labels",
)
def smaller_label_of_equal(distances, train_labels, k):
    rows = np.lexsort((np.broadcast_to(train_labels, distances.shape), distances), axis=1)
    return train_labels[rows[:, :k]]


@task.wrong(12, "You take the first neighbour alone: let all of them vote.", breaks=VOTE, replaces="vote")
def first_alone(labels):
    return labels[0]


@task.wrong(
    0, "You take the farthest of the neighbours alone: let all of them vote.", breaks=VOTE, replaces="vote"
)
def last_alone(labels):
    return labels[-1]


@task.wrong(
    14,
    "This is a position among the neighbours, not a label: look the label up.",
    breaks=VOTE,
    replaces="vote",
)
def position_of_the_winner(labels):
    return list(labels).index(vote(labels))


@task.wrong(0, "This is how many votes the winner has; its label is asked for.", breaks=VOTE, replaces="vote")
def number_of_votes(labels):
    return int((labels == vote(labels)).sum())


AVERAGE = "Labels are names: classes 2 and 8 do not average to class 5. Count votes."


@task.wrong(15, AVERAGE, breaks=VOTE, replaces="vote")
def mean_label(labels):
    return round(float(np.mean(labels.astype(float))))


@task.wrong(15, AVERAGE, breaks=VOTE, replaces="vote")
def median_label(labels):
    return int(np.median(labels.astype(float)))


@task.wrong(
    0,
    "The class with the fewest votes wins in yours: it is the one with the most.",
    breaks=VOTE,
    replaces="vote",
)
def fewest_votes(labels):
    counts = {label: int((labels == label).sum()) for label in labels}
    return min(counts, key=lambda label: counts[label])


@task.wrong(
    0, "A class needs no majority to win, only more votes than any other.", breaks=VOTE, replaces="vote"
)
def majority_or_nearest(labels):
    winner = vote(labels)
    return winner if 2 * (labels == winner).sum() > len(labels) else labels[0]


RULE = "With equal votes the class whose nearest member is nearest wins here"


def tied(labels):
    """The classes with the most votes, in the order of their nearest members."""
    counts = {label: int((labels == label).sum()) for label in labels}
    return [label for label, count in counts.items() if count == max(counts.values())]


@task.wrong(16, f"{RULE}; yours takes the smallest label.", breaks="equal votes", replaces="vote")
def smallest_of_tied(labels):
    return min(tied(labels))


@task.wrong(16, f"{RULE}; yours takes the largest label.", breaks="equal votes", replaces="vote")
def largest_of_tied(labels):
    return max(tied(labels))


@task.wrong(
    16,
    f"{RULE}; yours takes the class whose nearest member is farthest.",
    breaks="equal votes",
    replaces="vote",
)
def last_of_tied(labels):
    return tied(labels)[-1]


@task.wrong(
    16,
    f"{RULE}; yours takes the class whose farthest member is farthest.",
    breaks="equal votes",
    replaces="vote",
)
def last_member_of_tied(labels):
    return next(label for label in labels[::-1] if label in tied(labels))


@task.wrong(16, f"{RULE}; yours draws one by chance.", breaks="equal votes", replaces="vote")
def any_of_tied(labels):
    return random.choice(tied(labels))


@task.wrong(
    16,
    f"{RULE}; yours takes the nearest neighbour of all, though its class has fewer votes.",
    breaks="equal votes",
    replaces="vote",
)
def nearest_at_a_tie(labels):
    return tied(labels)[0] if len(tied(labels)) == 1 else labels[0]


@task.wrong(
    16,
    f"{RULE}; yours takes the class whose votes are complete first, "
    "as when the farthest neighbours are left out.",
    breaks="equal votes",
    replaces="vote",
)
def fewer_neighbours_at_a_tie(labels):
    while len(tied(labels)) > 1:
        labels = labels[:-1]
    return tied(labels)[0]


DENSE = "Your count assumes that labels are 0…9; here they may be any whole numbers, such as 3, 700 or −2."


@task.wrong(17, DENSE, breaks="any labels", replaces="vote")
def ten_classes(labels):
    counts = np.zeros(10, int)
    for label in labels:
        counts[label] += 1
    return next(label for label in labels if counts[label] == counts.max())


@task.wrong(
    17,
    "Your count fails for negative labels: any whole numbers may be labels here.",
    breaks="any labels",
    replaces="vote",
)
def counted_by_bincount(labels):
    counts = np.bincount(labels)
    return next(label for label in labels if counts[label] == counts.max())


@task.wrong(
    17,
    "Your count needs labels from 0 on, and takes the smallest where votes are equal: "
    "labels may be any whole numbers, and with "
    "equal votes the class whose nearest member is nearest wins.",
    breaks=("any labels", "equal votes"),
    replaces="vote",
)
def bincount_alone(labels):
    return np.bincount(labels).argmax()


@task.wrong(
    0,
    "Labels must stay whole: yours are kept in bytes, where 1000 is 232.",
    breaks="any labels",
    replaces="vote",
)
def kept_in_bytes(labels):
    return vote(labels).astype(np.uint8)


@task.wrong(
    16,
    f"{RULE}; a set, as yours, has an order of its own.",
    breaks="equal votes",
    replaces="vote",
)
def first_of_a_set(labels):
    there = labels.tolist()
    return max(set(there), key=there.count)


@task.wrong(
    0, "A number added to tell equal distances apart turns others round that are nearly equal.",
    breaks="nearest_labels", replaces="nearest_labels",
)  # fmt: skip
def nudged_by_position(distances, train_labels, k):
    nudged = distances + 1e-7 * np.arange(distances.shape[1])
    return train_labels[np.argsort(nudged, axis=1)[:, :k]]


@task.wrong(0, "Votes are counted in a byte, which ends at 255.", breaks="vote", replaces="vote")
def counted_in_a_byte(labels):
    counts: dict[int, int] = {}
    for label in labels.tolist():
        counts[label] = (counts.get(label, 0) + 1) % 256
    return max(counts, key=counts.__getitem__)
