"""Transposed convolution against torch, the convolution that it turns around, and finite differences."""

import numpy as np
import pytest
import torch
from beside_torch import SEEDS, assert_like_torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from test_convolution import cases

from lib import nn
from lib.nn.testing import check_module


@st.composite
def transposed(draw, most=5):
    """A layer and images; the output padding goes as far as stride and dilation allow."""
    layer, x = draw(cases(nn.ConvTranspose2d, most))
    layer.output_padding = tuple(
        draw(st.integers(0, max(pair) - 1)) for pair in zip(layer.stride, layer.dilation, strict=True)
    )
    return layer, x


def like_torch(layer):
    def theirs(x, weight, bias=None):
        return torch.nn.functional.conv_transpose2d(
            x, weight, bias, layer.stride, layer.padding, layer.output_padding, layer.groups, layer.dilation
        )

    return theirs


@settings(deadline=None, max_examples=60)
@given(case=transposed(), seed=SEEDS)
def test_output_and_gradients_are_those_of_torch(case, seed):
    layer, x = case
    assert_like_torch(layer, like_torch(layer), x, seed)


@settings(deadline=None, max_examples=10)
@given(case=transposed(most=3))
def test_the_contract_holds(case):
    check_module(*case).raise_if_wrong()


@settings(deadline=None, max_examples=30)
@given(case=cases(bias=False), seed=SEEDS)
def test_it_is_the_backward_of_a_convolution_with_the_same_weights(case, seed):
    convolution, x = case
    convolution.double()
    y = convolution.forward(x)
    settings = (convolution.kernel_size, convolution.stride, convolution.padding)
    layer = nn.ConvTranspose2d(
        y.shape[1],
        x.shape[1],
        *settings,
        groups=convolution.groups,
        bias=False,
        dilation=convolution.dilation,
    )
    layer.weight = convolution.weight
    size = layer.output_size(y.shape[2:])
    layer.output_padding = tuple(n - m for n, m in zip(x.shape[2:], size, strict=True))
    grad_output = np.random.default_rng(seed).standard_normal(y.shape)
    assert_allclose(layer.forward(grad_output), convolution.backward(x, grad_output), rtol=1e-12, atol=1e-12)


def test_the_order_of_the_arguments_is_that_of_torch():
    arguments = (4, 6, 3, 3, 1, 2, 2, False, 2)
    ours, theirs = nn.ConvTranspose2d(*arguments), torch.nn.ConvTranspose2d(*arguments)
    assert ours.weight.shape == theirs.weight.shape
    assert ours.forward(np.zeros((1, 4, 5, 5), np.float32)).shape == theirs(torch.zeros(1, 4, 5, 5)).shape
    settings = "kernel_size=3, stride=3, padding=1, output_padding=2, dilation=2, groups=2, bias=False"
    assert repr(ours) == f"ConvTranspose2d(4 -> 6, {settings})"


@pytest.mark.parametrize(("output_padding", "shown"), [(2, "2"), ((0, 3), r"\(0, 3\)")])
def test_an_output_padding_as_large_as_stride_and_dilation_is_refused(output_padding, shown):
    with pytest.raises(ValueError, match=f"output_padding: expected at most \\(1, 2\\): .*, got {shown}"):
        nn.ConvTranspose2d(1, 1, 3, (2, 3), output_padding=output_padding)


def test_an_input_that_leaves_no_output_is_refused():
    layer = nn.ConvTranspose2d(2, 1, 1, stride=2, padding=(1, 0))
    assert layer.forward(np.zeros((1, 2, 2, 1))).shape == (1, 1, 1, 1)
    with pytest.raises(ValueError, match=r"x: expected \(N, 2, H ≥ 2, W ≥ 1\), got shape \(1, 2, 1, 1\)"):
        layer.forward(np.zeros((1, 2, 1, 1)))
