"""Entries that are nearly the same are found, and those of nets trained apart are not."""

import numpy as np
import pytest

from lib.leaderboard.board.alike import entries_alike

COUNT = 10_000


def nets(rng, many, share=0.77):
    """Labels of so many nets that are right in this share, each in images of its own."""
    truth = rng.integers(0, 10, COUNT)
    wrong = (truth + rng.integers(1, 10, (many, COUNT))) % 10
    return dict(enumerate(np.where(rng.random((many, COUNT)) < share, truth, wrong)))


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("differ", [0, 1, 40, 95])
def test_a_copy_with_changes_at_random_is_found(differ, seed):
    rng = np.random.default_rng(seed)
    labels = nets(rng, 20)
    copy = labels[3].copy()
    places = rng.choice(COUNT, differ, replace=False)
    copy[places] = (copy[places] + 1) % 10
    labels[99] = copy
    assert entries_alike(labels) == {3: {99: differ}, 99: {3: differ}}


def test_what_differs_in_two_percent_is_no_copy():
    rng = np.random.default_rng(0)
    labels = nets(rng, 3)
    copy = labels[0].copy()
    copy[:200] = (copy[:200] + 1) % 10
    labels[9] = copy
    assert entries_alike(labels) == {}


def test_of_a_thousand_that_are_the_same_each_is_told_beside_the_first():
    labels = dict.fromkeys(range(1000), np.zeros(COUNT, np.int64))
    found = entries_alike(labels)
    assert len(found[0]) == 999
    assert found[7] == {0: 0}


def test_nobody_and_one_are_like_none():
    assert entries_alike({}) == {}
    assert entries_alike({5: np.arange(3)}) == {}
