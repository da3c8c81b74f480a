"""The loss of a Linear(1, 2) while one weight is nudged: numerical slopes beside the gradient."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lib import plots
from lib.checks import check_number
from lib.classifiers import cross_entropy
from lib.demos.kit import Demo, Handle, LogSlider, Slider, shows
from lib.demos.kit.looks import apart, legible, line_end, signed

# Deck A1, "How to get good values for W's?"; the first class is the right one.
WEIGHTS = np.array([-0.8399, -0.6943])
OUTPUTS = np.array([0.1313, -0.4951])
X = 0.1854282  # printed as 0.1854; with these three digits more the deck's slopes come out as printed
BIAS = OUTPUTS - WEIGHTS * X  # not printed, but the outputs imply it
REACH = 4.0  # the curves run from −REACH to REACH
LOW, HIGH = -0.35, 2.3  # of the loss axis


class State(NamedTuple):
    """The loss at one W (2, 1), and its slope along each of the two weights."""

    weights: np.ndarray  # (2,) w₁, w₂
    scores: np.ndarray  # (2,)
    probabilities: np.ndarray  # (2,)
    loss: float  # nats
    nudged: np.ndarray  # (2,) the loss with w₁ + h, and with w₂ + h
    numerical: np.ndarray  # (2,) (nudged − loss) / h
    analytic: np.ndarray  # (2,) ∂L/∂w₁, ∂L/∂w₂
    axis: np.ndarray  # (81,) values of a weight
    curves: np.ndarray  # (2, 81) the loss against w₁ and against w₂, the other one kept
    h: float


def losses(W: np.ndarray, x: float) -> np.ndarray:
    """The loss for each pair of weights: W (M, 2) → (M,), nats; class 0 is the right one."""
    scores = W * x + BIAS
    return np.logaddexp(0, scores[:, 1] - scores[:, 0])


def compute(w1: float, w2: float, x: float, h: float) -> State:
    """The loss of scores (w1 x + b₁, w2 x + b₂), its numerical slopes by a forward nudge h, its gradient.

    w1, w2: the two weights
    x: the input, one number
    h: how far each weight is moved, > 0
    Raises `ValueError` where a number is not finite or h not above 0.
    """
    for name, number in (("w1", w1), ("w2", w2), ("x", x)):
        check_number(number, name=name)
    check_number(h, name="h", low=0, open_low=True)
    w = np.array([w1, w2], float)
    scores = w * x + BIAS
    loss, grad_scores = cross_entropy(scores[None], np.array([0]))
    nudged = np.array(
        [cross_entropy(((w + step) * x + BIAS)[None], np.array([0]))[0] for step in h * np.eye(2)]
    )

    axis = np.linspace(-REACH, REACH, 81)
    fixed = np.broadcast_to(w, (81, 2))
    curves = [losses(np.where(np.arange(2) == k, axis[:, None], fixed), x) for k in range(2)]
    return State(
        weights=w,
        scores=scores,
        probabilities=grad_scores[0] + np.array([1, 0]),
        loss=loss,
        nudged=nudged,
        numerical=(nudged - loss) / h,
        analytic=grad_scores[0] * x,
        axis=axis,
        curves=np.array(curves),
        h=h,
    )


class NudgeDemo(Demo):
    title = "One weight nudged by hand: Linear(1, 2)"
    alt = (
        "Two panels: the loss against the first and against the second weight, with the tangent, the "
        "present point and the nudged one. Beside them scores, probabilities and loss, and for each weight "
        "the numerical slope beside the analytic one."
    )
    ask = "Predict, then drag a point: where does the loss hardly change, whatever you nudge?"
    size = (11, 4.9)
    tall_size = (4.8, 9.4)
    presets = {
        "As in the lecture": {},
        "A large input": {"x": 2.0054282, "h": 1.0},
        "Already sure": {"w1": 3.0101, "w2": -2.9943, "x": 2.0054282, "h": 1.0},
        "Hardly any input": {"x": 0.0054282},
        "Too small a nudge": {"h": 1e-14},
    }

    # The limits are chosen so that the deck's numbers lie on a step of the slider.
    w1 = Slider(-3.5399, 3.6601, start=-0.8399, step=0.05, label="weight w₁")
    w2 = Slider(-3.5443, 3.6557, start=-0.6943, step=0.05, label="weight w₂")
    x = Slider(-1.9945718, 2.0054282, start=X, step=0.02, label="input x")
    h = LogSlider(-14, 0, start=-5, step=0.5, label="nudge h")

    first = Handle("w1", axes="left", label="the point", beside="loss")
    second = Handle("w2", axes="right", label="the point", beside="loss")
    first.hint, second.hint = "Drag the point on either curve", ""

    compute = staticmethod(compute)

    def loss(self) -> float:
        return float(np.clip(self.state.loss, LOW, HIGH))

    def arrange(self, figure: Figure) -> tuple[Axes, ...]:
        if self.tall:
            return tuple(figure.subplots(3, 1))
        return tuple(figure.subplots(1, 3, width_ratios=(1, 1, 1.12)))

    def draw(self, axes: tuple[Axes, ...]) -> None:
        self.left, self.right, table = axes
        blue, red = (legible(plots.COLORS[k], dark=self.dark) for k in (0, 5))
        hollow: dict[str, Any] = {
            "color": red,
            "markersize": 12,
            "markeredgewidth": 2,
            "fillstyle": "none",
            "zorder": 2.8,
        }
        self.curves, self.tangents, self.points, self.nudged, self.names = [], [], [], [], []
        for k, ax in enumerate(axes[:2]):
            self.curves.append(ax.plot([], [], color=self.ink, zorder=2.6)[0])
            self.tangents.append(ax.plot([], [], "--", color=blue, zorder=2.7)[0])
            self.nudged.append(ax.plot([], [], "s", **hollow)[0])
            self.points.append(
                ax.plot([], [], "o", color=blue, markersize=11, markeredgecolor=self.paper, zorder=2.9)[0]
            )
            self.names.append(
                [
                    ax.text(0, 0, name, color=color, va="center", fontsize=12, zorder=3)
                    for name, color in (("loss", self.ink), ("tangent", blue), (f"w{'₁₂'[k]} + h", red))
                ]
            )
            ax.set(xlim=(-REACH, REACH + 3.4), ylim=(LOW, HIGH), yticks=(0, 1, 2))
            ax.set(xticks=range(-4, 5, 2), xlabel=f"weight $w_{k + 1}$")
            ax.grid(axis="y", color=self.faint)
        self.left.set_ylabel("loss, nats")
        table.axis("off")
        look: dict[str, Any] = {
            "family": "DejaVu Sans Mono",
            "fontsize": 12,
            "va": "top",
            "linespacing": 1.35,
            "transform": table.transAxes,
        }
        labels = ("", "weight", "score", "probability", "loss", "", "slope", "numerical", "analytic", "error")
        table.text(0, 1, "\n".join(labels), zorder=1, **look)  # apart from the numbers: these stand still
        table.text(0.37, 1, f"{'class 1':>10} {'class 2':>11}", zorder=1, **look)
        self.note = table.text(0.37, 1, "\n" * 9, zorder=3, **look)

    def update(self, state: State) -> None:
        self.state = state
        borders = np.array([-REACH, REACH])
        for k in range(2):
            w, slope = state.weights[k], state.analytic[k]
            self.curves[k].set_data(state.axis, state.curves[k])
            self.tangents[k].set_data(borders, state.loss + slope * (borders - w))
            self.points[k].set_data([w], [state.loss])
            self.nudged[k].set_data([w + state.h], [state.nudged[k]])
            self.place_names(k)
        rows = [
            "",
            "{:10.4f}  {:10.4f}".format(*state.weights),
            "{:10.4f}  {:10.4f}".format(*state.scores),
            "{:10.4f}  {:10.4f}".format(*state.probabilities),
            f"{state.loss:10.4f}",
            "",
            "",
            "{:10.7f}  {:10.7f}".format(*state.numerical),
            "{:10.6f}  {:10.6f}".format(*state.analytic),
            "{:10.1e}  {:10.1e}".format(*np.abs(state.numerical - state.analytic)),
        ]
        self.note.set_text(signed("\n".join(rows)))

    def place_names(self, k: int) -> None:
        """The names of the curves stand at their right ends, that of the nudged point beside it."""
        state, edges = self.state, {"right": REACH, "low": LOW + 0.1, "high": HIGH - 0.1}
        loss, tangent, nudged = self.names[k]
        curve = state.curves[k]
        inside = int(np.flatnonzero(curve <= HIGH - 0.1)[-1])
        ends = [
            (float(state.axis[inside]), float(curve[inside])),
            line_end(state.weights[k], state.loss, state.analytic[k], **edges),
        ]
        heights = [y for _, y in ends]
        if abs(ends[0][0] - ends[1][0]) < 3:
            heights = list(apart(heights[0], heights[1], least=0.2, low=LOW + 0.1, high=HIGH - 0.1))
        for name, (x, _), height in zip((loss, tangent), ends, heights, strict=True):
            name.set_position((x + 0.2, height))
        # Where neither the curve nor the tangent runs, nor other names stand.
        right = state.weights[k] + state.h
        up = 0.16 if state.analytic[k] < 0 or state.nudged[k] < 0.3 else -0.16
        nudged.set_position((right + 0.4, state.nudged[k] + up))
        nudged.set_text(f"w{'₁₂'[k]} + h" if right < REACH - 1.6 else "")

    def said(self) -> str:
        state = self.state
        changes, rest, x = state.nudged - state.loss, state.probabilities[1], self.values["x"]
        factor = f"{x:.3g}" if x >= 0 else f"({x:.3g})"
        return signed(
            f"Nudged by {state.h:.2g}, w₁ changes the loss by {changes[0]:.2g}, w₂ by {changes[1]:.2g}; "
            f"slopes: ∓(1 − p) x = ∓{rest:.3g} · {factor}."
        )


show = shows(NudgeDemo)
