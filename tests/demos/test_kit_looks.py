"""Names that don't meet, ends of lines, colours on a dark page, contour maps."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from lib import plots
from lib.demos.kit.demo import DARK, LIGHT
from lib.demos.kit.looks import apart, draw_valley, legible, line_end, signed

height = st.floats(-100, 100).map(lambda number: round(number, 6))


@given(a=height, b=height, least=st.floats(0, 50))
def test_two_heights_keep_their_order_and_their_middle_and_are_far_enough_apart(a, b, least):
    x, y = apart(a, b, least=least)
    assert (x >= y) == (a >= b)
    assert abs(x - y) >= least - 1e-9
    assert x + y == pytest.approx(a + b, abs=1e-9)
    if abs(a - b) >= least:
        assert (x, y) == pytest.approx((a, b), abs=1e-9)


@given(a=st.floats(0, 10), b=st.floats(0, 10))
def test_they_stay_within_their_limits(a, b):
    x, y = apart(a, b, least=3, low=0, high=10)
    assert 0 <= min(x, y) <= max(x, y) <= 10 + 1e-9
    assert abs(x - y) >= 3 - 1e-9


@given(x=st.floats(-3, 3), y=st.floats(-3, 3), slope=st.floats(-50, 50))
def test_a_line_ends_at_an_edge_of_the_picture(x, y, slope):
    right, up = line_end(x, y, slope, right=4, low=-4, high=4)
    assert up == pytest.approx(y + slope * (right - x), abs=1e-6)
    assert x <= right <= 4
    assert right == 4 or up in (-4, 4)


def contrast(color, paper):
    """Contrast of two colours by WCAG 2.2, 1 to 21."""

    def luminance(name):
        parts = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(name)]
        return np.dot(parts, [0.2126, 0.7152, 0.0722])

    lighter, darker = sorted((luminance(color), luminance(paper)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("k", [0, 2, 5])
def test_the_colours_of_words_are_legible_on_a_dark_page(k):
    color = plots.COLORS[k]
    assert legible(color, dark=False) == color
    assert contrast(legible(color, dark=True), DARK[1]) > 4.5


@pytest.mark.parametrize("paper", [LIGHT[1], DARK[1]])
def test_a_valley_is_the_more_coloured_the_lower_it_is(paper):
    axes = Figure().subplots()
    x = np.linspace(-2, 2, 21)
    draw_valley(axes, x, x, np.add.outer(x**2, x**2), np.array([0, 1, 2, 4]), paper=paper)
    ground, hue = np.array(to_rgb(paper)), np.array(to_rgb(plots.COLORS[0]))
    shades = axes.collections[0].get_facecolor()[:, :3]
    shares = (shades - ground) @ (hue - ground) / ((hue - ground) @ (hue - ground))
    assert len(shares) == 3
    assert (np.diff(shares) < 0).all()


def test_minus_signs_are_true_ones():
    assert signed("−1.5 and 1e-05") == "−1.5 and 1e−05"
