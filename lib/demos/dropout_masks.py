"""Dropout: a new thinned network in every step, and the mean of many of them is the whole one."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from lib import plots
from lib.checks import check_choice, check_number, check_whole
from lib.demos.kit import Choice, Demo, Pick, Slider, Time, shows
from lib.demos.kit.looks import signed

INPUTS, HIDDEN, OUTPUTS = 4, 10, 2
LAST = 300  # masks
MODES = ("training", "evaluation")
LIMIT = 8  # of the axis; the few outputs beyond lie on its edge
HIDDEN_PLACES = np.column_stack([np.ones(HIDDEN), np.arange(HIDDEN)[::-1]])  # of the units, from above


class State(NamedTuple):
    """A small network with dropout on its hidden layer, after so many masks.

    kept: bool (HIDDEN,), the units of the present mask; in evaluation mode all, but for the one taken away
    hidden: (HIDDEN,), their values after dropout: 0, or h / (1 − p)
    output: the first output of the network with this mask
    outputs: (masks,), that output with each mask so far
    means: (masks,), the mean of the first 1, 2, …
    whole: the output without dropout, as in evaluation mode, with all units
    without: the number of the unit that is taken away, 0 for none
    """

    mode: str
    p: float
    kept: np.ndarray
    hidden: np.ndarray
    output: float
    outputs: np.ndarray
    means: np.ndarray
    whole: float
    without: int


class Net(NamedTuple):
    """A fixed network and input: h (HIDDEN,), the hidden values after ReLU; weight (OUTPUTS, HIDDEN)."""

    h: np.ndarray
    weight: np.ndarray
    uniform: np.ndarray  # (LAST, HIDDEN): a unit is kept where this is at least p


def make_net(seed: int = 1) -> Net:
    """A network whose hidden units all answer, so that every mask matters."""
    rng = np.random.default_rng(seed)
    return Net(rng.uniform(0.3, 2.0, HIDDEN), rng.normal(0, 1, (OUTPUTS, HIDDEN)), rng.random((LAST, HIDDEN)))


NET = make_net()


def compute(mode: str, p: float, mask: int, without: int = 0) -> State:
    """The network with masks 1…mask: each unit is dropped with probability p, or divided by 1 − p.

    mode: "training" or "evaluation"
    p: 0 to below 1
    mask: 1…LAST
    without: a unit that is never kept, 1…HIDDEN; 0 for none
    Raises `ValueError` that names the argument.

    >>> compute("evaluation", 0.5, 1).output == compute("training", 0.0, 1).output
    True
    """
    check_choice(mode, MODES, name="mode")
    if check_number(p, name="p", low=0, high=1) == 1:
        raise ValueError("p: expected a number from 0 to below 1, got 1; with p = 1 nothing would be left")
    check_whole(mask, name="mask", low=1, high=LAST)
    check_whole(without, name="without", high=HIDDEN)
    kept = NET.uniform[:mask] >= p if mode == "training" else np.ones((mask, HIDDEN), bool)
    kept &= np.arange(1, HIDDEN + 1) != without
    scale = 1 - p if mode == "training" else 1.0
    outputs = (NET.h * kept / scale) @ NET.weight[0]
    if mode == "evaluation":
        outputs[:] = (NET.h * kept[0]) @ NET.weight[0]  # all alike, in the last digit too
    whole = float(NET.h @ NET.weight[0])
    means = outputs.cumsum() / np.arange(1, mask + 1)
    hidden = NET.h * kept[-1] / scale
    return State(mode, p, kept[-1], hidden, float(outputs[-1]), outputs, means, whole, without)


class DropoutMasksDemo(Demo):
    title = "Dropout: another network in every step"
    alt = (
        "Left, a network of 4 inputs, 10 hidden units and 2 outputs; dropped units are crossed out and their "
        "lines gone, kept ones show their scaled values. Right, the first output with each mask as dots, the "
        "mean so far as a line, and the output of the whole network, dashed."
    )
    ask = "Predict, then play: where does the mean of many masks go? Click a unit to drop it."
    size = (10, 4.1)
    tall_size = (4.8, 7.6)
    presets = {
        "One mask": {"mask": 0},
        "p = 0.5, many masks": {"mask": LAST - 1},
        "p = 0.1": {"p": 0.1, "mask": LAST - 1},
        "Almost all dropped": {"p": 0.9, "mask": LAST - 1},
        "Evaluation": {"mode": "evaluation", "mask": LAST - 1},
    }

    mask = Time(LAST - 1, start=0, interval=150, label="further masks")
    p = Slider(0.0, 0.9, start=0.5, step=0.05, label="drop probability p")
    without = Slider(0, HIDDEN, start=0, label="without unit")
    mode = Choice(MODES)
    unit = Pick(
        "without", spots="unit_spots", axes="net", size=(0.2, 0.9), hint="Click a unit to take it away"
    )

    def compute(self, mask: int, p: float, mode: str, without: int) -> State:
        return compute(mode, p, mask + 1, without)

    def unit_spots(self) -> list[tuple[int, float, float, str]]:
        """The hidden units, to take away or, the one that is away, to bring back."""
        spots = []
        for k, (x, y) in enumerate(HIDDEN_PLACES.tolist(), start=1):
            away = k == self.state.without
            words = f"unit {k}: bring it back" if away else f"unit {k}: take it away"
            spots.append((0 if away else k, x, y, words))
        return spots

    def arrange(self, figure: Figure) -> Any:
        if self.tall:
            return tuple(figure.subplots(2, 1, height_ratios=(1.25, 1)))
        return tuple(figure.subplots(1, 2, width_ratios=(1.25, 1)))

    def draw(self, axes: tuple[Axes, Axes]) -> None:
        self.net, curve = axes
        net = self.net
        net.set(xlim=(-0.25, 2.25), ylim=(-0.6, HIDDEN - 0.2))
        net.set_axis_off()
        net.spines[:].set_visible(False)
        inputs, outputs = [(0, y) for y in np.linspace(7.5, 1.5, INPUTS)], [(2, y) for y in (6.0, 3.0)]
        hidden = HIDDEN_PLACES.tolist()
        self.into = net.add_collection(
            LineCollection([(a, b) for b in hidden for a in inputs], zorder=1, linewidths=1.2)
        )
        self.out_of = net.add_collection(LineCollection([(a, b) for a in hidden for b in outputs], zorder=1))
        style: dict[str, Any] = {"linestyle": "none", "marker": "o", "markeredgecolor": self.ink}
        for places in (inputs, outputs):
            net.plot(*np.transpose(places), color=self.paper, zorder=3, markersize=30, **style)
        style["markersize"] = 23
        self.kept = net.plot([], [], color=plots.COLORS[4], zorder=3, **style)[0]
        self.dropped = net.plot([], [], color=self.paper, zorder=3, **style)[0]
        cross: dict[str, Any] = {"color": plots.COLORS[5], "markersize": 14, "markeredgewidth": 3}
        self.crosses = net.plot([], [], "x", zorder=3.5, **cross)[0]
        word: dict[str, Any] = {"ha": "center", "va": "center", "fontsize": 12, "zorder": 4}
        self.numbers = [net.text(x, y, "", color="black", **word) for x, y in hidden]
        self.output = net.text(*outputs[0], "", **word)
        net.text(2, 6.85, "the first", **word)
        for layer, name in enumerate(("4 inputs", "10 hidden units", "2 outputs")):
            net.text(layer, HIDDEN - 0.25, name, ha="center", va="bottom", fontsize=13)

        color = plots.COLORS
        self.each = curve.plot([], [], "o", color=color[4], markersize=4, zorder=2.6)[0]
        whole = float(NET.h @ NET.weight[0])
        curve.axhline(whole, color=self.ink, linestyle="--", linewidth=1.8, zorder=2.7)
        self.mean = curve.plot([], [], color=color[5], linewidth=3, zorder=2.8)[0]
        self.last = curve.plot([], [], "o", color=color[5], markersize=9, zorder=2.9)[0]
        for x, name, shade in (
            (0, "one mask", color[4]),
            (0.5, "mean so far", color[5]),
            (1, "all units", self.ink),
        ):
            side = ("left", "center", "right")[round(2 * x)]
            curve.text(x, 1.03, name, transform=curve.transAxes, ha=side, color=shade, fontsize=13)
        curve.set(xlim=(-5, LAST + 5), ylim=(-LIMIT, LIMIT), xlabel="masks", ylabel="first output")
        curve.grid(axis="y", color=self.faint)

    def update(self, state: State) -> None:
        self.state = state
        positive, negative = (np.array([*to_rgb(c), 0.85]) for c in plots.COLORS[:2])
        grey = np.array([*to_rgb(plots.COLORS[8]), 0.55])
        signs = np.where((NET.weight.T > 0)[..., None], positive, negative)  # (HIDDEN, OUTPUTS, 4)
        self.into.set_color((grey * state.kept[:, None]).repeat(INPUTS, axis=0).tolist())
        self.out_of.set_color((signs * state.kept[:, None, None]).reshape(-1, 4).tolist())
        self.kept.set_data(*HIDDEN_PLACES[state.kept].T)
        self.dropped.set_data(*HIDDEN_PLACES[~state.kept].T)
        self.crosses.set_data(*HIDDEN_PLACES[~state.kept].T)
        for text, value, kept in zip(self.numbers, state.hidden, state.kept, strict=True):
            text.set_text(f"{value:.1f}" if kept else "")
        self.output.set_text(signed(f"{state.output:.1f}"))
        masks = np.arange(1, len(state.outputs) + 1)
        self.each.set_data(masks, np.clip(state.outputs, -LIMIT, LIMIT))
        self.mean.set_data(masks, state.means)
        self.last.set_data(masks[-1:], state.means[-1:])

    def said(self) -> str:
        state, many = self.state, len(self.state.outputs)
        gone = f" without unit {state.without}" if state.without else ""
        whole = f"all units together say {state.whole:.2f}"
        if state.mode == "evaluation":
            words = f"Evaluation drops nothing: the first output is {state.output:.2f} every time{gone}"
            words += f"; {whole}." if gone else "."
        else:
            dropped = int((~state.kept).sum())
            mean = f"; the mean of {many} masks is {state.means[-1]:.2f}" if many > 1 else ""
            words = f"This mask leaves out {dropped} of {HIDDEN} units and says {state.output:.2f}"
            words += f"{mean}{gone}; {whole}."
        return signed(words)


show = shows(DropoutMasksDemo)
