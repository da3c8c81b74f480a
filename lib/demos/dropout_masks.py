"""Dropout: a new thinned network in every step, and the mean of many of them is the whole one."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from lib import plots
from lib.checks import check_choice, check_number, check_whole
from lib.demos.kit import Choice, Demo, Slider, Time, shows

INPUTS, HIDDEN, OUTPUTS = 4, 10, 2
LAST = 300  # masks
MODES = ("training", "evaluation")
LIMIT = 8  # of the axis; the few outputs beyond lie on its edge


class State(NamedTuple):
    """A small network with dropout on its hidden layer, after so many masks.

    kept: bool (HIDDEN,), the units of the present mask; all of them in evaluation mode
    hidden: (HIDDEN,), their values after dropout: 0, or h / (1 − p)
    output: the first output of the network with this mask
    outputs: (masks,), that output with each mask so far
    means: (masks,), the mean of the first 1, 2, …
    whole: the output without dropout, as in evaluation mode
    """

    mode: str
    p: float
    kept: np.ndarray
    hidden: np.ndarray
    output: float
    outputs: np.ndarray
    means: np.ndarray
    whole: float


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


def compute(mode: str, p: float, mask: int) -> State:
    """The network with masks 1…mask: each unit is dropped with probability p, or divided by 1 − p.

    mode: "training" or "evaluation"
    p: 0 to below 1
    mask: 1…LAST
    Raises `ValueError` that names the argument.

    >>> compute("evaluation", 0.5, 1).output == compute("training", 0.0, 1).output
    True
    """
    check_choice(mode, MODES, name="mode")
    if check_number(p, name="p", low=0, high=1) == 1:
        raise ValueError("p: expected a number from 0 to below 1, got 1; with p = 1 nothing would be left")
    check_whole(mask, name="mask", low=1, high=LAST)
    kept = NET.uniform[:mask] >= p  # (mask, HIDDEN)
    outputs = (NET.h * kept / (1 - p)) @ NET.weight[0]
    whole = float(NET.h @ NET.weight[0])
    if mode == "evaluation":
        kept, outputs = np.ones_like(kept), np.full(mask, whole)
    hidden = NET.h * kept[-1] / (1 - p if mode == "training" else 1)
    means = outputs.cumsum() / np.arange(1, mask + 1)
    return State(mode, p, kept[-1], hidden, float(outputs[-1]), outputs, means, whole)


class DropoutMasksDemo(Demo):
    title = "Dropout: another network in every step"
    alt = (
        "Left, a network of 4 inputs, 10 hidden units and 2 outputs; dropped units are crossed out and their "
        "lines gone, kept ones show their scaled values. Right, the first output with each mask as dots, the "
        "mean so far as a line, and the output of the whole network, dashed."
    )
    size = (10, 4.4)
    presets = {
        "One mask": {"mask": 0},
        "p = 0.5, many masks": {"mask": LAST - 1},
        "p = 0.1": {"p": 0.1, "mask": LAST - 1},
        "Almost all dropped": {"p": 0.9, "mask": LAST - 1},
        "Evaluation: nothing dropped": {"mode": "evaluation", "mask": LAST - 1},
    }

    mask = Time(LAST - 1, start=19, interval=150, label="further masks")
    p = Slider(0.0, 0.9, start=0.5, step=0.05, label="drop probability p")
    mode = Choice(MODES)

    def compute(self, mask: int, p: float, mode: str) -> State:
        return compute(mode, p, mask + 1)

    def arrange(self, figure: Figure) -> Any:
        return tuple(figure.subplots(1, 2, width_ratios=(1.25, 1)))

    def draw(self, axes: tuple[Axes, Axes]) -> None:
        net, curve = axes
        net.set(xlim=(-0.25, 2.25), ylim=(-0.6, HIDDEN - 0.2))
        net.set_axis_off()
        net.spines[:].set_visible(False)
        places = [[(layer, y) for y in np.linspace(*ends, count)] for layer, (ends, count) in enumerate(
            (((1.5, 7.5), INPUTS), ((0, HIDDEN - 1), HIDDEN), ((3, 6), OUTPUTS))
        )]  # fmt: skip
        self.hidden_places = np.array(places[1])
        self.into = net.add_collection(
            LineCollection([(a, b) for b in places[1] for a in places[0]], zorder=1)
        )
        self.out_of = net.add_collection(
            LineCollection([(a, b) for a in places[1] for b in places[2]], zorder=1)
        )
        style: dict[str, Any] = {
            "linestyle": "none",
            "marker": "o",
            "markersize": 23,
            "markeredgecolor": "black",
        }
        for layer in (0, 2):
            net.plot(*np.transpose(places[layer]), color="white", zorder=3, **{**style, "markersize": 30})
        self.kept = net.plot([], [], color=plots.COLORS[4], zorder=3, **style)[0]
        self.dropped = net.plot([], [], color="white", zorder=3, **style)[0]
        self.crosses = net.plot(
            [], [], "x", color=plots.COLORS[5], markersize=15, markeredgewidth=3, zorder=3.5
        )[0]
        self.numbers = [
            net.text(x, y, "", ha="center", va="center", fontsize=12, zorder=4) for x, y in places[1]
        ]
        self.output = net.text(2, 3, "", ha="center", va="center", fontsize=12, zorder=4)
        for layer, name in enumerate(("4 inputs", "10 hidden units", "2 outputs")):
            net.text(layer, HIDDEN - 0.25, name, ha="center", va="bottom", fontsize=13)

        color = plots.COLORS
        self.each = curve.plot([], [], "o", color=color[4], markersize=4, label="with each mask", zorder=2.6)[
            0
        ]
        curve.axhline(
            float(NET.h @ NET.weight[0]), color="black", linestyle="--", label="whole network", zorder=2.7
        )
        self.mean = curve.plot([], [], color=color[5], linewidth=3, label="mean so far", zorder=2.8)[0]
        curve.set(xlim=(-5, LAST + 5), ylim=(-LIMIT, LIMIT + 7), xlabel="masks", ylabel="first output")
        curve.legend(loc="upper right", ncols=1, fontsize=12).set_zorder(0)
        self.verdict = curve.set_title(" ", fontsize=14)

    def update(self, state: State) -> None:
        blue = (*[int(plots.COLORS[0][i : i + 2], 16) / 255 for i in (1, 3, 5)], 0.8)
        shown = np.where(state.kept[:, None], blue, (1.0, 1.0, 1.0, 0.0))
        self.into.set_color(shown.repeat(INPUTS, axis=0).tolist())
        self.out_of.set_color(shown.repeat(OUTPUTS, axis=0).tolist())
        self.kept.set_data(*self.hidden_places[state.kept].T)
        self.dropped.set_data(*self.hidden_places[~state.kept].T)
        self.crosses.set_data(*self.hidden_places[~state.kept].T)
        for text, value, kept in zip(self.numbers, state.hidden, state.kept, strict=True):
            text.set_text(f"{value:.1f}" if kept else "")
        self.output.set_text(f"{state.output:.1f}".replace("-", "−"))
        masks = np.arange(1, len(state.outputs) + 1)
        self.each.set_data(masks, np.clip(state.outputs, -LIMIT, LIMIT))
        self.mean.set_data(masks, state.means)
        self.verdict.set_text(f"mean {state.means[-1]:.2f}, whole {state.whole:.2f}".replace("-", "−"))


show = shows(DropoutMasksDemo)
