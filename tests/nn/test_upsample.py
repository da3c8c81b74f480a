"""Upsampling against torch, and against finite differences."""

import numpy as np
import pytest
import torch
from beside_torch import SEEDS, assert_like_torch, inputs
from hypothesis import assume, given, settings
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


@settings(deadline=None, max_examples=80)
@given(
    x=inputs(image_shapes),
    size=st.none() | st.integers(1, 9) | st.tuples(*[st.integers(1, 9)] * 2),
    scale_factor=st.sampled_from([0.5, 1.5, 2.0, 2.5, 1 / 3, 1.1, (1.7, 3), (2.0, 0.75)]),
    mode=st.sampled_from(["nearest", "bilinear"]),
    align_corners=st.sampled_from([None, False, True]),
    seed=SEEDS,
)
def test_any_size_and_any_factor_give_what_they_give_in_torch(
    x, size, scale_factor, mode, align_corners, seed
):
    """All arguments by their places, which are torch's."""
    places = (
        size,
        scale_factor if size is None else None,
        mode,
        None if mode == "nearest" else align_corners,
    )
    layer = nn.Upsample(*places)
    assume(size is not None or min(layer.output_size(x)) > 0)
    assert_like_torch(layer, torch.nn.Upsample(*places), x, seed)


@pytest.mark.parametrize("pixels", [1, 2, 3, 7, 10])
def test_the_nearest_pixel_is_that_of_torch_for_every_size(pixels):
    x = np.arange(float(pixels)).reshape(1, 1, 1, pixels)
    for outputs in range(1, 60):
        layer, theirs = nn.Upsample((1, outputs)), torch.nn.Upsample((1, outputs))
        np.testing.assert_array_equal(layer.forward(x), theirs(torch.tensor(x)))


def test_whole_factors_and_sizes_are_one():
    x = np.random.default_rng(0).standard_normal((2, 3, 4, 5))
    outputs = [
        nn.Upsample(scale_factor=2).forward(x),
        nn.Upsample(scale_factor=2.0).forward(x),
        nn.Upsample(scale_factor=(2, 2.0)).forward(x),
        nn.Upsample((8, 10)).forward(x),
        nn.Upsample(size=(8, 10), mode="nearest").forward(x),
    ]
    for output in outputs[1:]:
        np.testing.assert_array_equal(output, outputs[0])


def test_an_infinite_pixel_and_gradient_stay_where_they_are():
    x = np.array([[[[1.0, np.inf, 2.0]]]])
    layer = nn.Upsample((1, 5))
    np.testing.assert_array_equal(layer.forward(x), [[[[1, 1, np.inf, np.inf, 2]]]])
    grad_output = np.array([[[[1, np.inf, 1, 1, 1]]]])
    np.testing.assert_array_equal(layer.backward(x, grad_output), [[[[np.inf, 2, 1]]]])


def test_an_empty_batch_stays_empty():
    assert nn.Upsample(scale_factor=(2, 3)).forward(np.zeros((0, 3, 4, 5))).shape == (0, 3, 8, 15)


@settings(deadline=None, max_examples=8)
@given(shape=array_shapes(min_dims=4, max_dims=4, max_side=3), scale_factor=factors, seed=SEEDS)
def test_the_contract_of_a_module_holds(shape, scale_factor, seed):
    x = np.random.default_rng(seed).standard_normal(shape)
    check_module(nn.Upsample(scale_factor=scale_factor), x, seed=seed).raise_if_wrong()
    check_module(nn.Upsample(4, mode="bilinear"), x, seed=seed).raise_if_wrong()


@pytest.mark.parametrize(
    "layer", [nn.Upsample(scale_factor=2), nn.Upsample(7), nn.Upsample(9, mode="bilinear")]
)
def test_channels_last_images_stay_channels_last(layer):
    x = np.ones((2, 5, 6, 3)).transpose(0, 3, 1, 2)
    output = layer.forward(x)
    grad_input = layer.backward(x, np.ones_like(output))
    assert output.transpose(0, 2, 3, 1).flags.c_contiguous
    assert grad_input.transpose(0, 2, 3, 1).flags.c_contiguous


@pytest.mark.parametrize("scale_factor", [0, -2, True, (2, 0), (1, 2, 3), np.nan, np.inf, "2"])
def test_impossible_factors_are_refused(scale_factor):
    with pytest.raises(ValueError, match=r"^Upsample: scale_factor: expected .*, got"):
        nn.Upsample(scale_factor=scale_factor)


@pytest.mark.parametrize("size", [0, -2, 1.5, True, (2, 0), (1, 2, 3), "2"])
def test_impossible_sizes_are_refused(size):
    with pytest.raises(ValueError, match=r"^Upsample: size: expected .*, got"):
        nn.Upsample(size)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "size: expected either size or scale_factor, got size=None and scale_factor=None"),
        ({"size": 4, "scale_factor": 2}, "size: expected either size or scale_factor, got size=4"),
        ({"size": 4, "mode": "bicubic"}, "mode: expected 'nearest' or 'bilinear', got 'bicubic'"),
        ({"size": 4, "mode": "linear"}, "mode: expected 'nearest' or 'bilinear', got 'linear'"),
        ({"size": 4, "align_corners": True}, "align_corners: expected None with mode='nearest', got True"),
    ],
)
def test_what_does_not_go_together_is_refused(arguments, message):
    with pytest.raises(ValueError, match=f"^Upsample: {message}"):
        nn.Upsample(**arguments)


def test_the_first_place_is_the_size_as_in_torch():
    assert nn.Upsample(2).forward(np.ones((1, 1, 4, 4))).shape == (1, 1, 2, 2)


def test_an_image_of_which_nothing_is_left_is_refused():
    with pytest.raises(ValueError, match=r"x: expected \(N, C, H ≥ 3, W ≥ 1\), got shape \(1, 1, 2, 2\)"):
        nn.Upsample(scale_factor=(0.4, 1)).forward(np.ones((1, 1, 2, 2)))


@pytest.mark.parametrize("shape", [(4, 4), (3, 4, 4), (1, 2, 3, 4, 4)])
def test_a_wrong_shape_is_refused(shape):
    with pytest.raises(
        ValueError, match=r"Upsample\(scale_factor=2\): x: expected \(N, C, H ≥ 1, W ≥ 1\), got shape"
    ):
        nn.Upsample(scale_factor=2).forward(np.zeros(shape))


def test_print():
    assert repr(nn.Upsample(scale_factor=(2, 2))) == "Upsample(scale_factor=2)"
    assert repr(nn.Upsample(scale_factor=1.5)) == "Upsample(scale_factor=1.5)"
    assert repr(nn.Upsample(7, mode="bilinear", align_corners=True)) == (
        "Upsample(size=7, mode='bilinear', align_corners=True)"
    )
    assert repr(nn.Upsample(scale_factor=(2, 3))) == "Upsample(scale_factor=(2, 3))"


def test_one_image_is_told_how_to_become_a_batch():
    with pytest.raises(ValueError, match=r"got shape \(3, 4, 4\); one image is x\[None\]$"):
        nn.Upsample(8).forward(np.ones((3, 4, 4)))
