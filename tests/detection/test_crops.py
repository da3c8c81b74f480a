"""Crops against torch's grid_sample, and at the borders."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from lib.detection.crops import crop_boxes

IMAGE = np.random.default_rng(0).integers(0, 256, (3, 20, 30), np.uint8)


@settings(deadline=None)
@given(
    corner=st.tuples(st.floats(-5, 25), st.floats(-5, 15)),
    sides=st.tuples(st.floats(0.5, 40), st.floats(0.5, 40)),
    size=st.integers(1, 12),
    context=st.floats(0.5, 2),
)
def test_a_crop_is_that_of_torch(corner, sides, size, context):
    box = np.array([[*corner, *np.add(corner, sides)]])
    middle, half = (box[0, :2] + box[0, 2:]) / 2, context * (box[0, 2:] - box[0, :2]) / 2
    steps = (2 * np.arange(size) + 1) / size - 1
    x, y = middle[0] + half[0] * steps, middle[1] + half[1] * steps
    grid = np.stack(np.broadcast_arrays(2 * x[None, :] / 30 - 1, 2 * y[:, None] / 20 - 1), axis=-1)
    theirs = torch.nn.functional.grid_sample(
        torch.tensor(IMAGE[None], dtype=torch.float64),
        torch.tensor(grid[None]),
        padding_mode="border",
        align_corners=False,
    )
    assert_allclose(crop_boxes(IMAGE, box, size=size, context=context)[0], theirs[0], atol=0.51)


def test_a_box_of_the_crop_s_size_is_copied():
    assert_array_equal(crop_boxes(IMAGE, [[4, 3, 14, 13]], size=10, context=1)[0], IMAGE[:, 3:13, 4:14])


def test_no_boxes_give_no_crops():
    assert crop_boxes(IMAGE, np.zeros((0, 4))).shape == (0, 3, 32, 32)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((IMAGE[0], [[0, 0, 5, 5]]), r"image: expected uint8 of shape \(3, H, W\)"),
        ((IMAGE[:1], [[0, 0, 5, 5]]), r"image: expected uint8 of shape \(3, H, W\), got uint8 \(1, 20, 30\)"),
        ((IMAGE[:, :0], [[0, 0, 5, 5]]), "image: expected at least one pixel"),
        ((IMAGE / 255, [[0, 0, 5, 5]]), "image: expected uint8"),
        ((IMAGE, [[5, 0, 0, 5]]), r"boxes\[0\]: expected x1 < x2"),
        ((IMAGE, [0, 0, 5, 5]), "one box is box"),
    ],
)
def test_other_arguments_are_refused(arguments, said):
    with pytest.raises(ValueError, match=said):
        crop_boxes(*arguments)
