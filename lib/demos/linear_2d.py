"""A linear classifier of points in the plane, with one row of W in your hands."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lib import plots
from lib.checks import check_choice, check_number
from lib.classifiers.losses import cross_entropy, hinge
from lib.demos.kit import Choice, Demo, Slider, shows
from lib.demos.kit.looks import legible, signed
from lib.demos.kit.regions import Regions
from lib.demos.kit.touch import Mark, Touch, Values

NAMES = ("blue", "orange", "green")
EDGE = 3.0  # the plane reaches from −EDGE to EDGE
MOST = 4.0  # so far reach the bars of the losses
STEP = 0.1  # of the sliders
LONG = 0.5  # an arrow is so many times as long as its (w₁, w₂)
# Rows (w₁, w₂, b): the softmax classifier of the points below, reg = 0.01, to one digit; a test refits it.
TRAINED = np.array([[-1.3, 0.9, -0.1], [1.4, 0.8, 0.0], [-0.1, -1.7, 0.1]])


class State(NamedTuple):
    """What three rows of weights make of the plane and of the points in it."""

    rows: np.ndarray  # (3, 3), each w₁, w₂, b
    chosen: int  # the row in the student's hands
    plane: np.ndarray  # (G, G, 3), scores in the middle of each cell of the plane, from the lower left corner
    lines: np.ndarray  # (3, 2, 2), end points of the line s_k = 0; NaN where it misses the plane
    wrong: np.ndarray  # bool (N,), misclassified points
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


def compute(row: str, w1: float, w2: float, b: float, *, grid: int = 96) -> State:
    """Regions and losses where row `row` of W is (w1, w2), its bias b, and the others are `TRAINED`.

    row: "blue", "orange" or "green"
    w1, w2: its two weights
    b: its bias
    grid: cells of the plane along each side
    Raises `ValueError` for another name, or where a number is not finite.
    """
    check_choice(row, NAMES, name="row")
    for name, number in (("w1", w1), ("w2", w2), ("b", b)):
        check_number(number, name=name)
    rows = TRAINED.copy()
    rows[NAMES.index(row)] = w1, w2, b
    W, bias = rows[:, :2], rows[:, 2]

    ticks = EDGE * (2 * np.arange(grid) + 1 - grid) / grid
    plane = W[:, 0] * ticks[:, None] + W[:, 1] * ticks[:, None, None] + bias
    X, y = points()
    scores = X @ W.T + bias
    wrong = scores.argmax(axis=1) != y
    return State(
        rows=rows,
        chosen=NAMES.index(row),
        plane=plane,
        lines=np.array([zero_line(w, bias) for w, bias in zip(W, bias, strict=True)]),
        wrong=wrong,
        hinge=hinge(scores, y)[0],
        softmax=cross_entropy(scores, y)[0],
    )


def foot(w: np.ndarray, b: float) -> np.ndarray:
    """The place (2,) of the line w·x + b = 0 that is nearest to the origin; the origin where w is 0."""
    length2 = w @ w
    return -b * w / length2 if length2 else np.zeros(2)


def arrow(w: np.ndarray, b: float) -> np.ndarray:
    """Foot and tip of the arrow that stands on the line and shows w, within the plane: (2, 2)."""
    start = foot(w, b)
    return np.clip([start, start + LONG * w], -EDGE, EDGE)


def grip(w: np.ndarray, b: float) -> np.ndarray:
    """Where a hand takes hold of the line (2,): towards one end of it, or at the edge where it has left."""
    ends = zero_line(w, b)
    return np.clip(foot(w, b), -EDGE, EDGE) if np.isnan(ends).any() else 0.15 * ends[0] + 0.85 * ends[1]


def arrow_head(start: np.ndarray, tip: np.ndarray) -> np.ndarray:
    """The corners of a triangle at the end of an arrow: (3, 2)."""
    along = (tip - start) / max(np.hypot(*(tip - start)), 1e-9)
    across = np.array([-along[1], along[0]])
    return tip + np.array([0.12 * along, -0.22 * along + 0.15 * across, -0.22 * along - 0.15 * across])


def row_with_tip(tip: np.ndarray, w: np.ndarray, b: float) -> np.ndarray:
    """The row w (2,), for this b, whose arrow ends at `tip` (2,), or as near to it as can be.

    Where two rows do, it is the one that is nearer to the present w. The tip lies LONG n − b / n along w,
    whose length is n.
    """
    away = float(np.hypot(*tip))
    along = tip / away if away else w / max(np.hypot(*w), 1e-12)
    found = []
    for direction, t in ((along, away), (-along, -away)):
        inside = t * t + 4 * LONG * b
        if inside >= 0:
            lengths = [(t + np.sqrt(inside)) / (2 * LONG), (t - np.sqrt(inside)) / (2 * LONG)]
        else:  # no arrow ends so near to the origin: the one that ends nearest
            lengths = [np.sqrt(-b / LONG)] if t >= 0 else []
        found += [length * direction for length in lengths if length > 0]
    if not found:
        return np.zeros(2)
    return min(found, key=lambda other: float(np.hypot(*(other - w))))


class Rows(Touch):
    """Two handles for each row: one shifts its line (b), the other is the tip of its arrow (w₁ and w₂).

    Whichever is dragged, its row becomes the one in the student's hands, and the others are as trained.
    """

    hint = "Drag the dot on a line to shift it, the tip of its arrow to turn it; other rows are as trained"

    def marks(self, demo: Demo) -> list[Mark]:
        found = []
        for name, row in zip(NAMES, rows_of(demo), strict=True):
            w, b = row[:2], float(row[2])
            (x, y), (right, up) = grip(w, b), arrow(w, b)[1]
            found.append(Mark(float(x), float(y), signed(f"{name}: b = {b:.1f}")))
            words = signed(f"{name}: w = ({w[0]:.1f}, {w[1]:.1f})")
            found.append(Mark(float(right), float(up), words))
        return found

    def dragged(self, demo: Demo, index: int, x: float, y: float) -> Values:
        row, place = rows_of(demo)[index // 2], np.array([x, y])
        w, b = row[:2], float(row[2])
        if index % 2:
            return self.moved(demo, index, row_with_tip(place, w, b), b)
        return self.moved(demo, index, w, float(-w @ place) if w.any() else b)

    def stepped(self, demo: Demo, index: int, right: int, up: int) -> Values:
        row, way = rows_of(demo)[index // 2], np.array([right, up])
        w, b = row[:2], float(row[2])
        if index % 2:
            return self.moved(demo, index, w + STEP * way, b)
        return self.moved(demo, index, w, b - STEP * float(np.sign(w @ way) * np.abs(way).max()))

    def picked(self, demo: Demo, index: int) -> Values:
        row = rows_of(demo)[index // 2]
        return self.moved(demo, index, row[:2], float(row[2]))

    def moved(self, demo: Demo, index: int, w: np.ndarray, b: float) -> Values:
        """The values of all controls where this mark's row is (w, b)."""
        numbers = {"w1": float(w[0]), "w2": float(w[1]), "b": b}
        nearest = {name: demo.controls[name].nearest(number) for name, number in numbers.items()}
        return {"row": NAMES[index // 2], **nearest}


def rows_of(demo: Demo) -> np.ndarray:
    """The three rows as they are now: (3, 3), each w₁, w₂, b."""
    rows = TRAINED.copy()
    rows[NAMES.index(demo.values["row"])] = [demo.values[name] for name in ("w1", "w2", "b")]
    return rows


class Linear2DDemo(Demo):
    title = "Three rows of W, and one of them is yours"
    alt = (
        "Left: points of three classes in the plane, shaded by the largest score; the line s = 0 "
        "of each class with an arrow to where its score grows; wrong points ringed. Right: the numbers of W "
        "and b, and hinge and softmax loss as bars."
    )
    ask = "Predict, then drag the blue line and the tip of its arrow: can you get five wrong or fewer?"
    size = (10, 4.8)
    tall_size = (5.0, 8.2)
    presets = {
        "As trained": {"w1": -1.3, "w2": 0.9, "b": -0.1},
        "A zero row": {"w1": 0.0, "w2": 0.0, "b": 0.0},
        "Three times as long": {"w1": -3.9, "w2": 2.7, "b": -0.3},
        "The wrong way round": {"w1": 1.3, "w2": -0.9, "b": -0.1},
        "Only bias": {"w1": 0.0, "w2": 0.0, "b": 3.0},
    }

    row = Choice(NAMES, label="your row")
    w1 = Slider(-5.0, 5.0, start=0.4, step=STEP, label="w₁")
    w2 = Slider(-5.0, 5.0, start=1.2, step=STEP, label="w₂")
    b = Slider(-5.0, 5.0, start=0.0, step=STEP, label="b")
    rows = Rows("plane")

    def compute(self, **values: Any) -> State:
        return compute(**values)

    def arrange(self, figure: Figure) -> tuple[Axes, Axes]:
        if self.tall:
            return tuple(figure.subplots(2, 1, height_ratios=(1.6, 1)))
        return tuple(figure.subplots(1, 2, width_ratios=(1.15, 1)))

    def draw(self, axes: tuple[Axes, Axes]) -> None:
        self.plane, side = axes
        self.map = Regions(self.plane, list(plots.COLORS[: len(NAMES)]), (-EDGE, EDGE, -EDGE, EDGE))
        self.plane.set(xlabel="$x_1$", ylabel="$x_2$", xlim=(-EDGE, EDGE), ylim=(-EDGE, EDGE), aspect="equal")
        self.plane.set(xticks=(-3, 0, 3), yticks=(-3, 0, 3))
        colors = [legible(color, dark=self.dark) for color in plots.COLORS[: len(NAMES)]]
        self.X, self.y = points()
        for k, (color, marker) in enumerate(zip(colors, plots.MARKERS, strict=False)):
            look: dict[str, Any] = {
                "markersize": 8,
                "markeredgecolor": self.paper,
                "markeredgewidth": 1,
                "zorder": 2.6,
            }
            self.plane.plot(*self.X[self.y == k].T, marker, color=color, **look)
        self.rings = self.plane.plot(
            [], [], "o", color=self.ink, fillstyle="none", markersize=13, zorder=2.7
        )[0]
        self.lines, self.grips, self.shafts, self.heads = [], [], [], []
        for color in colors:
            grip_look: dict[str, Any] = {"color": color, "markersize": 10, "markeredgecolor": self.ink}
            self.lines.append(self.plane.plot([], [], "--", color=color, zorder=2.8)[0])
            self.grips.append(self.plane.plot([], [], "o", zorder=3.05, **grip_look)[0])
            self.shafts.append(self.plane.plot([], [], color=color, linewidth=4, zorder=3)[0])
            self.heads += self.plane.fill([0], [0], facecolor=color, edgecolor=self.ink, zorder=3.1)

        self.bars = side.barh([1, 0], [0, 0], color=(plots.COLORS[5], plots.COLORS[4]), height=0.55, zorder=3)
        self.amounts = [side.text(0.05, y, "", va="center", zorder=4) for y in (1, 0)]
        side.set(xlim=(0, MOST), ylim=(-0.5, 4.0), xticks=[])
        side.set_yticks([1, 0], ["hinge loss", "softmax loss"])
        side.tick_params(axis="y", length=0)
        side.spines[:].set_visible(False)
        mono: dict[str, Any] = {"family": "DejaVu Sans Mono", "fontsize": 13, "zorder": 4}
        side.text(0.0, 3.65, f"{'row':8} {'w₁':>5} {'w₂':>5} {'b':>5}", **mono)
        self.table = [side.text(0.0, 3.2 - 0.42 * k, "", **mono) for k in range(3)]

    def update(self, state: State) -> None:
        self.state = state
        self.map.show(state.plane)
        for k, (line, dot, shaft, head) in enumerate(
            zip(self.lines, self.grips, self.shafts, self.heads, strict=True)
        ):
            w, b = state.rows[k, :2], state.rows[k, 2]
            line.set_data(*state.lines[k].T)
            line.set_linewidth(3 if k == state.chosen else 1.6)
            dot.set_data(*grip(w, b)[:, None])
            ends = arrow(w, b)
            shaft.set_data(*ends.T)
            head.set_xy(arrow_head(*ends))
            mark = "▶" if k == state.chosen else " "
            numbers = " ".join(f"{number:5.1f}" for number in state.rows[k])
            self.table[k].set_text(signed(f"{mark} {NAMES[k]:6} {numbers}"))
        self.rings.set_data(*self.X[state.wrong].T)
        for bar, text, value in zip(self.bars, self.amounts, (state.hinge, state.softmax), strict=True):
            bar.set_width(min(value, MOST))
            text.set_x(min(value + 0.08, 0.88 * MOST))
            text.set_text(f"{value:.2f}")
            text.set_color(self.ink if value < 0.85 * MOST else "black")

    def said(self) -> str:
        state = self.state
        of_class = [f"{state.wrong[self.y == k].sum()} {name}" for k, name in enumerate(NAMES)]
        name = NAMES[state.chosen]
        return (
            f"With this {name} row {state.wrong.sum()} of {len(self.y)} points are wrong "
            f"({', '.join(of_class)}); with the trained one {trained_wrong()}."
        )


@lru_cache(maxsize=1)
def trained_wrong() -> int:
    """How many points the three trained rows get wrong."""
    X, y = points()
    return int(((X @ TRAINED[:, :2].T + TRAINED[:, 2]).argmax(axis=1) != y).sum())


show = shows(Linear2DDemo)
