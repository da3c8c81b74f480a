"""The nudged Linear(1, 2) against torch."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from lib.demos.nudge import BIAS, OUTPUTS, WEIGHTS, NudgeDemo, X, compute


def torch_loss(weights, x):
    """Loss and gradient in the weights of deck A1's model, by torch."""
    model = torch.nn.Linear(1, 2, dtype=torch.float64)
    with torch.no_grad():
        model.weight[:] = torch.tensor(weights, dtype=torch.float64)[:, None]
        model.bias[:] = torch.tensor(BIAS)
    loss = torch.nn.CrossEntropyLoss()(model(torch.tensor([[x]], dtype=torch.float64)), torch.tensor([0]))
    loss.backward()
    return loss.item(), model.weight.grad[:, 0].numpy()


@settings(deadline=None)
@given(w1=st.floats(-3.5, 3.5), w2=st.floats(-3.5, 3.5), x=st.floats(-2, 2), h=st.floats(1e-3, 1))
def test_loss_gradient_and_nudged_losses_are_those_of_torch(w1, w2, x, h):
    state = compute(w1, w2, x, h)
    loss, gradient = torch_loss([w1, w2], x)
    assert_allclose(state.loss, loss, atol=1e-12)
    assert_allclose(state.analytic, gradient, atol=1e-12)
    nudged = [torch_loss([w1 + h, w2], x)[0], torch_loss([w1, w2 + h], x)[0]]
    assert_allclose(state.nudged, nudged, atol=1e-12)
    assert_allclose(state.numerical, (np.array(nudged) - loss) / h, atol=1e-9)
    assert_allclose(state.probabilities, torch.softmax(torch.tensor(state.scores), 0), atol=1e-12)
    for k, curve in enumerate(state.curves):
        for i in (0, 17, 80):
            weights = [w1, w2]
            weights[k] = state.axis[i]
            assert_allclose(curve[i], torch_loss(weights, x)[0], atol=1e-12)


def test_it_starts_with_the_numbers_of_the_deck():
    start = NudgeDemo().start
    assert (start["w1"], start["w2"]) == tuple(WEIGHTS)
    assert start["x"] == X
    assert round(X, 4) == 0.1854
    assert start["h"] == pytest.approx(1e-5)
    assert_allclose(compute(**start).scores, OUTPUTS)


def test_the_values_of_the_deck_and_of_the_presets_lie_on_the_sliders_steps():
    demo = NudgeDemo()
    for values in (demo.start, *map(demo.preset, demo.presets)):
        for name in ("w1", "w2", "x"):
            control = demo.controls[name]
            steps = (values[name] - control.low) / control.step
            assert steps == pytest.approx(round(steps), abs=1e-6)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ((np.nan, 0, 1, 1), "w1: expected a finite number, got nan"),
        ((0, 0, np.inf, 1), "x: expected a finite number, got inf"),
        ((0, 0, 1, 0), "h: expected a number above 0, got 0"),
    ],
)
def test_bad_input_is_refused_by_name(values, message):
    with pytest.raises(ValueError, match=message):
        compute(*values)


def test_the_point_on_either_curve_sets_its_weight():
    demo = NudgeDemo()
    for name, handle, dot in zip(("w1", "w2"), (demo.first, demo.second), demo.points, strict=True):
        (mark,) = handle.marks(demo)
        assert (mark.x, mark.y) == pytest.approx(dot.get_xydata()[0])
        assert mark.drag == "x"
        low = demo.controls[name].low
        assert handle.dragged(demo, 0, low + 1.01, 5.0) == {name: pytest.approx(low + 1.0)}
        assert handle.stepped(demo, 0, 1, 0) == {name: pytest.approx(demo.values[name] + 0.05)}
        assert handle.dragged(demo, 0, -99.0, 0.0) == {name: pytest.approx(low)}


def test_it_says_what_the_nudge_changes_and_the_formula_of_the_slopes():
    demo = NudgeDemo()
    loss, gradient = torch_loss(WEIGHTS, X)
    nudged = [torch_loss(WEIGHTS + 1e-5 * row, X)[0] - loss for row in np.eye(2)]
    assert "Nudged by 1e−05" in demo.said()
    for change in nudged:
        assert f"{change:.2g}".replace("-", "−") in demo.said()
    assert f"∓{gradient[1] / X:.3g} · {X:.3g}." in demo.said()
    demo.set(x=-1.9945718)
    assert demo.said().endswith("· (−1.99).")


@pytest.mark.parametrize("name", ["w1", "w2", "x"])
def test_a_slider_stays_within_ends_of_many_digits(name):
    slider = NudgeDemo.controls[name]
    for value in (slider.high, slider.low, 99, -99):
        assert slider.low <= slider.nearest(value) <= slider.high
        for by in (-1, 0, 1, 1000):
            NudgeDemo.checked({name: slider.step_from(slider.nearest(value), by)})
