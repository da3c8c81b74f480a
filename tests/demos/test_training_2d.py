"""The network behind the 2-D classifier: its steps against torch's, and time that runs both ways."""

import warnings
from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from lib import nn
from lib.demos.points_2d import SHAPES
from lib.demos.training_2d import ACTIVATIONS, Training, build, one_vector

THEIRS = {
    "tanh": torch.nn.Tanh,
    "ReLU": torch.nn.ReLU,
    "sigmoid": torch.nn.Sigmoid,
    "identity": torch.nn.Identity,
}


def of_torch(training, layers, units, activation):
    """The same network, with the same weights, in torch."""
    widths, parts = [2, *[units] * layers, 1], []
    for linear, ours in zip(
        (torch.nn.Linear(*pair) for pair in pairwise(widths)),
        (part for part in training.model if isinstance(part, nn.Linear)),
        strict=True,
    ):
        linear.weight.data, linear.bias.data = (torch.tensor(array) for array in (ours.weight, ours.bias))
        parts += [linear, THEIRS[activation]()]
    return torch.nn.Sequential(*parts[:-1])


def loss_of_torch(model, training, penalty):
    scores = model(torch.tensor(training.X))[:, 0]
    loss = torch.nn.functional.binary_cross_entropy_with_logits(scores, torch.tensor(training.y).float())
    weights = (part.weight for part in model if isinstance(part, torch.nn.Linear))
    return loss + penalty / 2 * sum(weight.square().sum() for weight in weights)


networks = {
    "data": st.sampled_from(list(SHAPES)),
    "layers": st.integers(0, 4),
    "units": st.integers(1, 16),
    "activation": st.sampled_from(list(ACTIVATIONS)),
    "penalty": st.sampled_from([0.0, 1e-5, 0.01, 1.0]),
}


@settings(deadline=None, max_examples=60)
@given(**networks, seed=st.integers(0, 1000))
def test_loss_and_gradient_are_torchs(data, layers, units, activation, penalty, seed):
    training = Training(data, 0.1, layers, units, activation, seed)
    loss = training.gradient(penalty)
    model = of_torch(training, layers, units, activation)
    theirs = loss_of_torch(model, training, penalty)
    theirs.backward()
    assert_allclose(loss, theirs.item(), rtol=1e-5)
    gradients = np.concatenate([parameter.grad.numpy().ravel() for parameter in model.parameters()])
    assert_allclose(training.gradients, gradients, rtol=1e-3, atol=2e-6)


@settings(deadline=None, max_examples=15)
@given(**networks)
def test_ten_steps_are_those_of_torchs_adam(data, layers, units, activation, penalty):
    training = Training(data, 0.1, layers, units, activation)
    model = of_torch(training, layers, units, activation)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(10):
        optimizer.zero_grad()
        loss_of_torch(model, training, penalty).backward()
        optimizer.step()
    moment = training.go(10, 0.01, penalty)
    weights = np.concatenate([parameter.detach().numpy().ravel() for parameter in model.parameters()])
    # Adam divides small gradients by their size: rounding errors of a tiny one show in the step.
    assert_allclose(moment.weights, weights, rtol=1e-3, atol=2e-3)
    assert moment.losses[0] == pytest.approx(loss_of_torch(model, training, 0).item(), rel=2e-3)


def test_one_vector_is_the_parameters_and_the_gradients_themselves():
    model = build(2, 3, "tanh")
    before, x = model.state(), np.ones((5, 2), np.float32)
    before = {name: array.copy() for name, array in before.items()}
    output = model.forward(x).copy()
    weights, gradients = one_vector(model)
    assert_array_equal(weights, np.concatenate([array.ravel() for array in before.values()]))
    assert_array_equal(model.forward(x), output)
    model.backward(x, np.ones_like(output))
    assert_array_equal(gradients, np.concatenate([g.ravel() for g in model.parameters()[1]]))
    assert np.abs(gradients).min() > 0
    weights *= 2
    assert_array_equal(model[0].weight, 2 * before["0.weight"])


def test_time_runs_back_to_what_was_there_and_forward_again():
    training, straight = (Training("spiral", 0.1, 2, 8, "tanh") for _ in range(2))
    seen = {step: training.go(step, 0.03, 1e-5).weights.copy() for step in (0, 1, 7, 30)}
    for step in (7, 0, 30, 1):
        training.go(step, 0.03, 1e-5)
        assert_array_equal(training.weights, seen[step])
    assert_array_equal(straight.go(30, 0.03, 1e-5).weights, seen[30])


def test_a_new_rate_goes_on_from_the_weights_that_were_shown():
    training = Training("moons", 0.1, 1, 8, "tanh")
    before = training.go(40, 0.03, 1e-5)
    assert training.go(40, 0.001, 1e-5) is before
    after = training.go(50, 0.001, 1e-5)
    assert 0 < np.abs(after.weights - before.weights).max() < 10 * 0.002
    assert training.changes == [40]
    training.go(20, 0.001, 1e-5)
    assert len(training.moments) == 51  # looking back forgets nothing
    training.go(25, 0.1, 1e-5)  # the new rate counts from 20 on, where time had been turned back to
    assert len(training.moments) == 26
    assert training.changes == [20]
    training.go(0, 0.1, 0.01)  # back and a new setting at once: it counts from there
    assert len(training.moments) == 1
    assert training.changes == []
    assert_array_equal(
        training.go(30, 0.1, 0.01).weights, Training("moons", 0.1, 1, 8, "tanh").go(30, 0.1, 0.01).weights
    )


def nudged(training, index=0, by=0.5):
    """The points of a training with one of them moved."""
    X = training.X.copy()
    X[index, 0] += by
    return tuple((*map(float, x), int(c)) for x, c in zip(X, training.y, strict=True))


def test_moved_points_count_from_the_weights_that_were_shown():
    training = Training("circles", 0.1, 1, 6, "tanh")
    before = training.go(30, 0.03, 1e-5)
    moved = nudged(training)
    now = training.go(30, 0.03, 1e-5, moved)
    assert_array_equal(now.weights, before.weights)
    assert now.losses[0] != before.losses[0]
    assert now.losses[1] == before.losses[1]
    assert training.changes == [30]
    assert_allclose(training.X, np.array(moved)[:, :2])
    after = training.go(31, 0.03, 1e-5, moved)
    assert not np.array_equal(after.weights, before.weights)
    again = training.go(31, 0.03, 1e-5)
    assert_array_equal(training.X, Training("circles", 0.1, 1, 6, "tanh").X)
    assert_array_equal(again.weights, after.weights)
    fresh = training.go(0, 0.03, 1e-5)
    assert fresh.losses == Training("circles", 0.1, 1, 6, "tanh").go(0, 0.03, 1e-5).losses


def test_validation_points_are_there_as_long_as_most_points_are_the_datas_own():
    training = Training("moons", 0.1, 1, 4, "tanh")
    own = nudged(training, by=0)
    assert np.isfinite(training.go(3, 0.03, 1e-5, own[:61]).losses).all()
    losses = training.go(3, 0.03, 1e-5, own[:60]).losses
    assert np.isfinite(losses[0])
    assert np.isnan(losses[1])
    drawn = ((-1.0, 0.0, 0), (1.0, 0.0, 1))
    moment = training.go(200, 0.1, 1e-5, drawn)
    assert moment.losses[0] < 0.01
    assert moment.accuracies[0] == 1
    assert np.isfinite(training.go(3, 0.03, 1e-5).losses).all()


def test_points_of_one_class_alone_can_be_learnt():
    moment = Training("moons", 0.1, 1, 4, "tanh").go(50, 0.1, 1e-5, ((0.5, 0.5, 1),))
    assert moment.accuracies[0] == 1


def test_what_is_remembered_stays_small():
    training = Training("spiral", 0.1, 4, 16, "ReLU")
    training.go(400, 0.03, 1e-5)
    arrays = [moment.weights for moment in training.moments]
    for moment in training.moments:
        arrays += [array for memory in moment.optimizer.state for array in memory.values()]
    assert sum(array.nbytes for array in arrays) < 8e6


@pytest.mark.family(share=3)
@pytest.mark.parametrize(
    ("data", "layers", "units", "activation"),
    [("circles", 1, 6, "tanh"), ("moons", 1, 8, "ReLU"), ("spiral", 3, 8, "tanh"), ("XOR", 1, 4, "tanh")],
)
def test_a_network_that_is_large_enough_learns(data, layers, units, activation):
    accuracies = Training(data, 0.05, layers, units, activation).go(300, 0.03, 1e-5).accuracies
    assert min(accuracies) > 0.95


@pytest.mark.family(share=3)
@pytest.mark.parametrize(
    ("layers", "units", "activation"),
    [(0, 1, "tanh"), (1, 1, "tanh"), (1, 16, "identity"), (4, 16, "identity")],
)
def test_xor_needs_two_units_and_a_non_linearity(layers, units, activation):
    for rate in (0.01, 0.1):
        accuracies = Training("XOR", 0.05, layers, units, activation).go(300, rate, 1e-5).accuracies
        assert max(accuracies) < 0.8  # a half-plane holds three of the four squares at best


def test_layers_without_an_activation_are_one_straight_line():
    training = Training("spiral", 0.1, 4, 16, "identity")
    training.go(100, 0.03, 1e-5)
    x = np.random.default_rng(0).uniform(-3, 3, (200, 2)).astype(np.float32)
    scores, columns = training.model.forward(x)[:, 0], np.column_stack([x, np.ones(len(x))])
    affine = columns @ np.linalg.lstsq(columns, scores, rcond=None)[0]
    assert_allclose(scores, affine, atol=1e-4 * np.abs(scores).max())


def test_the_penalty_shrinks_the_weights_and_helps_against_overfitting():
    sizes, gaps = [], []
    for penalty in (1e-5, 1e-3, 1e-2, 1e-1):
        training = Training("moons", 0.6, 3, 16, "tanh")
        losses = training.go(300, 0.03, penalty).losses
        sizes.append(sum(float((W * W).sum()) for W in training.matrices))
        gaps.append(losses[1] - losses[0])
    assert sizes == sorted(sizes, reverse=True)
    assert gaps[0] > 0.5 > 0.2 > gaps[2]


@pytest.mark.family(share=3)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_largest_rate_and_sudden_changes_give_finite_losses_and_no_warnings(activation):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        training = Training("spiral", 1.0, 4, 16, activation)
        for step, rate, penalty in ((100, 1.0, 1e-5), (150, 1e-4, 1.0), (300, 1.0, 1.0), (400, 1.0, 1e-5)):
            assert np.isfinite(training.go(step, rate, penalty).losses).all()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: build(5, 4, "tanh"), "^layers: expected .*got 5"),
        (lambda: build(1, 0, "tanh"), "^units: expected .*got 0"),
        (lambda: build(1, 2.5, "tanh"), "^units: expected .*got 2.5"),
        (lambda: build(1, 4, "step"), "^activation: expected .*got 'step'"),
        (lambda: Training("moons", 0, 1, 4, "tanh").go(-1, 0.1, 0), "^step: expected .*got -1"),
        (lambda: Training("moons", 0, 1, 4, "tanh").go(1, 0, 0), "^rate: expected .*got 0"),
        (lambda: Training("moons", 0, 1, 4, "tanh").go(1, np.nan, 0), "^rate: expected .*got nan"),
        (lambda: Training("moons", 0, 1, 4, "tanh").go(1, 0.1, -1), "^penalty: expected .*got -1"),
    ],
)
def test_bad_input_is_refused_by_name(call, message):
    with pytest.raises(ValueError, match=message):
        call()
