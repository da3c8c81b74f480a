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


@pytest.fixture(scope="module")
def demo():
    images = np.random.default_rng(0).integers(1, 255, (12, 3, 32, 32)).astype(np.uint8)
    return PixelsDemo(images)


def test_the_window_is_dragged_clicked_and_stepped_and_stands_where_it_is_drawn(demo):
    demo.set(**demo.start)
    for x, y, expected in ((20, 9, (18, 7)), (-3, 40, (0, 27)), (31, 0, (27, 0)), (15.4, 14.6, (13, 13))):
        wanted = dict(zip(("column", "row"), expected, strict=True))
        assert demo.window.dragged(demo, 0, x, y) == demo.window.clicked(demo, x, y) == wanted
        demo.set(**wanted)
        (mark,) = demo.window.marks(demo)
        for frame in demo.frames:
            left, top = frame.get_xy()
            assert (mark.x, mark.y) == (left + frame.get_width() / 2, top + frame.get_height() / 2)
            assert (mark.w, mark.h) == (frame.get_width(), frame.get_height())
    demo.set(row=5, column=5)
    assert demo.window.stepped(demo, 0, 1, 0) == {"column": 6, "row": 5}
    assert demo.window.stepped(demo, 0, 0, 1) == {"column": 5, "row": 4}
    (mark,) = demo.window.marks(demo)
    assert mark.name == "the window: column = 5, row = 5"


def test_it_says_what_the_middle_of_the_window_holds_and_how_many_numbers_are_cut_off(demo):
    demo.set(**demo.start)
    red, green, blue = demo.images[0, :, 14, 15]
    assert demo.said() == (
        f"Middle of the window (row 14, column 15): red {red}, green {green}, blue {blue}. "
        "Of all 3,072 numbers, none stands at 0 or 255."
    )
    demo.set(brightness=100, row=0, column=27)
    cut = sum(int(value) + 100 >= 255 for value in demo.images[0].ravel())
    red, green, blue = (min(255, int(value) + 100) for value in demo.images[0, :, 2, 29])
    assert f"(row 2, column 29): red {red}, green {green}, blue {blue}." in demo.said()
    assert demo.said().endswith(f"{cut:,} stand at 0 or 255.")
    demo.set(brightness=-255)
    assert demo.said().endswith("3,072 stand at 0 or 255.")


def test_presets_keep_the_window_but_for_the_corner(demo):
    assert demo.preset("Lights out") == {"picture": 0, "brightness": -120, "row": 12, "column": 13}
    assert demo.preset("Top left corner") == {"picture": 0, "brightness": 0, "row": 0, "column": 0}
