"""What `check_gate` says to the slips that students make, and that every variable goes by its own name."""

import math

import numpy as np
import pytest

from lib.classifiers.losses import softmax_loss
from lib.gradient_check import GradientError, check_gradients
from lib.graph import Gate, check_gate

RNG = np.random.default_rng(0)
A, B, SQUARE, OTHER = (RNG.standard_normal(shape) for shape in ((4, 3), (3, 2), (3, 3), (3, 3)))


class Div(Gate):
    def forward(self, x, y):
        self.x, self.y = x, y
        return x / y

    def backward(self, grad):
        return grad / self.y, -grad * self.x / self.y**2


class DivExchanged(Div):
    def backward(self, grad):
        return super().backward(grad)[::-1]


class Mul(Gate):
    def forward(self, left, right):
        self.left, self.right = left, right
        return left * right

    def backward(self, grad):
        return grad * self.left, grad * self.right


class MatMul(Gate):
    def forward(self, x, y):
        self.x, self.y = x, y
        return x @ y

    def backward(self, grad):
        return grad @ self.y.T, self.x.T @ grad


class MatMulForgetsT(MatMul):
    def backward(self, grad):
        return grad @ self.y, self.x.T @ grad


class MatMulExchanged(MatMul):
    def backward(self, grad):
        return super().backward(grad)[::-1]


class MatMulWrongOrder(MatMul):
    def backward(self, grad):
        return self.y.T @ grad, self.x.T @ grad


class Stars(MatMul):
    def backward(self, grad):
        return grad * self.y.T, self.x.T @ grad


class ByMath(Gate):
    def forward(self, x):
        self.x = x
        return np.exp(x)

    def backward(self, grad):
        return grad * math.exp(self.x)


@pytest.mark.parametrize(
    ("gate", "values", "words"),
    [
        (DivExchanged(), (3.0, 2.0), ["gradients in x and y are exchanged"]),
        (
            DivExchanged(),
            (np.array([3.0, 1.0]), np.array([2.0, 0.5])),
            ["gradients in x and y are exchanged"],
        ),
        (Mul(), (3.0, -4.0), ["the gradients in left and right are exchanged"]),
        (MatMulForgetsT(), (SQUARE, OTHER), ["y and y.T exchanged: y is square, so both fit"]),
        (MatMulForgetsT(), (A, B), ["backward fails", "(4, 2), self.y (3, 2)", "grad @ self.y.T fits"]),
        (
            MatMulExchanged(),
            (A, B),
            ["shapes (3, 2), (4, 3); they seem exchanged: return them in forward's order"],
        ),
        (MatMulExchanged(), (SQUARE, OTHER), ["gradients in x and y are exchanged"]),
        (
            MatMulWrongOrder(),
            (A, B),
            ["backward fails", "self.y.T (2, 3), grad (4, 2)", "grad @ self.y.T fits"],
        ),
        (Stars(), (A, B), ["grad (4, 2), self.y.T (2, 3)", "@ is the matrix product: grad @ self.y.T fits"]),
        (ByMath(), (np.ones(3),), ["backward fails", "math takes single numbers"]),
    ],
)
def test_each_slip_of_a_gate_is_named(gate, values, words):
    report = check_gate(gate, *values)
    text = str(report)
    assert not report.ok
    assert all(word in text for word in words), text
    assert len(text.splitlines()) <= 8
    assert "gufunc" not in text
    with pytest.raises(GradientError):
        report.raise_if_wrong()


@pytest.mark.parametrize(
    ("gate", "message"),
    [
        (Div, r"gate: expected a gate, got the class Div; make one: Div\(\)"),
        (3, "gate: expected a gate, got int"),
    ],
)
def test_what_is_no_gate_is_refused(gate, message):
    with pytest.raises(ValueError, match=message):
        check_gate(gate, 3.0, 2.0)


def test_values_that_a_gate_cannot_take_are_the_callers_mistake():
    with pytest.raises(ValueError, match=r"expected a result from forward for x \(4, 3\), y \(2, 2\)"):
        check_gate(MatMul(), A, np.ones((2, 2)))


# --- names


def test_a_variable_goes_by_the_name_that_the_function_gives_it():
    X, y, W = A, np.array([0, 1, 1, 0]), B.T
    report = check_gradients(lambda W: softmax_loss(W, X, y, reg=0.1), W).raise_if_wrong()
    assert str(report).startswith("gradient in W: right")

    def loss(weights):
        value, gradient = softmax_loss(weights, X, y, reg=0.1)
        return value, gradient / 2

    assert "gradient in weights: WRONG" in str(check_gradients(loss, W))
    assert "gradient in scores: WRONG" in str(check_gradients(loss, W, name="scores"))
    assert str(check_gradients(np.tanh, W, gradient=lambda x, g: g, name="a")).startswith("gradient in a")


@pytest.mark.parametrize(
    ("function", "name"),
    [
        (lambda self: ((self**2).sum(), 2 * self), "self"),
        (lambda function: ((function**2).sum(), 2 * function), "function"),
        (lambda *x: ((x[0] ** 2).sum(), 2 * x[0]), "x"),
        (lambda b, scale=1.0: ((b**2).sum(), 2 * b), "b"),
    ],
)
def test_any_name_will_do(function, name):
    assert [part.name for part in check_gradients(function, A).raise_if_wrong().comparisons] == [name]


def test_what_is_changed_in_place_is_named_too():
    def loss(W):
        W *= 2
        return (W**2).sum() / 4, W

    assert "W was changed in place" in str(check_gradients(loss, A))


def test_a_class_in_place_of_a_module_is_refused():
    with pytest.raises(ValueError, match=r"got the class Div; make one: Div\(…\)"):
        check_gradients(Div, A)


# --- one number, for which every error is a factor


class ForgetsUpstream(Mul):
    def backward(self, grad):
        return self.right, grad * self.left


class AddsUpstream(Mul):
    def backward(self, grad):
        return grad + self.right, grad * self.left


class OtherFactor(Mul):
    def backward(self, grad):
        return grad * self.left, grad * self.left


class Halved(Mul):
    def backward(self, grad):
        return grad * self.right / 2, grad * self.left


@pytest.mark.parametrize(
    ("gate", "words"),
    [
        (ForgetsUpstream(), "likely cause: the upstream gradient is missing"),
        (AddsUpstream(), "does not double with the upstream gradient: multiply by it, add nothing"),
        (OtherFactor(), "gradient in left: WRONG"),
        (Halved(), "likely cause: half the expected gradient"),
    ],
)
@pytest.mark.parametrize("shape", [(), (1,), (2, 3)])
def test_no_factor_is_read_off_a_single_number(gate, words, shape):
    left, right = np.full(shape, 3.0), np.full(shape, -4.0)
    text = str(check_gate(gate, left, right))
    assert words in text
    assert "constant factor" not in text or shape == (2, 3)
    assert "worst at []" not in text
    assert "numerical" in text


@pytest.mark.parametrize("factor", [1.5, 3, 1 / 3, -0.75])
def test_a_loss_of_one_number_has_no_factor_either(factor):
    text = str(check_gradients(lambda w: (w**2, factor * 2 * w), np.array(3.0)))
    assert "WRONG" in text
    assert "likely cause" not in text
    assert "[]" not in text


# --- self forgotten


class NoSelf(Gate):
    def forward(x):
        return x

    def backward(self, grad):
        return grad


class NoSelfOfTwo(NoSelf):
    def forward(x, y):
        return x * y


class NoSelfBackward(Gate):
    def forward(self, x):
        return x

    def backward(grad):
        return grad


@pytest.mark.parametrize(
    ("gate", "values"), [(NoSelf(), (2.0,)), (NoSelf(), (2.0, 3.0)), (NoSelfOfTwo(), (2.0, 3.0))]
)
def test_a_forward_without_self_is_named(gate, values):
    with pytest.raises(ValueError, match=r"for forward, got \d; is self missing in forward\(self, …\)\?"):
        check_gate(gate, *values)


def test_a_method_without_self_that_can_be_called_is_named_in_the_report():
    assert "is self missing in forward(self, …)?" in str(check_gate(NoSelfOfTwo(), 2.0))
    assert "is self missing in backward(self, …)?" in str(check_gate(NoSelfBackward(), 2.0))


# --- what is returned


class One(Mul):
    def backward(self, grad):
        return grad * self.right


class Nothing(Mul):
    def backward(self, grad):
        grad * self.right


class Half(Mul):
    def backward(self, grad):
        return grad * self.right, None


class Three(Mul):
    def backward(self, grad):
        return grad, grad, grad


class Scalar(Mul):
    def backward(self, grad):
        return 1.0, 1.0


class NoOutput(Mul):
    def forward(self, left, right):
        self.left, self.right = left, right


@pytest.mark.parametrize(
    ("gate", "values", "words"),
    [
        (One(), (3.0, -4.0), "expected 2 gradients from backward of One"),
        (Nothing(), (3.0, -4.0), "got None; is a return missing?"),
        (Half(), (3.0, -4.0), "expected a gradient for right from backward, got None"),
        (Three(), (3.0, -4.0), "expected 2 gradients from backward of Three"),
        (Scalar(), (A, A), "expected a gradient of shape (4, 3) for left"),
        (NoOutput(), (3.0, -4.0), "expected a value from forward, got None; is a return missing?"),
    ],
)
def test_what_is_no_gradient_is_reported_not_raised(gate, values, words):
    report = check_gate(gate, *values)
    assert report.verdict == "WRONG"
    assert words in str(report)
    assert len(str(report).splitlines()) <= 8


class KeepsX(Gate):
    def forward(self, x):
        self.x = x
        return 1 / (1 + np.exp(-x))

    def backward(self, grad):
        return grad * self.x * (1 - self.x)


@pytest.mark.parametrize("x", [2.0, A])
def test_x_in_the_place_of_the_output_is_named(x):
    assert "likely cause: x stands where the output belongs" in str(check_gate(KeepsX(), x))
