"""Convolution against torch, against plain loops, and against finite differences, over drawn geometry."""

import tracemalloc

import numpy as np
import pytest
import torch
from beside_torch import SEEDS, assert_like_torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from lib import nn
from lib.nn import cache_slices, naive
from lib.nn.testing import check_module

SETTINGS = settings(deadline=None, max_examples=100)


def pairs(least, most):
    return st.integers(least, most) | st.tuples(st.integers(least, most), st.integers(least, most))


@st.composite
def layers(draw, kind=nn.Conv2d, **fixed):
    """A layer of drawn geometry: groups, depthwise, dilated, padded by more than its kernel."""
    groups = draw(st.integers(1, 3))
    drawn = {
        "in_channels": groups * draw(st.integers(1, 3)),
        "out_channels": groups * draw(st.integers(1, 3)),
        "kernel_size": draw(pairs(1, 4)),
        "stride": draw(pairs(1, 3)),
        "padding": draw(pairs(0, 3)),
        "dilation": draw(pairs(1, 3)),
        "groups": groups,
        "bias": draw(st.booleans()),
    }
    return kind(**{**drawn, **fixed}, seed=draw(SEEDS))


@st.composite
def cases(draw, kind=nn.Conv2d, most=8, **fixed):
    """A layer, and images that it takes, in one of several memory layouts."""
    layer = draw(layers(kind, **fixed))
    size = [draw(st.integers(least, max(least, most))) for least in layer.smallest_input()]
    rng = np.random.default_rng(draw(SEEDS))
    x = rng.standard_normal((draw(st.integers(1, 4)), layer.in_channels, *size))
    return layer, draw(st.sampled_from([plain, channels_last, every_other, backwards]))(x)


def plain(x):
    return x


def channels_last(x):
    return np.ascontiguousarray(x.transpose(0, 2, 3, 1)).transpose(0, 3, 1, 2)


def every_other(x):
    return x.repeat(2, axis=3)[..., ::2]


def backwards(x):
    return x[:, ::-1, :, ::-1]


def like_torch(layer):
    def theirs(x, weight, bias=None):
        return torch.nn.functional.conv2d(
            x, weight, bias, layer.stride, layer.padding, layer.dilation, layer.groups
        )

    return theirs


@SETTINGS
@given(case=cases(), seed=SEEDS)
def test_output_and_gradients_are_those_of_torch(case, seed):
    layer, x = case
    assert_like_torch(layer, like_torch(layer), x, seed)


@settings(deadline=None, max_examples=50)
@given(case=cases(kernel_size=1), seed=SEEDS)
def test_a_kernel_of_one_pixel_gives_what_it_gives_in_torch(case, seed):
    """Without padding nothing is copied; with padding and a stride, what is seen may be as wide as x."""
    layer, x = case
    assert_like_torch(layer, like_torch(layer), x, seed)


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths")  # torch's advice
@settings(deadline=None, max_examples=40)
@given(case=cases(stride=1, padding="same"), seed=SEEDS)
def test_the_same_padding_is_that_of_torch_for_odd_and_even_kernels_and_dilations(case, seed):
    layer, x = case
    assert_like_torch(layer, like_torch(layer), x, seed)
    assert layer.forward(x).shape[2:] == x.shape[2:]


@settings(deadline=None, max_examples=20)
@given(case=cases(padding="valid"), seed=SEEDS)
def test_the_valid_padding_is_none(case, seed):
    layer, x = case
    assert_like_torch(layer, like_torch(layer), x, seed)
    assert layer.padding == (0, 0)


def test_the_same_padding_prints_and_takes_images_of_one_pixel():
    layer = nn.Conv2d(3, 8, (4, 3), padding="same", dilation=(3, 1))
    assert repr(layer) == "Conv2d(3 -> 8, kernel_size=(4, 3), padding=same, dilation=(3, 1))"
    assert layer.forward(np.ones((1, 3, 1, 1), np.float32)).shape == (1, 8, 1, 1)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: nn.Conv2d(3, 8, 3, 2, "same"), "expected a number, as the stride is not 1, got 'same'"),
        (lambda: nn.Conv2d(3, 8, 3, (1, 2), "same"), "as the stride is not 1"),
        (lambda: nn.Conv2d(3, 8, 3, padding="SAME"), "padding: .* 'valid' or 'same', got 'SAME'"),
        (lambda: nn.Conv2d(3, 8, 3, padding=("same", 1)), "padding: .* whole number .*, got 'same'"),
        (lambda: nn.ConvTranspose2d(3, 8, 3, padding="same"), "ConvTranspose2d: padding: .*, got 'same'"),
        (lambda: nn.Conv2d(3, 8, 3, padding=None), "Conv2d: padding: .*, got None"),
    ],
)  # fmt: skip
def test_a_padding_that_is_none_of_torch_is_refused(build, message):
    with pytest.raises(ValueError, match=message):
        build()


@settings(deadline=None, max_examples=50)
@given(case=cases(most=6), cacheful=st.sampled_from([1, 500, 5000]), seed=SEEDS)
def test_any_size_of_cache_gives_the_same(case, cacheful, seed):
    """Rows of one image, one image, or several at a time, and fewer in the last part."""
    layer, x = case
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cache_slices, "CACHE_BYTES", cacheful)
        assert_like_torch(layer, like_torch(layer), x, seed)


@settings(deadline=None, max_examples=15)
@given(case=cases(most=4))
def test_the_contract_holds(case):
    check_module(*case).raise_if_wrong()


@settings(deadline=None, max_examples=30)
@given(
    data=st.data(),
    kernel=pairs(1, 3),
    stride=st.integers(1, 3),
    padding=st.integers(0, 2),
    dilation=st.integers(1, 2),
)
def test_plain_loops_give_the_same(data, kernel, stride, padding, dilation):
    geometry = {"stride": stride, "padding": padding, "dilation": dilation}
    layer, x = data.draw(cases(most=6, kernel_size=kernel, groups=1, bias=True, **geometry))
    layer.double()
    output = layer.forward(x)
    assert_allclose(naive.conv2d_forward(x, layer.weight, layer.bias, **geometry), output, atol=1e-13)

    grad_output = np.random.default_rng(0).standard_normal(output.shape)
    grad_x, grad_weight, grad_bias = naive.conv2d_backward(x, layer.weight, grad_output, **geometry)
    assert_allclose(layer.backward(x, grad_output), grad_x, atol=1e-12)
    assert_allclose(layer.grad_weight, grad_weight, atol=1e-12)
    assert_allclose(layer.grad_bias, grad_bias, atol=1e-12)

    N, F, OH, OW = output.shape
    W = layer.weight.reshape(F, -1).T
    product = naive.im2col(x, layer.kernel_size, **geometry) @ W
    back = grad_output.transpose(0, 2, 3, 1).reshape(-1, F) @ W.T
    assert_allclose(naive.col2im(back, x.shape, layer.kernel_size, **geometry), grad_x, atol=1e-12)
    assert_allclose(
        product.reshape(N, OH, OW, F).transpose(0, 3, 1, 2) + layer.bias[:, None, None], output, atol=1e-13
    )


@pytest.mark.parametrize("geometry", [{}, {"stride": 2}, {"kernel_size": 1, "padding": 0}, {"groups": 2}])
def test_no_images_give_no_images(geometry):
    layer = nn.Conv2d(4, 6, **{"kernel_size": 3, "padding": 1, **geometry})
    x = np.zeros((0, 4, 5, 7), np.float32)
    y = layer.forward(x)
    assert layer.backward(x, y).shape == x.shape
    assert y.shape == (0, 6, *np.shape(layer.forward(np.zeros((1, 4, 5, 7), np.float32)))[2:])
    assert_array_equal(layer.grad_weight, 0)


@pytest.mark.parametrize("groups", [1, 2])
def test_a_layer_as_large_as_in_a_network_is_as_exact_as_torch(groups):
    """Sums of thousands of float32 numbers: both are compared with float64."""
    rng = np.random.default_rng(0)
    layer = nn.Conv2d(32, 48, 3, padding=1, groups=groups)
    x = rng.standard_normal((8, 32, 28, 28), np.float32)
    grad_output = rng.standard_normal((8, 48, 28, 28), np.float32)
    tensors = [torch.tensor(a, requires_grad=True) for a in (x, layer.weight, layer.bias)]
    exact = [tensor.detach().double().requires_grad_() for tensor in tensors]
    results = []
    for xwb in (tensors, exact):
        output = like_torch(layer)(*xwb)
        results.append(
            [output, *torch.autograd.grad(output, xwb, torch.tensor(grad_output).to(output.dtype))]
        )

    ours = [layer.forward(x), layer.backward(x, grad_output), layer.grad_weight, layer.grad_bias]
    for found, theirs, right in zip(ours, *results, strict=True):
        right = right.detach().numpy()
        error, allowed = np.abs(found - right).max(), np.abs(theirs.detach().numpy() - right).max()
        assert error <= 4 * allowed + 1e-6


def test_backward_takes_a_copy_of_x_and_refuses_another():
    rng = np.random.default_rng(0)
    x, other, grad_output = rng.standard_normal((3, 2, 3, 8, 8))
    layer = nn.Conv2d(3, 3, 3, padding=1).double()
    layer.forward(x)
    expected = layer.backward(x, grad_output)
    assert_array_equal(layer.backward(x.copy(), grad_output), expected)
    with pytest.raises(ValueError, match="x: expected that of the last forward"):
        layer.backward(other, grad_output)


def test_outputs_are_new_arrays():
    x = np.ones((2, 3, 8, 8))
    layer = nn.Conv2d(3, 4, 3).double()
    first = layer.forward(x)
    kept = first.copy()
    layer.forward(2 * x)
    assert_array_equal(first, kept)


def test_output_and_gradient_have_the_channels_last_in_memory():
    layer, x = nn.Conv2d(3, 4, 3, padding=1), np.zeros((2, 3, 8, 8), np.float32)
    for array in (layer.forward(x), layer.backward(x, np.zeros((2, 4, 8, 8), np.float32))):
        assert array.transpose(0, 2, 3, 1).flags.c_contiguous


@pytest.mark.parametrize("groups", [1, 4])
def test_memory_beside_the_results_is_two_megabytes(groups):
    """im2col in one go would take 19 MB here."""
    layer = nn.Conv2d(32, 32, 3, padding=1, groups=groups)
    x = np.zeros((16, 32, 32, 32), np.float32)
    y = layer.forward(x)

    def peak(run):
        tracemalloc.start()
        run()
        highest = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return highest

    assert peak(lambda: layer.update_output(x)) < y.nbytes + 2e6
    assert peak(lambda: layer.update_grad_input(x, y)) < x.nbytes + 2e6
    assert peak(lambda: layer.acc_grad_parameters(x, y)) < 2e6


def test_start_values_are_seeded_and_drawn_like_those_of_torch():
    first, again, other = (
        nn.Conv2d(6, 40, 5, groups=2, seed=1),
        nn.Conv2d(6, 40, 5, groups=2, seed=1),
        nn.Conv2d(6, 40, 5),
    )
    assert_array_equal(first.weight, again.weight)
    assert not np.array_equal(first.weight, other.weight)
    theirs = torch.nn.Conv2d(6, 40, 5, groups=2)
    assert first.weight.shape == theirs.weight.shape
    bound = 1 / np.sqrt(3 * 5 * 5)
    for array in (first.weight, theirs.weight.detach().numpy(), first.bias):
        assert 0.9 * bound < np.abs(array).max() <= bound


@pytest.mark.parametrize(
    ("layer", "printed"),
    [
        (nn.Conv2d(3, 32, 5, padding=2), "Conv2d(3 -> 32, kernel_size=5, padding=2)"),
        (nn.Conv2d(4, 4, (1, 3), 2, groups=4), "Conv2d(4 -> 4, kernel_size=(1, 3), stride=2, groups=4)"),
        (nn.Conv2d(4, 4, 1, bias=False), "Conv2d(4 -> 4, kernel_size=1, bias=False)"),
        (nn.Conv2d(1, 1, 1, dilation=(1, 2)), "Conv2d(1 -> 1, kernel_size=1, dilation=(1, 2))"),
    ],
)  # fmt: skip
def test_prints_what_is_not_the_default(layer, printed):
    assert repr(layer) == printed


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"in_channels": 0}, "in_channels: expected a whole number of at least 1, got 0"),
        ({"out_channels": 2.0}, "out_channels: expected a whole number of at least 1, got 2.0"),
        ({"groups": 0}, "groups: expected a whole number of at least 1, got 0"),
        ({"groups": 3}, "in_channels: expected a multiple of groups=3, got 4"),
        ({"in_channels": 6, "groups": 3}, "out_channels: expected a multiple of groups=3, got 8"),
        ({"kernel_size": 0}, "kernel_size: expected a whole number of at least 1, got 0"),
        (
            {"kernel_size": (3, 3, 3)},
            r"kernel_size: expected one number or \(height, width\), got \(3, 3, 3\)",
        ),
        ({"stride": (1, 0)}, "stride: expected a whole number of at least 1, got 0"),
        ({"padding": -1}, "padding: expected a whole number of at least 0, got -1"),
        ({"padding": "full"}, "padding: expected .*, got 'full'"),
        ({"dilation": True}, "dilation: expected .*, got True"),
    ],
)
@pytest.mark.parametrize("kind", [nn.Conv2d, nn.ConvTranspose2d])
def test_an_argument_out_of_range_is_named(kind, arguments, message):
    with pytest.raises(ValueError, match=f"^{kind.__name__}: {message}"):
        kind(**{"in_channels": 4, "out_channels": 8, "kernel_size": 3, **arguments})


@pytest.mark.parametrize("kind", [nn.Conv2d, nn.ConvTranspose2d])
@pytest.mark.parametrize(
    ("shape", "advice"),
    [
        ((3, 32, 32), r"one image is x\[None\]"),
        ((32, 32, 3), r"one image is x\.transpose\(2, 0, 1\)\[None\]"),
        ((2, 32, 32, 3), r"channels come before rows and columns: x\.transpose\(0, 3, 1, 2\)"),
    ],
)
def test_the_error_says_how_to_make_a_batch_of_it(kind, shape, advice):
    message = rf"{kind.__name__}\(3 -> 8, kernel_size=3\): x: expected \(N, 3, .*\), got shape .*; {advice}$"
    with pytest.raises(ValueError, match=message):
        kind(3, 8, 3).forward(np.zeros(shape))


@pytest.mark.parametrize("shape", [(2, 3, 8), (2, 4, 8, 8), (2, 3, 3, 8), (2, 3, 8, 3)])
def test_an_input_of_the_wrong_shape_is_refused(shape):
    layer = nn.Conv2d(3, 1, 3, padding=(0, 1), dilation=(2, 3))
    layer.forward(np.zeros((2, 3, 5, 5)))
    with pytest.raises(ValueError, match=r"x: expected \(N, 3, H ≥ 5, W ≥ 5\), got shape"):
        layer.forward(np.zeros(shape))
