"""Least squares by gradient descent and by SGD: two ways to spend the same examples."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lib import plots
from lib.checks import check_choice, check_number, check_whole
from lib.demos.kit import Choice, Demo, Handle, LogSlider, Slider, Time, shows
from lib.demos.kit.looks import apart, draw_valley, legible
from lib.demos.kit.rounded import powered

COUNT = 64  # examples
UNIT = 8  # examples a tick of the time slider
PASSES = 10  # over all examples, at the end of the time slider
BATCHES = ("1", "4", "16", "64")
START = np.array([-2.0, 3.5])  # slope, offset
FAR = 1e4  # where a path counts as lost


class State(NamedTuple):
    """Both paths after the same number of examples seen; each with the loss over all examples."""

    gd: np.ndarray  # (steps + 1, 2) β after each step that uses all examples
    sgd: np.ndarray  # (steps + 1, 2) β after each step that uses one mini-batch
    gd_excess: np.ndarray  # (steps + 1,) loss minus the smallest possible one
    sgd_excess: np.ndarray  # (steps + 1,)
    gd_seen: np.ndarray  # (steps + 1,) examples seen after each step
    sgd_seen: np.ndarray  # (steps + 1,)
    gd_ahead: np.ndarray  # (2,) β after one step more
    sgd_ahead: np.ndarray  # (2,)
    batch: int


def examples() -> tuple[np.ndarray, np.ndarray]:
    """X (64, 2), a number and a 1 in each row, and y (64,): a line with slope 1.5, offset 1 and noise."""
    rng = np.random.default_rng(4)
    x = rng.uniform(-1, 2.5, COUNT)
    return np.column_stack([x, np.ones(COUNT)]), 1.5 * x + 1 + 0.5 * rng.standard_normal(COUNT)


X, Y = examples()
BEST = np.linalg.lstsq(X, Y)[0]


def mean_loss(beta: np.ndarray) -> np.ndarray:
    """S / N, the mean squared error over all examples: β (..., 2) → (...)."""
    return ((beta @ X.T - Y) ** 2).mean(axis=-1)


def descend(
    rate: float, batch: int, seen: int, seed: int, start: tuple[float, float] = (START[0], START[1])
) -> tuple[np.ndarray, np.ndarray]:
    """β after each step, (steps + 1, 2), from `start`, and the examples seen by then, (steps + 1,).

    Each step uses the next examples of an order that is shuffled anew for each pass.

    rate: learning rate > 0
    batch: how many examples a step uses
    seen: how many examples all steps use together
    seed: of the order
    Source: deck C, "Stochastic Gradient Descent".
    """
    rng = np.random.default_rng(seed)
    order = np.concatenate([rng.permutation(COUNT) for _ in range(-(-seen // COUNT))] or [np.empty(0, int)])
    steps = seen // batch
    rows = order[: steps * batch].reshape(steps, batch)
    # The gradient 2 (β xᵀ − y) x of each batch is 2 (A β − c): plain numbers make the loop ten times faster.
    A = (X[rows].transpose(0, 2, 1) @ X[rows]) * (2 * rate / batch)
    c = (Y[rows][:, None] @ X[rows])[:, 0] * (2 * rate / batch)
    slope, offset = float(start[0]), float(start[1])
    path = [(slope, offset)]
    for ((a, b), (_, d)), (p, q) in zip(A.tolist(), c.tolist(), strict=True):
        slope, offset = slope - (a * slope + b * offset - p), offset - (b * slope + d * offset - q)
        if max(abs(slope), abs(offset)) > FAR:  # lost for good
            path += [(slope, offset)] * (steps + 1 - len(path))
            break
        path.append((slope, offset))
    return np.array(path), batch * np.arange(steps + 1)


def compute(
    batch: str, rate: float, time: int, seed: int, slope: float = START[0], offset: float = START[1]
) -> State:
    """Both paths after 8 · time examples.

    batch: "1", "4", "16" or "64", of the stochastic path
    rate: learning rate > 0
    time: 0 and up
    seed: of the order of the examples
    slope, offset: where both paths start
    Raises `ValueError` for anything else.
    """
    check_choice(batch, BATCHES, name="batch")
    check_number(rate, name="rate", low=0, open_low=True)
    check_whole(time, name="time")
    check_whole(seed, name="seed")
    for name, number in (("slope", slope), ("offset", offset)):
        check_number(number, name=name)
    start, size = (slope, offset), int(batch)
    gd, gd_seen = descend(rate, COUNT, UNIT * time + COUNT, seed, start)
    sgd, sgd_seen = descend(rate, size, UNIT * time + size, seed, start)
    (gd, gd_ahead), (sgd, sgd_ahead) = (gd[:-1], gd[-1]), (sgd[:-1], sgd[-1])
    least = mean_loss(BEST)
    excess = mean_loss(gd) - least, mean_loss(sgd) - least
    return State(gd, sgd, *excess, gd_seen[:-1], sgd_seen[:-1], gd_ahead, sgd_ahead, size)


class GdVsSgdDemo(Demo):
    title = "All examples a step, or a few: GD and SGD on least squares"
    alt = (
        "Left: contour lines of the squared error of a line over its slope and offset, with the paths of "
        "gradient descent, few long steps, and of SGD, many short and wavering ones, from one start, a ring; "
        "dashed, the next step of each. Right: how far the loss of each is above the smallest possible one, "
        "against the number of examples seen."
    )
    ask = "Predict both paths, then press play: who is nearer to the star after 64 examples?"
    size = (10.5, 4.4)
    tall_size = (5.0, 7.6)
    presets = {
        "One at a time": {"batch": "1", "rate": 0.01, "time": 32},
        "Batch of 16": {"batch": "16", "rate": 0.1, "time": 32},
        "All 64: one path": {"batch": "64", "rate": 0.1, "time": 32},
        "SGD too fast": {"batch": "1", "rate": 10**-0.5, "time": 32},
        "Both too fast": {"batch": "16", "rate": 10**-0.3, "time": 32},
    }

    batch = Choice(BATCHES, start="4", label="batch size")
    rate = LogSlider(-3, 0, start=-1, step=0.1, label="learning rate η")
    slope = Slider(-3.0, 4.0, start=START[0], step=0.1, label="start β₁")
    offset = Slider(-2.0, 5.0, start=START[1], step=0.1, label="start β₂")
    seed = Slider(0, 20, start=0, label="seed of the order")
    time = Time(PASSES * COUNT // UNIT, label="time")
    begin = Handle("slope", "offset", axes="plane", label="the start", click=True)

    compute = staticmethod(compute)

    def arrange(self, figure: Figure) -> tuple[Axes, Axes]:
        if self.tall:
            return tuple(figure.subplots(2, 1, height_ratios=(1.4, 1)))
        return tuple(figure.subplots(1, 2, width_ratios=(1, 1.1)))

    def draw(self, axes: tuple[Axes, Axes]) -> None:
        self.plane, curve = axes
        slope, offset = np.linspace(-3, 4, 101), np.linspace(-2, 5, 101)
        heights = mean_loss(np.stack(np.meshgrid(slope, offset), axis=-1))
        levels = mean_loss(BEST) + np.array([0, 0.1, 0.5, 1.5, 3, 6, 10, 16, 25, 40, 60])
        draw_valley(self.plane, slope, offset, heights, levels, paper=self.paper)
        self.plane.plot(*BEST, "*", color=self.ink, markersize=15, zorder=3)
        self.plane.set(xlim=(-3, 4), ylim=(-2, 5), xlabel="slope $\\beta_1$", ylabel="offset $\\beta_2$")
        self.plane.spines[:].set_visible(False)
        self.paths, self.aheads, self.curves, self.names = [], [], [], []
        for color, marker, size, zorder in (
            (plots.COLORS[5], "s", 3, 2.7),
            (plots.COLORS[0], "o", 7, 2.8),
        ):
            color = legible(color, dark=self.dark)
            look: dict[str, Any] = {"color": color, "markersize": size, "linewidth": 1.8, "zorder": zorder}
            self.paths.append(self.plane.plot([], [], f"{marker}-", **look)[0])
            self.aheads.append(self.plane.plot([], [], "--", **look)[0])
            self.curves.append(curve.plot([], [], f"{marker}-", **look)[0])
            self.names.append(curve.text(0, 1, "", color=color, va="center", fontsize=13, zorder=zorder))
        self.begun = self.plane.plot(
            [], [], "o", color=self.ink, fillstyle="none", markersize=13, markeredgewidth=2, zorder=2.9
        )[0]
        curve.set(yscale="log", xlim=(0, PASSES * COUNT * 1.5), ylim=(1e-5, 1e3), xlabel="examples seen")
        curve.set(xticks=range(0, PASSES * COUNT + 1, 2 * COUNT), yticks=10.0 ** np.arange(-4, 3, 2))
        curve.set_ylabel("loss − smallest loss")
        curve.minorticks_off()
        curve.grid(axis="y", color=self.faint)

    def update(self, state: State) -> None:
        self.state = state
        both = (
            (state.sgd, state.sgd_ahead, state.sgd_excess, state.sgd_seen),
            (state.gd, state.gd_ahead, state.gd_excess, state.gd_seen),
        )
        ends = []
        for k, (path, ahead, excess, seen) in enumerate(both):
            path, excess = np.clip(path, -100, 100), np.clip(excess, 1e-8, 1e6)
            self.paths[k].set_data(*path.T)
            self.aheads[k].set_data(*np.array([path[-1], np.clip(ahead, -100, 100)]).T)
            self.curves[k].set_data(seen, excess)
            ends.append((seen[-1], float(np.log10(excess[-1]))))
        heights = [min(max(height, -4.4), 2.4) for _, height in ends]
        if abs(ends[0][0] - ends[1][0]) < 3 * COUNT:  # else they stand one after the other
            heights = list(apart(heights[0], heights[1], least=0.6))
        for name, words, (seen, _), height in zip(
            self.names, (f"SGD, {state.batch} a step", "GD"), ends, heights, strict=True
        ):
            name.set_text(words)
            name.set_position((seen + 16, 10.0**height))
        self.begun.set_data(*state.gd[:1].T)

    def said(self) -> str:
        state = self.state
        seen, (gd, sgd) = UNIT * self.values["time"], (state.gd_excess[-1], state.sgd_excess[-1])
        if seen == 0:
            return (
                f"At the start the loss is {powered(gd, 3)} above the smallest; "
                f"a step costs GD {COUNT} examples, SGD {state.batch}."
            )
        steps = [f"{n} step{'' if n == 1 else 's'}" for n in (len(state.gd) - 1, len(state.sgd) - 1)]
        return (
            f"After {seen} examples GD ({steps[0]}) is {powered(gd, 3)} above the smallest loss, "
            f"SGD ({steps[1]}) {powered(sgd, 3)}."
        )


show = shows(GdVsSgdDemo)
