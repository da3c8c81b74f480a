"""Universal approximation: a network of one hidden layer copies a function, bump by bump."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from lib import nn, plots
from lib.checks import check_choice, check_number, check_whole
from lib.demos.kit import Choice, Demo, Handle, LogSlider, Slider, shows
from lib.demos.kit.heights import Heights

MOST = 40  # bumps
LOWEST, HIGHEST = 8e-4, 3.0  # errors that are shown
FUNCTIONS = {  # of 0…1, all of them 0 at both ends
    "waves": lambda x: 1.1 * np.sin(np.pi * x) * np.cos(4 * np.pi * x - 0.7),
    "needle": lambda x: np.exp(-(((x - 0.4) / 0.04) ** 2)),
    "roof": lambda x: 1 - np.abs(2 * x - 1),
    "jump": lambda x: ((x > 0.303) & (x < 0.707)).astype(float),
}
UNITS = {"sigmoid": 2, "ReLU": 4}  # name → units a bump
X = np.linspace(0, 1, 241)  # where functions are drawn and errors measured


class State(NamedTuple):
    """The network and what it copies, at the places X."""

    function: np.ndarray  # (241,)
    bumps: np.ndarray  # (bumps, 241) each alone
    total: np.ndarray  # (241,) their sum: the output of the network
    error: float  # the largest |total − function|
    errors: np.ndarray  # (MOST,) the same for 1 … MOST bumps as high as the rule says
    tops: np.ndarray  # (bumps,) how high each is
    units: int  # hidden units of the network


def network(
    function: str, bumps: int, steepness: float, units: str, tops: tuple[float, ...] | None = None
) -> nn.Sequential:
    """Linear(1 -> hidden), the activation, Linear(hidden -> 1), in float64; made, not trained.

    function: a name in FUNCTIONS
    units: one in UNITS
    bumps: 1…MOST, side by side; each is as high as the function in its middle
    steepness: w > 0 of the steps, whose slope in the middle is w / 4
    tops: how high the first bumps are instead; None for the rule

    A step up at a and one down at b make a bump, h · (step(x − a) − step(x − b)). A step is σ(w x), or two
    ReLUs: max(0, w x / 4 + ½) − max(0, w x / 4 − ½).
    Raises `ValueError` where an argument is not of that kind.
    """
    check(function, bumps, steepness, units)
    edges, heights = layout(function, bumps, tops)
    a = edges[:-1, None]
    b = edges[1:, None]
    if units == "sigmoid":
        slope, shifts, signs = steepness, np.zeros(2), np.array([1.0, -1.0])
        places = np.hstack([a, b])
    else:
        slope, shifts, signs = steepness / 4, np.tile([0.5, -0.5], 2), np.array([1.0, -1.0, -1.0, 1.0])
        places = np.hstack([a, a, b, b])
    hidden = places.size
    model = nn.Sequential(
        nn.Linear(1, hidden), nn.Sigmoid() if units == "sigmoid" else nn.ReLU(), nn.Linear(hidden, 1)
    ).double()
    numbers = slope, (shifts - slope * places).ravel(), (signs * heights[:, None]).ravel(), 0
    for parameter, number in zip(model.parameters()[0], numbers, strict=True):
        parameter[...] = number
    return model


def layout(function: str, bumps: int, tops: tuple[float, ...] | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Where bumps meet, (bumps + 1,), and how high they are, (bumps,); their middles are i / (bumps + 1)."""
    width = 1 / (bumps + 1)
    heights = FUNCTIONS[function](width * np.arange(1, bumps + 1))
    by_hand = (tops or ())[:bumps]
    heights[: len(by_hand)] = by_hand
    return width * (np.arange(bumps + 1) + 0.5), heights


def check(function: str, bumps: int, steepness: float, units: str) -> None:
    """Raises `ValueError` that names the argument which is not of that kind."""
    check_choice(function, FUNCTIONS, name="function")
    check_choice(units, UNITS, name="units")
    check_whole(bumps, name="bumps", low=1, high=MOST)
    check_number(steepness, name="steepness", low=0, open_low=True)


@lru_cache(maxsize=64)
def largest_errors(function: str, steepness: float, units: str) -> np.ndarray:
    """The largest error of 1 … MOST bumps: (MOST,). Neighbours share a step here, which halves the work."""
    step = {"sigmoid": nn.Sigmoid().forward, "ReLU": lambda z: np.clip(z / 4 + 0.5, 0, 1)}[units]
    true, errors = FUNCTIONS[function](X), np.empty(MOST)
    for bumps in range(1, MOST + 1):
        edges, heights = layout(function, bumps)
        rises = np.diff(heights, prepend=0, append=0)  # from one bump to the next
        errors[bumps - 1] = np.abs(step(steepness * (X[:, None] - edges)) @ rises - true).max()
    return errors


def compute(
    function: str, bumps: int, steepness: float, units: str, tops: tuple[float, ...] | None = None
) -> State:
    """The bumps and their sum; the arguments are those of `network`.

    >>> state = compute("roof", 1, 1000.0, "sigmoid")  # a box over the middle half
    >>> state.units, round(state.error, 2)
    (2, 0.48)
    """
    model = network(function, bumps, steepness, units, tops)
    total = model.forward(X[:, None])[:, 0]
    _, bias, weight, _ = model.parameters()[0]
    parts = (model[1].output * weight).reshape(len(X), bumps, UNITS[units]).sum(axis=2).T
    true = FUNCTIONS[function](X)
    return State(
        function=true, bumps=parts, total=total, error=float(np.abs(total - true).max()),
        errors=largest_errors(function, steepness, units), units=len(bias),
        tops=layout(function, bumps, tops)[1],
    )  # fmt: skip


class BumpsDemo(Demo):
    title = "One hidden layer copies any function, bump by bump"
    alt = (
        "Left: a function of one number, thin bumps side by side, and their sum, the output of the network. "
        "Right: the largest error against the number of bumps, both axes logarithmic, with a mark at "
        "the present number."
    )
    ask = "Predict, then drag: can you get closer than with all tops on the function?"
    size = (10.5, 4.7)
    tall_size = (4.8, 7.4)
    presets = {
        "One bump": {"bumps": 1},
        "Three": {"bumps": 3},
        "Boxes": {"bumps": 12, "steepness": 1000.0},
        "Forty": {"bumps": 40, "steepness": 10**2.3},
        "Too soft": {"bumps": 40, "steepness": 10**1.3},
        "Straight pieces": {"bumps": 12, "steepness": 10**1.72, "units": "ReLU"},
        "A jump": {"function": "jump", "bumps": 40, "steepness": 1000.0},
    }

    bumps = Slider(1, MOST, start=5)
    steepness = LogSlider(0.5, 3, start=2, step=0.02, label="steepness w")
    function = Choice(tuple(FUNCTIONS))
    units = Choice(tuple(UNITS), label="hidden units")

    tops = Heights(
        axes="left", own="bump_tops", each="top", span=(-1.5, 1.5), most=MOST, made_by=("bumps", "function")
    )
    count = Handle("bumps", axes="right", beside="error", click=True)
    count.hint = "Drag the number of bumps along the curve"

    compute = staticmethod(compute)

    def bump_tops(self) -> list[tuple[float, float]]:
        tops = self.state.tops.tolist()
        return [(i / (len(tops) + 1), top) for i, top in enumerate(tops, start=1)]

    def error(self) -> float:
        return float(np.clip(self.state.error, LOWEST, HIGHEST))

    def arrange(self, figure: Any) -> Any:
        if self.tall:
            return tuple(figure.subplots(2, 1, height_ratios=(1.3, 1)))
        return tuple(figure.subplots(1, 2, width_ratios=(1.7, 1)))

    def draw(self, axes: Any) -> None:
        self.left, self.right = axes
        self.left.axhline(0, color=self.faint, linewidth=1.2, zorder=0)
        self.true = self.left.plot([], [], color=plots.COLORS[8], alpha=0.4, linewidth=8, zorder=2.5)[0]
        self.parts = self.left.plot([], [], color=plots.COLORS[1], linewidth=1.5, zorder=2.6)[0]
        self.total = self.left.plot([], [], color=plots.COLORS[0], linewidth=2.8, zorder=2.7)[0]
        self.dots = self.left.plot(
            [], [], "o", color=plots.COLORS[1], markersize=8, markeredgecolor=self.paper, zorder=2.8
        )[0]
        words = ("function", plots.COLORS[8]), ("bumps", plots.COLORS[1]), ("network", plots.COLORS[0])
        for place, (name, color) in zip((0.42, 0.67, 0.88), words, strict=True):
            self.left.text(place, 1.62, name, color=color, ha="center", va="center", zorder=2.9)
        self.left.set(xlim=(0, 1), ylim=(-1.55, 1.75), xlabel="x", ylabel="f(x)", yticks=(-1, 0, 1))

        self.curve = self.right.plot([], [], ".-", color=plots.COLORS[8], linewidth=1.5, zorder=2.6)[0]
        self.now = self.right.plot(
            [], [], "o", color=plots.COLORS[0], markersize=12, markeredgecolor=self.paper, zorder=2.7
        )[0]
        self.right.set(xscale="log", yscale="log", xlim=(0.9, 50), ylim=(LOWEST, HIGHEST))
        self.right.set(xlabel="bumps", ylabel="largest error")
        self.right.set_xticks([1, 2, 5, 10, 20, 40], ["1", "2", "5", "10", "20", "40"])
        self.right.set_yticks([0.001, 0.01, 0.1, 1], ["0.001", "0.01", "0.1", "1"])
        self.right.minorticks_off()
        self.right.grid(axis="y", color=self.faint)

    def update(self, state: State) -> None:
        self.state = state
        count = len(state.bumps)
        self.true.set_data(X, state.function)
        self.total.set_data(X, state.total)
        gaps = np.full((count, 1), np.nan)  # one line with a gap after each bump
        self.parts.set_data(np.tile(np.append(X, np.nan), count), np.hstack([state.bumps, gaps]).ravel())
        self.dots.set_data(*np.transpose(self.bump_tops()))
        self.curve.set_data(np.arange(1, MOST + 1), state.errors)
        self.now.set_data([count], [self.error()])

    def said(self) -> str:
        state, count = self.state, len(self.state.bumps)
        bumps = f"{count} bump{'s' * (count > 1)}, {state.units} hidden units"
        rule = state.errors[count - 1]
        if self.values["tops"] is None:
            good = np.flatnonzero(state.errors < 0.1)
            enough = (
                f"{good[0] + 1} would be the first below 0.1"
                if len(good)
                else "no number up to 40 gets below 0.1"
            )
            return f"{bumps}: off by {state.error:.3f} at most; {enough}."
        better = "yours are better" if state.error < rule - 1e-9 else "yours are no better"
        return (
            f"{bumps}: off by {state.error:.3f} at most, with tops on the function by {rule:.3f}: {better}."
        )


show = shows(BumpsDemo)
