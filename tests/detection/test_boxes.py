"""Boxes: areas, intersection over union beside torchvision, COCO and a count of pixels; what is no box."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from random_boxes import boxes, read_only, uneven_boxes
from torchvision_ops import torchvision_ops

from lib.detection.boxes import area, check_box_scores, check_boxes, clip, iou

SQUARE = np.array([[0.0, 0, 10, 10]])


def pixels(box):
    """The unit squares within a box of whole corners."""
    x1, y1, x2, y2 = map(int, box)
    return {(x, y) for x in range(x1, x2) for y in range(y1, y2)}


@given(boxes(st.integers(0, 6)), boxes(st.integers(0, 6)))
def test_iou_is_what_one_counts_in_pixels(a, b):
    counted = [[len(pixels(p) & pixels(q)) / len(pixels(p) | pixels(q)) for q in b] for p in a]
    read_only(a, b)
    assert np.array_equal(iou(a, b), np.reshape(counted, (len(a), len(b))))


@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float32, 1e-6), (np.float64, 1e-12)])
@given(data=st.data())
def test_iou_is_torchvision_s(dtype, tolerance, data):
    ops = torchvision_ops()
    count = st.integers(0, 8)
    a, b = (data.draw(uneven_boxes(data.draw(count), dtype)) for _ in range(2))
    theirs = ops.box_iou(torch.from_numpy(a), torch.from_numpy(b)).numpy()
    assert np.abs(iou(a, b) - theirs).max(initial=0) <= tolerance


@given(boxes(3), boxes(3))
def test_iou_is_symmetric_and_one_for_equal_boxes(a, b):
    assert np.array_equal(iou(a, b), iou(b, a).T)
    assert (np.diag(iou(a, a)) == 1).all()


@pytest.mark.parametrize("other", [(10, 0, 20, 10), (0, 10, 10, 20), (10, 10, 20, 20), (-5, -5, 0, 0)])
def test_boxes_that_only_touch_share_nothing(other):
    assert iou(SQUARE, [other]) == 0


@pytest.mark.parametrize("dtype", [np.uint8, np.int8, np.int16, np.int32, np.float16, np.float32])
def test_small_types_do_not_overflow(dtype):
    box = np.array([[0, 0, 120, 100]], dtype)
    assert area(box) == 12_000
    assert iou(box, box) == 1
    large = np.array([0, 0, 300, 300], np.float16 if dtype == np.float16 else np.int32)
    assert area(large) == 90_000


def test_iou_of_float32_is_as_exact_as_that_of_float64():
    """COCO's programs count in float64; 7 / 10 in float32 would be below a threshold of 0.7."""
    a, b = SQUARE.astype(np.float32), np.array([[0, 0, 7, 10]], np.float32)
    assert iou(a, b) == 0.7


@pytest.mark.parametrize("factor", [1e-8, 1e-3, 1e7])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_iou_does_not_depend_on_the_unit(factor, dtype):
    a, b = np.array([[1.0, 2, 5, 6]]), np.array([[3.0, 2, 7, 8]])
    assert iou((a * factor).astype(dtype), (b * factor).astype(dtype)) == pytest.approx(0.25, rel=1e-6)


WRONG_BOXES = {
    "inside out in x": [[10, 0, 0, 10]],
    "inside out in y": [[0, 10, 10, 0]],
    "no width": [[5, 0, 5, 10]],
    "a point": [[0, 0, 0, 0]],
    "nan": [[0, 0, np.nan, 10]],
    "infinite": [[0, 0, np.inf, 10]],
    "infinite from both ends": [[-np.inf, 0, np.inf, 10]],
    "all infinite": [[np.inf, np.inf, np.inf, np.inf]],
    "too large for an area": [[0, 0, 1e200, 1e200]],
    "too small for an area": [[0, 0, 5e-324, 5e-324]],
    "infinite width of finite numbers": [[-1.7e308, 0, 1.7e308, 1]],
}


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("wrong", WRONG_BOXES.values(), ids=WRONG_BOXES)
def test_the_first_wrong_box_is_named(wrong):
    with pytest.raises(ValueError, match=r"^b\[2\]: expected x1 < x2 and y1 < y2.*, got \("):
        iou(SQUARE, np.concatenate([SQUARE, SQUARE, wrong, wrong]))


@pytest.mark.parametrize(
    "wrong",
    [
        np.zeros(4), np.zeros((2, 3)), np.zeros((0, 5)), np.zeros((1, 1, 4)), np.float64(1), None, "boxes",
        [["a", "b", "c", "d"]], [[0, 0, 1, 1j]], np.ones((1, 4), bool), [[0, 0, 1], [0, 0, 1, 1]], {},
    ],
    ids=str,
)  # fmt: skip
def test_what_is_no_array_of_boxes_is_named(wrong):
    with pytest.raises(ValueError, match=r"^a: expected .*, got"):
        iou(wrong, SQUARE)


def test_one_box_is_told_how_it_becomes_several():
    with pytest.raises(ValueError, match=r"one box is box\[None\]"):
        check_boxes(SQUARE[0])


@pytest.mark.parametrize("none", [[], np.zeros((0, 4)), np.zeros((0, 4), int), ()], ids=repr)
def test_there_may_be_no_boxes(none):
    assert check_boxes(none).shape == (0, 4)
    assert iou(none, SQUARE).shape == (0, 1)
    assert iou(SQUARE, none).shape == (1, 0)


def test_lists_and_arrays_are_the_same():
    rows = [[0, 0, 10, 10], [5, 0, 15, 10]]
    assert np.array_equal(iou(rows, rows), iou(np.array(rows), np.array(rows)))
    assert check_boxes(rows).dtype == np.float64


@pytest.mark.parametrize(
    ("wrong", "what"),
    [
        ([0.5, np.nan], r"^scores\[1\]: expected a number, got nan"),
        ([0.5], "^scores: expected 2 numbers, one a box, got"),
        ([[0.5, 0.5]], "^scores: expected 2 numbers, one a box, got"),
        (["a", "b"], "^scores: expected numbers, got"),
        ([True, False], "^scores: expected numbers, got"),
        ([[0.5], [0.5, 1]], "^scores: expected"),
        (None, "^scores: expected numbers, got"),
    ],
    ids=str,
)
def test_wrong_scores_are_named(wrong, what):
    with pytest.raises(ValueError, match=what):
        check_box_scores(wrong, 2)


@given(uneven_boxes(5, np.float32), st.integers(1, 50), st.floats(1, 50))
def test_clipped_boxes_stay_inside_and_keep_what_was(found, height, width):
    (found,) = read_only(found)
    cut = clip(found, height, width)
    assert cut.dtype == found.dtype
    for x1, y1, x2, y2 in cut:
        assert 0 <= x1 <= x2 <= np.float32(width)
        assert 0 <= y1 <= y2 <= height
    inside = ((found >= 0) & (found <= np.array([width, height, width, height]))).all(axis=1)
    assert np.array_equal(cut[inside], found[inside])


def test_clip_takes_whole_numbers_and_half_pixels():
    assert clip(np.array([[3, 3, 200, 200]], np.uint8), 300, 10.5).tolist() == [[3, 3, 10.5, 200]]
    assert clip([[-5, -5, 5, 5]], 8, 8).tolist() == [[0, 0, 5, 5]]
