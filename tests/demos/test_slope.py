"""The slopes of the demo against the deck's numbers and against scipy."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy.differentiate import derivative

from lib.demos.slope import FLOOR, LEFT, LOSSES, RIGHT, STEPS, TOP, SlopeDemo, compute


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


@pytest.mark.parametrize("difference", ["forward", "central"])
def test_both_points_of_the_secant_can_be_dragged(difference):
    demo = SlopeDemo(w=6.0, h=1.0, difference=difference)
    (point,), (second,) = demo.point.marks(demo), demo.second.marks(demo)
    assert_allclose([(point.x, point.y), (second.x, second.y)], [(6, 36), (7, 49)])
    assert_allclose([demo.here.get_xydata()[0], demo.ends.get_xydata()[1]], [(6, 36), (7, 49)])
    assert demo.point.dragged(demo, 0, -3.02, 500.0) == {"w": -3.0}
    assert demo.second.dragged(demo, 0, 8.5, 0.0) == {"h": pytest.approx(10**0.4)}
    assert demo.second.dragged(demo, 0, -9.0, 0.0) == {"h": pytest.approx(0.01)}  # never left of the first
    assert demo.second.stepped(demo, 0, -1, 0) == {"h": pytest.approx(10**-0.2)}
    assert demo.point.stepped(demo, 0, 1, 0) == {"w": pytest.approx(6.1)}


def test_a_point_above_the_plot_has_its_mark_at_the_edge():
    demo = SlopeDemo(w=12.0, loss="w⁴/100")
    assert demo.second.marks(demo)[0].y == TOP


def test_the_ring_on_the_error_curve_sets_h_by_dragging_or_a_click():
    demo = SlopeDemo(w=10.0, h=0.01)
    (mark,) = demo.ring.marks(demo)
    assert (mark.x, mark.y) == pytest.approx(demo.now.get_xydata()[0])
    assert mark.y == pytest.approx(0.01, rel=1e-6)
    for does in (demo.ring.clicked, lambda *a: demo.ring.dragged(a[0], 0, *a[1:])):
        assert does(demo, 3e-9, 1.0) == {"h": pytest.approx(10**-8.6)}
    demo.set(difference="central")
    assert demo.ring.marks(demo)[0].y >= FLOOR


def test_it_says_both_slopes_and_which_h_is_better():
    demo = SlopeDemo(w=10.0, h=0.01)
    assert demo.said().startswith(
        "With h = 0.01 the secant's slope is 20.01, the tangent's 20: off by 0.01; h = "
    )
    best = float(demo.said().split("h = ")[2].split(" is")[0].replace("−", "-"))
    errors = {h: abs(((10 + h) ** 2 - 100) / h - 20) for h in STEPS}
    assert best == pytest.approx(min(errors, key=errors.get), rel=0.1)
    demo.set(h=best)
    assert demo.said().count("h = ") == 1
    demo.set(w=-3.0, h=1.0)
    assert "slope is −5, the tangent's −6: off by 1" in demo.said()


def test_the_h_it_says_is_the_h_it_used():
    assert SlopeDemo().said().startswith("With h = 3.981 the secant's slope is 23.981072, ")
    demo = SlopeDemo()
    for h in STEPS:
        demo.set(h=h)
        assert float(demo.said().split()[3].replace("−", "-")) == pytest.approx(h, rel=5e-4)


@pytest.mark.parametrize("loss", LOSSES)
def test_the_names_of_secant_and_tangent_stay_in_the_plot_and_apart(loss):
    demo = SlopeDemo(loss=loss)
    for w in range(-12, 13, 2):
        for h in (1e-14, 0.1, 10**0.6):
            demo.set(w=float(w), h=h)
            (x1, y1), (x2, y2) = (name.get_position() for name in demo.names)
            assert min(y1, y2) >= -60
            assert max(y1, y2) <= TOP
            assert abs(x1 - x2) >= 7.9 or abs(y1 - y2) >= 23.9
