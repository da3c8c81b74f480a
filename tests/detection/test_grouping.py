"""Hierarchical grouping: a tree whose every region is the union of two, down to one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from lib.detection import proposals
from lib.detection.grouping import group
from lib.detection.proposals import best_overlaps, merge_tree, propose
from lib.detection.scenes import box_of
from lib.detection.sets import make_scenes

pytest.importorskip("skimage")


@st.composite
def partitions(draw):
    """An image and regions of its pixels: stripes cut by stripes."""
    height, width = draw(st.integers(1, 9)), draw(st.integers(1, 9))
    rng = np.random.default_rng(draw(st.integers(0, 1000)))
    rows, columns = np.cumsum(rng.integers(0, 2, height)), np.cumsum(rng.integers(0, 2, width))
    _, start = np.unique(rows[:, None] * 100 + columns, return_inverse=True)
    return rng.integers(0, 256, (3, height, width), np.uint8), start.reshape(height, width)


@settings(deadline=None)
@given(partitions())
def test_each_region_is_the_union_of_two_neighbours(made):
    image, start = made
    tree, count = group(image, start), start.max() + 1
    assert len(tree.merges) == count - 1
    members = [{region} for region in range(count)]
    for a, b in tree.merges:
        members.append(members[a] | members[b])
    assert sorted(tree.merges.ravel().tolist()) == list(
        range(2 * count - 2)
    )  # each is merged once, but the last
    for region, inside in enumerate(members):
        mask = np.isin(start, list(inside))
        assert tree.sizes[region] == mask.sum()
        assert_array_equal(tree.boxes[region], box_of(mask))


@settings(deadline=None)
@given(partitions(), st.integers(0, 90))
def test_after_some_merges_there_are_as_many_regions_less(made, merges):
    tree = group(*made)
    now, count = tree.after(merges), len(tree.merges) + 1
    assert len(np.unique(now)) == max(count - merges, 1)
    for region in np.unique(now):
        assert_array_equal(tree.boxes[region], box_of(now == region))


def test_the_same_colours_merge_first():
    image = np.zeros((3, 8, 8), np.uint8)
    image[:, :, 4:] = 200
    start = (np.indices((8, 8)) // 2 * np.array([4, 1])[:, None, None]).sum(axis=0)  # 16 squares
    tree = group(image, start)
    assert {tuple(box) for box in tree.boxes[-3:-1]} == {(0, 0, 4, 8), (4, 0, 8, 8)}


def test_one_region_has_nothing_to_merge():
    tree = group(np.zeros((3, 4, 4), np.uint8), np.zeros((4, 4), int))
    assert tree.merges.shape == (0, 2)
    assert_array_equal(tree.boxes, [[0, 0, 4, 4]])


def test_proposals_find_most_objects_of_outlined_scenes():
    """Recall of at least 0.8 at IoU 0.5, with less than 200 boxes a scene."""
    scenes = make_scenes(12, first=700)
    found = [propose(scene.image) for scene in scenes]
    best = np.concatenate(
        [best_overlaps(scene.boxes, boxes) for scene, boxes in zip(scenes, found, strict=True)]
    )
    assert (best >= 0.5).mean() >= 0.8
    assert max(map(len, found)) < 200


def test_proposals_are_single_large_enough_and_seeded():
    image = make_scenes(1, seed=8)[0].image
    boxes = propose(image, (30, 60))
    assert len(np.unique(boxes, axis=0)) == len(boxes)
    assert (boxes[:, 2:] - boxes[:, :2] >= 12).all()
    assert_array_equal(boxes, propose(image, (30, 60)))
    assert_array_equal(boxes, propose(image, np.array([30, 60])))
    other = propose(image, (30, 60), seed=1)
    assert (boxes != other).any()
    assert {tuple(box) for box in boxes} == {tuple(box) for box in other}


def test_nothing_is_best_without_proposals_or_objects():
    some, none = np.array([[0, 0, 9, 9]]), np.zeros((0, 4))
    assert best_overlaps(some, none).tolist() == [0.0]
    assert best_overlaps(none, some).shape == (0,)


@pytest.mark.parametrize("image", [np.zeros((32, 32, 3), np.uint8), np.zeros((3, 9, 9)), "image"])
def test_other_images_are_refused(image):
    with pytest.raises(ValueError, match=r"image: expected uint8 of shape \(3, H, W\), got"):
        merge_tree(image)


@pytest.mark.parametrize("shape", [(3, 0, 5), (3, 5, 0)])
def test_an_image_without_pixels_is_refused(shape):
    with pytest.raises(ValueError, match="image: expected at least one pixel, got uint8"):
        propose(np.zeros(shape, np.uint8))


@pytest.mark.parametrize(
    ("start", "said"),
    [
        (
            [[0, 0], [2, 2]],
            "start: expected regions 0 … n − 1, .*, got 2 numbers from 0 to 2",
        ),
        (
            [[0, 0], [-1, 1]],
            "start: expected regions 0 … n − 1, .*, got 3 numbers from -1 to 1",
        ),
        ([[0.0, 1.0]] * 2, r"start: expected whole numbers of shape \(2, 2\), as the image, got float64"),
        ([[0, 1]], r"start: expected whole numbers of shape \(2, 2\), as the image, got int64 \(1, 2\)"),
    ],
)
def test_other_regions_are_refused(start, said):
    with pytest.raises(ValueError, match=said):
        group(np.zeros((3, 2, 2), np.uint8), np.array(start))


def test_regions_of_a_small_type_do_not_overflow():
    start = np.arange(100).reshape(10, 10)
    image = np.random.default_rng(0).integers(0, 256, (3, 10, 10), np.uint8)
    assert_array_equal(group(image, start.astype(np.int8)).merges, group(image, start).merges)


@pytest.mark.parametrize("scales", [(), 60.0, "60"])
def test_proposals_need_scales(scales):
    with pytest.raises(ValueError, match=r"scales: expected a list of one number or more, got"):
        propose(np.zeros((3, 32, 32), np.uint8), scales)


def test_without_scikit_image_it_says_what_to_install(monkeypatch):
    monkeypatch.setattr(proposals, "find_spec", lambda name: None)
    with pytest.raises(ModuleNotFoundError, match=r"^scikit-image: expected .*python3 course.py start$"):
        merge_tree(np.zeros((3, 32, 32), np.uint8))


@pytest.mark.parametrize("scale", [0, -1, float("nan"), "60"])
def test_other_scales_are_refused(scale):
    with pytest.raises(ValueError, match="scale: expected"):
        merge_tree(np.zeros((3, 32, 32), np.uint8), scale)
