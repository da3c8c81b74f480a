"""Criteria for numbers against torch and finite differences, on random shapes."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from lib import nn
from lib.nn.testing import check_criterion

PAIRS = {
    "mse": (nn.MSELoss, torch.nn.MSELoss),
    "l1": (nn.L1Loss, torch.nn.L1Loss),
    "smooth l1": (nn.SmoothL1Loss, torch.nn.SmoothL1Loss),
    "smooth l1, beta 0.3": (
        lambda **options: nn.SmoothL1Loss(beta=0.3, **options),
        lambda **options: torch.nn.SmoothL1Loss(beta=0.3, **options),
    ),
}
REDUCTIONS = ["mean", "sum", "none"]
shapes = st.lists(st.integers(1, 4), max_size=4).map(tuple)
seeds = st.integers(0, 2**32 - 1)


def loss_and_gradient(criterion, x, target):
    """What torch makes of it."""
    x = torch.tensor(x, requires_grad=True)
    loss = criterion(x, torch.tensor(target))
    loss.sum().backward()
    return loss.detach().numpy(), x.grad.numpy()


@pytest.mark.parametrize("name", PAIRS)
@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 1e-13), (np.float32, 2e-6)])
@settings(deadline=None, max_examples=20)
@given(shape=shapes, seed=seeds, scale=st.sampled_from([1.0, 1e4]))
def test_loss_and_gradient_are_those_of_torch(name, reduction, dtype, tolerance, shape, seed, scale):
    rng = np.random.default_rng(seed)
    ours, theirs = (make(reduction=reduction) for make in PAIRS[name])
    x, target = (np.asarray(rng.standard_normal(shape) * scale, dtype) for _ in range(2))
    loss, gradient = loss_and_gradient(theirs, x, target)

    assert np.shape(ours(x, target)) == loss.shape
    assert_allclose(ours(x, target), loss, rtol=tolerance)
    found = ours.backward(x, target)
    assert found.dtype == dtype
    assert_allclose(found, gradient, rtol=tolerance)


@pytest.mark.parametrize("name", PAIRS)
@pytest.mark.parametrize("reduction", ["mean", "sum"])
@settings(deadline=None, max_examples=10)
@given(shape=shapes, seed=seeds)
def test_the_contract_holds(name, reduction, shape, seed):
    rng = np.random.default_rng(seed)
    check_criterion(
        PAIRS[name][0](reduction=reduction), rng.standard_normal(shape), rng.standard_normal(shape)
    ).raise_if_wrong()


@pytest.mark.parametrize("name", PAIRS)
def test_at_the_target_loss_and_gradient_are_zero(name):
    x = np.array([0.0, -2.0, 3.0])
    ours = PAIRS[name][0]()
    assert ours(x, x) == 0
    assert not ours.backward(x, x).any()


@pytest.mark.parametrize("distance", [0.3, -0.3, 0.3 - 1e-9, 0.3 + 1e-9])
def test_where_smooth_l1_changes_it_is_that_of_torch(distance):
    ours, theirs = (make() for make in PAIRS["smooth l1, beta 0.3"])
    x, target = np.array([distance]), np.zeros(1)
    loss, gradient = loss_and_gradient(theirs, x, target)
    assert_allclose(ours(x, target), loss, rtol=1e-14)
    assert_allclose(ours.backward(x, target), gradient, rtol=1e-14)


@pytest.mark.parametrize("name", PAIRS)
@pytest.mark.parametrize(
    "target", [[[1, 2], [3, 4]], np.arange(4, dtype=np.int64).reshape(2, 2), np.eye(2, dtype=bool)]
)
def test_targets_may_be_lists_or_of_any_dtype(name, target):
    x = np.array([[0.5, -1.0], [2.0, 0.25]], np.float32)
    ours, theirs = (make() for make in PAIRS[name])
    loss, gradient = loss_and_gradient(theirs, x, np.array(target, np.float32))
    assert_allclose(ours(x, target), loss, rtol=1e-6)
    assert ours.backward(x, target).dtype == np.float32
    assert_allclose(ours.backward(x, target), gradient, rtol=1e-6)


def test_a_target_of_more_digits_leaves_float32_as_it_is():
    criterion = nn.MSELoss()
    criterion(np.ones(3, np.float32), np.zeros(3))
    assert criterion.backward(np.ones(3, np.float32), np.zeros(3)).dtype == np.float32


@pytest.mark.parametrize("name", PAIRS)
def test_the_sum_over_nothing_is_zero_and_its_mean_is_refused(name):
    nothing = np.zeros((0, 3))
    ours = PAIRS[name][0](reduction="sum")
    assert ours(nothing, nothing) == 0
    assert ours.backward(nothing, nothing).shape == (0, 3)
    with pytest.raises(ValueError, match=r"Loss\(.*\): x: expected at least one element, got shape \(0, 3\)"):
        PAIRS[name][0]()(nothing, nothing)


@pytest.mark.parametrize(
    ("x", "target", "message"),
    [
        (
            np.ones((2, 3)),
            np.ones((2, 2)),
            r"MSELoss\(\): target: expected \(2, 3\), as the output is, got shape \(2, 2\)",
        ),
        (np.ones((2, 3)), np.ones(3), r"target: expected \(2, 3\), as the output is, got shape \(3,\)"),
        (np.ones(1), np.array(["a"]), r"target: expected numbers, got dtype <U1"),
        (np.ones(1), [None], r"target: expected numbers, got dtype object"),
        (np.ones(2, np.int64), np.ones(2), r"x: expected float32 or float64, got dtype int64"),
        ([1.0, 2.0], [1.0, 2.0], r"MSELoss\(\): x"),
        ([np.ones(2), np.ones(2)], np.ones((2, 2)), r"MSELoss\(\): x"),
    ],
)
def test_what_does_not_fit_is_named(x, target, message):
    with pytest.raises(ValueError, match=message):
        nn.MSELoss()(x, target)


@pytest.mark.parametrize("beta", [0, -1.0, np.inf, np.nan, True, "1"])
def test_beta_is_checked(beta):
    with pytest.raises(ValueError, match=r"SmoothL1Loss: beta: expected a (finite )?number above 0, got .*"):
        nn.SmoothL1Loss(beta=beta)


@pytest.mark.parametrize("name", PAIRS)
def test_the_reduction_is_checked(name):
    with pytest.raises(ValueError, match="Loss: reduction: expected 'mean', 'sum' or 'none', got 'max'"):
        PAIRS[name][0](reduction="max")


def test_print_shows_what_is_not_as_usual():
    assert repr(nn.MSELoss()) == "MSELoss()"
    assert repr(nn.L1Loss(reduction="sum")) == "L1Loss(reduction='sum')"
    assert repr(nn.SmoothL1Loss(beta=2)) == "SmoothL1Loss(beta=2.0)"
