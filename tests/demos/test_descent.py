"""The paths down the ravine against torch's optimisers and against theory."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from lib.demos.descent import CURVATURES, FAR, OPTIMIZERS, START, DescentDemo, compute


def torch_path(optimizer, rate, alpha, steps):
    theta = torch.tensor(START, requires_grad=True)
    makers = {
        "gradient descent": lambda: torch.optim.SGD([theta], rate),
        "momentum": lambda: torch.optim.SGD([theta], rate, momentum=alpha),
        "Nesterov": lambda: torch.optim.SGD([theta], rate, momentum=alpha, nesterov=True),
        "RMSProp": lambda: torch.optim.RMSprop([theta], rate, alpha=alpha),
        "Adam": lambda: torch.optim.Adam([theta], rate, betas=(alpha, 0.999)),
    }
    theirs, path = makers[optimizer](), [START]
    for _ in range(steps):
        theirs.zero_grad()
        (0.5 * (torch.tensor(CURVATURES) * theta**2).sum()).backward()
        theirs.step()
        path.append(theta.detach().numpy().copy())
    return np.array(path)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@settings(deadline=None, max_examples=15)
@given(rate=st.floats(1e-4, 0.05), alpha=st.floats(0.01, 0.99))
def test_every_step_of_the_path_is_torchs(optimizer, rate, alpha):
    state = compute(optimizer, rate, alpha, 25)
    assert not state.lost
    assert_allclose(state.path, torch_path(optimizer, rate, alpha, 25), rtol=1e-6, atol=1e-9)
    assert_allclose(state.losses, 0.5 * state.path[:, 0] ** 2 + 12.5 * state.path[:, 1] ** 2)


@settings(deadline=None)
@given(rate=st.floats(1e-4, 0.5))
def test_gradient_descent_shrinks_each_coordinate_by_its_own_factor(rate):
    path = compute("gradient descent", rate, 0.0, 20).path
    expected = START * (1 - rate * CURVATURES) ** np.arange(21)[:, None]
    walked = np.abs(expected).max(axis=1) <= FAR
    assert_allclose(path[walked], expected[walked], rtol=1e-9, atol=1e-12)


def test_it_diverges_beyond_two_over_the_largest_curvature_and_says_so():
    limit = 2 / CURVATURES.max()
    assert compute("momentum", 0.99 * limit, 0.0, 100).losses[-1] < 10
    state = compute("momentum", 10.0, 0.0, 100)
    assert state.lost
    assert len(state.path) == 101
    assert np.isfinite(state.losses).all()


def test_no_memory_is_plain_gradient_descent():
    for optimizer in ("momentum", "Nesterov"):
        plain = compute("gradient descent", 0.02, 0.5, 30).path
        assert_allclose(compute(optimizer, 0.02, 0.0, 30).path, plain)


def test_the_presets_do_what_they_are_called():
    demo = DescentDemo()
    last = {name: compute(**demo.preset(name)).losses[-1] for name in demo.presets}
    first = compute(**demo.start).losses[0]
    assert last["Too small"] > first / 4
    assert last["Just right"] < first / 1000
    assert last["Too large a step"] > first
    assert last["Ravine with momentum"] < last["Just right"] / 1000
    best = min(compute("gradient descent", 10**e, 0.0, 50).losses[-1] for e in np.arange(-4, 1, 0.02))
    assert last["Just right"] == pytest.approx(best)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (("Newton", 0.1, 0.0, 1), "^optimizer: expected .*got 'Newton'"),
        (("momentum", 0.0, 0.0, 1), "learning_rate: .*got 0.0"),
        (("momentum", np.nan, 0.0, 1), "learning_rate: .*got nan"),
        (("momentum", 0.1, 1.0, 1), "momentum: .*got 1.0"),
        (("momentum", 0.1, 0.0, -1), "^step: expected .*got -1"),
        (("momentum", 0.1, 0.0, 1.5), "^step: expected .*got 1.5"),
    ],
)
def test_bad_input_is_refused_by_name(values, message):
    with pytest.raises(ValueError, match=message):
        compute(*values)
