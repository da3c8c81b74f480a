"""What each trick of the fast net is worth: measured effects with their intervals, and one trick live."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from lib import plots
from lib.checks import check_choice, check_whole
from lib.convnets.demos.trick_race import LAST, Racer
from lib.convnets.tricks import Trick, tricks_of
from lib.convnets.verdict import MEASURES, NO_EVIDENCE, Effect, effects
from lib.demos.kit import Choice, Demo, Pick, Time, shows
from lib.demos.kit.looks import apart, legible, signed

RESULTS = Path(__file__).parents[1] / "studies" / "ablations.json"
STUDY: dict[str, Any] = json.loads(RESULTS.read_text("utf-8"))
MEASURE = {"accuracy": "accuracy", "loss": "loss", "seconds": "seconds"}
ORDERS = ("as told", "by effect", "by certainty")
VERDICTS = {"better": "o", "worse": "s", NO_EVIDENCE: "o"}


class State(NamedTuple):
    """The table as it is sorted, the chosen row, and two trainings under way.

    rows: the effects, from top to bottom
    at: the chosen one
    losses: (2, step + 1), with the trick and without it
    """

    measure: str
    rows: tuple[Effect, ...]
    at: int
    losses: np.ndarray

    @property
    def chosen(self) -> Effect:
        """The effect in the chosen row."""
        return self.rows[self.at]


@lru_cache(maxsize=len(MEASURES))
def measured(measure: str) -> tuple[Effect, ...]:
    """The effects of all tricks, as the lecture tells of them."""
    return tuple(effects(STUDY, measure))


@lru_cache(maxsize=24)
def racer(name: str) -> Racer:
    """The small net with this change, "" for the base; it goes on from where it is."""
    return Racer(tricks_of(STUDY)[name] if name else Trick(""))


def compute(measure: str, order: str, trick: str, step: int) -> State:
    """The effects in some order, and the losses of so many steps with the trick and without it.

    measure: "accuracy", "loss" or "seconds"
    order: one of `ORDERS`
    trick: its name
    step: 0…30
    Raises `ValueError` for anything else.
    """
    check_choice(measure, MEASURE, name="measure")
    check_choice(order, ORDERS, name="order")
    check_whole(step, name="step", high=LAST)
    rows = measured(MEASURE[measure])
    check_choice(trick, [row.trick for row in rows], name="trick")
    if order == "by effect":
        sign = 1 if MEASURES[MEASURE[measure]][3] else -1
        rows = tuple(sorted(rows, key=lambda row: -sign * row.mean))
    elif order == "by certainty":
        rows = tuple(sorted(rows, key=lambda row: -abs(row.mean) / max(row.half, 1e-9)))
    at = next(k for k, row in enumerate(rows) if row.trick == trick)
    noted = STUDY["tricks"][trick]
    here, there = (racer(name).until(step) for name in (trick, noted["beside"]))
    return State(measure, rows, at, np.array([there, here] if noted["in_base"] else [here, there]))


def in_words(number: float, places: int = 2) -> str:
    """A number with its sign, and a true minus."""
    return signed(f"{number:+.{places}f}")


class AblationsDemo(Demo):
    title = "What is each trick worth?"
    alt = (
        "Left: a row for each trick: its effect as a mark, its 95 % confidence interval as a line across it; "
        "filled marks are better or worse, hollow ones no evidence. Right, above: the measure for each seed, "
        "without the trick and with it; below: the losses of two very small nets, with it and without it."
    )
    ask = "Predict, then click a row: which tricks does this net need, and which could be luck?"
    size = (11, 5.4)
    tall_size = (4.9, 10.4)
    presets = {
        "Surest first": {"order": "by certainty"},
        "What costs time?": {"measure": "seconds", "order": "by effect"},
        "A clear case": {"trick": "whitened stem", "step": LAST},
        "Tuned digits": {"trick": "constants to four digits", "order": "by effect"},
    }

    measure = Choice(tuple(MEASURE))
    order = Choice(ORDERS)
    trick = Choice(tuple(STUDY["tricks"]), start="Muon")
    step = Time(LAST, interval=150, label="step, live")
    row = Pick("trick", spots="spots", axes="forest", size=(1, 0.9), hint="Click a row to see its seeds")

    compute = staticmethod(compute)

    def arrange(self, figure: Figure) -> Any:
        if self.tall:
            parts: Any = figure.subfigures(2, 1, height_ratios=(1.15, 1))  # each with its own margin
            return (parts[0].subplots(), *parts[1].subplots(2, 1))
        grid = figure.add_gridspec(2, 2, width_ratios=(1.9, 1))
        return tuple(figure.add_subplot(place) for place in (grid[:, 0], grid[0, 1], grid[1, 1]))

    def draw(self, axes: tuple[Axes, Axes, Axes]) -> None:
        self.forest, self.pairs, self.live = axes
        self.hues = {
            "better": legible(plots.COLORS[0], dark=self.dark),
            "worse": legible(plots.COLORS[1], dark=self.dark),
            NO_EVIDENCE: self.ink,
        }
        self.draw_forest(len(STUDY["tricks"]))
        self.draw_pairs()
        self.draw_live()

    def draw_forest(self, count: int) -> None:
        """The rows, whose places stay while their names and marks move."""
        forest, at_edge = self.forest, self.forest.get_yaxis_transform()
        self.band = Rectangle((0, -0.5), 1, 1, transform=at_edge, facecolor=self.faint, zorder=0.5)
        forest.add_patch(self.band)
        forest.axvline(0, color=self.ink, linewidth=1.2, zorder=2.4)
        self.intervals, self.marks = {}, {}
        for verdict, marker in VERDICTS.items():
            hue = self.hues[verdict]
            face = self.paper if verdict == NO_EVIDENCE else hue
            self.intervals[verdict] = forest.plot([], [], color=hue, linewidth=2.2, zorder=2.6)[0]
            self.marks[verdict] = forest.plot(
                [], [], marker, color=hue, markerfacecolor=face, markersize=8, markeredgewidth=1.8, zorder=2.7
            )[0]
        look: dict[str, Any] = {"va": "center", "fontsize": 12, "transform": at_edge, "zorder": 2.8}
        self.names = [forest.text(-0.02, k, "", ha="right", **look) for k in range(count)]
        self.numbers = [forest.text(1.02, k, "", ha="left", **look) for k in range(count)]
        self.sides = [
            forest.text(x, -1.0, "", ha=ha, va="center", fontsize=12, transform=at_edge, zorder=2.8)
            for x, ha in ((-0.02, "right"), (1.02, "left"))
        ]
        forest.set(ylim=(count - 0.4, -1.5), yticks=[], xlabel=" ")
        forest.spines[["left", "right", "top"]].set_visible(False)

    def draw_pairs(self) -> None:
        """A line for each seed, from without the trick to with it."""
        seeds = max(len(row.present) for row in measured("accuracy"))
        self.seeds = [
            self.pairs.plot(
                [], [], "o-", color=self.ink, alpha=0.75, markersize=5, linewidth=1.4, zorder=2.6
            )[0]
            for _ in range(seeds)
        ]
        self.pairs.set(xlim=(-0.35, 1.35), xticks=[0, 1], xticklabels=["without", "with"], ylabel=" ")
        self.pairs.grid(axis="y", color=self.faint)

    def draw_live(self) -> None:
        """The losses of the two very small nets."""
        hues = (legible(plots.COLORS[0], dark=self.dark), legible(plots.COLORS[1], dark=self.dark))
        self.curves = [
            self.live.plot([], [], f"{marker}-", color=hue, markersize=4, linewidth=1.8, zorder=zorder)[0]
            for hue, marker, zorder in zip(hues, "os", (2.7, 2.6), strict=True)
        ]
        self.ends = [
            self.live.text(0, 2, word, color=hue, va="center", fontsize=12, zorder=2.8)
            for word, hue in zip(("with", "without"), hues, strict=True)
        ]
        self.live.set(xlim=(-0.5, 1.28 * LAST), ylim=(0, 2.9), xticks=range(0, LAST + 1, 10))
        self.live.set(xlabel="step of a tiny net", ylabel="loss, nats")
        self.live.grid(axis="y", color=self.faint)

    def update(self, state: State) -> None:
        self.state = state
        self.update_forest(state)
        chosen = state.chosen
        for line, absent, present in zip(self.seeds, chosen.absent, chosen.present, strict=True):
            line.set_data([0, 1], [absent, present])
        values = np.concatenate([chosen.absent, chosen.present])
        room = max(np.ptp(values), 1e-3) * 0.12
        self.pairs.set_ylim(values.min() - room, values.max() + room)
        _, unit, _, _ = MEASURES[MEASURE[state.measure]]
        self.pairs.set_ylabel(f"{state.measure}, {'%' if unit == 'points' else unit}")
        steps = np.arange(state.losses.shape[1])
        heights = apart(*np.minimum(state.losses[:, -1], 2.75), least=0.3)
        for curve, end, losses, height in zip(self.curves, self.ends, state.losses, heights, strict=True):
            curve.set_data(steps, losses)
            end.set_position((steps[-1] + 0.8, height))

    def update_forest(self, state: State) -> None:
        """Names, marks, intervals and limits."""
        _, unit, _, more = MEASURES[MEASURE[state.measure]]
        for k, (row, name, number) in enumerate(zip(state.rows, self.names, self.numbers, strict=True)):
            name.set_text(row.trick)
            number.set_text(f"{in_words(row.mean)} ± {row.half:.2f}")
            name.set_fontweight("bold" if k == state.at else "normal")
        for verdict in VERDICTS:
            mine = [(row, k) for k, row in enumerate(state.rows) if row.verdict == verdict]
            self.marks[verdict].set_data([row.mean for row, _ in mine], [k for _, k in mine])
            ends = [(row.mean + side * row.half, k) for row, k in mine for side in (-1, 1, np.nan)]
            self.intervals[verdict].set_data([x for x, _ in ends], [k for _, k in ends])
        self.band.set_y(state.at - 0.5)
        low, high = (
            pick(side(row.mean - row.half, row.mean + row.half) for row in state.rows)
            for pick, side in ((min, min), (max, max))
        )
        room = 0.04 * (high - low)
        self.forest.set_xlim(min(low, 0) - room, max(high, 0) + room)
        self.forest.xaxis.set_major_locator(MaxNLocator(3 if self.tall else 6))
        self.forest.set_xlabel(f"effect on {state.measure}, {unit}")
        for side, words in zip(
            self.sides, ("← worse", "better →") if more else ("← better", "worse →"), strict=True
        ):
            side.set_text(words)

    def spots(self) -> list[tuple[str, float, float, str]]:
        """A place to click for each row."""
        left, right = self.forest.get_xlim()
        return [
            (row.trick, (left + right) / 2, k, f"{row.trick}: {row.verdict}")
            for k, row in enumerate(self.state.rows)
        ]

    def said(self) -> str:
        state, row = self.state, self.state.chosen
        _, unit, _, _ = MEASURES[MEASURE[state.measure]]
        low, high = (in_words(row.mean + side * row.half) for side in (-1, 1))
        words = (
            f"no evidence, as 0 is between {low} and {high}" if row.verdict == NO_EVIDENCE else row.verdict
        )
        with_it, without = state.losses[:, -1]
        return (
            f"{row.trick}, against {row.instead}: {in_words(row.mean)} ± {row.half:.2f} {unit} over "
            f"{len(row.present)} seeds, {words}. Live, after {self.values['step']} steps: loss {with_it:.2f} "
            f"with it, {without:.2f} without."
        )


show = shows(AblationsDemo)
