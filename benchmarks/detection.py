"""Proposals against OpenCV's selective search, with the recall of both; suppression against all pairs."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median

import cv2
import numpy as np

from benchmarks.measure import Row, interleaved, ratios
from lib.detection.boxes import iou
from lib.detection.proposals import best_overlaps, propose
from lib.detection.scenes import Scene
from lib.detection.sets import make_scenes
from lib.detection.suppression import non_maximum_suppression

BOXES = 850


def rows(quick: bool) -> Iterator[Row]:
    scenes = make_scenes(2 if quick else 20, first=2000)
    yield from proposal_rows(scenes, turns=1 if quick else 5)
    yield from suppression_rows(turns=1 if quick else 20)


def proposal_rows(scenes: list[Scene], *, turns: int) -> Iterator[Row]:
    """Both at one scale and one thread; OpenCV's in its fast mode, which has four measures of likeness."""
    found: dict[str, list[np.ndarray]] = {}

    def run(name, proposals):
        found[name] = [proposals(scene.image) for scene in scenes]

    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        sides = {"ours": lambda: run("ours", propose), "OpenCV": lambda: run("OpenCV", selective_search)}
        seconds = interleaved(sides, turns=turns)
    finally:
        cv2.setNumThreads(threads)
    size = f"{len(scenes)} scenes of 128 × 192"
    texts = {name: f"{1000 * median(of_all) / len(scenes):.0f} ms" for name, of_all in seconds.items()}
    name = "proposals / OpenCV, fast"
    yield Row(
        name, size, ratios(seconds["ours"], seconds["OpenCV"]), ours=texts["ours"], peer=texts["OpenCV"]
    )
    times = [1000 * one / len(scenes) for one in seconds["ours"]]
    yield Row("proposals, CPU a scene", size, times, unit="ms", at_most=80)
    recalls, counts = {}, {}
    for side, boxes in found.items():
        pairs = zip(scenes, boxes, strict=True)
        recalls[side] = float((np.concatenate([best_overlaps(s.boxes, b) for s, b in pairs]) >= 0.5).mean())
        counts[side] = np.mean([len(each) for each in boxes])
    what = f"{size}; {counts['ours']:.0f} boxes a scene, OpenCV {counts['OpenCV']:.0f}"
    texts = {side: f"{recall:.2f}" for side, recall in recalls.items()}
    yield Row(
        "recall at IoU 0.5",
        what,
        [recalls["ours"]],
        unit="",
        at_least=0.8,
        ours=texts["ours"],
        peer=texts["OpenCV"],
    )


def selective_search(image: np.ndarray) -> np.ndarray:
    """OpenCV's boxes for an image, uint8 (3, H, W): float64 (P, 4)."""
    search = cv2.ximgproc.segmentation.createSelectiveSearchSegmentation()
    search.setBaseImage(np.ascontiguousarray(image.transpose(1, 2, 0)[..., ::-1]))
    search.switchToSelectiveSearchFast()
    x, y, width, height = search.process().T.astype(np.float64)
    return np.stack([x, y, x + width, y + height], axis=1)


def suppression_rows(*, turns: int) -> Iterator[Row]:
    """Boxes as a scene has them, around five objects, and as no scene has them, at random."""
    rng = np.random.default_rng(0)
    centres = rng.uniform(20, 108, (5, 2))[rng.integers(5, size=BOXES)] + rng.normal(0, 8, (BOXES, 2))
    cases = {"around five objects": centres, "at random": rng.uniform(20, 172, (BOXES, 2))}
    for what, middle in cases.items():
        half = rng.uniform(12, 32, (BOXES, 2)) / 2
        boxes, scores = np.concatenate([middle - half, middle + half], axis=1), rng.standard_normal(BOXES)
        sides = {
            "ours": lambda b=boxes, s=scores: non_maximum_suppression(b, s),
            "plain": lambda b=boxes, s=scores: plain_suppression(b, s),
        }
        seconds = interleaved(sides, turns=turns)
        milliseconds = [1000 * one for one in seconds["ours"]]
        kept = len(non_maximum_suppression(boxes, scores))
        case = f"{BOXES} boxes {what}, {kept} stay"
        yield Row("suppression", case, milliseconds, unit="ms", at_most=3)
        texts = {side: f"{1000 * median(times):.1f} ms" for side, times in seconds.items()}
        faster = ratios(seconds["plain"], seconds["ours"])
        yield Row("all pairs at once / suppression", case, faster, ours=texts["ours"], peer=texts["plain"])


def plain_suppression(boxes: np.ndarray, scores: np.ndarray, threshold: float = 0.3) -> list[int]:
    """The definition: all overlaps first, then one box after another."""
    above, kept = iou(boxes, boxes) > threshold, []
    for number in np.argsort(-scores, kind="stable"):
        if not above[number, kept].any():
            kept.append(int(number))
    return kept
