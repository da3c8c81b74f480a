"""Five optimisers race down one loss surface, from wherever the ball is dropped."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lib import nn, plots
from lib.checks import check_choice, check_number, check_whole
from lib.demos.kit import Choice, Demo, Handle, LogSlider, Slider, Time, shows
from lib.demos.kit.looks import draw_valley, legible
from lib.demos.kit.rounded import powered
from lib.demos.points_2d import points
from lib.demos.training_2d import build, one_vector
from lib.optim import SGD, Adam, Optimizer, RMSProp

RACERS = ("SGD", "momentum", "Nesterov", "RMSProp", "Adam")
COLORS = (plots.COLORS[5], plots.COLORS[1], plots.COLORS[2], plots.COLORS[3], "")  # "" is the ink
MARKERS = ("o", "s", "^", "D", "P")
MOMENTUM, ALPHA, BETAS, EPS = 0.9, 0.9, (0.9, 0.999), 1e-8
WIDE, HIGH = 2.0, 1.5  # the picture reaches from −WIDE to WIDE and from −HIGH to HIGH
LAST = 120  # steps
FAR = 1e3  # where a racer counts as lost
LEAST = 1e-6  # of a loss above the lowest one: below it, it has arrived
CORNERS = np.array([[-1.2, -0.7], [1.2, -0.7], [0.0, 0.95]])  # where the three trained networks stand
UNITS = 6

Floats = tuple[float, float]


class Surface(NamedTuple):
    """A loss of two weights.

    height: (..., 2) → (...), the loss
    slope: (x, y) → its two partial derivatives, in plain numbers: 600 calls a race have to be fast
    rates: the learning rate of each racer that suits it here
    stars: (n, 2), its minima
    """

    height: Callable[[np.ndarray], np.ndarray]
    slope: Callable[[float, float], Floats]
    rates: tuple[float, ...]
    stars: np.ndarray


class State(NamedTuple):
    """The race so far; the first axis is that of `RACERS`."""

    paths: np.ndarray  # (5, step + 1, 2)
    excess: np.ndarray  # (5, step + 1) loss above the lowest one of the picture
    ahead: np.ndarray  # (5, 2) after one step more
    lost: np.ndarray  # bool (5,): it left for good
    steep: float  # the length of the gradient at the start
    surface: str


@lru_cache(maxsize=1)
def trained() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Three networks, trained from other random weights each, (3, P); the points X and classes y of all."""
    X, y = points("moons", 120, noise=0.25, seed=1)
    found = []
    for seed in range(3):
        model, criterion = build(1, UNITS, "tanh", seed), nn.BCEWithLogitsLoss()
        weights, gradients = one_vector(model)
        optimizer, target = Adam(0.05), y[:, None]
        for _ in range(200):
            scores = model.forward(X)
            criterion.forward(scores, target)
            gradients.fill(0)
            model.backward(X, criterion.backward(scores, target), need_grad_input=False)
            optimizer.step([weights], [gradients])
        found.append(weights.astype(float))
    return np.array(found), X.astype(float), y


def weights_at(places: np.ndarray) -> np.ndarray:
    """All weights of the network at places (..., 2) of the plane through the three trained ones: (..., P)."""
    networks = trained()[0]
    shares = (places - CORNERS[0]) @ np.linalg.inv(CORNERS[1:] - CORNERS[0])
    return networks[0] + shares @ (networks[1:] - networks[0])


def classifier_loss(places: np.ndarray) -> np.ndarray:
    """The mean cross-entropy of the network at each place (n, 2), in nats: (n,)."""
    _, X, y = trained()
    W, b, V, c = np.split(weights_at(places), np.cumsum([2 * UNITS, UNITS, UNITS]), axis=1)
    hidden = np.tanh(W.reshape(-1, UNITS, 2) @ X.T + b[..., None])
    scores = (V[:, None] @ hidden)[:, 0] + c
    return np.logaddexp(0, np.where(y == 1, -scores, scores)).mean(axis=1)


class Table:
    """A loss that is known on a grid, and in between a cubic along each axis (Catmull and Rom, 1974).

    loss: (n, 2) → (n,)
    edge: (x, y) so far it reaches; from there on it stays as it is at the edge
    cell: from one place of the grid to the next
    """

    def __init__(self, loss: Callable[[np.ndarray], np.ndarray], edge: Floats, cell: float):
        self.edge, self.cell = edge, cell
        x, y = (cell * np.arange(-round(e / cell) - 1, round(e / cell) + 2) for e in edge)
        grid = np.stack(np.meshgrid(x, y, indexing="ij"), axis=-1)
        values = np.array([loss(column) for column in grid])
        around = np.lib.stride_tricks.sliding_window_view(values, (4, 4))
        powers = np.array([[0, 2, 0, 0], [-1, 0, 1, 0], [2, -5, 4, -1], [-1, 3, -3, 1]]) / 2
        self.patches = powers @ around @ powers.T  # (cells, cells, power of x, power of y)
        self.plain = self.patches.reshape(*around.shape[:2], 16).tolist()

    def height(self, places: np.ndarray) -> np.ndarray:
        at = (np.clip(places, -np.array(self.edge), self.edge) + self.edge) / self.cell
        cells = np.minimum(at.astype(int), np.array(self.patches.shape[:2]) - 1)
        x, y = np.moveaxis((at - cells)[..., None] ** np.arange(4), -2, 0)
        return ((x[..., None, :] @ self.patches[cells[..., 0], cells[..., 1]])[..., 0, :] * y).sum(axis=-1)

    def slope(self, x: float, y: float) -> Floats:
        (wide, high), cell = self.edge, self.cell
        x, y = (min(max(x, -wide), wide) + wide) / cell, (min(max(y, -high), high) + high) / cell
        i, j = min(int(x), len(self.plain) - 1), min(int(y), len(self.plain[0]) - 1)
        x, y = x - i, y - j
        _, b, c, d, e, f, g, h, k, l, m, n, o, p, q, r = self.plain[i][j]  # noqa: E741
        right = ((h * y + g) * y + f) * y + e
        right += x * (2 * (((n * y + m) * y + l) * y + k) + 3 * x * (((r * y + q) * y + p) * y + o))
        up = (3 * d * y + 2 * c) * y + b + x * ((3 * h * y + 2 * g) * y + f)
        up += x * x * ((3 * n * y + 2 * m) * y + l + x * ((3 * r * y + 2 * q) * y + p))
        return right / cell, up / cell


@lru_cache(maxsize=1)
def table() -> Table:
    """The slice through the classifier's loss."""
    return Table(classifier_loss, (3.0, 2.25), 0.05)


CLASSIC = {
    "ravine": Surface(
        lambda p: 0.5 * (p[..., 0] ** 2 + 25 * p[..., 1] ** 2),
        lambda x, y: (x, 25 * y),
        (0.07, 0.01, 0.01, 0.05, 0.1),
        np.zeros((1, 2)),
    ),
    "banana": Surface(  # Rosenbrock's, with 10 in the place of 100
        lambda p: (1 - p[..., 0]) ** 2 + 10 * (p[..., 1] - p[..., 0] ** 2) ** 2,
        lambda x, y: (2 * (x - 1) - 40 * x * (y - x * x), 20 * (y - x * x)),
        (0.01, 0.002, 0.002, 0.03, 0.08),
        np.ones((1, 2)),
    ),
    "saddle": Surface(
        lambda p: p[..., 0] ** 2 + 0.25 * p[..., 1] ** 4 - 0.5 * p[..., 1] ** 2,
        lambda x, y: (2 * x, y**3 - y),
        (0.1, 0.02, 0.02, 0.03, 0.05),
        np.array([[0.0, -1.0], [0.0, 1.0]]),
    ),
    "two basins": Surface(
        lambda p: (p[..., 0] ** 2 - 1) ** 2 + 0.4 * p[..., 0] + p[..., 1] ** 2,
        lambda x, y: (4 * x * (x * x - 1) + 0.4, 2 * y),
        (0.05, 0.02, 0.02, 0.03, 0.08),
        np.array([[-1.0467, 0.0], [0.9456, 0.0]]),
    ),
}
SURFACES = ("classifier", *CLASSIC)


def surface_of(name: str) -> Surface:
    """A surface by its name, one of `SURFACES`."""
    if name != "classifier":
        return CLASSIC[name]
    return Surface(table().height, table().slope, (0.15, 0.03, 0.03, 0.03, 0.08), CORNERS)


@lru_cache(maxsize=len(SURFACES))
def ground(name: str) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
    """x (w,), y (h,), the loss there (h, w), and the lowest loss of the picture."""
    x, y = np.linspace(-WIDE, WIDE, 121), np.linspace(-HIGH, HIGH, 91)
    surface = surface_of(name)
    heights = surface.height(np.stack(np.meshgrid(x, y), axis=-1))
    return x, y, heights, float(min(heights.min(), surface.height(surface.stars).min()))


def make(racer: str, rate: float) -> Optimizer:
    """The optimiser of `lib.optim` whose steps a racer takes."""
    if racer == "RMSProp":
        return RMSProp(rate, alpha=ALPHA, eps=EPS)
    if racer == "Adam":
        return Adam(rate, betas=BETAS, eps=EPS)
    return SGD(rate, momentum=0 if racer == "SGD" else MOMENTUM, nesterov=racer == "Nesterov")


def run(racer: str, rate: float, slope: Callable[[float, float], Floats], x: float, y: float) -> list[Floats]:
    """The places of a racer, `LAST` + 2 of them: the steps of `make(racer, rate)`, in plain numbers.

    `lib.optim` takes ten times as long for two weights, most of it for checks.
    """
    path, (a, b), (c, d) = [(x, y)], (0.0, 0.0), (0.0, 0.0)
    beta, gamma = BETAS
    for t in range(1, LAST + 2):
        g, h = slope(x, y)
        if racer == "SGD":
            x, y = x - rate * g, y - rate * h
        elif racer == "RMSProp":
            c, d = ALPHA * c + (1 - ALPHA) * g * g, ALPHA * d + (1 - ALPHA) * h * h
            x, y = x - rate * g / (c**0.5 + EPS), y - rate * h / (d**0.5 + EPS)
        elif racer == "Adam":
            a, b = beta * a + (1 - beta) * g, beta * b + (1 - beta) * h
            c, d = gamma * c + (1 - gamma) * g * g, gamma * d + (1 - gamma) * h * h
            mean, square = rate / (1 - beta**t), 1 / (1 - gamma**t)
            x, y = x - mean * a / ((c * square) ** 0.5 + EPS), y - mean * b / ((d * square) ** 0.5 + EPS)
        else:
            a, b = MOMENTUM * a + rate * g, MOMENTUM * b + rate * h
            ahead = racer == "Nesterov"
            x -= MOMENTUM * a + rate * g if ahead else a
            y -= MOMENTUM * b + rate * h if ahead else b
        path.append((x, y))
        if abs(x) > FAR or abs(y) > FAR:
            break
    return path + path[-1:] * (LAST + 2 - len(path))


@lru_cache(maxsize=16)
def race(name: str, speed: float, x: float, y: float) -> tuple[np.ndarray, np.ndarray]:
    """All five paths, (5, LAST + 2, 2), one step beyond the end, and their losses above the lowest."""
    surface = surface_of(name)
    paths = np.array([
        run(racer, speed * rate, surface.slope, x, y)
        for racer, rate in zip(RACERS, surface.rates, strict=True)
    ])  # fmt: skip
    return paths, surface.height(paths) - ground(name)[3]


def compute(surface: str, speed: float, x: float, y: float, step: int) -> State:
    """The race after so many steps.

    surface: one of `SURFACES`
    speed: by what all learning rates are multiplied, > 0
    x, y: where all start
    step: 0…LAST
    Raises `ValueError` for anything else.
    """
    check_choice(surface, SURFACES, name="surface")
    check_number(speed, name="speed", low=0, open_low=True)
    for name, number in (("x", x), ("y", y)):
        check_number(number, name=name)
    check_whole(step, name="step", high=LAST)
    paths, excess = race(surface, speed, x, y)
    ahead, paths, excess = paths[:, step + 1], paths[:, : step + 1], excess[:, : step + 1]
    lost = np.abs(paths[:, -1]).max(axis=1) > FAR
    steep = float(np.hypot(*surface_of(surface).slope(x, y)))
    return State(paths, excess, ahead, lost, steep, surface)


class OptimizerRaceDemo(Demo):
    title = "The race of the optimisers"
    alt = (
        "Left: contour lines of a loss of two weights, its minima as stars, and from one start, a ring, the "
        "paths of SGD, momentum, Nesterov, RMSProp and Adam, each with a colour and a marker; dashed, the "
        "next step. Right: how far each is above the lowest loss after each step, on a "
        "logarithmic axis, names at the end."
    )
    ask = "Predict, then drop the ball and press play: who is down first, and in which basin?"
    size = (11, 4.9)
    tall_size = (5.0, 7.4)
    presets = {
        "Three trained networks": {"step": 60},
        "Ravine": {"surface": "ravine", "x": -1.8, "y": 1.0, "step": 40},
        "Banana": {"surface": "banana", "x": -1.2, "y": 1.2, "step": 120},
        "On the ridge": {"surface": "saddle", "x": -1.7, "y": 0.0, "step": 120},
        "Over the hill": {"surface": "two basins", "x": 1.7, "y": 1.2, "step": 60},
        "Too fast": {"surface": "ravine", "x": -1.8, "y": 1.0, "speed": 10**0.5, "step": 40},
    }

    surface = Choice(SURFACES)
    speed = LogSlider(-1, 1, start=0, step=0.05, label="learning rates ×")
    x = Slider(-WIDE, WIDE, start=0.2, step=0.05, label="start θ₁")
    y = Slider(-HIGH, HIGH, start=-0.4, step=0.05, label="start θ₂")
    step = Time(LAST, label="steps")
    ball = Handle("x", "y", axes="plane", label="the ball", click=True)

    compute = staticmethod(compute)

    def arrange(self, figure: Figure) -> tuple[Axes, Axes]:
        if self.tall:
            return tuple(figure.subplots(2, 1, height_ratios=(1.3, 1)))
        return tuple(figure.subplots(1, 2, width_ratios=(1.5, 1)))

    def draw(self, axes: tuple[Axes, Axes]) -> None:
        self.plane, curve = axes
        self.grounds, self.drawn = {}, ""
        for name in SURFACES:
            before = len(self.plane.collections)
            x, y, heights, low = ground(name)
            levels = np.quantile(heights - low, 0.97) * np.linspace(0, 1, 15) ** 2.2
            draw_valley(self.plane, x, y, heights - low, levels, paper=self.paper)
            self.grounds[name] = list(self.plane.collections)[before:]
        self.stars = self.plane.plot([], [], "*", color=self.ink, markersize=15, zorder=1)[0]
        self.plane.set(xlim=(-WIDE, WIDE), ylim=(-HIGH, HIGH), xticks=[], yticks=[])
        self.plane.set(xlabel="$\\theta_1$", ylabel="$\\theta_2$")
        self.plane.spines[:].set_visible(False)
        self.paths, self.aheads, self.heads = [], [], []
        self.curves, self.ends, self.names = [], [], []
        for k, (racer, color, marker) in enumerate(zip(RACERS, COLORS, MARKERS, strict=True)):
            color = legible(color, dark=self.dark) if color else self.ink
            line: dict[str, Any] = {"color": color, "linewidth": 2.2, "zorder": 2 + k / 100}
            dots: dict[str, Any] = {"marker": marker, "markersize": 5, "markevery": 10}
            head: dict[str, Any] = {"color": color, "marker": marker, "markersize": 12, "linestyle": ""}
            head |= {"markeredgecolor": self.paper, "markeredgewidth": 1.2, "zorder": 2.5 + k / 100}
            self.paths.append(self.plane.plot([], [], **line, **dots)[0])
            self.aheads.append(self.plane.plot([], [], "--", **line)[0])
            self.heads.append(self.plane.plot([], [], **head)[0])
            self.curves.append(curve.plot([], [], **line)[0])
            self.ends.append(curve.plot([], [], **head)[0])
            self.names.append(
                curve.text(LAST + 9, 1, racer, color=color, va="center", fontsize=13, zorder=2.7)
            )
        self.begun = self.plane.plot(
            [], [], "o", color=self.ink, fillstyle="none", markersize=15, markeredgewidth=2, zorder=2.9
        )[0]
        curve.set(yscale="log", xlim=(-5, LAST * 1.6), ylim=(LEAST / 2, 1e3), xlabel="steps")
        curve.set(xticks=range(0, LAST + 1, 40), yticks=10.0 ** np.arange(-6, 3, 2))
        curve.set_ylabel("loss − lowest loss")
        curve.minorticks_off()
        curve.grid(axis="y", color=self.faint)

    def update(self, state: State) -> None:
        self.state = state
        if state.surface != self.drawn:
            self.change_ground(state.surface)
        seen = np.clip(state.paths, -20, 20)  # far outside the plot, but not too far for the drawing
        excess = np.clip(state.excess, LEAST, 500)
        steps = np.arange(excess.shape[1])
        for k, path in enumerate(seen):
            self.paths[k].set_data(*path.T)
            self.heads[k].set_data(*path[-1:].T)
            self.aheads[k].set_data(*np.array([path[-1], np.clip(state.ahead[k], -20, 20)]).T)
            self.curves[k].set_data(steps, excess[k])
            self.ends[k].set_data(steps[-1:], excess[k, -1:])
        least = 0.85 if self.tall else 0.62  # decades from name to name
        heights = spread(np.log10(excess[:, -1]), least, -5.9, 2.8)
        for name, height in zip(self.names, heights, strict=True):
            name.set_position((steps[-1] + 9, 10.0**height))
        self.begun.set_data(*seen[0, :1].T)

    def change_ground(self, name: str) -> None:
        """Shows another surface. It stands still again at once: the canvas finds out anew what moves."""
        for other, artists in self.grounds.items():
            for artist in artists:
                artist.set_visible(other == name)
        self.stars.set_data(*surface_of(name).stars.T)
        self.drawn = name
        if hasattr(self, "canvas"):
            self.canvas.forget()

    def said(self) -> str:
        state, step = self.state, len(self.state.paths[0]) - 1
        height = [
            powered(above, 2) if above >= LEAST else f"less than {powered(LEAST, 2)}"
            for above in state.excess[:, -1]
        ]
        if step == 0:
            start = f"At the start all five stand {height[0]} above the lowest loss"
            return f"{start}, on a slope of {powered(state.steep, 2)}."
        order = np.argsort(np.maximum(state.excess[:, -1], LEAST), kind="stable")
        still = [int(k) for k in order if not state.lost[k]]
        gone = " and ".join(name for name, lost in zip(RACERS, state.lost, strict=True) if lost)
        lost = f"; {gone} left for good" if gone else ""
        after = f"After {step} step{'' if step == 1 else 's'}"
        if not still:
            return f"{after} all five have left for good: the learning rates are too large."
        first, second, last = still[0], still[min(1, len(still) - 1)], still[-1]
        if len(still) == 1:
            words = f"only {RACERS[first]} is left, {height[first]} above the lowest loss"
        elif height[first] == height[last]:
            words = f"nobody leads: all are {height[first]} above the lowest loss"
        else:
            behind = f", {RACERS[last]} is last with {height[last]}" if last != second else ""
            words = (
                f"{RACERS[first]} leads, {height[first]} above the lowest loss; "
                f"{RACERS[second]} follows with {height[second]}{behind}"
            )
        return f"{after} {words}{lost}."


def spread(heights: np.ndarray, least: float, low: float, high: float) -> np.ndarray:
    """The heights (n,), moved as little as it takes to be `least` apart in the same order, low to high."""
    order = np.argsort(heights, kind="stable")
    room = least * np.arange(len(heights))
    flat = np.clip(heights[order], low, high) - room  # apart by `least` where this does not fall
    up = np.maximum.accumulate(flat)
    down = np.minimum.accumulate(flat[::-1])[::-1]
    placed = np.empty(len(heights))
    placed[order] = np.clip((up + down) / 2, low, high - room[-1]) + room
    return placed


show = shows(OptimizerRaceDemo)
