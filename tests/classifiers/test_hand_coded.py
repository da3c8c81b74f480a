"""The hand-coded classifier of lecture 01."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.extra.numpy import array_shapes, arrays
from scipy import ndimage

from data_loaders.shapes10 import CLASSES, render
from lib.classifiers import hand_coded

masks = arrays(bool, array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=12))


@settings(deadline=None)
@given(mask=masks)
def test_blobs_are_the_connected_parts_that_scipy_finds(mask):
    labels, count = ndimage.label(mask)
    ours = {frozenset(blob) for blob in hand_coded.blobs(mask)}
    theirs = {frozenset(np.flatnonzero(labels == k).tolist()) for k in range(1, count + 1)}
    assert ours == theirs
    assert {frozenset(blob) for blob in hand_coded.blobs(mask, smallest=3)} == {
        b for b in theirs if len(b) >= 3
    }


@settings(deadline=None)
@given(mask=masks.filter(np.any))
def test_the_largest_blob_is_as_large_as_scipys_and_connected(mask):
    labels, count = ndimage.label(mask)
    sizes = ndimage.sum_labels(mask, labels, range(1, count + 1))
    part = hand_coded.largest_blob(mask)
    assert part.sum() == sizes.max()
    assert ndimage.label(part)[1] == 1
    assert not (part & ~mask).any()


def drawn(mask):
    """A white object on black: uint8 (3, H, W)."""
    return np.repeat(mask[None].astype(np.uint8) * 255, 3, axis=0)


def test_a_rectangle_is_measured_exactly():
    mask = np.zeros((40, 40), bool)
    mask[10:30, 5:35] = True
    seen = hand_coded.measure(drawn(mask))
    np.testing.assert_array_equal(seen.mask, mask)
    assert seen[1:] == (0, 1.0, seen.corners, 1.0, 1.0, 1.0)


def test_a_hole_halves_and_a_lopsided_foot_are_seen():
    mask = np.zeros((40, 40), bool)
    mask[8:32, 8:32] = True
    mask[14:20, 14:20] = False  # a hole of 36 pixels
    mask[26:, 20:] = False  # the lower right quarter is gone
    seen = hand_coded.measure(drawn(mask))
    assert seen.holes == 1
    assert seen.foot == pytest.approx(12 / 24)
    assert seen.fill == pytest.approx((24 * 24 - 36 - 6 * 12) / 24**2)
    mirrored = mask[:, ::-1]  # the box lies in the middle of the picture
    assert seen.balance == pytest.approx((mask & mirrored).sum() / mask.sum())


@pytest.mark.parametrize("points", [3, 4, 5, 6, 7])
def test_corners_of_a_star_are_counted(points):
    y, x = np.mgrid[-32:32, -32:32] + 0.5
    wave = np.cos(points * np.arctan2(y, x))
    rows, columns = np.nonzero(np.hypot(x, y) < 18 + 8 * wave)
    assert hand_coded.count_corners(rows, columns) == points


def test_a_disc_has_no_corners():
    y, x = np.mgrid[-32:32, -32:32] + 0.5
    assert hand_coded.count_corners(*np.nonzero(np.hypot(x, y) < 20)) == 0


@pytest.mark.parametrize("size", [48, 64, 96])
def test_it_names_nearly_all_clean_shapes(size):
    right = [hand_coded.predict(render(c, seed=s, size=size)) == c for c in CLASSES for s in range(10)]
    assert np.mean(right) >= 0.97


@pytest.mark.parametrize("nuisance", ["viewpoint", "occlusion", "deformation", "clutter"])
def test_a_strong_nuisance_breaks_it(nuisance):
    pictures = [(c, render(c, seed=s, size=64, **{nuisance: 1.0})) for c in CLASSES for s in range(4)]
    assert np.mean([hand_coded.predict(picture) == c for c, picture in pictures]) < 0.6


def test_every_picture_gets_a_name_even_a_blank_one():
    noise = np.random.default_rng(0).integers(0, 256, (3, 16, 20), np.uint8)
    for image in (np.zeros((3, 16, 16), np.uint8), noise):
        assert hand_coded.predict(image) in CLASSES


@pytest.mark.parametrize(
    "image",
    [
        np.zeros((3, 64, 64)),
        np.zeros((64, 64, 3), np.uint8),
        np.zeros((3, 15, 64), np.uint8),
        np.zeros(3, np.uint8),
    ],
    ids=["float", "channels last", "too small", "no picture"],
)
def test_other_arrays_are_refused_by_name(image):
    with pytest.raises(ValueError, match="image: expected uint8"):
        hand_coded.predict(image)
