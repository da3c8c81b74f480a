"""The fast image that demos paint pictures with, and numbers on pixels."""

import numpy as np
from hypothesis import given, settings
from hypothesis.extra.numpy import arrays
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from lib.demos.kit.screen import NumberGrid, Screen, dots, number_masks


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
    grid.fill(np.full((2, 2, 3), 200, np.uint8), values)
    pixels = grid.cells(NumberGrid.TILE)
    masks = number_masks(NumberGrid.TILE, NumberGrid.TILE, 19)
    for i, j in np.ndindex(2, 2):
        tile = pixels[i * 60 : i * 60 + 60, j * 60 : j * 60 + 60][1:, 1:]  # without the white lines
        ink = masks[values[i, j, 0]][1:, 1:] > 127
        assert (tile[ink] == 0).all()
        assert (tile[~ink] == 200).all()


def test_the_numbers_in_print_are_all_different():
    masks = number_masks(20, 60, 19)
    assert len({mask.tobytes() for mask in masks}) == 256
