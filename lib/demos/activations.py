"""An activation function, its derivative, and what a chain of them leaves of a gradient."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from lib import nn, plots
from lib.checks import check_choice, check_number, check_whole
from lib.demos.kit import Choice, Demo, Slider, shows

FUNCTIONS: dict[str, Callable[[float], nn.Module]] = {  # name → the layer, for an α that not all of them have
    "sigmoid": lambda alpha: nn.Sigmoid(),
    "tanh": lambda alpha: nn.Tanh(),
    "ReLU": lambda alpha: nn.ReLU(),
    "leaky ReLU": lambda alpha: nn.LeakyReLU(alpha),
    "PReLU": lambda alpha: nn.PReLU(init=alpha),
    "ELU": lambda alpha: nn.ELU(alpha),
    "SELU": lambda alpha: nn.SELU(),
    "GELU": lambda alpha: nn.GELU(),
    "softplus": lambda alpha: nn.Softplus(),
}
WITH_ALPHA = ("leaky ReLU", "PReLU", "ELU")
EDGE = 5.0  # x goes from −EDGE to EDGE
LOWEST = -2.5  # of the f axis
MOST_LAYERS = 30  # layers of the chain
FLOOR = 1e-21  # of the axis of products, where 0 is drawn too


class State(NamedTuple):
    """One function along the axis and at x, and a chain of it that starts at x."""

    axis: np.ndarray  # (P,)
    values: np.ndarray  # (P,) f
    slopes: np.ndarray  # (P,) f′
    x: float
    value: float  # f(x)
    slope: float  # f′(x)
    slope_in_alpha: float | None  # ∂f(x)/∂α of PReLU, which learns α
    products: np.ndarray  # (layers + 1,) |derivative| of f(f(… f(x))) after 0, 1, … layers


def compute(function: str, x: float, alpha: float, layers: int) -> State:
    """f and f′, and the derivative of a chain of `layers` functions, each fed with the output of the last.

    function: a name in FUNCTIONS
    x: a finite number
    alpha: ≥ 0, of the functions in WITH_ALPHA
    layers: ≥ 0
    Raises `ValueError` where one of them is not of that kind.

    >>> state = compute("sigmoid", 0.0, 0.1, 2)
    >>> state.value, state.slope, state.products.round(4).tolist()
    (0.5, 0.25, [1.0, 0.25, 0.0588])
    """
    check_choice(function, FUNCTIONS, name="function")
    check_number(x, name="x")
    check_number(alpha, name="alpha", low=0)
    check_whole(layers, name="layers")
    f = FUNCTIONS[function](alpha).double()
    axis = np.linspace(-EDGE, EDGE, 401)
    values, slopes = both(f, axis)

    products, here = np.ones(layers + 1), np.array([x])
    for layer in range(layers):
        here, slope = both(f, here)
        products[layer + 1] = products[layer] * abs(slope[0])
    f.zero_grad_parameters()
    value, slope = both(f, np.array([x]))
    return State(
        axis=axis, values=values, slopes=slopes, x=x, value=value.item(), slope=slope.item(),
        slope_in_alpha=f.parameters()[1][0].item() if function == "PReLU" else None,
        products=products,
    )  # fmt: skip


def both(f: nn.Module, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """f and f′ of each number of x."""
    values = f.forward(x)
    f.backward(x, np.ones_like(x))
    return values, f.grad_input


class ActivationsDemo(Demo):
    title = "An activation function and its derivative"
    alt = (
        "Left: the function with its tangent at x. Middle: its derivative, with a mark at x. Right: the "
        "derivative of a chain of such functions against its length, on a logarithmic axis."
    )
    size = (11.5, 4.2)
    panels = 3
    presets = {
        "Sigmoid at its best": {"function": "sigmoid", "x": 0.0},
        "A saturated tanh": {"function": "tanh", "x": 4.0},
        "ReLU, on": {"function": "ReLU", "x": 1.5},
        "ReLU, off": {"function": "ReLU", "x": -1.5},
        "Leaky": {"alpha": 0.01},
        "ELU": {"function": "ELU", "alpha": 1.0},
        "GELU": {"function": "GELU", "x": -0.8},
    }

    function = Choice(tuple(FUNCTIONS), start="leaky ReLU")
    x = Slider(-EDGE, EDGE, start=-1.5, step=0.05, label="x")
    alpha = Slider(0.0, 1.5, start=0.1, step=0.01, label="α (leaky, ELU)")
    layers = Slider(1, MOST_LAYERS, start=10, label="layers")

    compute = staticmethod(compute)

    def draw(self, axes: Any) -> None:
        left, middle, right = axes
        for ax in (left, middle):
            ax.axhline(0, color=plots.COLORS[8], linewidth=1, zorder=0)
            ax.axvline(0, color=plots.COLORS[8], linewidth=1, zorder=0)
            ax.set(xlim=(-EDGE, EDGE), xlabel="x", xticks=range(-4, 5, 2))
        look = {"linewidth": 3, "zorder": 2.7}
        self.f = left.plot([], [], color=plots.COLORS[0], **look)[0]
        self.tangent = left.plot([], [], "--", color="black", linewidth=1.8, zorder=2.8)[0]
        self.slopes = middle.plot([], [], color=plots.COLORS[5], **look)[0]
        dot = {"markersize": 11, "markeredgecolor": "black", "zorder": 2.9, "clip_on": False}
        self.dots = [
            ax.plot([], [], marker, color=color, **dot)[0]
            for ax, marker, color in ((left, "o", plots.COLORS[0]), (middle, "s", plots.COLORS[5]))
        ]
        left.set(ylim=(LOWEST, EDGE), ylabel="f(x)")
        middle.set(ylim=(-0.25, 1.9), ylabel="f′(x)")
        self.products = right.plot(
            [], [], "D-", color=plots.COLORS[2], markersize=6, linewidth=1.8, zorder=2.7
        )[0]
        right.axhline(1, color=plots.COLORS[8], linewidth=1, zorder=0)
        right.set(yscale="log", xlim=(-0.5, MOST_LAYERS + 0.5), ylim=(FLOOR, 1e6), xticks=range(0, 31, 10))
        right.set_yticks(10.0 ** np.arange(-20, 6, 5))
        right.set(xlabel="layers in the chain")
        self.words = [
            ax.text(0.5, 1.03, " ", transform=ax.transAxes, ha="center", fontsize=13, zorder=3) for ax in axes
        ]

    def update(self, state: State) -> None:
        self.f.set_data(state.axis, state.values)
        self.slopes.set_data(state.axis, state.slopes)
        ends = np.array([-1.2, 1.2])
        self.tangent.set_data(state.x + ends, state.value + state.slope * ends)
        for dot, y in zip(self.dots, (np.clip(state.value, LOWEST, EDGE), state.slope), strict=True):
            dot.set_data([state.x], [y])
        self.products.set_data(np.arange(len(state.products)), np.clip(state.products, FLOOR, 1e6))
        extra = "" if state.slope_in_alpha is None else f",  ∂f/∂α = {state.slope_in_alpha:.2f}"
        layers, left = len(state.products) - 1, state.products[-1]
        words = (
            f"f({state.x:.2f}) = {state.value:.3f}{extra}",
            f"f′({state.x:.2f}) = {state.slope:.3f}",
            f"slope after {layers} layer{'s' * (layers > 1)}: {f'{left:.2g}' if left else '0'}",
        )
        for text, words_ in zip(self.words, words, strict=True):
            text.set_text(words_.replace("-", "−"))


show = shows(ActivationsDemo)
