"""What each step of R-CNN is worth: average precision with and without it, and the recall of proposals.

`python -m lib.detection.study` trains every detector with three seeds, each on scenes of its own, and writes
study.json beside this file after each seed, in about three minutes of one processor; seeds that are there
already it leaves. The scenes with photographs take CIFAR-10 where it is on this computer, else Shapes-10.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from data_loaders import load_dataset
from lib.checks import mismatch
from lib.convnets.device import device_name
from lib.detection.classify import Classifier, SoftmaxWithBackground, SVMs
from lib.detection.described import Described
from lib.detection.detector import Detector, average_precisions
from lib.detection.examples import collect
from lib.detection.features import describe, load_net
from lib.detection.proposals import SCALE, best_overlaps, propose
from lib.detection.scenes import HEIGHT, WIDTH, Scene
from lib.detection.sets import KINDS, make_scenes
from lib.files import check_writable, replacing_text

SEEDS = range(3)
TRAINING, TEST, SHOWN = 200, 50, 50  # scenes; the last of each kind, where proposals alone are measured
CLASSES = 10
CLASSIFIERS: dict[str, Callable[[int], Classifier]] = {
    "SVM": lambda seed: SVMs(seed=seed),
    "SVM, no hard negatives": lambda seed: SVMs(rounds=0, seed=seed),
    "softmax": lambda seed: SoftmaxWithBackground(seed=seed),
}
THRESHOLDS = (0.5, 0.75)  # of average precision
FITS = (0.5, 0.7)  # of proposals
COUNTS = (5, 10, 20, 30, 50, 70, 100, 150, 200, 300)  # of proposals
SCALES = {"one scale": (SCALE,), "three scales": (SCALE / 2, SCALE, 2 * SCALE)}
RESULTS = Path(__file__).with_name("study.json")
WRITTEN = {"photographs": str, "kinds": dict, "runs": list}  # in the file
RUN = {"seed", "proposals", "recall", "precision", "cpu_seconds"}


def recall_of(overlaps: np.ndarray, threshold: float = 0.5) -> float:
    """The part of the objects whose best IoU with a proposal, (M,), reaches the threshold."""
    return round(float(np.mean(overlaps >= threshold)), 4)


def recall_by_count(scenes: Sequence[Scene], proposals: Sequence[np.ndarray]) -> list[float]:
    """The recall at IoU 0.5 of the first `COUNTS` proposals of each scene."""
    pairs = list(zip(scenes, proposals, strict=True))
    return [
        recall_of(np.concatenate([best_overlaps(scene.boxes, boxes[:count]) for scene, boxes in pairs]))
        for count in COUNTS
    ]


def square_windows(sides: Sequence[int] = (36, 44, 53, 64), step: int = 8) -> np.ndarray:
    """Square boxes all over a scene, whatever is in it: float64 (P, 4).

    sides: of the squares, in pixels
    step: from one to the next, in pixels
    """
    corners = [
        (x, y, x + side, y + side)
        for side in sides
        for y in range(0, HEIGHT - side + 1, step)
        for x in range(0, WIDTH - side + 1, step)
    ]
    return np.array(corners, float)


def measure_kind(kind: str, images: Any, seed: int = 0) -> dict[str, Any]:
    """Proposals in scenes of one kind, by each method: how many a scene, and how well they fit."""
    scenes = make_scenes(SHOWN, kind=kind, images=images, first=TRAINING, seed=seed)
    proposed = {name: [propose(scene.image, scales) for scene in scenes] for name, scales in SCALES.items()}
    proposed["square windows"] = [square_windows()] * len(scenes)
    found = {}
    for name, each in proposed.items():
        best = np.concatenate([best_overlaps(s.boxes, p) for s, p in zip(scenes, each, strict=True)])
        found[name] = {
            "proposals": round(float(np.mean(list(map(len, each)))), 1),
            "recall": {str(threshold): recall_of(best, threshold) for threshold in FITS},
            "mean IoU": round(float(best.mean()), 4),
        }
    return found


def measure_seed(seed: int) -> dict[str, Any]:
    """All detectors of one seed: its scenes, its proposals, and their average precisions."""
    start, net = time.process_time(), load_net()
    training = make_scenes(TRAINING, seed=seed)
    test = make_scenes(TEST, first=TRAINING, seed=seed)
    proposed = {name: [propose(s.image, scales) for s in test] for name, scales in SCALES.items()}
    described = [describe(net, s.image, np.concatenate([s.boxes, propose(s.image)])) for s in training]
    examples = collect(training, described, CLASSES)
    proposals = [describe(net, s.image, p) for s, p in zip(test, proposed["one scale"], strict=True)]
    true_boxes = [describe(net, s.image, s.boxes) for s in test]
    run: dict[str, Any] = {
        "seed": seed,
        "proposals": {name: float(np.mean(list(map(len, each)))) for name, each in proposed.items()},
        "recall": {name: recall_by_count(test, each) for name, each in proposed.items()},
        "precision": {},
    }
    for name, classifier in CLASSIFIERS.items():
        detector = Detector(classifier(seed)).train(examples)
        for regression in (False, True):
            row = f"{name}, {'with' if regression else 'without'} regression"
            run["precision"][row] = precisions(detector, proposals, test, regression)
        run["precision"][f"{name}, true boxes"] = precisions(detector, true_boxes, test, False)
    return run | {"cpu_seconds": round(time.process_time() - start)}


def precisions(
    detector: Detector, described: Sequence[Described], scenes: Sequence[Scene], regression: bool
) -> dict[str, float]:
    """The mean average precision of the classes at each of the `THRESHOLDS`."""
    found = [detector.detect(each, regression=regression, least=-np.inf) for each in described]
    return {
        str(t): round(float(np.nanmean(average_precisions(found, scenes, CLASSES, threshold=t))), 4)
        for t in THRESHOLDS
    }


def recorded_study(path: Path = RESULTS) -> dict[str, Any]:
    """What is written in study.json."""
    return json.loads(path.read_text("utf-8"))


def machine_of() -> str:
    """What this is measured on."""
    import torch  # here, so that without it lib.convnets says what is missing

    return f"{device_name(torch.device('cpu'))}, one thread, torch {torch.__version__}"


def going_on_from(path: Path, study: dict[str, Any]) -> dict[str, Any]:
    """What is in the file; raises `ValueError` where it is no study like this one, on this machine."""
    settings = ("command", "machine", "scenes", "counts")
    advice = "give the name of another file"
    try:
        there = recorded_study(path)
        then = [there[name] for name in settings]
        known = all(isinstance(there[name], kind) for name, kind in WRITTEN.items())
        known = known and all(set(run) >= RUN for run in there["runs"])
    except (OSError, ValueError, TypeError, KeyError):
        known = False
    if not known:
        raise mismatch("", path.name, "a study of python -m lib.detection.study", "something else", advice)
    if then != [study[name] for name in settings]:
        raise mismatch("", path.name, "a study with these settings on this machine", "another", advice)
    return there


def precision_rows(study: dict[str, Any]) -> dict[str, np.ndarray]:
    """The mean average precisions of a study: row → (thresholds, seeds)."""
    runs = study["runs"]
    return {
        row: np.array([[run["precision"][row][str(t)] for run in runs] for t in THRESHOLDS])
        for row in runs[0]["precision"]
    }


def main(path: Path = RESULTS) -> None:
    """Measures what is not in the file yet, one seed after the other."""
    import torch

    if path.is_dir():
        raise mismatch("", str(path), "the name of a file", "a folder", "write FOLDER/study.json")
    check_writable(path)  # now, not after the first seed
    torch.set_num_threads(1)
    study: dict[str, Any] = {
        "command": "python -m lib.detection.study",
        "machine": machine_of(),
        "scenes": {"training": TRAINING, "test": TEST, "of each kind": SHOWN},
        "counts": list(COUNTS),
    }
    there = going_on_from(path, study) if path.exists() else {}
    if there:
        study |= {name: there[name] for name in ("photographs", "kinds")}
    else:
        images = load_dataset("auto")
        study["photographs"] = images.name
        study["kinds"] = {kind: measure_kind(kind, images.train) for kind in KINDS}
    study["runs"] = there.get("runs", [])
    done = {run["seed"] for run in study["runs"]}
    for seed in SEEDS:
        if seed not in done:
            study["runs"].append(measure_seed(seed))
            print(f"seed {seed}: {study['runs'][-1]['cpu_seconds']} s", flush=True)
            with replacing_text(path) as file:
                file.write(json.dumps(study, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:2]))
