"""Losses and penalties against torch, value and every element of the gradient, on random geometry."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from lib.classifiers import (
    cross_entropy,
    hinge,
    hinge_loss,
    penalize,
    softmax,
    softmax_loss,
    squared_error,
    squared_loss,
)
from lib.gradient_check import check_gradients


def torch_hinge(scores, y, margin=1.0):
    """torch also averages over the classes."""
    return torch.nn.functional.multi_margin_loss(scores, y, margin=margin) * scores.shape[1]


def torch_squared(scores, y):
    """torch also averages over the classes."""
    targets = torch.nn.functional.one_hot(y, scores.shape[1]).to(scores.dtype)
    return torch.nn.functional.mse_loss(scores, targets) * scores.shape[1]


LOSSES = {
    "softmax": (cross_entropy, softmax_loss, torch.nn.functional.cross_entropy),
    "hinge": (hinge, hinge_loss, torch_hinge),
    "squared": (squared_error, squared_loss, torch_squared),
}
PENALTIES = {
    "l2": lambda W, beta: (W**2).sum(),
    "l1": lambda W, beta: W.abs().sum(),
    "elastic": lambda W, beta: (beta * W**2 + W.abs()).sum(),
}


@st.composite
def problems(draw):
    """W, X and y of a random size; some weights are exactly 0, where |W| has its kink."""
    N, D, classes = draw(st.integers(1, 7)), draw(st.integers(1, 6)), draw(st.integers(1, 5))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    W = rng.standard_normal((classes, D)) * rng.integers(0, 2, (classes, D))
    return W, rng.standard_normal((N, D)), rng.integers(0, classes, N)


@pytest.mark.parametrize("name", LOSSES)
@settings(deadline=None, max_examples=40)
@given(problem=problems())
def test_loss_and_gradient_in_the_scores_are_those_of_torch(name, problem):
    W, X, y = problem
    ours, _, reference = LOSSES[name]
    scores = torch.tensor(X @ W.T, requires_grad=True)
    expected = reference(scores, torch.tensor(y))
    expected.backward()

    loss, gradient = ours(X @ W.T, y)
    assert_allclose(loss, expected.item(), rtol=1e-12, atol=1e-14)
    assert_allclose(gradient, scores.grad.numpy(), rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("name", LOSSES)
@settings(deadline=None, max_examples=40)
@given(
    problem=problems(),
    reg=st.sampled_from([0.0, 0.3]),
    penalty=st.sampled_from([*PENALTIES]),
    beta=st.floats(0, 2),
)
def test_loss_with_penalty_and_gradient_in_W_are_those_of_torch(name, problem, reg, penalty, beta):
    W, X, y = problem
    _, ours, reference = LOSSES[name]
    weights = torch.tensor(W, requires_grad=True)
    expected = reference(torch.tensor(X) @ weights.T, torch.tensor(y)) + reg * PENALTIES[penalty](
        weights, beta
    )
    expected.backward()

    loss, gradient = ours(W, X, y, reg, penalty=penalty, beta=beta)
    assert_allclose(loss, expected.item(), rtol=1e-12, atol=1e-14)
    assert_allclose(gradient, weights.grad.numpy(), rtol=1e-12, atol=1e-13)


@settings(deadline=None, max_examples=30)
@given(problem=problems(), margin=st.floats(0.1, 5))
def test_hinge_margin_is_that_of_torch(problem, margin):
    W, X, y = problem
    weights = torch.tensor(W, requires_grad=True)
    expected = torch_hinge(torch.tensor(X) @ weights.T, torch.tensor(y), margin)
    expected.backward()
    loss, gradient = hinge_loss(W, X, y, margin=margin)
    assert_allclose(loss, expected.item(), rtol=1e-12, atol=1e-14)
    assert_allclose(gradient, weights.grad.numpy(), rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("penalty", PENALTIES)
def test_the_gradient_checker_agrees(name, penalty):
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((6, 4)), rng.integers(0, 3, 6)
    report = check_gradients(
        lambda W: LOSSES[name][1](W, X, y, 0.1, penalty=penalty), rng.standard_normal((3, 4))
    )
    report.raise_if_wrong()
    assert report.skipped == 0


@settings(deadline=None, max_examples=30)
@given(shift=st.sampled_from([0.0, 1e4, -1e4]), scale=st.sampled_from([1.0, 1e4]), seed=st.integers(0, 1000))
def test_softmax_and_its_loss_never_overflow(shift, scale, seed):
    rng = np.random.default_rng(seed)
    scores, y = rng.standard_normal((5, 4)) * scale + shift, rng.integers(0, 4, 5)
    tensor = torch.tensor(scores)
    assert_allclose(softmax(scores), torch.softmax(tensor, 1).numpy(), rtol=1e-9, atol=1e-300)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        loss, gradient = cross_entropy(scores, y)
    assert_allclose(
        loss, torch.nn.functional.cross_entropy(tensor, torch.tensor(y)).item(), rtol=1e-9, atol=1e-12
    )
    assert np.isfinite(gradient).all()


def test_the_worked_examples_of_the_decks():
    scores, cat = np.array([[3.2, 5.1, -1.7]]), np.array([0])
    assert_allclose(np.exp(scores).round(2), [[24.53, 164.02, 0.18]])
    assert_allclose(softmax(scores).round(2), [[0.13, 0.87, 0.00]])
    assert round(cross_entropy(scores, cat)[0], 2) == 2.04
    assert_allclose(hinge(scores, cat)[0], 2.9)
    assert penalize(np.full(4, 0.25))[0] < penalize(np.array([1.0, 0, 0, 0]))[0]


def test_float32_stays_float32_and_nothing_is_changed_in_place():
    rng = np.random.default_rng(0)
    W, X = rng.standard_normal((3, 4), np.float32), rng.standard_normal((5, 4), np.float32)
    y = rng.integers(0, 3, 5)
    copies = W.copy(), X.copy(), y.copy()
    for _, loss, _ in LOSSES.values():
        assert loss(W, X, y, 0.1)[1].dtype == np.float32
    for array, copy in zip((W, X, y), copies, strict=True):
        assert_array_equal(array, copy)


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda W, X, y: (W[:, :2], X, y), r"W: expected \(classes, D\) = \(classes, 4\), got \(3, 2\)"),
        (lambda W, X, y: (W, X[0], y), "X: expected one example a row"),
        (lambda W, X, y: (W[0], X, y), "W: expected"),
        (lambda W, X, y: (W, X * np.nan, y), "X: expected finite"),
        (lambda W, X, y: (W, X, y[:2]), "y: expected shape"),
        (lambda W, X, y: (W, X, y + 3), "y: expected labels 0 to 2, got 3 at"),
        (lambda W, X, y: (W, X, y * 1.0), "y: expected integers"),
        (lambda W, X, y: (W, X[:0], y[:0]), "X: expected at least one"),
    ],
)
def test_bad_input_is_named(name, change, message):
    with pytest.raises(ValueError, match=message):
        LOSSES[name][1](*change(np.ones((3, 4)), np.ones((5, 4)), np.arange(5) % 3))


def test_bad_scores_and_penalties_are_named():
    with pytest.raises(ValueError, match="scores: expected one example a row"):
        cross_entropy(np.ones(3), np.array([0]))
    with pytest.raises(ValueError, match=r"penalty: expected .l2., .l1. or .elastic., got .l3."):
        penalize(np.ones(3), "l3")
