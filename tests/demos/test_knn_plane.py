"""The plane of the k nearest neighbours against the classifier of the course and against counting by hand."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.testing import assert_array_equal

from lib.classifiers import KNearestNeighbors
from lib.demos.knn_plane import CLASSES, EDGE, GRID, LARGEST_K, compute, points, winners, winners_for_every_k


def by_hand(row):
    """Most votes; among equals the class met first."""
    votes = Counter(row)
    return next(label for label in row if votes[label] == max(votes.values()))


@settings(deadline=None)
@given(
    arrays(np.int8, array_shapes(min_dims=2, max_dims=2, max_side=9), elements=st.integers(0, CLASSES - 1))
)
def test_votes_for_every_k_are_those_counted_by_hand(labels):
    expected = [[by_hand(row[:k].tolist()) for k in range(1, len(row) + 1)] for row in labels]
    assert_array_equal(winners_for_every_k(labels), expected)
    assert_array_equal(winners(labels), np.array(expected)[:, -1])


@settings(deadline=None, max_examples=15)
@given(
    k=st.integers(1, LARGEST_K),
    metric=st.sampled_from(["L1", "L2"]),
    noise=st.integers(0, 10).map(lambda tenths: tenths / 10),
    each=st.integers(9, 40),
)
def test_regions_and_accuracies_are_those_of_the_classifier(k, metric, noise, each):
    state = compute(k, metric, noise, each)
    model = KNearestNeighbors(k, metric.lower()).train(state.X, state.labels)

    middles = [-EDGE + 2 * EDGE * (i + 0.5) / GRID for i in range(GRID)]
    places = np.array([(x1, x2) for x2 in middles for x1 in middles])
    assert_array_equal(state.regions.ravel(), model.predict(places))

    *_, X_validation, y_validation = points()
    assert state.on_validation[k - 1] == pytest.approx(np.mean(model.predict(X_validation) == y_validation))
    assert state.on_training[k - 1] == pytest.approx(np.mean(model.predict(state.X) == state.labels))


@pytest.mark.parametrize("metric", ["L1", "L2"])
def test_one_neighbour_is_never_wrong_on_its_training_points(metric):
    assert compute(1, metric, 0.5, 40).on_training[0] == 1


def test_more_noise_keeps_the_wrong_labels_and_adds_others():
    some, many = compute(1, "L2", 0.2, 40), compute(1, "L2", 0.4, 40)
    assert not (some.wrong & ~many.wrong).any()
    assert 0 < some.wrong.sum() < many.wrong.sum()
    assert not compute(1, "L2", 0.0, 40).wrong.any()


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ((0, "L1", 0, 30), "^k: expected .*got 0"),
        ((26, "L1", 0, 30), "^k: expected .*got 26"),
        ((1.5, "L1", 0, 30), "^k: expected .*got 1.5"),
        ((1, "l1", 0, 30), "^metric: expected .*got 'l1'"),
        ((1, "L1", -0.1, 30), "^noise: expected .*got -0.1"),
        ((1, "L1", np.nan, 30), "^noise: expected .*got nan"),
        ((1, "L1", 0, 8), "^each: expected .*got 8"),
        ((1, "L1", 0, 41), "^each: expected .*got 41"),
    ],
)
def test_bad_input_is_refused_by_name(values, message):
    with pytest.raises(ValueError, match=message):
        compute(*values)
