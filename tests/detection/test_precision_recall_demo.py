"""The area under the curve: its bars are the average precision, by each definition."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from lib.demos.kit.hand import marks, meaning
from lib.detection.average_precision import DEFINITIONS, Ranking, average_precision
from lib.detection.demos.precision_recall import (
    COLUMNS,
    HIGH,
    LOW,
    ROWS,
    PrecisionRecallDemo,
    bars_of,
    compute,
    listed,
    skyline,
)
from lib.detection.demos.small_detector import the_detector
from lib.detection.detector import average_precisions
from lib.detection.shapes import NAMES


@pytest.fixture(scope="module")
def demo():
    return PrecisionRecallDemo()


@pytest.fixture(autouse=True)
def back_to_start(demo):
    demo.set(**demo.start)


def some_ranking(seed, count=30):
    rng = np.random.default_rng(seed)
    hits = rng.random(count) < 0.6
    return Ranking(-np.sort(-rng.normal(size=count)), hits, int(hits.sum()) + 4)


@pytest.mark.parametrize("definition", DEFINITIONS)
@pytest.mark.parametrize("seed", range(4))
def test_the_area_of_the_bars_is_the_average_precision(definition, seed):
    ranking = some_ranking(seed)
    left, right, bottom, top = bars_of(ranking, definition).T
    assert_allclose(((right - left) * (top - bottom)).sum(), average_precision(ranking, definition))
    assert (np.diff(top) <= 0).all()


@pytest.mark.parametrize("definition", DEFINITIONS)
def test_the_outline_of_the_bars_encloses_their_area(definition):
    ranking = some_ranking(5)
    x, y = skyline(bars_of(ranking, definition)).T
    area = abs((x * np.roll(y, -1) - np.roll(x, -1) * y).sum()) / 2
    assert_allclose(area, average_precision(ranking, definition))


def test_only_what_is_above_the_threshold_counts():
    ranking = some_ranking(1)
    score = float(ranking.scores[11])
    area = compute(ranking, score, "all")
    part = Ranking(ranking.scores[:12], ranking.hits[:12], ranking.objects)
    assert area.above == 12
    assert_allclose(area.values, [[average_precision(r, d) for r in (part, ranking)] for d in DEFINITIONS])


def test_above_every_score_there_is_no_area():
    area = compute(some_ranking(2), 99.0, "101")
    assert area.above == 0
    assert_array_equal(area.values[:, 0], 0)
    assert_array_equal(area.bars[:, 3], 0)
    assert bars_of(Ranking(np.zeros(0), np.zeros(0, bool), 3), "all").shape == (0, 4)


@pytest.mark.parametrize(
    ("score", "definition", "name"), [(np.nan, "all", "score"), (0.0, "12", "definition")]
)
def test_anything_else_is_refused_by_name(score, definition, name):
    with pytest.raises(ValueError, match=f"^{name}: expected"):
        compute(some_ranking(0), score, definition)


@pytest.mark.parametrize("least", [0.5, 0.75])
def test_the_lists_are_those_of_the_detector(least):
    detector = the_detector()
    found = detector.found(regression=True, suppression=0.3)
    theirs = average_precisions(found, detector.scenes, len(NAMES), threshold=least)
    ours = [average_precision(listed(detector, label, least).ranking) for label in range(len(NAMES))]
    assert_allclose(ours, theirs)


def test_each_detection_has_its_crop():
    its = listed(the_detector(), NAMES.index("disc"), 0.5)
    assert its.crops.shape == (len(its.ranking.scores), 32, 32, 3)
    assert len({crop.tobytes() for crop in its.crops}) == len(its.crops)


def test_the_threshold_goes_along_the_list(demo):
    ranking = demo.state.ranking
    for score in (LOW, 2.0, HIGH):
        demo.set(score=score)
        above = int((ranking.scores >= score).sum())
        assert demo.state.above == above
        assert len(demo.part.get_xdata()) == above
        assert demo.said().startswith(f"{ranking.hits[:above].sum()} of {ranking.objects} found, ")


def test_a_click_on_a_crop_puts_the_threshold_there(demo):
    crops = [mark for mark in marks(demo) if mark["key"].startswith("a_crop:")]
    assert len(crops) == min(len(demo.state.ranking.scores), ROWS * COLUMNS)
    for index in (0, 3, len(crops) - 1):
        demo.set(**meaning(demo, {"to": "pick", "key": f"a_crop:{index}"}))
        assert demo.state.above > index
        assert demo.state.ranking.scores[index] - demo.values["score"] < 0.051


def test_what_is_below_the_threshold_is_pale(demo):
    bright = demo.mosaic.copy()
    demo.set(score=HIGH)
    assert demo.mosaic[3, 3].astype(int).sum() > bright[3, 3].astype(int).sum()


def test_a_list_with_hits_first_is_full_however_many_alarms_follow(demo):
    demo.set(**demo.preset("Late false alarms"))
    assert not demo.state.ranking.hits.all()
    assert_allclose(demo.state.values[:, 1], 1)


def test_the_three_definitions_differ_at_first(demo):
    assert len(set(demo.state.values[:, 1].round(3))) == 3
    for value in demo.state.values[:, 0]:
        assert f"{value:.3f}" in demo.sums.get_text()
