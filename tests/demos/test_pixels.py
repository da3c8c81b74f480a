"""The arithmetic of the pixel demo, and the fast image that it is painted with."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from data_loaders import Split
from lib.demos.pixels import SIDE, NumberGrid, PixelsDemo, Screen, compute, dots, number_masks

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


def painted(figure):
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3].copy()


@settings(deadline=None, max_examples=10)
@given(picture=arrays(np.uint8, (4, 5, 3)))
def test_a_screen_paints_what_imshow_paints(picture):
    fast, slow = Figure((2, 1), dpi=100), Figure((2, 1), dpi=100)
    box = (0.1, 0.1, 0.5, 0.8)  # 100 × 80 dots: twenty for each pixel
    Screen(fast.add_axes(box), (4, 5)).set_data(picture)
    axes = slow.add_axes(box)
    axes.imshow(picture, interpolation="nearest", aspect="auto")
    axes.set_axis_off()
    np.testing.assert_array_equal(painted(fast), painted(slow))


def test_each_number_is_printed_on_the_square_of_its_pixel():
    figure = Figure((2, 2), dpi=100)
    grid = NumberGrid(dots(figure, 10, 10, 2 * NumberGrid.TILE), 2)
    values = np.array([[[0], [77]], [[128], [255]]], np.uint8)
    grid.set(np.full((2, 2, 3), 200, np.uint8), values)
    pixels = np.asarray(grid.screen.get_array())
    masks = number_masks(NumberGrid.TILE, NumberGrid.TILE)
    for i, j in np.ndindex(2, 2):
        tile = pixels[i * 60 : i * 60 + 60, j * 60 : j * 60 + 60][1:, 1:]  # without the white lines
        ink = masks[values[i, j, 0]][1:, 1:] > 127
        assert (tile[ink] == 0).all()
        assert (tile[~ink] == 200).all()


def test_the_numbers_in_print_are_all_different():
    masks = number_masks(20, 60)
    assert len({mask.tobytes() for mask in masks}) == 256
    assert not plt.get_fignums()
