"""Every gate beside torch, and against finite differences; shapes, values, upstream gradients are drawn."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays, mutually_broadcastable_shapes
from numpy.testing import assert_allclose
from swap import Swap

from lib import graph
from lib.graph import ComputationalGraph, Gate, check_gate

SEEDS = st.integers(0, 2**32 - 1)
VALUES = st.integers(-24, 24).map(lambda i: i / 8)  # a grid: zeros and ties are common
POSITIVE = st.integers(1, 24).map(lambda i: i / 8)
UNARY = {
    graph.NegateGate: torch.neg,
    graph.ExpGate: torch.exp,
    graph.LogGate: torch.log,
    graph.SigmoidGate: torch.sigmoid,
    graph.TanhGate: torch.tanh,
    graph.ReluGate: torch.relu,
    graph.AbsGate: torch.abs,
    graph.SqrtGate: torch.sqrt,
    graph.SinGate: torch.sin,
    graph.CosGate: torch.cos,
    graph.SumGate: torch.sum,
    graph.MeanGate: torch.mean,
}
BINARY = {
    graph.AddGate: torch.add,
    graph.SubtractGate: torch.sub,
    graph.MultiplyGate: torch.mul,
    graph.DivideGate: torch.div,
    graph.PowerGate: torch.pow,
    graph.MaxGate: torch.maximum,
    graph.MinGate: torch.minimum,
}
LOSSES = {
    graph.HingeGate: lambda scores, y: F.multi_margin_loss(scores, y) * scores.shape[-1],
    graph.SoftmaxCrossEntropyGate: F.cross_entropy,
}


def name_of(value):
    return getattr(value, "__name__", "")


def assert_like_torch(gate, theirs, *values, labels=None, seed=0):
    """Output and every gradient, for a random upstream gradient."""
    nodes = graph.inputs(" ".join("ab"[: len(values)]))
    ours = ComputationalGraph(gate()(*nodes) if labels is None else gate()(*nodes, labels))
    output = ours.forward(**dict(zip("ab", values, strict=False)))

    tensors = [torch.tensor(value, dtype=torch.double, requires_grad=True) for value in values]
    expected = theirs(*tensors) if labels is None else theirs(*tensors, torch.tensor(labels))
    grad = np.random.default_rng(seed).standard_normal(expected.shape)
    gradients = torch.autograd.grad(expected, tensors, torch.tensor(grad))

    assert np.shape(output) == tuple(expected.shape)
    assert_allclose(output, expected.detach().numpy(), rtol=1e-13, atol=1e-13)
    for ours_in, theirs_in in zip(ours.backward(grad).values(), gradients, strict=True):
        assert np.shape(ours_in) == tuple(theirs_in.shape)
        assert_allclose(ours_in, theirs_in.numpy(), rtol=1e-12, atol=1e-11)


@pytest.mark.parametrize(("gate", "theirs"), UNARY.items(), ids=name_of)
@given(
    x=arrays(np.float64, array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3), elements=VALUES),
    seed=SEEDS,
)
@settings(deadline=None, max_examples=25)
def test_gates_of_one_value_are_those_of_torch(gate, theirs, x, seed):
    assert_like_torch(gate, theirs, x, seed=seed)


@pytest.mark.parametrize(("gate", "theirs"), BINARY.items(), ids=name_of)
@given(data=st.data(), seed=SEEDS)
@settings(deadline=None, max_examples=30)
def test_gates_of_two_values_are_those_of_torch_however_the_shapes_broadcast(gate, theirs, data, seed):
    shapes = data.draw(
        mutually_broadcastable_shapes(num_shapes=2, min_dims=0, max_dims=3, max_side=3)
    ).input_shapes
    left = POSITIVE if gate is graph.PowerGate else VALUES
    x, y = (data.draw(arrays(np.float64, shapes[i], elements=(left, VALUES)[i])) for i in (0, 1))
    assert_like_torch(gate, theirs, x, y, seed=seed)


@given(x=st.integers(-16, 0).map(lambda i: i / 8), p=st.integers(-32, 32).map(lambda i: i / 8))
@settings(deadline=None)
def test_a_power_of_a_negative_number_has_the_slope_of_torch_in_x_and_none_in_p(x, p):
    a, b = graph.inputs("a b")
    ours = ComputationalGraph(a**b)
    tensor = torch.tensor(x, dtype=torch.double, requires_grad=True)
    expected = tensor**p
    expected.backward()
    assert_allclose(ours.forward(a=x, b=p), expected.item(), rtol=1e-13)
    assert_allclose(ours.backward()["a"], tensor.grad.item(), rtol=1e-13)
    assert ours.backward()["b"] == 0


@given(sizes=st.tuples(*[st.integers(0, 4)] * 3), left=st.booleans(), right=st.booleans(), seed=SEEDS)
@settings(deadline=None, max_examples=40)
def test_matrix_products_are_those_of_torch_vectors_included(sizes, left, right, seed):
    n, k, m = sizes
    rng = np.random.default_rng(seed)
    A, B = rng.standard_normal((n, k) if left else k), rng.standard_normal((k, m) if right else k)
    assert_like_torch(graph.MatMulGate, torch.matmul, A, B, seed=seed)


@pytest.mark.parametrize(("gate", "theirs"), LOSSES.items(), ids=name_of)
@given(data=st.data(), rows=st.none() | st.integers(1, 4), classes=st.integers(1, 4), seed=SEEDS)
@settings(deadline=None, max_examples=40)
def test_losses_are_those_of_torch_for_one_example_and_for_many(gate, theirs, data, rows, classes, seed):
    shape = (classes,) if rows is None else (rows, classes)
    scores = data.draw(arrays(np.float64, shape, elements=VALUES))
    labels = data.draw(arrays(np.int64, shape[:-1], elements=st.integers(0, classes - 1)))
    assert_like_torch(gate, theirs, scores, labels=labels, seed=seed)


def test_cross_entropy_of_huge_scores_does_not_overflow():
    assert_like_torch(
        graph.SoftmaxCrossEntropyGate, F.cross_entropy, np.array([1e4, -1e4, 0.0]), labels=np.array(1)
    )


@given(x=st.floats(-800, 800))
@settings(deadline=None)
def test_sigmoid_is_exact_in_its_tails(x):
    (node,) = graph.inputs("x")
    expected = torch.sigmoid(torch.tensor(x, dtype=torch.double)).item()
    assert_allclose(ComputationalGraph(graph.sigmoid(node)).forward(x=x), expected, rtol=1e-13, atol=1e-300)


@pytest.mark.parametrize("gate", [*UNARY, *BINARY, graph.MatMulGate], ids=name_of)
@given(data=st.data(), seed=SEEDS)
@settings(deadline=None, max_examples=8)
def test_every_gate_agrees_with_finite_differences(gate, data, seed):
    rng = np.random.default_rng(seed)
    if gate in UNARY:
        shapes = [data.draw(array_shapes(min_dims=0, max_dims=3, max_side=3))]
    elif gate in BINARY:
        shapes = data.draw(mutually_broadcastable_shapes(num_shapes=2, min_dims=0, max_dims=2, max_side=3))[0]
    else:
        n, k, m = data.draw(st.tuples(*[st.integers(1, 3)] * 3))
        shapes = data.draw(st.sampled_from([[(n, k), (k, m)], [(k,), (k, m)], [(n, k), (k,)], [(k,), (k,)]]))
    positive = gate in (graph.LogGate, graph.SqrtGate, graph.PowerGate, graph.DivideGate)
    values = [rng.uniform(0.5, 2, shape) if positive else rng.normal(size=shape) for shape in shapes]
    check_gate(gate(), *values, seed=seed).raise_if_wrong()


@pytest.mark.parametrize("gate", LOSSES, ids=name_of)
@given(rows=st.none() | st.integers(1, 3), classes=st.integers(1, 4), seed=SEEDS)
@settings(deadline=None, max_examples=10)
def test_losses_agree_with_finite_differences(gate, rows, classes, seed):
    rng = np.random.default_rng(seed)
    shape = (classes,) if rows is None else (rows, classes)
    labels = rng.integers(classes, size=shape[:-1])
    check_gate(gate(), rng.normal(size=shape), labels, fixed=["labels"]).raise_if_wrong()


@pytest.mark.parametrize(
    ("expression", "value", "gradient"),
    [
        (lambda x: 1 / x, np.inf, -np.inf),
        (lambda x: graph.log(x), -np.inf, np.inf),
        (lambda x: graph.log(x - 1), np.nan, -1.0),
        (lambda x: x / x, np.nan, np.nan),
        (lambda x: (x - 4) ** 0.5, np.nan, np.nan),
        (lambda x: graph.exp(x + 1000), np.inf, np.inf),
    ],
)
@pytest.mark.filterwarnings("error")
def test_what_has_no_finite_value_gives_inf_or_nan_and_no_warning(expression, value, gradient):
    (x,) = graph.inputs("x")
    ours = ComputationalGraph(expression(x))
    assert_allclose(ours.forward(x=0), value)
    assert_allclose(ours.backward()["x"], gradient)


@pytest.mark.parametrize("name", ["hinge", "cross_entropy"])
@pytest.mark.parametrize(
    ("scores", "labels", "message"),
    [
        ([1.0, 2.0], 2, "labels: expected whole numbers from 0 to 1, got 2"),
        ([1.0, 2.0], 0.5, r"got 0\.5"),
        ([1.0, 2.0], np.nan, "got nan"),
        ([[1.0, 2.0]], -1, "N labels"),
        ([[1.0, 2.0]], [-1], "got -1"),
        (1.0, 0, "scores, labels: expected"),
    ],
)
def test_wrong_labels_are_explained(name, scores, labels, message):
    s, y = graph.inputs("s y")
    with pytest.raises(ValueError, match=rf"node {name}\(s, y\): expected a result from forward .*{message}"):
        ComputationalGraph(getattr(graph, name)(s, y)).forward(s=scores, y=labels)


def test_check_gate_explains_each_argument_by_its_name():
    class Wrong(Gate):
        def forward(self, left, right):
            self.left, self.right = left, right
            return left * right

        def backward(self, grad):
            return 2 * grad * self.right, grad * self.left

    report = check_gate(Wrong(), [1.0, 2.0], [[3.0], [5.0]])
    assert not report
    assert "twice the expected gradient" in str(report["left"])
    assert report["right"].ok
    with pytest.raises(ValueError, match=r"^fixed: expected some of left, right, got 'labels'$"):
        check_gate(Wrong(), 1.0, 2.0, fixed=["labels"])


def test_check_gate_takes_several_outputs_any_number_of_values_and_merged_gates():
    class Total(Gate):
        def forward(self, *x):
            self.count = len(x)
            return sum(x)

        def backward(self, grad):
            return (grad,) * self.count

    assert check_gate(Swap(), [1.0, 2.0], 3.0)
    assert [part.name for part in check_gate(Total(), 1, 2, 3).raise_if_wrong().comparisons] == [
        "x0",
        "x1",
        "x2",
    ]
    a, b = graph.inputs("a b")
    assert check_gate(graph.merge(graph.sigmoid(a * b) + a).gate, 0.5, -2.0)


def test_check_gate_finds_a_gate_that_accumulates():
    class Forgetful(Gate):
        def __init__(self):
            self.total = 0.0

        def forward(self, x):
            self.x = x
            return x**2

        def backward(self, grad):
            self.total = self.total + 2 * self.x * grad
            return self.total

    assert "accumulates over calls" in str(check_gate(Forgetful(), 3.0))


def test_check_gate_calls_an_argument_by_its_own_name_in_everything_it_says():
    class Restless(graph.MultiplyGate):
        calls = 0

        def backward(self, grad):
            self.calls += 1
            return grad * self.y, grad * self.x * self.calls

    (problem,) = check_gate(Restless(), 3.0, -4.0).problems
    assert problem.startswith("the gradient in y differs from one call to the next")


@given(x=st.floats(0.5, 4), y=st.floats(-4, -0.5), seed=SEEDS)
@settings(deadline=None, max_examples=25)
def test_check_gate_finds_a_forgotten_upstream_gradient_with_plain_numbers_too(x, y, seed):
    class Forgetful(graph.MultiplyGate):
        def backward(self, grad):
            return self.y, self.x

    for values in ((x, y), (np.array([x, 1.0]), np.array([y, 2.0]))):
        report = check_gate(Forgetful(), *values, seed=seed)
        assert not any(part.ok for part in report.comparisons)
        for name in "xy":
            hint = f"the gradient in {name} ignores grad_output: multiply by the upstream gradient"
            assert hint in report.notes
    check_gate(graph.MultiplyGate(), x, y, seed=seed).raise_if_wrong()
