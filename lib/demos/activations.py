"""An activation function, its derivative, and what a chain of them leaves of a gradient."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from lib import nn, plots
from lib.checks import check_choice, check_number, check_whole
from lib.demos.gradient_flow import in_print
from lib.demos.kit import Choice, Demo, Handle, Slider, shows
from lib.demos.kit.looks import signed

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
FLOOR, CEILING = 1e-21, 1e6  # of the axis of products, where 0 is drawn too


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
    ask = "Predict, then drag x along the curve: where does the chain keep most of its slope?"
    size = (11.5, 4.6)
    tall_size = (4.8, 9.6)
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
    on_f = Handle("x", axes="left", beside="height", click=True)
    on_slope = Handle("x", axes="middle", beside="slope", click=True)
    last_layer = Handle("layers", axes="right", beside="end", click=True)
    on_f.hint = on_slope.hint = "Drag x along a curve, or click where it should be"
    last_layer.hint = "Drag the end of the chain"

    compute = staticmethod(compute)

    def height(self) -> float:
        return float(np.clip(self.state.value, LOWEST, EDGE))

    def slope(self) -> float:
        return self.state.slope

    def end(self) -> float:
        return float(np.clip(self.state.products[-1], FLOOR, CEILING))

    def draw(self, axes: Any) -> None:
        self.left, self.middle, self.right = axes
        for ax in (self.left, self.middle):
            ax.axhline(0, color=self.faint, linewidth=1.2, zorder=0)
            ax.axvline(0, color=self.faint, linewidth=1.2, zorder=0)
            ax.set(xlim=(-EDGE, EDGE), xlabel="x", xticks=range(-4, 5, 2))
        look = {"linewidth": 3, "zorder": 2.7}
        self.f = self.left.plot([], [], color=plots.COLORS[0], **look)[0]
        self.tangent = self.left.plot([], [], "--", color=self.ink, linewidth=1.8, zorder=2.8)[0]
        self.slopes = self.middle.plot([], [], color=plots.COLORS[5], **look)[0]
        dot = {"markersize": 12, "markeredgecolor": self.paper, "zorder": 2.9, "clip_on": False}
        self.dots = [
            ax.plot([], [], marker, color=color, **dot)[0]
            for ax, marker, color in (
                (self.left, "o", plots.COLORS[0]),
                (self.middle, "s", plots.COLORS[5]),
                (self.right, "D", plots.COLORS[2]),
            )
        ]
        self.left.set(ylim=(LOWEST, EDGE), ylabel="f(x)")
        self.middle.set(ylim=(-0.25, 1.9), yticks=(0, 0.5, 1, 1.5), ylabel="f′(x)")
        self.products = self.right.plot(
            [], [], "D-", color=plots.COLORS[2], markersize=5, linewidth=1.8, zorder=2.7
        )[0]
        self.right.axhline(1, color=self.faint, linewidth=1.2, zorder=0)
        self.right.set(yscale="log", xlim=(-0.5, MOST_LAYERS + 0.5), ylim=(FLOOR, CEILING))
        self.right.set_xticks(range(0, 31, 10))
        self.right.set_yticks(10.0 ** np.arange(-20, 6, 5))
        self.right.minorticks_off()
        self.right.set(xlabel="layers in the chain", ylabel="slope of the chain")

    def update(self, state: State) -> None:
        self.state = state
        self.f.set_data(state.axis, state.values)
        self.slopes.set_data(state.axis, state.slopes)
        ends = np.array([-1.2, 1.2])
        self.tangent.set_data(state.x + ends, state.value + state.slope * ends)
        self.products.set_data(np.arange(len(state.products)), np.clip(state.products, FLOOR, CEILING))
        here = (state.x, self.height()), (state.x, state.slope), (len(state.products) - 1, self.end())
        for dot, (x, y) in zip(self.dots, here, strict=True):
            dot.set_data([x], [y])

    def said(self) -> str:
        state, name = self.state, self.values["function"]
        extra = "" if state.slope_in_alpha is None else f", ∂f/∂α = {state.slope_in_alpha:.2f}"
        layers, left = len(state.products) - 1, state.products[-1]
        chain = f"{left:.3g}" if 1e-3 <= left < 1e4 else in_print(left)
        words = f"{name} at x = {state.x:.2f}: f = {state.value:.3f}, slope {state.slope:.3f}{extra}; "
        return signed(f"{words}a chain of {layers} such layer{'s' * (layers > 1)} has slope {chain}.")


show = shows(ActivationsDemo)
