"""`check_gradients` called in ways in which it cannot work: each is answered in the course's words."""

import math

import numpy as np
import pytest

from lib import nn
from lib.gradient_check import check_gradients

X = np.random.default_rng(0).standard_normal((4, 3))


def loss(x):
    return (x**2).sum()


@pytest.mark.parametrize(
    ("target", "gradient", "message"),
    [
        (loss, 2 * X, r"gradient: expected a function, got float64 \(4, 3\); write gradient=lambda x: …"),
        (loss, "2x", "gradient: expected a function, got '2x'; write gradient=lambda"),
        (
            np.square,
            lambda x: 2 * x,
            r"a function of \(x, grad_output\), since the output is an array, got one of",
        ),
        (
            loss,
            lambda x, g: 2 * x,
            r"a function of x alone, since the output is one number, got one of \(x, g\)",
        ),
        (loss, lambda: 2 * X, r"gradient: expected a function of x alone, .* got one of \(\)"),
        (
            lambda x, y: x * y,
            None,
            r"module_or_function: expected a function of x alone, got one of \(x, y\)",
        ),
        (lambda: 1, lambda x: x, r"module_or_function: expected a function of x alone, got one of \(\)"),
        (
            lambda x: (2 * x, loss(x)),
            None,
            r"got \(float64 \(4, 3\), .*\); they are exchanged: return the loss",
        ),
        (lambda x: [loss(x), 2 * x], None, r"expected a function that returns \(loss, gradient\)"),
        (loss, None, r"got 5\.9\d+; for two functions use check_gradients\(function, x, gradient=\.\.\.\)"),
    ],
)
def test_a_wrong_call_is_answered_by_what_to_write(target, gradient, message):
    with pytest.raises(ValueError, match=message):
        check_gradients(target, X, gradient=gradient)


def test_functions_of_pythons_other_kinds_are_taken():
    assert check_gradients(np.tanh, X, gradient=lambda *both: both[1] / np.cosh(both[0]) ** 2).ok
    assert check_gradients(lambda x, p=2: (x**p).sum(), X, gradient=lambda x, p=2: p * x ** (p - 1)).ok


# --- causes that are none


def test_rounding_is_no_penalty():
    report = check_gradients(lambda w: (0 * w.sum(), 4e-12 * w), X)
    assert "penalty" not in str(report)
    one = check_gradients(lambda w: ((w**4).sum(), np.where(w == X[1, 2], 0.3, 4 * w**3)), X)
    assert "penalty" not in str(one)
    assert "the extra term 0.001 · w" in str(
        check_gradients(lambda w: ((w**4).sum(), 4 * w**3 + 1e-3 * w), X)
    )


@pytest.mark.parametrize(
    ("factor", "words"),
    [
        (3, "1/N of a mean over axis 1, N = 3?"),
        (4, "1/N of a mean over N = 4 examples?"),
        (12, "1/N of a mean over all N = 12 elements?"),
        (7, "7 times the expected gradient: a factor of 7 too many, such as the missing 1/N of a mean?"),
        (1 / 4, "divided by N = 4 once too often, or a factor of 4 forgotten?"),
        (1 / 7, "1/7 of the expected gradient: divided by 7 once too often, or a factor of 7 forgotten?"),
    ],
)
def test_a_factor_is_named_by_what_there_are_so_many_of(factor, words):
    assert words in str(check_gradients(lambda x: ((x**4).sum(), factor * 4 * x**3), X))


@pytest.mark.parametrize(
    ("factor", "words"),
    [
        (4, "the missing 1/N of a mean over N = 4 examples?"),
        (2.0**-2, "divided by N = 4 once too often"),
        (5, "5 times the expected gradient: a factor of 5 too many, such as the missing 1/N"),
        (0.2, "1/5 of the expected gradient: divided by 5 once too often"),
    ],
)
def test_a_factor_in_a_layers_weights_is_named_by_the_examples_it_was_given(factor, words):
    class Off(nn.Linear):
        def acc_grad_parameters(self, x, grad_output, scale=1.0):
            super().acc_grad_parameters(x, grad_output, scale * factor)

    assert words in str(check_gradients(Off(3, 5, seed=0).double(), X))


def softmax(x):
    powers = np.exp(x - x.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


@pytest.mark.parametrize(
    ("function", "gradient", "words"),
    [
        (
            softmax,
            lambda x, g: g * softmax(x) * (1 - softmax(x)),
            "only the diagonal: each output depends on",
        ),
        (np.cumsum, lambda x, g: g.reshape(x.shape), "WRONG"),
        (lambda x: np.cumsum(x, axis=1), lambda x, g: g.copy(), "only the diagonal"),
        (sigmoid, lambda x, g: g * x * (1 - x), "x stands where the output belongs"),
        (np.tanh, lambda x, g: g * (1 - x**2), "x stands where the output belongs"),
        (np.exp, lambda x, g: g * x, "x stands where the output belongs"),
        (np.tanh, lambda x, g: 1.0005 * g / np.cosh(x) ** 2, "off by the constant factor 1.0005"),
    ],
)
def test_a_part_of_the_gradient_and_x_for_the_output_are_named(function, gradient, words):
    assert words in str(check_gradients(function, X, gradient=gradient))


def test_only_one_example_is_named():
    weight = np.random.default_rng(1).standard_normal((2, 3))
    for k in (0, 3):
        report = check_gradients(lambda w: X @ w.T, weight, gradient=lambda w, g, k=k: np.outer(g[k], X[k]))
        assert f"only example {k} of the 4 counts: sum over all" in str(report)


def test_a_wrong_report_shows_the_shape():
    assert "gradient in x: WRONG, shape (4, 3)" in str(check_gradients(lambda x: (loss(x), x), X))


def test_a_wrong_gradient_at_the_edge_of_a_domain_is_reported():
    def arc_sine(x):
        return np.array([[math.asin(value) for value in row] for row in x])

    x = np.array([[0.5, 0.2], [1 - 1e-7, 0.1]])
    report = check_gradients(arc_sine, x, gradient=lambda x, g: g * np.cos(x))
    assert report.verdict == "WRONG"
