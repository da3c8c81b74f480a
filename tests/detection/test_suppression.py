"""Non-maximum suppression beside torchvision's and beside the definition, box for box and in order."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from random_boxes import THRESHOLDS, boxes, read_only, scores
from torchvision_ops import torchvision_ops

from lib.detection.boxes import iou
from lib.detection.suppression import BLOCK, non_maximum_suppression, suppressed_by_class

COUNT = st.one_of(st.integers(0, 12), st.integers(BLOCK - 1, 2 * BLOCK + 2))
TOGETHER = [[0, 0, 10, 10], [1, 0, 11, 10], [20, 0, 30, 10]]


def by_definition(found, its_scores, threshold):
    """From the highest score down, a box stays where its IoU with none that stays is above the threshold."""
    kept = []
    for number in sorted(range(len(found)), key=lambda n: -its_scores[n]):
        if all(iou(found[[number]], found[[other]]) <= threshold for other in kept):
            kept.append(number)
    return kept


@st.composite
def detections(draw, count=COUNT, **how):
    """Boxes, scores with ties, labels and a threshold."""
    found = draw(boxes(draw(count), **how))
    its_scores = draw(scores(len(found)))
    labels = np.array(draw(st.lists(st.integers(0, 3), min_size=len(found), max_size=len(found))), np.int64)
    return *read_only(found, its_scores, labels), draw(st.sampled_from(THRESHOLDS))


@settings(max_examples=50)
@given(detections(dtypes=(np.float64, np.int64)))
def test_the_boxes_that_stay_are_those_of_the_definition(case):
    found, its_scores, _, threshold = case
    kept = non_maximum_suppression(found, its_scores, threshold)
    assert kept.dtype == np.int64
    assert kept.tolist() == by_definition(found, its_scores, threshold)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@given(data=st.data())
def test_the_boxes_that_stay_are_torchvision_s(dtype, data):
    """Also where an IoU in float32, say of 3 / 10, is just above the threshold 0.3."""
    ops = torchvision_ops()
    found, its_scores, _, threshold = data.draw(detections(dtypes=(dtype,)))
    tensors = torch.tensor(found), torch.tensor(its_scores.astype(dtype))
    theirs = ops.nms(*tensors, threshold).tolist()
    assert non_maximum_suppression(found, its_scores.astype(dtype), threshold).tolist() == theirs


@given(detections(least=0, dtypes=(np.float64,)))
def test_each_class_is_suppressed_as_by_torchvision(case):
    ops = torchvision_ops()
    found, its_scores, labels, threshold = case
    tensors = torch.tensor(found), torch.tensor(its_scores), torch.tensor(labels)
    theirs = ops.batched_nms(*tensors, threshold).tolist()
    assert suppressed_by_class(found, its_scores, labels, threshold).tolist() == theirs


@given(detections())
def test_each_class_is_suppressed_by_itself(case):
    found, its_scores, labels, threshold = case
    kept = suppressed_by_class(found, its_scores, labels, threshold)
    alone = []
    for label in range(4):
        members = np.flatnonzero(labels == label)
        alone += members[non_maximum_suppression(found[members], its_scores[members], threshold)].tolist()
    assert kept.tolist() == sorted(alone, key=lambda number: (-its_scores[number], number))


@settings(max_examples=50)
@given(detections())
def test_what_stays_would_all_stay_again(case):
    found, its_scores, _, threshold = case
    kept = non_maximum_suppression(found, its_scores, threshold)
    again = non_maximum_suppression(found[kept], its_scores[kept], threshold)
    assert again.tolist() == list(range(len(kept)))


@pytest.mark.parametrize("dtype", [np.float64, np.int64])
def test_an_overlap_equal_to_the_threshold_stays(dtype):
    found = np.array([[0, 0, 10, 10], [0, 0, 3, 10]], dtype)  # 3 / 10
    assert non_maximum_suppression(found, [1, 0], 0.3).tolist() == [0, 1]
    assert non_maximum_suppression(found, [1, 0], np.nextafter(0.3, 0)).tolist() == [0]


def test_the_ends_of_the_threshold():
    same = np.array([[0, 0, 10, 10], [0, 0, 10, 10], [10, 0, 20, 10], [9, 0, 12, 10]])
    assert non_maximum_suppression(same, [4, 3, 2, 1], 1).tolist() == [0, 1, 2, 3]
    assert non_maximum_suppression(same, [4, 3, 2, 1], 0).tolist() == [0, 2]


def test_of_equal_scores_the_first_comes_first():
    apart = np.arange(60.0)[:, None] * [10, 0, 10, 0] + [0, 0, 9, 9]
    assert non_maximum_suppression(apart, np.ones(60)).tolist() == list(range(60))
    assert non_maximum_suppression(np.tile(apart[:1], (60, 1)), np.zeros(60)).tolist() == [0]


def test_scores_may_be_infinite_or_whole_numbers():
    assert non_maximum_suppression(TOGETHER, [-np.inf, 0.5, np.inf]).tolist() == [2, 1]
    assert non_maximum_suppression(TOGETHER, np.array([0, 200, 100], np.uint8)).tolist() == [1, 2]


@pytest.mark.parametrize("none", [[], np.zeros((0, 4)), np.zeros((0, 4), np.float32)], ids=repr)
def test_of_no_boxes_none_stays(none):
    for kept in (non_maximum_suppression(none, []), suppressed_by_class(none, [], [])):
        assert kept.dtype == np.int64
        assert kept.shape == (0,)


def test_lists_are_taken():
    assert suppressed_by_class(TOGETHER, [0.8, 0.9, 0.5], [0, 1, 1]).tolist() == [1, 0, 2]


WRONG = [
    ("boxes", [[0, 0, 10, 10], [11, 0, 1, 10], [0, 0, 1, 1]], r"^boxes\[1\]: expected x1 < x2"),
    ("boxes", np.zeros((3, 3)), "^boxes: expected"),
    ("scores", [0.1, np.nan, 0.3], r"^scores\[1\]: expected a number, got nan"),
    ("scores", [0.1, 0.2], "^scores: expected 3 numbers"),
    ("threshold", -0.1, "^threshold: expected a number from 0 to 1, got -0.1"),
    ("threshold", 1.5, "^threshold: expected a number from 0 to 1, got 1.5"),
    ("threshold", np.nan, "^threshold: expected"),
    ("threshold", None, "^threshold: expected"),
]
WRONG_LABELS = [
    ("labels", [0, 1], r"^labels: expected shape \(3,\)"),
    ("labels", [0, 1, np.nan], "^labels: expected"),
    ("labels", [[0], [1], [2]], r"^labels: expected shape \(3,\)"),
    ("labels", ["cat", "dog", "cat"], "^labels: expected"),
]


@pytest.mark.parametrize(("name", "value", "what"), WRONG, ids=str)
def test_what_is_wrong_is_named(name, value, what):
    arguments = {"boxes": TOGETHER, "scores": [0.8, 0.9, 0.5], "threshold": 0.3, name: value}
    with pytest.raises(ValueError, match=what):
        non_maximum_suppression(**arguments)


@pytest.mark.parametrize(("name", "value", "what"), WRONG + WRONG_LABELS, ids=str)
def test_what_is_wrong_is_named_with_classes_too(name, value, what):
    arguments = {"boxes": TOGETHER, "scores": [0.8, 0.9, 0.5], "labels": [0, 1, 1], name: value}
    with pytest.raises(ValueError, match=what):
        suppressed_by_class(**arguments)


def test_the_threshold_is_looked_at_without_boxes_too():
    with pytest.raises(ValueError, match=r"^threshold: "):
        non_maximum_suppression([], [], 2)
