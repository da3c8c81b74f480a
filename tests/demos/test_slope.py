"""The slopes of the demo against the deck's numbers and against scipy."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy.differentiate import derivative

from lib.demos.slope import LEFT, LOSSES, RIGHT, STEPS, compute


@pytest.mark.parametrize("loss", LOSSES)
@settings(deadline=None, max_examples=30)
@given(w=st.floats(-12, 12))
def test_the_analytic_slope_is_the_derivative(loss, w):
    found = derivative(LOSSES[loss][0], w)
    assert_allclose(compute(w, 0.01, "central", loss).analytic, found.df, rtol=1e-7, atol=1e-9)


@settings(deadline=None)
@given(w=st.floats(-12, 12), h=st.floats(1e-3, 4))
def test_nudging_the_parabola_is_off_by_h_on_one_side_and_exact_on_both(w, h):
    assert_allclose(compute(w, h, "forward", "w²").numerical, 2 * w + h, atol=1e-9)
    assert_allclose(compute(w, h, "central", "w²").numerical, 2 * w, atol=1e-9)


@settings(deadline=None)
@given(w=st.floats(-12, 12), h=st.floats(0.1, 4), difference=st.sampled_from(["forward", "central"]))
def test_the_lines_pass_through_the_points_they_should(w, h, difference):
    state = compute(w, h, difference, "w⁴/100")
    borders = np.array([LEFT, RIGHT])
    start = w - h if difference == "central" else w
    assert_allclose(state.ends, [[start, start**4 / 100], [w + h, (w + h) ** 4 / 100]])
    assert_allclose(np.polyval(np.polyfit(*state.ends.T, 1), borders), state.secant, rtol=1e-6, atol=1e-6)
    assert_allclose(np.interp(w, borders, state.tangent), w**4 / 100, atol=1e-7)
    assert_allclose(np.diff(state.tangent) / np.diff(borders), w**3 / 25, atol=1e-7)


def test_every_point_of_the_error_curves_is_what_the_slider_gives():
    for row, difference in enumerate(("forward", "central")):
        for column, h in enumerate(STEPS):
            state = compute(5.3, h, difference, "w⁴/100")
            assert state.errors[row, column] == abs(state.numerical - state.analytic)


def test_truncation_shrinks_with_h_and_with_its_square_until_rounding_takes_over():
    forward, central = compute(5.3, 1e-2, "forward", "w⁴/100").errors
    at = {h: int(np.abs(np.log10(STEPS) - np.log10(h)).argmin()) for h in (1, 1e-1, 1e-2, 1e-12)}
    assert forward[at[1e-1]] / forward[at[1e-2]] == pytest.approx(10, rel=0.05)
    assert central[at[1]] / central[at[1e-1]] == pytest.approx(100, rel=0.05)
    assert forward[at[1e-12]] > 100 * forward.min()
    assert central[at[1e-12]] > 100 * central.min()


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ((np.nan, 0.1, "forward", "w²"), "w: expected a finite number, got nan"),
        ((1.0, 0.0, "forward", "w²"), "h: expected a number above 0, got 0.0"),
        ((1.0, 0.1, "backward", "w²"), "^difference: expected .*got 'backward'"),
        ((1.0, 0.1, "forward", "w³"), "^loss: expected .*got 'w³'"),
    ],
)
def test_bad_input_is_refused_by_name(values, message):
    with pytest.raises(ValueError, match=message):
        compute(*values)
