"""Whatever a classifier is given: it works, or a sentence names the argument, what is taken and what came."""

import numpy as np
import pytest

from lib.checks import check_choice, check_number, check_switch, check_whole, shown
from lib.classifiers import (
    KNearestNeighbors,
    LeastSquares,
    LinearSVM,
    NearestNeighbor,
    SoftmaxClassifier,
    accuracy,
    cross_entropy,
    cross_validate,
    grid,
    hinge,
    hinge_loss,
    k_folds,
    penalize,
    softmax,
    softmax_loss,
    squared_error,
    squared_loss,
)
from lib.optim import SGD, Adam

X, y = np.random.default_rng(0).standard_normal((12, 4)), np.arange(12) % 3
W = np.ones((3, 4))
LINEAR = (LinearSVM, SoftmaxClassifier, LeastSquares)

NO_NUMBERS = ["10", None, [1], (2,), {}, np.ones(2), 1j, slice(2), True, np.bool_(1), b"1", int, "", float]
NOT_FINITE = [np.nan, np.inf, -np.inf, np.float32("nan"), 10**400]
NUMBERS = {  # argument: what else is wrong for it
    "reg": [-1, -0.1, np.float32(-1)],
    "beta": [-1],
    "margin": [-1, np.int8(-3)],
    "learning_rate": [0, -1, 0.0, np.float64(-0.1)],
}
COUNTS = {"epochs": [0, -1], "batch_size": [0, -5], "classes": [0, -1], "seed": [-1]}
NO_COUNTS = [*NO_NUMBERS, np.nan, np.inf, np.float32("nan"), 2.5, 3.0, np.float64(2)]


def allowed_none(name):
    return name in ("learning_rate", "classes")


def wrong_settings():
    for name, values in NUMBERS.items():
        for value in [*NO_NUMBERS, *NOT_FINITE, *values]:
            if not (value is None and allowed_none(name)) and not (
                name == "learning_rate" and callable(value)
            ):
                yield name, value
    for name, values in COUNTS.items():
        for value in [*NO_COUNTS, *values]:
            if not (value is None and allowed_none(name)):
                yield name, value
    for value in ("l3", "L2", "", None, 1, ["l2"], np.ones(2), b"l2"):
        yield "penalty", value
    for value in ("yes", None, 0, 1, [], np.ones(2)):
        yield "progress", value
    for value in ("adam", None, 0.1, SGD(0.1), list, [Adam], lambda: Adam(1), lambda rate: rate):
        yield "optimizer", value


@pytest.mark.parametrize(("name", "value"), list(wrong_settings()), ids=lambda part: shown(part)[:25])
def test_a_wrong_setting_of_a_linear_classifier_is_named(name, value):
    for make in [LinearSVM] if name == "margin" else LINEAR:
        with pytest.raises(ValueError, match=rf"^{name}: expected .*, got ") as error:
            make(**{name: value})
        assert len(str(error.value)) < 200


@pytest.mark.parametrize("make", LINEAR)
def test_numpy_scalars_are_numbers_like_others(make):
    given = {"reg": np.float32(0.5), "epochs": np.int64(2), "batch_size": np.uint8(5), "seed": np.int16(1)}
    like = {"reg": 0.5, "epochs": 2, "batch_size": 5, "seed": 1}
    one, other = (make(**settings).train(X, y) for settings in (given, like))
    np.testing.assert_array_equal(one.W, other.W)
    assert type(one.reg) is float
    assert type(one.epochs) is int
    assert LinearSVM(margin=np.float64(2)).margin == LinearSVM(margin=2).margin == 2.0


@pytest.mark.parametrize("value", [*NO_COUNTS, 0, -1], ids=shown)
def test_a_wrong_k_is_named(value):
    trained = KNearestNeighbors(2).train(X, y)
    calls = [lambda: KNearestNeighbors(value)]
    if value is not None:
        calls += [
            lambda: trained.predict(X, k=value),
            lambda: trained.neighbors(X, k=value),
            lambda: trained.predict(X, threads=value),
        ]
    for call in calls:
        least = "expected a whole number (of at least|from) 1.*, got "
        with pytest.raises(ValueError, match=f"^(k|threads): {least}"):
            call()


@pytest.mark.parametrize("value", ["l3", "L1", None, 1, ["l1"], np.ones(2), ("l1", "l2")], ids=shown)
def test_a_wrong_metric_is_named(value):
    for make in (KNearestNeighbors, NearestNeighbor):
        with pytest.raises(ValueError, match=r"^metric: expected 'l1' or 'l2', got "):
            make(metric=value)


def test_a_wrong_progress_is_named():
    with pytest.raises(ValueError, match=r"^progress: expected True or False, got 'yes'"):
        KNearestNeighbors(1).train(X, y).predict(X, progress="yes")


WRONG_X = {
    "one row": (
        X[0],
        r"X: expected one example a row, shape \(N, D\), got shape \(4,\); one example is X\[None\]",
    ),
    "images": (np.ones((12, 3, 2, 2)), r"X: expected .*got shape \(12, 3, 2, 2\); images become rows"),
    "one number": (np.float64(1), r"X: expected one example a row.*got shape \(\)"),
    "None": (None, "X: expected numbers, got dtype object"),
    "words": (np.full((12, 4), "a"), "X: expected numbers, got dtype <U1"),
    "booleans": (X > 0, r"X: expected numbers, got dtype bool; convert with np.asarray\(X, np.float32\)"),
    "complex": (X + 1j, "X: expected numbers, got dtype complex128"),
    "ragged": ([[1, 2], [3]], "X: expected rows of one length, got a ragged list"),
    "nan": (
        np.where(np.arange(48).reshape(12, 4) == 6, np.nan, X),
        r"X: expected finite .*got nan at \[1, 2\]",
    ),
    "infinite": (X * np.inf, "X: expected finite numbers, got -?inf at"),
    "empty": (X[:0], "X: expected at least one example"),
    "no features": (X[:, :0], "X: expected at least one example"),
}
WRONG_Y = {
    "one-hot": (
        np.eye(3)[y],
        r"y: expected shape \(12,\).*one-hot rows become labels with y.argmax\(axis=1\)",
    ),
    "column": (y[:, None], r"y: expected shape \(12,\).*got \(12, 1\); y.ravel\(\)"),
    "too few": (y[:5], r"y: expected shape \(12,\), one label an example, got \(5,\)"),
    "floats": (y / 1.0, r"y: expected integers, got dtype float64; convert with y.astype\(np.int64\)"),
    "nan": (np.where(y == 1, np.nan, y), r"y: expected finite numbers, got nan at \[1\]"),
    "words": (["cat"] * 12, "y: expected integers, got dtype <U3"),
    "negative": (y - 1, r"y: expected labels 0 and up, got -1 at \[0\]"),
    "None": (None, r"y: expected shape \(12,\)"),
    "booleans": (y > 0, "y: expected integers, got dtype bool"),
}
CLASSIFIERS = {
    "neighbours": lambda: KNearestNeighbors(1),
    "softmax": lambda: SoftmaxClassifier(epochs=1),
    "svm": lambda: LinearSVM(epochs=1),
    "least squares": lambda: LeastSquares(epochs=1),
    "exact": lambda: LeastSquares(solver="exact"),
}


@pytest.mark.parametrize("make", CLASSIFIERS.values(), ids=CLASSIFIERS)
@pytest.mark.parametrize("kind", WRONG_X)
def test_wrong_examples_are_named_in_training_and_prediction(make, kind):
    wrong, message = WRONG_X[kind]
    with pytest.raises(ValueError, match="^" + message):
        make().train(wrong, y)
    trained = make().train(X, y)
    with pytest.raises(ValueError, match="^" + message):
        trained.predict(wrong)


@pytest.mark.parametrize("make", CLASSIFIERS.values(), ids=CLASSIFIERS)
@pytest.mark.parametrize("kind", WRONG_Y)
def test_wrong_labels_are_named(make, kind):
    wrong, message = WRONG_Y[kind]
    with pytest.raises(ValueError, match="^" + message):
        make().train(X, wrong)


@pytest.mark.parametrize("make", CLASSIFIERS.values(), ids=CLASSIFIERS)
def test_lists_are_taken(make):
    listed = make().train(X.tolist(), y.tolist())
    np.testing.assert_array_equal(listed.predict(X.tolist()), make().train(X, y).predict(X))


@pytest.mark.parametrize("given", [7, "Xy", (X,), (X, y, y), None.__class__], ids=shown)
def test_a_validation_that_is_no_pair_is_named(given):
    with pytest.raises(ValueError, match=r"^validation: expected a pair \(X, y\), got "):
        SoftmaxClassifier(epochs=1).train(X, y, validation=given)


@pytest.mark.parametrize("loss", [softmax_loss, hinge_loss, squared_loss])
@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (
            (W.T, X, y),
            r"W: expected \(classes, D\) = \(classes, 4\), got \(4, 3\); where each column is a class, W\.T",
        ),
        ((np.ones((3, 5)), X, y), r"W: expected .*got \(3, 5\); for the bias trick append a 1"),
        ((W[0], X, y), r"W: expected .*got \(4,\); weights of one class are W\[None\]"),
        ((W[:0], X, y), r"W: expected .*got \(0, 4\)"),
        ((np.float64(1), X, y), r"W: expected .*got \(\)"),
        ((None, X, y), "W: expected numbers, got dtype object"),
        ((W * np.nan, X, y), r"W: expected finite numbers, got nan at \[0, 0\]"),
        ((W, X[0], y), r"X: expected one example a row.*X\[None\]"),
        ((W, X, np.eye(3)[y]), r"y: expected shape \(12,\).*argmax"),
        ((W, X, y + 1), r"y: expected labels 0 to 2, got 3 at \[2\]"),
        ((W, X, y, "0.1"), "reg: expected a number of at least 0, got '0.1'"),
        ((W, X, y, -1), "reg: expected a number of at least 0, got -1"),
        ((W, X, y, np.nan), "reg: expected a finite number of at least 0, got nan"),
    ],
)
def test_a_wrong_argument_of_a_loss_is_named(loss, wrong, message):
    with pytest.raises(ValueError, match="^" + message):
        loss(*wrong)
    value, gradient = loss(W.tolist(), X.tolist(), y.tolist(), np.float32(0.5))
    assert value == loss(W, X, y, 0.5)[0]
    assert gradient.shape == W.shape


@pytest.mark.parametrize("value", [*NO_NUMBERS, *NOT_FINITE, -1], ids=shown)
def test_a_wrong_margin_of_a_loss_is_named(value):
    for call in (lambda: hinge(X @ W.T, y, value), lambda: hinge_loss(W, X, y, margin=value)):
        with pytest.raises(ValueError, match=r"^margin: expected a (finite )?number of at least 0, got "):
            call()


@pytest.mark.parametrize("loss", [cross_entropy, hinge, squared_error])
def test_wrong_scores_are_named(loss):
    for wrong in (None, "abc", np.full((12, 3), "a"), X > 0, X[0], X[:0], [[1, 2], [3]]):
        with pytest.raises(ValueError, match=r"^scores: expected "):
            loss(wrong, y)
    assert loss((X @ W.T).tolist(), y.tolist())[0] == loss(X @ W.T, y)[0]


@pytest.mark.parametrize("kind", [np.uint8, np.int8, np.int64, np.float16, np.float32, np.float64, list])
def test_softmax_takes_numbers_of_every_type(kind):
    scores = [1, 2, 3] if kind is list else np.array([1, 2, 3], kind)
    np.testing.assert_allclose(softmax(scores), [0.09003057, 0.24472847, 0.66524096], rtol=1e-6)


def test_softmax_names_what_it_cannot_take():
    for wrong in (None, "abc", 3.0, [], np.zeros((2, 0)), [True, False]):
        with pytest.raises(ValueError, match=r"^scores: expected "):
            softmax(wrong)


def test_a_penalty_of_bytes_does_not_wrap_around():
    for kind in (np.uint8, np.int8, np.int64, np.float64):
        assert penalize(np.array([100, 100], kind))[0] == 20_000
        assert penalize([100, 100], "l1")[0] == 200
    with pytest.raises(ValueError, match=r"^W: expected numbers"):
        penalize("W")


@pytest.mark.parametrize("value", [*NO_COUNTS, 0, 1, 13, -2], ids=shown)
def test_wrong_folds_are_named(value):
    for call in (lambda: k_folds(12, value), lambda: cross_validate(NearestNeighbor, X, y, folds=value)):
        with pytest.raises(
            ValueError, match=r"^folds: expected a whole number from 2 to 12, the number of ex"
        ):
            call()


def test_cross_validation_says_what_it_takes():
    with pytest.raises(
        ValueError, match=r"^make_classifier: expected what makes a new .*; write lambda: in front"
    ):
        cross_validate(NearestNeighbor(), X, y)
    with pytest.raises(ValueError, match=r"^make_classifier: expected that it returns an object with train"):
        cross_validate(dict, X, y)
    for values in (5, "l1", None):
        with pytest.raises(ValueError, match=r"^values: expected several values"):
            grid(KNearestNeighbors, values, X, y)
    with pytest.raises(ValueError, match=r"^make_classifier: expected a function of one value"):
        grid(KNearestNeighbors(), [1, 3], X, y)
    with pytest.raises(ValueError, match=r"^seed: expected a whole number"):
        k_folds(5, 2, seed="0")
    with pytest.raises(ValueError, match=r"^predicted: expected one label"):
        accuracy(3, 3)


@pytest.mark.parametrize("check", [check_number, check_whole, check_switch])
def test_a_check_shows_a_strange_value_in_few_letters(check):
    class Strange:
        def __repr__(self):
            raise RuntimeError

    for value in (Strange(), "x" * 10_000, list(range(10_000)), np.zeros((100, 100)), type("A" * 50, (), {})):
        with pytest.raises(ValueError, match=r"^n: expected .*, got ") as error:
            check(value, name="n")
        assert len(str(error.value)) < 130


def test_a_choice_lists_what_there_is():
    with pytest.raises(ValueError, match=r"^mode: expected 'a', 'b' or 'c', got 'd'$"):
        check_choice("d", {"a": 1, "b": 2, "c": 3}, name="mode")


@pytest.mark.parametrize("kind", [SoftmaxClassifier, LinearSVM])
@pytest.mark.parametrize(
    ("values", "named", "wrong"),
    [
        ((), {"lr": 0.1}, "lr: expected no argument of this name, got lr=0.1"),
        ((), {"epoch": 3}, "epoch: expected no argument of this name, got epoch=3"),
        ((), {"learningrate": 3}, "learningrate: expected no argument of this name, got learningrate=3"),
    ],
)
def test_a_wrong_call_names_the_class_that_was_called(kind, values, named, wrong):
    with pytest.raises(TypeError) as caught:
        kind(*values, **named)
    name = kind.__name__
    assert str(caught.value) == f"{name}: {wrong}; write {name}(learning_rate=0.1, epochs=10)"


def test_examples_that_may_be_columns_are_told_both_ways():
    trained = SoftmaxClassifier(epochs=1).train(np.eye(4), np.array([0, 1, 0, 1]))
    with pytest.raises(ValueError, match=r"^X: .*, got 7; where each column is an example, X\.T$"):
        trained.predict(np.ones((4, 7)))
