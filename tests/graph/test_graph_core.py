"""The graph itself: the decks' numbers, branches, several outputs, loops, merging, long chains, errors."""

import copy

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from swap import Swap

from lib import graph
from lib.classifiers.losses import hinge_loss
from lib.graph import ComputationalGraph, Gate, Node, inputs, merge

SIGMOID_NEURON = {"w0": 2, "x0": -1, "w1": -3, "x1": -2, "w2": -3}


def sigmoid_neuron():
    w0, x0, w1, x1, w2 = inputs("w0 x0 w1 x1 w2")
    return 1 / (1 + graph.exp(-(w0 * x0 + w1 * x1 + w2)))


class Square(Gate):
    """A student's gate, which keeps things in a dictionary."""

    def __init__(self):
        self.cache = {}

    def forward(self, x):
        self.cache["x"] = x
        return x**2

    def backward(self, grad):
        return grad * 2 * self.cache["x"]


# The decks' examples


@pytest.mark.parametrize(
    ("point", "value", "gradients"),
    [
        ({"x": -2, "y": 5, "z": -4}, -12, {"x": -4, "y": -4, "z": 3}),
        ({"x": 1, "y": -3, "z": 4}, -8, {"x": 4, "y": 4, "z": -2}),
    ],
)
def test_the_first_example_of_the_decks(point, value, gradients):
    x, y, z = inputs("x y z")
    q = x + y
    f = q * z
    computing = ComputationalGraph(f)
    assert computing.forward(**point) == value
    assert computing.backward() == gradients
    assert computing.values[q] == point["x"] + point["y"]
    assert computing.gradients[q] == point["z"]


def test_the_sigmoid_neuron_with_all_numbers_of_the_deck():
    computing = ComputationalGraph(sigmoid_neuron())
    assert round(computing.forward(**SIGMOID_NEURON), 2) == 0.73
    steps = [step for step in computing.trace() if step.phase == "forward"]
    shown = [round(float(step.given[0]), 2) for step in steps]
    assert shown == [-2, 6, 4, 1, -1, 0.37, 1.37, 0.73]

    rounded = {name: round(float(gradient), 2) for name, gradient in computing.backward().items()}
    assert rounded == {"w0": -0.2, "x0": 0.39, "w1": -0.39, "x1": -0.59, "w2": 0.2}
    steps = [step for step in computing.trace() if step.phase == "backward"]
    upstream = [round(float(step.taken[0]), 2) for step in steps]
    assert upstream == [1, -0.53, -0.53, -0.2, 0.2, 0.2, 0.2, 0.2]
    assert [step.node.gate.symbol for step in steps] == ["/", "+", "exp", "-", "+", "+", "*", "*"]


def test_a_maximum_routes_and_a_branch_adds():
    x, y, z, w = inputs("x y z w")
    computing = ComputationalGraph((x * y + graph.maximum(z, w)) * 2)
    assert computing.forward(x=3, y=-4, z=2, w=-1) == -20
    assert computing.backward() == {"x": -8, "y": 6, "z": 2, "w": 0}
    computing = ComputationalGraph(x * x * x)
    computing.forward(x=2)
    assert computing.backward() == {"x": 12}


def test_linear_plus_hinge_plus_regulariser_is_the_classifiers_loss():
    rng = np.random.default_rng(0)
    values = {"W": rng.normal(size=(3, 4)), "X": rng.normal(size=(5, 4)), "b": np.zeros(3)}
    labels = np.array([0, 2, 1, 1, 0])
    X, W, b = inputs("X W b")
    W_transposed = Transpose()(W)
    loss = graph.hinge(X @ W_transposed + b, labels) + 0.1 * graph.summed(W * W)
    computing = ComputationalGraph(loss)
    expected, gradient = hinge_loss(values["W"], values["X"], labels, 0.1)
    assert_allclose(computing.forward(**values), expected)
    gradients = computing.backward()
    assert_allclose(gradients["W"], gradient)
    assert gradients["b"].shape == (3,)


class Transpose(Gate):
    def forward(self, x):
        return x.T

    def backward(self, grad):
        return grad.T


# Building


def test_arrays_at_either_side_of_an_operator_and_numpys_functions_make_one_node():
    (x,) = inputs("x")
    row = np.array([1.0, 2.0, 3.0])
    f = graph.summed(row * x + np.exp(x) / row - np.float64(2) * np.maximum(x, row))
    computing = ComputationalGraph(f)
    value = np.array([[0.5], [2.5]])
    assert_allclose(
        computing.forward(x=value), (row * value + np.exp(value) / row - 2 * np.maximum(value, row)).sum()
    )
    slope = (row + np.exp(value) / row - 2 * (value > row)).sum(axis=1, keepdims=True)
    assert_allclose(computing.backward()["x"], slope)


def test_an_expression_is_printed_with_the_brackets_it_needs():
    x, y, z = inputs("x y z")
    assert repr((x - (y - z)) / (x * y)) == "(x - (y - z)) / (x * y)"
    assert repr(-((-x) ** 2) + 0.1 * graph.relu(y)) == "-(-x) ** 2 + 0.1 * relu(y)"
    assert repr((x + y).named("q") * z) == "q * z"
    assert repr(ComputationalGraph(x + 1, y)) == "ComputationalGraph(x + 1, y)"


@pytest.mark.parametrize("names", ["", "x x", "2x", "x-y", "lambda", 3, None])
def test_names_are_different_words(names):
    with pytest.raises(ValueError, match="expected different names"):
        inputs(names)


def test_names_that_python_uses_too_can_be_bound():
    self, values = inputs("self, values")
    assert ComputationalGraph(self - values).forward(self=5, values=3) == 2


@pytest.mark.parametrize("operand", ["2", None, [[1], [1, 2]], 1j, object(), {}])
def test_what_is_no_number_is_refused_in_expressions_and_as_input(operand):
    (x,) = inputs("x")
    with pytest.raises(ValueError, match="operand: expected a number"):
        x + operand
    with pytest.raises(ValueError, match="input 'x': expected a number"):
        ComputationalGraph(x).forward(x=operand)


def test_a_node_has_no_truth_and_no_size_before_it_is_computed():
    x, y = inputs("x y")
    with pytest.raises(TypeError, match="no value yet"):
        bool(x)
    with pytest.raises(TypeError, match="write maximum, minimum"):
        max(x, y)
    with pytest.raises(TypeError, match=r"np\.spacing: expected a function that has a gate.*: absolute, add"):
        np.spacing(x)


def test_a_gate_takes_as_many_values_as_its_forward():
    (x,) = inputs("x")
    with pytest.raises(ValueError, match="MaxGate: expected at least 2 values for forward, got 1"):
        graph.MaxGate()(x)


# Computing


def test_repeated_calls_do_not_accumulate():
    computing = ComputationalGraph(sigmoid_neuron())
    computing.forward(**SIGMOID_NEURON)
    first = computing.backward()
    for _ in range(3):
        computing.forward(**SIGMOID_NEURON)
        assert computing.backward() == computing.backward() == first


def test_graphs_that_share_nodes_and_gates_do_not_disturb_each_other():
    x, y = inputs("x y")
    square = Square()
    part = square(x)
    first, second = ComputationalGraph(part * y), ComputationalGraph(square(y) + part + x)
    first.forward(x=2, y=3)
    second.forward(x=10, y=20)
    assert first.backward() == {"x": 12, "y": 4}
    assert second.backward() == {"x": 21, "y": 40}
    assert square.cache == {}


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy])
def test_a_copy_goes_on_from_the_same_state_and_on_its_own(duplicate):
    original = ComputationalGraph(merge(sigmoid_neuron()))
    original.forward(**SIGMOID_NEURON)
    expected = original.backward()
    twin = duplicate(original)
    original.forward(**dict.fromkeys(SIGMOID_NEURON, 0))
    original.backward()
    assert twin.backward() == expected


def test_what_is_returned_belongs_to_the_caller_and_what_is_kept_is_read_only():
    (x,) = inputs("x")
    f = graph.exp(x)
    computing = ComputationalGraph(f)
    mine = np.zeros(2)
    result = computing.forward(x=mine)
    result += 5
    mine += 7
    seed = np.ones(2)
    gradient = computing.backward(seed)["x"]
    gradient *= 100
    seed *= 3
    assert_array_equal(computing.backward(np.ones(2))["x"], [1, 1])
    assert_array_equal(computing.values[x], [0, 0])
    with pytest.raises(ValueError, match="read-only"):
        computing.values[f] += 1
    with pytest.raises(ValueError, match="read-only"):
        computing.gradients[x] += 1


def test_several_outputs_of_a_gate_used_once_twice_or_not_at_all():
    x, y = inputs("x y")
    first, second = Swap()(x, y)
    computing = ComputationalGraph(first * second + first)
    assert computing.forward(x=3, y=5) == 35
    assert computing.backward() == {"x": 10, "y": 7}
    computing = ComputationalGraph(second)
    assert computing.forward(x=3, y=[5, 6]) == 6
    gradients = computing.backward()
    assert gradients["x"] == 2
    assert_array_equal(gradients["y"], [0, 0])
    step = computing.trace()[-1]
    assert (step.taken[1], step.local) == (1, None)
    assert_array_equal(step.taken[0], [0, 0])


def test_several_outputs_of_a_graph_take_a_gradient_each():
    x, y = inputs("x y")
    computing = ComputationalGraph(x * y, x, x * y)
    assert computing.forward(x=2, y=3) == (6, 2, 6)
    assert computing.backward() == {"x": 7, "y": 4}
    assert computing.backward(1, 10, 0) == {"x": 13, "y": 2}
    with pytest.raises(
        ValueError, match=r"grads: expected the shapes of the outputs, \(\), \(\), \(\), got \(\)"
    ):
        computing.backward(1)


def test_an_input_alone_and_a_constant_alone_are_graphs():
    (x,) = inputs("x")
    computing = ComputationalGraph(x)
    assert (computing.forward(x=3), computing.backward()) == (3, {"x": 1})
    computing = ComputationalGraph(Node(constant=np.array(2.0)) * 3)
    assert (computing.forward(), computing.backward()) == (6, {})


def test_a_loop_is_unrolled():
    h, w, x = inputs("h w x")
    state = h
    for _ in range(3):
        state = state * w + x
    computing = ComputationalGraph(state)
    assert computing.forward(h=1, w=2, x=3) == 29
    assert computing.backward() == {"h": 8, "w": 12 + 3 * 5, "x": 7}


@pytest.mark.family(share=3)
def test_a_chain_of_a_hundred_thousand_nodes_is_built_computed_printed_copied_and_freed():
    (x,) = inputs("x")
    f = x
    for _ in range(34_000):
        f = -f + 1
    computing = ComputationalGraph(f)
    assert computing.forward(x=3) == 3
    assert computing.backward() == {"x": 1}
    assert repr(f) == "-(-… + 1) + 1"
    assert len(computing.trace()) == 4 * 34_000
    assert copy.deepcopy(computing).backward() == {"x": 1}
    merged = ComputationalGraph(merge(f))
    assert merged.forward(x=4) == 4
    del computing, merged, f  # and no overflow of the stack here


def test_a_doubling_a_thousand_branches_deep_is_computed_once_a_node():
    (x,) = inputs("x")
    f = x
    for _ in range(1000):
        f = f + f
    computing = ComputationalGraph(f)
    assert computing.forward(x=1) == 2.0**1000
    assert computing.backward() == {"x": 2.0**1000}
    assert len(repr(f)) < 200


@given(x=st.floats(-5, 5), y=st.floats(-5, 5))
def test_a_step_gives_upstream_times_local(x, y):
    a, b = inputs("a b")
    computing = ComputationalGraph(graph.tanh(a * b) / (a**2 + 1) - graph.sigmoid(b))
    computing.forward(a=x, b=y)
    computing.backward()
    total = dict.fromkeys(computing.nodes, 0.0)
    for step in computing.trace():
        if step.phase == "backward":
            for parent, given, local in zip(step.node.parents, step.given, step.local, strict=True):
                assert_allclose(given, step.taken[0] * local, rtol=1e-12, atol=1e-300)
                total[parent] += given
    for node in computing.nodes[:-1]:
        assert_allclose(total[node], computing.gradients[node], rtol=1e-12, atol=1e-300)


def test_the_trace_has_what_was_computed_so_far():
    x, y = inputs("x y")
    computing = ComputationalGraph(x * y + 1)
    assert computing.trace() == []
    computing.forward(x=[2, 3], y=4)
    assert [(step.phase, repr(step.node)) for step in computing.trace()] == [
        ("forward", "x * y"),
        ("forward", "x * y + 1"),
    ]
    computing.backward([1, 10])
    last = computing.trace()[-1]
    assert (last.phase, last.local) == ("backward", None)
    assert_array_equal(last.taken[0], [1, 10])
    assert_array_equal(last.given[0], [4, 40])
    assert last.given[1] == 32


# Merging


def test_merged_nodes_give_the_same_gradients():
    neuron = sigmoid_neuron()
    plain, merged = ComputationalGraph(neuron), ComputationalGraph(merge(neuron, symbol="neuron"))
    assert plain.forward(**SIGMOID_NEURON) == merged.forward(**SIGMOID_NEURON)
    assert plain.backward() == merged.backward()
    assert repr(merged.outputs[0]) == "neuron(w0, x0, w1, x1, w2)"


def test_a_merged_gate_may_begin_at_inner_parts():
    w0, x0, w1, x1, w2 = inputs("w0 x0 w1 x1 w2")
    score = w0 * x0 + w1 * x1 + w2
    merged = ComputationalGraph(merge(1 / (1 + graph.exp(-score)), score, symbol="σ"))
    merged.forward(**SIGMOID_NEURON)
    merged.backward()
    assert round(float(merged.gradients[score]), 2) == 0.2
    labels = [step.node.gate.label for step in merged.trace() if step.phase == "backward"]
    assert labels == ["σ", "+", "+", "*", "*"]


def test_a_merged_gate_keeps_its_inner_gradients_after_a_trace():
    (x,) = inputs("x")
    inner = x * x
    node = merge(inner + 1) * 10
    computing = ComputationalGraph(node)
    computing.forward(x=3)
    computing.backward()
    computing.trace()
    inside = computing.gates[node.parents[0]].graph
    assert next(iter(inside.gradients.values())) == 10
    assert inside.backward(10) == {"x": 60}


def test_a_part_that_is_not_inside_is_refused():
    x, y = inputs("x y")
    with pytest.raises(ValueError, match=r"parts: expected nodes inside x \+ 1, got y"):
        merge(x + 1, y)
