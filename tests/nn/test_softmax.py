"""Softmax and LogSoftmax against torch, along any axis, for scores of any size."""

import warnings

import numpy as np
import pytest
import torch
from beside_torch import SEEDS, TOLERANCE, assert_like_torch, inputs
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes
from numpy.testing import assert_allclose

from lib import nn
from lib.nn.testing import check_module

both = pytest.mark.parametrize("name", ["Softmax", "LogSoftmax"])


@both
@settings(deadline=None, max_examples=100)
@given(x=inputs(), data=st.data(), seed=SEEDS)
def test_value_and_gradient_are_those_of_torch_along_every_axis(name, x, data, seed):
    dim = data.draw(st.integers(-x.ndim, x.ndim - 1))
    assume(x.shape[dim])
    assert_like_torch(getattr(nn, name)(dim), getattr(torch.nn, name)(dim), x, seed)


@both
@settings(deadline=None, max_examples=20)
@given(shape=array_shapes(min_dims=1, max_dims=4, max_side=3), data=st.data(), seed=SEEDS)
def test_the_contract_of_a_module_holds(name, shape, data, seed):
    layer = getattr(nn, name)(data.draw(st.integers(-len(shape), len(shape) - 1)))
    check_module(layer, 2 * np.random.default_rng(seed).standard_normal(shape), seed=seed).raise_if_wrong()


@both
def test_the_classes_are_on_axis_1_by_default(name):
    x = np.random.default_rng(0).standard_normal((2, 3, 4, 5))
    assert_like_torch(getattr(nn, name)(), getattr(torch.nn, name)(1), x)


@both
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_large_scores_neither_warn_nor_overflow(name, dtype):
    x = np.array([[1e4, -1e4, 0], [-1e4, -1e4, -1e4], [1e30, 1e30, 0], [0, -np.inf, 1]], dtype)
    tensor = torch.tensor(x, requires_grad=True)
    theirs = getattr(torch.nn, name)(1)(tensor)
    (gradient,) = torch.autograd.grad(theirs, tensor, torch.ones_like(tensor))
    layer = getattr(nn, name)()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        output, grad_input = layer.forward(x), layer.backward(x, np.ones_like(x))
    assert_allclose(output, theirs.detach().numpy(), **TOLERANCE[dtype])
    assert_allclose(grad_input, gradient.numpy(), **TOLERANCE[dtype])


@settings(deadline=None)
@given(x=inputs(array_shapes(min_dims=2, max_dims=2)), shift=st.floats(-1e4, 1e4))
def test_what_is_added_to_every_score_does_not_matter(x, shift):
    assert_allclose(nn.Softmax().forward(x + shift), nn.Softmax().forward(x), rtol=1e-9)


@both
def test_the_memory_layout_of_x_is_kept(name):
    layer = getattr(nn, name)()
    x = np.random.default_rng(0).standard_normal((2, 5, 6, 3)).transpose(0, 3, 1, 2)
    assert layer.forward(x).strides == x.strides
    assert layer.backward(x, x).strides == x.strides


@both
def test_a_missing_axis_no_classes_a_list_and_a_wrong_dim_are_refused(name):
    layer = getattr(nn, name)
    with pytest.raises(
        ValueError,
        match=rf"{name}\(dim=1\): x: expected an array that has axis 1, .*, got shape \(3,\)",
    ):
        layer().forward(np.ones(3))
    with pytest.raises(ValueError, match=rf"{name}\(dim=-3\): x: expected .*, got shape \(3, 2\)"):
        layer(-3).forward(np.ones((3, 2)))
    with pytest.raises(ValueError, match=r"x: expected at least one class on axis 1, got shape \(3, 0\)"):
        layer().forward(np.ones((3, 0)))
    with pytest.raises(ValueError, match="x: expected one array, got a list of shapes"):
        layer().forward([np.ones((3, 2)), np.ones(3)])
    for dim in (1.0, True, None):
        with pytest.raises(ValueError, match=f"{name}: dim: expected a whole number, got {dim}"):
            layer(dim)
