"""Layers that move numbers: against torch and numpy, back to where they came from, in the layout they had."""

import math
import re

import numpy as np
import pytest
import torch
from beside_torch import SEEDS, assert_like_torch, inputs
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes

from lib import nn
from lib.nn.testing import check_module

shapes = array_shapes(min_dims=1, max_dims=4, max_side=4)


@settings(deadline=None)
@given(x=inputs(), seed=SEEDS)
def test_identity_is_that_of_torch(x, seed):
    assert_like_torch(nn.Identity(), torch.nn.Identity(), x, seed)


@settings(deadline=None)
@given(x=inputs(), data=st.data(), seed=SEEDS)
def test_flatten_is_that_of_torch_from_any_axis_to_any_later_one(x, data, seed):
    start, end = sorted(data.draw(st.tuples(*[st.integers(0, x.ndim - 1)] * 2)))
    start, end = data.draw(st.sampled_from([(start, end), (start - x.ndim, end), (start, end - x.ndim)]))
    assert_like_torch(nn.Flatten(start, end), torch.nn.Flatten(start, end), x, seed)


@settings(deadline=None)
@given(x=inputs(array_shapes(min_dims=2, max_dims=4, min_side=0)), seed=SEEDS)
def test_flatten_keeps_the_batch_by_default(x, seed):
    assert_like_torch(nn.Flatten(), torch.nn.Flatten(), x, seed)


@settings(deadline=None)
@given(data=st.data(), batch=st.integers(0, 3), sizes=shapes, seed=SEEDS)
def test_reshape_is_that_of_torch_with_one_size_left_open_or_none(data, batch, sizes, seed):
    wanted = list(data.draw(st.permutations(sizes)))
    expected = (batch, *wanted)
    open_axis = data.draw(st.none() | st.integers(0, len(wanted) - 1))
    if open_axis is not None:
        wanted[open_axis] = -1
    x = data.draw(inputs(st.just((batch, *sizes))))
    assert_like_torch(nn.Reshape(*wanted), lambda x: x.reshape(expected), x, seed)


@settings(deadline=None)
@given(x=inputs(array_shapes(min_dims=2, max_dims=4)), seed=SEEDS)
def test_shuffle_is_torch_s_index_select_with_one_order_for_all(x, seed):
    layer = nn.Shuffle(x.shape[1], seed=seed)
    assert sorted(layer.order) == list(range(x.shape[1]))
    assert_like_torch(layer, lambda x: x.index_select(1, torch.tensor(layer.order)), x, seed)
    assert np.array_equal(layer.backward(x, layer.forward(x)), x)


def test_shuffle_draws_its_order_from_the_seed_alone():
    order = nn.Shuffle(50, seed=3).order
    assert np.array_equal(order, nn.Shuffle(50, seed=3).order)
    assert np.array_equal(order, nn.Shuffle(50).reset(3).order)
    assert not np.array_equal(order, nn.Shuffle(50, seed=4).order)


def test_shuffle_s_order_is_saved_with_the_network(tmp_path):
    first, second = (nn.Sequential(nn.Linear(4, 9), nn.Shuffle(9, seed=seed)) for seed in (1, 2))
    first.save(tmp_path / "model.npz")
    second.load(tmp_path / "model.npz").double()
    x = np.random.default_rng(0).standard_normal((3, 4))
    assert np.array_equal(second.forward(x), first.double().forward(x))


@settings(deadline=None, max_examples=20)
@given(shape=array_shapes(min_dims=2, max_dims=4, max_side=3), seed=SEEDS)
def test_the_contract_of_a_module_holds(shape, seed):
    x = np.random.default_rng(seed).standard_normal(shape)
    for layer in (nn.Identity(), nn.Flatten(), nn.Reshape(-1, shape[1]), nn.Shuffle(shape[1], seed=seed)):
        check_module(layer, x, seed=seed).raise_if_wrong()


@settings(deadline=None)
@given(data=st.data(), shape=array_shapes(min_dims=2, max_dims=4, min_side=2), seed=SEEDS)
def test_gradients_come_back_in_the_memory_layout_of_x(data, shape, seed):
    axes = data.draw(st.permutations(range(len(shape))))
    x = np.random.default_rng(seed).standard_normal(shape).transpose(axes)
    for layer in (nn.Flatten(), nn.Reshape(math.prod(x.shape[1:])), nn.Identity()):
        output = layer.forward(x)
        if output is not x:
            output = np.ascontiguousarray(output)
        assert layer.backward(x, output).strides == x.strides


@pytest.mark.parametrize(
    ("fails", "message"),
    [
        (lambda: nn.Flatten(1.0), "Flatten: start_dim: expected a whole number, got 1.0"),
        (lambda: nn.Flatten(1, True), "Flatten: end_dim: expected a whole number, got True"),
        (
            lambda: nn.Flatten()(np.ones(3)),
            "Flatten(): x: expected an array with axes from 1 to -1, got shape (3,)",
        ),
        (
            lambda: nn.Flatten(2, 1)(np.ones((2, 3, 4))),
            "Flatten(2, 1): x: expected an array with axes from 2 to 1, got shape (2, 3, 4)",
        ),
        (
            lambda: nn.Flatten()([np.ones(3), np.ones(2)]),
            "Flatten(): x: expected one array, got a list of shapes [(3,), (2,)]; CAddTable adds them up",
        ),
        (lambda: nn.Reshape(2, -2), "Reshape: shape: expected a whole number of at least -1, got -2"),
        (
            lambda: nn.Reshape(-1, 2, -1),
            "Reshape: shape: expected sizes of which at most one is -1, got (-1, 2, -1)",
        ),
        (lambda: nn.Reshape((2, 3)), "Reshape: shape: expected a whole number of at least -1, got (2, 3)"),
        (
            lambda: nn.Reshape(2, 3)(np.ones((6, 5))),
            "Reshape(2, 3): x: expected an array of which each example can become (2, 3), got shape (6, 5)",
        ),
        (
            lambda: nn.Reshape(2, -1)(np.ones((6, 5))),
            "Reshape(2, -1): x: expected an array of which each example can become (2, -1), got shape (6, 5)",
        ),
        (lambda: nn.Shuffle(0), "Shuffle: size: expected a whole number of at least 1, got 0"),
        (lambda: nn.Shuffle(3)(np.ones((2, 4))), "Shuffle(3): x: expected (N, 3, …), got shape (2, 4)"),
        (lambda: nn.Shuffle(3)(np.ones(3)), "Shuffle(3): x: expected (N, 3, …), got shape (3,)"),
    ],
)
def test_what_does_not_fit_is_named_with_what_is_accepted(fails, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        fails()
