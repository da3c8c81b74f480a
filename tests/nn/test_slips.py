"""What `check_module` says to the slips that students make: layer, shapes, likely cause, in eight lines."""

import ast
import math
from pathlib import Path

import numpy as np
import pytest

from lib import nn
from lib.nn.testing import check_criterion, check_module

X = np.random.default_rng(0).standard_normal((5, 4))


class Affine(nn.Module):
    """x Wᵀ + b, from 4 features to 3, and right."""

    def __init__(self, inputs=4, outputs=3):
        rng = np.random.default_rng(1)
        self.weight, self.bias = rng.standard_normal((outputs, inputs)), rng.standard_normal(outputs)
        self.grad_weight, self.grad_bias = np.zeros((outputs, inputs)), np.zeros(outputs)

    def update_output(self, x):
        self.output = x @ self.weight.T + self.bias
        return self.output

    def update_grad_input(self, x, grad_output):
        self.grad_input = grad_output @ self.weight
        return self.grad_input

    def acc_grad_parameters(self, x, grad_output, scale=1.0):
        self.grad_weight += scale * grad_output.T @ x
        self.grad_bias += scale * grad_output.sum(axis=0)


class ForwardOnly(nn.Module):
    def forward(self, x):
        return 2 * x


class ForwardAndBackward(nn.Module):
    def forward(self, x):
        return 2 * x

    def backward(self, x, grad_output):
        return 2 * grad_output


class BackwardOnly(nn.Module):
    def update_output(self, x):
        return 2 * x

    def backward(self, x, grad_output):
        return 2 * grad_output


class CamelCase(nn.Module):
    def updateOutput(self, x):
        return 2 * x

    def updateGradInput(self, x, grad_output):
        return 2 * grad_output


class Misspelt(Affine):
    acc_grad_parameters = nn.Module.acc_grad_parameters

    def acc_grad_parameter(self, x, grad_output, scale=1.0):
        pass


class Nothing(nn.Module):
    pass


class TransposedBackward(Affine):
    def update_grad_input(self, x, grad_output):
        self.grad_input = grad_output @ self.weight.T
        return self.grad_input


class TransposedForward(Affine):
    def update_output(self, x):
        self.output = x @ self.weight + self.bias
        return self.output


class TransposedByDot(Affine):
    def update_grad_input(self, x, grad_output):
        self.grad_input = np.dot(grad_output, self.weight.T)
        return self.grad_input


class StarForAt(Affine):
    def update_grad_input(self, x, grad_output):
        self.grad_input = grad_output * self.weight
        return self.grad_input


class StarForAtForward(Affine):
    def update_output(self, x):
        self.output = x * self.weight.T + self.bias
        return self.output


class BiasNotSummed(Affine):
    def acc_grad_parameters(self, x, grad_output, scale=1.0):
        self.grad_weight += scale * grad_output.T @ x
        self.grad_bias += scale * grad_output


class BiasStored(Affine):
    def acc_grad_parameters(self, x, grad_output, scale=1.0):
        self.grad_weight += scale * grad_output.T @ x
        self.grad_bias[:] = self.grad_bias + scale * grad_output


class WeightTransposed(Affine):
    def acc_grad_parameters(self, x, grad_output, scale=1.0):
        self.grad_weight += scale * x.T @ grad_output
        self.grad_bias += scale * grad_output.sum(axis=0)


class SquareTransposed(TransposedBackward):
    def __init__(self):
        super().__init__(4, 4)


class WrongShape(Affine):
    def update_grad_input(self, x, grad_output):
        self.grad_input = (grad_output @ self.weight).T
        return self.grad_input


class OneNumber(nn.Module):
    def update_output(self, x):
        return x.sum()

    def update_grad_input(self, x, grad_output):
        return grad_output * np.ones_like(x)


class PlainNumber(OneNumber):
    def update_output(self, x):
        return float(x.sum())


class NoComma(Affine):
    parameter_names = "scale"


class NoSuchName(Affine):
    parameter_names = ("weight", "bias", "scael")


class NotReturned(Affine):
    def update_output(self, x):
        self.output = x @ self.weight.T + self.bias


class GradNotReturned(Affine):
    def update_grad_input(self, x, grad_output):
        self.grad_input = grad_output @ self.weight


class InPlace(Affine):
    def update_output(self, x):
        x -= x.mean()
        self.output = x @ self.weight.T + self.bias
        return self.output


class GradInPlace(Affine):
    def update_grad_input(self, x, grad_output):
        grad_output *= 2
        self.grad_input = grad_output @ self.weight / 2
        return self.grad_input

    def acc_grad_parameters(self, x, grad_output, scale=1.0):
        super().acc_grad_parameters(x, grad_output / 2, scale)


class Overwritten(Affine):
    def acc_grad_parameters(self, x, grad_output, scale=1.0):
        self.grad_weight[:] = scale * grad_output.T @ x
        self.grad_bias[:] = scale * grad_output.sum(axis=0)


class Replaced(Affine):
    def acc_grad_parameters(self, x, grad_output, scale=1.0):
        self.grad_weight = scale * grad_output.T @ x
        self.grad_bias = scale * grad_output.sum(axis=0)


class NoScale(Affine):
    def acc_grad_parameters(self, x, grad_output, scale=1.0):
        super().acc_grad_parameters(x, grad_output)


class IgnoresUpstream(Affine):
    def update_grad_input(self, x, grad_output):
        self.grad_input = np.ones_like(grad_output) @ self.weight
        return self.grad_input


class Misnamed(Affine):
    def update_grad_input(self, x, grad_output):
        self.grad_input = grad_output @ self.weights
        return self.grad_input


class ByMath(nn.Module):
    def update_output(self, x):
        return math.exp(x)

    def update_grad_input(self, x, grad_output):
        return grad_output * math.exp(x)


SLIPS = {
    ForwardOnly: ["write update_output, not forward"],
    ForwardAndBackward: ["write update_output, not forward", "write update_grad_input, not backward"],
    BackwardOnly: ["write update_grad_input, not backward"],
    CamelCase: ["write update_output(self, x); updateOutput is close", "updateGradInput is close"],
    Misspelt: ["expected acc_grad_parameters, got acc_grad_parameter"],
    Nothing: ["write update_output(self, x)"],
    TransposedBackward: [
        "TransposedBackward.update_grad_input fails",
        "grad_output (5, 3), self.weight.T (4, 3)",
        "grad_output @ self.weight fits, and gives (5, 4), the shape of x",
    ],
    TransposedForward: ["x (5, 4), self.weight (3, 4)", "x @ self.weight.T fits, and gives (5, 3)"],
    TransposedByDot: ["grad_output (5, 3), self.weight.T (4, 3)", "grad_output @ self.weight fits"],
    StarForAt: [
        "grad_output (5, 3), self.weight (3, 4)",
        "@ is the matrix product: grad_output @ self.weight fits",
    ],
    StarForAtForward: ["x (5, 4), self.weight.T (4, 3)", "x @ self.weight.T fits, and gives (5, 3)"],
    BiasNotSummed: [
        "self.grad_bias (3,)",
        "not summed over the batch, .sum(axis=0): (5, 3) should become (3,)",
    ],
    BiasStored: ["not summed over the batch, .sum(axis=0): (5, 3) should become (3,)"],
    WeightTransposed: ["self.grad_weight (3, 4)", "transposed: (4, 3) should become (3, 4)"],
    SquareTransposed: [
        "gradient in x: WRONG",
        "weight and weight.T exchanged: weight is square, so both fit",
    ],
    WrongShape: ["grad_input: expected (5, 4), as x has, got shape (4, 5)", "its transpose"],
    OneNumber: ["expected an array as output, such as (N, …), got one number"],
    PlainNumber: ["expected an array as output, such as (N, …), got one number"],
    NoComma: ["expected a tuple of names, got the text 'scale'; write (\"scale\",)"],
    NoSuchName: ["there is no self.scael"],
    NotReturned: ["update_output: expected an array, got None", "return self.output"],
    GradNotReturned: ["update_grad_input: expected an array, got None", "return self.grad_input"],
    InPlace: ["x was changed in place"],
    GradInPlace: ["grad_output was changed in place"],
    Overwritten: ["backward overwrites the gradient in bias: add to it (+=)"],
    Replaced: ["backward overwrites the gradient in weight: add to it (+=)"],
    NoScale: ["scale=3"],
    IgnoresUpstream: ["gradient in x: WRONG", "the gradient in x ignores grad_output"],
    Misnamed: ["AttributeError", "grad_output @ self.weights"],
    ByMath: ["math takes single numbers"],
}


@pytest.mark.parametrize("layer", SLIPS, ids=lambda layer: layer.__name__)
def test_each_slip_is_named_in_at_most_eight_lines(layer):
    report = check_module(layer(), X)
    text = str(report)
    assert not report.ok
    for words in SLIPS[layer]:
        assert words in text, text
    assert layer.__name__ in text.splitlines()[0]
    assert len(text.splitlines()) <= 8, text
    assert "gufunc" not in text
    with pytest.raises(AssertionError):
        report.raise_if_wrong()


def test_the_right_layer_passes_and_lists_what_was_checked():
    report = check_module(Affine(), X).raise_if_wrong()
    assert report.lines[0] == "3 gradients agree with finite differences"
    assert str(report).startswith("Affine(): right\n  ✓ 3 gradients agree")
    assert [part.name for part in report.comparisons] == ["x", "weight", "bias"]
    assert "WRONG" not in str(report)


@pytest.mark.parametrize("layer", [TransposedBackward, BiasNotSummed, ForwardOnly, NoComma])
def test_a_slip_inside_a_network_is_named_too(layer):
    report = check_module(nn.Sequential(nn.Tanh(), layer()), X)
    assert not report.ok
    assert layer.__name__ in str(report)
    for words in SLIPS[layer]:
        assert words in str(report)


@pytest.mark.parametrize("rows", [1, 2, 3, 7])
@pytest.mark.parametrize("layer", [BiasNotSummed, TransposedBackward, StarForAt])
def test_a_slip_is_found_for_batches_of_any_size(layer, rows):
    report = check_module(layer(), np.random.default_rng(0).standard_normal((rows, 4)))
    if layer is BiasNotSummed and rows == 1:  # then (1, 3) + (3,) is right
        assert "(1, 3)" in str(report)
    assert not report.ok
    assert len(str(report).splitlines()) <= 8


def test_an_input_that_is_not_for_the_layer_is_the_callers_mistake():
    with pytest.raises(ValueError, match=r"Linear\(4 -> 3\): x"):
        check_module(nn.Linear(4, 3), np.ones((5, 7)))
    with pytest.raises(TypeError, match=r"the class Linear; make one: Linear\(…\)"):
        check_module(nn.Linear, X)


class Loss(nn.Criterion):
    def update_output(self, x, target):
        return ((x - target) ** 2).sum()

    def update_grad_input(self, x, target):
        return 2 * (x - target)


class LossByRow(Loss):
    def update_output(self, x, target):
        return ((x - target) ** 2).sum(axis=1)


class LossStar(Loss):
    def update_grad_input(self, x, target):
        return (x - target) @ x


class LossMutates(Loss):
    def update_grad_input(self, x, target):
        target -= x
        return -2 * target


@pytest.mark.parametrize(
    ("criterion", "words"),
    [
        (LossByRow, "LossByRow"),
        (LossStar, "LossStar.update_grad_input fails"),
        (LossMutates, "target was changed in place"),
    ],
)
def test_a_criterion_with_a_slip_is_named(criterion, words):
    report = check_criterion(criterion(), X, np.ones_like(X))
    assert not report.ok
    assert words in str(report)
    assert len(str(report).splitlines()) <= 8


def test_a_right_criterion_lists_what_was_checked():
    report = check_criterion(Loss(), X, np.ones_like(X)).raise_if_wrong()
    assert str(report).startswith("Loss(): right\n  ✓ backward before forward")
    with pytest.raises(TypeError, match=r"the class Loss; make one: Loss\(\)"):
        check_criterion(Loss, X, X)


# --- slips in a layer whose matrix is square, and in how a gradient is summed, scaled and cast


def linear(inputs=3, outputs=3, **methods):
    """A Linear of a student's own, with some methods written anew."""
    return type("MyLinear", (nn.Linear,), methods)(inputs, outputs)


def draw(*shape):
    """What a student draws: the same generator, and the same seed, as the check's default."""
    return np.random.default_rng(0).standard_normal(shape)


def takes_x_for_grad(self, x, grad_output):
    self.grad_input = x @ self.weight
    return self.grad_input


def takes_grad_first(self, g, x):
    self.grad_input = g @ self.weight
    return self.grad_input


def without_names(self, a, b):
    self.grad_input = a @ self.weight
    return self.grad_input


def forgets_argument(self, grad_output):
    self.grad_input = grad_output @ self.weight
    return self.grad_input


def forgets_self(x):
    return x


def forgets_scale(self, x, grad_output):
    nn.Linear.acc_grad_parameters(self, x, grad_output)


def acc_transposed(self, x, g, scale=1.0):
    self.grad_weight += scale * x.T @ g
    self.grad_bias += scale * g.sum(0)


def acc_exchanged(self, grad_output, x, scale=1.0):
    self.grad_weight += scale * grad_output.T @ x
    self.grad_bias += scale * grad_output.sum(0)


def acc_axis(self, x, g, scale=1.0):
    self.grad_weight += scale * g.T @ x
    self.grad_bias += scale * g.sum(1)


def acc_axis_by_keyword(self, x, g, scale=1.0):
    self.grad_weight += scale * g.T @ x
    self.grad_bias += scale * g.sum(axis=-1)


def acc_scaled(factor):
    def acc(self, x, g, scale=1.0):
        self.grad_weight += scale * g.T @ x
        self.grad_bias += factor(scale) * g.sum(0)

    return acc


ORDER = "arguments exchanged: update_grad_input(self, x, grad_output)"
ACC_ORDER = "arguments exchanged: acc_grad_parameters(self, x, grad_output, scale=1.0)"
IGNORES = "the gradient in x ignores grad_output"
FURTHER = [
    ({"update_grad_input": takes_x_for_grad}, (3, 3), IGNORES),
    ({"update_grad_input": takes_grad_first}, (3, 3), ORDER),
    ({"update_grad_input": takes_grad_first}, (3, 2), ORDER),
    ({"update_grad_input": without_names}, (3, 3), ORDER),
    ({"acc_grad_parameters": acc_transposed}, (3, 3), "the exact transpose of the expected gradient"),
    ({"acc_grad_parameters": acc_transposed}, (3, 2), "transposed: (3, 2) should become (2, 3)"),
    ({"acc_grad_parameters": acc_exchanged}, (3, 3), ACC_ORDER),
    ({"acc_grad_parameters": acc_exchanged}, (3, 2), ACC_ORDER),
    ({"acc_grad_parameters": acc_axis}, (3, 4), "summed over axis 1 instead of the batch"),
    (
        {"acc_grad_parameters": acc_axis},
        (3, 2),
        "summed over axis 1 instead of the batch: g (4, 2), .sum(axis=0)",
    ),
    ({"acc_grad_parameters": acc_axis}, (3, 2), "self.grad_bias (2,), scale * g.sum(1) (4,)"),
    ({"acc_grad_parameters": acc_axis_by_keyword}, (3, 4), "summed over axis 1 instead of the batch"),
    ({"acc_grad_parameters": acc_axis_by_keyword}, (3, 2), "summed over axis -1 instead of the batch"),
    (
        {"acc_grad_parameters": acc_scaled(lambda s: s * s)},
        (3, 2),
        "gradient in bias after backward(…, scale=3)",
    ),
    ({"acc_grad_parameters": acc_scaled(lambda s: s * s)}, (3, 2), "scale is applied twice"),
    ({"acc_grad_parameters": acc_scaled(abs)}, (3, 2), "gradient in bias after backward(…, scale=-2)"),
    ({"acc_grad_parameters": acc_scaled(abs)}, (3, 2), "the sign of scale is lost"),
    ({"acc_grad_parameters": acc_scaled(lambda s: max(s, 0))}, (3, 2), "nothing is added"),
    (
        {"acc_grad_parameters": acc_scaled(lambda s: 1)},
        (3, 2),
        "gradient in bias after backward(…, scale=3): acc",
    ),
    (
        {"update_grad_input": forgets_argument},
        (3, 2),
        "expected update_grad_input(self, x, grad_output), got update_grad_input(self, grad_output)",
    ),
    ({"update_output": forgets_self}, (3, 2), "expected update_output(self, x), got update_output(x)"),
    (
        {"acc_grad_parameters": forgets_scale},
        (3, 2),
        "expected acc_grad_parameters(self, x, grad_output, scale",
    ),
]


@pytest.mark.parametrize(("methods", "sizes", "words"), FURTHER)
def test_each_slip_of_a_square_sum_or_scale_is_named(methods, sizes, words):
    report = check_module(linear(*sizes, **methods), draw(4, sizes[0]))
    text = str(report)
    assert not report.ok
    assert words in text, text
    assert "MyLinear" in text.splitlines()[0]
    assert "evaluation mode" not in text
    assert len(text.splitlines()) <= 8


def test_arguments_by_any_name_in_any_of_pythons_ways_are_right():
    def by_any_name(self, a, b):
        return nn.Linear.update_grad_input(self, a, b)

    def with_more(self, *args, **options):
        return nn.Linear.acc_grad_parameters(self, *args, **options)

    check_module(
        linear(update_grad_input=by_any_name, acc_grad_parameters=with_more), draw(4, 3)
    ).raise_if_wrong()


def test_only_a_layer_with_modes_is_wrong_in_one_mode():
    def halved(self, x, grad_output):
        nn.Linear.update_grad_input(self, x, grad_output)
        self.grad_input = self.grad_input if self.training else self.grad_input / 2
        return self.grad_input

    assert "only in evaluation mode" in str(check_module(linear(update_grad_input=halved), draw(4, 3)))


def cast_output(self, x):
    self.output = nn.Linear.update_output(self, x).astype(np.float32)
    return self.output


def cast_grad_input(self, x, grad_output):
    self.grad_input = nn.Linear.update_grad_input(self, x, grad_output).astype(np.float32)
    return self.grad_input


def cast_grad_output(self, x, grad_output):
    return nn.Linear.update_grad_input(self, x, grad_output.astype(np.float32).astype(np.float64))


def acc_cast(self, x, grad_output, scale=1.0):
    nn.Linear.acc_grad_parameters(self, x, grad_output.astype(np.float32).astype(np.float64), scale)


@pytest.mark.parametrize(
    ("methods", "words"),
    [
        ({"update_output": cast_output}, "float32"),
        ({"update_grad_input": cast_grad_input}, "grad_input of float64 input is float32, expected float64"),
        ({"update_grad_input": cast_grad_output}, "grad_input is computed from grad_output in float32"),
        ({"acc_grad_parameters": acc_cast}, "the gradient in weight is computed from grad_output in float32"),
    ],
)
def test_float64_stays_float64(methods, words):
    """A gradient of float32 is right to seven digits, which a comparison alone accepts."""
    report = check_module(linear(3, 2, **methods), 1 + 0.1 * draw(4, 3))
    assert not report.ok
    assert words in str(report)
    assert "float64 stays float64" in check_module(linear(3, 2), draw(4, 3)).lines


def test_a_sum_over_the_wrong_axes_of_an_image_is_named():
    class Shift(nn.Module):
        def __init__(self):
            self.bias, self.grad_bias = np.zeros(2), np.zeros(2)

        def update_output(self, x):
            self.output = x + self.bias[:, None, None]
            return self.output

        def update_grad_input(self, x, grad_output):
            self.grad_input = grad_output.copy()
            return self.grad_input

        def acc_grad_parameters(self, x, grad_output, scale=1.0):
            self.grad_bias += scale * grad_output.sum((1, 2, 3))

    text = str(check_module(Shift(), draw(2, 2, 3, 3)))
    assert "summed over axes 1, 2, 3 instead of axes 0, 2, 3" in text


def test_what_is_too_small_to_see_in_a_layer_is_said():
    x = draw(1, 30) * 10
    report = check_module(nn.Tanh(), x).raise_if_wrong()
    assert "as far as one can see" in report.lines[0]


def test_no_test_ignores_what_a_check_found():
    """A report that nobody reads is a check that cannot fail."""
    ignored = []
    for file in Path(__file__).parents[1].rglob("test_*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            called = (
                node.value.func if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) else None
            )
            name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
            if name in ("check_module", "check_criterion", "check_gate", "check_gradients"):
                ignored.append(f"{file.name}:{node.lineno}")
    refused = [place for place in ignored if "pytest.raises" not in _line_before(place)]
    assert not refused


def _line_before(place):
    name, _, line = place.partition(":")
    (file,) = Path(__file__).parents[1].rglob(name)
    return "".join(file.read_text("utf-8").splitlines()[max(0, int(line) - 5) : int(line) - 1])
