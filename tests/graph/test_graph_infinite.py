"""Infinite values and gradients: where torch gives 0, or a number, so does the graph; never 0 · ∞ = nan."""

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from lib import graph
from lib.graph import ComputationalGraph, inputs

WILD = st.sampled_from([-np.inf, -2.0, -1.0, 0.0, 1.0, 2.0, np.inf])
BENDS = {  # gates that let a gradient pass, or stop it
    "relu": (lambda a, b: graph.relu(a), lambda a, b: torch.relu(a)),
    "max": (graph.maximum, torch.maximum),
    "min": (graph.minimum, torch.minimum),
    "max with 0": (lambda a, b: graph.maximum(0, a), lambda a, b: torch.maximum(torch.zeros(()).double(), a)),
}
SMOOTH = {
    "abs": (lambda a, b: abs(a), lambda a, b: torch.abs(a)),
    "sqrt": (lambda a, b: graph.sqrt(a), lambda a, b: torch.sqrt(a)),
    "exp": (lambda a, b: graph.exp(a), lambda a, b: torch.exp(a)),
    "log": (lambda a, b: graph.log(a), lambda a, b: torch.log(a)),
    "tanh": (lambda a, b: graph.tanh(a), lambda a, b: torch.tanh(a)),
    "sigmoid": (lambda a, b: graph.sigmoid(a), lambda a, b: torch.sigmoid(a)),
    "sin": (lambda a, b: graph.sin(a), lambda a, b: torch.sin(a)),
    "cos": (lambda a, b: graph.cos(a), lambda a, b: torch.cos(a)),
    "+": (lambda a, b: a + b, torch.add),
    "-": (lambda a, b: a - b, torch.sub),
    "*": (lambda a, b: a * b, torch.mul),
    "/": (lambda a, b: a / b, torch.div),
    "x ** 0": (lambda a, b: a**0, lambda a, b: a ** torch.zeros(()).double()),
    "x ** 2": (lambda a, b: a**2, lambda a, b: a ** torch.full((), 2.0).double()),
}


def both(ours, theirs, a, b, upstream):
    """Gradients of the graph, and those of torch, by name."""
    computing = ComputationalGraph(ours(*inputs("x y")))
    computing.forward(**{name: value for name, value in (("x", a), ("y", b)) if name in computing.inputs})
    tensors = [torch.tensor(value, dtype=torch.double, requires_grad=True) for value in (a, b)]
    output = theirs(*tensors)
    gradients = torch.autograd.grad(output, tensors, torch.tensor(upstream).double(), allow_unused=True)
    wanted = {name: grad.numpy() for name, grad in zip("xy", gradients, strict=True) if grad is not None}
    return computing.backward(upstream), wanted


@pytest.mark.parametrize("name", [*BENDS, *SMOOTH])
@given(a=WILD | st.just(np.nan), b=WILD | st.just(np.nan), upstream=WILD)
@settings(deadline=None, max_examples=60)
def test_an_infinite_upstream_gradient_gives_what_torch_gives(name, a, b, upstream):
    assume(not (name == "abs" and np.isnan(a)))  # torch calls the sign of nan 0
    mine, wanted = both(*(BENDS | SMOOTH)[name], a, b, upstream)
    assert mine.keys() == wanted.keys()
    for which in mine:
        np.testing.assert_allclose(mine[which], wanted[which], rtol=1e-12, err_msg=which)


@pytest.mark.parametrize(
    ("build", "theirs"),
    [
        (lambda a: graph.log(graph.relu(a)), lambda a: torch.log(torch.relu(a))),
        (lambda a: graph.sqrt(graph.relu(a)), lambda a: torch.sqrt(torch.relu(a))),
        (lambda a: 1 / graph.relu(a), lambda a: 1 / torch.relu(a)),
        (lambda a: graph.log(graph.maximum(a, 0)), lambda a: torch.log(torch.clamp(a, min=0))),
        (lambda a: graph.log(-graph.minimum(-a, 0)), lambda a: torch.log(-torch.clamp(-a, max=0))),
        (lambda a: graph.relu(a) ** 0.5, lambda a: torch.relu(a) ** 0.5),
        (lambda a: graph.log(graph.relu(graph.relu(a))), lambda a: torch.log(torch.relu(torch.relu(a)))),
    ],
)
@pytest.mark.parametrize("a", [-1.0, -1e-300, -np.inf, [-1.0, -2.0]])
def test_what_relu_or_max_stops_stays_stopped_whatever_stands_behind_it(build, theirs, a):
    """log(relu(a)) at a = −1: log hands ∞ to relu, which hands on 0, as torch's does."""
    (x,) = inputs("x")
    computing = ComputationalGraph(build(x))
    output = computing.forward(x=a)
    gradient = computing.backward(np.ones_like(output))["x"]
    tensor = torch.tensor(a, dtype=torch.double, requires_grad=True)
    theirs(tensor).sum().backward()
    assert_array_equal(gradient, np.zeros(np.shape(a)))
    if np.isfinite(a).all():
        assert_array_equal(gradient, np.nan_to_num(tensor.grad.numpy(), nan=0))


def test_the_values_of_infinite_gradients_in_a_trace_are_the_same():
    (x,) = inputs("x")
    computing = ComputationalGraph(graph.log(graph.relu(x)))
    computing.forward(x=-1)
    computing.backward()
    log, relu = [step for step in computing.trace() if step.phase == "backward"]
    assert (log.given, relu.taken, relu.given) == ((np.inf,), (np.inf,), (0,))
