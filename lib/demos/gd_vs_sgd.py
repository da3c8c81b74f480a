"""Least squares by gradient descent and by SGD: two ways to spend the same examples."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from lib import plots
from lib.checks import check_choice, check_number, check_whole
from lib.demos.kit import Choice, Demo, LogSlider, Slider, Time, shows

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


def descend(rate: float, batch: int, seen: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """β after each step, (steps + 1, 2), and the examples seen by then, (steps + 1,).

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
    slope, offset = START.tolist()
    path = [(slope, offset)]
    for ((a, b), (_, d)), (p, q) in zip(A.tolist(), c.tolist(), strict=True):
        slope, offset = slope - (a * slope + b * offset - p), offset - (b * slope + d * offset - q)
        if max(abs(slope), abs(offset)) > FAR:  # lost for good
            path += [(slope, offset)] * (steps + 1 - len(path))
            break
        path.append((slope, offset))
    return np.array(path), batch * np.arange(steps + 1)


def compute(batch: str, rate: float, time: int, seed: int) -> State:
    """Both paths after 8 · time examples.

    batch: "1", "4", "16" or "64", of the stochastic path
    rate: learning rate > 0
    time: 0 and up
    seed: of the order of the examples
    Raises `ValueError` for anything else.
    """
    check_choice(batch, BATCHES, name="batch")
    check_number(rate, name="rate", low=0, open_low=True)
    check_whole(time, name="time")
    check_whole(seed, name="seed")
    gd, gd_seen = descend(rate, COUNT, UNIT * time, seed)
    sgd, sgd_seen = descend(rate, int(batch), UNIT * time, seed)
    least = mean_loss(BEST)
    return State(gd, sgd, mean_loss(gd) - least, mean_loss(sgd) - least, gd_seen, sgd_seen, int(batch))


class GdVsSgdDemo(Demo):
    title = "All examples a step, or a few: GD and SGD on least squares"
    alt = (
        "Left: contour lines of the squared error of a line over its slope and offset, with the paths of "
        "gradient descent, few long steps, and of SGD, many short and wavering ones. Right: how far the loss "
        "of each is above the smallest possible one, against the number of examples seen."
    )
    size = (10.5, 4.6)
    presets = {
        "One at a time": {"batch": "1", "rate": 0.01},
        "Batch of 16": {"batch": "16", "rate": 0.1},
        "All 64: one path": {"batch": "64", "rate": 0.1},
        "SGD too fast": {"batch": "1", "rate": 10**-0.5},
        "Both too fast": {"batch": "16", "rate": 10**-0.3},
    }

    batch = Choice(BATCHES, start="4", label="batch size")
    rate = LogSlider(-3, 0, start=-1, step=0.1, label="learning rate λ")
    time = Time(PASSES * COUNT // UNIT, start=32, label="time")
    seed = Slider(0, 20, start=0, label="seed of the order")

    compute = staticmethod(compute)

    def arrange(self, figure: Any) -> Any:
        return tuple(figure.subplots(1, 2, width_ratios=(1.15, 1)))

    def draw(self, axes: Any) -> None:
        plane, curve = axes
        slope, offset = np.linspace(-3, 4, 101), np.linspace(-2, 5, 101)
        heights = mean_loss(np.stack(np.meshgrid(slope, offset), axis=-1))
        levels = mean_loss(BEST) + np.array([0, 0.1, 0.5, 1.5, 3, 6, 10, 16, 25, 40, 60])
        plane.contourf(slope, offset, heights, levels, cmap="cividis", alpha=0.45, zorder=0.5)
        plane.contour(slope, offset, heights, levels, colors="#555555", linewidths=0.8, zorder=0.6)
        plane.plot(*BEST, "*", color="black", markersize=15, zorder=1)
        plane.set(xlim=(-3, 4), ylim=(-2, 5), xlabel="slope $\\beta_1$", ylabel="offset $\\beta_2$")
        self.paths, self.curves = [], []
        for color, marker, size, zorder in (
            (plots.COLORS[5], "s", 3, 2.7),
            (plots.COLORS[0], "o", 7, 2.8),
        ):
            look = {"color": color, "markersize": size, "linewidth": 1.8, "zorder": zorder}
            self.paths.append(plane.plot([], [], f"{marker}-", **look)[0])
            self.curves.append(curve.plot([], [], f"{marker}-", **look)[0])
        curve.set(yscale="log", xlim=(0, PASSES * COUNT), ylim=(1e-5, 1e3), xlabel="examples seen")
        curve.set_ylabel("loss − smallest loss")
        look = {"transform": curve.transAxes, "fontsize": 13, "zorder": 3}
        self.notes = [
            curve.text(0.03, 0.12 - 0.08 * k, " ", color=line.get_color(), **look)
            for k, line in enumerate(self.paths)
        ]

    def update(self, state: State) -> None:
        for k, (name, path, excess, seen) in enumerate(
            (
                (f"■ SGD, batch of {state.batch}", state.sgd, state.sgd_excess, state.sgd_seen),
                ("● GD, all 64", state.gd, state.gd_excess, state.gd_seen),
            )
        ):
            self.paths[k].set_data(*np.clip(path, -100, 100).T)
            self.curves[k].set_data(seen, np.clip(excess, 1e-8, 1e6))
            plural = "" if len(path) == 2 else "s"
            self.notes[k].set_text(f"{name}: {len(path) - 1} step{plural}")


show = shows(GdVsSgdDemo)
