"""Tiles: words land in their squares, colours and frames where they belong."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure
from numpy.testing import assert_array_equal

from lib.demos.kit.rounded import rounded
from lib.demos.kit.tiles import Tiles


def painted(colours, words, frames=None, side=20):
    axes = Figure().add_axes((0, 0, 1, 1))
    tiles = Tiles(axes, 3, 4, side=side, font=12)
    tiles.fill(np.array(colours, np.uint8), words, frames)
    return tiles.cells(side)


def test_each_square_has_its_colour_and_the_rest_is_white():
    picture = painted([[[10, 20, 30], [200, 210, 220]]], [["", ""]])
    assert picture.shape == (60, 80, 3)
    assert_array_equal(picture[10, 10], [10, 20, 30])
    assert_array_equal(picture[10, 30], [200, 210, 220])
    assert (picture[20:] == 255).all()
    assert (picture[:, 40:] == 255).all()


def test_ink_is_dark_on_bright_squares_and_bright_on_dark_ones():
    dark, bright = [0, 0, 100], [240, 230, 100]
    picture = painted([[dark, bright]], [["8", "8"]])
    assert picture[1:20, 1:20].max() > 250
    assert picture[1:20, 21:40].min() < 5


def test_a_frame_is_drawn_around_its_square_only():
    colours = np.full((2, 2, 3), 200, np.uint8)
    picture = painted(colours, [["", ""], ["", ""]], np.array([[False, True], [False, False]]))
    black = (picture == 0).all(axis=2)
    assert black[1:20, 21:40].sum() == 19 * 19 - 13 * 13
    assert black.sum() == black[1:20, 21:40].sum()


def test_a_wrong_word_would_be_another_picture():
    colours = np.full((1, 1, 3), 255, np.uint8)
    assert (painted(colours, [["1"]]) != painted(colours, [["7"]])).any()


def test_numbers_are_short():
    numbers = (0.0, -0.0, -0.04, 2.5, -142.26, 1020.4, -1020.6, 9.96, 12345.6, 0.1 * 3)
    assert [rounded(x, 4) for x in numbers] == [
        "0", "0", "−0.04", "2.5", "−142.3", "1020", "−1021", "9.96", "12346", "0.3",
    ]  # fmt: skip


@given(st.floats(-1e12, 1e12), st.integers(1, 6), st.booleans())
def test_a_rounded_number_is_near_and_has_no_power_of_ten(number, digits, zeros):
    text = rounded(number, digits, zeros=zeros).replace("−", "-")
    assert "e" not in text
    assert not text.endswith(".")
    assert abs(float(text) - number) <= 0.5 * 10.0 ** (1 - digits) * abs(number) * (1 + 1e-6)
