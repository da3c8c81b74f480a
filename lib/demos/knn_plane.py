"""k nearest neighbours of points in the plane: regions, islands around wrong labels, and accuracy over k."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lib import plots
from lib.checks import check_choice, check_number, check_whole
from lib.demos.kit import Choice, Demo, Handle, Points, Slider, shows
from lib.demos.kit.points import Point
from lib.demos.kit.regions import Regions

EDGE = 3.0  # the plane reaches from −EDGE to EDGE
GRID = 64  # cells along each side of the plane; the class is that of their middle
CLASSES = 3
LARGEST_K = 25
MOST = 40  # training points of each class
VALIDATION = 120  # validation points of each class
METRICS = ("L1", "L2")
CENTERS = np.array([[-1.1, 0.7], [1.1, 0.8], [0.1, -1.1]])  # of the clouds
NAMES = ("blue", "orange", "green")


class Plane(NamedTuple):
    """What the k nearest of these points make of the plane.

    X, labels: the training points (N, 2) and their labels (N,), some of them wrong
    wrong: bool (N,), where the label is not the true class
    regions: int (GRID, GRID), class of every place, from the lower left corner
    on_training, on_validation: float (K,), accuracy for k = 1, 2, …; validation points have true labels
    k: the number that votes in `regions`
    """

    X: np.ndarray
    labels: np.ndarray
    wrong: np.ndarray
    regions: np.ndarray
    on_training: np.ndarray
    on_validation: np.ndarray
    k: int


def clouds(each: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Three clouds that overlap: points (3·each, 2), class by class in turn, and classes (3·each,)."""
    classes = np.tile(np.arange(CLASSES), each)
    X = CENTERS[classes] + 0.75 * np.random.default_rng(seed).standard_normal((len(classes), 2))
    return np.clip(X, 0.1 - EDGE, EDGE - 0.1), classes


@lru_cache(maxsize=1)
def points() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Training points and classes, the label each has when it is wrong, validation points and classes."""
    X, classes = clouds(MOST, seed=1)
    another = (classes + np.random.default_rng(2).integers(1, CLASSES, len(classes))) % CLASSES
    return X, classes, another, *clouds(VALIDATION, seed=3)


def places() -> np.ndarray:
    """The middles of all cells of the grid, from the lower left corner: (GRID², 2)."""
    ticks = EDGE * (2 * np.arange(GRID) + 1 - GRID) / GRID
    return np.stack(np.meshgrid(ticks, ticks), axis=2).reshape(-1, 2)


def distances(queries: np.ndarray, X: np.ndarray, metric: str) -> np.ndarray:
    """From each query (M, 2) to each point (N, 2): (M, N); squared ones for "L2"."""
    right, up = (queries[:, None, axis] - X[:, axis] for axis in (0, 1))
    return np.abs(right) + np.abs(up) if metric == "L1" else right**2 + up**2


Spots = tuple[tuple[float, float], ...]


class Near(NamedTuple):
    """The points that are nearest to each of M queries.

    rows: int16 (M, K), which ones, nearest first
    apart: float (M, K), their `distances`
    """

    rows: np.ndarray
    apart: np.ndarray


def nearest(queries: np.ndarray, X: np.ndarray, metric: str, most: int) -> Near:
    """Up to `most` of the points X (N, 2) that are nearest to each query (M, 2)."""
    apart = distances(queries, X, metric)
    if most < len(X):
        near = apart.argpartition(most, axis=1)[:, :most]  # a quarter of the time of sorting all
        order = np.take_along_axis(apart, near, axis=1).argsort(axis=1)
        rows = np.take_along_axis(near, order, axis=1)
    else:
        rows = apart.argsort(axis=1, kind="stable")
    return Near(rows.astype(np.int16), np.take_along_axis(apart, rows, axis=1))


def with_another(near: Near, apart: np.ndarray, row: int) -> np.ndarray:
    """The rows of `near` after one more point came, `apart` (M,) from the queries: int16 (M, K + 1)."""
    rank = (near.apart <= apart[:, None]).sum(axis=1, keepdims=True)
    column = np.arange(near.rows.shape[1] + 1)
    before, behind = near.rows[:, [*column[:-1], -1]], near.rows[:, [0, *column[:-1]]]
    return np.where(column < rank, before, np.where(column == rank, np.int16(row), behind))


@lru_cache(maxsize=4)
def around(X: Spots, metric: str) -> Near:
    """Of points that stand at X, those that are nearest to each of `queries`."""
    return nearest(queries(np.array(X)), np.array(X), metric, min(LARGEST_K, len(X)))


def queries(X: np.ndarray) -> np.ndarray:
    """All places where neighbours are asked for: of the grid, of validation points, and the points X."""
    return np.concatenate([places(), points()[3], X])


def neighbours(X: np.ndarray, metric: str, held: int | None) -> np.ndarray:
    """The points X (N, 2) that are nearest to each of `queries`: int (M, K).

    held: a point that is under way, which should be the last; None for none
    """
    if held is None or len(X) == 1:
        return around(as_spots(X), metric).rows
    # The others stand still, and are searched but once.
    others, new = X[:-1], X[-1:]
    near = around(as_spots(others), metric)
    own = nearest(new, others, metric, near.rows.shape[1])
    near = Near(*(np.concatenate(both) for both in zip(near, own, strict=True)))
    return with_another(near, distances(queries(X), new, metric)[:, 0], len(others))[:, :LARGEST_K]


def as_spots(X: np.ndarray) -> Spots:
    return tuple(map(tuple, X.tolist()))


def winners_for_every_k(labels: np.ndarray) -> np.ndarray:
    """The class for every k at once: int (M, K) of labels int (M, K), of neighbours, nearest first.

    Of classes with equally many votes, the one that comes first wins, as in `lib.classifiers.vote`.
    """
    is_class = labels[..., None] == np.arange(CLASSES)
    counts = is_class.cumsum(axis=1, dtype=np.int16)
    first = is_class.argmax(axis=1)[:, None].astype(np.int16)  # 0 where it never comes: then it has no votes
    return (counts * np.int16(labels.shape[1] + 1) - first).argmax(axis=2)


def winners(labels: np.ndarray) -> np.ndarray:
    """The same for one k, the width of `labels`: int (M,)."""
    is_class = [labels == c for c in range(CLASSES)]
    return np.argmax(
        [is_c.sum(axis=1) * (labels.shape[1] + 1) - is_c.argmax(axis=1) for is_c in is_class], axis=0
    )


class Survey(NamedTuple):
    """All that does not depend on k. Shapes as in `Plane`.

    neighbours: int8 (GRID², K), labels of the neighbours of every place, nearest first
    """

    X: np.ndarray
    labels: np.ndarray
    wrong: np.ndarray
    neighbours: np.ndarray
    on_training: np.ndarray
    on_validation: np.ndarray


@lru_cache(maxsize=4)
def survey(
    metric: str, noise: float, each: int, moved: tuple[Point, ...] | None, held: int | None = None
) -> Survey:
    """The neighbours of every place, and accuracies for every k. Arguments as in `compute`."""
    X, labels, wrong = own_points(noise, each) if moved is None else moved_points(moved, noise, each)
    order = np.arange(len(X)) if held is None else np.append(np.delete(np.arange(len(X)), held), held)
    found = labels[order][neighbours(X[order], metric, held)]
    of_places, of_validation, of_training = np.split(found, [GRID**2, GRID**2 + CLASSES * VALIDATION])
    on_training = winners_for_every_k(of_training) == labels[order, None]
    on_validation = winners_for_every_k(of_validation) == points()[4][:, None]
    return Survey(X, labels, wrong, of_places, on_training.mean(axis=0), on_validation.mean(axis=0))


def own_points(noise: float, each: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Training points (N, 2), their labels (N,), and which of them are wrong (N,)."""
    X, classes, another, _, _ = points()
    count = CLASSES * each
    wrong = np.random.default_rng(4).random(len(X))[:count] < noise  # more noise: the same ones and more
    return X[:count], np.where(wrong, another[:count], classes[:count]).astype(np.int8), wrong


def moved_points(
    moved: tuple[Point, ...], noise: float, each: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The same of points that a hand has moved.

    A label is wrong where it was before, if the point stands there still; elsewhere, if another cloud's
    center is nearer than that of its class.
    """
    X, labels = np.array(moved)[:, :2], np.array(moved)[:, 2].astype(np.int8)
    wrong = distances(X, CENTERS, "L2").argmin(axis=1) != labels
    own, own_labels, own_wrong = own_points(noise, each)
    known = dict(zip(zip(*own.T.tolist(), own_labels.tolist(), strict=True), own_wrong.tolist(), strict=True))
    return X, labels, np.array([known.get(point, far) for point, far in zip(moved, wrong, strict=True)])


def under_way(before: list[Point], after: tuple[Point, ...]) -> int | None:
    """Which of the points has moved or is new, where it is a single one."""
    if len(after) - len(before) not in (0, 1):
        return None
    changed = [i for i, point in enumerate(after) if i == len(before) or point != before[i]]
    return changed[0] if len(changed) == 1 else None


def compute(
    k: int,
    metric: str,
    noise: float,
    each: int,
    moved: tuple[Point, ...] | None = None,
    *,
    held: int | None = None,
) -> Plane:
    """Regions for one k, and accuracies for every k.

    k: 1…LARGEST_K; where there are fewer points, all of them vote
    metric: "L1" or "L2"
    noise: fraction of training points with a wrong label, 0…1
    each: training points of each class, so many that LARGEST_K can vote: 9…MOST
    moved: training points (x, y, class) in the place of those; None for those
    held: the one of them that a hand is moving, so that its next place takes a tenth of the time

    Raises `ValueError` that names the argument.
    """
    check_whole(k, name="k", low=1, high=LARGEST_K)
    check_choice(metric, METRICS, name="metric")
    check_number(noise, name="noise", low=0, high=1)
    check_whole(each, name="each", low=9, high=MOST)
    found = survey(metric, noise, each, moved, held)
    k = min(k, found.neighbours.shape[1])
    regions = winners(found.neighbours[:, :k]).reshape(GRID, GRID)
    return Plane(found.X, found.labels, found.wrong, regions, found.on_training, found.on_validation, k)


class KnnPlaneDemo(Demo):
    title = "k nearest neighbours vote"
    alt = (
        "Left: points of three classes in the plane, those with a wrong label ringed, and every place shaded "
        "in the class that its k nearest points vote for. Right: accuracy over k, on the training points and "
        "on validation points, with the present k marked."
    )
    ask = "Predict, then drag: from which k on do the islands of wrong labels vanish, and what does it cost?"
    size = (10, 4.5)
    tall_size = (5, 8.6)
    presets = {
        "k = 1, every island": {"k": 1, "noise": 0.2},
        "k = 15, smooth": {"k": 15, "noise": 0.2},
        "Clean labels": {"k": 1, "noise": 0.0},
        "Nearly everyone votes": {"k": 25, "each": 10},
        "L1 diamonds": {"k": 1, "metric": "L1", "each": 10, "noise": 0.0},
    }

    k = Slider(1, LARGEST_K, start=1)
    metric = Choice(METRICS, start="L2")
    noise = Slider(0.0, 0.5, start=0.1, step=0.05, label="wrong labels")
    each = Slider(10, MOST, start=30, label="points of a class")
    moved = Points(
        axes="plane",
        own="training_points",
        classes=NAMES,
        span=(0.1 - EDGE, EDGE - 0.1) * 2,
        made_by=("noise", "each"),
    )
    dial = Handle("k", axes="side", beside="validation", label="the blue dot")

    def compute(self, **values: Any) -> Plane:
        moved = values["moved"]
        if not hasattr(self, "state"):  # built from values: no point is under way
            self.held = None
        elif moved is None or moved != self.values["moved"]:
            self.held = under_way(self.training_points(), moved) if moved else None
        return compute(**values, held=self.held)

    def training_points(self) -> list[Point]:
        return list(zip(*self.state.X.T.tolist(), self.state.labels.tolist(), strict=True))

    def arrange(self, figure: Figure) -> tuple[Axes, Axes]:
        if self.tall:
            return tuple(figure.subplots(2, 1, height_ratios=(1.4, 1)))
        return tuple(figure.subplots(1, 2, width_ratios=(1, 1.15)))

    def draw(self, axes: tuple[Axes, Axes]) -> None:
        self.plane, self.side = axes
        side = self.side
        self.map = Regions(self.plane, list(plots.COLORS[:CLASSES]), (-EDGE, EDGE, -EDGE, EDGE))
        self.plane.set(xticks=[], yticks=[], xlim=(-EDGE, EDGE), ylim=(-EDGE, EDGE), aspect="equal")
        look: dict[str, Any] = {
            "markersize": 8,
            "markeredgecolor": self.paper,
            "markeredgewidth": 1,
            "zorder": 3,
        }
        self.dots = [
            self.plane.plot([], [], marker, color=color, **look)[0]
            for marker, color in zip(plots.MARKERS, plots.COLORS[:CLASSES], strict=False)
        ]
        self.rings = self.plane.plot([], [], "o", color=self.ink, fillstyle="none", markersize=14, zorder=3)[
            0
        ]

        self.now = side.axvline(1, color=self.ink, linewidth=1.2, linestyle="--", zorder=2.5)
        self.curves = [
            side.plot([], [], marker=marker, markersize=4, color=color, zorder=2.6)[0]
            for marker, color in (("s", plots.COLORS[1]), ("o", plots.COLORS[0]))
        ]
        rim: dict[str, Any] = {"markersize": 11, "markeredgecolor": self.paper, "markeredgewidth": 1.5}
        self.here = [
            side.plot([], [], marker=marker, color=color, zorder=2.8, **rim)[0]
            for marker, color in (("s", plots.COLORS[1]), ("o", plots.COLORS[0]))
        ]
        words = 4 if self.dark else 0  # blue words are hard to read on a dark ground
        self.names = [
            side.text(LARGEST_K + 0.3, 0, name, color=color, va="center", fontsize=13, zorder=2.7)
            for name, color in (("training", plots.COLORS[1]), ("validation", plots.COLORS[words]))
        ]
        side.set(xlabel="k, neighbours that vote", ylabel="right, %", xlim=(0, LARGEST_K + 6), ylim=(30, 102))
        side.set_xticks(range(0, LARGEST_K + 1, 5))
        side.grid(axis="y", color=self.faint)

    def update(self, state: Plane) -> None:
        self.state = state
        self.map.show(state.regions)
        for c, dots in enumerate(self.dots):
            dots.set_data(*state.X[state.labels == c].T)
        self.rings.set_data(*state.X[state.wrong].T)
        self.now.set_xdata([state.k, state.k])
        ends = []
        both = state.on_training, state.on_validation
        for curve, here, accuracies in zip(self.curves, self.here, both, strict=True):
            curve.set_data(np.arange(1, len(accuracies) + 1), 100 * accuracies)
            here.set_data([state.k], [100 * accuracies[state.k - 1]])
            ends.append(100 * accuracies[-1])
        apart = max(0.0, 5 - abs(ends[0] - ends[1])) / 2  # so that the names don't meet
        for name, end, up in zip(self.names, ends, (1, -1) if ends[0] >= ends[1] else (-1, 1), strict=True):
            name.set_y(end + up * apart)

    def validation(self) -> float:
        """How high the curve of the validation points is at the present k."""
        return 100 * float(self.state.on_validation[self.state.k - 1])

    def said(self) -> str:
        state, wrong = self.state, int(self.state.wrong.sum())
        left = int((state.regions[cells_of(state.X[state.wrong])] == state.labels[state.wrong]).sum())
        islands = f"{left} of {wrong} wrong labels still rule the place where they stand" if wrong else ""
        training = 100 * state.on_training[state.k - 1]
        fair = ", whose labels are all right" if wrong else ""
        return (
            f"With k = {state.k}, {islands or 'all labels are right'}; {self.validation():.0f}\xa0% right "
            f"on validation points{fair}, {training:.0f}\xa0% on training points."
        )


def cells_of(X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Row and column of the grid's cell in which each point lies."""
    column, row = np.clip(((X + EDGE) * GRID / (2 * EDGE)).astype(int), 0, GRID - 1).T
    return row, column


show = shows(KnnPlaneDemo)
