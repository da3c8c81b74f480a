"""Criteria for yes or no against torch and finite differences, on random shapes."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from lib import nn
from lib.nn.testing import check_criterion

REDUCTIONS = ["mean", "sum", "none"]
DTYPES = [(np.float64, 1e-12), (np.float32, 4e-6)]
shapes = st.lists(st.integers(1, 4), max_size=4).map(tuple)
seeds = st.integers(0, 2**32 - 1)


def targets(rng, shape):
    """Some certain, some in between."""
    return np.clip(rng.uniform(-0.5, 1.5, shape), 0, 1)


def compare(ours, theirs, x, target, tolerance):
    """theirs: always in float64, since what torch rounds off itself is no yardstick"""
    tensor = torch.tensor(x, dtype=torch.double, requires_grad=True)
    loss = theirs(tensor, torch.tensor(target, dtype=torch.double))
    loss.sum().backward()
    assert np.shape(ours(x, target)) == loss.shape
    assert_allclose(ours(x, target), loss.detach().numpy(), rtol=tolerance, atol=tolerance)
    gradient = ours.backward(x, target)
    assert gradient.dtype == x.dtype
    assert_allclose(gradient, tensor.grad.numpy(), rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize(("dtype", "tolerance"), DTYPES)
@settings(deadline=None, max_examples=25)
@given(shape=shapes, seed=seeds)
def test_bce_is_that_of_torch(reduction, dtype, tolerance, shape, seed):
    rng = np.random.default_rng(seed)
    x, target = np.asarray(rng.uniform(0, 1, shape), dtype), np.asarray(targets(rng, shape), dtype)
    compare(nn.BCELoss(reduction=reduction), torch.nn.BCELoss(reduction=reduction), x, target, tolerance)


@pytest.mark.parametrize(("dtype", "tolerance"), DTYPES)
def test_bce_of_certain_answers_is_that_of_torch_and_warns_of_nothing(dtype, tolerance):
    """1e-12, the least denominator, is a float32 in torch, whatever the dtype: right to 8 digits."""
    tolerance = max(tolerance, 1e-8)
    x = np.array([0, 0, 0, 1, 1, 1, 1e-38, 1 - 1e-7], dtype)
    target = np.array([0, 0.5, 1, 0, 0.5, 1, 1, 0], dtype)
    with np.errstate(all="raise", under="ignore"):
        compare(nn.BCELoss(reduction="sum"), torch.nn.BCELoss(reduction="sum"), x, target, tolerance)


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize(("dtype", "tolerance"), DTYPES)
@settings(deadline=None, max_examples=25)
@given(
    shape=shapes,
    seed=seeds,
    scale=st.sampled_from([1.0, 30.0, 1e4]),
    weigh=st.sampled_from(["not", "number", "last axis", "all axes"]),
)
def test_bce_with_logits_is_that_of_torch(reduction, dtype, tolerance, shape, seed, scale, weigh):
    rng = np.random.default_rng(seed)
    x, target = np.asarray(rng.standard_normal(shape) * scale, dtype), np.asarray(targets(rng, shape), dtype)
    weight = {
        "not": None,
        "number": 2.5,
        "last axis": rng.uniform(0, 3, shape[-1:]),
        "all axes": rng.uniform(0, 3, shape),
    }[weigh]
    theirs = torch.nn.BCEWithLogitsLoss(
        pos_weight=None if weight is None else torch.tensor(np.asarray(weight, dtype)).double(),
        reduction=reduction,
    )
    with np.errstate(all="raise", under="ignore"):
        compare(nn.BCEWithLogitsLoss(pos_weight=weight, reduction=reduction), theirs, x, target, tolerance)


@pytest.mark.parametrize("reduction", ["mean", "sum"])
@settings(deadline=None, max_examples=10)
@given(shape=shapes, seed=seeds)
def test_the_contract_holds(reduction, shape, seed):
    rng = np.random.default_rng(seed)
    target = targets(rng, shape)
    check_criterion(nn.BCELoss(reduction=reduction), rng.uniform(0.05, 0.95, shape), target).raise_if_wrong()
    check_criterion(
        nn.BCEWithLogitsLoss(reduction=reduction), rng.standard_normal(shape), target
    ).raise_if_wrong()
    check_criterion(
        nn.BCEWithLogitsLoss(pos_weight=3.0, reduction=reduction), rng.standard_normal(shape), target
    ).raise_if_wrong()


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize(("dtype", "tolerance"), DTYPES)
@settings(deadline=None, max_examples=20)
@given(shape=shapes, seed=seeds, number=st.booleans())
def test_the_weight_comes_first_and_counts_as_in_torch(reduction, dtype, tolerance, shape, seed, number):
    rng = np.random.default_rng(seed)
    target = np.asarray(targets(rng, shape), dtype)
    weight = np.asarray(2.5 if number else rng.uniform(0, 3, shape[-1:]))
    of_torch = torch.tensor(weight.astype(dtype)).double()
    for name, x in (("BCELoss", rng.uniform(0, 1, shape)), ("BCEWithLogitsLoss", rng.standard_normal(shape))):
        ours = getattr(nn, name)(weight, reduction=reduction)
        theirs = getattr(torch.nn, name)(of_torch, reduction=reduction)
        compare(ours, theirs, np.asarray(x, dtype), target, tolerance)


def test_a_weight_that_does_not_fit_is_refused():
    for kind in (nn.BCELoss, nn.BCEWithLogitsLoss):
        with pytest.raises(
            ValueError, match=r"x: expected a shape to which that of weight, \(3,\), broadcasts"
        ):
            kind([1, 2, 3])(np.full(2, 0.5), [0, 1])
        with pytest.raises(
            ValueError, match=f"{kind.__name__}: weight: expected finite numbers, 0 or more, got -1"
        ):
            kind(-1)
        with pytest.raises(TypeError, match="at most 1 in order, got 2"):
            kind(None, [1, 2])


def test_logits_and_probabilities_agree():
    rng = np.random.default_rng(0)
    x, target = rng.standard_normal((5, 3)), rng.integers(0, 2, (5, 3))
    assert_allclose(nn.BCEWithLogitsLoss()(x, target), nn.BCELoss()(1 / (1 + np.exp(-x)), target), rtol=1e-12)


def test_far_out_gradients_of_logits_keep_their_digits():
    """σ(−50) = e⁻⁵⁰ to the last digits, which 1 − σ(50) has lost."""
    criterion = nn.BCEWithLogitsLoss(reduction="sum")
    x, target = np.array([-50.0, 50.0]), np.array([0, 1])
    criterion(x, target)
    assert_allclose(criterion.backward(x, target), [np.exp(-50), -np.exp(-50)], rtol=1e-12)


def test_the_weight_belongs_to_the_criterion():
    weight = np.array([1.0, 2.0])
    criterion = nn.BCEWithLogitsLoss(pos_weight=weight)
    before = criterion(np.zeros((1, 2)), np.ones((1, 2)))
    weight[:] = 0
    assert criterion(np.zeros((1, 2)), np.ones((1, 2))) == before


@pytest.mark.parametrize("target", [[True, False], [1, 0], np.array([1, 0], np.uint8)])
def test_targets_may_be_lists_or_of_any_dtype(target):
    x = np.array([0.5, -1.0], np.float32)
    criterion = nn.BCEWithLogitsLoss()
    assert criterion(x, target) == criterion(x, np.array([1, 0], np.float32))
    assert_array_equal(criterion.backward(x, target), criterion.backward(x, np.array([1, 0], np.float32)))
    assert criterion.backward(x, target).dtype == np.float32


@pytest.mark.parametrize(
    ("criterion", "x", "target", "message"),
    [
        (
            nn.BCELoss(),
            [[0.5, 1.5]],
            [[0, 1]],
            r"BCELoss\(\): x: expected 0 to 1, got 1.5 at \[0, 1\]; put a Sigmoid",
        ),
        (nn.BCELoss(), [-0.1], [0], r"x: expected 0 to 1, got -0.1 at \[0\]"),
        (nn.BCELoss(), [np.nan], [0], r"x: expected 0 to 1, got nan at \[0\]"),
        (nn.BCELoss(), [0.5], [-1], r"target: expected 0 to 1, got -1 at \[0\]"),
        (
            nn.BCEWithLogitsLoss(),
            [0.5, 0.5],
            [1, 2],
            r"BCEWithLogitsLoss\(\): target: expected 0 to 1, got 2 at \[1\]",
        ),
        (nn.BCEWithLogitsLoss(), [0.5], [np.nan], r"target: expected 0 to 1, got nan at \[0\]"),
        (
            nn.BCEWithLogitsLoss(),
            [0.5],
            [[1]],
            r"target: expected \(1,\), as the output is, got shape \(1, 1\)",
        ),
        (nn.BCEWithLogitsLoss(), [0.5], ["1"], r"target: expected numbers, got dtype <U1"),
        (
            nn.BCEWithLogitsLoss(pos_weight=[1, 2, 3]),
            [0.5, 0.5],
            [1, 1],
            r"x: expected a shape to which that of pos_weight, \(3,\), broadcasts, got shape \(2,\)",
        ),
        (
            nn.BCEWithLogitsLoss(pos_weight=[[1, 2]]),
            [0.5, 0.5],
            [1, 1],
            r"x: expected a shape to which that of pos_weight, \(1, 2\), broadcasts, got shape \(2,\)",
        ),
    ],
)
def test_what_does_not_fit_is_named(criterion, x, target, message):
    with pytest.raises(ValueError, match=message):
        criterion(np.array(x), target)


@pytest.mark.parametrize("pos_weight", [-1, [1, np.nan], np.inf, "a", [[1], [2, 3]]])
def test_pos_weight_is_checked(pos_weight):
    with pytest.raises(
        ValueError, match=r"BCEWithLogitsLoss: pos_weight: expected finite numbers, 0 or more, got .*"
    ):
        nn.BCEWithLogitsLoss(pos_weight=pos_weight)


def test_print_shows_what_is_not_as_usual():
    assert repr(nn.BCEWithLogitsLoss()) == "BCEWithLogitsLoss()"
    assert repr(nn.BCEWithLogitsLoss(pos_weight=3)) == "BCEWithLogitsLoss(pos_weight=3.0)"
    assert repr(nn.BCEWithLogitsLoss(pos_weight=[1, 2])) == "BCEWithLogitsLoss(pos_weight of shape (2,))"
