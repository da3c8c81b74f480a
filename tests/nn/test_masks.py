"""Choosing by a mask without branches gives what np.where gives, bit by bit."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.testing import assert_array_equal

import lib.nn.cache_slices
from lib.nn.masks import either, only_where


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@settings(deadline=None, max_examples=60)
@given(
    data=st.data(),
    shape=array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=5),
    size=st.sampled_from([1, 64, 1 << 20]),
)
def test_it_is_np_where(dtype, data, shape, size):
    mask = data.draw(arrays(bool, shape))
    yes, no = (data.draw(arrays(dtype, shape, elements=st.floats(width=32))) for _ in range(2))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lib.nn.cache_slices, "CACHE_BYTES", size)
        assert_array_equal(either(mask, yes, no), np.where(mask, yes, no), strict=True)
        assert_array_equal(only_where(mask, yes), np.where(mask, yes, dtype(0)), strict=True)


def test_the_layout_is_that_of_the_mask_and_nothing_given_is_changed():
    rng = np.random.default_rng(0)
    mask = (rng.random((2, 5, 6, 3)) < 0.5).transpose(0, 3, 1, 2)
    yes, no = rng.standard_normal((2, 2, 3, 5, 6))
    before = mask.copy(), yes.copy(), no.copy()
    for found in (either(mask, yes, no), only_where(mask, yes)):
        assert found.strides == (mask * 1.0).strides
    for array, same in zip((mask, yes, no), before, strict=True):
        assert_array_equal(array, same)


def test_the_precision_is_that_of_the_values_where_the_mask_is_false():
    mask, yes, no = np.array([True, False]), np.array([1.5, 2]), np.array([3, 4], np.float32)
    assert_array_equal(either(mask, yes, no), np.array([1.5, 4], np.float32), strict=True)
