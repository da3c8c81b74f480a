"""Folds share out the examples; cross-validation gives scikit-learn's accuracies on the same folds."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.linear_model import RidgeClassifier
from sklearn.metrics import accuracy_score
from sklearn.model_selection import cross_val_score

from lib.classifiers import accuracy, cross_validate, grid, k_folds


class Ridge(RidgeClassifier):
    """scikit-learn's classifier under the course's names."""

    def train(self, X, y):
        return self.fit(X, y)


@pytest.fixture
def blobs():
    rng = np.random.default_rng(0)
    y = rng.integers(0, 3, 50)
    return rng.standard_normal((50, 4)) + y[:, None], y


@settings(deadline=None)
@given(count=st.integers(2, 60), k=st.integers(2, 10), seed=st.integers(0, 100))
def test_every_example_is_in_exactly_one_validation_fold(count, k, seed):
    k = min(k, count)
    pairs = k_folds(count, k, seed=seed)
    assert len(pairs) == k
    assert_array_equal(np.sort(np.concatenate([validation for _, validation in pairs])), np.arange(count))
    for training, validation in pairs:
        assert_array_equal(np.sort(np.concatenate([training, validation])), np.arange(count))
        assert len(validation) in (count // k, -(-count // k))


def test_folds_are_random_and_belong_to_the_seed():
    first, again, other = (k_folds(40, 4, seed=seed)[0][1] for seed in (0, 0, 1))
    assert_array_equal(first, again)
    assert set(first) != set(other)
    assert set(first) != set(range(10))


@pytest.mark.parametrize("folds", [2, 5, 50])
def test_accuracies_are_those_of_scikit_learn(blobs, folds):
    X, y = blobs
    ours = cross_validate(Ridge, X, y, folds=folds, seed=3)
    assert_allclose(ours, cross_val_score(RidgeClassifier(), X, y, cv=k_folds(50, folds, seed=3)))
    assert 0 < ours.mean() < 1


def test_grid_compares_values_on_the_same_folds(blobs):
    X, y = blobs
    result = grid(lambda alpha: Ridge(alpha=alpha), [0.1, 1e6], X, y, folds=3, seed=1)
    assert list(result) == [0.1, 1e6]
    for alpha, accuracies in result.items():
        assert_array_equal(
            accuracies, cross_validate(lambda alpha=alpha: Ridge(alpha=alpha), X, y, folds=3, seed=1)
        )


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1))
def test_accuracy_is_that_of_scikit_learn(pairs):
    predicted, labels = np.array(pairs).T
    assert_allclose(accuracy(predicted, labels), accuracy_score(labels, predicted))


def test_bad_input_is_named(blobs):
    X, y = blobs
    for folds in (0, 1, 51):
        with pytest.raises(ValueError, match=f"folds: expected a whole number from 2 to 50.*got {folds}"):
            cross_validate(Ridge, X, y, folds=folds)
    with pytest.raises(ValueError, match="y: expected shape"):
        cross_validate(Ridge, X, y[:-1])
    with pytest.raises(ValueError, match="predicted: expected one label"):
        accuracy(np.zeros(3), np.zeros(4))
    with pytest.raises(ValueError, match="predicted: expected one label"):
        accuracy(np.zeros(0), np.zeros(0))
