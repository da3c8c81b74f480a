"""A layer beside torch: output, gradient in x and gradient of every parameter, element by element."""

import numpy as np
import torch
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.testing import assert_allclose

TOLERANCE = {np.float64: {"rtol": 1e-11, "atol": 1e-13}, np.float32: {"rtol": 1e-5, "atol": 2e-6}}

SEEDS = st.integers(0, 2**32 - 1)


def inputs(shapes=None, *, kinks=(0.0,)):
    """Arrays whose values float32 has exactly, some of them the places where a function bends."""
    shapes = array_shapes(min_dims=1, max_dims=4, min_side=0, max_side=4) if shapes is None else shapes
    values = st.floats(-8, 8, width=32) | st.sampled_from(kinks)
    return arrays(np.float64, shapes, elements=values)


def assert_like_torch(ours, theirs, x, seed=0):
    """Compares both in training and in evaluation mode, ours in float64 and in float32.

    theirs: a function of x and of the parameters, all of them tensors; always in float64, since what torch
        rounds off itself is no yardstick
    """
    rng = np.random.default_rng(seed)
    for dtype in (np.float64, np.float32):
        ours = ours.double() if dtype is np.float64 else ours.float()
        for mode in (ours.train, ours.eval):
            mode()
            _compare(ours, theirs, x.astype(dtype), rng)


def _compare(ours, theirs, x, rng):
    tensors = [torch.tensor(a, dtype=torch.double, requires_grad=True) for a in (x, *ours.parameters()[0])]
    expected = theirs(*tensors)
    grad_output = rng.standard_normal(expected.shape).astype(x.dtype)
    gradients = torch.autograd.grad(expected, tensors, torch.tensor(grad_output).double())

    output = ours.forward(x)
    ours.zero_grad_parameters()
    grad_input = ours.backward(x, grad_output)
    assert output.dtype == grad_input.dtype == x.dtype
    close(output, expected.detach())
    close(grad_input, gradients[0])
    for found, wanted in zip(ours.parameters()[1], gradients[1:], strict=True):
        close(found, wanted, terms=x.size)


def close(ours, theirs, terms=1):
    """terms: of how many numbers, which may cancel each other, each is the sum"""
    tolerance = TOLERANCE[ours.dtype.type]
    assert_allclose(ours, theirs.numpy(), rtol=tolerance["rtol"], atol=max(1, terms) * tolerance["atol"])
