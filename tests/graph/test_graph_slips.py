"""What people write where a node has no value yet, or a gate is meant: each slip is told by its name."""

import cmath
import math

import numpy as np
import pytest

from lib import graph
from lib.graph import ComputationalGraph, Gate, inputs, merge


class Div(Gate):
    def forward(self, x, y):
        self.y, self.output = y, x / y
        return self.output

    def backward(self, grad):
        return grad / self.y, -grad * self.output / self.y


class Scale(Gate):
    """A gate with an argument of its own."""

    def __init__(self, factor=2.0):
        self.factor = factor

    def forward(self, x):
        return self.factor * x

    def backward(self, grad):
        return self.factor * grad


A, B = inputs("a b")


@pytest.mark.parametrize(
    ("slip", "message"),
    [
        (lambda: Div(A, A), r"Div: expected a gate to be made first, got Div\(a, a\); write Div\(\)\(a, a\)"),
        (lambda: Div(A, 2), r"write Div\(\)\(a, 2\)"),
        (lambda: Div(3.0, 4.0), r"write Div\(\)\(3\.0, 4\.0\)"),
        (lambda: Div(x=A, y=A), r"got Div\(x=a, y=a\)"),
        (lambda: graph.MultiplyGate(A + 1, B), r"write MultiplyGate\(\)\(a \+ 1, b\)"),
        (lambda: Scale(A), r"write Scale\(\)\(a\)"),
        (lambda: Scale(factor=A), r"Scale: expected a gate to be made first, got Scale\(factor=a\)"),
    ],
)
def test_a_gate_called_with_nodes_before_it_is_made_is_named(slip, message):
    with pytest.raises(TypeError, match=message):
        slip()


def test_gates_are_made_with_arguments_of_their_own_as_before():
    assert ComputationalGraph(Scale(3)(A)).forward(a=2) == 6
    assert ComputationalGraph(Scale(factor=4)(A)).forward(a=2) == 8
    assert ComputationalGraph(Div()(A, A)).forward(a=2) == 1


@pytest.mark.parametrize(
    ("slip", "message"),
    [
        (lambda: A + Div, r"operand: expected a node or a number, got Div; call it first: Div\(\)\(…\)"),
        (
            lambda: Div() * A,
            r"operand: expected a node or a number, got Div\(\); call it first: Div\(\)\(…\)",
        ),
        (lambda: A - graph.exp, r"got exp; call it first: exp\(…\)"),
        (lambda: graph.maximum(A, graph.relu), r"got relu; call it first: relu\(…\)"),
        (lambda: Div()(A, graph.SumGate), r"got SumGate; call it first: SumGate\(\)\(…\)"),
        (lambda: Div()(A), "Div: expected 2 values for forward, got 1"),
        (lambda: Div()(A, B, A), "Div: expected 2 values for forward, got 3"),
        (lambda: [A, B] * A, r"operand: expected a number or an array of numbers, got list \[a, b\]"),
        (lambda: merge(A * B, "σ"), r"parts: expected nodes inside a \* b, got 'σ'; .*symbol='σ'"),
        (lambda: merge(3), "expression: expected a node such as x \\* y, got 3"),
        (lambda: ComputationalGraph(A).forward(a=B), "input 'a': expected a number .* got Node b"),
        (lambda: ComputationalGraph(A).forward(a=[B, 1]), "input 'a': expected a number .* got list"),
    ],
)
def test_a_gate_or_function_that_was_not_called_is_named(slip, message):
    with pytest.raises(ValueError, match=message):
        slip()


@pytest.mark.parametrize(
    ("slip", "message"),
    [
        (lambda: math.exp(A), r"for math\.exp\(x\) write exp\(x\), from lib\.graph"),
        (lambda: math.sin(A * B), r"got the node a \* b, which has no value yet; for math"),
        (lambda: math.floor(A), "which has no value yet"),
        (lambda: math.factorial(A), "which has no value yet"),
        (lambda: cmath.exp(A), "which has no value yet"),
        (lambda: float(A), r"float\(…\).*: expected a number, got the node a, which has no value yet"),
        (lambda: int(A), "which has no value yet"),
        (lambda: complex(A), "which has no value yet"),
        (lambda: round(A), r"round\(…\): .* round what forward returns"),
        (lambda: round(A, 2), r"round\(…\)"),
        (lambda: range(A), "which has no value yet"),
        (lambda: [1, 2][A], "which has no value yet"),
        (lambda: "yes" if A else "no", r"if, while, and, or: expected a number, got the node a"),
        (lambda: A and B, "if, while, and, or"),
        (lambda: not A, "if, while, and, or"),
        (lambda: A < B, r"a comparison: expected numbers, got .*; compare what forward returns; .* maximum"),
        (lambda: 1 if A >= 0 else 2, "a comparison: .*; compare what forward returns"),
        (lambda: 0 < A, "a comparison"),  # noqa: SIM300
        (lambda: max(A, B), "write maximum, minimum"),
        (lambda: sorted([A, B]), "write maximum, minimum"),
        (lambda: list(A), r"a loop, len\(…\) or an index"),
        (lambda: len(A), r"a loop, len\(…\) or an index"),
        (lambda: A[0], "a node stands for a whole array"),
        (lambda: {**dict.fromkeys(A)}, "a node stands for a whole array"),
        (lambda: sum(A), "a node stands for a whole array"),
        (lambda: A // 2, "got // or %; neither has a gate"),
        (lambda: 7 % A, "got // or %; neither has a gate"),
        (lambda: A ^ 2, r"got \^; for a power write x \*\* 2"),
        (lambda: np.array(A), r"np\.array\(…\): expected a number, got the node a"),
        (lambda: np.array([A, B]), r"np\.array\(…\)"),
        (lambda: np.asarray([1.0, A]), r"np\.array\(…\)"),
        (lambda: np.float64(A), "which has no value yet"),
        (
            lambda: np.spacing(A),
            r"np\.spacing: expected a function that has a gate.*these have one: absolute, add",
        ),
        (lambda: np.arctan2(A, 1), r"np\.arctan2: expected a function that has a gate"),
        (lambda: np.ones(2) < A, r"np\.less: expected a function that has a gate"),
        (lambda: np.add.reduce(A), r"np\.add\.reduce: expected a function that has a gate"),
        (lambda: np.max(A), r"np\.max: expected a function that has a gate"),
        (lambda: np.dot(A, B), r"np\.dot: expected a function that has a gate"),
        (lambda: np.where(A, 1, 2), r"np\.where: expected a function that has a gate"),
        (lambda: np.concatenate([A, B]), r"np\.concatenate: expected a function that has a gate"),
        (lambda: np.sum(A, axis=0), r"np\.sum: expected nodes, numbers and arrays only, got axis=…"),
        (lambda: np.exp(A, where=True), r"np\.exp: expected nodes, numbers and arrays only, got where=…"),
        (lambda: np.add(np.ones(2), A, out=np.ones(2)), r"np\.add: .* write a = a \+ x, not a \+= x"),
    ],
)
def test_what_needs_a_number_says_that_a_node_has_none_yet(slip, message):
    with pytest.raises(TypeError, match=message):
        slip()


def test_an_array_does_not_take_a_node_in_place():
    array = np.ones(2)
    with pytest.raises(TypeError, match=r"write a = a \+ x, not a \+= x"):
        array += A
    node = A
    node += array
    assert repr(node) == "a + [1, 1]"


def test_functions_of_numpy_and_python_that_have_a_gate_make_nodes():
    (x,) = inputs("x")
    values = np.array([[0.25, 4.0]])
    pairs = {
        "abs(x)": (abs(x), np.abs(x), np.absolute(x), graph.absolute(x)),
        "sqrt(x)": (np.sqrt(x), graph.sqrt(x)),
        "sin(x)": (np.sin(x), graph.sin(x)),
        "cos(x)": (np.cos(x), graph.cos(x)),
        "sum(x)": (np.sum(x), graph.summed(x)),
        "mean(x)": (np.mean(x), graph.mean(x)),
        "x ** 2": (pow(x, 2), np.power(x, 2), x**2),
        "-x": (np.negative(x), -x),
    }
    for text, nodes in pairs.items():
        expected = ComputationalGraph(graph.parse(text)).forward(x=values)
        for node in nodes:
            assert repr(node) == text
            np.testing.assert_array_equal(ComputationalGraph(node).forward(x=values), expected)
    assert repr(sum([x, x])) == "0 + x + x"
    assert repr(math.prod([x, x])) == "1 * x * x"


# What a gate hands back.


def own(count, backward):
    """A gate of `count` values, with this backward, in a graph that has run forward."""

    class Own(Gate):
        def forward(self, *values):
            return sum(values)

    Own.backward = lambda self, grad: backward(grad)
    names = " ".join("xyz"[:count])
    computing = ComputationalGraph(Own()(*inputs(names)))
    computing.forward(**dict.fromkeys(names.split(), np.ones(2)))
    return computing


@pytest.mark.parametrize(
    ("count", "backward", "message"),
    [
        (1, lambda g: None, r"expected a gradient for x from backward, got None; is a return missing\?"),
        (2, lambda g: None, r"expected 2 gradients from backward of Own, .*, x, y; got None; is a return"),
        (2, lambda g: (g, None), "expected a gradient for y from backward, got None"),
        (2, lambda g: g, "expected 2 gradients from backward of Own, one for each value .*, x, y; got 1"),
        (3, lambda g: (g, g), "expected 3 gradients from backward of Own, .*, x, y, z; got 2"),
        (2, lambda g: [g, g, g], "expected 2 gradients from backward of Own, .*, x, y; got 3"),
        (1, lambda g: (), "expected 1 gradient from backward of Own, .*, x; got 0"),
        (
            1,
            lambda g: 3.0,
            r"expected a gradient of shape \(2,\) for x .*, got shape \(\); has backward summ",
        ),
        (1, lambda g: g.sum(), r"expected a gradient of shape \(2,\) for x from backward, got shape \(\)"),
        (2, lambda g: (g, np.ones(3)), r"expected a gradient of shape \(2,\) for y .*, got shape \(3,\)$"),
        (1, lambda g: "g", "what backward returned: expected a number or an array of numbers, got str 'g'"),
        (1, lambda g: g + A, "what backward returned: expected a number or an array of numbers, got Node"),
    ],
)
def test_a_gate_that_hands_back_something_else_is_told_what_was_expected(count, backward, message):
    with pytest.raises(ValueError, match=rf"^node own\(.*{message}"):
        own(count, backward).backward(np.ones(2))


def test_a_gradient_of_nothing_may_be_the_number_0():
    gradients = own(2, lambda g: (g, 0)).backward(np.ones(2))
    np.testing.assert_array_equal(gradients["y"], np.zeros(2))


def test_forward_without_self_is_named():
    class NoSelf(Gate):
        def forward(x):
            return x

    with pytest.raises(ValueError, match=r"NoSelf: expected 0 values for forward, got 1; is self missing in"):
        NoSelf()(A)


@pytest.mark.parametrize(
    ("values", "call"),
    [
        ((1.0, 2.0), r"forward\(a=1\.0, b=2\.0\)"),
        ((1,), r"forward\(a=1, b=…\)"),
        ((np.ones(3), 2), r"forward\(a=…, b=2\)"),
        (({"a": 1, "b": 2},), r"forward\(a=…, b=…\)"),
        ((1, 2, 3), r"forward\(a=1, b=2\)"),
    ],
)
def test_values_without_a_name_are_answered_by_a_call_with_names(values, call):
    with pytest.raises(
        TypeError, match=rf"expected values by name, got {len(values)} without; write {call}$"
    ):
        graph.ComputationalGraph(A * B).forward(*values)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ([1, 2], "[1, 2]"),
        ([0.5, -3.0], "[0.5, -3]"),
        ([], "[]"),
        (range(4), "[0, 1, 2, 3]"),
        (range(5), "[5 numbers]"),
        ([[1, 2]], "[1 × 2 numbers]"),
    ],
)
def test_an_array_in_an_expression_does_not_look_like_a_call(value, shown):
    (a,) = inputs("a")
    assert repr(a * np.array(value, float)) == f"a * {shown}"
