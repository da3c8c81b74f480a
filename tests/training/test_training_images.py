"""Pixels are scaled and changed as plain numpy, image by image, would do it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose, assert_array_equal

from lib.training import PixelScale, RandomFlipAndShift

sizes = st.tuples(st.integers(1, 5), st.integers(1, 4), st.integers(1, 6), st.integers(1, 6))
images = sizes.flatmap(lambda shape: arrays(np.uint8, shape))


@settings(deadline=None)
@given(images=images)
def test_scale_is_mean_and_deviation_of_each_channel(images):
    scale = PixelScale.of(images)
    deviation = images.std(axis=(0, 2, 3))
    assert_allclose(scale.mean, images.mean(axis=(0, 2, 3)), rtol=1e-12)
    assert_allclose(scale.deviation, np.where(deviation > 0, deviation, 1), rtol=1e-9)


@settings(deadline=None)
@given(images=images, dtype=st.sampled_from([np.float32, np.float64]))
def test_scaled_pixels_are_centred_divided_and_channels_last(images, dtype):
    scale, before = PixelScale.of(images), images.copy()
    pixels = scale(images, dtype)
    mean, deviation = np.reshape(scale.mean, (-1, 1, 1)), np.reshape(scale.deviation, (-1, 1, 1))
    assert_allclose(pixels, (images - mean) / deviation, atol=1e-4 if dtype == np.float32 else 1e-12)
    assert pixels.dtype == dtype
    assert pixels.transpose(0, 2, 3, 1).flags.c_contiguous
    assert_array_equal(images, before)


def test_scale_over_several_chunks_is_that_of_all_images():
    images = np.random.default_rng(0).integers(0, 256, (2500, 3, 2, 2), np.uint8)
    images[:1000] //= 2
    assert_allclose(PixelScale.of(images).mean, images.mean(axis=(0, 2, 3)))
    assert_allclose(PixelScale.of(images).deviation, images.std(axis=(0, 2, 3)))


def variants(image, shift):
    """All that may become of an image (C, H, W): {(down, right, mirrored): image}."""
    _, height, width = image.shape
    padded = np.pad(image, [(0, 0), (shift, shift), (shift, shift)], mode="edge")
    found = {}
    for down in range(2 * shift + 1):
        for right in range(2 * shift + 1):
            moved = padded[:, down : down + height, right : right + width]
            found[down, right, False] = moved
            found[down, right, True] = moved[:, :, ::-1]
    return found


@settings(deadline=None, max_examples=50)
@given(images=images, shift=st.integers(0, 3), seed=st.integers(0, 2**32))
def test_each_image_is_mirrored_or_moved_by_at_most_the_shift(images, shift, seed):
    before = images.copy()
    changed = RandomFlipAndShift(shift)(images, np.random.default_rng(seed))
    assert changed.shape == images.shape
    assert changed.dtype == np.uint8
    for old, new in zip(images, changed, strict=True):
        assert any((new == variant).all() for variant in variants(old, shift).values())
    assert_array_equal(images, before)
    assert_array_equal(changed, RandomFlipAndShift(shift)(images, np.random.default_rng(seed)))


def test_every_shift_and_its_mirror_image_come_equally_often():
    image = np.random.default_rng(0).integers(0, 256, (3, 8, 8), np.uint8)
    count = 18 * 500
    changed = RandomFlipAndShift(1)(np.repeat(image[None], count, axis=0), np.random.default_rng(0))
    times = [np.count_nonzero((changed == v).all(axis=(1, 2, 3))) for v in variants(image, 1).values()]
    assert sum(times) == count
    assert np.abs(np.array(times) - 500).max() < 5 * np.sqrt(500)  # five standard deviations


def test_a_negative_shift_is_refused():
    with pytest.raises(ValueError, match="shift: expected a whole number of at least 0, got -1"):
        RandomFlipAndShift(shift=-1)
