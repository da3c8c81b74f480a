"""The two thresholds: boxes in the scene, and the dot on the curve."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from lib.demos.kit.hand import marks, meaning, share_of
from lib.detection.average_precision import Ranking
from lib.detection.boxes import iou
from lib.detection.demos.detections import LOW, DetectionsDemo, compute
from lib.detection.demos.on_curve import point_at
from lib.detection.demos.small_detector import the_detector


@pytest.fixture(scope="module")
def demo():
    return DetectionsDemo()


@pytest.fixture(autouse=True)
def back_to_start(demo):
    demo.set(**demo.start)


def test_only_what_scores_enough_is_shown():
    everything = compute(the_detector(), 6, LOW, 1.0, "IoU ≥ 0.5", True)
    some = compute(the_detector(), 6, 1.0, 1.0, "IoU ≥ 0.5", True)
    assert 0 < len(some.found.scores) < len(everything.found.scores)
    assert some.found.scores.min() >= 1
    assert_array_equal(some.ranking.scores, everything.ranking.scores)
    assert some.above == (some.ranking.scores >= 1).sum()


def test_each_object_is_hit_or_missed():
    detector = the_detector()
    for number, scene in enumerate(detector.scenes):
        shown = compute(detector, number, 0.5, 0.3, "IoU ≥ 0.5", True)
        assert shown.hits.sum() + len(shown.missed) == len(scene.boxes)
        for box, label in zip(shown.found.boxes[shown.hits], shown.found.labels[shown.hits], strict=True):
            assert iou(box[None], scene.boxes[scene.labels == label]).max() >= 0.5


def test_the_list_of_all_scenes_is_the_sum_of_the_scenes():
    detector = the_detector()
    shown = [
        compute(detector, number, LOW, 0.3, "IoU ≥ 0.75", False) for number in range(len(detector.scenes))
    ]
    ranking = shown[0].ranking
    assert ranking.hits.sum() == sum(int(each.hits.sum()) for each in shown)
    assert len(ranking.scores) == sum(len(each.found.scores) for each in shown)
    assert ranking.objects == sum(len(scene.boxes) for scene in detector.scenes)
    assert (np.diff(ranking.scores) <= 0).all()


def test_without_suppression_more_boxes_are_wrong(demo):
    few = demo.state
    demo.set(nms=1.0)
    many = demo.state
    assert many.above > 2 * few.above
    assert many.ranking.precision[many.above - 1] < few.ranking.precision[few.above - 1] / 2


def test_moved_boxes_fit_better(demo):
    demo.set(fits="IoU ≥ 0.75")
    moved = demo.state.ranking.hits.sum()
    demo.set(regression=False)
    assert demo.state.ranking.hits.sum() < moved


@pytest.mark.parametrize(
    ("score", "place"), [(1.0, (0.0, 1.0)), (0.9, (0.25, 1.0)), (0.75, (0.25, 0.5)), (0.1, (0.5, 2 / 3))]
)
def test_where_a_threshold_stands_on_the_curve(score, place):
    ranking = Ranking(np.array([0.9, 0.8, 0.7]), np.array([True, False, True]), objects=4)
    assert point_at(ranking, score) == place


def test_the_dot_is_where_the_threshold_is_and_can_be_dragged(demo):
    (mark,) = marks(demo)
    x, y = point_at(demo.state.ranking, 0.0)
    assert (mark["x"], mark["y"]) == pytest.approx(share_of(demo.curve, x, y))
    assert_allclose(np.ravel(demo.now.get_data()), (x, y))
    right, below = share_of(demo.curve, *point_at(demo.state.ranking, 2.0))
    there = meaning(demo, {"to": "drag", "key": "dot:0", "x": right, "y": below})["score"]
    assert point_at(demo.state.ranking, there) == point_at(demo.state.ranking, 2.0)
    press = lambda x, y: meaning(demo, {"to": "key", "key": "dot:0", "x": x, "y": y})  # noqa: E731
    assert press(1, 0) == press(0, -1) == {"score": pytest.approx(-0.1)}
    assert press(0, 1) == press(-1, 0) == {"score": pytest.approx(0.1)}


def test_boxes_have_names_and_wrong_ones_another_colour(demo):
    demo.set(nms=1.0, score=LOW)
    assert 0 < demo.state.hits.sum() < len(demo.state.hits)
    shown = [text for text in demo.names if text.get_visible()]
    assert len(shown) == min(len(demo.names), len(demo.state.hits))
    colours = [text.get_bbox_patch().get_facecolor() for text in shown]
    for first, second in ((0, 1), (0, 2), (1, 2)):
        same = demo.state.hits[first] == demo.state.hits[second]
        assert (colours[first] == colours[second]) == same
    demo.set(score=6.0)
    assert sum(text.get_visible() for text in demo.names) == len(demo.state.hits)


def test_it_says_how_many(demo):
    state = demo.state
    hits = int(state.ranking.hits[: state.above].sum())
    assert demo.said() == (
        f"In 16 test scenes {state.above} boxes have a score ≥ 0.0; {hits} find one of "
        f"{state.ranking.objects} objects: precision {100 * hits / state.above:.0f} %, "
        f"recall {100 * hits / state.ranking.objects:.0f} %."
    )


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ((16, 0.0, 0.3, "IoU ≥ 0.5", True), "scene"),
        ((0, np.nan, 0.3, "IoU ≥ 0.5", True), "score"),
        ((0, 0.0, 1.5, "IoU ≥ 0.5", True), "threshold"),
        ((0, 0.0, 0.3, "IoU ≥ 0.6", True), "fits"),
    ],
)
def test_anything_else_is_refused_by_name(values, name):
    with pytest.raises(ValueError, match=f"^{name}: expected"):
        compute(the_detector(), *values)


def test_each_step_of_the_threshold_shows_where_no_box_comes_or_goes(demo):
    demo.set(score=5.9)
    before = demo.threshold.get_text()
    demo.set(score=6.0)
    assert (before, demo.threshold.get_text()) == ("all scenes, score ≥ 5.9", "all scenes, score ≥ 6.0")
