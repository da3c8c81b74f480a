"""What lecture 13 works out by hand, calls true or says of its study is what its code and study say."""

from pathlib import Path

import numpy as np
import pytest
import torch
from lecture_cells import LECTURES, cells_of, sources_with_solutions

from lib.convnets.layer_table import summarize
from lib.detection.average_precision import Ranking
from lib.detection.average_precision import average_precision as average_by
from lib.detection.boxes import iou
from lib.detection.classify import SVMs
from lib.detection.detector import Detections, Detector, average_precisions
from lib.detection.examples import collect
from lib.detection.features import Described, describe, load_net
from lib.detection.proposals import best_overlaps, merge_tree, propose
from lib.detection.scenes import HEIGHT, WIDTH
from lib.detection.sets import make_scenes
from lib.detection.study import precision_rows, recorded_study, square_windows
from lib.lessons.predictions import find_prediction

PATH: Path = LECTURES / "13_object_detection.ipynb"
SOURCES = sources_with_solutions(cells_of(PATH))
TEXT = " ".join(" ".join(cell["source"] for cell in cells_of(PATH)).split())
TEN = np.array([1, 0, 1, 1, 0, 1, 0, 0, 1, 0], bool)
STUDY = recorded_study()
ROWS = {row: values.mean(axis=1) for row, values in precision_rows(STUDY).items()}


def answer(cell):
    """The function that a solution of ours defines."""
    names = {"np": np}
    exec(SOURCES[cell], names)
    return names[cell.replace("-", "_")]


def truth(name):
    return find_prediction(f"13.{name}").true()


def test_a_small_scene_has_153_million_boxes():
    boxes = (HEIGHT * (HEIGHT + 1) // 2) * (WIDTH * (WIDTH + 1) // 2)
    assert (boxes, boxes // 1000 // 3600) == (8_256 * 18_528, 42)
    assert "8,256 · 18,528, or 153 million" in TEXT
    assert round(boxes / 1e6) == 153
    lines = [(x1, x2) for x1 in range(5) for x2 in range(x1 + 1, 5)]  # of 4 pixels: 4 · 5 / 2 pairs
    assert len(lines) == 4 * 5 // 2


def test_the_two_boxes_by_hand_have_an_iou_of_three_fifths():
    pair = np.array([[10, 10, 50, 50]]), np.array([[20, 10, 60, 50]])
    assert iou(*pair) == 0.6
    assert answer("iou")(pair[0][0], pair[1]) == 0.6
    assert "30 · 40 = 1,200 pixels and cover 2,000, so their IoU is 0.6" in TEXT


def test_a_square_that_moves_away_is_the_curve():
    curve, square = truth("shifted"), np.array([[0.0, 0.0, 1.0, 1.0]])
    for shift in (0, 0.1, 0.25, 0.5, 0.9):
        assert curve(np.array(shift)) == pytest.approx(iou(square, square + shift).item())
    assert curve(np.array(1.0)) == 0  # where the corners touch
    told = find_prediction("13.shifted").sentence
    assert f"{curve(np.array(0.1)):.2f}, and by a quarter, {curve(np.array(0.25)):.2f}" in told


def test_five_boxes_of_which_three_stay():
    left, high = np.array([10.0, 20.0, 30.0, 40.0, 90.0]), np.full(5, 10.0)
    boxes = np.stack([left, high, left + 40, high + 40], axis=1)
    pairs = iou(boxes, boxes)
    assert [round(float(pairs[0, k]), 2) for k in (1, 2, 3, 4)] == [0.6, 0.33, 0.14, 0]
    kept = answer("suppress")(pairs, np.array([0.7, 0.9, 0.8, 0.6, 0.5]), 0.5)
    assert ["ABCDE"[k] for k in kept] == ["B", "D", "E"]
    assert truth("five_boxes") == "B, D and E"


def test_one_pair_by_hand_has_these_targets_and_they_lead_back():
    pair = np.array([[10.0, 10, 50, 50]]), np.array([[20.0, 10, 80, 60]])
    targets = answer("regression-targets")(*pair)
    np.testing.assert_allclose(targets, [[0.5, 0.125, np.log(1.5), np.log(1.25)]])
    np.testing.assert_allclose(answer("move-boxes")(pair[0], targets), pair[1])


def test_ten_detections_under_three_definitions():
    ranking = Ranking(np.linspace(0.9, 0.1, 10), TEN, 6)
    by_hand = {
        "11": (2 * 1 + 4 * 3 / 4 + 4 / 6 + 2 * 5 / 9) / 11,
        "all": (1 + 3 / 4 + 3 / 4 + 4 / 6 + 5 / 9) / 6,
        "101": (17 * 1 + 34 * 3 / 4 + 16 * 4 / 6 + 17 * 5 / 9)
        / 101,  # 0–0.16, 0.17–0.5, 0.51–0.66, 0.67–0.83
    }
    assert {name: round(value, 4) for name, value in by_hand.items()} == {
        "11": 0.6162,
        "all": 0.6204,
        "101": 0.6199,
    }
    for name, value in by_hand.items():
        assert average_by(ranking, name) == pytest.approx(value, abs=1e-12)
    assert answer("average-precision")(TEN, 6) == pytest.approx(by_hand["all"])
    assert truth("ten") == pytest.approx(by_hand["all"], abs=0.005)


def test_a_perfect_detector_has_an_average_precision_of_one():
    scene = type("S", (), {"boxes": np.array([[0.0, 0, 9, 9]]), "labels": np.array([2])})
    found = Detections(scene.boxes, np.array([0.3]), scene.labels)
    assert average_precisions([found], [scene], 3)[2] == 1


def test_square_windows_find_every_pasted_square():
    kinds = STUDY["kinds"]
    found = [100 * kinds[kind]["square windows"]["recall"]["0.5"] for kind in ("squares", "outlines")]
    assert truth("square_windows") == pytest.approx(found, abs=0.1)
    windows = square_windows()
    assert len(windows) == kinds["squares"]["square windows"]["proposals"] == 782
    assert (windows[:, 2] - windows[:, 0] == windows[:, 3] - windows[:, 1]).all()
    assert windows.min() == 0
    assert (windows[:, 2].max() <= WIDTH, windows[:, 3].max() <= HEIGHT) == (True, True)
    grouped = {kind: kinds[kind]["one scale"]["recall"]["0.7"] for kind in kinds}
    assert min(grouped, key=grouped.get) == "soft"


@pytest.mark.family(share=4)
def test_merging_brings_what_the_lecture_says_beyond_the_first_cut():
    first, all_boxes = [], []
    for scene in make_scenes(50, first=200):
        tree = merge_tree(scene.image)
        first.append(best_overlaps(scene.boxes, tree.boxes[: len(tree.merges) + 1]))
        all_boxes.append(best_overlaps(scene.boxes, tree.boxes))
    cut, merged = np.concatenate(first), np.concatenate(all_boxes)
    found = [round(100 * np.mean(best >= least)) for best, least in ((cut, 0.5), (cut, 0.75), (merged, 0.75))]
    said = "at an IoU of 0.5 the first cut alone finds {}% of the objects in 50 scenes. "
    said += "At 0.75 it finds {}%, and with all merges {}%"
    assert said.format(*found) in TEXT


def test_regression_helps_most_where_boxes_must_fit():
    without, with_it = ROWS["SVM, without regression"], ROWS["SVM, with regression"]
    assert [round(float(value), 2) for value in (*without, *with_it)] == [0.92, 0.51, 0.97, 0.88]
    assert truth("stricter") == pytest.approx(with_it[1], abs=0.005)
    assert (with_it - without)[1] > 5 * (with_it - without)[0]
    for run in STUDY["runs"]:  # in every seed
        precision = run["precision"]
        assert precision["SVM, with regression"]["0.75"] > precision["SVM, without regression"]["0.75"]
        bound = precision["SVM, true boxes"]["0.5"]
        assert precision["SVM, with regression"]["0.5"] > bound / 2


def test_hard_negatives_are_worth_several_points_and_the_softmax_is_as_good():
    for row in ("without regression", "with regression"):
        assert (ROWS[f"SVM, {row}"] - ROWS[f"SVM, no hard negatives, {row}"] > 0.05).all()
        assert (ROWS[f"softmax, {row}"] >= ROWS[f"SVM, {row}"]).all()
    assert min(ROWS[f"{name}, true boxes"].min() for name in ("SVM", "softmax")) > 0.99


def test_sharing_the_convolution_saves_what_the_prediction_says():
    net = load_net().model
    crop, scene = (summarize(net, (3, *size)).multiply_adds for size in ((32, 32), (HEIGHT, WIDTH)))
    assert 2000 * crop / scene == pytest.approx(truth("shared"), rel=0.005)
    assert (HEIGHT * WIDTH // 32**2, round(scene / crop)) == (24, 28)


@pytest.mark.family(share=8)
def test_pooled_features_cost_what_the_lecture_says():
    names, net = {"np": np}, load_net()
    exec(SOURCES["roi-pool"], names)
    training, test = make_scenes(40), make_scenes(10, first=200)

    def pooled(scene, boxes):
        with torch.inference_mode():
            found = net.model.stages(net.model.stem(torch.from_numpy(net.scale(scene.image[None]))))[
                0
            ].numpy()
        step = np.array([WIDTH / found.shape[2], HEIGHT / found.shape[1]] * 2)
        parts = names["roi_pool"](found, boxes, step)
        return Described(boxes, parts.max(axis=(2, 3)), parts.reshape(len(parts), -1), HEIGHT, WIDTH)

    def cropped(scene, boxes):
        return describe(net, scene.image, boxes)

    def trained_on(features):
        boxes = [np.concatenate([scene.boxes, propose(scene.image)]) for scene in training]
        described = [features(scene, some) for scene, some in zip(training, boxes, strict=True)]
        return Detector(SVMs()).train(collect(training, described, 10))

    def precision(detector, features):
        described = [features(scene, propose(scene.image)) for scene in test]
        found = [detector.detect(some, regression=False, least=-np.inf) for some in described]
        return np.nanmean(average_precisions(found, test, 10))

    of_crops = trained_on(cropped)
    usual = precision(of_crops, cropped)
    assert precision(of_crops, pooled) < usual / 2
    assert usual / 2 < precision(trained_on(pooled), pooled) < usual * 2 / 3
    assert (
        "lose more than half of their average precision; trained on them anew, still more than a third"
        in TEXT
    )


def test_pooled_parts_of_a_box_are_the_largest_values_in_it():
    names = {"np": np}
    exec(SOURCES["roi-pool"], names)
    maps = np.arange(2 * 6 * 6, dtype=np.float32).reshape(2, 6, 6)
    pooled = names["roi_pool"](maps, np.array([[0.0, 0, 44, 44]]), np.array([8.0] * 4))
    assert pooled.shape == (1, 2, 3, 3)
    assert pooled[0, :, 2, 2].tolist() == [35, 71]  # the last corner of each channel
    assert (np.diff(pooled, axis=2) > 0).all()
    assert (np.diff(pooled, axis=3) > 0).all()
