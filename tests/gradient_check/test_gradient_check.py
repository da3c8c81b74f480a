"""The gradient checker: right gradients pass, every common mistake fails and is called by its name."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes
from numpy.testing import assert_allclose, assert_array_equal

from lib.gradient_check import check_gradients, numerical_gradient

RNG = np.random.default_rng(0)
A = RNG.standard_normal((4, 3))
SQUARE = RNG.standard_normal((3, 3))


class Linear:
    """The smallest module that learns: x Wᵀ + b, with the contract of Torch7."""

    def __init__(self, inputs=3, outputs=2, dtype=np.float64):
        rng = np.random.default_rng(1)
        self.weight = rng.standard_normal((outputs, inputs)).astype(dtype)
        self.bias = rng.standard_normal(outputs).astype(dtype)
        self.grad_weight, self.grad_bias = np.zeros_like(self.weight), np.zeros_like(self.bias)

    def forward(self, x):
        return x @ self.weight.T + self.bias

    def backward(self, x, grad_output):
        self.grad_weight += grad_output.T @ x
        self.grad_bias += grad_output.sum(axis=0)
        return grad_output @ self.weight

    def parameters(self):
        return [self.weight, self.bias], [self.grad_weight, self.grad_bias]

    def zero_grad_parameters(self):
        self.grad_weight[...] = 0
        self.grad_bias[...] = 0


class Chain:
    """Two modules and a tanh between them."""

    def __init__(self, *modules):
        self.modules = list(modules)

    def forward(self, x):
        return self.modules[1].forward(np.tanh(self.modules[0].forward(x)))

    def backward(self, x, grad_output):
        hidden = np.tanh(self.modules[0].forward(x))
        grad_hidden = self.modules[1].backward(hidden, grad_output)
        return self.modules[0].backward(x, grad_hidden * (1 - hidden**2))

    def parameters(self):
        (first, grad_first), (second, grad_second) = (module.parameters() for module in self.modules)
        return [*first, *second], [*grad_first, *grad_second]

    def zero_grad_parameters(self):
        for module in self.modules:
            module.zero_grad_parameters()


def softmax(x):
    powers = np.exp(x - x.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def softmax_backward(x, grad_output):
    p = softmax(x)
    return p * (grad_output - (grad_output * p).sum(axis=-1, keepdims=True))


# --- the numerical gradient


@settings(deadline=None, max_examples=20)
@given(shape=array_shapes(min_dims=0, max_dims=3, max_side=3), seed=st.integers(0, 1000))
def test_numerical_gradient_is_that_of_torch(shape, seed):
    x = np.random.default_rng(seed).standard_normal(shape)
    tensor = torch.tensor(x, requires_grad=True)
    (torch.sin(tensor) * tensor**2).sum().backward()
    before = x.copy()
    assert_allclose(
        numerical_gradient(lambda x: (np.sin(x) * x**2).sum(), x), tensor.grad.numpy(), rtol=1e-7, atol=1e-9
    )
    assert_array_equal(x, before)


def test_numerical_gradient_takes_integers_and_names_what_is_not_a_loss():
    assert_allclose(numerical_gradient(lambda w: w**2, 10, h=0.01), 20)
    with pytest.raises(ValueError, match=r"f: expected one number, the loss, got shape \(2,\)"):
        numerical_gradient(lambda x: x, np.ones(2))
    with pytest.raises(ValueError, match="f: expected one number, the loss, got 2 values"):
        numerical_gradient(lambda x: (x.sum(), x), np.ones(2))
    with pytest.raises(ValueError, match=r"h: expected a number above 0, .* got 0"):
        numerical_gradient(lambda x: x.sum(), np.ones(2), h=0)


# --- right gradients pass

RIGHT = {
    "a loss with its gradient": (lambda x: ((x**3).sum(), 3 * x**2), {}),
    "a loss and a gradient": (lambda x: (x**3).sum(), {"gradient": lambda x: 3 * x**2}),
    "softmax": (softmax, {"gradient": softmax_backward}),
    "a product": (lambda x: x @ SQUARE, {"gradient": lambda x, g: g @ SQUARE.T}),
    "a constant": (lambda x: (7.0, np.zeros_like(x)), {}),
    "zero": (lambda x: (0.0, np.zeros_like(x)), {}),
    "tiny": (lambda x: (1e-12 * (x**2).sum(), 2e-12 * x), {}),
    "huge": (lambda x: (1e12 * (x**2).sum(), 2e12 * x), {}),
    "far from zero": (lambda x: (1e6 + (x**2).sum(), 2 * x), {}),
    "steep": (lambda x: (np.sin(300 * x).sum(), 300 * np.cos(300 * x)), {}),
    "a maximum": (lambda x: x.max(axis=0), {"gradient": lambda x, g: g * (x == x.max(axis=0))}),
    "a module": (Linear(), {}),
    "a module of float32": (Linear(dtype=np.float32), {}),
    "a chain of modules": (Chain(Linear(3, 4), Linear(4, 2)), {}),
}


@pytest.mark.parametrize("name", RIGHT)
@settings(deadline=None, max_examples=5)
@given(seed=st.integers(0, 1000))
def test_right_gradients_pass(name, seed):
    target, options = RIGHT[name]
    x = np.random.default_rng(seed).standard_normal((4, 3))
    report = check_gradients(target, x, seed=seed, **options).raise_if_wrong()
    assert report.ok
    assert bool(report)
    assert report.relative_error <= 1e-6  # what lies within the error bar counts as exactly this much
    assert report.skipped == 0
    assert "right" in str(report)
    assert "WRONG" not in repr(report)


def test_parameters_are_found_by_name():
    report = check_gradients(Chain(Linear(3, 4), Linear(4, 2)), A)
    names = [part.name for part in report.comparisons]
    assert names == ["x", *(f"modules[{i}].{name}" for i in (0, 1) for name in ("weight", "bias"))]
    assert report["modules[0].weight"].analytic.shape == (4, 3)
    with pytest.raises(KeyError, match=r"name: expected 'x', .* or 'modules\[1\]\.bias', got 'weights'"):
        report["weights"]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_the_module_and_the_input_stay_as_they_are(dtype):
    module, x = Linear(dtype=dtype), A.copy()
    module.grad_weight += 5
    before = [array.copy() for arrays in module.parameters() for array in arrays]
    check_gradients(module, x).raise_if_wrong()
    after = [array for arrays in module.parameters() for array in arrays]
    for old, new in zip(before, after, strict=True):
        assert_array_equal(old, new)
        assert new.dtype == dtype
    assert_array_equal(x, A)


def test_every_element_is_compared():
    """One wrong number among 120 is found, wherever it is."""
    x = np.random.default_rng(0).standard_normal((2, 3, 4, 5))
    for index in [(0, 0, 0, 0), (1, 2, 3, 4), (1, 0, 2, 3)]:

        def wrong(x, index=index):
            gradient = 2 * x
            gradient[index] *= 1.00001
            return (x**2).sum(), gradient

        report = check_gradients(wrong, x)
        assert not report
        assert report.worst_index == index
        assert report.numerical.shape == report.analytic.shape == x.shape


# --- wrong gradients fail, and the cause is named

WEIGHTS = RNG.standard_normal((4, 3))


def quadratic(x):
    """Σ w x⁴ / 4 + x: a loss whose gradient is neither symmetric nor proportional to x."""
    return (WEIGHTS * x**4 / 4 + x).sum()


def slope(x):
    return WEIGHTS * x**3 + 1


def wrong_element(x):
    gradient = slope(x)
    gradient[2] *= 1.3
    gradient[2] += np.arange(3)
    return gradient


WRONG = {
    "twice": (lambda x: 2 * slope(x), "twice the expected gradient"),
    "half": (lambda x: slope(x) / 2, "half the expected gradient"),
    "sign": (lambda x: -slope(x), "the sign is flipped"),
    "sum for a mean": (
        lambda x: 16 * slope(x),
        "16 times .*: a factor of 16 too many, such as the missing 1/N of a mean",
    ),
    "mean of a mean": (
        lambda x: slope(x) / 16,
        "1/16 of the expected gradient: divided by 16 once too often",
    ),
    "a factor": (lambda x: 1.37 * slope(x), "off by the constant factor 1.37"),
    "zeros": (lambda x: np.zeros_like(x), "all zeros"),
    "no L2 penalty": (
        lambda x: slope(x) - 0.2 * x,
        "the missing term 0.2 · x, the gradient of an L2 penalty",
    ),
    "an L2 penalty": (lambda x: slope(x) + 0.2 * x, "the extra term 0.2 · x, the gradient of an L2 penalty"),
    "no L1 penalty": (lambda x: slope(x) - 0.1 * np.sign(x), r"the missing term 0.1 · sign\(x\)"),
    "an offset": (lambda x: slope(x) + 0.5, "every element is too large by 0.5"),
    "no constant": (lambda x: slope(x) - 1, "every element is too small by 1"),
    "some elements": (
        lambda x: slope(x) * (np.arange(3) > 1),
        "zero in 8 of 12 elements where it should not be",
    ),
    "one row": (wrong_element, "wrong only at 2 along axis 0"),
    "NaN": (lambda x: np.where(x > 0, slope(x), np.nan), "nan at"),
    "infinity": (lambda x: np.where(x > 0, slope(x), np.inf), "inf at"),
    "transposed": (lambda x: slope(x).T, r"(?s)shape \(3, 4\), expected \(4, 3\).*the exact transpose"),
    "transposed and reshaped": (lambda x: slope(x).T.reshape(4, 3), "the exact transpose, reshaped to fit"),
    "flat": (lambda x: slope(x).ravel(), r"the right values in another shape: reshape to \(4, 3\)"),
    "of another size": (lambda x: slope(x)[:2], r"shape \(2, 3\), expected \(4, 3\)"),
    "nonsense": (lambda x: np.cos(7 * x), "12 of 12 elements differ"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_gradients_fail_and_the_cause_is_named(name):
    gradient, cause = WRONG[name]
    with np.errstate(invalid="ignore"):
        report = check_gradients(quadratic, A, gradient=gradient)
    assert not report.ok
    assert "WRONG" in str(report)
    with pytest.raises(AssertionError, match=cause):
        report.raise_if_wrong()


@pytest.mark.parametrize("name", WRONG)
@pytest.mark.parametrize("scale", [1e-9, 1e9])
def test_they_fail_at_every_scale(name, scale):
    gradient, _ = WRONG[name]
    with np.errstate(invalid="ignore"):
        assert not check_gradients(lambda x: scale * quadratic(x), A, gradient=lambda x: scale * gradient(x))


def test_nonsense_has_no_cause():
    assert "likely cause" not in str(check_gradients(quadratic, A, gradient=lambda x: np.cos(7 * x)))


def test_the_transpose_of_a_square_is_seen():
    report = check_gradients(lambda x: x @ SQUARE, SQUARE + 1, gradient=lambda x, g: (g @ SQUARE.T).T)
    assert "the exact transpose of the expected gradient" in str(report)


def test_the_worst_element_is_named_with_both_values():
    def wrong(x):
        gradient = 2 * x
        gradient[1, 2] = 40.0
        gradient[0, 0] += 0.01
        return (x**2).sum(), gradient

    report = check_gradients(wrong, np.full((2, 3), 5.0))
    assert report.worst_index == (1, 2)
    assert_allclose(report.relative_error, 0.75)
    assert "2 of 6 elements differ; worst at [1, 2]: numerical 10, analytic 40" in str(report)


def test_a_softmax_with_a_zero_backward_fails():
    """A summed output would let it pass: the probabilities sum to 1 whatever x is."""
    report = check_gradients(softmax, A, gradient=lambda x, g: np.zeros_like(x))
    assert "all zeros" in str(report)
    assert check_gradients(softmax, A, gradient=lambda x, g: np.zeros_like(x), grad_output=np.ones((4, 3))).ok


def test_a_forgotten_upstream_gradient_is_named():
    report = check_gradients(np.tanh, A, gradient=lambda x, g: 1 - np.tanh(x) ** 2)
    assert not report
    assert "the gradient in x ignores grad_output: multiply by the upstream gradient" in str(report)
    booleans = check_gradients(lambda x: np.maximum(x, 0), A, gradient=lambda x, g: x > 0)
    assert "ignores grad_output" in str(booleans)


@pytest.mark.parametrize(
    ("gradient", "cause"),
    [
        (lambda x, g: g, "not summed over axis 0, along which the value was used many times"),
        (lambda x, g: g[:1] * 4, "WRONG"),
    ],
)
def test_a_bias_whose_gradient_is_not_summed(gradient, cause):
    report = check_gradients(lambda b: A + b, np.ones(3), gradient=gradient)
    assert not report
    assert cause in str(report)


# --- modules that break the contract


def broken(**methods):
    return type("Broken", (Linear,), methods)()


def overwrites(self, x, grad_output):
    self.grad_weight[...] = grad_output.T @ x
    self.grad_bias[...] = grad_output.sum(axis=0)
    return grad_output @ self.weight


def changes_input(self, x):
    x *= 2
    return x @ self.weight.T / 2 + self.bias


def changes_grad_output(self, x, grad_output):
    grad_input = Linear.backward(self, x, grad_output)
    grad_output *= 0
    return grad_input


def accumulates_grad_input(self, x, grad_output):
    self.total = getattr(self, "total", 0) + Linear.backward(self, x, grad_output)
    return self.total


def forgets_bias(self, x, grad_output):
    self.grad_weight += grad_output.T @ x
    return grad_output @ self.weight


def averages_weight(self, x, grad_output):
    self.grad_weight += grad_output.T @ x / len(x)
    self.grad_bias += grad_output.sum(axis=0)
    return grad_output @ self.weight


@pytest.mark.parametrize(
    ("module", "message"),
    [
        (broken(backward=overwrites), "backward overwrites the gradient in weight: add to it"),
        (
            broken(zero_grad_parameters=lambda self: None),
            "gradient in weight differs.*zero_grad_parameters leaves",
        ),
        (broken(forward=changes_input), "x was changed in place"),
        (broken(backward=changes_grad_output), "grad_output was changed in place"),
        (broken(backward=accumulates_grad_input), "gradient in x differs.*it accumulates over calls"),
        (
            broken(forward=lambda self, x: Linear.forward(self, x) + RNG.random()),
            "give different outputs: fix the rand",
        ),
        (broken(backward=forgets_bias), "(?s)gradient in bias: WRONG.*all zeros"),
        (broken(backward=averages_weight), "(?s)gradient in weight: WRONG.*1/4 of the expected gradient"),
        (broken(forward=lambda self, x: Linear.forward(self, x) / 0), "the output is not finite"),
        (broken(forward=lambda self, x: Linear.forward(self, x).astype(np.float32)), "precision of float32"),
    ],
)
def test_modules_that_break_the_contract(module, message):
    with np.errstate(divide="ignore"):
        report = check_gradients(module, A)
    assert not report.ok
    with pytest.raises(AssertionError, match=message):
        report.raise_if_wrong()


def test_a_changed_input_harms_neither_the_caller_nor_the_comparison():
    x = A.copy()
    report = check_gradients(broken(forward=changes_input), x)
    assert_array_equal(x, A)
    assert report["weight"].ok
    assert report["bias"].ok


def test_a_loss_that_computes_in_float32_is_told_so():
    def coarse(x):
        x = x.astype(np.float32)
        return float((x**2).sum()), 2 * x

    assert "precision of float32" in str(check_gradients(coarse, A))


# --- kinks


def relu_backward(x, grad_output):
    return grad_output * (x > 0)


def relu(x):
    return np.maximum(x, 0)


@pytest.mark.parametrize("at_zero", [0.0, 0.5, 1.0])
def test_elements_at_a_kink_are_skipped_and_counted(at_zero):
    """At 0 every slope between 0 and 1 may be taken: 0.5, the central difference, like the others."""
    x = np.array([-1.0, 0.0, 0.0, 2.0, 3.0])
    report = check_gradients(relu, x, gradient=lambda x, g: g * np.where(x == 0, at_zero, x > 0))
    assert report.ok
    assert report.skipped == 2
    assert "3 of 5 elements compared, 2 undecided at a kink" in str(report)
    assert_array_equal(report["x"].skipped, x == 0)


@settings(deadline=None, max_examples=50)
@given(distance=st.floats(1e-12, 1e-4), seed=st.integers(0, 1000))
def test_a_kink_close_by_is_no_error(distance, seed):
    x = np.random.default_rng(seed).standard_normal(6)
    x[2] = distance
    x[4] = -distance
    assert check_gradients(relu, x, gradient=relu_backward, seed=seed).ok


def test_too_many_kinks_are_no_check():
    report = check_gradients(relu, np.array([0.0, 0.0, 0.0, 1.0]), gradient=relu_backward)
    assert not report.ok
    assert "3 of 4 elements sit at a kink, too many to judge: choose another x" in str(report)


def test_an_error_beside_a_kink_is_found():
    x = np.array([-1.0, 0.0, 2.0, 3.0])
    report = check_gradients(relu, x, gradient=lambda x, g: g * (x > 2.5))
    assert not report.ok
    assert report.worst_index == (2,)


def test_ties_of_a_maximum_are_kinks():
    x = np.array([[1.0, 5.0, 2.0], [1.0, 3.0, 0.0], [0.5, 1.0, 1.0]])

    def first_maximum(x, grad_output):
        gradient = np.zeros_like(x)
        gradient[x.argmax(axis=0), np.arange(3)] = grad_output
        return gradient

    report = check_gradients(lambda x: x.max(axis=0), x, gradient=first_maximum)
    assert report.ok
    assert_array_equal(
        report["x"].skipped, [[True, False, False], [True, False, False], [False, False, False]]
    )


@settings(deadline=None, max_examples=30)
@given(factor=st.floats(-3, 0.999), seed=st.integers(0, 1000), steep=st.floats(1, 300))
def test_a_wrong_gradient_of_a_bent_function_is_never_taken_for_a_kink(factor, seed, steep):
    x = np.random.default_rng(seed).standard_normal(5)
    report = check_gradients(lambda x: (np.sin(steep * x).sum(), factor * steep * np.cos(steep * x)), x)
    assert not report.ok
    assert report.skipped == 0


# --- what cannot be checked


@pytest.mark.parametrize(
    ("target", "x", "options", "message"),
    [
        (3, A, {}, "module_or_function: expected a module .*, got int"),
        (lambda x: x.sum(), A, {}, r"expected a function that returns \(loss, gradient\)"),
        (lambda x: (x, x), A, {}, r"expected a function that returns \(loss, gradient\)"),
        (
            lambda x: (x.sum(), None),
            A,
            {},
            "gradient: expected an array of numbers, got object None; is it returned",
        ),
        (
            lambda x: (x, x),
            A,
            {"gradient": lambda x: x},
            "its output alone, since gradient= is given, got 2 values",
        ),
        (Linear(), A, {"gradient": lambda x: x}, "gradient: expected None with a module"),
        (
            np.tanh,
            A,
            {"gradient": lambda x, g: g, "grad_output": np.ones(3)},
            r"grad_output: expected .* \(4, 3\)",
        ),
        (
            np.tanh,
            A * np.nan,
            {"gradient": lambda x, g: g},
            r"x: expected finite numbers, got nan at \[0, 0\]",
        ),
        (np.tanh, A[:0], {"gradient": lambda x, g: g}, "x: expected at least one number"),
        (np.tanh, ["a"], {"gradient": lambda x, g: g}, "x: expected at least one number"),
        (lambda x: "a", A, {"gradient": lambda x, g: g}, "expected numbers as output"),
        (np.tanh, A, {"gradient": lambda x, g: g, "h": 0}, "h: expected a number above 0, .* got 0"),
    ],
)
def test_what_cannot_be_checked_is_refused(target, x, options, message):
    with pytest.raises(ValueError, match=message):
        check_gradients(target, x, **options)
