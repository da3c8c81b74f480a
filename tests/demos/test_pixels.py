"""The arithmetic of the pixel demo."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from data_loaders import Split
from lib.demos.pixels import SIDE, PixelsDemo, compute

images = arrays(np.uint8, (3, 9, 11))


@given(image=images, row=st.integers(0, 4), column=st.integers(0, 6), brightness=st.integers(-255, 255))
def test_every_number_is_brightened_and_cut_off_and_the_window_shows_its_own(image, row, column, brightness):
    state = compute(image, row, column, brightness)
    for i in range(9):
        for j in range(11):
            for channel in range(3):
                expected = min(255, max(0, int(image[channel, i, j]) + brightness))
                assert state.picture[i, j, channel] == expected
    for i in range(SIDE):
        for j in range(SIDE):
            np.testing.assert_array_equal(state.patch[i, j], state.picture[row + i, column + j])


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        ((np.zeros((9, 11, 3), np.uint8), 0, 0, 0), "image"),
        ((np.zeros((3, 9, 11)), 0, 0, 0), "image"),
        ((np.zeros((3, 9, 11), np.uint8), 5, 0, 0), "row"),
        ((np.zeros((3, 9, 11), np.uint8), 0, -1, 0), "column"),
        ((np.zeros((3, 9, 11), np.uint8), 0, 0, 256), "brightness"),
    ],
)
def test_bad_input_is_refused_by_name(arguments, name):
    with pytest.raises(ValueError, match=f"^{name}: "):
        compute(*arguments)


def test_a_demo_needs_enough_pictures():
    with pytest.raises(ValueError, match=r"^data: expected 12 or more"):
        PixelsDemo(Split(np.zeros((3, 3, 32, 32), np.uint8), np.zeros(3, np.int64)))
