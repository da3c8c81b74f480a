"""What the demos of lecture 13 share: a detector that learns in seconds, and the list of what it finds."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from lib.detection.boxes import iou
from lib.detection.demos.frames import outlines
from lib.detection.demos.small_detector import (
    FIRST,
    FIRST_TEST,
    TEST,
    TRAINING,
    SmallDetector,
    hits_of,
    ranking_of,
    shaken,
    suppressed,
    the_detector,
    the_scenes,
)
from lib.detection.detector import Detections, average_precisions
from lib.detection.sets import make_scenes
from lib.detection.shapes import NAMES

A, B, FAR = [0, 0, 10, 10], [1, 0, 11, 10], [50, 50, 60, 60]


def found(boxes, labels):
    return Detections(np.array(boxes, float), np.linspace(1, 0.5, len(boxes)), np.array(labels, np.int64))


def scene(boxes, labels):
    return make_scenes(1)[0].__class__(
        np.zeros((3, 128, 192), np.uint8),
        np.array(boxes, float),
        np.array(labels),
        np.zeros((0, 128, 192), bool),
    )


def test_it_learns_from_none_of_the_scenes_that_it_is_shown_on():
    assert FIRST + TRAINING <= 200 <= FIRST_TEST
    assert len(the_scenes()) == TEST
    assert_array_equal(the_scenes()[3].image, make_scenes(1, first=FIRST_TEST + 3)[0].image)


@pytest.mark.family(share=2)
@pytest.mark.parametrize(("least", "wanted"), [(0.5, 0.85), (0.75, 0.7)])
def test_so_few_scenes_are_enough_for_a_demo(least, wanted):
    detector = the_detector()
    found = detector.found(regression=True, suppression=0.3)
    assert np.nanmean(average_precisions(found, detector.scenes, len(NAMES), threshold=least)) >= wanted


@pytest.mark.parametrize("regression", [False, True])
def test_what_is_found_is_what_the_detector_finds(regression):
    detector = the_detector()
    for threshold in (0.0, 0.3, 1.0):
        ours = detector.found(regression=regression, suppression=threshold)
        for number in (0, 6):
            theirs = detector.detector.detect(
                detector.described[number], regression=regression, threshold=threshold
            )
            for name in ("boxes", "scores", "labels"):
                assert_array_equal(getattr(ours[number], name), getattr(theirs, name))


def test_nothing_is_computed_twice(monkeypatch):
    detector = the_detector()
    first = detector.found(regression=True, suppression=0.3)
    monkeypatch.setattr(detector.detector, "detect", lambda *_, **__: pytest.fail("computed again"))
    assert detector.found(regression=True, suppression=0.3) is first
    detector.found(regression=True, suppression=0.35)


def test_suppression_is_within_a_class():
    stay = suppressed(found([A, B, A], [0, 0, 1]), 0.3)
    assert_array_equal(stay.labels, [0, 1])
    assert_array_equal(stay.scores, [1, 0.5])


def test_a_hit_is_of_its_own_class_and_the_first_on_its_object():
    its = found([A, B, A, FAR, FAR], [0, 0, 1, 2, 0])
    hits = hits_of(its, scene([A, FAR], [0, 2]), 0.5)
    assert_array_equal(hits, [True, False, False, True, False])


def test_without_objects_and_without_detections_there_are_no_hits():
    assert not hits_of(found([A], [3]), scene(np.zeros((0, 4)), []), 0.5).any()
    assert hits_of(found(np.zeros((0, 4)), []), scene([A], [0]), 0.5).shape == (0,)
    empty = ranking_of([], [], 4)
    assert (len(empty.scores), len(empty.hits), empty.objects) == (0, 0, 4)


def test_scenes_become_one_list_the_highest_score_first():
    ranking = ranking_of(
        [np.array([3.0, 1]), np.array([2.0])], [np.array([True, False]), np.array([True])], 5
    )
    assert_array_equal(ranking.scores, [3, 2, 1])
    assert_array_equal(ranking.hits, [True, True, False])


def test_shaken_boxes_stay_near_and_within_the_scene():
    boxes = np.concatenate([each.boxes for each in the_scenes()])
    rng = np.random.default_rng(0)
    near = np.concatenate([shaken(each, rng).reshape(5, -1, 4) for each in the_scenes()], axis=1).reshape(
        -1, 4
    )
    assert len(near) == 5 * len(boxes)
    overlaps = iou(near, boxes)[np.arange(len(near)), np.arange(len(near)) % len(boxes)]
    assert 0.3 < overlaps.min() < overlaps.max() < 1
    assert near.min() >= 0
    assert (near.max(axis=0) <= (192, 128, 192, 128)).all()


def test_shaken_boxes_of_a_larger_scene_are_not_cut():
    large = replace(scene([[300, 200, 340, 240]], [0]), image=np.zeros((3, 300, 400), np.uint8))
    near = shaken(large, np.random.default_rng(0))
    assert (iou(near, large.boxes) > 0.3).all()
    assert shaken(scene(np.zeros((0, 4)), []), np.random.default_rng(0)).shape == (0, 4)


def test_a_seed_is_a_whole_number():
    with pytest.raises(ValueError, match="seed: expected a whole number of at least 0, got -1"):
        SmallDetector([], [], seed=-1)


def test_outlines_go_around_the_pixels():
    (around,) = outlines(np.array([[2, 3, 5, 9]]))
    assert_array_equal(around[0], around[-1])
    assert_array_equal(around.min(axis=0), [1.5, 2.5])
    assert_array_equal(around.max(axis=0), [4.5, 8.5])
    assert outlines(np.zeros((0, 4))).shape == (0, 5, 2)
