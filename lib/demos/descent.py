"""Gradient descent down a ravine: the learning rate, momentum, and the optimisers that came after."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lib import plots
from lib.checks import check_choice, check_whole
from lib.demos.kit import Choice, Demo, Handle, LogSlider, Slider, Time, shows
from lib.demos.kit.looks import draw_valley, legible
from lib.demos.kit.rounded import powered
from lib.optim import SGD, Adam, Optimizer, RMSProp

OPTIMIZERS = ("momentum", "Nesterov", "RMSProp", "Adam", "gradient descent")
CURVATURES = np.array([1.0, 25.0])  # of L(θ) = ½ (θ₁² + 25 θ₂²): gentle along the ravine, steep across
START = np.array([-8.0, 1.6])
LAST = 100  # steps
FAR = 1e6  # where a path counts as lost: the loss has grown beyond all bounds


class State(NamedTuple):
    """The way from `START`, as far as it has been walked."""

    path: np.ndarray  # (step + 1, 2) θ before each step and after the last one
    losses: np.ndarray  # (step + 1,) L(θ)
    ahead: np.ndarray  # (2,) θ after one step more
    lost: bool  # it left for good: θ is beyond `FAR`, and stays there
    optimizer: str
    rate: float
    alpha: float


def f(theta: np.ndarray) -> np.ndarray:
    """The ravine: θ (..., 2) → (...)."""
    return 0.5 * (CURVATURES * theta**2).sum(axis=-1)


def make(optimizer: str, rate: float, alpha: float) -> Optimizer:
    """An optimiser of `lib.optim`; alpha is its memory: momentum, RMSProp's α, or Adam's β₁."""
    check_choice(optimizer, OPTIMIZERS, name="optimizer")
    if optimizer == "momentum":
        return SGD(rate, momentum=alpha)
    if optimizer == "Nesterov":
        return SGD(rate, momentum=alpha, nesterov=alpha > 0)
    if optimizer == "RMSProp":
        return RMSProp(rate, alpha=alpha)
    if optimizer == "Adam":
        return Adam(rate, betas=(alpha, 0.999))
    return SGD(rate)


def compute(
    optimizer: str, rate: float, alpha: float, step: int, x: float = START[0], y: float = START[1]
) -> State:
    """The way that an optimiser takes from a place in the plane.

    optimizer, alpha: as in `make`, alpha from 0 to below 1
    rate: learning rate > 0
    step: how many steps it takes, 0 and up
    x, y: where it starts
    Raises `ValueError` for anything else.
    """
    check_whole(step, name="step")
    chosen, theta = make(optimizer, rate, alpha), np.array([x, y], float)
    path = np.empty((step + 2, 2))
    path[0] = theta
    for t in range(1, step + 2):
        chosen.step([theta], [CURVATURES * theta])
        path[t] = theta
        if max(abs(theta)) > FAR:
            path[t:] = theta
            break
    path, ahead = path[:-1], path[-1]
    lost = bool(np.abs(path[-1]).max() > FAR)
    return State(path, f(path), ahead, lost=lost, optimizer=optimizer, rate=rate, alpha=alpha)


class DescentDemo(Demo):
    title = "Down the ravine: learning rate and momentum"
    alt = (
        "Left: contour lines of a loss of two weights, a narrow ravine, with the path of the optimiser from "
        "its start, a ring, towards the minimum in the middle, a star; dashed, the next step. Right: the "
        "loss after each step, on a logarithmic axis."
    )
    ask = "Predict, then press play and drag the start: from where does the path zigzag?"
    size = (10.5, 4.4)
    tall_size = (5.0, 6.6)
    presets = {
        "Too small": {"rate": 0.001, "step": 50},
        "Just right": {"rate": 10**-1.12, "step": 50},
        "Too large a step": {"rate": 10**-1.06, "step": 50},
        "Ravine with momentum": {"rate": 10**-1.5, "alpha": 0.7, "step": 50},
        "Adam": {"optimizer": "Adam", "rate": 1.0, "alpha": 0.7, "step": 50},
    }

    optimizer = Choice(OPTIMIZERS, label="optimiser")
    rate = LogSlider(-4, 1, start=-2, step=0.02, label="learning rate η")
    alpha = Slider(0.0, 0.99, start=0.0, step=0.01, label="memory α")
    x = Slider(-10.0, 10.0, start=-8.0, step=0.1, label="start θ₁")
    y = Slider(-3.0, 3.0, start=1.6, step=0.1, label="start θ₂")
    step = Time(LAST, label="steps")
    ball = Handle("x", "y", axes="plane", label="the start", click=True)

    compute = staticmethod(compute)

    def arrange(self, figure: Figure) -> tuple[Axes, Axes]:
        if self.tall:
            return tuple(figure.subplots(2, 1, height_ratios=(1.25, 1)))
        return tuple(figure.subplots(1, 2, width_ratios=(1.6, 1)))

    def draw(self, axes: tuple[Axes, Axes]) -> None:
        self.plane, curve = axes
        x, y = np.linspace(-10, 10, 121), np.linspace(-3, 3, 81)
        heights = f(np.stack(np.meshgrid(x, y), axis=-1))
        levels = np.array([0, 0.5, 2, 5, 10, 18, 30, 50, 80, 120, 170])
        draw_valley(self.plane, x, y, heights, levels, paper=self.paper)
        self.plane.plot(0, 0, "*", color=self.ink, markersize=14, zorder=1)
        color = legible(plots.COLORS[5], dark=self.dark)
        look: dict[str, Any] = {"color": color, "markersize": 4.5, "linewidth": 1.8}
        self.ahead = self.plane.plot([], [], "--", color=color, linewidth=1.8, zorder=2.6)[0]
        self.path = self.plane.plot([], [], "o-", **look, zorder=2.7)[0]
        self.begun = self.plane.plot(
            [], [], "o", color=color, fillstyle="none", markersize=13, markeredgewidth=2, zorder=2.8
        )[0]
        self.now = self.plane.plot(
            [], [], "o", color=color, markersize=12, markeredgecolor=self.ink, zorder=2.9
        )[0]
        self.plane.set(xlim=(-10, 10), xticks=range(-10, 11, 5), ylim=(-3, 3), yticks=range(-3, 4))
        self.plane.set(xlabel="$\\theta_1$", ylabel="$\\theta_2$")
        self.plane.spines[:].set_visible(False)
        self.chosen = self.plane.text(
            0.02, 0.975, "", transform=self.plane.transAxes, va="top", fontsize=13, zorder=3
        )

        self.curve = curve.plot([], [], "o-", **look, zorder=2.7)[0]
        self.end = curve.text(0, 1, "", color=color, va="center", fontsize=13, zorder=2.8)
        curve.set(yscale="log", xlim=(0, LAST + 2), ylim=(1e-8, 1e5), xlabel="steps", ylabel="loss L(θ)")
        curve.set(yticks=10.0 ** np.arange(-8, 5, 4))
        curve.minorticks_off()
        curve.grid(axis="y", color=self.faint)

    def update(self, state: State) -> None:
        self.state = state
        seen = np.clip(state.path, -100, 100)  # far outside the plot, but not too far for the drawing
        self.path.set_data(*seen.T)
        self.begun.set_data(*seen[:1].T)
        self.now.set_data(*seen[-1:].T)
        self.ahead.set_data(*np.array([seen[-1], np.clip(state.ahead, -100, 100)]).T)
        losses = np.clip(state.losses, 1e-12, 1e8)
        steps = len(losses) - 1
        self.curve.set_data(np.arange(steps + 1), losses)
        late = steps > LAST * 0.6  # then there is no room on the right
        self.end.set_text("diverged" if state.lost else powered(state.losses[-1], 2))
        self.end.set_horizontalalignment("right" if late else "left")
        self.end.set_position((steps + (2 if late else 3), np.clip(8 * losses[-1], 3e-8, 2e4)))
        memory = (
            "" if state.optimizer == "gradient descent" or is_plain(state) else f", α = {state.alpha:.2f}"
        )
        self.chosen.set_text(f"{name_of(state)}, η = {state.rate:.3g}{memory}")

    def said(self) -> str:
        state = self.state
        steps, first, last = len(state.losses) - 1, state.losses[0], state.losses[-1]
        if steps == 0:
            loss, along, across = (powered(n, 3) for n in (first, *np.abs(CURVATURES * state.path[0])))
            slopes = f"its slope across the ravine is {across}, along it {along}"
            return f"At the start the loss is {loss}; {slopes}."
        if state.lost:
            when = int((np.abs(state.path).max(axis=1) > FAR).argmax())
            return f"Lost: after {when} step{'' if when == 1 else 's'} θ has left for good."
        sides = np.sign(state.path[:, 1])
        crossed = int((sides[1:] * sides[:-1] < 0).sum())
        often = "once" if crossed == 1 else f"{crossed} times"
        floor = f"crossed the ravine's floor {often}" if crossed else "never crossed the ravine's floor"
        after = f"After {steps} step{'' if steps == 1 else 's'} of {name_of(state)}"
        return f"{after} the loss is {powered(last, 2)}; the path {floor}."


def is_plain(state: State) -> bool:
    """Whether it is plain gradient descent, without any memory."""
    return state.alpha == 0 and state.optimizer in ("momentum", "Nesterov")


def name_of(state: State) -> str:
    return "gradient descent" if is_plain(state) else state.optimizer


show = shows(DescentDemo)
