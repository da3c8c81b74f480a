"""Every optimiser takes torch's steps, and refuses what does not fit before anything has moved."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from lib.optim import SGD, Adam, RMSProp, schedules

PAIRS = {
    "sgd": (
        lambda rate, decay: SGD(rate, weight_decay=decay),
        lambda p, r, d: torch.optim.SGD(p, r, weight_decay=d),
    ),
    "momentum": (
        lambda rate, decay: SGD(rate, momentum=0.9, weight_decay=decay),
        lambda p, r, d: torch.optim.SGD(p, r, momentum=0.9, weight_decay=d),
    ),
    "nesterov": (
        lambda rate, decay: SGD(rate, momentum=0.8, nesterov=True, weight_decay=decay),
        lambda p, r, d: torch.optim.SGD(p, r, momentum=0.8, nesterov=True, weight_decay=d),
    ),
    "rmsprop": (
        lambda rate, decay: RMSProp(rate, alpha=0.9, eps=1e-6, weight_decay=decay),
        lambda p, r, d: torch.optim.RMSprop(p, r, alpha=0.9, eps=1e-6, weight_decay=d),
    ),
    "adam": (
        lambda rate, decay: Adam(rate, betas=(0.8, 0.95), eps=1e-6, weight_decay=decay),
        lambda p, r, d: torch.optim.Adam(p, r, betas=(0.8, 0.95), eps=1e-6, weight_decay=d),
    ),
    "defaults of rmsprop": (
        lambda rate, decay: RMSProp(weight_decay=decay),
        lambda p, r, d: torch.optim.RMSprop(p, weight_decay=d),
    ),
    "defaults of adam": (
        lambda rate, decay: Adam(weight_decay=decay),
        lambda p, r, d: torch.optim.Adam(p, weight_decay=d),
    ),
}
OPTIMIZERS = [lambda: SGD(0.1), lambda: SGD(0.1, momentum=0.9), lambda: RMSProp(0.1), lambda: Adam(0.1)]
shapes = st.lists(st.lists(st.integers(1, 4), max_size=3).map(tuple), min_size=1, max_size=3)


@pytest.mark.parametrize("name", PAIRS)
@settings(deadline=None, max_examples=15)
@given(
    shapes=shapes,
    rate=st.floats(1e-4, 0.5),
    decay=st.sampled_from([0.0, 1e-3, 0.3]),
    dtype=st.sampled_from([np.float64, np.float32]),
    seed=st.integers(0, 2**32 - 1),
)
def test_every_step_is_that_of_torch(name, shapes, rate, decay, dtype, seed):
    rng = np.random.default_rng(seed)
    ours = [rng.standard_normal(shape).astype(dtype) for shape in shapes]
    theirs = [torch.tensor(parameter, requires_grad=True) for parameter in ours]
    make_ours, make_theirs = PAIRS[name]
    optimizer, reference = make_ours(rate, decay), make_theirs(theirs, rate, decay)

    for _ in range(20):
        gradients = [rng.standard_normal(shape).astype(dtype) for shape in shapes]
        for tensor, gradient in zip(theirs, gradients, strict=True):
            tensor.grad = torch.tensor(gradient)
        optimizer.step(ours, gradients)
        reference.step()
        for parameter, tensor in zip(ours, theirs, strict=True):
            assert parameter.dtype == dtype
            tolerance = 1e-12 if dtype == np.float64 else 2e-5
            assert_allclose(parameter, tensor.detach().numpy(), rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("name", ["sgd", "rmsprop", "adam"])
def test_a_schedule_changes_the_rate_as_in_torch(name):
    rng = np.random.default_rng(0)
    ours = rng.standard_normal((3, 2))
    theirs = torch.tensor(ours, requires_grad=True)
    make_ours, make_theirs = PAIRS[name]
    optimizer = make_ours(schedules.cosine(0.3, steps=25), 0.01)
    reference = make_theirs([theirs], 0.3, 0.01)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(reference, 25)
    for _ in range(25):
        gradient = rng.standard_normal((3, 2))
        theirs.grad = torch.tensor(gradient)
        optimizer.step([ours], [gradient])
        reference.step()
        scheduler.step()
        assert_allclose(ours, theirs.detach().numpy(), rtol=1e-12, atol=1e-12)


def test_momentum_is_that_of_deck_a1_when_the_rate_changes():
    """m ← α m + λ g, W ← W − m: a step under way keeps the rate it began with, unlike in torch."""
    W = np.array([1.0])
    optimizer = SGD(schedules.step_decay(1.0, every=1, factor=0.5), momentum=0.5)
    for _ in range(3):
        optimizer.step([W], [np.array([1.0])])
    steps = [1.0, 0.5 * 1.0 + 0.5, 0.5 * 1.0 + 0.25]
    assert_allclose(W, 1 - sum(steps))


@pytest.mark.parametrize("make", OPTIMIZERS)
def test_parameters_move_in_place_and_gradients_stay(make):
    parameter, gradient = np.ones((2, 3)), np.full((2, 3), 0.5)
    view = parameter[0]
    make().step([parameter], [gradient])
    assert (view < 1).all()
    assert_array_equal(gradient, 0.5)


@pytest.mark.parametrize("make", OPTIMIZERS)
@pytest.mark.parametrize(
    ("parameters", "gradients", "message"),
    [
        ([np.ones(2), np.ones(2)], [np.ones(2)], r"gradients: expected one for each of 2 parameters, got 1"),
        (
            [np.ones(2), np.ones(2)],
            [np.ones(2), np.ones(3)],
            r"gradients\[1\]: expected shape \(2,\), got \(3,\)",
        ),
        (
            [np.ones(2), np.ones(2)],
            [np.ones(2), np.array([1, np.nan])],
            r"gradients\[1\]: got nan at \[1\].*learning rate",
        ),
        ([np.ones(2), np.ones(2)], [np.ones(2), np.array([np.inf, 1])], r"gradients\[1\]: got inf at \[0\]"),
        (
            [np.ones(2), np.ones(2, int)],
            [np.ones(2), np.ones(2)],
            r"parameters\[1\]: expected a writeable .* got int64",
        ),
        ([np.ones(2), [1.0, 1.0]], [np.ones(2), np.ones(2)], r"parameters\[1\]: expected .* got list"),
        (
            [np.ones(2), np.broadcast_to(1.0, 2)],
            [np.ones(2), np.ones(2)],
            r"parameters\[1\]: expected a writeable",
        ),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_moves(make, parameters, gradients, message):
    optimizer = make()
    before = [np.array(parameter) for parameter in parameters]
    with pytest.raises(ValueError, match=message):
        optimizer.step(parameters, gradients)
    for parameter, old in zip(parameters, before, strict=True):
        assert_array_equal(parameter, old)
    assert optimizer.steps == 0


@pytest.mark.parametrize("make", OPTIMIZERS[1:])
def test_another_model_needs_another_optimizer(make):
    optimizer = make()
    optimizer.step([np.ones(2)], [np.ones(2)])
    with pytest.raises(ValueError, match="new optimiser"):
        optimizer.step([np.ones(3)], [np.ones(3)])
    with pytest.raises(ValueError, match="new optimiser"):
        optimizer.step([np.ones(2)] * 2, [np.ones(2)] * 2)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: SGD(0), "learning_rate: got 0"),
        (lambda: SGD(np.nan), "learning_rate: got nan"),
        (lambda: SGD(0.1, momentum=1), "momentum: got 1"),
        (lambda: SGD(0.1, nesterov=True), "nesterov: needs a momentum"),
        (lambda: SGD(0.1, weight_decay=-1), "weight_decay: got -1"),
        (lambda: RMSProp(alpha=1), "alpha: got 1"),
        (lambda: RMSProp(eps=0), "eps: got 0"),
        (lambda: Adam(betas=(0.9, 1)), "betas: got"),
        (lambda: Adam(betas=(0.9,)), "betas: got"),
        (lambda: Adam(eps=-1), "eps: got -1"),
    ],
)
def test_bad_settings_are_named(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_a_schedule_that_gives_no_number_moves_nothing():
    W = np.ones(2)
    with pytest.raises(ValueError, match="schedule gave nan at step 0"):
        SGD(lambda step: np.nan).step([W], [np.ones(2)])
    assert_array_equal(W, 1)
