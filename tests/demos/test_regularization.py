"""The paths of the regularisation demo against scikit-learn's solvers."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.linear_model import ElasticNet, Lasso, Ridge

from data_loaders import Dataset, Split
from lib.demos.regularization import (
    BETA,
    EXPONENTS,
    PENALTIES,
    RegularizationDemo,
    compute,
    paths,
    shrink,
    solve,
)

STRENGTHS = np.array([0.03, 1.0, 0.001, 0.3])  # in no order


def theirs(penalty, strength, count):
    """scikit-learn's form of 1/N Σ (s − t)² + λ R(W)."""
    exact = {"fit_intercept": False, "tol": 1e-12}
    if penalty == "l2":
        return Ridge(alpha=count * strength, **exact)
    if penalty == "l1":
        return Lasso(alpha=strength / 2, max_iter=100_000, **exact)
    total = strength / 2 + BETA * strength
    return ElasticNet(alpha=total, l1_ratio=strength / 2 / total, max_iter=100_000, **exact)


@pytest.mark.parametrize("penalty", PENALTIES)
def test_solve_finds_the_weights_that_sklearn_finds(penalty):
    rng = np.random.default_rng(0)
    X, Y = rng.standard_normal((40, 12)), rng.standard_normal((40, 3))
    weights = solve(X.T @ X / 40, Y.T @ X / 40, penalty, STRENGTHS, steps=3000)

    for strength, W in zip(STRENGTHS, weights, strict=True):
        assert_allclose(W, theirs(penalty, strength, 40).fit(X, Y).coef_, atol=1e-7)


def random_set(count=60):
    rng = np.random.default_rng(1)
    labels = np.arange(count) % 3
    images = rng.integers(0, 200, (count, 3, 32, 32)).astype(np.uint8)
    images += (20 * labels[:, None, None, None]).astype(np.uint8)
    split = Split(images, labels)
    return Dataset("Noise", split, split[:1], ("dark", "medium", "light"))


@pytest.fixture(scope="module")
def found():
    return paths(random_set(), 40)


def test_shrink_takes_the_mean_of_four_pixels():
    images = random_set().train.images
    small = shrink(images).reshape(-1, 3, 16, 16)
    assert_allclose(small[5, 2, 7, 11], images[5, 2, 14:16, 22:24].mean() / 255, rtol=1e-6)
    assert small.shape == (60, 3, 16, 16)


def test_a_path_has_an_accuracy_for_each_strength(found):
    data = random_set()
    assert set(found) == set(PENALTIES)
    path = found["l2"]
    assert path.weights.shape == (len(EXPONENTS), 3, 768)

    order = np.random.default_rng(0).permutation(60)
    images, labels = shrink(data.train.images)[order], data.train.labels[order]
    (X, T), (y, t) = np.split(images, [40]), np.split(labels, [40])
    mean, scale = X.mean(axis=0), X.std()
    model = Ridge(alpha=40 * path.strengths[8]).fit((X - mean) / scale, np.eye(3)[y])
    assert_allclose(path.weights[8], model.coef_, atol=1e-5)
    assert path.train_accuracy[8] == (model.predict((X - mean) / scale).argmax(axis=1) == y).mean()
    assert path.validation_accuracy[8] == (model.predict((T - mean) / scale).argmax(axis=1) == t).mean()


def test_compute_takes_the_nearest_stop(found):
    path = found["l1"]
    state = compute(path, "l1", 0.012)
    assert state.strength == pytest.approx(0.01)
    assert state.zeros == np.mean(path.weights[state.at] == 0)
    assert state.size == pytest.approx(float((path.weights[state.at] ** 2).sum()))
    assert np.abs(state.templates).max() <= 1
    assert compute(path, "l1", 100.0).zeros == 1.0


@pytest.mark.parametrize("strength", [0.0, -1.0, np.nan])
def test_a_strength_that_is_not_positive_is_refused(strength, found):
    with pytest.raises(ValueError, match=r"strength: expected a (finite )?number above 0"):
        compute(found["l2"], "l2", strength)
    with pytest.raises(ValueError, match="strengths: expected finite numbers above 0"):
        solve(np.eye(2), np.ones((1, 2)), "l1", [strength])


def test_an_unknown_penalty_is_refused():
    with pytest.raises(ValueError, match=r"^penalty: expected .*got 'l3'"):
        solve(np.eye(2), np.ones((1, 2)), "l3", [1.0])


@pytest.fixture(scope="module")
def demo():
    return RegularizationDemo(random_set(), count=40)


def test_no_test_image_chooses_the_strength(found):
    """Row "regularisation demo picks λ on test images" of classroom.md."""
    data = random_set()
    other = Dataset("Other", data.train, Split(255 - data.train.images, data.train.labels), data.classes)
    assert_array_equal(paths(other, 40)["l2"].validation_accuracy, found["l2"].validation_accuracy)


def test_the_dot_moves_the_strength_and_stands_on_the_curve_of_the_validation_images(demo):
    demo.set(**demo.start)
    for x, expected in ((0.4, 10**-0.5), (1e-9, 1e-4), (-1, 1e-4), (7e5, 100.0), (0.01, 0.01)):
        values = demo.dot.dragged(demo, 0, x, 50.0)
        assert values == {"strength": pytest.approx(expected)}
        demo.set(**values)
        (mark,) = demo.dot.marks(demo)
        assert (mark.x, mark.y, mark.drag) == (*demo.here[1].get_xydata()[0], "x")
        at = np.abs(np.log10(mark.x) - EXPONENTS).argmin()
        assert mark.y == 100 * demo.paths["l2"].validation_accuracy[at]
    demo.set(strength=0.01)
    assert demo.dot.stepped(demo, 0, 1, 0) == {"strength": pytest.approx(10**-1.5)}
    assert demo.dot.stepped(demo, 0, -2, 0) == {"strength": pytest.approx(1e-3)}


def test_it_says_what_the_strength_does(demo):
    demo.set(penalty="l1", strength=100.0)
    labels = random_set().train.labels[np.random.default_rng(0).permutation(60)]
    share = np.mean(labels[40:] == np.bincount(labels[:40]).argmax())  # all that is left is the bias
    assert demo.said().startswith("L1 with λ = 100: right on ")
    assert f"{100 * share:.0f}\xa0% of the validation images" in demo.said()
    assert demo.said().endswith("ΣW² = 0, and 100\xa0% of the weights are 0.")
    demo.set(penalty="l2", strength=1e-4)
    assert demo.said().startswith("L2 with λ = 0.0001: right on 100\xa0% of the training images")
    assert demo.said().endswith(" 0\xa0% of the weights are 0.")


def test_the_templates_leave_the_columns_of_the_controls_alone(demo):
    """Row "regularisation demo at any width" of faults.md: `self.columns = 5` made tracks of 0 px."""
    assert demo.columns == RegularizationDemo.columns == 0
    demo.fit(330, 700)
    assert demo.columns == 0
    demo.fit(816, 400)
