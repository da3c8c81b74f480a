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


@settings(deadline=None, max_examples=20)
@given(function=functions, bumps=counts, tops=st.lists(st.floats(-1.5, 1.5), min_size=1, max_size=MOST))
def test_tops_by_hand_take_the_place_of_the_first_ones(function, bumps, tops):
    state, rule = (compute(function, bumps, 100.0, "ReLU", given) for given in (tuple(tops), None))
    by_hand = min(bumps, len(tops))
    assert_allclose(state.tops[:by_hand], tops[:by_hand])
    assert_allclose(state.tops[by_hand:], rule.tops[by_hand:])
    boxes = compute(function, bumps, 100.0, "ReLU", (1.0,) * bumps).bumps
    assert_allclose(state.total, state.tops @ boxes, atol=1e-9)
    assert_allclose(state.errors, rule.errors)
    assert state.error == pytest.approx(np.abs(state.total - state.function).max())


def test_a_top_is_dragged_up_and_down_and_stands_where_it_is_drawn():
    demo = BumpsDemo(bumps=3)
    touch = demo.touches["tops"]
    rule = FUNCTIONS["waves"](np.array([0.25, 0.5, 0.75]))
    marks = touch.marks(demo)
    assert_allclose([(m.x, m.y) for m in marks], demo.dots.get_xydata())
    assert_allclose([(m.x, m.y) for m in marks], np.column_stack([[0.25, 0.5, 0.75], rule]))
    assert {m.drag for m in marks} == {"y"}
    (tops,) = touch.dragged(demo, 1, 0.9, 0.25).values()
    assert_allclose(tops, (rule[0], 0.25, rule[2]))
    demo.set(tops=tops)
    assert_allclose(demo.dots.get_xydata()[1], (0.5, 0.25))
    assert touch.dragged(demo, 1, 0, 99)["tops"][1] == 1.5
    assert touch.stepped(demo, 1, 5, 2)["tops"][1] == pytest.approx(0.25 + 2 * 0.03)
    assert touch.removed(demo, 1) == touch.clicked(demo, 0.5, 0.5) == {}


def test_the_dot_on_the_right_is_the_number_of_bumps():
    demo = BumpsDemo()
    touch = demo.touches["count"]
    assert touch.dragged(demo, 0, 7.6, 0.1) == {"bumps": 8}
    assert touch.stepped(demo, 0, 1, 0) == {"bumps": 6}
    for bumps in (1, 40):
        demo.set(bumps=bumps)
        (mark,) = touch.marks(demo)
        assert_allclose((mark.x, mark.y), demo.now.get_xydata()[0])


def test_a_slider_or_a_handle_that_makes_other_tops_brings_the_rule_back():
    demo = BumpsDemo(tops=(0.5,))
    panel = demo.panel()
    panel.jump(demo.touches["count"].dragged(demo, 0, 9, 1))
    assert (demo.values["bumps"], demo.values["tops"]) == (9, None)
    panel.jump(demo.touches["tops"].dragged(demo, 0, 0, 1))
    assert demo.values["tops"][0] == 1
    panel.widgets["steepness"].value = 10.0
    assert demo.values["tops"][0] == 1
    panel.widgets["bumps"].value = 4
    assert demo.values["tops"] is None


def test_what_it_says():
    demo = BumpsDemo(function="roof", bumps=1, steepness=1000.0)
    enough = np.flatnonzero(compute("roof", 1, 1000.0, "sigmoid").errors < 0.1)[0] + 1
    assert (
        demo.said() == f"1 bump, 2 hidden units: off by 0.483 at most; {enough} would be the first below 0.1."
    )
    demo.set(tops=(0.75,))  # the worst places lie beside the bump, where it does not reach
    assert demo.said().endswith(
        "off by 0.483 at most, with tops on the function by 0.483: yours are no better."
    )
    demo.set(function="waves", bumps=2, steepness=100.0, tops=None)
    rule = demo.state.error
    higher = min(
        ((x, y) for x in np.linspace(-1, 1, 21) for y in np.linspace(-1, 1, 21)),
        key=lambda tops: compute("waves", 2, 100.0, "sigmoid", tops).error,
    )
    demo.set(tops=higher)
    assert demo.state.error < rule
    assert demo.said().endswith(f"with tops on the function by {rule:.3f}: yours are better.")
    demo.set(function="jump", bumps=40, steepness=1000.0, tops=None)
    assert demo.said().endswith("no number up to 40 gets below 0.1.")


@pytest.mark.parametrize("value", [(), (2.0,), (np.nan,), "high", (0.0,) * 41, 3, ((1.0,),)])
def test_tops_that_are_none_are_refused(value):
    demo = BumpsDemo()
    with pytest.raises(ValueError, match=r"^tops: expected None or up to 40 numbers from -1.5 to 1.5, got"):
        demo.set(tops=value)
    assert demo.values["tops"] is None


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
