"""The fully connected layer against torch and finite differences."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from lib import nn
from lib.nn.testing import check_module

sizes = st.integers(1, 6)
seeds = st.integers(0, 2**32 - 1)


def twin(layer, dtype):
    """torch's layer with the same numbers."""
    theirs = torch.nn.Linear(layer.in_features, layer.out_features, layer.bias is not None)
    theirs.weight.data = torch.tensor(layer.weight.astype(dtype))
    if layer.bias is not None:
        theirs.bias.data = torch.tensor(layer.bias.astype(dtype))
    return theirs


@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 1e-13), (np.float32, 5e-6)])
@settings(deadline=None, max_examples=40)
@given(
    inputs=sizes,
    outputs=sizes,
    batch=st.lists(st.integers(0, 5), max_size=3),
    bias=st.booleans(),
    seed=seeds,
)
def test_output_and_gradients_are_those_of_torch(dtype, tolerance, inputs, outputs, batch, bias, seed):
    rng = np.random.default_rng(seed)
    layer = nn.Linear(inputs, outputs, bias, seed=rng)
    layer = layer.double() if dtype == np.float64 else layer
    x = rng.standard_normal((*batch, inputs)).astype(dtype)
    grad_output = rng.standard_normal((*x.shape[:-1], outputs)).astype(dtype)
    theirs, tensor = twin(layer, dtype), torch.tensor(x, requires_grad=True)
    output = theirs(tensor)
    output.backward(torch.tensor(grad_output))

    close = {"rtol": tolerance, "atol": tolerance}
    found, grad_input = layer(x), layer.backward(x, grad_output)
    assert found.dtype == grad_input.dtype == layer.grad_weight.dtype == dtype
    assert_allclose(found, output.detach().numpy(), **close)
    assert_allclose(grad_input, tensor.grad.numpy(), **close)
    for ours, parameter in zip(layer.parameters()[1], theirs.parameters(), strict=True):
        assert_allclose(ours, parameter.grad.numpy(), **close)


@settings(deadline=None, max_examples=10)
@given(inputs=sizes, outputs=sizes, batch=st.lists(sizes, max_size=3), bias=st.booleans(), seed=seeds)
def test_the_contract_holds(inputs, outputs, batch, bias, seed):
    x = np.random.default_rng(seed).standard_normal((*batch, inputs))
    check_module(nn.Linear(inputs, outputs, bias, seed=seed), x).raise_if_wrong()


def test_the_start_values_are_seeded():
    first, again, other = nn.Linear(5, 4, seed=1), nn.Linear(5, 4, seed=1), nn.Linear(5, 4, seed=2)
    assert_array_equal(first.weight, again.weight)
    assert_array_equal(first.bias, again.bias)
    assert (first.weight != other.weight).all()
    kept = first.weight
    assert first.reset(2) is first
    assert first.weight is kept, "not in place"
    assert_array_equal(first.weight, other.weight)
    rng = np.random.default_rng(0)
    assert (nn.Linear(5, 4, seed=rng).weight != nn.Linear(5, 4, seed=rng).weight).all()


def test_it_is_float32_and_prints_its_sizes():
    layer = nn.Linear(5, 4)
    assert {array.dtype for arrays in layer.parameters() for array in arrays} == {np.dtype(np.float32)}
    assert repr(layer) == "Linear(5 -> 4)"
    assert repr(nn.Linear(5, 4, bias=False)) == "Linear(5 -> 4, bias=False)"


@pytest.mark.parametrize(
    ("x", "message"),
    [
        (np.ones((2, 4)), r"Linear\(5 -> 4\): x: expected \(N, 5\), got shape \(2, 4\)"),
        (np.ones((2, 5, 3)), r"x: expected \(N, 5\), got shape \(2, 5, 3\)$"),
        (np.ones(()), r"x: expected \(N, 5\), got shape \(\)"),
        (np.ones((2, 5), int), r"Linear\(5 -> 4\): x: expected float32 or float64, got dtype int64; convert"),
        (np.ones((2, 5), np.float16), r"x: expected float32 or float64, got dtype float16"),
        (np.ones((2, 5), complex), r"x: expected float32 or float64, got dtype complex128"),
        (np.full((2, 5), None), r"x: expected float32 or float64, got dtype object"),
        (3.0, r"Linear\(5 -> 4\): x: expected a numpy array of floats, got float"),
        (None, r"x: expected a numpy array of floats, got NoneType"),
        (
            [1.0] * 5,
            r"Linear\(5 -> 4\): x: expected a numpy array of floats, got a list; np\.array\(x, float\)$",
        ),
        ([np.ones((2, 5)), np.ones((2, 5))], r"Linear\(5 -> 4\): x: expected"),
        ([np.ones((2, 5)), np.ones((3, 5))], r"Linear\(5 -> 4\): x: expected"),
        ([], r"Linear\(5 -> 4\): x: expected"),
    ],
)
def test_what_it_does_not_take_is_named(x, message):
    with pytest.raises(ValueError, match=message):
        nn.Linear(5, 4)(x)


@pytest.mark.parametrize(
    ("x", "grad_output", "message"),
    [
        (
            np.ones((2, 5)),
            np.ones((2, 5)),
            r"grad_output: expected \(2, 4\), as the output is, got shape \(2, 5\)",
        ),
        (
            np.ones((2, 5)),
            np.ones((2, 1)),
            r"Linear\(5 -> 4\): grad_output: expected \(2, 4\), as the output is, got shape \(2, 1\)",
        ),
        (
            np.ones((2, 5)),
            np.ones((2, 4), int),
            r"Linear\(5 -> 4\): grad_output: expected float32 or float64, got dtype int64",
        ),
        (np.ones((2, 5)), 1.0, r"Linear\(5 -> 4\): grad_output: expected a numpy array of floats, got float"),
        (
            np.ones((2, 5)),
            [np.ones((2, 4))],
            r"Linear\(5 -> 4\): grad_output: expected \(2, 4\).*, got a list of shapes \[\(2, 4\)\]",
        ),
        (np.ones((2, 3)), np.ones((2, 4)), r"Linear\(5 -> 4\): x: expected \(N, 5\), got shape \(2, 3\)"),
        (np.ones((3, 5)), np.ones((2, 4)), r"Linear\(5 -> 4\): x: expected"),
    ],
)
def test_what_backward_does_not_take_is_named_and_changes_nothing(x, grad_output, message):
    layer = nn.Linear(5, 4)
    layer(np.ones((2, 5)))
    with pytest.raises(ValueError, match=message):
        layer.backward(x, grad_output)
    assert not any(gradient.any() for gradient in layer.parameters()[1])


def test_backward_before_forward_is_refused():
    with pytest.raises(
        RuntimeError, match=r"Linear\(5 -> 4\): backward: expected forward before it, got none; call"
    ):
        nn.Linear(5, 4).backward(np.ones((2, 5)), np.ones((2, 4)))


@pytest.mark.parametrize("size", [0, -1, 2.0, "3", True, None])
def test_sizes_are_checked(size):
    with pytest.raises(
        ValueError, match=r"Linear: in_features: expected a whole number of at least 1, got .*"
    ):
        nn.Linear(size, 4)
    with pytest.raises(
        ValueError, match=r"Linear: out_features: expected a whole number of at least 1, got .*"
    ):
        nn.Linear(4, size)


def test_sizes_may_be_numpy_integers():
    assert nn.Linear(np.int64(5), np.int32(4))(np.ones((1, 5))).shape == (1, 4)
