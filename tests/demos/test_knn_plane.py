"""The plane of the k nearest neighbours against the classifier of the course and against counting by hand."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.testing import assert_array_equal

from lib.classifiers import KNearestNeighbors
from lib.demos.knn_plane import (
    CENTERS,
    CLASSES,
    EDGE,
    GRID,
    LARGEST_K,
    KnnPlaneDemo,
    compute,
    own_points,
    points,
    under_way,
    winners,
    winners_for_every_k,
)


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


def scattered(count, seed=0):
    rng = np.random.default_rng(seed)
    places = rng.uniform(-2.8, 2.8, (count, 2)).tolist()
    return [(x, y, int(c)) for (x, y), c in zip(places, rng.integers(0, CLASSES, count), strict=True)]


@settings(deadline=None, max_examples=25)
@given(
    count=st.one_of(st.integers(1, 4), st.integers(23, 28), st.just(90)),
    held=st.integers(0, 89),
    metric=st.sampled_from(["L1", "L2"]),
    k=st.integers(1, LARGEST_K),
    seed=st.integers(0, 3),
)
def test_a_point_under_way_gives_what_a_new_search_gives(count, held, metric, k, seed):
    moved, held = tuple(scattered(count, seed)), held % count
    quick, whole = (compute(k, metric, 0.1, 30, moved, held=which) for which in (held, None))
    for one, other in zip(quick, whole, strict=True):
        assert_array_equal(one, other)


def test_which_point_is_under_way():
    before = scattered(5)
    moved, new = (0.5, 0.5, 1), (1.0, 1.0, 2)
    assert under_way(before, (*before[:2], moved, *before[3:])) == 2
    assert under_way(before, (*before, new)) == 5
    assert under_way(before, tuple(before)) is None
    assert under_way(before, tuple(before[1:])) is None
    assert under_way(before, (moved, new, *before[2:])) is None
    assert under_way(before, (moved, *before[1:], new)) is None


@pytest.fixture(scope="module")
def demo():
    return KnnPlaneDemo()


def test_points_that_stand_still_keep_their_rings_and_moved_ones_are_judged_by_the_nearest_cloud(demo):
    demo.set(**demo.start)
    _, labels, wrong = own_points(0.1, 30)
    ringed, other = int(np.flatnonzero(wrong)[0]), int(np.flatnonzero(~wrong)[0])
    demo.set(**demo.moved.dragged(demo, other, *CENTERS[labels[other]] + 0.1))
    assert_array_equal(demo.state.wrong, wrong)  # it stands among its own
    demo.set(**demo.moved.dragged(demo, other, *CENTERS[(labels[other] + 1) % 3]))
    assert_array_equal(np.flatnonzero(demo.state.wrong != wrong), [other])  # and now it does not
    demo.set(**demo.moved.dragged(demo, ringed, *CENTERS[labels[ringed]]))
    assert not demo.state.wrong[ringed]  # it has come home
    assert demo.state.wrong.sum() == wrong.sum()
    demo.set(**demo.moved.removed(demo, int(np.flatnonzero(demo.state.wrong)[-1])))
    assert demo.state.wrong.sum() == wrong.sum() - 1
    shown = demo.rings.get_xydata()
    assert_array_equal(shown, demo.state.X[demo.state.wrong])


def test_a_point_is_dragged_stepped_added_and_taken_away(demo):
    demo.set(**demo.start)
    marks = demo.moved.marks(demo)
    assert_array_equal([(mark.x, mark.y) for mark in marks], demo.state.X)
    assert demo.moved.dragged(demo, 4, 9, -9)["moved"][4] == (
        EDGE - 0.1,
        0.1 - EDGE,
        int(demo.state.labels[4]),
    )
    stepped = demo.moved.stepped(demo, 4, 1, 0)["moved"][4]
    assert stepped[:2] == pytest.approx((marks[4].x + 0.058, marks[4].y), abs=1e-4)
    added = demo.moved.clicked(demo, *CENTERS[1])["moved"]
    assert len(added) == len(marks) + 1
    assert added[-1] == (*CENTERS[1], 1)
    demo.set(moved=added)
    demo.set(**demo.moved.removed(demo, 0))
    assert len(demo.state.X) == len(marks)


def test_the_blue_dot_moves_k_along_the_curve_of_the_validation_points(demo):
    demo.set(**demo.start)
    for x, k in ((6.4, 6), (-3, 1), (40, 25), (1, 1)):
        assert demo.dial.dragged(demo, 0, x, 50) == {"k": k}
        demo.set(k=k)
        (mark,) = demo.dial.marks(demo)
        assert (mark.x, mark.y) == (k, 100 * demo.state.on_validation[k - 1])
        assert_array_equal(demo.here[1].get_xydata(), [(mark.x, mark.y)])
    assert demo.dial.stepped(demo, 0, 1, 0) == {"k": 2}


def test_it_says_which_wrong_labels_still_rule(demo):
    for values in ({"k": 1, "noise": 0.2}, {"k": 15, "noise": 0.2}):
        demo.set(**demo.start | values)
        X, labels, wrong = own_points(0.2, 30)
        left = 0
        for (x, y), label in zip(X[wrong], labels[wrong], strict=True):
            column, row = (int((place + EDGE) / (2 * EDGE) * GRID) for place in (x, y))
            left += demo.state.regions[row, column] == label
        at = values["k"] - 1
        assert demo.said() == (
            f"With k = {values['k']}, {left} of {wrong.sum()} wrong labels still rule the place where they "
            f"stand; "
            f"{100 * demo.state.on_validation[at]:.0f}\xa0% right on validation points, "
            f"whose labels are all right, "
            f"{100 * demo.state.on_training[at]:.0f}\xa0% on training points."
        )
    demo.set(noise=0.0)
    assert "all labels are right; " in demo.said()


def test_points_may_be_given_at_once_and_only_such_that_lie_in_the_plane():
    for moved in ([(-2.9, -2.9, 0), (2.9, 2.9, 2)], [(0.5, 0.5, 1)], [(0, 0, c % 3) for c in range(200)]):
        demo = KnnPlaneDemo(moved=moved, k=1)
        again = KnnPlaneDemo(k=1)
        again.set(moved=moved)
        assert demo.said() == again.said()
        np.testing.assert_array_equal(demo.state.regions, again.state.regions)
    for place in ((99, 99), (3.1, 0), (0, -3.1), (np.nan, 0), (np.inf, 0)):
        with pytest.raises(ValueError, match=r"^moved: expected None or up to 200 points .* from -2.9 to 2"):
            KnnPlaneDemo(moved=[(*place, 0)])
