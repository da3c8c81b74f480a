"""The convolution demo's arithmetic against scipy, and its presets against what they promise."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose, assert_array_equal
from scipy.signal import correlate2d

from data_loaders import load_shapes10
from lib.demos.convolve import CELL, CELLS, OUT, SIZE, ConvolveDemo, compute, signed_colours

KERNELS = {
    name: np.array([cells[cell] for cell in CELLS]).reshape(3, 3)
    for name, cells in ConvolveDemo.presets.items()
}


@settings(deadline=None, max_examples=30)
@given(
    image=arrays(np.float64, (SIZE, SIZE), elements=st.integers(0, 255)),
    kernel=arrays(np.float64, (3, 3), elements=st.floats(-4, 9)),
    position=st.integers(0, OUT * OUT - 1),
)
def test_the_output_is_that_of_scipy(image, kernel, position):
    state = compute(image, kernel, position)
    assert_allclose(state.output, correlate2d(image, kernel, mode="valid"), atol=1e-9)
    assert_allclose(state.products, state.patch * kernel)
    assert_allclose(state.value, state.products.sum(), atol=1e-9)
    assert_allclose(state.value, state.output.flat[position])
    assert_array_equal(state.patch, image[state.row : state.row + 3, state.column : state.column + 3])


def test_presets_do_what_they_are_called():
    image = np.random.default_rng(0).integers(0, 256, (SIZE, SIZE)).astype(float)
    flat, ramp = np.full((SIZE, SIZE), 77.0), np.tile(np.arange(SIZE) * 4.0, (SIZE, 1))

    def output(name, picture):
        return compute(picture, KERNELS[name], 0).output

    assert_array_equal(output("Identity", image), image[1:-1, 1:-1])
    assert_array_equal(output("Shift", image), image[1:-1, :-2])  # each pixel gets its left neighbour
    for name in ("Identity", "Blur", "Sharpen", "Emboss"):
        assert_allclose(output(name, flat), flat[1:-1, 1:-1])
    for name in ("Upright edges", "Level edges", "Laplacian"):
        assert_allclose(output(name, flat), 0, atol=1e-12)
    assert_allclose(output("Upright edges", ramp), 4 * 8)  # 8 times the slope
    assert_allclose(output("Level edges", ramp), 0)
    assert_allclose(output("Laplacian", ramp), 0)


def test_a_demo_edits_single_cells():
    demo = ConvolveDemo(load_shapes10().train.take(1))
    demo.set(**demo.preset("Identity"))
    before = demo.compute(**demo.values).kernel
    demo.set(bottom_right=-2.5)
    after = demo.compute(**demo.values).kernel
    assert_array_equal(np.argwhere(after != before), [[2, 2]])
    assert after[2, 2] == -2.5


def test_orange_is_below_zero_and_blue_above():
    orange, white, blue = signed_colours(np.array([[-1.0, 0.0, 1.0]]))[0].astype(int)
    assert orange[0] > orange[2]
    assert blue[2] > blue[0]
    assert len(set(white)) == 1


@pytest.mark.parametrize(
    ("image", "kernel", "position", "message"),
    [
        (np.zeros((3, 3)), np.ones((3, 3)), 0, "image: expected shape"),
        (np.zeros((SIZE, SIZE)), np.ones((2, 3)), 0, "kernel: expected shape .3, 3., got .2, 3."),
        (np.zeros((SIZE, SIZE)), np.full((3, 3), np.nan), 0, "kernel: expected finite numbers, got nan"),
        (np.zeros((SIZE, SIZE)), np.ones((3, 3)), OUT * OUT, "^position: expected .*got 900"),
        (np.zeros((SIZE, SIZE)), np.ones((3, 3)), 0.5, "^position: expected .*got 0.5"),
    ],
)
def test_bad_input_is_refused_by_name(image, kernel, position, message):
    with pytest.raises(ValueError, match=message):
        compute(image, kernel, position)


def test_data_without_colour_pictures_is_refused():
    with pytest.raises(ValueError, match="data: expected "):
        ConvolveDemo(load_shapes10().train.take(0))


def test_the_sliders_stand_as_the_cells_of_the_kernel_do():
    demo = ConvolveDemo(load_shapes10().train)
    assert demo.columns == 3
    assert list(demo.controls)[:9] == list(CELLS)
    assert [demo.controls[cell].label for cell in CELLS[:3]] == ["w₀₀", "w₀₁", "w₀₂"]


@pytest.fixture
def demo():
    return ConvolveDemo(load_shapes10().train.take(1))


def test_the_window_and_the_output_pixel_are_dragged_and_stand_where_they_are_drawn(demo):
    window, pixel = demo.touches["window"], demo.touches["pixel"]
    demo.set(**window.dragged(demo, 0, 12.4, 20.6))  # its middle
    assert divmod(demo.values["position"], OUT) == (20, 11)
    for touch, frame in ((window, demo.frame), (pixel, demo.dot)):
        (mark,) = touch.marks(demo)
        assert (mark.x - mark.w / 2, mark.y - mark.h / 2) == frame.get_xy()
        assert (mark.w, mark.h) == (frame.get_width(), frame.get_height())
        assert mark.name.endswith(": row 21, column 12")
    assert window.stepped(demo, 0, 1, 0) == {"position": 20 * OUT + 12}
    assert window.stepped(demo, 0, 0, 1) == {"position": 19 * OUT + 11}
    assert pixel.dragged(demo, 0, 3.2, 4.9) == pixel.clicked(demo, 3.2, 4.9) == {"position": 5 * OUT + 3}
    assert window.dragged(demo, 0, -40, 99) == {"position": 29 * OUT}
    demo.set(position=0)
    assert window.stepped(demo, 0, -1, 1) == {"position": 0}


def test_a_cell_of_the_kernel_is_dragged_clicked_and_turned(demo):
    cells = demo.touches["cells"]
    found = cells.marks(demo)
    assert [mark.name for mark in found[:3]] == ["w₀₀ = −1", "w₀₁ = 0", "w₀₂ = 1"]
    assert [(mark.x + 0.5) / CELL for mark in found[:3]] == [0.5, 1.5, 2.5]
    assert [(mark.y + 0.5) / CELL for mark in found[::3]] == [0.5, 1.5, 2.5]
    assert all(mark.wheel for mark in found)
    number = demo.kernel_cells()[4]
    up = cells.slid(demo, 4, number.x, number.y - 30, was=0.0)  # rows are counted from above
    assert up == cells.slid(demo, 4, number.x + 30, number.y, was=0.0) == {"centre": 1.0}
    assert cells.stepped(demo, 4, 0, -1) == {"centre": -0.1}
    assert cells.picked(demo, 4) == {"centre": 1.0}
    demo.set(centre=8.7)
    assert cells.picked(demo, 4) == {"centre": 9.0}
    demo.set(centre=9.0)
    assert cells.picked(demo, 4) == {"centre": -4.0}


def test_what_it_says_is_what_it_shows(demo):
    demo.set(**demo.preset("Laplacian") | {"position": 17 * OUT + 4})
    patch = demo.image[17:20, 4:7]
    expected = patch[0, 1] + patch[1, 0] + patch[1, 2] + patch[2, 1] - 4 * patch[1, 1]
    words = demo.said()
    assert words.startswith(f"Row 18, column 5: nine products add up to {expected:g}.".replace("-", "−"))
    assert "The cells add up to 0, so any flat grey gives 0." in words
    demo.set(**demo.preset("Identity"))
    assert "The cells add up to 1, so flat grey 100 gives 100." in demo.said()


@pytest.mark.parametrize("preset", ConvolveDemo.presets)
def test_a_preset_shows_the_whole_output_and_what_0_is(demo, preset):
    demo.set(**demo.preset(preset))
    levels, zero = demo.levels()
    assert demo.scale.get_text() == f"output ({zero} is 0)"
    assert_array_equal(demo.output.get_array()[..., 0], np.clip(levels, 0, 255).astype(np.uint8))
    demo.set(position=OUT * OUT - 2)
    assert demo.scale.get_text() == "output, pale: to come"


def test_it_says_how_many_pixels_are_clipped(demo):
    demo.set(**demo.preset("Identity"))
    assert "than white" not in demo.said()
    demo.set(centre=4.6)
    white = int((4.6 * demo.image[1:-1, 1:-1] > 255).sum())
    assert demo.said().endswith(f" Brighter than white: {white} of 900 pixels.")
    demo.set(centre=-1.0, top=2.0)
    dark = int((demo.state.output < 0).sum())
    assert f"Darker than black: {dark} of 900 pixels." in demo.said()


def test_time_begins_at_the_first_pixel(demo):
    assert demo.start["position"] == 0
    assert demo.controls["position"].high == OUT * OUT - 1


@pytest.mark.parametrize("dark", [False, True])
def test_what_is_to_come_is_pale_on_light_and_dark_pages(demo, dark):
    demo.fit(816, 400, dark=dark)
    demo.set(**demo.preset("Identity") | {"position": 0})
    last = demo.output.get_array()[-1, -1].astype(int)
    assert abs(last - (34 if dark else 255)).max() < 80


@pytest.mark.parametrize("tall", [False, True])
def test_nothing_of_the_picture_meets_or_is_cut_however_long_the_sum(demo, tall):
    demo.fit(340 if tall else 814, 290)
    demo.set(**dict.fromkeys(CELLS, -4.0))
    renderer, figure = demo.canvas.agg.get_renderer(), demo.canvas.figure
    demo.sum.set_text(demo.sum.get_text().split("−")[0] + "−20655.0")
    boxes = [text.get_window_extent(renderer) for text in figure.texts] + [ax.bbox for ax in figure.axes]
    whole = figure.bbox
    for k, box in enumerate(boxes):
        assert whole.x0 <= box.x0 < box.x1 <= whole.x1
        assert whole.y0 <= box.y0 < box.y1 <= whole.y1
        assert not any(box.overlaps(other) for other in boxes[:k])


def test_its_picture_uses_the_height_of_a_full_window(demo):
    """1920 × 1080: 1840 × 746 CSS pixels are left for the picture."""
    width, height = demo.fit(1840, 746)
    assert (width, height) == (1840, 662)
    assert demo.input.get_window_extent().height > 0.85 * demo.canvas.figure.bbox.height
