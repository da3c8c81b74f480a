"""Plus and times, by constants and by learnt numbers, against torch and against finite differences."""

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

shapes = array_shapes(min_dims=1, max_dims=3, max_side=4)
batches = st.none() | st.integers(0, 4)  # None: a single example
constants = st.floats(-3, 3, width=32)


@settings(deadline=None, max_examples=50)
@given(x=inputs(), constant=constants, seed=SEEDS)
def test_constants_do_what_they_do_in_torch(x, constant, seed):
    assert_like_torch(nn.MulConstant(constant), lambda x: x * constant, x, seed)
    assert_like_torch(nn.AddConstant(constant), lambda x: x + constant, x, seed)


@settings(deadline=None, max_examples=50)
@given(x=inputs(), seed=SEEDS)
def test_mul_and_the_gradient_of_its_factor_are_those_of_torch(x, seed):
    assert_like_torch(nn.Mul(seed=seed), torch.mul, x, seed)


@settings(deadline=None, max_examples=50)
@given(shape=shapes, batch=batches, data=st.data(), seed=SEEDS)
def test_add_and_the_gradient_of_its_bias_are_those_of_torch(shape, batch, data, seed):
    x = data.draw(inputs(st.just(shape if batch is None else (batch, *shape))))
    assert_like_torch(nn.Add(shape, seed=seed), torch.add, x, seed)


@settings(deadline=None, max_examples=15)
@given(shape=shapes, batch=st.none() | st.integers(1, 3), seed=SEEDS)
def test_the_contract_of_a_module_holds(shape, batch, seed):
    x = np.random.default_rng(seed).standard_normal(shape if batch is None else (batch, *shape))
    for layer in (nn.MulConstant(-1.5), nn.AddConstant(0.5), nn.Mul(seed=seed), nn.Add(shape, seed=seed)):
        check_module(layer, x, seed=seed).raise_if_wrong()


def test_start_values_come_from_the_seed_and_lie_where_those_of_torch7_do():
    assert np.array_equal(nn.Add(50, seed=3).bias, nn.Add(50, seed=3).bias)
    assert not np.array_equal(nn.Add(50, seed=3).bias, nn.Add(50, seed=4).bias)
    assert np.array_equal(nn.Add(50).reset(3).bias, nn.Add(50, seed=3).bias)
    assert nn.Mul(seed=3).weight != nn.Mul(seed=4).weight

    largest = np.abs(nn.Add((20, 5, 4)).bias).max()
    assert 0.9 / np.sqrt(400) < largest <= 1 / np.sqrt(400)
    factors = [abs(nn.Mul(seed=seed).weight.item()) for seed in range(100)]
    assert 0.9 < max(factors) <= 1


@pytest.mark.parametrize(
    ("fails", "message"),
    [
        (lambda: nn.MulConstant("2"), "MulConstant: constant: expected a number, got '2'"),
        (lambda: nn.MulConstant(True), "MulConstant: constant: expected a number, got True"),
        (
            lambda: nn.AddConstant(np.ones(3)),
            "AddConstant: constant: expected a number, got float64 (3,)",
        ),
        (lambda: nn.Add(0), "Add: shape: expected a whole number of at least 1, got 0"),
        (lambda: nn.Add((3, 2.0)), "Add: shape: expected a whole number of at least 1, got 2.0"),
        (lambda: nn.Add((3, 2))(np.ones((4, 2, 3))), "Add(3, 2): x: expected (N, 3, 2), got shape (4, 2, 3)"),
        (lambda: nn.Add(3)(np.ones((3, 1))), "Add(3): x: expected (N, 3), got shape (3, 1)"),
        (
            lambda: nn.Mul()([np.ones(2)]),
            "Mul(): x: expected one array, got a list of shapes [(2,)]; CAddTable adds them up",
        ),
    ],
)
def test_what_does_not_fit_is_named_with_what_is_accepted(fails, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        fails()


def test_they_print_what_they_were_built_with():
    layers = [nn.MulConstant(0.5), nn.AddConstant(-2), nn.Mul(), nn.Add(3), nn.Add((3, 4))]
    assert list(map(repr, layers)) == ["MulConstant(0.5)", "AddConstant(-2)", "Mul()", "Add(3)", "Add(3, 4)"]
