"""The merge tree as a slider: regions, boxes and recall after each merge."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from lib.demos.kit.hand import marks, meaning, share_of
from lib.detection.boxes import iou
from lib.detection.demos.merge_tree import MergeTreeDemo, compute, flattened, tree_of
from lib.detection.demos.small_detector import the_scenes
from lib.detection.scenes import box_of


@pytest.fixture(scope="module")
def demo():
    return MergeTreeDemo()


@pytest.fixture(autouse=True)
def back_to_start(demo):
    demo.set(**demo.start)


@pytest.mark.parametrize("share", [0, 37, 100])
@pytest.mark.parametrize("least", [0.5, 0.75])
def test_boxes_and_recall_are_those_of_the_regions_so_far(share, least):
    scene, tree = the_scenes()[13], tree_of(13, 20)
    grown = compute(scene, tree, share, least)
    regions = tree.after(grown.merges)
    present = np.unique(regions)
    assert_array_equal(grown.boxes, [box_of(regions == region) for region in present])
    assert grown.made == grown.most + 1 + grown.merges
    best = iou(scene.boxes, tree.boxes[: grown.made]).max(axis=1)
    assert_allclose(grown.fits, best)
    assert_array_equal(grown.found, best >= least)
    assert grown.recalls[grown.merges] == grown.found.mean()
    assert_allclose(grown.means[grown.merges], best.mean())
    assert (np.diff(grown.recalls) >= 0).all()


def test_without_objects_nothing_is_found_and_there_is_no_recall():
    scene = replace(the_scenes()[13], boxes=np.zeros((0, 4)), labels=np.zeros(0, np.int64))
    grown = compute(scene, tree_of(13, 20), 50, 0.5)
    assert (grown.fits.shape, grown.found.shape) == ((0,), (0,))
    assert grown.recalls.shape == (grown.most + 1,)
    assert np.isnan([grown.recalls, grown.means]).all()


def test_the_last_merge_is_framed_and_before_the_first_there_is_none():
    scene, tree = the_scenes()[6], tree_of(6, 60)
    assert compute(scene, tree, 0, 0.5).newest.shape == (0, 4)
    assert_array_equal(compute(scene, tree, 100, 0.5).newest, [[0, 0, 192, 128]])
    middle = compute(scene, tree, 50, 0.5)
    newest = tree.after(middle.merges) == len(tree.merges) + middle.merges
    assert_array_equal(middle.newest, [box_of(newest)])


def test_regions_are_flat():
    scene, tree = the_scenes()[2], tree_of(2, 100)
    regions = tree.after(len(tree.merges) - 4)
    flat = flattened(scene.image, regions)
    for region in np.unique(regions):
        colours = flat[regions == region]
        assert (colours == colours[0]).all()
        assert_allclose(colours[0], scene.image[:, regions == region].mean(axis=1), atol=0.5)


@pytest.mark.parametrize(
    ("share", "least", "name"),
    [(101, 0.5, "share"), (-1, 0.5, "share"), (0, 1.5, "least"), (0, np.nan, "least")],
)
def test_anything_else_is_refused_by_name(share, least, name):
    with pytest.raises(ValueError, match=f"^{name}: expected"):
        compute(the_scenes()[0], tree_of(0, 60), share, least)


def test_a_larger_scale_begins_with_fewer_regions(demo):
    counts = []
    for scale in (20, 100, 300):
        demo.set(scale=scale, share=0)
        counts.append(len(demo.state.boxes))
    assert counts == sorted(counts, reverse=True)
    assert counts[0] > 3 * counts[-1]


def test_objects_are_green_once_a_box_fits(demo):
    demo.set(share=0)
    found = demo.state.found
    assert 0 < found.sum() < len(found)
    assert [len(frames.lines[0].get_segments()) for frames in (demo.hit, demo.missed)] == [
        found.sum(), len(found) - found.sum()
    ]  # fmt: skip
    assert demo.said().startswith("After 0 of 209 merges there are 210 boxes so far; 1 of 4 objects")


def test_the_dot_is_dragged_along_the_curve(demo):
    (mark,) = marks(demo)
    assert mark["key"] == "dot:0"
    assert (mark["x"], mark["y"]) == pytest.approx(share_of(demo.curve, 50, demo.now.get_ydata()[0]))
    right, below = share_of(demo.curve, 80, 1.0)
    assert meaning(demo, {"to": "drag", "key": "dot:0", "x": right, "y": below}) == {"share": 80}
    assert meaning(demo, {"to": "key", "key": "dot:0", "x": 1, "y": 0}) == {"share": 51}
