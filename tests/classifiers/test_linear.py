"""Linear classifiers find the optimum that scikit-learn finds, from raw pixels, and say what went wrong."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.linear_model import LogisticRegression
from sklearn.linear_model import Ridge as SklearnRidge
from sklearn.svm import SVC

from lib.classifiers import LeastSquares, LinearSVM, SoftmaxClassifier, accuracy
from lib.classifiers.scaling import mean_and_scale
from lib.optim import Adam, schedules

CLASSIFIERS = [SoftmaxClassifier, LinearSVM, LeastSquares]


@pytest.fixture(scope="module")
def pixels():
    """300 images of 12 bytes in three classes that overlap; the last pixel is always black."""
    rng = np.random.default_rng(0)
    y = rng.integers(0, 3, 300)
    X = 120 + 25 * rng.standard_normal((3, 12))[y] + 40 * rng.standard_normal((300, 12))
    X[:, -1] = 0
    return np.clip(X, 0, 255).astype(np.uint8), y


def scaled(X):
    mean, scale = mean_and_scale(X, np.float64)
    return (X - mean) / scale


@pytest.mark.parametrize("reg", [1e-4, 1e-2, 1.0])
def test_exact_least_squares_is_the_ridge_regression_of_scikit_learn(pixels, reg):
    X, y = pixels
    ours = LeastSquares(solver="exact", reg=reg).train(X.astype(np.float64), y)
    theirs = SklearnRidge(alpha=reg * len(X)).fit(scaled(X), np.eye(3)[y])
    assert_allclose(ours.scores(X), theirs.predict(scaled(X)), rtol=1e-9, atol=1e-10)


@pytest.mark.parametrize("count", [300, 7])  # with 7 examples many W are perfect: the shortest is taken
def test_exact_least_squares_without_penalty_is_that_of_lstsq(pixels, count):
    X, y = pixels[0][:count].astype(np.float64), pixels[1][:count]
    ours = LeastSquares(solver="exact", reg=0, classes=3).train(X, y)
    targets = np.eye(3)[y]
    W = np.linalg.lstsq(scaled(X), targets - targets.mean(axis=0))[0]
    assert_allclose(ours.scores(X), scaled(X) @ W + targets.mean(axis=0), rtol=1e-7, atol=1e-8)
    _, scale = mean_and_scale(X)
    assert_allclose(ours.W, W.T / scale, rtol=1e-6, atol=1e-9)


def test_descent_ends_where_the_exact_solution_is(pixels):
    X, y = pixels
    exact = LeastSquares(solver="exact", reg=1e-3).train(X, y)
    descent = LeastSquares(reg=1e-3, epochs=1500, batch_size=300, learning_rate=0.5).train(X, y)
    assert_allclose(descent.scores(X), exact.scores(X), atol=1e-3)
    assert_allclose(descent.history["loss"][-1], exact.history["loss"][0], rtol=1e-5)


@pytest.mark.parametrize("reg", [1e-3, 1e-2])
def test_softmax_ends_at_the_logistic_regression_of_scikit_learn(pixels, reg):
    X, y = pixels
    ours = SoftmaxClassifier(reg=reg, epochs=1500, batch_size=300, learning_rate=1.0).train(
        X.astype(np.float64), y
    )
    theirs = LogisticRegression(C=1 / (2 * reg * len(X)), tol=1e-10, max_iter=5000).fit(scaled(X), y)
    expected = theirs.decision_function(scaled(X))
    scores = ours.scores(X)
    center = lambda s: s - s.mean(axis=1, keepdims=True)  # noqa: E731 (adding one number to all scores changes nothing)
    assert_allclose(center(scores), center(expected), atol=1e-4)


def test_the_linear_svm_of_two_classes_is_that_of_scikit_learn(pixels):
    X, y = pixels[0][pixels[1] < 2].astype(np.float64), pixels[1][pixels[1] < 2]
    reg = 1e-2
    ours = LinearSVM(reg=reg, epochs=4000, batch_size=len(X), learning_rate=0.3).train(X, y)
    theirs = SVC(kernel="linear", C=1 / (reg * len(X)), tol=1e-8).fit(scaled(X), y)
    scores = ours.scores(X)
    assert_allclose(scores[:, 1] - scores[:, 0], theirs.decision_function(scaled(X)), atol=0.01)


@pytest.mark.parametrize("make", CLASSIFIERS)
def test_raw_pixels_are_learned_with_the_settings_as_they_are(make, pixels):
    X, y = pixels
    X.flags.writeable = False  # as a memory map is
    model = make(epochs=30).train(X, y, validation=(X[:100], y[:100]))
    assert accuracy(model.predict(X), y) > 0.6
    assert model.W.shape == (3, 12)
    assert model.b.shape == (3,)
    assert model.W.dtype == model.b.dtype == np.float32
    assert_allclose(model.scores(X), X @ model.W.T + model.b, rtol=1e-5, atol=1e-5)
    assert_array_equal(model.predict(X), model.scores(X).argmax(axis=1))
    assert {name: len(values) for name, values in model.history.items()} == {
        "loss": 30,
        "train_accuracy": 30,
        "validation_accuracy": 30,
    }
    assert model.history["loss"][-1] < model.history["loss"][0]
    assert model.history["validation_accuracy"][-1] == accuracy(model.predict(X[:100]), y[:100])


@pytest.mark.parametrize("make", CLASSIFIERS)
def test_a_seed_decides_everything(make, pixels):
    first, again, other = (make(seed=seed, epochs=2).train(*pixels).W for seed in (1, 1, 2))
    assert_array_equal(first, again)
    assert (first != other).any()


@pytest.mark.parametrize("make", CLASSIFIERS)
@pytest.mark.parametrize("features", [2, 300])
def test_one_learning_rate_suits_few_and_many_features_of_any_unit(make, features):
    rng = np.random.default_rng(features)
    y = rng.integers(0, 3, 200)
    X = (
        rng.standard_normal((3, features))[y] * 3 + rng.standard_normal((200, features))
    ) * 10.0 ** rng.integers(-6, 6, features)
    assert accuracy(make(epochs=20).train(X, y).predict(X), y) > 0.9


def test_an_l1_penalty_silences_useless_features():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((400, 10))
    y = (X[:, 0] > 0).astype(int)
    size = {
        penalty: np.abs(SoftmaxClassifier(reg=0.02, penalty=penalty, epochs=200).train(X, y).W).max(axis=0)
        for penalty in ("l1", "elastic", "l2")
    }
    assert size["l1"][1:].max() < 0.01 * size["l1"][0]
    assert size["elastic"][1:].max() < 0.01 * size["elastic"][0]
    assert size["l2"][1:].max() > 0.01 * size["l2"][0]


def test_optimizer_and_schedule_can_be_chosen(pixels):
    X, y = pixels
    model = SoftmaxClassifier(optimizer=Adam, learning_rate=schedules.constant(0.05), epochs=30).train(X, y)
    assert accuracy(model.predict(X), y) > 0.6


def test_the_margin_reaches_the_loss(pixels):
    model = LinearSVM(margin=3.0, learning_rate=1e-12, epochs=1).train(*pixels)
    assert_allclose(
        model.history["loss"][0], 2 * 3.0, rtol=1e-6
    )  # all scores are 0: each wrong class costs the margin


def test_classes_that_the_labels_lack(pixels):
    X, y = pixels
    model = SoftmaxClassifier(classes=5, epochs=1).train(X, y)
    assert model.scores(X).shape == (300, 5)
    with pytest.raises(ValueError, match="y: expected labels 0 to 1, got 2"):
        SoftmaxClassifier(classes=2).train(X, y)


@pytest.mark.parametrize("make", CLASSIFIERS)
def test_predictions_in_chunks_are_those_at_once(make, pixels):
    X, y = pixels
    many = np.tile(X, (30, 1))  # more rows than are converted at a time
    model = make(epochs=2).train(X, y)
    assert_array_equal(model.predict(many), np.tile(model.predict(X), 30))


def test_a_loss_that_explodes_says_so(pixels):
    with (
        np.errstate(all="raise"),
        pytest.raises(FloatingPointError, match=r"lower learning_rate \(now 1000000.0\)"),
    ):
        LeastSquares(learning_rate=1e6, epochs=50).train(*pixels)


def test_the_progress_bar_shows_loss_and_accuracy(pixels, capsys):
    SoftmaxClassifier(epochs=2, progress=True).train(*pixels)
    shown = capsys.readouterr().err
    assert "2/2" in shown
    assert "loss=" in shown
    assert "train_accuracy=" in shown
    SoftmaxClassifier(epochs=2).train(*pixels)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("make", [*CLASSIFIERS, lambda **given: LeastSquares(solver="exact", **given)])
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((np.ones((4, 3, 2)), np.arange(4)), "X: expected one example a row"),
        ((np.ones((0, 3)), np.arange(0)), "X: expected at least one example"),
        ((np.full((4, 3), np.nan), np.arange(4)), "X: expected finite numbers"),
        ((np.ones((4, 3)), np.arange(5)), "y: expected shape"),
        ((np.ones((4, 3)), np.arange(4) - 1), "y: expected labels 0 and up, got -1"),
        ((np.ones((4, 3)), np.arange(4) / 2), "y: expected integers"),
    ],
)
def test_bad_examples_are_named(make, arguments, message):
    with pytest.raises(ValueError, match=message):
        make().train(*arguments)


@pytest.mark.parametrize("make", CLASSIFIERS)
def test_bad_validation_and_prediction_are_named(make, pixels):
    X, y = pixels
    with pytest.raises(ValueError, match="model: expected a trained one"):
        make().predict(X)
    with pytest.raises(ValueError, match="validation X: expected 12 features"):
        make().train(X, y, validation=(X[:, :5], y))
    with pytest.raises(ValueError, match="validation y: expected labels 0 to 2, got 3"):
        make().train(X, y, validation=(X, y + 1))
    with pytest.raises(ValueError, match="X: expected 12 features"):
        make(epochs=1).train(X, y).predict(X[:, :5])


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"reg": -1}, "reg: expected a number of at least 0, got -1"),
        ({"epochs": 0}, "epochs: expected a whole number of at least 1, got 0"),
        ({"batch_size": 0}, "batch_size: expected a whole number of at least 1, got 0"),
        ({"classes": 0}, "classes: expected a whole number of at least 1, got 0"),
        ({"penalty": "l3"}, "penalty: expected .*got .l3."),
        ({"solver": "magic"}, "solver: expected .sgd. or .exact., got .magic."),
        ({"solver": "exact", "penalty": "l1"}, "penalty: expected .*got .l1."),
        ({"learning_rate": 0}, "learning_rate: expected .*, got 0"),
    ],
)
def test_bad_settings_are_named(settings, message, pixels):
    with pytest.raises(ValueError, match=message):
        LeastSquares(**settings).train(*pixels)
