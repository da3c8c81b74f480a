"""The examples that assignment 1 works by hand, with the reference answers."""

import numpy as np
import pytest

from lib.tasks import find_task
from lib.tasks.known import has_answers


def right(task):
    """The reference answers of a task."""
    found = find_task(task)
    assert has_answers(found)
    return found.given()


def test_distances_of_two_and_three_images():
    test, train = np.array([[0, 0], [6, 0]]), np.array([[3, 4], [6, 8], [5, 12]])
    l1, *l2 = right("a1.distances")
    assert l1(test, train).tolist() == [[7, 14, 17], [7, 8, 13]]
    for function in l2:
        np.testing.assert_allclose(function(test, train), [[5, 10, 13], [5, 8, 12.04]], atol=0.005)


def test_the_middle_term_by_hand():
    assert 36 - 2 * 30 + 169 == 145
    assert np.sqrt(145) == pytest.approx(12.04, abs=0.005)


def test_all_differences_would_fill_61_gigabytes():
    differences, distances = 500 * 5_000 * 3072, 500 * 5_000
    assert differences * 8 / 1e9 == pytest.approx(61.4, abs=0.05)
    assert distances * 8 / 1e6 == 20


def test_five_neighbours_and_their_votes():
    nearest_labels, vote = right("a1.vote")
    distances, labels = np.array([[0.4, 0.1, 0.4, 0.9, 0.2]]), np.array([7, 5, 2, 5, 2])
    rows = [nearest_labels(distances, labels, k)[0] for k in range(1, 6)]
    assert rows[4].tolist() == [5, 2, 7, 2, 5]
    assert [row.tolist() for row in rows] == [rows[4][:k].tolist() for k in range(1, 6)]
    assert [int(vote(row)) for row in rows] == [5, 5, 5, 2, 5]


def test_three_of_four_are_right():
    (accuracy,) = right("a1.accuracy")
    assert accuracy(np.array([3, 1, 2, 2]), np.array([3, 1, 0, 2])) == 0.75


def test_folds_of_seven_and_the_choice_between_two():
    make_folds, _, best_k = right("a1.cross_validation")
    assert [fold.tolist() for fold in make_folds(7, 3)] == [[0, 1, 2], [3, 4], [5, 6]]
    table = np.array([[0.5, 1.0, 0.0], [0.75, 0.5, 0.75]])
    assert table.mean(axis=1) == pytest.approx([0.5, 0.67], abs=0.005)
    assert best_k([1, 3], table) == 3
