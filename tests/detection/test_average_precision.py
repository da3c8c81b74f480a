"""Ranking and average precision beside COCO's own program, and beside the definitions written out."""

import numpy as np
import pytest
from coco import coco_average_precision
from hypothesis import given, settings
from hypothesis import strategies as st
from random_boxes import boxes, read_only, scores

from lib.detection.average_precision import DEFINITIONS, Ranking, average_precision, envelope, rank

COCO_THRESHOLDS = (0.1, 0.3, 1 / 3, 0.5, 0.7, 0.75, 0.95, 1.0)
ONE, TWO = [[0, 0, 10, 10]], [[0, 0, 10, 10], [20, 0, 30, 10]]


@st.composite
def scenes(draw):
    """The detections and the objects of a few scenes; of both there may be none."""
    found, objects = [], []
    for _ in range(draw(st.integers(1, 4))):
        objects.append(draw(boxes(st.integers(0, 5), dtypes=(np.float64, np.int64))))
        some = draw(boxes(st.integers(0, 6)))
        if len(objects[-1]) and draw(st.booleans()):  # detections that hit, some of them twice
            again = draw(st.lists(st.integers(0, len(objects[-1]) - 1), max_size=6))
            some = np.concatenate([some, objects[-1][again]])
        found.append(read_only(some, draw(scores(len(some)))))
    return found, list(read_only(*objects))


rankings = st.integers(0, 12).flatmap(
    lambda count: st.lists(st.booleans(), min_size=count, max_size=count).flatmap(
        lambda hits: st.integers(max(sum(hits), 1), sum(hits) + 8).map(
            lambda objects: Ranking(np.linspace(1, 0, count), np.array(hits, bool), objects)
        )
    )
)


def points_of_the_curve(ranking):
    """(recall, precision) after each detection."""
    found = 0
    for number, hit in enumerate(ranking.hits, start=1):
        found += bool(hit)
        yield found / ranking.objects, found / number


def mean_of_eleven(ranking):
    """PASCAL VOC 2007: at each tenth the best precision of those that reach this recall, or 0."""
    curve = list(points_of_the_curve(ranking))
    return sum(max((p for r, p in curve if r >= k / 10), default=0) for k in range(11)) / 11


def area_itself(ranking):
    """PASCAL VOC 2010: rectangles from one recall to the next, as high as the best precision there."""
    curve = list(points_of_the_curve(ranking))
    steps = sorted({r for r, _ in curve} - {0})
    starts = [0, *steps]
    return sum((b - a) * max(p for r, p in curve if r >= b) for a, b in zip(starts, steps, strict=False))


@settings(max_examples=50)
@given(scenes())
def test_ap_of_101_points_is_that_of_coco(case):
    found, objects = case
    ours = [average_precision(rank(found, objects, t), "101") for t in COCO_THRESHOLDS]
    assert ours == pytest.approx(
        coco_average_precision(found, objects, COCO_THRESHOLDS), abs=1e-6, nan_ok=True
    )


@given(rankings)
def test_ap_of_11_points_is_the_definition_s(ranking):
    assert average_precision(ranking, "11") == pytest.approx(mean_of_eleven(ranking), abs=1e-12)


@given(rankings)
def test_ap_of_all_points_is_the_area(ranking):
    assert average_precision(ranking, "all") == pytest.approx(area_itself(ranking), abs=1e-12)


@given(rankings)
def test_the_three_definitions_differ_little_and_stay_from_0_to_1(ranking):
    values = [average_precision(ranking, name) for name in DEFINITIONS]
    assert all(0 <= value <= 1 for value in values)
    assert max(values) - min(values) <= 1 / 11 + 1e-12


@pytest.mark.parametrize("definition", DEFINITIONS)
@pytest.mark.parametrize("objects", [1, 3, 7, 49, 1000])
def test_perfect_detections_have_exactly_1(objects, definition):
    assert average_precision(Ranking(np.ones(objects), np.ones(objects, bool), objects), definition) == 1


@given(rankings)
def test_precision_and_recall_are_those_of_the_curve(ranking):
    curve = np.reshape(list(points_of_the_curve(ranking)), (-1, 2))
    assert np.array_equal(ranking.recall, curve[:, 0])
    assert np.array_equal(ranking.precision, curve[:, 1])
    falling = envelope(ranking.precision)
    assert falling.tolist() == [max(curve[k:, 1]) for k in range(len(curve))]


def test_each_object_is_found_once():
    found = [(ONE * 3, [0.5, 0.9, 0.7])]
    ranking = rank(found, [ONE])
    assert ranking.hits.tolist() == [True, False, False]
    assert ranking.scores.tolist() == [0.9, 0.7, 0.5]
    assert rank(found, [ONE * 2]).hits.tolist() == [True, True, False]


def test_a_found_object_is_left_to_choose_the_next_best():
    """As in COCO; with PASCAL VOC's rule the second would be wrong."""
    near = [[0, 0, 10, 10], [2, 0, 12, 10]]
    assert rank([([[0, 0, 10, 10], [0, 0, 10, 10]], [0.9, 0.8])], [near]).hits.tolist() == [True, True]


@pytest.mark.parametrize(("backwards", "hits"), [(False, [True, False]), (True, [True, True])])
def test_of_objects_that_overlap_alike_the_last_is_found_as_by_coco(backwards, hits):
    """The first detection overlaps both objects with 8 / 12; the second fits only one of them."""
    left, right, between = [0, 0, 10, 10], [4, 0, 14, 10], [2, 0, 12, 10]
    found, objects = [([between, right], [0.9, 0.8])], [[right, left] if backwards else [left, right]]
    ranking = rank(found, objects)
    assert ranking.hits.tolist() == hits
    coco = coco_average_precision(found, objects, [0.5])
    assert average_precision(ranking, "101") == pytest.approx(coco[0], abs=1e-6)


def test_a_detection_finds_objects_of_its_own_scene_only():
    assert rank([(ONE, [0.9]), ([], [])], [[], ONE]).hits.tolist() == [False]


def test_scenes_are_merged_by_score_and_of_equal_ones_the_first_scene_comes_first():
    found = [(ONE, [0.5]), (ONE, [0.9]), (ONE, [0.5])]
    ranking = rank(found, [ONE, [], []])
    assert ranking.scores.tolist() == [0.9, 0.5, 0.5]
    assert ranking.hits.tolist() == [False, True, False]


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int64])
@pytest.mark.parametrize("tenths", [3, 6, 7, 9])
def test_an_overlap_equal_to_the_threshold_is_a_hit(dtype, tenths):
    found = [(np.array([[0, 0, tenths, 10]], dtype), np.ones(1, np.float32))]
    assert rank(found, [ONE], tenths / 10).hits.all()
    assert not rank(found, [ONE], np.nextafter(tenths / 10, 1)).hits.any()


def test_only_an_equal_box_is_a_hit_at_threshold_1():
    ranking = rank([([[0, 0, 10, 10], [20, 0, 30, 9.999]], [0.9, 0.8])], [TWO], 1)
    assert ranking.hits.tolist() == [True, False]


def test_scores_of_infinity_come_first_and_last():
    ranking = rank([(TWO, [-np.inf, np.inf]), (ONE, [0])], [ONE, ONE])
    assert ranking.scores.tolist() == [np.inf, 0, -np.inf]
    assert ranking.hits.tolist() == [False, True, True]


@pytest.mark.parametrize("definition", DEFINITIONS)
@pytest.mark.parametrize("found", [[(ONE, [0.9])], [([], [])]], ids=["a detection", "none"])
def test_a_class_without_objects_has_no_ap(found, definition):
    ranking = rank(found, [np.zeros((0, 4))])
    assert np.isnan(average_precision(ranking, definition))
    assert np.isnan(ranking.recall).all()
    assert ranking.recall.shape == ranking.scores.shape
    assert (ranking.precision == 0).all()


@pytest.mark.parametrize("definition", DEFINITIONS)
def test_without_detections_ap_is_0(definition):
    ranking = rank([([], [])], [TWO])
    assert (ranking.objects, ranking.recall.tolist(), ranking.precision.tolist()) == (2, [], [])
    assert average_precision(ranking, definition) == 0


@pytest.mark.parametrize("definition", DEFINITIONS)
def test_without_scenes_there_are_no_objects(definition):
    assert np.isnan(average_precision(rank([], []), definition))


RIGHT = {"found": [(ONE, [0.9]), (ONE, [0.8])], "objects": [ONE, TWO], "threshold": 0.5}


@pytest.mark.parametrize(
    ("wrong", "what"),
    [
        ({"threshold": 0}, "^threshold: expected a number above 0 and at most 1, got 0"),
        ({"threshold": 1.01}, "^threshold: "),
        ({"threshold": np.nan}, "^threshold: "),
        ({"found": RIGHT["found"][:1]}, "^found: expected one entry for each of 2 scenes, got 1"),
        ({"found": [(ONE, [0.9]), ONE]}, r"^found\[1\]: expected a pair \(boxes, scores\), got \["),
        ({"found": np.zeros((2, 5, 4))}, r"^found\[0\]: expected a pair"),
        ({"found": [None, None]}, r"^found\[0\]: expected a pair"),
        ({"found": [(ONE, [0.9]), (ONE, [])]}, r"^found\[1\], scores: expected 1 numbers"),
        ({"found": [(ONE, [0.9]), (ONE, [np.nan])]}, r"^found\[1\], scores\[0\]: expected a number, got nan"),
        ({"found": [([[3, 0, 1, 1]], [1]), (ONE, [1])]}, r"^found\[0\], boxes\[0\]: expected x1 < x2"),
        ({"found": [(np.zeros((1, 5)), [1]), (ONE, [1])]}, r"^found\[0\], boxes: expected"),
        ({"objects": [ONE, [[0, 0, np.nan, 1]]]}, r"^objects\[1\]\[0\]: expected x1 < x2"),
        ({"objects": [ONE, ONE[0]]}, r"^objects\[1\]: expected .*one box is box\[None\]"),
    ],
    ids=str,
)
def test_what_does_not_fit_is_named(wrong, what):
    with pytest.raises(ValueError, match=what):
        rank(**(RIGHT | wrong))


@pytest.mark.parametrize("definition", ["voc", 11, None, "ALL"])
def test_an_unknown_definition_is_named(definition):
    with pytest.raises(ValueError, match=r"^definition: expected '11', 'all' or '101', got"):
        average_precision(rank(**RIGHT), definition)
