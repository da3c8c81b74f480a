"""One weight: the secant through w and w + h becomes the tangent, until rounding spoils it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from lib import plots
from lib.checks import check_choice, check_number
from lib.demos.kit import Choice, Demo, LogSlider, Slider, shows
from lib.gradient_check import numerical_gradient

# name → the loss and its derivative; both take arrays (w⁴ by products: a power may round otherwise in arrays)
LOSSES: dict[str, tuple[Callable, Callable]] = {
    "w²": (lambda w: w**2, lambda w: 2 * w),
    "w⁴/100": (lambda w: (w * w) * (w * w) / 100, lambda w: w**3 / 25),
}
DIFFERENCES = ("forward", "central")
STEPS = 10.0 ** np.arange(-14, 0.61, 0.2)  # the h of the error curves
LEFT, RIGHT = -13.0, 17.0  # of the plot
FLOOR = 1e-15  # an error below it is drawn there: a logarithmic axis has no zero


class State(NamedTuple):
    """The picture for one w and one h."""

    axis: np.ndarray  # (200,) weights
    curve: np.ndarray  # (200,) the loss there
    ends: np.ndarray  # (2, 2) the two points of the secant, each w and loss
    secant: np.ndarray  # (2,) heights of the secant at LEFT and RIGHT
    tangent: np.ndarray  # (2,) heights of the tangent there
    numerical: float  # slope of the secant
    analytic: float  # slope of the tangent
    errors: np.ndarray  # (2, len(STEPS)) |numerical − analytic| against h, forward and central
    h: float
    difference: str


def forward_slope(f: Callable, w: float, h: float) -> float:
    """(f(w + h) − f(w)) / h, as deck A1 writes it."""
    return float((f(w + h) - f(w)) / h)


def compute(w: float, h: float, difference: str, loss: str) -> State:
    """Both slopes of a loss at w, and the error of the numerical one for every h.

    w: where the slope is taken, a finite number
    h: step > 0
    difference: "forward" or "central"
    loss: "w²" or "w⁴/100"
    Raises `ValueError` for another name, or where w or h is not finite or h not above 0.
    """
    check_choice(difference, DIFFERENCES, name="difference")
    check_choice(loss, LOSSES, name="loss")
    check_number(w, name="w")
    check_number(h, name="h", low=0, open_low=True)
    f, derivative = LOSSES[loss]
    analytic, central = float(derivative(w)), difference == "central"
    numerical = float(numerical_gradient(f, np.asarray(w), h)) if central else forward_slope(f, w, h)

    forward = (f(w + STEPS) - f(w)) / STEPS
    right, left = w + STEPS, w - STEPS
    both = (f(right) - f(left)) / (right - left)  # as numerical_gradient does, all h at a time
    start = w - h if central else w
    ends = np.array([[start, f(start)], [w + h, f(w + h)]])
    axis, borders = np.linspace(LEFT, RIGHT, 200), np.array([LEFT, RIGHT])
    return State(
        axis=axis,
        curve=f(axis),
        ends=ends,
        secant=ends[0, 1] + numerical * (borders - start),
        tangent=f(w) + analytic * (borders - w),
        numerical=numerical,
        analytic=analytic,
        errors=np.abs(np.array([forward, both]) - analytic),
        h=h,
        difference=difference,
    )


class SlopeDemo(Demo):
    title = "Secant and tangent"
    alt = (
        "Left: the loss against one weight w, its tangent at w, and the secant that nudging w by h gives. "
        "Right: the error of the numerical slope against h, forward and central, on logarithmic axes; "
        "it falls, then rises again where rounding takes over."
    )
    size = (10, 4.4)
    panels = 2
    presets = {
        "As in the deck": {"w": 10.0, "h": 0.01},
        "A large nudge": {"w": 6.0, "h": 10.0**0.6},
        "Too small a nudge": {"w": 10.0, "h": 1e-14},
        "Both sides": {"w": 6.0, "h": 10.0**0.6, "difference": "central", "loss": "w⁴/100"},
        "At the bottom": {"w": 0.0, "h": 1.0},
    }

    w = Slider(-12.0, 12.0, start=10.0, step=0.1)
    h = LogSlider(-14, 0.6, start=-2, step=0.2, label="nudge h")
    difference = Choice(DIFFERENCES)
    loss = Choice(tuple(LOSSES), label="L(w)")

    compute = staticmethod(compute)

    def draw(self, axes: Any) -> None:
        plot, errors = axes
        self.curve = plot.plot([], [], color="black", zorder=2.6)[0]
        self.tangent = plot.plot([], [], color=plots.COLORS[0], label="tangent: analytic", zorder=2.7)[0]
        self.secant = plot.plot([], [], "--", color=plots.COLORS[5], label="secant: numerical", zorder=2.8)[0]
        self.ends = plot.plot([], [], "o", color=plots.COLORS[5], markersize=9, zorder=2.9)[0]
        plot.set(xlim=(LEFT, RIGHT), ylim=(-60, 290), xlabel="weight w", ylabel="loss L(w)")
        plot.legend(loc="upper center", fontsize=12).set_zorder(1)

        self.lines = [
            errors.plot([], [], style, marker=marker, markevery=5, color=color, label=name, zorder=2.7)[0]
            for name, style, marker, color in zip(
                DIFFERENCES, ("-", "-"), plots.MARKERS[1:], (plots.COLORS[5], plots.COLORS[2]), strict=False
            )
        ]
        self.here = errors.plot([], [], "o", color="black", markersize=12, fillstyle="none", zorder=2.9)[0]
        errors.set(xscale="log", yscale="log", xlim=(3e-15, 10), ylim=(FLOOR / 3, 1e9))
        errors.set(xlabel="nudge h", ylabel="|numerical − analytic|")
        errors.set_xticks([1e-12, 1e-8, 1e-4, 1])
        errors.set_yticks([1e-15, 1e-10, 1e-5, 1])
        errors.minorticks_off()
        errors.legend(loc="lower left", fontsize=12).set_zorder(1)
        look = {
            "family": "DejaVu Sans Mono",
            "transform": errors.transAxes,
            "va": "top",
            "zorder": 3,
        }
        self.note = errors.text(0.05, 1.0, "\n\n", **look)

    def update(self, state: State) -> None:
        self.curve.set_data(state.axis, state.curve)
        self.tangent.set_data([LEFT, RIGHT], state.tangent)
        self.secant.set_data([LEFT, RIGHT], state.secant)
        self.ends.set_data(*state.ends.T)
        for line, error in zip(self.lines, state.errors, strict=True):
            line.set_data(STEPS, np.maximum(error, FLOOR))
        error = abs(state.numerical - state.analytic)
        self.here.set_data([state.h], [max(error, FLOOR)])
        text = f"numerical {state.numerical:14.8f}\nanalytic  {state.analytic:14.8f}\nerror     {error:14.1e}"
        self.note.set_text(text.replace("-", "−"))


show = shows(SlopeDemo)
