"""The numbers of assignment 2's examples by hand come out of the right answers."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from lib.tasks import find_task
from lib.tasks.known import has_answers


def right(name):
    """The reference of a task: its functions and classes in order."""
    task = find_task(name)
    assert has_answers(task)
    return task.given()


def test_gates():
    _, Multiply, Max, Sigmoid = right("a2.gates")
    gate = Multiply()
    assert (gate.forward(2, -3, 4), gate.backward(0.5)) == (-24, (-6, 4, -3))
    gate = Max()
    assert (gate.forward(1, 5, 5), gate.backward(3)) == (5, (0, 1.5, 1.5))
    gate = Sigmoid()
    assert_allclose((gate.forward(2), *gate.backward(2)), (0.8808, 0.2100), atol=5e-5)


def test_graph():
    Add, Multiply, _, _ = right("a2.gates")
    (Graph,) = right("a2.graph")
    nodes = {"f": (Multiply(), ["q", "z"]), "g": (Multiply(), ["q", "q"]), "q": (Add(), ["x", "y"])}
    graph = Graph(nodes)
    point = {"x": -2.0, "y": 5.0, "z": -4.0}
    assert graph.forward(point) == {**point, "q": 3, "f": -12, "g": 9}
    expected = {"f": 1, "g": 0.5, "q": -1, "x": -1, "y": -1, "z": 3}
    assert graph.backward({"f": 1.0, "g": 0.5}) == expected


def test_linear():
    (Linear,) = right("a2.linear")
    layer = Linear(3, 2)
    layer.weight[...], layer.bias[...] = [[1, 0, 2], [0, 1, 1]], [-1, 3]
    x, grad_output = np.array([[1.0, 2, 0], [0, 1, -1]]), np.array([[1.0, 1], [0, 2]])
    assert_allclose(layer.forward(x), [[0, 5], [-3, 3]])
    assert_allclose(layer.backward(x, grad_output), [[1, 1, 3], [0, 2, 2]])
    assert_allclose(layer.grad_weight, [[1, 2, 0], [1, 4, -2]])
    assert_allclose(layer.grad_bias, [1, 3])


def test_memorised_numbers_are_those_of_the_example():
    """Wrong answer 93 types in what stands in the text."""
    task = find_task("a2.linear")
    right("a2.linear")
    (memorised,) = (wrong.written["Linear"] for wrong in task.wrong_answers if wrong.row == 93)
    assert_allclose(memorised(3, 2).forward(None), [[0, 5], [-3, 3]])
    assert_allclose(memorised(3, 2).backward(None, None), [[1, 1, 3], [0, 2, 2]])


def test_relu():
    (ReLU,) = right("a2.relu")
    x = np.array([-2.0, 0, 3])
    assert_allclose(ReLU().forward(x), [0, 0, 3])
    assert_allclose(ReLU().backward(x, np.array([5.0, 5, -5])), [0, 0, -5])


def test_mul_constant():
    (MulConstant,) = right("a2.mul_constant")
    x = np.array([1.0, 2])
    assert_allclose(MulConstant(-3).forward(x), [-3, -6])
    assert_allclose(MulConstant(-3).backward(x, np.array([0.5, 1])), [-1.5, -3])


def test_model():
    ((Model,), (ReLU,), (MulConstant,)) = map(right, ("a2.model", "a2.relu", "a2.mul_constant"))

    class Last(ReLU):
        """Takes a scale, as the notebook's layers do."""

        def backward(self, x, grad_output, scale=1.0):
            return super().backward(x, grad_output)

    model = Model([MulConstant(-2), Last(), MulConstant(3)])
    x = np.array([1.0, -1])
    assert_allclose(model.forward(x), [0, 6])
    assert_allclose(model.inputs, [[1, -1], [-2, 2], [0, 2]])
    assert_allclose(model.backward(x, np.array([1.0, 1])), [0, -6])


def test_cross_entropy():
    (CrossEntropy,) = right("a2.cross_entropy")
    scores, labels = np.array([[3.2, 5.1, -1.7], [1, 1, 1]]), np.array([0, 2])
    each = [CrossEntropy().forward(scores[i : i + 1], labels[i : i + 1]) for i in (0, 1)]
    assert_allclose([*each, CrossEntropy().forward(scores, labels)], [2.0404, 1.0986, 1.5695], atol=5e-5)
    expected = [[-0.4350, 0.4345, 0.0005], [0.1667, 0.1667, -0.3333]]
    assert_allclose(CrossEntropy().backward(scores, labels), expected, atol=5e-5)


def test_gradient_check():
    numerical_gradient, relative_error = right("a2.gradient_check")
    slope = numerical_gradient(lambda x: x**3, np.array([2.0]), np.array([1.0]), h=0.1)
    assert slope[0] == pytest.approx(12.01)
    assert relative_error(np.array([12.01]), np.array([12.0])) == pytest.approx(0.000416, abs=5e-7)
