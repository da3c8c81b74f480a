"""Six broken trainings and their learning curves: which mistake is it?"""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lib import plots
from lib.checks import check_choice, check_whole
from lib.demos.kit import Choice, Demo, Handle, Slider, Switch, shows
from lib.demos.kit.looks import legible

# What `python -m lib.convnets.studies.switches` wrote: five trainings with each mistake, and five without.
RESULTS = Path(__file__).parents[1] / "convnets" / "studies" / "switches.json"
HEALTHY = "healthy"
NAMES = (  # in an order that tells nothing
    "augmented test images", "no zero_grad", "shuffled labels", "rate too high", "no shuffling",
    "train mode at test",
)  # fmt: skip
LETTERS = dict(zip("ABCDEF", NAMES, strict=True))
EPOCHS, SEEDS, GUESSING = 15, 5, 10  # classes, to guess among
TOP = 5.0  # of the axis of losses


class Curve(NamedTuple):
    """The mean of some trainings, and the least and the largest of them: each (n,), nan where it is none."""

    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray


class State(NamedTuple):
    """What is seen of a broken training, and of the healthy one, up to an epoch.

    loss: after each step; train, validation, again: shares of right images after each epoch, the last one of
        the same net measured a second time
    differ: how far apart the two measurements of one net were at most
    """

    letter: str
    switch: str
    epochs: int
    seed: int
    named: bool
    shown: bool
    loss: Curve
    train: Curve
    validation: Curve
    healthy_loss: Curve
    healthy: Curve
    differ: float


@lru_cache(maxsize=1)
def results() -> dict[str, dict[str, np.ndarray]]:
    """All trainings: mistake → loss (seeds, steps), and train, validation, again (seeds, epochs)."""
    runs = json.loads(RESULTS.read_text("utf-8"))["runs"]
    names = ("loss", "train", "validation", "again")
    return {
        switch: {name: np.array([run[name] for run in trainings], float) for name in names}
        for switch, trainings in runs.items()
    }


def curve(numbers: np.ndarray) -> Curve:
    """Mean and spread of trainings (seeds, n).

    >>> curve(np.array([[1.0, 2.0], [3.0, 2.0]])).mean
    array([2., 2.])
    """
    lost = np.isnan(numbers).any(axis=0)
    whole = np.where(lost, 0, numbers)
    return Curve(*(np.where(lost, np.nan, part) for part in (whole.mean(0), whole.min(0), whole.max(0))))


def compute(letter: str, epochs: int, seed: int, named: bool = False, shown: bool = True) -> State:
    """A broken training beside the healthy one.

    letter: "A" to "F"
    epochs: how much of it is seen, 1…15
    seed: 1…5, one training; 0: all five, their mean and spread
    named: whether its name is told
    shown: whether the healthy one is seen
    Raises `ValueError` that names the argument.
    """
    check_choice(letter, LETTERS, name="letter")
    check_whole(epochs, name="epochs", low=1, high=EPOCHS)
    check_whole(seed, name="seed", high=SEEDS)
    rows = slice(None) if seed == 0 else slice(seed - 1, seed)
    steps = results()[HEALTHY]["loss"].shape[1] // EPOCHS * epochs

    def seen(switch: str, name: str) -> Curve:
        return curve(results()[switch][name][rows, : steps if name == "loss" else epochs])

    switch = LETTERS[letter]
    broken = results()[switch]
    differ = np.abs(broken["again"] - broken["validation"])[rows, :epochs]
    return State(
        letter, switch, epochs, seed, named, shown,
        seen(switch, "loss"), seen(switch, "train"), seen(switch, "validation"),
        seen(HEALTHY, "loss"), seen(HEALTHY, "validation"), float(np.nanmax(differ)),
    )  # fmt: skip


def signature(state: State) -> str:
    """What gives the mistake away, with the numbers of this state."""
    train, right, healthy = (
        f"{100 * last(seen):.0f}\xa0%" for seen in (state.train, state.validation, state.healthy)
    )
    loss, usual = late(state.loss), late(state.healthy_loss)
    measured = f"it trains like the healthy one, but only {right} are right instead of {healthy}"
    least = 100 * np.nanmin(state.train.mean)
    return {
        "augmented test images": f"{measured}; the same net measured twice differs by up to "
        f"{100 * state.differ:.0f} points",
        "train mode at test": f"{measured}, both times: each image is judged by its neighbours, which are of "
        "one class",
        "shuffled labels": f"{train} of the training images are right, and of the others {right}, as by "
        "guessing: it memorises what it is shown",
        "no shuffling": f"a wave as long as an epoch, and once only {least:.0f}\xa0% of the training images "
        "right, fewer than by guessing: the next class is never the last one",
        "no zero_grad": f"it starts like the healthy one, then the loss climbs, up to "
        f"{np.nanmax(state.loss.high):,.0f}, at a harmless rate: old gradients pile up",
        "rate too high": f"the loss hangs near guessing while the rate is high, and falls as the schedule "
        f"lowers it: {loss:.2f} in this epoch, the healthy one {usual:.2f}",
    }[state.switch]


def late(loss: Curve) -> float:
    """The mean loss of the last twenty steps, an epoch; nan where there are none."""
    return float(loss.mean[-20:].mean())


def last(seen: Curve) -> float:
    """The last number that is one."""
    numbers = seen.mean[~np.isnan(seen.mean)]
    return float(numbers[-1]) if len(numbers) else float("nan")


class SixSwitchesDemo(Demo):
    title = "Six broken trainings"
    alt = (
        "Left, the loss after each step of a broken training, mean and spread of five seeds, beside the "
        "healthy one in grey. Right, how many training and validation images are right after each epoch."
    )
    ask = "Guess first: which mistake is it, and after how many epochs can you tell?"
    size = (10, 4.4)
    tall_size = (4.8, 7.4)
    presets = {letter: {"letter": letter} for letter in LETTERS}

    letter = Choice(tuple(LETTERS), label="training")
    epochs = Slider(1, EPOCHS, start=EPOCHS, label="epochs seen")
    seed = Slider(0, SEEDS, start=0, label="seed (0: all five)")
    named = Switch(label="name it")
    shown = Switch(start=True, label="healthy one, too")
    end = Handle("epochs", axes="right", beside="validation_end", label="the end of what is seen", click=True)

    compute = staticmethod(compute)

    def arrange(self, figure: Figure) -> Any:
        if self.tall:
            return tuple(figure.subplots(2, 1))
        return tuple(figure.subplots(1, 2, width_ratios=(1.15, 1)))

    def draw(self, axes: tuple[Axes, Axes]) -> None:
        self.left, self.right = axes
        colors = [legible(plots.COLORS[i], dark=self.dark) for i in (5, 1, 0)]
        grey = plots.COLORS[8]
        self.left.axhline(np.log(GUESSING), color=self.ink, linewidth=1, linestyle=":")
        self.left.text(EPOCHS, np.log(GUESSING) + 0.06, "guessing", ha="right", va="bottom", fontsize=12)
        self.right.axhline(100 / GUESSING, color=self.ink, linewidth=1, linestyle=":")
        ground = {"facecolor": self.paper, "edgecolor": "none", "pad": 1}
        words: dict[str, Any] = {"fontsize": 13, "va": "center", "zorder": 3.5, "bbox": ground}
        self.lines: dict[str, Any] = {}
        self.bands: dict[str, Any] = {}
        self.words: dict[str, Any] = {}
        for name, ax, color, style in (
            ("healthy_loss", self.left, grey, "-"),
            ("loss", self.left, colors[0], "-"),
            ("healthy", self.right, grey, "-"),
            ("train", self.right, colors[1], "s--"),
            ("validation", self.right, colors[2], "o-"),
        ):
            thin = 1.4 if ax is self.left else 2.2
            self.bands[name] = ax.fill([], [], color=color, alpha=0.25, linewidth=0, zorder=2.5)[0]
            self.lines[name] = ax.plot([], [], style, color=color, linewidth=thin, markersize=5, zorder=2.6)[
                0
            ]
            self.words[name] = ax.text(0, 0, "", color=color, **words)
        for ax, label in ((self.left, "loss"), (self.right, "right, %")):
            ax.set(xlim=(0, EPOCHS + 0.3), xticks=range(0, EPOCHS + 1, 5), xlabel="epochs", ylabel=label)
            ax.grid(axis="y", color=self.faint)
        self.left.set(ylim=(0, TOP))
        self.right.set(ylim=(0, 104), yticks=range(0, 101, 20), xlim=(0, EPOCHS + 5.2))
        middle: dict[str, Any] = {"ha": "center", "va": "top", "transform": self.left.transAxes}
        self.heading = self.left.text(0.5, 0.98, "", fontsize=14, zorder=4, bbox=ground, **middle)

    def update(self, state: State) -> None:
        self.state = state
        for name, line in self.lines.items():
            seen: Curve = getattr(state, name)
            loss = name.endswith("loss")
            if name.startswith("healthy") and not state.shown:
                seen = Curve(*(np.full(1, np.nan),) * 3)
            x = np.arange(1, len(seen.mean) + 1) * (state.epochs / len(seen.mean) if loss else 1)
            mean, low, high = (np.minimum(part, TOP + 1) if loss else 100 * part for part in seen)
            line.set_data(x, mean)
            there = ~np.isnan(mean)
            edge = np.concatenate([low[there], high[there][::-1]])
            self.bands[name].set_xy(np.stack([np.concatenate([x[there], x[there][::-1]]), edge], axis=1))
        shown = {"validation": "validation", "train": "training"} | (
            {"healthy": "healthy"} if state.shown else {}
        )
        heights = {name: 100 * last(getattr(state, name)) for name in shown}
        order = sorted(heights, key=lambda name: heights[name])
        places = spaced([heights[name] for name in order], least=8, low=3, high=100)
        for name in ("validation", "train", "healthy"):
            self.words[name].set_text(shown.get(name, ""))
        for name, place in zip(order, places, strict=True):
            self.words[name].set_position((state.epochs + 0.4, place))
        name = state.switch if state.named else "which mistake is it?"
        self.heading.set_text(f"{state.letter}: {name}")

    def validation_end(self) -> float:
        """How high the curve of the validation images ends."""
        return 100 * last(self.state.validation)

    def said(self) -> str:
        state = self.state
        who = f"{state.letter}" if not state.named else f"{state.letter}, {state.switch}"
        if state.named:
            return f"{who}: {signature(state)}."
        many = f"{state.epochs} epoch{'s' * (state.epochs > 1)}"
        train, right = (100 * last(part) for part in (state.train, state.validation))
        loss = last(state.loss)
        words = (
            f"{who}: after {many} the loss is {loss:,.2f} (by guessing {np.log(GUESSING):.2f}); "
            f"{train:.0f}\xa0% of the training and {right:.0f}\xa0% of the validation images are right"
        )
        if state.shown:
            words += f", in the healthy one {100 * last(state.healthy):.0f}\xa0%"
        points = f"{100 * state.differ:.0f} point{'s' * (round(100 * state.differ) != 1)}"
        again = f"differ by up to {points}" if state.differ else "agree"
        return f"{words}. Two measurements of the same net {again}."


def spaced(heights: list[float], *, least: float, low: float, high: float) -> list[float]:
    """Ascending heights, moved until each is at least `least` above the one before, within limits.

    >>> spaced([10.0, 10.0, 50.0], least=8, low=0, high=100)
    [10.0, 18.0, 50.0]
    """
    made = heights.copy()
    for i in range(len(made)):
        made[i] = max(made[i], made[i - 1] + least if i else low)
    for i in reversed(range(len(made))):
        made[i] = min(made[i], made[i + 1] - least if i + 1 < len(made) else high)
    return made


show = shows(SixSwitchesDemo)
