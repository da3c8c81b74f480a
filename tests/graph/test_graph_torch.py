"""Random expressions, with branches, beside torch's autograd: every value and every gradient inside."""

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import mutually_broadcastable_shapes
from numpy.testing import assert_allclose

from lib import graph
from lib.graph import ComputationalGraph, merge

VALUES = st.integers(-12, 12).map(lambda i: i / 8)  # a grid: zeros and ties are common
EXACT = {  # those that give the same to the last bit in both, so that ties stay ties
    "+": (lambda a, b: a + b, torch.add),
    "-": (lambda a, b: a - b, torch.sub),
    "*": (lambda a, b: a * b, torch.mul),
    "max": (graph.maximum, torch.maximum),
    "min": (graph.minimum, torch.minimum),
    "−": (lambda a, b: -a, lambda a, b: -a),
    "relu": (lambda a, b: graph.relu(a), lambda a, b: torch.relu(a)),
    "abs": (lambda a, b: abs(a), lambda a, b: torch.abs(a)),
    "constant": (lambda a, b: 0.5 - a, lambda a, b: 0.5 - a),
}
OTHERS = {
    "tanh": (lambda a, b: graph.tanh(a), lambda a, b: torch.tanh(a)),
    "sigmoid": (lambda a, b: graph.sigmoid(a), lambda a, b: torch.sigmoid(a)),
    "exp": (lambda a, b: np.exp(graph.tanh(a)), lambda a, b: torch.exp(torch.tanh(a))),
    "sin": (lambda a, b: graph.sin(a), lambda a, b: torch.sin(a)),
    "cos": (lambda a, b: np.cos(a), lambda a, b: torch.cos(a)),
    "sqrt": (lambda a, b: graph.sqrt(1 + a**2), lambda a, b: torch.sqrt(1 + a**2)),
    "log": (lambda a, b: np.log(1 + a**2), lambda a, b: torch.log(1 + a**2)),
    "/": (lambda a, b: a / (1 + b**2), lambda a, b: a / (1 + b**2)),
    "sum": (lambda a, b: graph.summed(a), lambda a, b: torch.sum(a)),
    "mean": (lambda a, b: graph.mean(a) * b, lambda a, b: torch.mean(a) * b),
}


@st.composite
def expressions(draw):
    """A list of (node, tensor), the inputs first, each from any two before it; and the inputs' values."""
    shapes = draw(
        mutually_broadcastable_shapes(num_shapes=3, min_dims=0, max_dims=2, max_side=3)
    ).input_shapes
    values = {name: draw(arrays_of(shape)) for name, shape in zip("xyz", shapes, strict=True)}
    tensors = [torch.tensor(value, dtype=torch.double, requires_grad=True) for value in values.values()]
    pairs = list(zip(graph.inputs("x y z"), tensors, strict=True))
    exact = list(pairs)
    for _ in range(draw(st.integers(1, 8))):
        name = draw(st.sampled_from([*EXACT, *OTHERS]))
        (a, t), (b, u) = (draw(st.sampled_from(exact if name in EXACT else pairs)) for _ in range(2))
        ours, theirs = (EXACT | OTHERS)[name]
        pairs.append((ours(a, b), theirs(t, u)))
        if name in EXACT:
            exact.append(pairs[-1])
    return pairs, values


def arrays_of(shape):
    return st.lists(VALUES, min_size=int(np.prod(shape)), max_size=int(np.prod(shape))).map(
        lambda values: np.array(values).reshape(shape)
    )


@given(drawn=expressions(), seed=st.integers(0, 2**32 - 1))
@settings(deadline=None, max_examples=200)
def test_every_value_and_every_gradient_is_that_of_torch(drawn, seed):
    pairs, values = drawn
    f, expected = pairs[-1]
    computing = ComputationalGraph(f)
    used = [(node, tensor) for node, tensor in pairs if node in computing.nodes]
    values = {name: value for name, value in values.items() if name in computing.inputs}
    assert_close(computing.forward(**values), expected)
    for node, tensor in used:
        assert_close(computing.values[node], tensor)

    grad = np.random.default_rng(seed).standard_normal(expected.shape)
    gradients = torch.autograd.grad(expected, [tensor for _, tensor in used], torch.tensor(grad))
    computing.backward(grad)
    computing.backward(grad)  # nothing is left over from the first
    for (node, _), gradient in zip(used, gradients, strict=True):
        assert_close(computing.gradients[node], gradient)


@given(drawn=expressions(), data=st.data(), seed=st.integers(0, 2**32 - 1))
@settings(deadline=None, max_examples=100)
def test_merged_anywhere_and_merged_again_the_gradients_stay(drawn, data, seed):
    pairs, values = drawn
    f, expected = pairs[-1]
    inside = [node for node in ComputationalGraph(f).nodes if node.constant is None and node is not f]
    parts = data.draw(st.lists(st.sampled_from(inside), max_size=2, unique=True))
    once = merge(f, *parts)
    plain, merged = (
        ComputationalGraph(f),
        ComputationalGraph(merge(once * 1 + 0) if data.draw(st.booleans()) else once),
    )
    values = {name: value for name, value in values.items() if name in plain.inputs}
    assert merged.inputs.keys() == plain.inputs.keys()

    grad = np.random.default_rng(seed).standard_normal(expected.shape)
    assert_close(merged.forward(**values), expected)
    plain.forward(**values)
    gradients, wanted = merged.backward(grad), plain.backward(grad)
    for name in plain.inputs:
        assert_allclose(gradients[name], wanted[name], rtol=1e-12, atol=1e-12 * largest(plain))
    for part in parts:
        if part in merged.nodes:
            assert merged.gradients[part].shape == plain.gradients[part].shape


def largest(computing):
    return max(1.0, *(np.abs(gradient).max() for gradient in computing.gradients.values()))


def assert_close(ours, theirs):
    theirs = theirs.detach().numpy()
    assert np.shape(ours) == theirs.shape
    assert_allclose(ours, theirs, rtol=1e-11, atol=1e-12 * max(1.0, np.abs(theirs).max()))
