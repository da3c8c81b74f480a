"""What `check_module` cannot judge is neither right nor wrong; and more slips that it names."""

import numpy as np
import pytest

from lib import nn
from lib.gradient_check import GradientError, check_gradients
from lib.nn.testing import check_criterion, check_module

X = np.random.default_rng(0).standard_normal((4, 3))


class Elementwise(nn.Module):
    """A function of each element, and its derivative."""

    def __init__(self, function, derivative):
        self.function, self.derivative = function, derivative

    def update_output(self, x):
        with np.errstate(all="ignore"):
            self.output = self.function(x)
        return self.output

    def update_grad_input(self, x, grad_output):
        self.grad_input = grad_output * self.derivative(x)
        return self.grad_input


def log():
    return Elementwise(np.log, lambda x: 1 / x)


def plain_softmax(x):
    powers = np.exp(x)
    return powers / powers.sum(axis=-1, keepdims=True)


class FreshMask(nn.Module):
    def update_output(self, x):
        self.mask = np.random.default_rng().random(x.shape) < 0.5
        self.output = x * self.mask
        return self.output

    def update_grad_input(self, x, grad_output):
        self.grad_input = grad_output * self.mask
        return self.grad_input


@pytest.mark.parametrize(
    ("layer", "x", "value"),
    [
        (log(), [[-1.0, 2.0]], "nan at [0, 0]"),
        (log(), [[1.0, 0.0]], "-inf at [0, 1]"),
        (Elementwise(np.exp, np.exp), [[1000.0, 2.0]], "inf at [0, 0]"),
        (Elementwise(np.sqrt, lambda x: 0.5 / np.sqrt(x)), [[1.0, -2.0]], "nan at [0, 1]"),
        (Elementwise(lambda x: x / x, np.zeros_like), [[0.0, 1.0]], "nan at [0, 0]"),
        (Elementwise(plain_softmax, np.ones_like), [[1000.0, 0.0]], "nan at [0, 0]"),
        (nn.Sequential(nn.ReLU(), log()), [[-1.0, 2.0]], "-inf at [0, 0]"),
        (nn.Sequential(nn.Linear(2, 3), log()), [[-1.0, 2.0]], "nan at"),
    ],
)
def test_an_output_that_is_not_finite_is_no_fault_of_the_layer(layer, x, value):
    report = check_module(layer, np.array(x))
    text = str(report)
    assert report.verdict == "undecided"
    assert not report.ok
    assert f"the output is not finite, {value}" in text
    assert "choose another x" in text
    assert "WRONG" not in text
    with pytest.raises(GradientError, match="could not decide"):
        report.raise_if_wrong()


@pytest.mark.parametrize("layer", [FreshMask(), nn.Sequential(nn.Linear(3, 3), FreshMask())])
def test_randomness_that_is_new_on_each_call_is_named(layer):
    report = check_module(layer, X)
    assert report.verdict == "undecided"
    assert "two calls with the same x give different outputs: fix the randomness" in str(report)


def test_what_compared_nothing_says_why():
    report = check_module(log(), np.array([[-1.0]]))
    for attribute in ("worst", "relative_error", "worst_index", "numerical", "analytic"):
        with pytest.raises(
            ValueError, match=r"expected a comparison, got none, because the output is not fin"
        ):
            getattr(report, attribute)
    assert report.skipped == 0
    with pytest.raises(KeyError, match="nothing was compared"):
        report["x"]


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_an_x_that_is_not_finite_is_named_as_the_callers(value):
    with pytest.raises(ValueError, match=rf"ReLU\(\): x: expected finite numbers, got {value} at \[0, 1\]"):
        check_module(nn.ReLU(), np.array([[1.0, value]]))
    with pytest.raises(ValueError, match=rf"x: expected finite numbers, got {value} at \[1\]"):
        check_gradients(lambda x: (x.sum(), np.ones_like(x)), np.array([1.0, value]))


def test_ties_are_undecided_in_the_headline():
    report = check_module(nn.MaxPool2d(2), np.ones((1, 1, 4, 4)))
    assert str(report).startswith("MaxPool2d(kernel_size=2): undecided\n")
    assert "WRONG" not in str(report)


def test_the_headline_counts_what_was_not_judged():
    report = check_module(nn.ReLU(), np.array([[0.0, 1.0, -1.0]])).raise_if_wrong()
    assert str(report).startswith("ReLU(): right as far as one can see\n")
    assert "1 of 3 elements not judged" in report.lines[0]
    assert str(check_module(nn.ReLU(), X)).startswith("ReLU(): right\n")


def test_a_bias_before_a_batch_norm_is_right():
    """Its gradient is zero, and computed as 1e-17; the others show that it does not matter."""
    net = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4))
    report = check_gradients(net.double(), X).raise_if_wrong()
    assert "gradient in 0.bias: right, zero beside the gradients in the others" in str(report)
    assert str(check_module(net, X).raise_if_wrong()).splitlines()[3].startswith(")")


class Nested(nn.Module):
    def update_output(self, x):
        self.output = x.tolist()
        return self.output

    def update_grad_input(self, x, grad_output):
        return grad_output


class Doubled(nn.Linear):
    def update_output(self, x):
        self.output = super().update_output(x).astype(np.float64)
        return self.output


def test_an_output_of_another_type_is_named_as_it_is():
    assert "got a list of numbers; return np.array" in str(check_module(Nested(), X))
    assert "output of float32 input is float64, expected float32" in str(check_module(Doubled(3, 2), X))


# --- usual slips, with their cause


def linear(**methods):
    return type("MyLinear", (nn.Linear,), methods)(3, 2)


def sums_all(self, x, g, scale=1.0):
    self.grad_weight += scale * g.T @ x
    self.grad_bias += scale * g.sum()


def first_only(self, x, g, scale=1.0):
    self.grad_weight += scale * np.outer(g[0], x[0])
    self.grad_bias += scale * g[0]


def first_row_of_x(self, x, g):
    self.grad_input = np.zeros_like(x)
    self.grad_input[0] = g[0] @ self.weight
    return self.grad_input


def weight_for_its_gradient(self, x, g, scale=1.0):
    self.weight += scale * g.T @ x
    self.grad_bias += scale * g.sum(axis=0)


def softmax(x):
    powers = np.exp(x - x.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


class DiagonalSoftmax(nn.Module):
    def update_output(self, x):
        self.output = softmax(x)
        return self.output

    def update_grad_input(self, x, grad_output):
        self.grad_input = grad_output * self.output * (1 - self.output)
        return self.grad_input


class SquareOfOutput(nn.Module):
    """x³, whose backward takes the output for x."""

    def update_output(self, x):
        self.output = x**3
        return self.output

    def update_grad_input(self, x, grad_output):
        self.grad_input = grad_output * 3 * self.output**2
        return self.grad_input


@pytest.mark.parametrize(
    ("layer", "words"),
    [
        (linear(acc_grad_parameters=sums_all), "summed over all axes instead of the batch"),
        (linear(acc_grad_parameters=first_only), "only example 0 of the 4 counts: sum over all"),
        (
            linear(update_grad_input=first_row_of_x),
            "only some elements are computed, those at 0 along axis 0",
        ),
        (
            linear(acc_grad_parameters=weight_for_its_gradient),
            "backward changed weight itself: add to its gradient",
        ),
        (DiagonalSoftmax(), "only the diagonal: each output depends on the other elements too"),
        (
            Elementwise(lambda x: 1 / (1 + np.exp(-x)), lambda x: x * (1 - x)),
            "x stands where the output belongs",
        ),
        (Elementwise(np.tanh, lambda x: 1 - x**2), "x stands where the output belongs"),
        (SquareOfOutput(), "the output stands where x belongs"),
    ],
)
def test_usual_slips_have_their_cause_and_shape(layer, words):
    text = str(check_module(layer, X))
    assert words in text, text
    assert "WRONG, shape (" in text
    assert len(text.splitlines()) <= 8
    assert "accumulates" not in text


# --- criteria


def square(self, x, target):
    return ((x - target) ** 2).sum()


def slope(self, x, target):
    return 2 * (x - target)


def none(self, x, target):
    return None


def criterion(**methods):
    return type("MyLoss", (nn.Criterion,), methods)()


@pytest.mark.parametrize(
    ("methods", "words"),
    [
        (
            {"update_output": square, "update_grad_input": none},
            "update_grad_input: expected an array of shape (4,",
        ),
        (
            {"update_output": none, "update_grad_input": slope},
            "update_output: expected the loss, one number, got N",
        ),
        ({"forward": square, "backward": slope}, "MyLoss: write update_output, not forward"),
        ({"forward": square, "update_grad_input": slope}, "MyLoss: write update_output, not forward"),
        ({"update_output": square, "updateGradInput": slope}, "updateGradInput is close"),
        ({"update_output": square}, "MyLoss: write update_grad_input(self, x, target)"),
        (
            {
                "update_output": lambda s, x, y: ((x - y) ** 2).mean(1).mean(),
                "update_grad_input": lambda s, x, y: 2 * (x - y) / 4,
            },
            "1/N of a mean over axis 1, N = 3?",
        ),
    ],
)
def test_a_criterion_that_is_not_written_rightly_is_reported(methods, words):
    report = check_criterion(criterion(**methods), X, np.ones_like(X))
    assert report.verdict == "WRONG"
    assert words in str(report)
    assert len(str(report).splitlines()) <= 8


def test_a_loss_that_is_not_finite_is_undecided_and_such_an_x_the_callers():
    log = criterion(update_output=lambda s, x, y: np.log(x * 0).sum(), update_grad_input=slope)
    with np.errstate(divide="ignore"):
        report = check_criterion(log, X, X)
    assert report.verdict == "undecided"
    assert "the output is not finite" in str(report)
    with pytest.raises(ValueError, match=r"MSELoss\(\): x: expected finite numbers, got nan at \[0, 0\]"):
        check_criterion(nn.MSELoss(), X * np.nan, X)


@pytest.mark.parametrize("size", [1, 1e-3])
@pytest.mark.parametrize("seed", range(4))
def test_a_network_with_batch_norms_is_right_at_every_size(size, seed):
    net = nn.Sequential(
        nn.Linear(3, 4, seed=seed), nn.BatchNorm1d(4), nn.Linear(4, 3, seed=seed + 1), nn.Softmax()
    )
    check_module(net, size * np.random.default_rng(seed).standard_normal((5, 3))).raise_if_wrong()


def test_what_is_undecided_has_no_cause():
    report = check_module(nn.Softmax(), X * 1000)
    assert "likely cause" not in str(report)
    assert "WRONG" not in str(report)


def test_a_single_number_is_taken_in_any_memory_layout():
    check_module(nn.ReLU(), np.array(1.0)).raise_if_wrong()


class ForwardChanges(nn.Linear):
    def update_output(self, x):
        self.weight *= 1.1
        return super().update_output(x)


class LearnsInBackward(nn.Linear):
    def acc_grad_parameters(self, x, grad_output, scale=1.0):
        super().acc_grad_parameters(x, grad_output, scale)
        self.weight -= 0.1 * self.grad_weight


def test_a_parameter_that_forward_or_backward_changes_is_named():
    assert "forward changed weight itself" in str(check_module(ForwardChanges(3, 2), X))
    assert "backward changed weight itself" in str(check_module(LearnsInBackward(3, 2), X))


class Words(nn.Module):
    def update_output(self, x):
        self.output = [x, "word"]
        return self.output

    def update_grad_input(self, x, grad_output):
        return x


def test_an_output_that_is_no_number_is_not_called_one():
    assert "got a list that holds a str" in str(check_module(Words(), X))
