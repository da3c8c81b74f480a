"""A linear classifier of points in the plane, with one row of W in your hands."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from matplotlib.colors import to_rgb

from lib import plots
from lib.checks import check_choice, check_number
from lib.classifiers.losses import cross_entropy, hinge
from lib.demos.kit import Choice, Demo, Slider, shows
from lib.demos.kit.screen import Screen

NAMES = ("blue", "orange", "green")
EDGE = 3.0  # the plane reaches from −EDGE to EDGE
# Rows (w₁, w₂, b): the softmax classifier of the points below, reg = 0.01, to one digit; a test refits it.
TRAINED = np.array([[-1.3, 0.9, -0.1], [1.4, 0.8, 0.0], [-0.1, -1.7, 0.1]])


class State(NamedTuple):
    """What three rows of weights make of the plane and of the points in it."""

    rows: np.ndarray  # (3, 3), each w₁, w₂, b
    chosen: int  # the row in the student's hands
    regions: np.ndarray  # int (G, G), the class with the largest score, from the lower left corner
    lines: np.ndarray  # (3, 2, 2), end points of the line s_k = 0; NaN where it misses the plane
    wrong: np.ndarray  # bool (N,), misclassified points
    accuracy: float
    hinge: float
    softmax: float  # nats


def points(each: int = 25, seed: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """Three clouds that overlap a little: X (3·each, 2) and labels y (3·each,)."""
    rng = np.random.default_rng(seed)
    centers = np.array([[-1.3, 0.8], [1.3, 0.8], [0.0, -1.3]])
    X = np.concatenate([center + 0.65 * rng.standard_normal((each, 2)) for center in centers])
    return np.clip(X, 0.1 - EDGE, EDGE - 0.1), np.repeat(np.arange(3), each)


def zero_line(w: np.ndarray, b: float) -> np.ndarray:
    """The two points where w·x + b = 0 enters and leaves the plane, (2, 2); NaN where it does not."""
    length2 = w @ w
    if length2 == 0:
        return np.full((2, 2), np.nan)
    foot, along = -b * w / length2, np.array([-w[1], w[0]]) / np.sqrt(length2)
    with np.errstate(divide="ignore", invalid="ignore"):
        times = np.sort(np.array([(-EDGE - foot) / along, (EDGE - foot) / along]), axis=0)
    enter, leave = np.nanmax(times[0]), np.nanmin(times[1])
    inside = np.all((along != 0) | (np.abs(foot) <= EDGE))
    if enter >= leave or not inside:
        return np.full((2, 2), np.nan)
    return foot + np.array([[enter], [leave]]) * along


def compute(row: str, w1: float, w2: float, b: float, *, grid: int = 90) -> State:
    """Regions and losses where row `row` of W is (w1, w2), its bias b, and the others are `TRAINED`.

    row: "blue", "orange" or "green"
    w1, w2: its two weights
    b: its bias
    grid: points of the plane along each side
    Raises `ValueError` for another name, or where a number is not finite.
    """
    check_choice(row, NAMES, name="row")
    for name, number in (("w1", w1), ("w2", w2), ("b", b)):
        check_number(number, name=name)
    rows = TRAINED.copy()
    rows[NAMES.index(row)] = w1, w2, b
    W, bias = rows[:, :2], rows[:, 2]

    ticks = np.linspace(-EDGE, EDGE, grid)
    plane = W[:, 0, None, None] * ticks + W[:, 1, None, None] * ticks[:, None] + bias[:, None, None]
    X, y = points()
    scores = X @ W.T + bias
    wrong = scores.argmax(axis=1) != y
    return State(
        rows=rows,
        chosen=NAMES.index(row),
        regions=plane.argmax(axis=0),
        lines=np.array([zero_line(w, bias) for w, bias in zip(W, bias, strict=True)]),
        wrong=wrong,
        accuracy=1 - wrong.mean(),
        hinge=hinge(scores, y)[0],
        softmax=cross_entropy(scores, y)[0],
    )


class Linear2DDemo(Demo):
    title = "Three rows of W, and one of them is yours"
    alt = (
        "Left: points of three classes in the plane, shaded by the largest score; the line s = 0 "
        "of each class with an arrow to where its score grows; wrong points ringed. Right: the numbers of W "
        "and b, and hinge and softmax loss as bars."
    )
    size = (10, 5)
    presets = {
        "As trained": {"w1": -1.3, "w2": 0.9, "b": -0.1},
        "A zero row": {"w1": 0.0, "w2": 0.0, "b": 0.0},
        "Three times as long": {"w1": -3.9, "w2": 2.7, "b": -0.3},
        "The wrong way round": {"w1": 1.3, "w2": -0.9, "b": -0.1},
        "Only bias": {"w1": 0.0, "w2": 0.0, "b": 3.0},
    }

    row = Choice(NAMES, label="your row")
    w1 = Slider(-5.0, 5.0, start=0.4, step=0.1, label="w₁")
    w2 = Slider(-5.0, 5.0, start=1.2, step=0.1, label="w₂")
    b = Slider(-5.0, 5.0, start=0.0, step=0.1, label="b")

    def compute(self, **values: Any) -> State:
        return compute(**values)

    def arrange(self, figure: Any) -> Any:
        plane, side = figure.subplots(1, 2, width_ratios=(1.15, 1))
        return plane, side

    def draw(self, axes: Any) -> None:
        plane, side = axes
        soft = [np.array(to_rgb(color)) * 0.3 + 0.7 for color in plots.COLORS[:3]]
        self.shades = (255 * np.array(soft)).astype(np.uint8)
        self.map = Screen(plane, (90, 90))
        self.map.set(zorder=2.6, extent=(-EDGE, EDGE, -EDGE, EDGE))
        plane.set_axis_on()
        self.lines = [plane.plot([], [], "--", color=color, zorder=2.7)[0] for color in plots.COLORS[:3]]
        self.arrows = [
            plane.plot(
                [], [], marker=marker, markevery=[-1], color=color, linewidth=4, markersize=11, zorder=2.8
            )[0]
            for color, marker in zip(plots.COLORS, plots.MARKERS[:3], strict=False)
        ]
        self.X, y = points()
        for k, name in enumerate(NAMES):
            x = self.X[y == k].T
            look = {"markersize": 8, "markeredgecolor": "white", "markeredgewidth": 0.8, "zorder": 3}
            plane.plot(*x, plots.MARKERS[k], color=plots.COLORS[k], label=name, **look)
        self.rings = plane.plot([], [], "o", color="black", fillstyle="none", markersize=13, zorder=3)[0]
        plane.set(xlabel="$x_1$", ylabel="$x_2$", xlim=(-EDGE, EDGE), ylim=(-EDGE, EDGE), aspect="equal")

        self.bars = side.barh([1, 0], [0, 0], color=(plots.COLORS[5], plots.COLORS[0]), height=0.55, zorder=3)
        self.amounts = [side.text(0.05, y, "", va="center", zorder=4) for y in (1, 0)]
        side.set(xlim=(0, 4), ylim=(-0.5, 4.2), xlabel="loss")
        side.set_yticks([1, 0], ["hinge", "softmax"])
        side.spines["left"].set_bounds(-0.5, 1.5)
        look = {"family": "DejaVu Sans Mono", "fontsize": 13, "zorder": 4}
        side.text(0.0, 3.85, f"{'row':8} {'w1':>5} {'w2':>5} {'b':>5}", **look)
        self.table = [side.text(0.0, 3.4 - 0.42 * k, "", color="black", **look) for k in range(3)]
        self.count = side.text(0.0, 1.8, "", zorder=4)

    def update(self, state: State) -> None:
        self.map.set_data(self.shades[state.regions[::-1]])
        for k, (line, arrow, text) in enumerate(zip(self.lines, self.arrows, self.table, strict=True)):
            line.set_data(*state.lines[k].T)
            middle, w = state.lines[k].mean(axis=0), state.rows[k, :2]
            arrow.set_data(*np.array([middle, middle + 0.35 * w]).T)
            mark = "▶" if k == state.chosen else " "
            numbers = " ".join(f"{number:5.1f}" for number in state.rows[k])
            text.set_text(f"{mark} {NAMES[k]:6} {numbers}".replace("-", "−"))
        self.rings.set_data(*self.X[state.wrong].T)
        for bar, text, value in zip(self.bars, self.amounts, (state.hinge, state.softmax), strict=True):
            bar.set_width(min(value, 4))
            text.set_x(min(value, 3.3) + 0.08)
            text.set_text(f"{value:.2f}")
            text.set_color("black" if value < 3.3 else "white")
        self.count.set_text(
            f"{state.wrong.sum()} of {len(self.X)} points wrong: accuracy {100 * state.accuracy:.0f}%"
        )


show = shows(Linear2DDemo)
