"""JPEG is seen in pixels that went through it, and not in others."""

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from PIL import Image
from scipy.fft import dctn
from scipy.ndimage import gaussian_filter

from data_loaders.jpeg_traces import COSINES, STEPS, STEPS_50, went_through_jpeg


def textures(seed, sharpness):
    """Twenty random colour textures, from blurred to sharp."""
    noise = np.random.default_rng(seed).standard_normal((20, 3, 32, 32))
    smooth = gaussian_filter(noise, (0, 0.3, sharpness, sharpness))
    return np.clip(128 + 60 * smooth / smooth.std(), 0, 255).astype(np.uint8)


def recoded(images, quality):
    def one(image):
        file = io.BytesIO()
        Image.fromarray(np.ascontiguousarray(image.transpose(1, 2, 0))).save(file, "JPEG", quality=quality)
        return np.asarray(Image.open(file)).transpose(2, 0, 1)

    return np.stack([one(image) for image in images])


@given(seed=st.integers(0, 2**32), sharpness=st.floats(0.3, 1.2))
@settings(deadline=None, max_examples=20)
def test_jpeg_is_told_from_its_original(seed, sharpness):
    images = textures(seed, sharpness)
    assert not went_through_jpeg(images)
    assert went_through_jpeg(recoded(images, 75))
    assert went_through_jpeg(recoded(images, 50))
    assert not went_through_jpeg(recoded(images, 95))  # hardly any loss, and not looked for


@pytest.mark.parametrize("images", [np.zeros((5, 3, 32, 32), np.uint8), np.full((1, 3, 8, 8), 255, np.uint8)])
def test_images_without_detail_tell_nothing(images):
    assert not went_through_jpeg(images)


def test_the_cosines_are_those_of_scipy():
    block = np.random.default_rng(0).standard_normal((8, 8))
    assert_allclose(COSINES @ block @ COSINES.T, dctn(block, norm="ortho"), atol=1e-12)


@pytest.mark.parametrize(("quality", "steps"), [(75, STEPS), (50, STEPS_50)])
def test_the_steps_are_those_of_pillow(quality, steps):
    file = io.BytesIO()
    Image.new("RGB", (8, 8)).save(file, "JPEG", quality=quality)
    np.testing.assert_array_equal(np.reshape(Image.open(file).quantization[0], (8, 8)), steps)
