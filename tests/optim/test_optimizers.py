"""Every optimiser takes torch's steps, and refuses what does not fit before anything has moved."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from lib.optim import SGD, Adam, AdamW, Optimizer, RMSProp, schedules

PAIRS = {  # ours with a rate and a weight decay; torch's with these too: a new optimiser needs a line here
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
    "adamw": (
        lambda rate, decay: AdamW(rate, (0.8, 0.95), 1e-6, decay),
        lambda p, r, d: torch.optim.AdamW(p, r, (0.8, 0.95), 1e-6, d),
    ),
    "adam by places": (
        lambda rate, decay: Adam(rate, (0.8, 0.95), 1e-6, decay),
        lambda p, r, d: torch.optim.Adam(p, r, (0.8, 0.95), 1e-6, d),
    ),
    "rmsprop by places": (
        lambda rate, decay: RMSProp(rate, 0.9, 1e-6, decay),
        lambda p, r, d: torch.optim.RMSprop(p, r, 0.9, 1e-6, d),
    ),
    "defaults of adamw": (
        lambda rate, decay: AdamW(rate),
        lambda p, r, d: torch.optim.AdamW(p, r),
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
OPTIMIZERS = [
    pytest.param(lambda make=make: make(0.1, 0.0), id=name) for name, (make, _) in PAIRS.items()
]  # ours of every pair
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


@pytest.mark.parametrize("name", ["sgd", "rmsprop", "adam", "adamw"])
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
    """m ← α m + η g, W ← W − m: a step under way keeps the rate it began with, unlike in torch."""
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
            r"gradients\[1\]: expected shape \(2,\), as its parameter has, got shape \(3,\)",
        ),
        (
            [np.ones(2), np.ones(2)],
            [np.ones(2), np.array([1, np.nan])],
            r"gradients\[1\]: expected finite numbers, got nan at \[1\].*learning rate",
        ),
        (
            [np.ones(2), np.ones(2)],
            [np.ones(2), np.array([np.inf, 1])],
            r"gradients\[1\]: expected finite numbers, got inf at \[0\]",
        ),
        (
            [np.ones(2), np.ones(2, int)],
            [np.ones(2), np.ones(2)],
            r"parameters\[1\]: expected a writeable .* got int64 \(2,\)",
        ),
        (
            [np.ones(2), [1.0, 1.0]],
            [np.ones(2), np.ones(2)],
            r"parameters\[1\]: expected .* got \[1.0, 1.0\]",
        ),
        (
            [np.ones(2), np.broadcast_to(1.0, 2)],
            [np.ones(2), np.ones(2)],
            r"parameters\[1\]: expected a writeable .* got a read-only float64 \(2,\)",
        ),
        (
            [np.ones(2), np.ones(2)],
            [np.ones(2), None],
            r"gradients\[1\]: expected an array of numbers, got None",
        ),
        (
            [np.ones(2), np.ones(2)],
            [np.ones(2), [1.0, 1.0]],
            r"gradients\[1\]: expected .*, got \[1.0, 1.0\]",
        ),
        ([np.ones(2)], [np.array(["1", "2"])], r"gradients\[0\]: expected an array of numbers, got <U1 "),
        ([np.ones(2)], [np.ones(2, bool)], r"gradients\[0\]: expected an array of numbers, got bool"),
        (np.ones(3), np.ones(3), r"parameters: expected a list of arrays, got .*; one array is \[W\]$"),
        (np.ones((2, 3)), np.ones((2, 3)), r"parameters: expected a list of arrays, got float64 "),
        ([np.ones(3)], np.ones(3), r"gradients: expected a list of arrays, got .*; one array is \[W\]$"),
        (None, [np.ones(3)], r"parameters: expected a list of arrays, got None$"),
        (2.0, 2.0, r"parameters: expected a list of arrays, got 2.0$"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_moves(make, parameters, gradients, message):
    optimizer = make()
    before = np.array(parameters) if isinstance(parameters, list) else parameters
    with pytest.raises(ValueError, match=message):
        optimizer.step(parameters, gradients)
    assert_array_equal(parameters, before)
    assert optimizer.steps == 0


@pytest.mark.parametrize("make", [make for make in OPTIMIZERS if make.id != "sgd"])  # which remembers nothing
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
        (lambda: SGD(0), "^SGD: learning_rate: expected a number above 0, or a schedule, got 0$"),
        (lambda: SGD(np.nan), "learning_rate: expected .*, got nan"),
        (
            lambda: SGD(0.1, momentum=1),
            "^SGD: momentum: expected a number of at least 0 and below 1, got 1$",
        ),
        (lambda: SGD(0.1, nesterov=True), "^SGD: momentum: expected more than 0 with nesterov=True"),
        (
            lambda: SGD(0.1, weight_decay=-1),
            "^SGD: weight_decay: expected a number of at least 0, got -1$",
        ),
        (lambda: RMSProp(alpha=1), "^RMSProp: alpha: expected .*, got 1$"),
        (lambda: RMSProp(eps=0), "^RMSProp: eps: expected a number above 0, got 0$"),
        (lambda: Adam(betas=(0.9, 1)), r"^Adam: betas\[1\]: expected .* below 1, got 1$"),
        (lambda: Adam(betas=("0.9", 0.99)), r"^Adam: betas\[0\]: expected a number .*, got '0.9'$"),
        (lambda: Adam(betas=(np.nan, 0.9)), r"^Adam: betas\[0\]: expected .*, got nan$"),
        (lambda: Adam(betas="0.9"), r"^Adam: betas: expected two numbers, .*, got '0.9'$"),
        (lambda: AdamW(betas=0.9), r"^AdamW: betas: expected two numbers, such as \(0.9, 0.999\), got 0.9$"),
        (lambda: AdamW(weight_decay=None), "^AdamW: weight_decay: expected .*, got None$"),
        (
            lambda: SGD("0.1"),
            "^SGD: learning_rate: expected a number above 0, or a schedule, got '0.1'$",
        ),
        (lambda: SGD([0.1]), r"^SGD: learning_rate: .*, got \[0.1\]; parameters and gradients go to step"),
        (
            lambda: SGD([np.ones(9)], 0.1),
            r"^SGD: learning_rate: expected .*, got \[array\(.*; parameters .* go to step",
        ),
        (
            lambda: Adam(np.ones(9)),
            r"^Adam: learning_rate: .*, got float64 \(9,\); parameters",
        ),
        (lambda: SGD(None), "^SGD: learning_rate: expected .*, got None$"),
        (lambda: SGD(True), "^SGD: learning_rate: expected .*, got True$"),
        (lambda: SGD(np.inf), "^SGD: learning_rate: expected .*, got inf$"),
        (lambda: SGD(0.1, "0.9"), "^SGD: momentum: expected .*, got '0.9'$"),
        (lambda: RMSProp(eps="1"), "^RMSProp: eps: expected .*, got '1'$"),
        (lambda: Adam(betas=(0.9,)), r"^Adam: betas: expected two numbers, .*, got \(0.9,\)$"),
        (lambda: Adam(eps=-1), "^Adam: eps: expected a number above 0, got -1$"),
    ],
)
def test_bad_settings_are_named(make, message):
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize("rate", [np.nan, np.inf, "0.1", None, [0.1]])
def test_a_schedule_that_gives_no_number_moves_nothing(rate):
    W = np.ones(2)
    with pytest.raises(ValueError, match=r"^SGD: learning_rate: expected .* schedule at step 0, got"):
        SGD(lambda step: rate).step([W], [np.ones(2)])
    assert_array_equal(W, 1)


def test_all_but_the_first_two_of_sgd_have_to_be_named_as_the_third_of_torch_is_another():
    assert SGD(0.1, 0.9).momentum == 0.9
    with pytest.raises(TypeError, match="at most 2 in order, got 3"):
        SGD(0.1, 0.9, True)


def test_decoupled_decay_does_not_depend_on_the_gradients():
    """A penalty inside the gradient hardly moves a weight whose gradients are large; AdamW's decay does."""
    small, large = np.array([1.0]), np.array([1.0])
    gradients = [[np.array([1e-3])], [np.array([1e3])]]
    for make, shrinks in ((Adam, False), (AdamW, True)):
        moved = []
        for W, gradient in zip((small.copy(), large.copy()), gradients, strict=True):
            plain = W.copy()
            make(0.1, weight_decay=0.5).step([W], gradient)
            make(0.1, weight_decay=0.0).step([plain], gradient)
            moved.append(float((plain - W)[0]))
        assert_allclose(moved, 0.05 if shrinks else 0, atol=1e-6)


@pytest.mark.parametrize("gradient", [2.0, np.float64(2), np.array(2.0), np.float32(2), 2])
def test_a_number_is_the_gradient_of_a_parameter_without_axes(gradient):
    """2 · W is a number to numpy, where W is an array of shape ()."""
    W = np.array(10.0)
    SGD(0.1).step([W], [gradient])
    assert_allclose(W, 9.8)


def test_an_optimiser_without_update_says_what_to_write():
    with pytest.raises(NotImplementedError, match=r"^Lazy: write update\(self, parameter"):
        type("Lazy", (Optimizer,), {})(0.1).step([np.ones(2)], [np.ones(2)])


class Layer:
    def parameters(self):
        return [np.ones(2)], [np.ones(2)]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: SGD(lr=0.1),
            r"^SGD: lr: expected no argument of this name, got lr=0.1; write SGD\(learning_rate=",
        ),
        (
            lambda: SGD(Layer().parameters(), lr=0.1),
            r"^SGD: lr: expected no argument of this name, got lr=0.1; write SGD\(.* step\(",
        ),
        (lambda: RMSProp(lr=0.1), r"^RMSProp: lr: .*; write RMSProp\(learning_rate="),
        (lambda: Adam(params=[], lr=0.1), r"^Adam: params: .*, got params=\[\]; write Adam\(learning_rate="),
        (lambda: AdamW(lr=0.1), r"^AdamW: lr: .*; write AdamW\(learning_rate="),
        (lambda: SGD(0.1).step(), r"; write optimizer\.step\(\*layer\.parameters\(\)\)$"),
        (
            lambda: SGD(0.1).step(Layer()),
            r"; write optimizer\.step\(\*layer\.parameters\(\)\)$",
        ),
        (
            lambda: Adam().step(Layer().parameters()),
            r"; write optimizer\.step\(\*layer\.parameters\(\)\)$",
        ),
    ],
)
def test_a_wrong_call_is_answered_by_a_right_one(call, message):
    with pytest.raises(TypeError, match=message):
        call()


def test_a_layer_in_place_of_its_parameters_is_told():
    with pytest.raises(
        ValueError, match=r"parameters: expected a list of arrays, got .*; write step\(\*layer\."
    ):
        SGD(0.1).step(Layer(), [np.ones(2)])


def test_a_type_error_from_further_inside_stays_as_it_is():
    class Broken(SGD):
        def update(self, parameter, gradient, rate, state):
            len(rate)

    with pytest.raises(TypeError, match=r"has no len\(\)$"):
        Broken(0.1).step([np.ones(2)], [np.ones(2)])
