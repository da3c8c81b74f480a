"""Right gradients of steep, bent and tiny functions are never called wrong, a slip of a thousandth always."""

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from lib import nn
from lib.gradient_check import check_gradients, numerical_gradient
from lib.graph import DivideGate, Gate, LogGate, PowerGate, check_gate

# Each with its derivative.
FUNCTIONS = {
    "log": (np.log, lambda x: 1 / x),
    "1/x": (lambda x: 1 / x, lambda x: -1 / x**2),
    "x**-2": (lambda x: x**-2.0, lambda x: -2 * x**-3.0),
    "sqrt": (np.sqrt, lambda x: 0.5 / np.sqrt(x)),
    "x log x": (lambda x: x * np.log(x), lambda x: np.log(x) + 1),
    "x**1.5": (lambda x: x**1.5, lambda x: 1.5 * np.sqrt(x)),
    "x**2": (np.square, lambda x: 2 * x),
    "logit": (lambda x: np.log(x / (1 - x)), lambda x: 1 / (x * (1 - x))),
    "exp(100 x)": (lambda x: np.exp(100 * x), lambda x: 100 * np.exp(100 * x)),
    "tanh(1e4 x)": (lambda x: np.tanh(1e4 * x), lambda x: 1e4 / np.cosh(np.minimum(1e4 * x, 300)) ** 2),
    "1000 + sin(x)": (lambda x: 1000 + np.sin(x), np.cos),
    "log1p(exp(x))": (lambda x: np.logaddexp(0, x), lambda x: 1 / (1 + np.exp(-x))),
} | {
    f"sin({k:.0e} x)": (lambda x, k=k: np.sin(k * x), lambda x, k=k: k * np.cos(k * x))
    for k in (1e2, 1e4, 1e5, 1e6, 1e7, 1e8)
}
PLACES = [[10.0**-power] for power in range(1, 9)]
MIXED = [[0.7, 0.2999, 1e-4], [0.5, 1e-8, 1e-3], [0.3, 1e-6], [0.9, 0.1, 0.01, 1e-5]]
SLIPS = {
    "1.01": lambda g, i: g[i] * 1.01,
    "0.99": lambda g, i: g[i] * 0.99,
    "1.001": lambda g, i: g[i] * 1.001,
    "twice": lambda g, i: g[i] * 2,
    "zero": lambda g, i: 0.0,
    "sign": lambda g, i: -g[i],
    "a hundred times": lambda g, i: g[i] * 100,
    "a missing term": lambda g, i: g[i] - 0.1 * max(1.0, abs(g[i])),
    "nan": lambda g, i: math.nan,
}


def check(function, derivative, x, *, as_loss):
    if as_loss:
        return check_gradients(lambda x: function(x).sum(), x, gradient=derivative)
    return check_gradients(function, x, gradient=lambda x, g: g * derivative(x))


def slipped(derivative, slip, i):
    def gradient(x):
        found = derivative(x).copy()
        found[i] = slip(found, i)
        return found

    return gradient


@pytest.mark.family(share=2)
@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.filterwarnings("error")
def test_no_right_gradient_is_called_wrong(name):
    for x in map(np.array, PLACES + MIXED):
        for as_loss in (True, False):
            report = check(*FUNCTIONS[name], x, as_loss=as_loss)
            assert report["x"].verdict != "WRONG", report
            # One number alone is decided, unless its slope is one like that of tanh(1000), 0 in every digit;
            # beside a term of 1e16, what is small cannot be seen.
            function, derivative = FUNCTIONS[name]
            if len(x) == 1 and abs(derivative(x)[0]) > 1e-50 * abs(function(x)[0]):
                assert report.raise_if_wrong().skipped == 0


def test_nearly_every_element_of_the_table_is_decided():
    """The others are slopes like that of tanh(1000), or stand beside outputs of 1e16, which hide them."""
    elements = undecided = 0
    for function, derivative in FUNCTIONS.values():
        for x in map(np.array, PLACES + MIXED):
            for as_loss in (True, False):
                report = check(function, derivative, x, as_loss=as_loss)
                elements += len(x)
                undecided += report.skipped + report["x"].unseen
    assert elements > 700
    assert undecided < 0.07 * elements


@pytest.mark.family(share=2)
@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("slip", SLIPS)
def test_no_wrong_gradient_passes(name, slip):
    function, derivative = FUNCTIONS[name]
    for x in (np.array([1e-1]), np.array([1e-3]), np.array([1e-5]), np.array([1e-8]), np.array(MIXED[0])):
        right = check(function, derivative, x, as_loss=False)
        for i in range(len(x)):
            if right.skipped or right["x"].unseen or not derivative(x)[i]:
                continue  # such as tanh(1000), whose slope is 0 in every digit
            report = check(function, slipped(derivative, SLIPS[slip], i), x, as_loss=False)
            assert report["x"].verdict == "WRONG", (x, i)
            assert report.worst_index == (i,)


@settings(deadline=None, max_examples=80)
@given(
    name=st.sampled_from(sorted(FUNCTIONS)),
    powers=st.lists(st.floats(-8, -0.05), min_size=1, max_size=5),
    sign=st.sampled_from([-1, 1]),
    as_loss=st.booleans(),
    data=st.data(),
)
def test_a_slip_of_a_thousandth_in_one_element_is_found_wherever_it_is_decided(
    name, powers, sign, as_loss, data
):
    function, derivative = FUNCTIONS[name]
    x = 10.0 ** np.array(powers)
    right = check(function, derivative, x, as_loss=as_loss)
    assert right["x"].verdict != "WRONG"
    i = data.draw(st.integers(0, len(x) - 1))
    assume(not right["x"].skipped[i] and not right["x"].unseen and derivative(x)[i] != 0)
    wrong = slipped(derivative, lambda g, i: g[i] * (1 + sign * 1e-3), i)
    report = check(function, wrong, x, as_loss=as_loss)
    assert report["x"].verdict == "WRONG"
    assert report.worst_index == (i,)


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 10_000), data=st.data())
def test_a_slip_of_a_thousandth_in_a_network_is_found(seed, data):
    """Saturated and dead units have tiny gradients beside large ones."""
    rng = np.random.default_rng(seed)
    hidden = data.draw(st.sampled_from([nn.Tanh, nn.Sigmoid, nn.ReLU, nn.Softplus]))
    net = nn.Sequential(nn.Linear(3, 4, seed=seed), hidden(), nn.Linear(4, 2, seed=seed + 1)).double()
    for parameter in net.parameters()[0]:
        parameter *= 10 ** rng.uniform(-1, 1)
    x = rng.standard_normal((2, 3))
    gradient = net.backward(x, grad := rng.standard_normal(net.forward(x).shape))
    right = check_gradients(net.forward, x, gradient=net_backward(net), grad_output=grad)
    assert right["x"].verdict != "WRONG"
    index = (data.draw(st.integers(0, 1)), data.draw(st.integers(0, 2)))
    assume(not right["x"].skipped[index] and not right["x"].unseen and gradient[index])

    def wrong(x, grad_output):
        found = net_backward(net)(x, grad_output).copy()
        found[index] *= 1.001
        return found

    report = check_gradients(net.forward, x, gradient=wrong, grad_output=grad)
    assert report["x"].verdict == "WRONG"
    assert report.worst_index == index


def net_backward(net):
    def backward(x, grad_output):
        net.forward(x)
        return net.backward(x, grad_output)

    return backward


class SqrtGate(Gate):
    def forward(self, x):
        self.output = np.sqrt(x)
        return self.output

    def backward(self, grad):
        return grad / (2 * self.output)


@pytest.mark.parametrize("small", [1e-3, 1e-6, 1e-8])
def test_gates_near_zero_are_right(small):
    for gate, values in (
        (DivideGate(), (3.0, small)),
        (DivideGate(), (small, small)),
        (DivideGate(), (np.array([3.0, 1.0]), np.array([small, 0.5]))),
        (LogGate(), (small,)),
        (SqrtGate(), (np.array([small, 1.0, small**0.5]),)),
        (PowerGate(), (small, 1.5)),
        (PowerGate(), (small, -2.0)),
    ):
        assert check_gate(gate, *values).raise_if_wrong().skipped == 0, (gate, values)


@pytest.mark.parametrize("small", [1e-3, 1e-6, 1e-8])
@pytest.mark.parametrize("factor", [-1, 0, 0.5, 0.999, 1.001, 2])
def test_wrong_gates_near_zero_are_found(small, factor):
    class Wrong(DivideGate):
        def backward(self, grad):
            for_x, for_y = super().backward(grad)
            return for_x, factor * for_y

    report = check_gate(Wrong(), 3.0, small)
    assert report["x"].verdict == "right"
    assert report["y"].verdict == "WRONG"


def saturated_softmax(x, weights):
    powers = np.exp(x @ weights - (x @ weights).max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


@settings(deadline=None, max_examples=60)
@given(seed=st.integers(0, 10_000), classes=st.integers(2, 5), spread=st.floats(-1, 2))
def test_a_saturated_softmax_is_right(seed, classes, spread):
    """A probability of 1 does not seem to change, and its gradient is none the less needed."""
    rng = np.random.default_rng(seed)
    weights = rng.standard_normal((classes, classes)) * 10**spread
    x = rng.standard_normal((2, classes)) * 10 ** rng.uniform(-1, 1)

    def gradient(x, grad):
        p = saturated_softmax(x, weights)
        return (p * (grad - (grad * p).sum(axis=1, keepdims=True))) @ weights.T

    report = check_gradients(lambda x: saturated_softmax(x, weights), x, gradient=gradient)
    assert report["x"].verdict != "WRONG", report


# --- what cannot be decided


@pytest.mark.parametrize(
    ("function", "gradient", "x"),
    [
        (lambda x: x.max(axis=0), lambda x, g: g * (x == x.max(axis=0)), np.ones((3, 4))),
        (lambda x: np.clip(x, -1, 1), lambda x, g: g * (np.abs(x) < 1), np.array([-1.0, 1.0, 1.0])),
        (np.abs, lambda x, g: g * np.sign(x + 1), np.zeros(5)),
        (lambda x: np.maximum(x, 1e-3), lambda x, g: g * (x > 1e-3), np.full(3, 1e-3)),
        (lambda x: np.maximum(x, 0.1 * x), lambda x, g: g * np.where(x > 0, 1, 0.1), np.zeros(2)),
    ],
)
def test_ties_and_corners_everywhere_are_undecided_not_wrong(function, gradient, x):
    report = check_gradients(function, x, gradient=gradient)
    assert report["x"].verdict == "undecided"
    assert "WRONG" not in str(report)
    assert f"{x.size} of {x.size} elements sit at a kink, too many to judge: choose another x" in str(report)
    with pytest.raises(AssertionError, match="could not decide"):
        report.raise_if_wrong()


def test_hard_tanh_and_max_layers_at_their_corners_are_undecided():
    report = check_gradients(nn.HardTanh(), np.array([-1.0, 1.0, 1.0, -1.0]))
    assert report["x"].verdict == "undecided"
    ties = check_gradients(nn.MaxPool2d(2), np.ones((1, 1, 4, 4)))
    assert ties["x"].verdict == "undecided"


@pytest.mark.parametrize("raises", [False, True])
def test_a_step_out_of_the_domain_condemns_no_element_and_warns_of_nothing(raises):
    def log(x):
        return np.array([math.log(value) for value in x]) if raises else np.log(x)

    report = check_gradients(log, np.array([1e-7, 0.5, 2.0]), gradient=lambda x, g: g / x)
    assert report.raise_if_wrong().skipped == 0
    assert check_gradients(log, np.array([1e-7, 0.5, 2.0]), gradient=lambda x, g: g / x * 1.01).ok is False


@pytest.mark.parametrize(("factor", "verdict"), [(1.0, "right"), (1.01, "WRONG"), (-1.0, "WRONG")])
def test_at_the_edge_of_the_domain_one_side_decides(factor, verdict):
    def inside(x):
        return np.where((x >= 0) & (x <= 1), np.exp(x), np.nan)

    report = check_gradients(inside, np.array([0.0, 1.0, 0.5]), gradient=lambda x, g: factor * g * np.exp(x))
    assert report["x"].verdict == verdict
    assert report.skipped == 0


def test_where_no_step_stays_inside_the_report_says_so():
    def only_here(x):
        return np.where(x == 0.5, x, np.nan)

    report = check_gradients(only_here, np.array([0.5]), gradient=lambda x, g: g)
    assert report["x"].verdict == "undecided"
    assert "1 undecided where a step leaves the domain" in str(report)


def test_a_function_without_a_stable_slope_is_undecided():
    rough = np.random.default_rng(0).standard_normal(997)

    def noisy(x):
        return x + 1e-3 * rough[(np.abs(x) * 1e15).astype(np.int64) % 997]

    report = check_gradients(noisy, np.array([0.3, 0.4]), gradient=lambda x, g: g)
    assert report["x"].verdict == "undecided"
    assert "undecided where no step gives a stable slope" in str(report)


def test_one_nan_in_the_gradient_condemns_its_own_element_only():
    x = np.array([0.5, 1.0, 2.0])
    report = check_gradients(np.log, x, gradient=lambda x, g: np.where(x == 1, np.nan, g / x))
    assert "1 of 3 elements differ; worst at [1]" in str(report)
    assert "nan at [1]" in str(report)


def test_an_output_that_is_not_finite_says_where():
    with np.errstate(divide="ignore"):
        report = check_gradients(np.log, np.array([1.0, 0.0]), gradient=lambda x, g: g / x)
    assert "the output is not finite, -inf at [1]" in str(report)


def test_an_output_that_vanishes_and_a_gradient_that_nearly_does_are_not_wrong():
    report = check_gradients(lambda x: 0 * x, np.ones(2), gradient=lambda x, g: 1e-47 * g)
    assert report["x"].verdict == "undecided"  # its sign, or its double, could not be seen
    assert not check_gradients(lambda x: 0 * x, np.ones(2), gradient=lambda x, g: 1e-3 * g)


def test_a_small_term_beside_a_huge_one_is_told_apart_from_what_was_compared():
    report = check_gradients(lambda x: (1e16 * x[0] + x[1], np.array([1e16, 1.0])), np.array([1.0, 1.0]))
    assert report["x"].verdict == "right"
    assert "1 of 2 elements compared, 1 too small beside the others to see" in str(report)


# --- what it costs


@pytest.mark.parametrize(
    ("function", "gradient", "most"),
    [
        (np.tanh, lambda x, g: g / np.cosh(x) ** 2, 2),
        (lambda x: (x**2).sum(), lambda x: 2 * x, 2),
        (lambda x: np.maximum(x, 0), lambda x, g: g * (x > 0), 2),
        (lambda x: np.maximum(x, 0), lambda x, g: g * (x < 0), 4),  # wrong everywhere
        (np.tanh, lambda x, g: g, 5),
    ],
)
def test_two_evaluations_an_element_are_the_rule(function, gradient, most):
    calls = 0

    def counted(x):
        nonlocal calls
        calls += 1
        return function(x)

    x = np.random.default_rng(0).standard_normal(100)
    report = check_gradients(counted, x, gradient=gradient)
    assert report.ok == (most == 2)
    assert calls <= most * x.size + 10


HUGE = 10**400  # more than a float holds


@pytest.mark.parametrize(
    "arguments",
    [
        *({"h": value} for value in (HUGE, np.nan, np.inf, 0, -1e-5, "small", True)),
        *({"tolerance": value} for value in (HUGE, np.nan, np.inf, -1e-6, "small")),
        *({"grad_output": value} for value in (HUGE, np.nan, np.inf, "one", 1j)),
        *({"seed": value} for value in (-1, 0.5, "one")),
    ],
)
def test_arguments_that_no_check_can_use_are_named(arguments):
    with pytest.raises(ValueError, match=f"^{next(iter(arguments))}: expected "):
        check_gradients(lambda x: ((x**2).sum(), 2 * x), np.ones(2), **arguments)


@pytest.mark.parametrize("h", [5e-324, 1e-300, 1e-17, 1e-15, 1e300])
@pytest.mark.parametrize("x", [[1.0], [0.0, 3e10], [1e-310, 1.0], [-1e100]])
def test_no_step_is_too_small_or_too_large_to_give_a_report(h, x):
    report = check_gradients(lambda x: (x.sum(), np.ones_like(x)), np.array(x), h=h)
    assert "WRONG" not in str(report)
    report = check_gradients(lambda x: (x.sum(), 2 * np.ones_like(x)), np.array([1.0]), h=h)
    assert not report.ok


def test_a_numerical_gradient_needs_a_step_that_changes_x():
    for h in (HUGE, np.nan, 0, "small", 1e-300):
        with pytest.raises(ValueError, match="h: expected "):
            numerical_gradient(lambda x: (x**2).sum(), np.ones(2), h)
    assert numerical_gradient(lambda x: x, 0.0, 1e-300) == 1
