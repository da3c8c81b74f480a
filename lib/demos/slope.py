"""One weight: the secant through w and w + h becomes the tangent, until rounding spoils it."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes

from lib import plots
from lib.checks import check_choice, check_number
from lib.demos.kit import Choice, Demo, Handle, LogSlider, Slider, shows
from lib.demos.kit.looks import apart, legible, line_end, signed
from lib.demos.kit.touch import Mark, Values
from lib.gradient_check import numerical_gradient

# name → the loss and its derivative; both take arrays (w⁴ by products: a power may round otherwise in arrays)
LOSSES: dict[str, tuple[Callable, Callable]] = {
    "w²": (lambda w: w**2, lambda w: 2 * w),
    "w⁴/100": (lambda w: (w * w) * (w * w) / 100, lambda w: w**3 / 25),
}
DIFFERENCES = ("forward", "central")
STEPS = 10.0 ** np.arange(-14, 0.61, 0.2)  # the h of the error curves
LEFT, RIGHT = -13.0, 17.0  # of the curve
BOTTOM, TOP = -60.0, 290.0  # of the plot
FINEST = 0.01  # the smallest h that a hand can set in the plot, where no smaller one is to be seen
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
    w: float
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
        w=w,
        h=h,
        difference=difference,
    )


class Second(Handle):
    """The secant's second point, at w + h: how far it stands from the first is h."""

    def marks(self, demo: Demo) -> list[Mark]:
        (mark,) = super().marks(demo)
        return [mark._replace(x=mark.x + demo.values["w"])]

    def dragged(self, demo: Demo, index: int, x: float, y: float) -> Values:
        return super().dragged(demo, index, max(x - demo.values["w"], FINEST), y)


class SlopeDemo(Demo):
    title = "Secant and tangent"
    alt = (
        "Left: the loss against one weight w, its tangent at w, and the secant that nudging w by h gives. "
        "Right: the error of the numerical slope against h, forward and central, on logarithmic axes; "
        "a ring marks the present h."
    )
    ask = "Predict, then drag the second point to the first: does a smaller h always help?"
    size = (10, 4.3)
    tall_size = (5.0, 7.2)
    panels = 2
    presets = {
        "As in the lecture": {"w": 10.0, "h": 0.01},
        "A large nudge": {"w": 6.0, "h": 10.0**0.6},
        "Too small a nudge": {"w": 10.0, "h": 1e-14},
        "Both sides": {"w": 6.0, "h": 10.0**0.6, "difference": "central", "loss": "w⁴/100"},
        "At the bottom": {"w": 0.0, "h": 1.0},
    }

    w = Slider(-12.0, 12.0, start=10.0, step=0.1)
    h = LogSlider(-14, 0.6, start=0.6, step=0.2, label="nudge h")
    difference = Choice(DIFFERENCES)
    loss = Choice(tuple(LOSSES), label="L(w)")
    second = Second("h", axes="plot", label="the second point", beside="height_of_second")
    point = Handle("w", axes="plot", label="the point", beside="height_of_point")
    ring = Handle("h", axes="errors", label="the ring", beside="error", click=True)
    point.hint, second.hint = "Drag either point of the secant", ""

    compute = staticmethod(compute)

    def height_of_point(self) -> float:
        return self.height(self.values["w"])

    def height_of_second(self) -> float:
        return self.height(self.values["w"] + self.values["h"])

    def height(self, w: float) -> float:
        """The loss, or the upper edge of the plot where the curve has left it."""
        return min(float(LOSSES[self.values["loss"]][0](w)), TOP)

    def error(self) -> float:
        return max(abs(self.state.numerical - self.state.analytic), FLOOR)

    def draw(self, axes: tuple[Axes, Axes]) -> None:
        self.plot, self.errors = plot, errors = axes
        blue, red, green = (legible(plots.COLORS[k], dark=self.dark) for k in (0, 5, 2))
        self.curve = plot.plot([], [], color=self.ink, zorder=2.6)[0]
        self.tangent = plot.plot([], [], color=blue, zorder=2.7)[0]
        self.secant = plot.plot([], [], "--", color=red, zorder=2.8)[0]
        self.ends = plot.plot([], [], "o", color=red, markersize=10, markeredgecolor=self.paper, zorder=2.9)[
            0
        ]
        self.here = plot.plot([], [], "o", color=blue, markersize=11, markeredgecolor=self.paper, zorder=3)[0]
        self.names = [
            plot.text(0, 0, name, color=color, va="center", clip_on=True, zorder=3)
            for name, color in (("secant", red), ("tangent", blue))
        ]
        plot.set(xlim=(LEFT, RIGHT + 8), ylim=(BOTTOM, TOP + 10), xlabel="weight w", ylabel="loss L(w)")
        plot.set(xticks=range(-10, 16, 5), yticks=range(0, 201, 100))
        plot.grid(axis="y", color=self.faint)

        self.lines = [
            errors.plot([], [], marker=marker, markevery=5, color=color, zorder=2.7)[0]
            for marker, color in zip(plots.MARKERS[1:], (red, green), strict=False)
        ]
        self.kinds = [
            errors.text(25, 1, name, color=color, va="center", zorder=2.8)
            for name, color in zip(DIFFERENCES, (red, green), strict=True)
        ]
        self.now = errors.plot(
            [], [], "o", color=self.ink, markersize=13, markeredgewidth=2, fillstyle="none", zorder=2.9
        )[0]
        errors.set(xscale="log", yscale="log", xlim=(3e-15, 1e7), ylim=(FLOOR / 3, 1e3))
        errors.set(xlabel="nudge h", ylabel="|numerical − analytic|")
        errors.set_xticks([1e-12, 1e-8, 1e-4, 1])
        errors.set_yticks([1e-15, 1e-10, 1e-5, 1])
        errors.minorticks_off()
        errors.grid(axis="y", color=self.faint)

    def update(self, state: State) -> None:
        self.state = state
        self.curve.set_data(state.axis, state.curve)
        self.tangent.set_data([LEFT, RIGHT], state.tangent)
        self.secant.set_data([LEFT, RIGHT], state.secant)
        self.ends.set_data(*state.ends.T)
        self.here.set_data([state.w], [np.interp(state.w, [LEFT, RIGHT], state.tangent)])
        ends = [
            line_end(RIGHT, heights[1], slope, right=RIGHT, low=BOTTOM + 15, high=TOP - 15)
            for heights, slope in ((state.secant, state.numerical), (state.tangent, state.analytic))
        ]
        heights = [end[1] for end in ends]
        if abs(ends[0][0] - ends[1][0]) < 8:
            heights = list(apart(heights[0], heights[1], least=24, low=BOTTOM + 15, high=TOP - 5))
        for name, (x, _), height in zip(self.names, ends, heights, strict=True):
            name.set_position((x + 0.4, height))
        logs = []
        for line, error in zip(self.lines, state.errors, strict=True):
            line.set_data(STEPS, np.maximum(error, FLOOR))
            logs.append(float(np.log10(max(error[-1], FLOOR))))
        for name, height in zip(self.kinds, apart(logs[0], logs[1], least=1.3), strict=True):
            name.set_y(10.0**height)
        self.now.set_data([state.h], [self.error()])

    def said(self) -> str:
        state = self.state
        errors = state.errors[DIFFERENCES.index(state.difference)]
        error = abs(state.numerical - state.analytic)
        best = int(errors.argmin())
        least = f"off by {errors[best]:.2g}" if errors[best] else "exact"
        better = f"; h = {written(STEPS[best])} is {least}" if 2 * errors[best] < error else ""
        return signed(
            f"With h = {written(state.h)} the secant's slope is {state.numerical:.8g}, the tangent's "
            f"{state.analytic:.8g}: off by {error:.2g}{better}."
        )


def written(h: float) -> str:
    """An h as it was used: 4 digits where it is no round number, so that w + h can be checked.

    >>> written(10**0.6), written(0.01)
    ('3.981', '0.01')
    """
    return f"{h:.4g}"


show = shows(SlopeDemo)
