"""Upsampling against torch, and against finite differences."""

import numpy as np
import pytest
import torch
from beside_torch import SEEDS, assert_like_torch, inputs
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes

from lib import nn
from lib.nn.testing import check_module

factors = st.integers(1, 3) | st.tuples(*[st.integers(1, 3)] * 2)
image_shapes = array_shapes(min_dims=4, max_dims=4, min_side=1, max_side=4)


@settings(deadline=None, max_examples=30)
@given(x=inputs(image_shapes), scale_factor=factors, seed=SEEDS)
def test_upsampling_is_that_of_torch(x, scale_factor, seed):
    layer = nn.Upsample(scale_factor=scale_factor)
    assert_like_torch(layer, torch.nn.Upsample(scale_factor=scale_factor), x, seed)


def test_an_empty_batch_stays_empty():
    assert nn.Upsample(scale_factor=(2, 3)).forward(np.zeros((0, 3, 4, 5))).shape == (0, 3, 8, 15)


@settings(deadline=None, max_examples=8)
@given(shape=array_shapes(min_dims=4, max_dims=4, max_side=3), scale_factor=factors, seed=SEEDS)
def test_the_contract_of_a_module_holds(shape, scale_factor, seed):
    x = np.random.default_rng(seed).standard_normal(shape)
    check_module(nn.Upsample(scale_factor=scale_factor), x, seed=seed).raise_if_wrong()


def test_channels_last_images_stay_channels_last():
    x = np.ones((2, 5, 6, 3)).transpose(0, 3, 1, 2)
    layer = nn.Upsample(scale_factor=2)
    output = layer.forward(x)
    grad_input = layer.backward(x, np.ones(output.shape))
    assert output.transpose(0, 2, 3, 1).flags.c_contiguous
    assert grad_input.transpose(0, 2, 3, 1).flags.c_contiguous


@pytest.mark.parametrize("scale_factor", [0, -2, 1.5, True, (2, 0), (1, 2, 3), None])
def test_impossible_factors_are_refused(scale_factor):
    with pytest.raises(ValueError, match="Upsample: scale_factor is"):
        nn.Upsample(scale_factor=scale_factor)


def test_the_factor_has_to_be_named():
    """torch.nn.Upsample(2) means an output of 2 × 2 pixels."""
    with pytest.raises(TypeError):
        nn.Upsample(2)


@pytest.mark.parametrize("shape", [(4, 4), (3, 4, 4), (1, 2, 3, 4, 4)])
def test_a_wrong_shape_is_refused(shape):
    with pytest.raises(
        ValueError, match=r"Upsample\(scale_factor=2\): x has shape .* it takes \(N, C, H, W\)"
    ):
        nn.Upsample(scale_factor=2).forward(np.zeros(shape))


def test_print():
    assert repr(nn.Upsample(scale_factor=(2, 2))) == "Upsample(scale_factor=2)"
    assert repr(nn.Upsample(scale_factor=(2, 3))) == "Upsample(scale_factor=(2, 3))"
