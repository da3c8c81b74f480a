"""From scenes to average precision: what is learnt, with and without its parts, and empty cases."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose, assert_array_equal

from lib.detection import features
from lib.detection.boxes import iou
from lib.detection.classify import SoftmaxWithBackground, SVMs
from lib.detection.crops import crop_boxes
from lib.detection.detector import Detector, average_precisions
from lib.detection.examples import collect
from lib.detection.features import describe, load_net
from lib.detection.proposals import propose
from lib.detection.scenes import Scene
from lib.detection.sets import make_scenes

pytest.importorskip("skimage")
CLASSES = 10


@pytest.fixture(scope="module")
def net():
    return load_net()


@pytest.fixture(scope="module")
def learnt(net):
    """Scenes, what is known of their boxes, and the examples."""
    scenes = make_scenes(30)
    described = [describe(net, s.image, np.concatenate([s.boxes, propose(s.image)])) for s in scenes]
    return scenes, described, collect(scenes, described, CLASSES)


@pytest.fixture(scope="module")
def unseen(net):
    scenes = make_scenes(12, first=400)
    return scenes, [describe(net, scene.image, propose(scene.image)) for scene in scenes]


@pytest.fixture(scope="module")
def detector(learnt):
    return Detector(SVMs()).train(learnt[2])


def mean_precision(detector, unseen, threshold=0.5, **arguments):
    scenes, described = unseen
    found = [detector.detect(each, least=-np.inf, **arguments) for each in described]
    return np.nanmean(average_precisions(found, scenes, CLASSES, threshold=threshold))


def test_features_are_those_of_each_crop_by_itself(net, unseen):
    scenes, described = unseen
    one = describe(net, scenes[0].image, described[0].boxes[3:4])
    assert_allclose(one.maps[0], described[0].maps[3], rtol=1e-3, atol=1e-4)
    assert_allclose(one.pooled[0], one.maps[0].reshape(128, 9).max(axis=1))


def test_pooled_features_are_those_the_net_s_own_head_takes(net, unseen):
    scenes, described = unseen
    scores = (
        net.model(torch.tensor(net.scale(crop_boxes(scenes[0].image, described[0].boxes)))).detach().numpy()
    )
    assert_allclose(
        described[0].pooled @ net.model.head[2].weight.detach().numpy().T / 8, scores, rtol=1e-3, atol=1e-4
    )


def test_examples_know_how_well_they_fit(learnt):
    scenes, described, examples = learnt
    assert examples.true.sum() >= sum(len(scene.boxes) for scene in scenes)
    scene, its = scenes[1], described[1]
    rows = slice(len(described[0].boxes), len(described[0].boxes) + len(its.boxes))
    pairs = iou(its.boxes, scene.boxes)
    assert_array_equal(examples.overlaps[rows].max(axis=1), pairs.max(axis=1))
    assert_array_equal(examples.objects[rows], scene.boxes[pairs.argmax(axis=1)])
    sure = pairs.max(axis=1) > 0
    assert_array_equal(examples.labels[rows][sure], scene.labels[pairs.argmax(axis=1)][sure])


def test_a_detector_finds_most_objects_of_scenes_it_has_not_seen(detector, unseen):
    assert mean_precision(detector, unseen) > 0.7


def test_regression_makes_boxes_fit_better(detector, unseen):
    without, with_it = (mean_precision(detector, unseen, 0.75, regression=moved) for moved in (False, True))
    assert with_it > without + 0.05


def test_hard_negatives_join(learnt):
    easy, hard = SVMs(rounds=0).train(learnt[2]), SVMs().train(learnt[2])
    more = np.subtract(hard.examples, easy.examples)
    assert (more >= 0).all()
    assert more.sum() > 50
    far = learnt[2].overlaps.max(axis=1) < 0.3
    wrong = [(model.scores(learnt[2].pooled[far]) > 0).sum() for model in (easy, hard)]
    assert wrong[1] < wrong[0]


def test_the_softmax_knows_the_background(learnt):
    scores = SoftmaxWithBackground().train(learnt[2]).scores(learnt[2].pooled)
    assert scores.shape == (len(learnt[2].boxes), CLASSES)
    probabilities = np.exp(scores).sum(axis=1)
    assert (probabilities <= 1 + 1e-5).all()
    far = learnt[2].overlaps.max(axis=1) < 0.1
    assert probabilities[far].mean() < 0.2 < 0.8 < probabilities[learnt[2].true].mean()


def test_training_is_the_same_for_the_same_seed(learnt):
    for model in (SVMs, SoftmaxWithBackground):
        one, same = model(seed=1).train(learnt[2]), model(seed=1).train(learnt[2])
        assert_array_equal(one.W, same.W)


def test_true_boxes_as_proposals_are_the_upper_bound(net, detector, unseen):
    scenes, _ = unseen
    exact = [describe(net, scene.image, scene.boxes) for scene in scenes]
    assert mean_precision(detector, (scenes, exact), 0.75, regression=False) > 0.9


def test_detections_are_ranked_suppressed_and_inside(detector, unseen):
    for each in unseen[1]:
        found = detector.detect(each, threshold=0.2)
        assert (np.diff(found.scores) <= 0).all()
        assert (found.scores >= -1).all()
        assert (found.boxes >= 0).all()
        assert (found.boxes <= [192, 128, 192, 128]).all()
        for label in np.unique(found.labels):
            of_class = found.boxes[found.labels == label]
            assert (np.triu(iou(of_class, of_class), 1) <= 0.2).all()


def test_an_empty_scene_and_no_proposals_give_no_detections(net, detector):
    empty = Scene(
        np.zeros((3, 128, 192), np.uint8), np.zeros((0, 4)), np.zeros(0, int), np.zeros((0, 128, 192), bool)
    )
    found = detector.detect(describe(net, empty.image, np.zeros((0, 4))), least=-np.inf)
    assert (found.boxes.shape, found.scores.shape, found.labels.shape) == ((0, 4), (0,), (0,))
    assert np.isnan(average_precisions([found], [empty], CLASSES)).all()


def test_a_class_that_never_occurs_is_never_found(learnt, unseen):
    scenes, described, _ = learnt
    without = [
        replace(scene, boxes=scene.boxes[scene.labels != 4], labels=scene.labels[scene.labels != 4])
        for scene in scenes
    ]
    detector = Detector(SVMs()).train(collect(without, described, CLASSES))
    assert detector.regressors[4] is None
    assert all((detector.detect(each, least=-np.inf).labels != 4).all() for each in unseen[1])


def test_a_larger_scene_has_room_for_its_boxes(net, detector, unseen):
    """Nothing is cut at the border that the course's own scenes have."""
    (scene, *_), (its, *_) = unseen
    large = np.zeros((3, 300, 400), np.uint8)
    large[:, 150:278, 200:392] = scene.image
    away = its.boxes + np.array([200, 150, 200, 150])
    moved = detector.moved(describe(net, large, away), 0)
    assert (moved[:, 0] > 192).any()
    assert (moved >= 0).all()
    assert (moved <= [400, 300, 400, 300]).all()
    inner = (its.boxes[:, :2] > 20).all(axis=1) & (its.boxes[:, 2] < 172) & (its.boxes[:, 3] < 108)
    shift = moved[inner] - detector.moved(its, 0)[inner]
    assert inner.sum() > 5
    assert_allclose(np.median(shift, axis=0), [200, 150, 200, 150], atol=0.01)


def test_a_detector_of_other_classes_and_of_one_scene(net, learnt, unseen):
    scenes, described, _ = learnt
    more = Detector(SVMs()).train(collect(scenes, described, 13))
    assert len(more.regressors) == 13
    assert set(more.detect(unseen[1][0], least=-np.inf).labels) <= set(range(10))
    one = Detector(SVMs()).train(collect(scenes[:1], described[:1], CLASSES))
    assert set(one.detect(described[0], least=-np.inf).labels) == set(scenes[0].labels)
    assert np.isfinite(one.detect(described[0]).boxes).all()


def test_scores_that_are_no_numbers_are_not_lost(detector, unseen):
    its = unseen[1][0]
    spoilt = its.pooled.copy()
    spoilt[2] = np.nan
    with pytest.raises(ValueError, match="scores: expected numbers, got nan for box 2, class 0"):
        detector.detect(replace(its, pooled=spoilt))
    for least in (np.nan, np.inf, "0"):
        with pytest.raises(ValueError, match="least: expected"):
            detector.detect(its, least=least)
    for few in (its.pooled[0], its.pooled[:, :5]):
        with pytest.raises(ValueError, match=r"X: expected features of shape \(N, 128\)"):
            detector.classifier.scores(few)
    with pytest.raises(ValueError, match="label: expected a whole number from 0 to 9, got 10"):
        detector.moved(its, 10)


def test_a_box_that_shrinks_to_nothing_is_gone(detector, unseen, monkeypatch):
    """What is left of it at the border is narrower than a box may be."""
    its = unseen[1][0]
    line = its.boxes * [0, 1, 0, 1] + [0, 0, 1e-12, 0]
    monkeypatch.setattr(detector, "moved", lambda described, label: line)
    assert len(detector.detect(its, least=-np.inf).boxes) == 0


def test_boxes_to_describe_may_be_a_list_or_none(net, unseen):
    image = unseen[0][0].image
    assert describe(net, image, []).boxes.shape == (0, 4)
    assert describe(net, image, [[0, 0, 9, 9]]).boxes.dtype == np.float64
    its = describe(net, image[:, :100], np.array([[0, 0, 9, 9]], np.float32))
    assert (its.boxes.dtype, its.height, its.width) == (np.float64, 100, 192)


def test_many_boxes_are_cropped_a_few_at_a_time(net, unseen, monkeypatch):
    monkeypatch.setattr(features, "AT_ONCE", 4)
    cropped, seen = [], unseen[1][0]
    crop = features.crop_boxes
    monkeypatch.setattr(features, "crop_boxes", lambda *given: cropped.append(len(given[1])) or crop(*given))
    few = describe(net, unseen[0][0].image, seen.boxes[:10])
    assert cropped == [4, 4, 2]
    assert_allclose(few.maps, seen.maps[:10], rtol=1e-3, atol=1e-4)


def test_what_does_not_fit_is_refused(learnt, net):
    scenes, described, _ = learnt
    with pytest.raises(ValueError, match="described: expected one entry for each of 30 scenes, got 2"):
        collect(scenes, described[:2], CLASSES)
    bare = replace(scenes[0], boxes=np.zeros((0, 4)), labels=np.zeros(0, int))
    with pytest.raises(ValueError, match="scenes: expected at least one with an object"):
        collect([bare], described[:1], CLASSES)
    with pytest.raises(RuntimeError, match=r"train\(examples\) first"):
        SVMs().scores(learnt[2].pooled)
    with pytest.raises(RuntimeError, match=r"train\(examples\) first"):
        Detector(SVMs()).detect(described[0])
    with pytest.raises(ValueError, match="boxes"):
        describe(net, scenes[0].image, np.array([[5.0, 0, 1, 5]]))
    with pytest.raises(RuntimeError, match=r"Detector: .*train\(examples\) first"):
        Detector(SVMs().train(learnt[2])).detect(described[0])
    nothing = [describe(net, scene.image, []) for scene in scenes]
    with pytest.raises(ValueError, match="described: expected at least one box, got none"):
        collect(scenes, nothing, CLASSES)
    with pytest.raises(ValueError, match=r"scenes\[\d+\], labels: expected labels 0 to 2, got"):
        collect(scenes, described, 3)
    with pytest.raises(ValueError, match="classes: expected a whole number of at least 1, got 0"):
        collect(scenes, described, 0)
    with pytest.raises(ValueError, match="classes: expected a whole number"):
        average_precisions([], [], "10")
    other = net._replace(model=torch.nn.Flatten())
    with pytest.raises(TypeError, match=r"net: expected a net of the family fast, got Flatten"):
        describe(other, scenes[0].image, scenes[0].boxes)
