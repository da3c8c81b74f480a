"""Three ReLUs of one number, added up: a line that is bent where a unit switches on or off."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from lib import nn, plots
from lib.checks import check_choice, check_number
from lib.demos.kit import Choice, Demo, Handle, Slider, shows
from lib.demos.kit.looks import legible, signed
from lib.demos.kit.touch import Mark, Touch, Values

WEIGHTS = np.array([-2.0, 3.0, 1.0])  # of deck A2: −(2x) − 8, 3x + 12, x + 4
BIASES = np.array([-8.0, 12.0, 4.0])
SIGNS = {
    "+ + +": (1.0, 1.0, 1.0),
    "+ + −": (1.0, 1.0, -1.0),
    "− − +": (-1.0, -1.0, 1.0),
    "+ − +": (1.0, -1.0, 1.0),
}
LOW, HIGH = -10.0, 2.0  # of x
MIDDLE = -4.0  # where the corner of the second unit stays


class State(NamedTuple):
    """The three units and their sum, along the axis and at x."""

    axis: np.ndarray  # (P,) values of x
    biases: np.ndarray  # (3,) b of the three units; their weights w are WEIGHTS
    lines: np.ndarray  # (3, P) wx + b
    units: np.ndarray  # (3, P) max(0, wx + b)
    total: np.ndarray  # (P,) the sum of sign · unit
    kinks: np.ndarray  # (K,) where the sum changes its slope, ascending
    kink_heights: np.ndarray  # (K,) the sum there
    x: float
    at_x: np.ndarray  # (3,) the units at x
    sum_at_x: float
    slope: float  # of the sum at x; on a kink, with the subgradient 0 of the units that switch there


def network(apart: float, signs: str) -> tuple[nn.Sequential, np.ndarray]:
    """Linear(1 -> 3), ReLU, Linear(3 -> 1) in float64, and where its three units switch.

    apart: how far the first unit's corner moves to the left of −4, and the third one's to the right
    """
    model = nn.Sequential(nn.Linear(1, 3), nn.ReLU(), nn.Linear(3, 1)).double()
    corners = -BIASES / WEIGHTS + apart * np.array([-1.0, 0.0, 1.0])
    numbers = WEIGHTS[:, None], -WEIGHTS * corners, SIGNS[signs], 0
    for parameter, number in zip(model.parameters()[0], numbers, strict=True):
        parameter[...] = number
    return model, corners


def compute(x: float, apart: float, signs: str) -> State:
    """The network of deck A2's three lines.

    x: where the slope is taken, a finite number
    apart: ≥ 0, in units of x
    signs: of the sum, as in SIGNS
    Raises `ValueError` where one of them is not of that kind.

    >>> state = compute(-6.0, 0.0, "+ + +")
    >>> state.at_x.tolist(), state.slope, state.kinks.tolist()
    ([4.0, 0.0, 0.0], -2.0, [-4.0])
    """
    check_number(x, name="x")
    check_number(apart, name="apart", low=0)
    check_choice(signs, SIGNS, name="signs")
    model, corners = network(apart, signs)
    kinks, unit = np.unique(corners, return_inverse=True)
    bends = np.bincount(
        unit, np.array(SIGNS[signs]) * np.abs(WEIGHTS)
    )  # slope right of it minus slope left of it
    kinks = kinks[bends != 0]

    axis = np.union1d(np.linspace(LOW, HIGH, 25), corners)
    points = np.concatenate([axis, kinks, [x]])[:, None]
    total = model.forward(points)[:, 0]
    here = np.array([[x]])
    model.forward(here)
    slope = model.backward(here, np.ones((1, 1))).item()
    lines = WEIGHTS[:, None] * (axis - corners[:, None])
    return State(
        axis=axis, biases=-WEIGHTS * corners, lines=lines, units=np.maximum(0, lines),
        total=total[: len(axis)], kinks=kinks, kink_heights=total[len(axis) : -1],
        x=x, at_x=model[1].output[0], sum_at_x=total[-1].item(), slope=slope,
    )  # fmt: skip


def formula(w: float, b: float) -> str:
    """A unit in print.

    >>> formula(-2.0, -8.0)
    'max(0, −2x − 8)'
    """
    return signed(f"max(0, {'' if w == 1 else f'{w:g}'}x {'+' if b >= 0 else '-'} {abs(b):.3g})")


class Corners(Touch):
    """The outer two corners: each takes the other along, to the other side of the middle one."""

    hint = "Drag a corner"

    def marks(self, demo: Demo) -> list[Mark]:
        apart = demo.values["apart"]
        return [
            Mark(x, 0, signed(f"corner at x = {x:.1f}"), drag="x") for x in (MIDDLE - apart, MIDDLE + apart)
        ]

    def dragged(self, demo: Demo, index: int, x: float, y: float) -> Values:
        return {"apart": demo.controls["apart"].nearest((2 * index - 1) * (x - MIDDLE))}

    def stepped(self, demo: Demo, index: int, right: int, up: int) -> Values:
        return {"apart": demo.controls["apart"].step_from(demo.values["apart"], (2 * index - 1) * right)}


class ReLUSumDemo(Demo):
    title = "Three ReLUs and their sum"
    alt = (
        "Left: three straight lines, dotted, and their ReLUs, each bent where its line crosses zero, with "
        "a mark at x. Right: the sum of the three, bent at the kinks, and its slope at x."
    )
    ask = "Predict, then drag the corners apart: how many straight pieces can three units make?"
    size = (10, 4)
    tall_size = (4.8, 7.4)
    panels = 2
    presets = {
        "The lecture's three": {"x": -7.0},
        "Four pieces": {"apart": 2.0, "x": -3.0},
        "2|x + 4|: a fold": {"signs": "+ + −", "x": -7.0},
        "A roof": {"signs": "− − +", "x": -2.0},
        "Always downhill": {"signs": "+ − +", "apart": 2.0, "x": -3.0},
    }

    x = Slider(LOW, HIGH, start=-7.0, step=0.1, label="x")
    apart = Slider(0.0, 3.0, start=0.0, step=0.1, label="corners apart")
    signs = Choice(tuple(SIGNS), label="signs")
    corners = Corners("left")
    place = Handle("x", axes="right", beside="height", label="the place", click=True)

    compute = staticmethod(compute)

    def height(self) -> float:
        """Of the sum at x."""
        return self.state.sum_at_x

    def draw(self, axes: Any) -> None:
        left, right = self.left, self.right = axes
        self.here = [ax.axvline(0, color=plots.COLORS[8], linewidth=1, zorder=2.6) for ax in axes]
        self.lines, self.units, self.marks, self.ends = [], [], [], []
        for color, marker in zip(plots.COLORS, plots.MARKERS[:3], strict=False):
            self.lines += left.plot([], [], ":", color=color, linewidth=1.8, zorder=2.6)
            self.units += left.plot([], [], color=color, linewidth=3, zorder=2.7)
            self.marks += left.plot([], [], marker, color=color, markersize=11, zorder=2.9)
            # Where no line is: above the first one's end, left of the second one's, below the third one.
            self.ends.append(
                left.text(0, 0, " ", color=legible(color, dark=self.dark), va="center", fontsize=12, zorder=3)
            )
        for end in self.ends[1:]:
            end.set_ha("right")
        look: dict[str, Any] = {"markerfacecolor": self.paper, "markeredgewidth": 2.5, "zorder": 3.2}
        self.knobs = [left.plot([], [], "o", color=plots.COLORS[k], markersize=11, **look)[0] for k in (0, 2)]
        left.set(xlim=(LOW, HIGH), ylim=(-8, 20), xlabel="x", title="each unit")

        self.total = right.plot([], [], color=self.ink, linewidth=3, zorder=2.7)[0]
        self.kinks = right.plot([], [], "D", color=plots.COLORS[1], markersize=10, zorder=2.8)[0]
        self.mark = right.plot([], [], "o", color=plots.COLORS[5], markersize=12, zorder=2.9)[0]
        right.set(xlim=(LOW, HIGH), ylim=(-14, 26), xlabel="x", title="their sum")
        for ax in axes:
            ax.grid(axis="y", color=self.faint)

    def update(self, state: State) -> None:
        self.state = state
        for line in self.here:
            line.set_xdata([state.x, state.x])
        for k in range(3):
            self.lines[k].set_data(state.axis, state.lines[k])
            self.units[k].set_data(state.axis, state.units[k])
            self.marks[k].set_data([state.x], [state.at_x[k]])
            self.ends[k].set_text(formula(WEIGHTS[k], state.biases[k]))
        first = state.units[0, 0]
        for end, place in zip(self.ends, ((LOW + 0.2, first + 1.8), (1.2, 18), (HIGH, -2)), strict=True):
            end.set_position(place)
        corners = -state.biases / WEIGHTS
        for knob, corner in zip(self.knobs, corners[[0, 2]], strict=True):
            knob.set_data([corner], [0])
        self.total.set_data(state.axis, state.total)
        self.kinks.set_data(state.kinks, state.kink_heights)
        self.mark.set_data([state.x], [state.sum_at_x])

    def said(self) -> str:
        state = self.state
        on = int((state.at_x > 0).sum())
        pieces = f"{len(state.kinks) + 1} straight pieces" if len(state.kinks) else "no bend at all"
        words = (
            f"At x = {state.x:.1f}, {on} of 3 units {'is' if on == 1 else 'are'} on, and the slope is "
            f"{state.slope:.0f}; the sum has {pieces}."
        )
        return signed(words)


show = shows(ReLUSumDemo)
