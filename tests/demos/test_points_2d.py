"""The points that no straight line separates."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier

from lib.demos.points_2d import EDGE, SHAPES, points


@given(
    name=st.sampled_from(list(SHAPES)),
    count=st.integers(2, 300),
    noise=st.floats(0, 2),
    seed=st.integers(0, 2**32),
)
@settings(deadline=None, max_examples=60)
def test_points_lie_in_the_plane_half_of_them_in_each_class(name, count, noise, seed):
    X, y = points(name, count, noise, seed)
    assert X.shape == (count, 2)
    assert X.dtype == np.float32
    assert np.abs(X).max() < EDGE
    assert y.sum() == count // 2
    again, _ = points(name, count, noise, seed)
    assert_array_equal(X, again)


@pytest.mark.parametrize("name", SHAPES)
def test_no_line_separates_the_classes_but_their_neighbours_tell_them_apart(name):
    X, y = points(name, 400, noise=0.05, seed=1)
    X_test, y_test = points(name, 400, noise=0.05, seed=2)
    assert LogisticRegression().fit(X, y).score(X, y) < 0.92
    assert KNeighborsClassifier(1).fit(X, y).score(X_test, y_test) > 0.95


@pytest.mark.parametrize("name", SHAPES)
def test_more_noise_moves_the_same_points_further(name):
    none, little, more = (points(name, 100, noise)[0] for noise in (0, 0.05, 0.1))
    free = np.abs(more).max(axis=1) < EDGE - 0.1  # not stopped at the edge
    assert free.sum() > 90
    assert_allclose((more - none)[free], 2 * (little - none)[free], atol=1e-6)


def test_circles_and_xor_are_what_they_are_called():
    X, y = points("circles", 500)
    radius = np.hypot(*X.T)
    assert radius[y == 0].max() < 1.2 < 1.8 < radius[y == 1].min()
    X, y = points("XOR", 500)
    assert_array_equal(X[:, 0] * X[:, 1] < 0, y == 1)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (("squares", 10), "^name: expected .*got 'squares'"),
        (("moons", 1), "^count: expected .*got 1"),
        (("moons", 2.5), "^count: expected .*got 2.5"),
        (("moons", 10, -1), "^noise: expected .*got -1"),
        (("moons", 10, float("nan")), "^noise: expected .*got nan"),
    ],
)
def test_bad_input_is_refused_by_name(values, message):
    with pytest.raises(ValueError, match=message):
        points(*values)
