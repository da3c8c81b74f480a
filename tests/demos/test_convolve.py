"""The convolution demo's arithmetic against scipy, and its presets against what they promise."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose, assert_array_equal
from scipy.signal import correlate2d

from data_loaders import load_shapes10
from lib.demos.convolve import CELLS, OUT, SIZE, ConvolveDemo, compute, signed_colours

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
