"""What goes wrong in a graph, and in a student's gate, is told with the name of the node."""

import numpy as np
import pytest

from lib.graph import ComputationalGraph, Gate, Node, inputs


def test_a_cycle_is_named():
    x, y = inputs("x y")
    f = x + y
    g = (f * 2).named("g")
    f.parents = (x, g)
    with pytest.raises(ValueError, match=r"node g: .* depends on itself"):
        ComputationalGraph(g)


def test_inputs_are_bound_by_their_names():
    x, y = inputs("x y")
    computing = ComputationalGraph(x * y)
    with pytest.raises(ValueError, match=r"input 'y': expected a value, got none; call forward\(y=…\)"):
        computing.forward(x=1)
    with pytest.raises(ValueError, match="input 'z': expected one of the graph's inputs, x, y"):
        computing.forward(x=1, y=2, z=3)
    with pytest.raises(ValueError, match="inputs, none"):
        ComputationalGraph(Node(constant=np.ones(()))).forward(x=1)
    with pytest.raises(ValueError, match="input 'x': expected one node of this name, got two"):
        ComputationalGraph(x + inputs("x")[0])
    for outputs in [(), ((x, y),), (3,)]:
        with pytest.raises(ValueError, match="outputs: expected nodes"):
            ComputationalGraph(*outputs)


def test_backward_comes_after_forward():
    (x,) = inputs("x")
    computing = ComputationalGraph(x * [1, 2])
    with pytest.raises(RuntimeError, match=r"^backward: expected forward before it"):
        computing.backward()
    computing.forward(x=1)
    with pytest.raises(
        ValueError, match=r"output x \* \[1, 2\]: expected one number, got an array of shape \(2,\); pass"
    ):
        computing.backward()
    with pytest.raises(ValueError, match=r"grads: expected the shapes of the outputs, \(2,\), got \(3,\)"):
        computing.backward([1, 2, 3])
    with pytest.raises(ValueError, match="grads: expected a number"):
        computing.backward("one")


def test_shapes_that_do_not_fit_name_the_node():
    a, b, W = inputs("a b W")
    with pytest.raises(
        ValueError, match=r"node a \+ b: expected a result from forward for a \(2,\), b \(3,\), got "
    ):
        ComputationalGraph((a + b) * W).forward(a=[1, 2], b=[1, 2, 3], W=1)
    with pytest.raises(
        ValueError, match=r"node W @ a: expected a result from forward for W \(2, 3\), a \(2,\)"
    ):
        ComputationalGraph(W @ a).forward(W=np.ones((2, 3)), a=[1, 2])
    with pytest.raises(
        ValueError, match=r"node W @ a: .* A, B: expected matrices or vectors, got 2 and 0 axes"
    ):
        ComputationalGraph(W @ a).forward(W=np.ones((2, 3)), a=1)


def test_a_failing_forward_leaves_nothing_half_done():
    a, b = inputs("a b")
    computing = ComputationalGraph(a + b)
    computing.forward(a=1, b=2)
    with pytest.raises(ValueError, match="expected a value, got none"):
        computing.forward(a=1)
    assert computing.backward() == {"a": 1, "b": 1}  # that call changed nothing
    with pytest.raises(ValueError, match="expected a result from forward"):
        computing.forward(a=[1, 2], b=[1, 2, 3])
    assert computing.values == computing.gradients == {}
    with pytest.raises(RuntimeError, match=r"^backward: expected forward before it"):
        computing.backward()


@pytest.mark.parametrize(
    ("forward", "backward", "message"),
    [
        (lambda x: None, lambda g: g, "expected a value from forward, got None; is a return missing"),
        (lambda x: "a", lambda g: g, "what forward returned: expected a number.* got str 'a'"),
        (
            lambda x: x,
            lambda g: None,
            "expected a gradient for x from backward, got None; is a return missing",
        ),
        (lambda x: x, lambda g: (g, g), "expected 1 gradient from backward of Own, .*, x; got 2"),
        (
            lambda x: x,
            lambda g: g.sum(),
            r"expected a gradient of shape \(2,\) for x from backward, got shape \(\); has backward summed",
        ),
        (
            lambda x: x,
            lambda g: np.ones((4, 2)),
            r"expected a gradient of shape \(2,\) for x from backward, got shape \(4, 2\)",
        ),
        (
            lambda x: x,
            lambda g: 1 / 0,
            "a result from backward for .*, got ZeroDivisionError: division by zero",
        ),
        (lambda x: x.missing, lambda g: g, "expected a result from forward for .*, got AttributeError"),
        (lambda x: np.add(x, 1, out=x), lambda g: g, "expected a result from forward for .* read-only"),
        (
            lambda x: x + 1,
            lambda g: np.multiply(g, 2, out=g),
            "a result from backward for .* read-only",
        ),
    ],
)
def test_what_a_students_gate_does_wrong_is_told_with_its_name(forward, backward, message):
    class Own(Gate):
        def forward(self, x):
            return forward(x)

        def backward(self, grad):
            return backward(grad)

    (x,) = inputs("x")
    computing = ComputationalGraph(Own()(x))
    with pytest.raises(ValueError, match=rf"node own\(x\).*{message}"):
        (computing.forward(x=[1, 2]), computing.backward([1, 1]))
    assert computing.gradients == {}


def test_a_gate_without_forward_or_with_too_few_outputs_says_so():
    class Empty(Gate):
        outputs = 2

    class Single(Empty):
        def forward(self, x):
            return x

    (x,) = inputs("x")
    with pytest.raises(ValueError, match=r"Empty: write forward\(self, …\)"):
        ComputationalGraph(Empty()(x)[0]).forward(x=1)
    with pytest.raises(ValueError, match=r"node single\(x\): expected 2 values from forward, got"):
        ComputationalGraph(Single()(x)[0]).forward(x=1)
