"""Box regression: targets and their inverse; ridge beside scikit-learn's, and at the bottom of its loss."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from random_boxes import boxes, read_only, uneven_boxes
from sklearn.linear_model import Ridge

from lib.detection.regression import BoxRegressor, regressed, regression_targets

RNG = np.random.default_rng
PROPOSAL = np.array([[0.0, 0, 10, 20]])


def examples(seed, count=40, features=6):
    """Features of very different sizes, and targets that follow from them with some noise."""
    rng = RNG(seed)
    sizes = 10.0 ** rng.integers(-3, 4, features)
    X = rng.normal(size=(count, features)) * sizes + rng.normal(size=features)
    slopes = rng.normal(size=(features, 4)) / sizes[:, None]
    return read_only(X, X @ slopes + rng.normal(size=(count, 4)) + rng.normal(size=4))


@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float32, 1e-3), (np.float64, 1e-11)])
@given(data=st.data())
def test_regressed_undoes_the_targets(dtype, tolerance, data):
    """The corners come back to a few roundings of the largest number in between, at most 300 pixels."""
    count = data.draw(st.integers(0, 6))
    proposals, objects = read_only(*(data.draw(uneven_boxes(count, dtype)) for _ in range(2)))
    targets = regression_targets(proposals, objects)
    back = regressed(proposals, targets)
    assert targets.dtype == back.dtype == dtype
    assert np.abs(back - objects).max(initial=0) <= tolerance


@given(st.integers(0, 6).flatmap(lambda n: st.tuples(uneven_boxes(n, np.float64), st.integers(0, 99))))
def test_the_targets_undo_regressed(case):
    proposals, seed = case
    targets = RNG(seed).uniform(-2, 2, (len(proposals), 4))
    read_only(proposals, targets)
    # A corner at 300 is rounded by 6e-14, of a side of 0.05 or more, exp(-2) times 0.5
    again = regression_targets(proposals, regressed(proposals, targets))
    assert np.abs(again - targets).max(initial=0) < 1e-11


@given(boxes(st.integers(0, 6)), st.sampled_from([1e-6, 0.5, 1e4]))
def test_targets_do_not_depend_on_the_unit_and_are_0_for_equal_boxes(found, factor):
    found = found.astype(np.float64)
    other = found + np.arange(1, 5)
    scaled = regression_targets(found * factor, other * factor)
    assert np.allclose(scaled, regression_targets(found, other), rtol=1e-9, atol=1e-9)
    assert (regression_targets(found, found) == 0).all()
    assert np.array_equal(regressed(found, np.zeros((len(found), 4))), found)


def test_targets_worked_out_by_hand():
    """The centre goes from (5, 10) to (6, 20), the width stays, the height doubles."""
    targets = regression_targets(PROPOSAL, [[1, 0, 11, 40]])
    assert targets == pytest.approx(np.array([[0.1, 0.5, 0, np.log(2)]]), abs=1e-15)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_change_of_size_has_an_end(dtype):
    """exp(1000) would be infinite."""
    wide, thin = (regressed(PROPOSAL.astype(dtype), np.array([[0, 0, t, 0]], dtype)) for t in (1000, -1000))
    assert wide[0] == pytest.approx([5 - 5000, 0, 5 + 5000, 20], rel=1e-5)
    assert thin[0] == pytest.approx([5 - 0.005, 0, 5 + 0.005, 20], rel=1e-5)


def test_whole_numbers_and_lists_are_taken():
    assert regressed([[0, 0, 10, 20]], [[1, 0, 0, 0]]).tolist() == [[10, 0, 20, 20]]
    assert regression_targets(np.array([[0, 0, 200, 200]], np.uint8), [[200, 0, 400, 200]]).tolist() == [
        [1, 0, 0, 0]
    ]


def test_there_may_be_no_boxes_to_move():
    assert regression_targets([], []).shape == (0, 4)
    assert regressed([], np.zeros((0, 4))).shape == (0, 4)


@pytest.mark.parametrize(
    ("call", "what"),
    [
        (lambda: regression_targets([[3, 0, 1, 1]], PROPOSAL), r"^proposals\[0\]: expected x1 < x2"),
        (lambda: regression_targets(PROPOSAL, [[0, 0, 1, np.nan]]), r"^objects\[0\]: expected x1 < x2"),
        (lambda: regression_targets(PROPOSAL, PROPOSAL[0]), "^objects: expected"),
        (lambda: regression_targets(PROPOSAL, []), "^objects: expected 1 boxes, one a proposal, got 0"),
        (lambda: regressed([[0, 0, 0, 1]], np.zeros((1, 4))), r"^proposals\[0\]: expected x1 < x2"),
        (lambda: regressed(PROPOSAL, np.zeros(4)), r"^targets: expected shape \(1, 4\)"),
        (lambda: regressed(PROPOSAL, np.zeros((2, 4))), r"^targets: expected shape \(1, 4\)"),
        (lambda: regressed(PROPOSAL, [[0, 0, np.inf, 0]]), "^targets: expected finite numbers, got inf"),
        (lambda: regressed(PROPOSAL, [[0, 0, np.nan, 0]]), "^targets: expected finite numbers, got nan"),
        (lambda: regressed(PROPOSAL, [["a", "b", "c", "d"]]), "^targets: expected numbers, got"),
        (lambda: regressed(PROPOSAL, [[1], [1, 2]]), "^targets: expected"),
    ],
)
def test_what_does_not_fit_the_boxes_is_named(call, what):
    with pytest.raises(ValueError, match=what):
        call()


@pytest.mark.parametrize("reg", [1e-3, 0.1, 10.0])
@pytest.mark.parametrize(("count", "features"), [(40, 6), (6, 40), (1, 3), (5, 1)])
def test_the_regressor_is_scikit_learn_s_ridge_on_standardised_features(count, features, reg):
    """Its loss is a sum over the examples, ours a mean: its α is N λ."""
    X, targets = examples(count, count, features)
    fresh = RNG(1).normal(size=(9, features)) * X.std(axis=0) + X.mean(axis=0)
    mean, deviation = X.mean(axis=0), np.where(X.std(axis=0) > 0, X.std(axis=0), 1)
    theirs = Ridge(alpha=reg * count).fit((X - mean) / deviation, targets)
    ours = BoxRegressor(reg).train(X, targets)
    expected = theirs.predict((fresh - mean) / deviation)
    assert np.abs(ours.predict(fresh) - expected).max() <= 1e-8 * max(1, np.abs(expected).max())


@pytest.mark.parametrize("reg", [1e-3, 0.1])
def test_the_regressor_is_at_the_bottom_of_its_loss(reg):
    """The slope of the loss in each number of W and b, by finite differences, is 0."""
    X, targets = examples(3, 30, 4)
    Z, net = (X - X.mean(axis=0)) / X.std(axis=0), BoxRegressor(reg).train(X, targets)
    W, b = net.W * X.std(axis=0)[:, None], net.b + X.mean(axis=0) @ net.W

    def loss(change):
        slopes, middle = W + change[:4], b + change[4]
        return np.sum((Z @ slopes + middle - targets) ** 2) / len(Z) + reg * np.sum(slopes**2)

    step = 1e-4
    for place in np.ndindex(5, 4):
        change = np.zeros((5, 4))
        change[place] = step
        assert abs(loss(change) - loss(-change)) / (2 * step) < 1e-8
        assert loss(change) > loss(np.zeros((5, 4)))  # a bottom, no top


def test_exact_targets_are_learnt_exactly_almost_without_a_penalty():
    X, _ = examples(7)
    slopes, middle = RNG(8).normal(size=(6, 4)) / X.std(axis=0)[:, None], np.arange(4.0)
    net = BoxRegressor(1e-12).train(X, X @ slopes + middle)
    assert np.allclose(net.predict(X), X @ slopes + middle, rtol=0, atol=1e-9)


@pytest.mark.parametrize("reg", [1e-6, 0.1])
@pytest.mark.parametrize("constant", [0.0, 1.0, 0.1, -3e5 / 7, 1e-30])
def test_a_constant_feature_changes_nothing(constant, reg):
    """The deviation of many 0.1 is 1e-17, not 0: the feature must not become a thousand times larger."""
    X, targets = examples(5)
    more = np.insert(X, 2, constant, axis=1)
    with_it, without = BoxRegressor(reg).train(more, targets), BoxRegressor(reg).train(X, targets)
    assert np.allclose(with_it.predict(more), without.predict(X), rtol=0, atol=1e-8)
    more[:, 2] += 1 + abs(constant)  # what never changed says nothing
    assert np.allclose(with_it.predict(more), without.predict(X), rtol=0, atol=1e-8)


@pytest.mark.parametrize("reg", [1e-9, 0.1])
def test_constant_features_and_targets_give_the_mean_of_the_targets(reg):
    targets = np.arange(12.0).reshape(3, 4)
    net = BoxRegressor(reg).train(np.full((3, 2), 0.1), targets)
    assert net.predict([[0.1, 0.1], [5, 5]]) == pytest.approx(np.tile(targets.mean(axis=0), (2, 1)))
    X, _ = examples(6)
    same = BoxRegressor(reg).train(X, np.tile(targets[0], (len(X), 1)))
    assert np.allclose(same.predict(X), targets[0], atol=1e-12)


def test_more_features_than_examples_fit_all_targets_where_the_penalty_is_small():
    X, targets = examples(9, 5, 30)
    assert np.allclose(BoxRegressor(1e-6).train(X, targets).predict(X), targets, rtol=0, atol=1e-5)


@pytest.mark.parametrize("dtype", [np.float32, np.int64, np.uint8])
def test_other_types_are_learnt_as_in_float64(dtype):
    rng = RNG(2)
    X, targets = rng.integers(0, 256, (30, 4)).astype(dtype), rng.integers(0, 9, (30, 4)).astype(dtype)
    net, same = BoxRegressor().train(X, targets), BoxRegressor().train(X.astype(float), targets.astype(float))
    assert np.array_equal(net.W, same.W)
    assert np.array_equal(net.b, same.b)


def test_of_no_features_no_targets_are_predicted():
    assert BoxRegressor().train(*examples(1)).predict(np.zeros((0, 6))).shape == (0, 4)


def test_it_may_learn_again_from_others():
    net, (X, targets) = BoxRegressor().train(*examples(1)), examples(2, 20, 3)
    assert np.array_equal(net.train(X, targets).W, BoxRegressor().train(X, targets).W)


X, TARGETS = examples(4)


@pytest.mark.parametrize(
    ("call", "what"),
    [
        (lambda: BoxRegressor(-1), "^reg: expected a number above 0, got -1"),
        (lambda: BoxRegressor(0), "^reg: expected a number above 0, got 0"),
        (lambda: BoxRegressor(np.nan), "^reg: "),
        (lambda: BoxRegressor().train(X[0], TARGETS), "^X: expected"),
        (lambda: BoxRegressor().train(X[:0], TARGETS[:0]), "^X: expected at least one example"),
        (lambda: BoxRegressor().train(X * np.nan, TARGETS), "^X: expected finite numbers"),
        (lambda: BoxRegressor().train(X, TARGETS[:-1]), "^targets: expected 40 rows, one an example, got 39"),
        (lambda: BoxRegressor().train(X, TARGETS[:, :3]), r"targets: expected shape \(N, 4\), got \(40, 3\)"),
        (lambda: BoxRegressor().train(X, TARGETS * np.inf), "^targets: expected finite numbers"),
        (lambda: BoxRegressor().train(X, TARGETS).predict(X[0]), r"^X: expected features of shape \(N, 6\)"),
        (lambda: BoxRegressor().train(X, TARGETS).predict(X[:, 1:]), "^X: expected features of shape"),
        (lambda: BoxRegressor().train(X, TARGETS).predict(X * np.nan), "^X: expected finite numbers"),
        (lambda: BoxRegressor().train(X, TARGETS).predict([[1], [1, 2]]), "^X: expected rows of one length"),
    ],
)
def test_what_does_not_fit_the_regressor_is_named(call, what):
    with pytest.raises(ValueError, match=what):
        call()


def test_before_training_it_says_so():
    with pytest.raises(RuntimeError, match=r"call train\(X, targets\) first"):
        BoxRegressor().predict(X)
