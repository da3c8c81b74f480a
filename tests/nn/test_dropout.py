"""Dropout: the right share vanishes at random, the rest is scaled, and gradients take the same way."""

import numpy as np
import pytest
import torch
from beside_torch import SEEDS, TOLERANCE, assert_like_torch, inputs
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes
from numpy.testing import assert_allclose

import lib.nn.cache_slices
from lib import nn
from lib.nn.testing import check_module

any_shape = array_shapes(min_dims=1, max_dims=4, min_side=0, max_side=4)
image_shapes = array_shapes(min_dims=4, max_dims=4, min_side=1, max_side=4)
probabilities = st.floats(0, 1) | st.sampled_from([0.0, 0.5, 1.0])


class EveryNumber:
    """Stands in for a Generator: each number of 16 bits once, in order."""

    def integers(self, low, high, size, dtype):
        assert (low, high, size, dtype) == (0, 1 << 64, 1 << 14, np.uint64)
        return np.arange(1 << 16, dtype=np.uint16).view(np.uint64)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("kind", [nn.Dropout, nn.Dropout2d])
@settings(deadline=None, max_examples=60)
@given(data=st.data(), p=probabilities, seed=SEEDS)
def test_what_passes_is_scaled_as_in_torch_and_so_is_its_gradient(dtype, kind, data, p, seed):
    """torch gets our mask, in the place of the numbers that it would draw."""
    x = data.draw(inputs(any_shape if kind is nn.Dropout else image_shapes)).astype(dtype)
    ours = kind(p, seed=seed)
    output = ours.forward(x)
    kept = np.ones(x.shape, bool) if p == 0 else np.broadcast_to(ours.kept, x.shape)
    theirs = torch.tensor(x, requires_grad=True)
    expected = theirs * torch.tensor(kept) / (1 - p) if p < 1 else theirs * 0
    grad_output = np.random.default_rng(seed).standard_normal(x.shape).astype(dtype)
    expected.backward(torch.tensor(grad_output))

    assert output.dtype == dtype
    assert_allclose(output, expected.detach().numpy(), **TOLERANCE[dtype])
    grad_input = ours.backward(x, grad_output)
    assert grad_input.dtype == dtype
    assert_allclose(grad_input, theirs.grad.numpy(), **TOLERANCE[dtype])


@pytest.mark.parametrize("p", [0.0, 1.0])
@settings(deadline=None, max_examples=20)
@given(x=inputs(any_shape), seed=SEEDS)
def test_the_two_ends_are_those_of_torch(p, x, seed):
    ours = nn.Dropout(p)
    assert_like_torch(ours, lambda x: torch.nn.functional.dropout(x, p, ours.training), x, seed)


@pytest.mark.parametrize("kind", [nn.Dropout, nn.Dropout2d])
def test_in_evaluation_mode_everything_passes(kind):
    x = np.random.default_rng(0).standard_normal((2, 3, 4, 5))
    layer = kind(0.9)
    layer.forward(x)
    assert layer.eval().forward(x) is x
    assert np.array_equal(layer.backward(x, 2 * x), 2 * x)


@settings(deadline=None)
@given(p=st.floats(0, 1, exclude_min=True))
def test_numbers_vanish_with_probability_p_to_within_half_a_level(p):
    """All numbers of 16 bits are equally likely: counting over them gives the probability itself."""
    layer = nn.Dropout(p)
    layer.rng = EveryNumber()
    layer.forward(np.ones(1 << 16))
    assert abs((1 - layer.kept.mean()) - p) <= 2**-17


@pytest.mark.parametrize("p", [0.001, 0.1, 0.5, 0.8])
@pytest.mark.parametrize("seed", range(3))
def test_so_many_vanish_as_chance_would_have_it_and_independently_of_their_neighbours(p, seed):
    layer = nn.Dropout(p, seed=seed)
    layer.forward(np.ones(1 << 18, np.float32))
    noise = (1 - p - layer.kept) / np.sqrt(p * (1 - p))  # mean 0, variance 1
    assert abs(noise.mean()) < 4 / np.sqrt(noise.size)
    for step in (1, 2, 3, 4, 5, 64):
        assert abs((noise[step:] * noise[:-step]).mean()) < 4 / np.sqrt(noise.size)


def test_the_expectation_stays():
    layer, x = nn.Dropout(0.3), np.linspace(-1, 1, 21)
    assert_allclose(np.mean([layer.forward(x) for _ in range(20_000)], axis=0), x, atol=0.02)


def test_whole_channels_vanish_each_by_itself():
    layer = nn.Dropout2d(0.4, seed=1)
    output = layer.forward(np.ones((200, 50, 3, 2)))
    assert np.array_equal(output, np.broadcast_to(output[:, :, :1, :1], output.shape))
    dropped = output[:, :, 0, 0] == 0
    assert abs(dropped.mean() - 0.4) < 4 * np.sqrt(0.24 / dropped.size)
    assert 0 < dropped.mean(axis=0).min() <= dropped.mean(axis=0).max() < 1  # no channel always, none never
    assert 0 < dropped.mean(axis=1).min() <= dropped.mean(axis=1).max() < 1  # nor any image


@pytest.mark.parametrize("kind", [nn.Dropout, nn.Dropout2d])
@settings(deadline=None, max_examples=30)
@given(shape=image_shapes, p=st.floats(0, 1), seed=SEEDS)
def test_what_vanishes_depends_on_the_seed_and_not_on_the_memory_layout(kind, shape, p, seed):
    x = np.ones(shape)
    turned = np.ones([shape[i] for i in (0, 2, 3, 1)]).transpose(0, 3, 1, 2)
    layer = kind(p, seed=seed)
    output, turned_output = layer.forward(x), kind(p, seed=seed).forward(turned)
    assert np.array_equal(output, turned_output)
    assert output.flags.c_contiguous
    assert turned_output.transpose(0, 2, 3, 1).flags.c_contiguous
    assert np.array_equal(layer.reset(seed).forward(x), output)


@pytest.mark.parametrize("kind", [nn.Dropout, nn.Dropout2d])
@pytest.mark.parametrize("chunk", [1, 100])
def test_how_a_batch_is_cut_makes_no_difference(kind, chunk, monkeypatch):
    x = np.random.default_rng(0).standard_normal((5, 3, 2, 2))
    layer = kind(0.4)
    expected = layer.forward(x), layer.backward(x, x)
    monkeypatch.setattr(lib.nn.cache_slices, "CACHE_BYTES", chunk)
    assert len(list(lib.nn.cache_slices.cache_slices(x))) == 5  # each example by itself
    layer.reset(0)
    assert np.array_equal(expected, (layer.forward(x), layer.backward(x, x)))


def test_every_call_draws_anew_and_other_seeds_draw_otherwise():
    x = np.ones(1000)
    layer = nn.Dropout(seed=0)
    masks = [layer.forward(x), layer.forward(x), nn.Dropout(seed=1).forward(x)]
    assert not any(np.array_equal(masks[i], masks[j]) for i, j in [(0, 1), (0, 2), (1, 2)])


@pytest.mark.parametrize("bits", [np.random.PCG64, np.random.MT19937, np.random.Philox, np.random.SFC64])
def test_any_generator_will_do_and_is_shared(bits):
    rng = np.random.Generator(bits(0))
    layer = nn.Dropout(0.25, seed=rng)
    assert layer.rng is rng
    assert abs((layer.forward(np.ones(1 << 16)) == 0).mean() - 0.25) < 4 * np.sqrt(0.1875 / (1 << 16))


@settings(deadline=None, max_examples=8)
@given(shape=array_shapes(min_dims=1, max_dims=4, max_side=3), p=st.floats(0, 1), seed=SEEDS)
def test_the_contract_of_a_module_holds(shape, p, seed):
    x = np.random.default_rng(seed).standard_normal(shape)
    check_module(nn.Dropout(p, seed=seed), x, seed=seed).raise_if_wrong()
    if x.ndim == 4:
        check_module(nn.Dropout2d(p, seed=seed), x, seed=seed).raise_if_wrong()


@pytest.mark.parametrize("kind", [nn.Dropout, nn.Dropout2d])
@pytest.mark.parametrize("p", [-0.1, 1.1, np.nan, True, "0.5", None])
def test_what_is_no_probability_is_refused(kind, p):
    takes = f"expected a {'finite ' if p != p else ''}number from 0 to 1"
    with pytest.raises(ValueError, match=f"{kind.__name__}: p: {takes}, got {p!r}"):
        kind(p)


def test_a_number_without_an_axis_and_a_list_are_refused():
    for x, came in [
        (np.array(1.0), r"shape \(\)"),
        ([np.ones(2)] * 2, r"a list of shapes \[\(2,\), \(2,\)\]"),
    ]:
        with pytest.raises(ValueError, match=rf"Dropout\(p=0.5\): x: expected \(N, …\), got {came}"):
            nn.Dropout().forward(x)


@pytest.mark.parametrize("shape", [(3,), (2, 3), (2, 3, 4), (1, 2, 3, 4, 5)])
def test_whole_channels_need_images(shape):
    with pytest.raises(ValueError, match=r"Dropout2d\(p=0.5\): x: expected \(N, C, H, W\), got shape .*"):
        nn.Dropout2d().forward(np.zeros(shape))


def test_print():
    assert repr(nn.Sequential(nn.Dropout(), nn.Dropout2d(0.25))).count("p=0.") == 2
