"""At a kink every slope between those of both sides may be taken, none beyond; nan and inf never."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from lib import nn
from lib.gradient_check import check_gradients

# --- a gradient that is not finite, where the function is

NOT_FINITE = {
    "|x| at 0": (abs, lambda x, g: g * x / abs(x), [0.0, 1.0]),
    "the flat end of tanh": (
        np.tanh,
        lambda x, g: np.where(x > 10, np.nan, g * (1 - np.tanh(x) ** 2)),
        [11.65, 0.3],
    ),
    "relu": (lambda x: np.maximum(x, 0), lambda x, g: g * x / np.where(x == 0, 0, x), [0.0, 1.0, 2.0]),
    "a constant": (lambda x: 0 * x, lambda x, g: g * x / x, [0.0, 1.0]),
    "an edge of the domain": (lambda x: x * np.sqrt(x), lambda x, g: g * x / x, [0.0, 1.0]),
    "beside what is huge": (lambda x: np.exp(40 * x), lambda x, g: g / x * np.nan, [0.0, 1.0]),
    "everywhere": (np.sin, lambda x, g: g / 0.0 - g / 0.0, [1.0, 2.0]),
}


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("name", NOT_FINITE)
@pytest.mark.filterwarnings("ignore:.*:RuntimeWarning")
def test_nan_and_infinity_are_wrong_wherever_the_function_is_finite(name, value):
    function, gradient, x = NOT_FINITE[name]

    def filled(x, g):
        with np.errstate(all="ignore"):
            found = gradient(x, g * np.ones(1))
        return np.where(np.isfinite(found), found, value)

    assert not np.isfinite(filled(np.array(x), 1.0)[0])
    report = check_gradients(function, np.array(x), gradient=filled)
    assert report["x"].verdict == "WRONG", report
    assert f"{value} at [0], though the output is finite: a division" in str(report)


@pytest.mark.filterwarnings("ignore:.*:RuntimeWarning")
def test_the_norm_at_zero_is_named_nan():
    report = check_gradients(lambda x: (np.linalg.norm(x), x / np.linalg.norm(x)), np.zeros(2))
    assert report["x"].verdict == "WRONG"
    assert "nan at [0], though the output is finite: a division 0/0?" in str(report)


def test_a_single_number_has_no_place():
    report = check_gradients(abs, np.array(0.0), gradient=lambda x: np.array(np.nan))
    assert "likely cause: nan, though the output is finite" in str(report)


# --- kinks

CORNERS = {
    "relu": (lambda x: np.maximum(x, 0), 0.0, 1.0),
    "|x|": (np.abs, -1.0, 1.0),
    "-|x|": (lambda x: -np.abs(x), -1.0, 1.0),
    "leaky relu": (lambda x: np.maximum(x, 0.1 * x), 0.1, 1.0),
    "hard tanh at -1": (lambda x: np.clip(x - 1, -1, 1), 0.0, 1.0),
    "hinge": (lambda x: np.maximum(0, -x), -1.0, 0.0),
    "steep": (lambda x: 1e4 * np.abs(x) + np.sin(x), -1e4 + 1, 1e4 + 1),
    "flat": (lambda x: 1e-4 * np.maximum(x, 0), 0.0, 1e-4),
    "far up": (lambda x: 100 + np.maximum(x, 0), 0.0, 1.0),
}


@pytest.mark.parametrize("name", CORNERS)
@pytest.mark.parametrize("as_loss", [True, False])
def test_between_the_slopes_is_undecided_and_beyond_is_wrong(name, as_loss):
    function, low, high = CORNERS[name]
    x = np.array([0.0, 0.7, -0.4, 1.3])
    right = np.array([0.0, *((function(x + 1e-6) - function(x - 1e-6)) / 2e-6)[1:]])

    def check(at_zero):
        if as_loss:
            return check_gradients(
                lambda x: function(x).sum(), x, gradient=lambda x: np.where(x, right, at_zero), tolerance=1e-4
            )
        return check_gradients(
            function, x, gradient=lambda x, g: g * np.where(x, right, at_zero), tolerance=1e-4
        )

    width = high - low
    for share in (0.0, 0.3, 1.0):
        assert check(low + share * width)["x"].verdict == "right", (share, check(low + share * width))
    for far in (low - 1.5 * width, high + 0.5 * width, 999 * high + 1, -999 * width):
        report = check(far)
        assert report["x"].verdict == "WRONG", far
        assert report.worst_index == (0,)


def test_the_slopes_on_both_sides_are_named():
    def gradient(x):
        return np.where(x == 0, 999, x > 0)

    report = check_gradients(lambda x: np.maximum(x, 0).sum(), np.array([0.0, 1.0]), gradient=gradient)
    assert "analytic 999" in str(report)
    assert "at the kink at [0], outside the slopes on both sides, 0 to 1" in str(report)
    vector = check_gradients(
        lambda x: np.maximum(x, 0), np.array([0.0, 1.0]), gradient=lambda x, g: g * gradient(x)
    )
    assert "outside the slopes on both sides" in str(vector)


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 10_000), share=st.floats(0, 1), outputs=st.integers(1, 4))
def test_outputs_that_bend_against_each_other_are_not_wrong(seed, share, outputs):
    """Each output's slope may be taken from its own interval, whatever the upstream gradient mixes."""
    c, d = np.random.default_rng(seed).standard_normal((2, outputs))
    assume((abs(c + d) > 0.01 * abs(c - d)).all())  # a bend below a thousandth of the slope is not seen

    def function(x):
        return c * np.maximum(x[:1], 0) + d * np.maximum(-x[:1], 0) + x[1:]

    def gradient(x, g):
        return np.concatenate([[share * (g * (c - d)).sum()], [g.sum()]])

    report = check_gradients(function, np.array([0.0, 0.5]), gradient=gradient)
    assert report["x"].verdict != "WRONG", report


@settings(deadline=None, max_examples=25)
@given(
    seed=st.integers(0, 10_000),
    sizes=st.tuples(*[st.integers(1, 9)] * 3),
    act=st.sampled_from([nn.ReLU, nn.LeakyReLU]),
)
def test_a_network_whose_units_are_all_at_zero_is_never_wrong(seed, sizes, act):
    inputs, hidden, outputs = sizes
    net = nn.Sequential(
        nn.Linear(inputs, hidden, seed=seed), act(), nn.Linear(hidden, outputs, seed=seed + 1)
    )
    net.double().modules[0].bias[:] = 0
    x = np.vstack([np.zeros(inputs), np.random.default_rng(seed).standard_normal((2, inputs))])

    def gradient(x, g):
        net.forward(x)
        return net.backward(x, g)

    for report in (check_gradients(net, x), check_gradients(net.forward, x, gradient=gradient)):
        assert "WRONG" not in str(report)


@settings(deadline=None, max_examples=15)
@given(seed=st.integers(0, 10_000))
def test_ties_of_overlapping_windows_are_never_wrong(seed):
    net = nn.Sequential(nn.MaxPool2d(2, 1), nn.Conv2d(1, 2, 2, seed=seed)).double()
    x = np.random.default_rng(seed).integers(0, 2, (1, 1, 4, 4)).astype(float)
    assert "WRONG" not in str(check_gradients(net, x))


def test_a_hinge_loss_with_many_ties_is_never_wrong():
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((6, 3)), rng.choice([-1, 1], 6)

    def loss(w):
        margins = np.maximum(0, -y * (X @ w))
        return margins.sum(), X.T @ (-y * (y * (X @ w) < 0))

    assert "WRONG" not in str(check_gradients(loss, np.zeros(3)))


# --- what is too small to see


@pytest.mark.parametrize(
    ("function", "gradient"),
    [(np.exp, lambda x, g: g * np.exp(x)), (np.tanh, lambda x, g: g * (1 - np.tanh(x) ** 2))],
)
def test_where_much_was_not_seen_right_alone_is_not_said(function, gradient):
    x = np.random.default_rng(0).standard_normal(30) * 10
    report = check_gradients(function, x, gradient=gradient)
    assert report.ok
    part = report["x"]
    assert part.unjudged > 3
    assert str(report).startswith(
        f"gradient in x: right as far as one can see: {part.unjudged} of 30 elements not judged; "
    )
    assert "right, " in str(check_gradients(function, x / 20, gradient=gradient))


def test_a_tenth_is_not_much():
    x = np.array([0.0, *np.arange(1.0, 10)])
    right = check_gradients(np.abs, x, gradient=lambda x, g: g * np.sign(x + 1))
    assert right.skipped == 1
    assert str(right).startswith("gradient in x: right, 9 of 10")
    more = check_gradients(np.abs, x[:9], gradient=lambda x, g: g * np.sign(x + 1))
    assert str(more).startswith("gradient in x: right as far as one can see: 1 of 9")


# --- the middle of both slopes, which the central difference gives


@pytest.mark.parametrize("name", CORNERS)
@pytest.mark.parametrize("share", [0.0, 0.25, 0.5, 1.0])
def test_every_slope_that_may_be_taken_is_undecided_alike(name, share):
    function, low, high = CORNERS[name]
    x = np.array([0.0, 0.7, -0.4, 1.3])
    right = np.array([0.0, *((function(x + 1e-6) - function(x - 1e-6)) / 2e-6)[1:]])
    at_zero = low + share * (high - low)
    report = check_gradients(
        function, x, gradient=lambda x, g: g * np.where(x, right, at_zero), tolerance=1e-4
    )
    assert report.ok
    assert report.skipped == 1, report
    assert "1 undecided at a kink" in str(report)


@pytest.mark.parametrize(
    ("function", "gradient"),
    [
        (np.square, lambda x, g: 2 * g * x),
        (lambda x: x**3, lambda x, g: 3 * g * x**2),
        (np.cos, lambda x, g: -g * np.sin(x)),
        (lambda x: 1e3 * x**2, lambda x, g: 2e3 * g * x),
        (lambda x: x * abs(x), lambda x, g: 2 * g * abs(x)),
        (lambda x: 0 * x, lambda x, g: 0 * g),
    ],
)
def test_a_minimum_without_a_corner_is_no_kink(function, gradient):
    report = check_gradients(function, np.array([0.0, 1.0, -2.0]), gradient=gradient)
    assert report.raise_if_wrong().skipped == 0
