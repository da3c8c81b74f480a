"""The deck's three ReLUs, and their sum by plain arithmetic."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from lib.demos.relu_sum import SIGNS, ReLUSumDemo, compute, formula


def by_hand(x, apart, signs):
    """−(2x) − 8, 3x + 12 and x + 4, the first and the last shifted: the sum of their positive parts."""
    lines = -(2 * (x + apart)) - 8, 3 * x + 12, (x - apart) + 4
    return sum(sign * max(0, line) for sign, line in zip(SIGNS[signs], lines, strict=True))


numbers = st.floats(-10, 2)
aparts = st.floats(0, 3)
signs = st.sampled_from(list(SIGNS))


@settings(deadline=None)
@given(x=numbers, apart=aparts, signs=signs)
def test_the_sum_is_that_of_plain_arithmetic(x, apart, signs):
    state = compute(x, apart, signs)
    assert state.sum_at_x == pytest.approx(by_hand(x, apart, signs), abs=1e-9)
    assert_allclose(state.total, [by_hand(x, apart, signs) for x in state.axis], atol=1e-9)
    assert_allclose(state.kink_heights, [by_hand(x, apart, signs) for x in state.kinks], atol=1e-9)


@settings(deadline=None)
@given(x=numbers, apart=aparts, signs=signs)
def test_the_slope_is_the_difference_quotient_away_from_kinks(x, apart, signs):
    state = compute(x, apart, signs)
    if np.abs(np.array([-4 - apart, -4, -4 + apart]) - x).min() > 1e-4:
        rise = by_hand(x + 1e-5, apart, signs) - by_hand(x - 1e-5, apart, signs)
        assert state.slope == pytest.approx(rise / 2e-5, abs=1e-6)


@settings(deadline=None)
@given(apart=st.floats(0.01, 3), signs=signs)
def test_there_is_a_kink_wherever_the_slope_changes_and_nowhere_else(apart, signs):
    kinks = compute(0.0, apart, signs).kinks
    assert len(kinks) == 3
    for left, right in zip([-10.0, *kinks], [*kinks, 2.0], strict=True):
        quarter = np.linspace(left, right, 5)[1:-1]
        assert np.diff([by_hand(x, apart, signs) for x in quarter], 2) == pytest.approx(0, abs=1e-9)


def test_the_decks_three_lines_bend_at_one_place_only():
    state = compute(-7.0, 0.0, "+ + +")
    assert state.kinks.tolist() == [-4.0]
    assert [compute(x, 0.0, "+ + +").slope for x in (-5.0, -3.0)] == [-2.0, 4.0]
    assert_allclose(compute(0.0, 0.0, "+ + −").total, 2 * np.abs(state.axis + 4))


def test_three_bends_in_one_place_can_cancel():
    state = compute(-1.0, 0.0, "+ − +")
    assert state.kinks.size == 0
    assert_allclose(state.total, -2 * state.axis - 8)


def test_the_formulas_are_those_of_the_units():
    state = compute(0.0, 2.0, "+ + +")
    shown = [formula(w, b) for w, b in zip((-2.0, 3.0, 1.0), state.biases, strict=True)]
    assert shown == ["max(0, −2x − 12)", "max(0, 3x + 12)", "max(0, x + 2)"]


def test_the_presets_have_as_many_pieces_as_they_say():
    pieces = {name: len(compute(**ReLUSumDemo().preset(name)).kinks) + 1 for name in ReLUSumDemo.presets}
    assert pieces["The lecture's three"] == 2
    assert pieces["Four pieces"] == 4


def test_a_corner_is_dragged_and_its_partner_goes_to_the_other_side():
    demo = ReLUSumDemo()
    assert demo.corners.dragged(demo, 0, -5.52, 3.0) == {"apart": 1.5}
    assert demo.corners.dragged(demo, 1, -2.0, 0.0) == {"apart": 2.0}
    assert demo.corners.dragged(demo, 1, -6.0, 0.0) == {"apart": 0.0}  # it stays on its side
    demo.set(apart=1.2)
    for mark, knob in zip(demo.corners.marks(demo), demo.knobs, strict=True):
        assert_allclose((mark.x, mark.y), np.ravel(knob.get_data()), atol=1e-9)
    assert demo.corners.stepped(demo, 0, -1, 0) == {"apart": pytest.approx(1.3)}
    assert demo.corners.stepped(demo, 1, -1, 0) == {"apart": pytest.approx(1.1)}


def test_the_place_is_dragged_on_the_sum_or_clicked():
    demo = ReLUSumDemo()
    (mark,) = demo.place.marks(demo)
    assert (mark.x, mark.y) == (demo.mark.get_data()[0][0], demo.mark.get_data()[1][0]) == (-7.0, 6.0)
    assert demo.place.dragged(demo, 0, -3.04, 99.0) == {"x": -3.0}
    assert demo.place.clicked(demo, 1.0, 0.0) == {"x": 1.0}


def test_it_says_what_is_on_and_how_steep_and_in_how_many_pieces():
    demo = ReLUSumDemo()
    assert (
        demo.said() == "At x = −7.0, 1 of 3 units is on, and the slope is −2; the sum has 2 straight pieces."
    )
    demo.set(apart=2.0, x=-1.0)
    assert (
        demo.said() == "At x = −1.0, 2 of 3 units are on, and the slope is 4; the sum has 4 straight pieces."
    )
    demo.set(apart=0.0, x=-7.0, signs="+ − +")
    assert demo.said().endswith("the slope is −2; the sum has no bend at all.")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ((np.inf, 0.0, "+ + +"), "x: expected a finite number, got inf"),
        ((0.0, -1.0, "+ + +"), "apart: expected a number of at least 0, got -1"),
        ((0.0, 0.0, "− − −"), "^signs: expected .*got '− − −'"),
    ],
)
def test_bad_input_is_refused_by_name(values, message):
    with pytest.raises(ValueError, match=message):
        compute(*values)
