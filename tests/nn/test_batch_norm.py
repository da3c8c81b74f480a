"""Batch normalisation and its kin against torch over several batches, and against finite differences."""

import copy

import numpy as np
import pytest
import torch
from beside_torch import SEEDS
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes
from numpy.testing import assert_allclose, assert_array_equal

import lib.nn.cache_slices
from lib import nn
from lib.nn import naive
from lib.nn.testing import check_module

DTYPES = {np.float64: torch.float64, np.float32: torch.float32}
EPSILON = {np.float64: 1e-13, np.float32: 4e-6}  # what rounding may cost, where nothing magnifies it

either = pytest.mark.parametrize("dtype", DTYPES)


@st.composite
def batch_shapes(draw, most=5):
    """A kind of BatchNorm, and a shape it takes, of at least two values per channel."""
    kind = draw(st.sampled_from(["BatchNorm1d", "BatchNorm2d"]))
    places = {"BatchNorm1d": (0, 1), "BatchNorm2d": (2,)}[kind]
    C, sizes = (
        draw(st.integers(1, 4)),
        [draw(st.integers(1, most)) for _ in range(draw(st.sampled_from(places)))],
    )
    N = draw(st.integers(1 if np.prod(sizes) > 1 else 2, most))
    return kind, (N, C, *sizes)


def draw_batch(rng, shape, dtype, offset=0.0):
    """Random numbers, each channel with a mean and a spread of its own, in one of two layouts of memory.

    They are spaced out, so that no channel has a tiny variance, which would magnify what is rounded.
    """
    count = int(np.prod(shape)) // shape[1]
    places = rng.permuted(np.tile(np.linspace(-1.5, 1.5, count), (shape[1], 1)), axis=1)
    x = (
        (places + 0.2 * rng.standard_normal(places.shape))
        .reshape(shape[1], shape[0], *shape[2:])
        .swapaxes(0, 1)
    )
    spread, mean = rng.uniform(0.5, 2, (2, shape[1], *[1] * (len(shape) - 2)))
    x = np.ascontiguousarray(spread * x + 2 * mean + offset, dtype)
    if len(shape) > 2 and rng.integers(2):
        x = np.moveaxis(np.ascontiguousarray(np.moveaxis(x, 1, -1)), -1, 1)
    return x


def build_both(kind, places, rng, dtype, **arguments):
    """The layer here and in torch, with the same random weights."""
    ours, theirs = (
        getattr(nn, kind)(*places, **arguments),
        getattr(torch.nn, kind)(*places, **arguments).to(DTYPES[dtype]),
    )
    ours = ours.double() if dtype is np.float64 else ours
    for parameter, other in zip(ours.parameters()[0], theirs.parameters(), strict=True):
        parameter[...] = rng.standard_normal(parameter.shape)
        other.data = torch.tensor(parameter)
    return ours, theirs


def assert_one_step_alike(ours, theirs, x, grad_output):
    """Output and gradients, every element, as exact as the dtype allows."""
    tensor = torch.tensor(x, requires_grad=True)
    expected = theirs(tensor)
    gradients = torch.autograd.grad(expected, [tensor, *theirs.parameters()], torch.tensor(grad_output))

    output = ours.forward(x)
    ours.zero_grad_parameters()
    grad_input = ours.backward(x, grad_output)
    # x is known to within epsilon · |x|; dividing by a small std magnifies that
    slope = 1 / np.min(ours.std)
    magnified = EPSILON[x.dtype.type] * max(1, slope * np.abs(x).max())
    weight = 1.0 if ours.weight is None else np.abs(ours.weight).max()
    g = np.abs(grad_output).max()
    assert output.dtype == grad_input.dtype == x.dtype
    assert_allclose(output, expected.detach().numpy(), rtol=0, atol=magnified * max(1, weight))
    assert_allclose(
        grad_input, gradients[0].numpy(), rtol=0, atol=magnified * weight * slope * g * np.sqrt(x.size)
    )
    for found, wanted in zip(ours.parameters()[1], gradients[1:], strict=True):
        assert_allclose(found, wanted.numpy(), rtol=0, atol=magnified * g * x.size / found.size)


@either
@settings(deadline=None, max_examples=30)
@given(
    where=batch_shapes(),
    eps=st.sampled_from([1e-5, 1e-3, 0.5]),
    momentum=st.sampled_from([0.1, 0.0, 0.75, 1.0, None]),
    affine=st.booleans(),
    track=st.sampled_from([True, True, False]),
    chunk=st.sampled_from([1, 100, 1 << 19]),
    seed=SEEDS,
)
def test_batch_norm_is_that_of_torch_while_training_and_after(
    dtype, where, eps, momentum, affine, track, chunk, seed
):
    """chunk: however the batch is cut for the cache; all arguments by their places, which are torch's"""
    (kind, shape), rng = where, np.random.default_rng(seed)
    ours, theirs = build_both(kind, (shape[1], eps, momentum, affine, track), rng, dtype)
    for mode in ("train", "train", "eval", "train", "eval"):
        getattr(ours, mode)(), getattr(theirs, mode)()
        x, grad_output = draw_batch(rng, shape, dtype), draw_batch(rng, shape, dtype, offset=-2)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(lib.nn.cache_slices, "CACHE_BYTES", chunk)
            assert_one_step_alike(ours, theirs, x, grad_output)
        tolerance = {"rtol": 10 * EPSILON[dtype], "atol": 10 * EPSILON[dtype]}
        if track:
            assert_allclose(ours.running_mean, theirs.running_mean.numpy(), **tolerance)
            assert_allclose(ours.running_var, theirs.running_var.numpy(), **tolerance)
        else:
            assert ours.running_mean is ours.running_var is None


@settings(deadline=None, max_examples=12)
@given(where=batch_shapes(most=3), affine=st.booleans(), seed=SEEDS)
def test_the_contract_of_a_module_holds(where, affine, seed):
    (kind, shape), rng = where, np.random.default_rng(seed)
    layer, _ = build_both(kind, (shape[1],), rng, np.float32, affine=affine, eps=0.1)
    layer.running_mean[...], layer.running_var[...] = rng.uniform(0.5, 2, (2, shape[1]))
    check_module(layer, draw_batch(rng, shape, np.float64), seed=seed).raise_if_wrong()


@settings(deadline=None, max_examples=25)
@given(where=batch_shapes(), eps=st.sampled_from([1e-5, 0.5]), seed=SEEDS)
def test_the_formula_gives_the_same(where, eps, seed):
    (kind, shape), rng = where, np.random.default_rng(seed)
    layer, _ = build_both(kind, (shape[1], eps), rng, np.float64)
    x, grad_output = draw_batch(rng, shape, np.float64), rng.standard_normal(shape)
    output, grad_input = layer.forward(x), layer.backward(x, grad_output)

    x, grad_output, output, grad_input = (  # every pixel is an example
        np.moveaxis(array, 1, -1).reshape(-1, shape[1]) for array in (x, grad_output, output, grad_input)
    )
    plain = naive.batch_norm_forward(x, layer.weight, layer.bias, eps)
    assert_allclose(output, plain, rtol=1e-9, atol=1e-9)
    plain = naive.batch_norm_backward(x, layer.weight, grad_output, eps)
    for ours, wanted in zip((grad_input, layer.grad_weight, layer.grad_bias), plain, strict=True):
        assert_allclose(ours, wanted, rtol=1e-9, atol=1e-9)


def test_without_momentum_all_batches_count_alike_even_after_saving(tmp_path):
    """As torch's cumulative average; the number of batches is part of the state."""
    batches = np.random.default_rng(0).standard_normal((4, 8, 3, 2, 2))
    layer = nn.BatchNorm2d(3, momentum=None).double()
    layer.forward(batches[0]), layer.forward(batches[1])
    layer.save(tmp_path / "state.npz")
    layer = nn.BatchNorm2d(3, momentum=None).double().load(tmp_path / "state.npz")
    layer.forward(batches[2]), layer.forward(batches[3])
    assert_allclose(layer.running_mean, batches.mean((0, 1, 3, 4)), atol=1e-15)
    assert_allclose(layer.running_var, batches.var((1, 3, 4), ddof=1).mean(0), rtol=1e-12)
    assert layer.num_batches_tracked == 4
    layer.reset()
    assert layer.num_batches_tracked == 0
    assert "num_batches_tracked" not in nn.BatchNorm2d(3).state()  # nor was it ever saved where it has no use


def test_one_image_is_told_how_to_become_a_batch():
    with pytest.raises(ValueError, match=r"expected \(N, 4, …\), got shape .*; one image is x\[None\]$"):
        nn.GroupNorm(2, 4).forward(np.ones((4, 8, 8)))
    for layer in (nn.BatchNorm2d(3), nn.InstanceNorm2d(3)):
        message = r"x: expected \(N, 3, H, W\), got shape .*; one image is x\[None\]$"
        with pytest.raises(ValueError, match=message):
            layer.forward(np.ones((3, 4, 4)))


def test_without_running_averages_one_value_has_no_variance_in_evaluation_mode_either():
    layer = nn.BatchNorm2d(3, track_running_stats=False).eval()
    with pytest.raises(ValueError, match=r"more than 1 value per channel.*; take a larger batch$"):
        layer.forward(np.ones((1, 3, 1, 1)))
    assert layer.state().keys() == {"weight", "bias"}


def test_the_variance_is_right_far_from_zero():
    """Where E[x²] − E[x]² loses every digit that float32 has."""
    rng = np.random.default_rng(0)
    x = (rng.standard_normal((64, 3, 16, 16)) + 3000).astype(np.float32)
    layer = nn.BatchNorm2d(3, momentum=1.0)
    output = layer.forward(x)
    assert_allclose(layer.running_var, x.astype(np.float64).var((0, 2, 3), ddof=1), rtol=1e-5)
    assert_allclose(layer.running_mean, x.astype(np.float64).mean((0, 2, 3)), rtol=1e-6)
    assert_allclose(output.std((0, 2, 3), dtype=np.float64), 1, rtol=1e-5)


@pytest.mark.parametrize("mode", ["train", "eval"])
def test_float32_keeps_its_digits_far_from_zero(mode):
    """One channel at 1000, one at −3 and one at 0, against float64: every element of all that is computed."""
    rng = np.random.default_rng(0)
    x = (rng.standard_normal((16, 3, 8, 8)) + np.array([1000, -3, 0])[:, None, None]).astype(np.float32)
    grad_output = rng.standard_normal(x.shape).astype(np.float32)
    ours, theirs = build_both("BatchNorm2d", (3,), rng, np.float32, momentum=1.0)
    ours.forward(x)  # the running averages become those of x
    for name in ("running_mean", "running_var"):
        setattr(theirs, name, torch.tensor(getattr(ours, name)))
    getattr(ours, mode)(), getattr(theirs.double(), mode)()

    tensor = torch.tensor(x, dtype=torch.double, requires_grad=True)
    expected = theirs(tensor)
    gradients = torch.autograd.grad(expected, [tensor, *theirs.parameters()], torch.tensor(grad_output))
    assert_allclose(ours.forward(x), expected.detach(), rtol=0, atol=2e-6)
    found = ours.backward(x, grad_output), ours.grad_weight, ours.grad_bias
    for array, wanted, atol in zip(found, gradients, (2e-6, 5e-5, 5e-5), strict=True):
        assert_allclose(array, wanted, rtol=0, atol=atol)


def test_a_large_batch_is_summed_as_exactly_as_a_small_one():
    x = np.full((40_000, 3, 2, 2), 0.1, np.float32)
    x[0] = 0.2
    layer = nn.BatchNorm2d(3, momentum=1.0)
    layer.forward(x)
    assert_allclose(layer.running_mean, x.mean((0, 2, 3), dtype=np.float64), rtol=1e-6)


def test_backward_belongs_to_the_forward_before_it_whatever_the_mode_is_now():
    rng = np.random.default_rng(0)
    x, grad_output = rng.standard_normal((2, 4, 3, 2, 2))
    for first, then in [("train", "eval"), ("eval", "train")]:
        layer = nn.BatchNorm2d(3).double()
        getattr(layer, first)().forward(x)
        expected = layer.backward(x, grad_output)
        getattr(layer, then)()
        assert np.array_equal(layer.backward(x, grad_output), expected)


def test_backward_belongs_to_the_forward_before_it_whatever_the_running_averages_are_now():
    x, grad_output = np.random.default_rng(0).standard_normal((2, 4, 3, 2, 2))
    layer = nn.BatchNorm2d(3).double().eval()
    layer.forward(x)
    layer.running_mean += 5  # as loading does
    layer.running_var += 5
    layer.backward(x, grad_output)
    assert_allclose(layer.grad_weight, (grad_output * x).sum((0, 2, 3)) / np.sqrt(1 + layer.eps))


@pytest.mark.parametrize("mode", ["train", "eval"])
@pytest.mark.parametrize("order", [(0, 1, 2, 3), (0, 2, 3, 1)])
def test_the_memory_layout_is_handed_on(order, mode):
    x = np.ascontiguousarray(np.random.default_rng(0).standard_normal((2, 3, 4, 5)).transpose(order))
    x = x.transpose(np.argsort(order))
    layer = getattr(nn.BatchNorm2d(3), mode)()
    for array in (layer.forward(x), layer.backward(x, x)):
        assert array.transpose(order).flags.c_contiguous


@pytest.mark.parametrize("weights", ["float", "double"])
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("mode", ["train", "eval"])
def test_the_more_precise_of_input_and_weights_decides_on_the_dtype(weights, dtype, mode):
    layer = getattr(getattr(nn.BatchNorm2d(3), weights)(), mode)()
    x = np.random.default_rng(0).standard_normal((2, 3, 4, 5)).astype(dtype)
    output = layer.forward(x)
    assert output.dtype == layer.backward(x, output).dtype == np.result_type(dtype, layer.weight)
    assert layer.running_mean.dtype == layer.weight.dtype


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (nn.BatchNorm1d(3), (1, 3)),
        (nn.BatchNorm1d(3), (1, 3, 1)),
        (nn.BatchNorm2d(3), (1, 3, 1, 1)),
        (nn.BatchNorm2d(3), (0, 3, 4, 4)),
        (nn.BatchNorm2d(3), (4, 3, 0, 4)),
    ],
)
def test_one_value_per_channel_cannot_be_normalised_while_training(layer, shape):
    before = layer.running_mean.copy(), layer.running_var.copy()
    message = r"BatchNorm.d\(3\): x: expected more than 1 value per channel when training, got .*eval\(\)"
    with pytest.raises(ValueError, match=message):
        layer.train().forward(np.ones(shape))
    assert np.array_equal(before, (layer.running_mean, layer.running_var))
    assert layer.eval().forward(np.ones(shape)).shape == shape


@either
@settings(deadline=None, max_examples=30)
@given(
    shape=array_shapes(min_dims=1, max_dims=4, max_side=5),
    data=st.data(),
    eps=st.sampled_from([1e-5, 1e-3, 0.5]),
    affine=st.booleans(),
    bias=st.booleans(),
    seed=SEEDS,
)
def test_layer_norm_is_that_of_torch(dtype, shape, data, eps, affine, bias, seed):
    normalized = shape[data.draw(st.integers(0, len(shape) - 1)) :]
    normalized = normalized[0] if len(normalized) == 1 and data.draw(st.booleans()) else normalized
    rng = np.random.default_rng(seed)
    ours, theirs = build_both("LayerNorm", (normalized, eps, affine, bias), rng, dtype)
    for mode in ("train", "eval"):
        getattr(ours, mode)(), getattr(theirs, mode)()
        x, grad_output = rng.standard_normal((2, *shape)).astype(dtype)
        assert_one_step_alike(ours, theirs, x, grad_output)


@settings(deadline=None, max_examples=8)
@given(shape=array_shapes(min_dims=1, max_dims=4, max_side=3), data=st.data(), seed=SEEDS)
def test_the_contract_of_a_module_holds_for_layer_norm(shape, data, seed):
    normalized, rng = shape[data.draw(st.integers(0, len(shape) - 1)) :], np.random.default_rng(seed)
    layer, _ = build_both("LayerNorm", (normalized,), rng, np.float32, eps=0.1)
    check_module(layer, rng.standard_normal(shape), seed=seed).raise_if_wrong()


@either
@settings(deadline=None, max_examples=40)
@given(
    where=batch_shapes(),
    groups=st.integers(1, 3),
    eps=st.sampled_from([1e-5, 1e-3, 0.5]),
    affine=st.booleans(),
    chunk=st.sampled_from([1, 200, 1 << 20]),
    seed=SEEDS,
)
def test_group_norm_is_that_of_torch(dtype, where, groups, eps, affine, chunk, seed):
    (_, (N, C, *sizes)), rng = where, np.random.default_rng(seed)
    sizes = [4, *sizes[1:]]  # at least four values in each group
    arguments = (groups, groups * C, eps, affine)
    ours, theirs = build_both("GroupNorm", arguments, rng, dtype)
    for mode in ("train", "eval"):
        getattr(ours, mode)(), getattr(theirs, mode)()
        # each group's values are spaced out, as those of a channel are elsewhere: none has a tiny variance
        x = draw_batch(rng, (C, N * groups, *sizes), dtype).swapaxes(0, 1).reshape(N, groups * C, *sizes)
        grad_output = draw_batch(rng, x.shape, dtype, offset=-2)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(lib.nn.cache_slices, "CACHE_BYTES", chunk)
            assert_one_step_alike(ours, theirs, x, grad_output)


@either
@settings(deadline=None, max_examples=20)
@given(
    N=st.integers(0, 3), C=st.integers(1, 3), H=st.integers(2, 4), W=st.integers(2, 4), affine=st.booleans(),
    eps=st.sampled_from([1e-5, 0.5]), order=st.sampled_from([(0, 1, 2, 3), (0, 2, 3, 1)]), seed=SEEDS,
)  # fmt: skip
def test_instance_norm_is_that_of_torch(dtype, N, C, H, W, affine, eps, order, seed):
    rng = np.random.default_rng(seed)
    ours, theirs = build_both("InstanceNorm2d", (C, eps), rng, dtype, affine=affine)
    x = np.linspace(-2, 2, H * W) + 0.1 * rng.standard_normal((N, C, H * W))
    x = np.ascontiguousarray(x.reshape(N, C, H, W).astype(dtype).transpose(order)).transpose(
        np.argsort(order)
    )
    grad_output = rng.standard_normal(x.shape).astype(dtype)
    if N:
        assert_one_step_alike(ours, theirs, x, grad_output)
    else:
        assert ours.forward(x).shape == ours.backward(x, grad_output).shape == x.shape
    if x.size and order != (0, 1, 2, 3):
        assert ours.output.transpose(order).flags.c_contiguous


@settings(deadline=None, max_examples=8)
@given(groups=st.integers(1, 2), affine=st.booleans(), seed=SEEDS)
def test_the_contract_of_a_module_holds_for_group_norm(groups, affine, seed):
    rng = np.random.default_rng(seed)
    layer, _ = build_both("GroupNorm", (groups, 2 * groups, 0.1, affine), rng, np.float32)
    check_module(layer, rng.standard_normal((2, 2 * groups, 2, 2)), seed=seed).raise_if_wrong()


def test_group_norm_keeps_its_digits_far_from_zero():
    rng = np.random.default_rng(0)
    x = (rng.standard_normal((4, 6, 16, 16)) + 3000).astype(np.float32)
    grad_output = rng.standard_normal(x.shape).astype(np.float32)
    ours, exact = nn.GroupNorm(2, 6), nn.GroupNorm(2, 6).double()
    assert_allclose(ours.forward(x), exact.forward(x.astype(np.float64)), atol=2e-6)
    ours.backward(x, grad_output), exact.backward(x.astype(np.float64), grad_output.astype(np.float64))
    assert_allclose(ours.grad_input, exact.grad_input, atol=2e-6)
    assert_allclose(ours.grad_weight, exact.grad_weight, atol=1e-4)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (
            lambda: nn.BatchNorm1d(0),
            "BatchNorm1d: num_features: expected a whole number of at least 1, got 0",
        ),
        (lambda: nn.BatchNorm2d(True), "BatchNorm2d: num_features: expected .*, got True"),
        (
            lambda: nn.BatchNorm2d(3, eps=-1),
            "BatchNorm2d: eps: expected a number of at least 0, got -1",
        ),
        (
            lambda: nn.BatchNorm2d(3, momentum="0.1"),
            "BatchNorm2d: momentum: expected a number .*, got '0.1'",
        ),
        (lambda: nn.LayerNorm(()), r"LayerNorm: normalized_shape: expected one size or more, got \(\)"),
        (
            lambda: nn.LayerNorm((3, 0)),
            "LayerNorm: normalized_shape: expected a whole number of at least 1, got 0",
        ),
        (
            lambda: nn.LayerNorm(3, eps=np.nan),
            "LayerNorm: eps: expected a finite number of at least 0, got nan",
        ),
        (lambda: nn.GroupNorm(3, 4), "GroupNorm: num_channels: expected a multiple of num_groups=3, got 4"),
        (lambda: nn.GroupNorm(0, 4), "GroupNorm: num_groups: expected a whole number of at least 1, got 0"),
        (lambda: nn.GroupNorm(2, 4.0), "GroupNorm: num_channels: expected a whole number .*, got 4.0"),
        (lambda: nn.GroupNorm(2, 4, -1), "GroupNorm: eps: expected a number of at least 0, got -1"),
        (lambda: nn.InstanceNorm2d(0), "InstanceNorm2d: num_features: expected a whole number .*, got 0"),
        (lambda: nn.InstanceNorm2d(3, "1"), "InstanceNorm2d: eps: expected a number .*, got '1'"),
    ],
)
def test_impossible_arguments_are_refused(build, message):
    with pytest.raises(ValueError, match=message):
        build()


@pytest.mark.parametrize(
    ("layer", "shape", "takes"),
    [
        (nn.BatchNorm1d(3), (2, 4), r"\(N, 3\) or \(N, 3, L\)"),
        (nn.BatchNorm1d(3), (2, 3, 4, 4), r"\(N, 3\) or \(N, 3, L\)"),
        (nn.BatchNorm2d(3), (2, 4, 4, 3), r"\(N, 3, H, W\)"),
        (nn.BatchNorm2d(3), (2, 3), r"\(N, 3, H, W\)"),
        (nn.LayerNorm((4, 3)), (2, 3, 4), r"\(…, 4, 3\)"),
        (nn.LayerNorm(3, eps=0.1), (), r"\(…, 3\)"),
        (nn.LayerNorm(3, bias=False), (3, 2), r"\(…, 3\)"),
        (nn.GroupNorm(2, 4), (2, 3, 4), r"\(N, 4, …\)"),
        (nn.GroupNorm(2, 4), (4,), r"\(N, 4, …\)"),
        (nn.InstanceNorm2d(3), (2, 3), r"\(N, 3, H, W\)"),
        (nn.GroupNorm(4, 4), (2, 4), "more than 1 value per group"),
        (nn.InstanceNorm2d(3), (2, 3, 1, 1), "more than 1 value per group"),
    ],
)
def test_the_error_for_a_wrong_shape_says_what_fits(layer, shape, takes):
    with pytest.raises(ValueError, match=f"^{type(layer).__name__}.*: x: expected {takes}.*, got shape"):
        layer.forward(np.ones(shape))


NORMALIZATIONS = [nn.BatchNorm2d(4), nn.GroupNorm(2, 4), nn.InstanceNorm2d(4, affine=True)]


@pytest.mark.parametrize("layer", NORMALIZATIONS, ids=str)
@pytest.mark.parametrize(
    "grad_output",
    [
        np.ones((2, 4, 6, 5), np.float32),
        np.ones((1, 4, 6, 6), np.float32),
        np.ones((4, 6, 6), np.float32),
        np.float64(1),
        1.0,
        np.ones((2, 4, 6, 6), int),
        np.ones((2, 4, 6, 6)).tolist(),
        [np.ones((2, 4, 6, 6))],
        None,
    ],
    ids=["width", "batch", "axes", "number", "float", "dtype", "list", "list of arrays", "None"],
)
def test_a_grad_output_that_does_not_fit_gets_the_sentence_of_every_layer(layer, grad_output):
    x, other = np.ones((2, 4, 6, 6), np.float32), nn.Conv2d(4, 4, 1)
    sentences = []
    for module in (layer, other):
        module.forward(x)
        with pytest.raises(ValueError, match="grad_output: expected") as caught:
            module.backward(x, grad_output)
        sentences.append(str(caught.value).removeprefix(f"{module}: "))
    assert sentences[0] == sentences[1]


@pytest.mark.parametrize("layer", NORMALIZATIONS, ids=str)
def test_what_is_wrong_in_the_layer_itself_is_said_in_backward_too(layer):
    """Their `backward` once went its own way, past the checks of `Module.backward`."""
    x = np.random.default_rng(0).standard_normal((2, 4, 6, 6))
    own = copy.deepcopy(layer).double()
    output = own.forward(x)
    own.weight = np.ones(3)
    with pytest.raises(ValueError, match=r"weight: expected \(4,\), got shape \(3,\)"):
        own.backward(x, output)
    own.weight = np.ones(4)
    own.backward(x, output)
    own.update_grad_input = lambda x, grad_output: grad_output[:1]
    with pytest.raises(ValueError, match=r"grad_input: expected \(2, 4, 6, 6\), as x has, got shape \(1, "):
        own.backward(x, output)


@pytest.mark.parametrize("layer", NORMALIZATIONS, ids=str)
def test_the_sums_are_taken_once_in_backward_and_never_kept(layer):
    taken = []

    class Counts(type(layer)):
        def sums(self, x, grad_output):
            taken.append(grad_output)
            return super().sums(x, grad_output)

    own = copy.deepcopy(layer)
    own.__class__ = Counts
    x = np.random.default_rng(0).standard_normal((2, 4, 6, 6), np.float32)
    output = own.forward(x)
    for _ in range(2):
        own.zero_grad_parameters()
        expected = own.backward(x, output)
    assert len(taken) == 2
    gradients = [gradient.copy() for gradient in own.parameters()[1]]
    own.zero_grad_parameters()
    own.update_grad_input(x, 2 * output)  # half of it, with another gradient: as a container may
    own.acc_grad_parameters(x, output)
    assert len(taken) == 4
    for gradient, other in zip(own.parameters()[1], gradients, strict=True):
        assert_array_equal(gradient, other)
    assert_array_equal(own.update_grad_input(x, output), expected)


def test_print():
    assert repr(nn.BatchNorm2d(64)) == "BatchNorm2d(64)"
    assert (
        repr(nn.BatchNorm1d(4, 1e-3, 0.2, False)) == "BatchNorm1d(4, eps=0.001, momentum=0.2, affine=False)"
    )
    assert repr(nn.BatchNorm2d(4, momentum=None, track_running_stats=False)) == (
        "BatchNorm2d(4, momentum=None, track_running_stats=False)"
    )
    assert repr(nn.GroupNorm(2, 4)) == "GroupNorm(2, 4)"
    assert repr(nn.InstanceNorm2d(4, affine=True)) == "InstanceNorm2d(4, affine=True)"
    assert repr(nn.LayerNorm(4, bias=False)) == "LayerNorm(4, bias=False)"
    assert repr(nn.LayerNorm(4, 1e-5, False)) == "LayerNorm(4, elementwise_affine=False)"
    assert repr(nn.LayerNorm((3, 4), eps=0.5)) == "LayerNorm(3, 4, eps=0.5)"
