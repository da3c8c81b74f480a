"""Pooling against torch over drawn geometry, with many ties, and against finite differences."""

import numpy as np
import pytest
import torch
from beside_torch import SEEDS, assert_like_torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import lib.nn.cache_slices
from lib import nn
from lib.nn import naive
from lib.nn.testing import check_module

ORDERS = {"NCHW": (0, 1, 2, 3), "channels-last": (0, 2, 3, 1)}


@st.composite
def geometry(draw, most=4):
    """Arguments of a pooling layer, and a height and a width that it takes."""
    kernel = draw(st.tuples(*[st.integers(1, most)] * 2))
    padding = tuple(draw(st.integers(0, k // 2)) for k in kernel)
    stride = draw(st.none() | st.tuples(*[st.integers(1, most)] * 2))
    size = tuple(draw(st.integers(max(1, k - 2 * p), k + 5)) for k, p in zip(kernel, padding, strict=True))
    return (kernel, stride, padding), size


@st.composite
def images(draw, size, values, batch=(0, 3)):
    """A batch of images of that size, laid out in either way."""
    N, C = draw(st.integers(*batch)), draw(st.integers(1, 3))
    order = draw(st.sampled_from(list(ORDERS.values())))
    x = draw(arrays(np.float64, (N, C, *size), elements=values))
    return np.ascontiguousarray(x.transpose(order)).transpose(np.argsort(order))


any_number = st.floats(-8, 8, width=32)
many_ties = st.sampled_from([0.0, -0.0, 1.0, -1.0, -np.inf])


@pytest.mark.parametrize("values", [any_number, many_ties])
@settings(deadline=None, max_examples=60)
@given(data=st.data(), where=geometry(), ceil_mode=st.booleans(), seed=SEEDS)
def test_max_pooling_is_that_of_torch_even_among_equals(values, data, where, ceil_mode, seed):
    arguments, size = where
    x = data.draw(images(size, values))
    theirs = torch.nn.MaxPool2d(*arguments, ceil_mode=ceil_mode)
    assert_like_torch(nn.MaxPool2d(*arguments, ceil_mode=ceil_mode), theirs, x, seed)


@settings(deadline=None, max_examples=60)
@given(
    data=st.data(),
    where=geometry(most=3),
    dilation=st.tuples(*[st.integers(1, 3)] * 2),
    ceil_mode=st.booleans(),
    seed=SEEDS,
)
def test_dilated_max_pooling_is_that_of_torch(data, where, dilation, ceil_mode, seed):
    (kernel, stride, padding), _ = where
    reach = [d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True)]
    size = [data.draw(st.integers(max(1, n - 2 * p), n + 5)) for n, p in zip(reach, padding, strict=True)]
    layer = nn.MaxPool2d(kernel, stride, padding, dilation, ceil_mode=ceil_mode)
    assume(np.isfinite(layer.forward(np.zeros((1, 1, *size)))).all())  # each window has a pixel
    theirs = torch.nn.MaxPool2d(kernel, stride, padding, dilation, ceil_mode=ceil_mode)
    assert_like_torch(layer, theirs, data.draw(images(size, any_number | many_ties)), seed)


@settings(deadline=None, max_examples=60)
@given(
    data=st.data(),
    where=geometry(),
    ceil_mode=st.booleans(),
    count=st.booleans(),
    divisor=st.none() | st.integers(1, 9),
    seed=SEEDS,
)
def test_average_pooling_is_that_of_torch(data, where, ceil_mode, count, divisor, seed):
    """All arguments by their places, which are torch's."""
    (kernel, stride, padding), size = where
    stride = kernel if stride is None else stride  # torch wants it said where it is given by its place
    arguments = (kernel, stride, padding, ceil_mode, count, divisor)
    x = data.draw(images(size, any_number))
    assert_like_torch(nn.AvgPool2d(*arguments), torch.nn.AvgPool2d(*arguments), x, seed)


def test_the_fourth_place_of_average_pooling_is_the_ceil_mode_as_in_torch():
    ours, theirs = nn.AvgPool2d(3, 2, 1, False), torch.nn.AvgPool2d(3, 2, 1, False)
    x = np.arange(16.0).reshape(1, 1, 4, 4)
    assert np.array_equal(ours.forward(x), theirs(torch.tensor(x)))
    assert ours.count_include_pad
    assert nn.AvgPool2d(3, 2, 1, True).forward(x).shape == (1, 1, 3, 3)


@settings(deadline=None, max_examples=30)
@given(
    data=st.data(),
    kernel=st.integers(1, 4),
    stride=st.integers(1, 4),
    values=st.sampled_from([any_number, st.sampled_from([0.0, 1.0])]),
    seed=SEEDS,
)
def test_plain_loops_give_the_same(data, kernel, stride, values, seed):
    padding = data.draw(st.integers(0, kernel // 2))
    size = data.draw(st.tuples(*[st.integers(max(1, kernel - 2 * padding), kernel + 5)] * 2))
    x = data.draw(images(size, values))
    layer = nn.MaxPool2d(kernel, stride, padding)
    output = layer.forward(x)
    assert np.array_equal(naive.max_pool2d_forward(x, kernel, stride, padding), output)
    grad_output = np.random.default_rng(seed).standard_normal(output.shape)
    plain = naive.max_pool2d_backward(x, grad_output, kernel, stride, padding)
    np.testing.assert_allclose(layer.backward(x, grad_output), plain, rtol=1e-13, atol=1e-13)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("upstream", [np.inf, -np.inf, np.nan])
@pytest.mark.parametrize("arguments", [(2,), (3, 1, 1), (3, 2, 1)])
def test_an_infinite_gradient_goes_to_the_largest_pixel_only_as_in_torch(arguments, upstream, dtype):
    x = np.random.default_rng(0).integers(0, 3, (2, 2, 6, 6)).astype(dtype)
    layer, tensor = nn.MaxPool2d(*arguments), torch.tensor(x, requires_grad=True)
    grad_output = np.ones_like(layer.forward(x))
    grad_output[0, 0, 1, 1] = upstream
    torch.nn.MaxPool2d(*arguments)(tensor).backward(torch.tensor(grad_output))
    np.testing.assert_array_equal(layer.backward(x, grad_output), tensor.grad)
    assert (~np.isfinite(layer.grad_input)).sum() == 1


@settings(deadline=None, max_examples=40)
@given(
    data=st.data(),
    size=st.tuples(*[st.integers(1, 9)] * 2),
    output_size=st.integers(1, 7) | st.tuples(*[st.none() | st.integers(1, 7)] * 2),
    seed=SEEDS,
)
def test_adaptive_pooling_is_that_of_torch_from_any_size_to_any_size(data, size, output_size, seed):
    x = data.draw(images(size, any_number))
    assert_like_torch(nn.AdaptiveAvgPool2d(output_size), torch.nn.AdaptiveAvgPool2d(output_size), x, seed)


@settings(deadline=None, max_examples=10)
@given(data=st.data(), where=geometry(most=3), seed=SEEDS)
def test_the_contract_of_a_module_holds(data, where, seed):
    arguments, size = where
    layer = data.draw(st.sampled_from([nn.MaxPool2d, nn.AvgPool2d]))(*arguments)
    check_module(
        layer, np.random.default_rng(seed).standard_normal((2, 2, *size)), seed=seed
    ).raise_if_wrong()


@pytest.mark.parametrize("output_size", [1, (2, 3), 5])
def test_the_contract_of_a_module_holds_for_adaptive_pooling(output_size):
    check_module(
        nn.AdaptiveAvgPool2d(output_size), np.random.default_rng(0).standard_normal((2, 2, 3, 4))
    ).raise_if_wrong()


def test_a_pixel_gets_the_gradients_of_all_windows_that_it_wins():
    x = np.zeros((1, 1, 5, 5))
    x[..., 2, 2] = 1  # in all nine windows
    layer = nn.MaxPool2d(3, stride=1)
    layer.forward(x)
    grad_output = np.arange(1.0, 10).reshape(1, 1, 3, 3)
    assert layer.backward(x, grad_output)[0, 0, 2, 2] == grad_output.sum() == layer.grad_input.sum()


def test_padding_never_wins():
    layer = nn.MaxPool2d(3, stride=2, padding=1)
    x = np.full((1, 1, 4, 4), -5.0)
    assert np.array_equal(layer.forward(x), np.full((1, 1, 2, 2), -5.0))
    assert layer.backward(x, np.ones((1, 1, 2, 2))).sum() == 4


def test_a_nan_shows_in_its_windows_only_and_takes_no_gradient():
    x = np.arange(16.0).reshape(1, 1, 4, 4)
    x[..., 0, 0] = np.nan
    layer = nn.MaxPool2d(2)
    np.testing.assert_array_equal(layer.forward(x)[0, 0], [[np.nan, 7], [13, 15]])
    assert np.array_equal(layer.backward(x, np.ones((1, 1, 2, 2))) != 0, np.isin(x, [7, 13, 15]))


@settings(deadline=None, max_examples=30)
@given(data=st.data(), where=geometry(), size=st.integers(1, 1000), seed=SEEDS)
def test_how_a_batch_is_cut_makes_no_difference(data, where, size, seed):
    arguments, shape = where
    x = data.draw(images(shape, any_number | many_ties, batch=(0, 7)))
    layer, found = nn.MaxPool2d(*arguments), []
    grad_output = np.random.default_rng(seed).standard_normal(layer.forward(x).shape)
    for chunk in (2 * size, 1 << 30):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(lib.nn.cache_slices, "CACHE_BYTES", chunk)
            found.append((layer.forward(x), layer.backward(x, grad_output)))
    (output, grad_input), (output_in_one, grad_input_in_one) = found
    assert np.array_equal(output, output_in_one)
    assert np.array_equal(grad_input, grad_input_in_one)


@pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS)
@pytest.mark.parametrize("layer", [nn.MaxPool2d(2), nn.AvgPool2d(3, 2, 1), nn.AdaptiveAvgPool2d((2, 3))])
def test_the_memory_layout_is_handed_on(order, layer):
    x = np.random.default_rng(0).standard_normal((2, 3, 8, 10))
    x = np.ascontiguousarray(x.transpose(order)).transpose(np.argsort(order))
    output = layer.forward(x)
    grad_input = layer.backward(x, np.ones(output.shape))  # NCHW, whatever x is
    assert output.transpose(order).flags.c_contiguous
    assert grad_input.transpose(order).flags.c_contiguous


@pytest.mark.parametrize("kind", [nn.MaxPool2d, nn.AvgPool2d])
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0,), "kernel_size: expected a whole number of at least 1, got 0"),
        ((True,), "kernel_size: expected .*, got True"),
        ((2.0,), "kernel_size: expected a whole number .*, got 2.0"),
        (((1, 2, 3),), r"kernel_size: expected one number or \(height, width\), got \(1, 2, 3\)"),
        ((2, 0), "stride: expected a whole number of at least 1, got 0"),
        ((2, (1, -1)), "stride: expected .*, got -1"),
        ((2, None, -1), "padding: expected a whole number of at least 0, got -1"),
        ((3, None, 2), "padding: expected at most half of kernel_size=3, got 2"),
        (((4, 1), None, (1, 1)), r"padding: expected at most half of kernel_size=\(4, 1\), got \(1, 1\)"),
    ],
)
def test_impossible_geometry_is_refused(kind, arguments, message):
    with pytest.raises(ValueError, match=f"^{kind.__name__}: {message}"):
        kind(*arguments)


@pytest.mark.parametrize("output_size", [0, None, (2, 0), (None, 0), (1, 2, 3), "2", 2.5])
def test_impossible_output_sizes_are_refused(output_size):
    with pytest.raises(ValueError, match=r"^AdaptiveAvgPool2d: output_size: expected"):
        nn.AdaptiveAvgPool2d(output_size)


@pytest.mark.parametrize("shape", [(8, 8), (3, 8, 8), (2, 3, 4, 8), (2, 3, 8, 2), (1, 2, 3, 8, 8)])
def test_the_error_for_a_wrong_shape_says_what_fits(shape):
    layer = nn.MaxPool2d((5, 3), padding=(0, 0))
    with pytest.raises(ValueError, match=r"x: expected \(N, C, H ≥ 5, W ≥ 3\)") as error:
        layer.forward(np.zeros(shape))
    assert str(error.value).startswith("MaxPool2d(kernel_size=(5, 3)): x: ")
    assert f"got shape {shape}" in str(error.value)
    if len(shape) != 4:
        with pytest.raises(
            ValueError, match=r"AdaptiveAvgPool2d\(1\): x: expected \(N, C, H ≥ 1, W ≥ 1\), got"
        ):
            nn.AdaptiveAvgPool2d(1).forward(np.zeros(shape))


@pytest.mark.parametrize(
    "layer", [nn.MaxPool2d(2), nn.AvgPool2d(2), nn.AdaptiveAvgPool2d(1), nn.AdaptiveAvgPool2d((2, None))]
)
def test_one_image_is_told_how_to_become_a_batch(layer):
    x = np.ones((3, 8, 8))
    with pytest.raises(ValueError, match=r"got shape \(3, 8, 8\); one image is x\[None\]$"):
        layer.forward(x)
    assert layer.forward(x[None]).shape[:2] == (1, 3)


@pytest.mark.parametrize("kind", [nn.MaxPool2d, nn.AvgPool2d])
@pytest.mark.parametrize(("kernel", "stride", "least"), [(3, 1, 3), (3, 2, 2), (3, 3, 1), (2, 5, 1)])
def test_the_smallest_image_in_ceil_mode_is_that_of_torch(kind, kernel, stride, least):
    layer, theirs = kind(kernel, stride, ceil_mode=True), getattr(torch.nn, kind.__name__)
    x = np.ones((1, 1, least, least))
    assert layer.forward(x).shape == theirs(kernel, stride, ceil_mode=True)(torch.tensor(x)).shape
    if least > 1:
        with pytest.raises(ValueError, match=f"H ≥ {least}, W ≥ {least}"):
            layer.forward(x[..., 1:])


@pytest.mark.parametrize("divisor", [0, -1, 2.5, True, "2"])
def test_an_impossible_divisor_is_refused(divisor):
    with pytest.raises(
        ValueError, match=r"^AvgPool2d: divisor_override: expected a whole number of at least 1"
    ):
        nn.AvgPool2d(2, divisor_override=divisor)


def test_print():
    assert repr(nn.MaxPool2d(2)) == "MaxPool2d(kernel_size=2)"
    assert repr(nn.MaxPool2d(3, 2, 1)) == "MaxPool2d(kernel_size=3, stride=2, padding=1)"
    assert repr(nn.AvgPool2d((2, 3), (2, 3))) == "AvgPool2d(kernel_size=(2, 3))"
    assert repr(nn.AvgPool2d(2, 1, count_include_pad=False)).endswith("stride=1, count_include_pad=False)")
    assert repr(nn.MaxPool2d(3, 2, 1, 2, ceil_mode=True)).endswith("padding=1, dilation=2, ceil_mode=True)")
    assert repr(nn.AvgPool2d(2, ceil_mode=True, divisor_override=3)).endswith("=True, divisor_override=3)")
    assert repr(nn.AdaptiveAvgPool2d((7, 1))) == "AdaptiveAvgPool2d((7, 1))"
