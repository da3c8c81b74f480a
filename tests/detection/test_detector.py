"""From scenes to average precision: what is learnt, with and without its parts, and empty cases."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose, assert_array_equal

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
    other = net._replace(model=torch.nn.Flatten())
    with pytest.raises(TypeError, match=r"net: expected a net of the family fast, got Flatten"):
        describe(other, scenes[0].image, scenes[0].boxes)
