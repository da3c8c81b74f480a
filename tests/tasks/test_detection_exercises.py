"""The right answers to the exercises of lecture 13 are what lib.detection computes."""

import numpy as np
import pytest

from lib.detection import average_precision as ours
from lib.detection import boxes, regression, suppression
from lib.tasks import assess, find_task

TIMES = range(20)


def answer(name):
    """The reference of an exercise of lecture 13."""
    (written,) = find_task(f"13.{name}").given()
    return written


@pytest.fixture(params=TIMES)
def rng(request):
    return np.random.default_rng(request.param)


def random_boxes(rng, count):
    corners = rng.integers(0, 60, size=(count, 2)).astype(float)  # whole numbers, so that some boxes touch
    return np.concatenate([corners, corners + rng.integers(1, 50, size=(count, 2))], axis=1)


def test_iou(rng):
    first, second = random_boxes(rng, 8), random_boxes(rng, 11)
    iou = answer("iou")
    found = np.array([iou(box, second) for box in first])
    np.testing.assert_allclose(found, boxes.iou(first, second), atol=1e-12)


def test_suppression(rng):
    some, scores, threshold = random_boxes(rng, 30), rng.uniform(size=30), rng.uniform(0.2, 0.6)
    kept = answer("suppression")(boxes.iou(some, some), scores, threshold)
    assert [*kept] == suppression.non_maximum_suppression(some, scores, threshold).tolist()


def test_average_precision(rng):
    hits = rng.uniform(size=25) < 0.5
    objects = int(hits.sum() + rng.integers(1, 5))
    ranking = ours.Ranking(np.linspace(1, 0, 25), hits, objects)
    found = answer("average_precision")(hits, objects)
    assert found == pytest.approx(ours.average_precision(ranking, "all"), abs=1e-12)


def test_regression_targets_and_back(rng):
    proposals, objects = random_boxes(rng, 9), random_boxes(rng, 9)
    targets = answer("regression_targets")(proposals, objects)
    np.testing.assert_allclose(targets, regression.regression_targets(proposals, objects), atol=1e-12)
    moved = answer("move_boxes")(proposals, targets)
    np.testing.assert_allclose(moved, regression.regressed(proposals, targets), atol=1e-9)
    np.testing.assert_allclose(moved, objects, atol=1e-9)


def by_loops(name):
    """The same answer in plain Python, with lists."""

    def iou(box, boxes):
        found = []
        for other in boxes:
            width = max(min(box[2], other[2]) - max(box[0], other[0]), 0)
            height = max(min(box[3], other[3]) - max(box[1], other[1]), 0)
            areas = [(b[2] - b[0]) * (b[3] - b[1]) for b in (box, other)]
            found.append(width * height / (sum(areas) - width * height))
        return found

    def suppress(overlaps, scores, threshold):
        kept = []
        for box in sorted(range(len(scores)), key=lambda number: -scores[number]):
            if all(overlaps[box][other] <= threshold for other in kept):
                kept.append(box)
        return kept

    def average_precision(hits, objects):
        found = [k + 1 for k, hit in enumerate(hits) if hit]
        precisions = [(number + 1) / place for number, place in enumerate(found)]
        return sum(max(precisions[number:]) for number in range(len(found))) / objects

    def regression_targets(proposals, objects):
        rows = []
        for p, o in zip(proposals, objects, strict=True):
            moves = [((o[k] + o[k + 2]) - (p[k] + p[k + 2])) / 2 / (p[k + 2] - p[k]) for k in (0, 1)]
            rows.append([*moves, *(np.log(o[k + 2] - o[k]) - np.log(p[k + 2] - p[k]) for k in (0, 1))])
        return rows

    def move_boxes(proposals, targets):
        rows = []
        for p, t in zip(proposals, targets, strict=True):
            size = [p[k + 2] - p[k] for k in (0, 1)]
            middle = [(p[k] + p[k + 2]) / 2 + t[k] * size[k] for k in (0, 1)]
            half = [size[k] * np.exp(t[k + 2]) / 2 for k in (0, 1)]
            rows.append([middle[k] + sign * half[k] for sign in (-1, 1) for k in (0, 1)])
        return rows

    return locals()[find_task(f"13.{name}").defines[0]]


OTHER_WAYS = {
    "as they are": lambda found: found,
    "tuples": lambda found: tuple(found) if np.ndim(found) else found,
    "float32": np.float32,
    "int32": np.int32,
}
CASES = [
    (name, way)
    for name in ("iou", "suppression", "average_precision", "regression_targets", "move_boxes")
    for way in OTHER_WAYS
    if way != ("float32" if name == "suppression" else "int32")  # numbers of boxes are whole, others are not
]


@pytest.mark.parametrize(("name", "way"), CASES)
def test_right_answers_may_be_written_and_returned_in_other_ways(name, way):
    solve, change = by_loops(name), OTHER_WAYS[way]
    report = assess(find_task(f"13.{name}"), [lambda *given: change(solve(*given))], [0, 1, 2])
    assert report.passed, [part.sentence for part in report.parts]


@pytest.mark.parametrize("threshold", np.linspace(0, 1, 21))
def test_no_threshold_of_one_s_own_is_right(threshold):
    suppress = answer("suppression")
    task = find_task("13.suppression")
    for seed in range(3):
        report = assess(task, [lambda overlaps, scores, _: suppress(overlaps, scores, threshold)], [seed])
        assert not report.passed


def test_one_number_alone_is_told_so():
    report = assess(find_task("13.suppression"), [lambda *given: 3], [0])
    assert {part.sentence for part in report.parts} == {
        "This is one number alone; several are expected, in an array, a list or a tuple."
    }
