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


def test_the_ball_starts_where_a_hand_drops_it():
    demo = DescentDemo()
    (mark,) = demo.ball.marks(demo)
    assert (mark.x, mark.y) == tuple(START) == tuple(demo.begun.get_xydata()[0])
    assert demo.ball.dragged(demo, 0, 3.04, -9.0) == {"x": 3.0, "y": -3.0}
    assert demo.ball.clicked(demo, 3.04, 1.0) == {"x": 3.0, "y": 1.0}
    assert demo.ball.stepped(demo, 0, 1, -1) == {"x": -7.9, "y": 1.5}
    demo.set(x=5.0, y=-2.0, step=20)
    assert_allclose(demo.path.get_xydata()[0], (5, -2))
    assert_allclose(demo.state.path, compute("momentum", 0.01, 0.0, 20, 5.0, -2.0).path)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_the_dashed_line_is_the_next_step(optimizer):
    now, then = compute(optimizer, 0.03, 0.7, 7), compute(optimizer, 0.03, 0.7, 8)
    assert_allclose(now.ahead, then.path[-1])
    assert_allclose(now.path, then.path[:-1])


def test_time_begins_at_0_and_then_says_how_steep_it_is():
    demo = DescentDemo()
    assert demo.start["step"] == 0
    assert len(demo.state.path) == 1
    # ½ (8² + 25 · 1.6²) = 64; slopes 25 · 1.6 and 8.
    assert demo.said() == "At the start the loss is 64; its slope across the ravine is 40, along it 8."
    assert not np.array_equal(*demo.ahead.get_xydata())


def test_it_says_how_often_the_path_crossed_the_ravine():
    demo = DescentDemo(step=10)
    # η = 0.01: θ₁ shrinks by 0.99 and θ₂ by 0.75 a step, and neither changes its sign.
    loss = 0.5 * ((8 * 0.99**10) ** 2 + 25 * (1.6 * 0.75**10) ** 2)
    start = f"After 10 steps of gradient descent the loss is {loss:.2g}"
    assert demo.said() == f"{start}; the path never crossed the ravine's floor."
    demo.set(rate=10**-1.12)  # 1 − 25 · 0.0759 is negative: every step crosses
    assert demo.said().endswith("crossed the ravine's floor 10 times.")
    demo.set(rate=10.0)
    assert demo.said().startswith("Lost: after ")


def test_large_and_small_losses_are_said_as_people_write_them():
    demo = DescentDemo(x=-10.0, y=3.0, rate=1e-4, step=1)
    assert "the loss is 162; " in demo.said()
    demo.set(rate=0.1, step=20)
    assert "e+" not in demo.said()
    assert "1.2·10⁹" in demo.said()
    assert "1.2·10⁹" in demo.end.get_text()
    demo.set(rate=10**-1.5, alpha=0.7, step=100)
    assert "·10⁻" in demo.said()
