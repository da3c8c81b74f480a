"""Activation functions against torch, at their kinks and far out, and against finite differences."""

import re
import warnings

import numpy as np
import pytest
import torch
from beside_torch import SEEDS, TOLERANCE, assert_like_torch, inputs
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes
from numpy.testing import assert_allclose, assert_array_equal

from lib import nn
from lib.nn.testing import check_module

slopes = st.floats(-2, 2, width=32)
SLOPES, UNSEEN = ("negative_slope", "alpha"), 1e-3  # beside others of 1, finite differences do not see less


def pair(name, **options):
    """Draws the constructor's arguments, and builds the layer here and in torch with them."""
    return st.fixed_dictionaries(options).map(lambda arguments: build_both(name, **arguments))


def build_both(name, **arguments):
    if name == "Hardsigmoid":  # the gradient of torch's own is 1/6 of float32, also in float64
        return nn.Hardsigmoid(), lambda x: torch.nn.functional.relu6(x + 3) / 6
    theirs = {"HardTanh": "Hardtanh", "SoftShrink": "Softshrink"}.get(name, name)
    return getattr(nn, name)(**arguments), getattr(torch.nn, theirs)(**arguments)


PAIRS = {
    "Sigmoid": pair("Sigmoid"),
    "Tanh": pair("Tanh"),
    "ReLU": pair("ReLU"),
    "LeakyReLU": pair("LeakyReLU", negative_slope=slopes),
    "ELU": pair("ELU", alpha=slopes),
    "HardTanh": pair(
        "HardTanh",
        min_val=st.sampled_from([-2.0, -1.0, 0.0]),
        max_val=st.sampled_from([0.5, 1.0]),
    ),
    "SELU": pair("SELU"),
    "GELU": pair("GELU", approximate=st.sampled_from(["none", "tanh"])),
    "Softplus": pair(
        "Softplus", beta=st.sampled_from([0.125, 0.5, 1.0, 4.0]), threshold=st.sampled_from([-1.0, 2.0, 20.0])
    ),
    "LogSigmoid": pair("LogSigmoid"),
    "Softsign": pair("Softsign"),
    "SoftShrink": pair("SoftShrink", lambd=st.sampled_from([0.0, 0.5, 1.0])),
    "ReLU6": pair("ReLU6"),
    "Hardsigmoid": pair("Hardsigmoid"),
    "Hardswish": pair("Hardswish"),
    "SiLU": pair("SiLU"),
    "Mish": pair("Mish"),
}
KINKS = (0.0, -0.0, 0.5, -0.5, 1.0, -1.0, -2.0, 3.0, -3.0, 6.0)
every_activation = pytest.mark.parametrize("name", PAIRS)


@every_activation
@settings(deadline=None, max_examples=60)
@given(data=st.data(), x=inputs(kinks=KINKS), seed=SEEDS)
def test_value_and_gradient_are_those_of_torch(name, data, x, seed):
    ours, theirs = data.draw(PAIRS[name])
    assert_like_torch(ours, theirs, x, seed)


@every_activation
def test_defaults_are_those_of_torch(name):
    ours, theirs = build_both(name)
    assert_like_torch(ours, theirs, np.linspace(-30, 30, 241))


@pytest.mark.family(share=2)
@every_activation
@settings(deadline=None, max_examples=8)
@given(data=st.data(), shape=array_shapes(min_dims=1, max_dims=4, max_side=3), seed=SEEDS)
def test_the_contract_of_a_module_holds(name, data, shape, seed):
    ours, _ = data.draw(PAIRS[name])
    assume(all(slope == 0 or abs(slope) > UNSEEN for slope in (vars(ours).get(n, 0) for n in SLOPES)))
    check_module(ours, 2 * np.random.default_rng(seed).standard_normal(shape), seed=seed).raise_if_wrong()


FAR = [0.0, -0.0, 1e-30, 1e-4, 20.5, 89.0, 1e3, 1e4, 1e20, np.inf]


@every_activation
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_far_out_nothing_warns_and_values_are_finite_where_they_are_in_torch(name, dtype):
    ours, theirs = build_both(name)
    x = np.array([*FAR, *np.negative(FAR)], dtype)
    tensor = torch.tensor(x, requires_grad=True)
    expected = theirs(tensor)
    (gradient,) = torch.autograd.grad(expected, tensor, torch.ones_like(tensor))
    defined = ~(expected.isnan() | gradient.isnan()).numpy()
    assert defined[np.isfinite(x)].all()

    x = x[defined]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        output = ours.forward(x)
        grad_input = ours.backward(x, np.ones_like(x))
    assert_allclose(output, expected.detach().numpy()[defined], **TOLERANCE[dtype])
    assert_allclose(grad_input, gradient.numpy()[defined], **TOLERANCE[dtype])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_sigmoid_keeps_its_relative_accuracy_where_it_is_almost_zero(dtype):
    x = np.array([-80, -30, -17, -5], dtype)
    expected = np.exp(x.astype(np.float64)) / (1 + np.exp(x.astype(np.float64)))
    assert_allclose(nn.Sigmoid().forward(x), expected, rtol=8 * np.finfo(dtype).eps)


@pytest.mark.parametrize("name", [*PAIRS, "PReLU"])
def test_the_memory_layout_of_x_is_kept(name):
    layer = getattr(nn, name)()
    x = np.random.default_rng(0).standard_normal((2, 5, 6, 3)).transpose(0, 3, 1, 2)
    assert layer.forward(x).strides == x.strides
    assert layer.backward(x, x).strides == x.strides


# PReLU, which learns.


@settings(deadline=None, max_examples=60)
@given(data=st.data(), shape=array_shapes(min_dims=1, max_dims=4, min_side=0, max_side=4), seed=SEEDS)
def test_prelu_and_the_gradient_of_its_slopes_are_those_of_torch(data, shape, seed):
    channels = shape[1] if len(shape) > 1 and shape[1] else 1
    layer = nn.PReLU(data.draw(st.sampled_from([1, channels])) if 0 not in shape[1:2] else 1)
    layer.weight[:] = np.random.default_rng(seed).standard_normal(layer.num_parameters)
    assert_like_torch(layer, torch.nn.functional.prelu, data.draw(inputs(st.just(shape))), seed)


@settings(deadline=None, max_examples=15)
@given(shape=array_shapes(min_dims=2, max_dims=4, max_side=3), shared=st.booleans(), seed=SEEDS)
def test_prelu_keeps_the_contract_of_a_module(shape, shared, seed):
    layer = nn.PReLU(1 if shared else shape[1])
    check_module(layer, np.random.default_rng(seed).standard_normal(shape), seed=seed).raise_if_wrong()


def test_prelu_starts_like_that_of_torch_and_can_be_reset():
    layer = nn.PReLU(3)
    assert_allclose(layer.weight, torch.nn.PReLU(3).weight.detach())
    layer.weight += 1
    assert_allclose(nn.PReLU(3, init=0.5).reset(7).weight, 0.5)
    assert_allclose(layer.reset().weight, 0.25)


# What they refuse, and how they print.


@pytest.mark.parametrize("name", [*PAIRS, "PReLU"])
def test_a_list_of_arrays_is_refused_with_a_hint(name):
    layer = getattr(nn, name)()
    with pytest.raises(
        ValueError, match=rf"{name}.*x: expected one array, got a list of shapes .*; CAddTable"
    ):
        layer.forward([np.ones(3), np.ones(4)])


@pytest.mark.parametrize("shape", [(4,), (2, 3), (2, 3, 4)])
def test_prelu_names_the_shape_that_does_not_fit(shape):
    with pytest.raises(ValueError, match=r"PReLU\(num_parameters=4\): x: expected \(N, 4, …\), got shape .*"):
        nn.PReLU(4).forward(np.ones(shape))


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: nn.LeakyReLU("a"), "LeakyReLU: negative_slope: expected a number, got 'a'"),
        (lambda: nn.LeakyReLU(np.nan), "LeakyReLU: negative_slope: expected a finite number, got nan"),
        (lambda: nn.ELU(True), "ELU: alpha: expected a number, got True"),
        (lambda: nn.PReLU(0), "PReLU: num_parameters: expected a whole number of at least 1, got 0"),
        (lambda: nn.PReLU(2.0), "PReLU: num_parameters: expected a whole number of at least 1, got 2.0"),
        (lambda: nn.PReLU(init=None), "PReLU: init: expected a number, got None"),
        (lambda: nn.HardTanh(1, 1), "HardTanh: max_val: expected a number above 1, got 1"),
        (lambda: nn.Softplus(beta=0), "Softplus: beta: expected a number above 0, got 0"),
        (lambda: nn.Softplus(threshold=np.inf), "Softplus: threshold: expected a finite number, got inf"),
        (lambda: nn.SoftShrink(-0.5), "SoftShrink: lambd: expected a number of at least 0, got -0.5"),
        (lambda: nn.GELU("erf"), "GELU: approximate: expected 'none' or 'tanh', got 'erf'"),
    ],
)
def test_a_wrong_argument_is_named_with_what_is_accepted(build, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        build()


def test_numpy_numbers_do_not_turn_float32_into_float64():
    x = np.ones(3, np.float32)
    for layer in (
        nn.LeakyReLU(np.float64(0.1)),
        nn.ELU(np.float64(2)),
        nn.Softplus(np.float64(2), np.int64(3)),
    ):
        assert layer.forward(x).dtype == layer.backward(x, x).dtype == np.float32


def test_they_print_what_they_were_built_with():
    model = nn.Sequential(
        nn.LeakyReLU(0.2), nn.PReLU(3), nn.HardTanh(), nn.SELU(), nn.GELU("tanh"), nn.SoftShrink()
    )
    assert [repr(layer) for layer in model] == [
        "LeakyReLU(negative_slope=0.2)",
        "PReLU(num_parameters=3)",
        "HardTanh(min_val=-1, max_val=1)",
        "SELU()",
        "GELU(approximate='tanh')",
        "SoftShrink(lambd=0.5)",
    ]


# An infinite gradient from above: 0 · ∞ would be nan.


PIECEWISE = ["ReLU", "LeakyReLU", "ELU", "SELU", "HardTanh", "SoftShrink"]
PIECEWISE += ["ReLU6", "Hardsigmoid", "Hardswish"]


@pytest.mark.parametrize("name", PIECEWISE)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("above", [np.inf, -np.inf, np.nan])
def test_an_infinite_gradient_stops_where_that_of_torch_stops(name, dtype, above):
    ours, theirs = build_both(name)
    x = np.array([-7, -2, -0.7, 0, 0.3, 2, 7], dtype)
    tensor = torch.tensor(x, requires_grad=True)
    (expected,) = torch.autograd.grad(theirs(tensor), tensor, torch.full_like(tensor, above))
    ours.forward(x)
    assert_array_equal(ours.backward(x, np.full_like(x, above)), expected)


def test_prelu_takes_an_infinite_gradient_as_torch_does():
    layer, x = nn.PReLU(2), np.array([[-1.0, 2.0]], np.float32)
    layer.forward(x)
    assert_array_equal(layer.backward(x, np.full_like(x, np.inf)), [[np.inf, np.inf]])
    assert_array_equal(layer.grad_weight, [-np.inf, 0])


# Arrays without an axis.


@pytest.mark.parametrize("name", [*PAIRS, "PReLU"])
@pytest.mark.parametrize("value", [-1.25, 0.0, 2.5])
def test_a_number_alone_stays_a_number_alone(name, value):
    layer = getattr(nn, name)().double()
    x, ones = np.array(value), np.array([value])
    output = layer.forward(x)
    grad_input = layer.backward(x, 2 * output)  # 2 · output is a np.float64, and no array
    assert type(output) is type(grad_input) is np.ndarray
    assert output.shape == grad_input.shape == ()
    line = layer.forward(ones)
    assert_allclose([output], line)
    assert_allclose([grad_input], layer.backward(ones, 2 * line))
