"""The activation functions of the demo against torch, and its chains against torch's autograd."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from lib.demos.activations import FUNCTIONS, WITH_ALPHA, ActivationsDemo, compute

THEIRS = {
    "sigmoid": lambda alpha: torch.sigmoid,
    "tanh": lambda alpha: torch.tanh,
    "ReLU": lambda alpha: torch.relu,
    "leaky ReLU": lambda alpha: torch.nn.LeakyReLU(alpha),
    "PReLU": lambda alpha: lambda x: torch.nn.functional.prelu(x, torch.tensor([alpha], dtype=x.dtype)),
    "ELU": lambda alpha: torch.nn.ELU(alpha),
    "SELU": lambda alpha: torch.nn.SELU(),
    "GELU": lambda alpha: torch.nn.GELU(),
    "softplus": lambda alpha: torch.nn.Softplus(),
}
alphas = st.integers(0, 96).map(lambda n: n / 64)  # PReLU keeps its α in float32 at the start


@pytest.mark.parametrize("function", FUNCTIONS)
@settings(deadline=None, max_examples=15)
@given(x=st.floats(-5, 5).filter(lambda x: abs(x) > 1e-6), alpha=alphas, layers=st.integers(0, 12))
def test_value_slope_and_chain_are_torchs(function, x, alpha, layers):
    state = compute(function, x, alpha, layers)
    f = THEIRS[function](alpha)

    here = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    f(here.reshape(1)).sum().backward()
    assert state.value == pytest.approx(f(here.reshape(1)).item(), rel=1e-12, abs=1e-300)
    assert state.slope == pytest.approx(here.grad.item(), rel=1e-9, abs=1e-12)

    start = torch.tensor([x], dtype=torch.float64, requires_grad=True)
    end, products = start, [1.0]
    for _ in range(layers):
        end = f(end)
        products.append(torch.autograd.grad(end, start, retain_graph=True)[0].abs().item())
    assert_allclose(state.products, products, rtol=1e-8, atol=1e-12)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_the_curves_are_torchs_too(function):
    state = compute(function, 0.5, 0.25, 1)
    axis = torch.tensor(state.axis, requires_grad=True)
    values = THEIRS[function](0.25)(axis)
    values.sum().backward()
    assert_allclose(state.values, values.detach(), rtol=1e-12, atol=1e-15)
    assert_allclose(state.slopes, axis.grad, rtol=1e-9, atol=1e-12)


def test_the_slope_in_alpha_is_the_negative_part_of_x():
    assert compute("PReLU", -1.5, 0.25, 3).slope_in_alpha == -1.5
    assert compute("PReLU", 1.5, 0.25, 3).slope_in_alpha == 0
    assert compute("leaky ReLU", -1.5, 0.25, 3).slope_in_alpha is None


@pytest.mark.parametrize("function", sorted(set(FUNCTIONS) - set(WITH_ALPHA)))
def test_alpha_leaves_the_others_alone(function):
    one, other = compute(function, -1.0, 0.1, 5), compute(function, -1.0, 1.0, 5)
    assert_allclose(one.values, other.values, rtol=0, atol=0)


@pytest.mark.family(share=3)
def test_the_presets_do_what_they_are_called():
    states = {name: compute(**ActivationsDemo().preset(name)) for name in ActivationsDemo.presets}
    assert states["Sigmoid at its best"].slope == 0.25 == states["Sigmoid at its best"].slopes.max()
    assert states["A saturated tanh"].slope < 0.002
    assert (states["ReLU, on"].products == 1).all()
    assert (states["ReLU, off"].products[1:] == 0).all()
    assert states["GELU"].slope < 0


def test_the_point_the_mark_and_the_end_of_the_chain_are_dragged():
    demo = ActivationsDemo(function="tanh", x=1.0)
    touch = demo.touches
    assert touch["on_f"].dragged(demo, 0, 2.024, -1.0) == {"x": 2.0}
    assert touch["on_slope"].dragged(demo, 0, -9.0, 0.5) == {"x": -5.0}
    assert touch["on_f"].clicked(demo, 0.3, 4.0) == {"x": 0.3}
    assert touch["on_f"].stepped(demo, 0, 2, 0) == {"x": 1.1}
    assert touch["last_layer"].dragged(demo, 0, 14.4, 1e-9) == {"layers": 14}
    assert touch["last_layer"].stepped(demo, 0, -1, 0) == {"layers": 9}


@pytest.mark.family(share=3)
@pytest.mark.parametrize("function", FUNCTIONS)
def test_each_mark_stands_where_its_dot_is_drawn(function):
    demo = ActivationsDemo()
    for x in (-5.0, -0.8, 0.0, 5.0):
        demo.set(function=function, x=x, layers=30)
        for touch, dot in zip(("on_f", "on_slope", "last_layer"), demo.dots, strict=True):
            (mark,) = demo.touches[touch].marks(demo)
            assert_allclose((mark.x, mark.y), dot.get_xydata()[0], rtol=1e-12)
            low, high = dot.axes.get_ylim()
            assert low <= mark.y <= high


def test_what_it_says():
    demo = ActivationsDemo(function="ReLU", x=-1.5)
    assert demo.said() == "ReLU at x = −1.50: f = 0.000, slope 0.000; a chain of 10 such layers has slope 0."
    demo.set(function="sigmoid", x=0.0, layers=1)
    said = "sigmoid at x = 0.00: f = 0.500, slope 0.250; a chain of 1 such layer has slope 0.25."
    assert demo.said() == said
    demo.set(function="PReLU", x=-2.0, alpha=0.5, layers=3)
    assert "f = −1.000, slope 0.500, ∂f/∂α = −2.00; a chain of 3 such layers has slope 0.125." in demo.said()


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (("step", 0.0, 0.1, 1), "^function: expected .*got 'step'"),
        (("ReLU", np.nan, 0.1, 1), "x: expected a finite number, got nan"),
        (("ReLU", 0.0, -0.1, 1), "alpha: expected a number of at least 0, got -0.1"),
        (("ReLU", 0.0, 0.1, -1), "^layers: expected .*got -1"),
        (("ReLU", 0.0, 0.1, 1.5), "^layers: expected .*got 1.5"),
    ],
)
def test_bad_input_is_refused_by_name(values, message):
    with pytest.raises(ValueError, match=message):
        compute(*values)
