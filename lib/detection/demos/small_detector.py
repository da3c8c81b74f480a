"""A detector that learns from a few scenes in a few seconds, and what it finds in others; computed once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache, cached_property

import numpy as np
import torch

from lib.blas import one_thread
from lib.checks import check_whole
from lib.detection.average_precision import Ranking, rank
from lib.detection.boxes import clip
from lib.detection.classify import SVMs
from lib.detection.described import Described
from lib.detection.detector import Detections, Detector
from lib.detection.examples import collect
from lib.detection.features import describe, load_net
from lib.detection.proposals import propose
from lib.detection.scenes import Scene
from lib.detection.sets import make_scenes
from lib.detection.shapes import NAMES
from lib.detection.suppression import suppressed_by_class

FIRST, TRAINING = 120, 40  # the first of the scenes it learns from, of the lecture's 200, and how many
FIRST_TEST, TEST = 200, 16  # scenes that no detector learns from
MOST = 30  # proposals of a training scene
SHAKEN, FARTHEST = 5, 0.2  # boxes around each object besides, and how far their edges lie off, in sides
FITS = {"IoU ≥ 0.5": 0.5, "IoU ≥ 0.75": 0.75}  # what counts as a hit
REMEMBERED = 100


class SmallDetector:
    """R-CNN with the course's net, trained on a few scenes.

    training: scenes to learn from
    scenes: others, in which it looks for objects
    seed: of what is drawn at random

    So few scenes have few proposals that fit an object well, and regression learns from these alone. So it
    gets some more boxes around each object.
    """

    def __init__(self, training: Sequence[Scene], scenes: Sequence[Scene], *, seed: int = 0):
        self.net, self.scenes = load_net(), list(scenes)
        rng = np.random.default_rng(check_whole(seed, name="seed"))
        known = []
        for scene in training:
            boxes = scene.boxes, shaken(scene, rng), propose(scene.image, seed=seed)[:MOST]
            known.append(self.describe(scene, np.concatenate(boxes)))
        self.detector = Detector(SVMs()).train(collect(training, known, len(NAMES)))
        self._found: dict[tuple[bool, float], list[Detections]] = {}

    def describe(self, scene: Scene, boxes: np.ndarray) -> Described:
        """Features of boxes (P, 4) in a scene."""
        with one_thread_of_torch():
            return describe(self.net, scene.image, boxes)

    @cached_property
    def described(self) -> list[Described]:
        """The proposals of each of `scenes`, and their features."""
        return [self.describe(scene, propose(scene.image)) for scene in self.scenes]

    def found(self, *, regression: bool, suppression: float) -> list[Detections]:
        """Of each of `scenes` what is found there, with scores of at least −1, the highest first.

        regression: whether boxes move to where the object is thought to be
        suppression: the most IoU of two boxes of one class that both stay, 0 to 1; 1 keeps all
        """
        key = regression, suppression
        if key not in self._found:
            if len(self._found) >= REMEMBERED:
                del self._found[next(iter(self._found))]
            if suppression == 1:
                self._found[key] = [
                    self.detector.detect(each, regression=regression, threshold=1) for each in self.described
                ]
            else:
                everything = self.found(regression=regression, suppression=1)
                self._found[key] = [suppressed(each, suppression) for each in everything]
        return self._found[key]


def shaken(scene: Scene, rng: np.random.Generator) -> np.ndarray:
    """Boxes near each of the M objects of a scene, and within it: (SHAKEN · M, 4)."""
    boxes, (_, height, width) = scene.boxes, scene.image.shape
    sides = np.tile(boxes[:, 2:] - boxes[:, :2], (SHAKEN, 2))
    off = rng.uniform(-FARTHEST, FARTHEST, sides.shape)
    return clip(np.tile(boxes, (SHAKEN, 1)) + off * sides, height, width)


def suppressed(found: Detections, threshold: float) -> Detections:
    """What stays of the detections of a scene, the highest score first."""
    stay = suppressed_by_class(found.boxes, found.scores, found.labels, threshold)
    return Detections(found.boxes[stay], found.scores[stay], found.labels[stay])


def hits_of(found: Detections, scene: Scene, least: float) -> np.ndarray:
    """Whether each detection of a scene is a hit, bool (N,); found: the highest score first.

    least: the least IoU of a hit with an object of its class, above 0
    """
    hits = np.zeros(len(found.labels), bool)
    for label in np.unique(found.labels):
        rows = found.labels == label
        objects = scene.boxes[scene.labels == label]
        hits[rows] = rank([(found.boxes[rows], found.scores[rows])], [objects], least).hits
    return hits


def ranking_of(scores: Sequence[np.ndarray], hits: Sequence[np.ndarray], objects: int) -> Ranking:
    """The detections of all scenes in one list, the highest score first.

    scores, hits: (N,) of each scene
    """
    all_scores = np.concatenate([np.zeros(0), *scores])
    order = np.argsort(-all_scores, kind="stable")
    return Ranking(all_scores[order], np.concatenate([np.zeros(0, bool), *hits])[order], objects)


@cache
def the_scenes() -> list[Scene]:
    """Scenes that no detector of the lecture learns from."""
    return make_scenes(TEST, first=FIRST_TEST)


@cache
def the_detector() -> SmallDetector:
    """The detector that the demos share, trained once."""
    with one_thread():
        return SmallDetector(make_scenes(TRAINING, first=FIRST), the_scenes())


@contextmanager
def one_thread_of_torch() -> Iterator[None]:
    """A `with` block in which torch uses one thread: for so small a net several wait for each other."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
