"""Gradient descent down a ravine: the learning rate, momentum, and the optimisers that came after."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from lib import plots
from lib.checks import check_choice, check_whole
from lib.demos.kit import Choice, Demo, Handle, LogSlider, Slider, Time, shows
from lib.optim import SGD, Adam, Optimizer, RMSProp

OPTIMIZERS = ("momentum", "Nesterov", "RMSProp", "Adam", "gradient descent")
CURVATURES = np.array([1.0, 25.0])  # of f(θ) = ½ (θ₁² + 25 θ₂²): gentle along the ravine, steep across
START = np.array([-8.0, 1.6])
LAST = 100  # steps
FAR = 1e6  # where a path counts as lost: the loss has grown beyond all bounds


class State(NamedTuple):
    """The way from `START`, as far as it has been walked."""

    path: np.ndarray  # (step + 1, 2) θ before each step and after the last one
    losses: np.ndarray  # (step + 1,) f(θ)
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
    path = np.empty((step + 1, 2))
    path[0] = theta
    for t in range(1, step + 1):
        chosen.step([theta], [CURVATURES * theta])
        path[t] = theta
        if max(abs(theta)) > FAR:
            path[t:] = theta
            break
    lost = bool(np.abs(path[-1]).max() > FAR)
    return State(path=path, losses=f(path), lost=lost, optimizer=optimizer, rate=rate, alpha=alpha)


class DescentDemo(Demo):
    title = "Down the ravine: learning rate and momentum"
    alt = (
        "Left: contour lines of a loss of two weights, a narrow ravine, and the path of the "
        "optimiser from the left towards the minimum in the middle. Right: the loss after each step, on a "
        "logarithmic axis."
    )
    ask = "Predict, then drag the ball: from where does the path zigzag, and from where does it not?"
    size = (10.5, 4.4)
    tall_size = (5.2, 7.2)
    presets = {
        "Too small": {"rate": 0.001},
        "Just right": {"rate": 10**-1.12},
        "Too large a step": {"rate": 10**-1.06},
        "Ravine with momentum": {"rate": 10**-1.5, "alpha": 0.7},
        "Adam": {"optimizer": "Adam", "rate": 1.0, "alpha": 0.7},
    }

    optimizer = Choice(OPTIMIZERS, label="optimiser")
    rate = LogSlider(-4, 1, start=-2, step=0.02, label="learning rate λ")
    alpha = Slider(0.0, 0.99, start=0.0, step=0.01, label="memory α")
    x = Slider(-10.0, 10.0, start=-8.0, step=0.1, label="start θ₁")
    y = Slider(-3.0, 3.0, start=1.6, step=0.1, label="start θ₂")
    step = Time(LAST, start=50, label="steps")
    ball = Handle("x", "y", axes="plane", label="the ball", click=True)

    compute = staticmethod(compute)

    def arrange(self, figure: Any) -> Any:
        if self.tall:
            return tuple(figure.subplots(2, 1))
        return tuple(figure.subplots(1, 2, width_ratios=(1.6, 1)))

    def draw(self, axes: Any) -> None:
        plane, curve = axes
        self.plane = plane
        x, y = np.linspace(-10, 10, 121), np.linspace(-3, 3, 81)
        heights = f(np.stack(np.meshgrid(x, y), axis=-1))
        levels = [0, 0.5, 2, 5, 10, 18, 30, 50, 80, 120, 170]
        plane.contourf(x, y, heights, levels, cmap="cividis", alpha=0.45, zorder=0.5)
        plane.contour(x, y, heights, levels, colors="#555555", linewidths=0.8, zorder=0.6)
        plane.plot(0, 0, "*", color="black", markersize=14, zorder=1)
        color = plots.COLORS[5]
        self.path = plane.plot([], [], "o-", color=color, markersize=5, linewidth=1.8, zorder=2.7)[0]
        self.now = plane.plot(
            [], [], "o", color=color, markersize=12, markeredgecolor="black", zorder=2.8, label="now"
        )[0]
        plane.set(
            xlim=(-10, 10), xticks=range(-10, 11, 5), ylim=(-3, 3), xlabel="$\\theta_1$", ylabel="$\\theta_2$"
        )
        self.title_text = plane.text(
            0.5, 1.03, " ", transform=plane.transAxes, ha="center", fontsize=14, zorder=3
        )

        self.curve = curve.plot([], [], "o-", color=color, markersize=4, linewidth=1.8, zorder=2.7)[0]
        curve.set(yscale="log", xlim=(0, LAST), ylim=(1e-8, 1e4), xlabel="steps", ylabel="loss f(θ)")
        self.verdict = curve.text(
            0.5, 1.03, " ", transform=curve.transAxes, ha="center", fontsize=14, zorder=3
        )

    def update(self, state: State) -> None:
        seen = np.clip(state.path, -100, 100)  # far outside the plot, but not too far for the drawing
        self.path.set_data(*seen.T)
        self.now.set_data(*seen[-1:].T)
        self.curve.set_data(np.arange(len(state.losses)), np.clip(state.losses, 1e-12, 1e8))
        plain = state.alpha == 0 and state.optimizer in ("momentum", "Nesterov")
        memory = "" if state.optimizer == "gradient descent" or plain else f", α = {state.alpha:.2f}"
        name = "gradient descent" if plain else state.optimizer
        self.title_text.set_text(f"{name}, λ = {state.rate:.3g}{memory}")
        loss = "diverged" if state.lost else f"loss {state.losses[-1]:.2g}".replace("-", "−")
        self.verdict.set_text(f"step {len(state.losses) - 1}: {loss}")


show = shows(DescentDemo)
