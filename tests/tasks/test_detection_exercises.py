"""The right answers to the exercises of lecture 13 are what lib.detection computes."""

import numpy as np
import pytest

from lib.detection import average_precision as ours
from lib.detection import boxes, regression, suppression
from lib.tasks import find_task

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
