"""Bumps against closed forms: boxes, straight pieces between the middles, and the same sum by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy.special import expit

from lib.demos.bumps import FUNCTIONS, MOST, UNITS, BumpsDemo, X, compute, network

functions = st.sampled_from(list(FUNCTIONS))
counts = st.integers(1, MOST)
steepnesses = st.floats(3, 1000)


@settings(deadline=None, max_examples=40)
@given(function=functions, bumps=counts, w=steepnesses)
def test_sigmoid_bumps_are_differences_of_two_steps(function, bumps, w):
    state = compute(function, bumps, w, "sigmoid")
    width = 1 / (bumps + 1)
    for i, bump in enumerate(state.bumps, start=1):
        middle = i * width
        height = FUNCTIONS[function](np.array([middle]))[0]
        box = expit(w * (X - (middle - width / 2))) - expit(w * (X - (middle + width / 2)))
        assert_allclose(bump, height * box, atol=1e-12)
    assert_allclose(state.total, state.bumps.sum(axis=0), atol=1e-12)
    assert state.units == 2 * bumps


@settings(deadline=None, max_examples=40)
@given(function=functions, bumps=counts)
def test_relu_bumps_that_just_meet_are_straight_pieces_through_the_middles(function, bumps):
    """A ramp is 4 / w wide, so at w = 4 (bumps + 1) it is as wide as a piece: linear interpolation."""
    state = compute(function, bumps, 4.0 * (bumps + 1), "ReLU")
    nodes = np.linspace(0, 1, bumps + 2)
    heights = np.concatenate([[0], FUNCTIONS[function](nodes[1:-1]), [0]])
    assert_allclose(state.total, np.interp(X, nodes, heights), atol=1e-9)
    assert state.units == 4 * bumps


def test_steep_bumps_are_boxes():
    state = compute("roof", 4, 1e6, "sigmoid")
    nodes = np.array([0.2, 0.4, 0.6, 0.8])
    nearest = np.abs(X[:, None] - nodes).argmin(axis=1)
    inside = (np.abs(X - 0.5) < 0.399) & (np.abs(np.abs(X[:, None] - nodes) - 0.1) > 1e-3).all(axis=1)
    assert_allclose(state.total[inside], FUNCTIONS["roof"](nodes)[nearest][inside], atol=1e-9)
    assert_allclose(state.total[(X < 0.099) | (X > 0.901)], 0, atol=1e-9)


@settings(deadline=None, max_examples=40)
@given(function=functions, bumps=counts, w=steepnesses, units=st.sampled_from(list(UNITS)))
def test_the_errors_are_those_of_the_networks(function, bumps, w, units):
    state = compute(function, bumps, w, units)
    by_hand = np.abs(
        network(function, bumps, w, units).forward(X[:, None])[:, 0] - FUNCTIONS[function](X)
    ).max()
    assert state.error == pytest.approx(by_hand, abs=1e-12)
    assert state.errors.shape == (MOST,)
    assert state.errors[bumps - 1] == pytest.approx(by_hand, abs=1e-9)


def test_what_the_presets_say():
    demo = BumpsDemo()
    states = {name: compute(**demo.preset(name)) for name in demo.presets}
    assert states["Forty"].error < 0.05 < states["Boxes"].error
    assert states["Too soft"].error > 5 * states["Forty"].error
    assert states["Too soft"].errors[-1] > 0.9 * states["Too soft"].errors[19]  # more bumps do not help
    assert states["A jump"].errors.min() > 0.4
    straight = demo.preset("Straight pieces")
    assert straight["steepness"] == pytest.approx(4 * (straight["bumps"] + 1), rel=0.02)


def test_the_functions_are_zero_at_both_ends():
    for function in FUNCTIONS.values():
        assert_allclose(function(np.array([0.0, 1.0])), 0, atol=1e-12)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (("sine", 3, 10.0, "ReLU"), "^function: expected .*got 'sine'"),
        (("waves", 0, 10.0, "ReLU"), "^bumps: expected .*got 0"),
        (("waves", 2.5, 10.0, "ReLU"), "^bumps: expected .*got 2.5"),
        (("waves", 3, np.inf, "ReLU"), "^steepness: expected .*got inf"),
        (("waves", 3, 10.0, "tanh"), "^units: expected .*got 'tanh'"),
    ],
)
def test_bad_input_is_refused_by_name(values, message):
    with pytest.raises(ValueError, match=message):
        compute(*values)
