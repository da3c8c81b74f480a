"""k nearest neighbours of points in the plane: regions, islands around wrong labels, and accuracy over k."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from lib import plots
from lib.checks import check_choice, check_number, check_whole
from lib.demos.kit import Choice, Demo, Slider, shows
from lib.demos.kit.screen import Screen

EDGE = 3.0  # the plane reaches from −EDGE to EDGE
GRID = 80  # cells along each side of the plane; the class is that of their middle
CLASSES = 3
LARGEST_K = 25
MOST = 40  # training points of each class
TEST = 120  # test points of each class
METRICS = ("L1", "L2")


class Plane(NamedTuple):
    """What the k nearest of these points make of the plane.

    X, labels: the training points (N, 2) and their labels (N,), some of them wrong
    wrong: bool (N,), where the label is not the true class
    regions: int (GRID, GRID), class of every place, from the lower left corner
    on_training, on_test: float (LARGEST_K,), accuracy for k = 1, 2, …; test points have true labels
    k: the number that votes in `regions`
    """

    X: np.ndarray
    labels: np.ndarray
    wrong: np.ndarray
    regions: np.ndarray
    on_training: np.ndarray
    on_test: np.ndarray
    k: int


def clouds(each: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Three clouds that overlap: points (3·each, 2), class by class in turn, and classes (3·each,)."""
    centers = np.array([[-1.1, 0.7], [1.1, 0.8], [0.1, -1.1]])
    classes = np.tile(np.arange(CLASSES), each)
    X = centers[classes] + 0.75 * np.random.default_rng(seed).standard_normal((len(classes), 2))
    return np.clip(X, 0.1 - EDGE, EDGE - 0.1), classes


@lru_cache(maxsize=1)
def points() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Training points and classes, the label each has when it is wrong, test points and classes."""
    X, classes = clouds(MOST, seed=1)
    another = (classes + np.random.default_rng(2).integers(1, CLASSES, len(classes))) % CLASSES
    return X, classes, another, *clouds(TEST, seed=3)


@lru_cache(maxsize=len(METRICS))
def orders(metric: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """All training points, nearest first, from the cells of the grid, from each other, from test points."""
    X, _, _, X_test, _ = points()
    ticks = EDGE * (2 * np.arange(GRID) + 1 - GRID) / GRID
    places = np.stack(np.meshgrid(ticks, ticks), axis=2).reshape(-1, 2)

    def order(queries: np.ndarray) -> np.ndarray:
        apart = np.abs(queries[:, None] - X)
        distances = apart.sum(axis=2) if metric == "L1" else (apart**2).sum(axis=2)
        return distances.argsort(axis=1, kind="stable").astype(np.uint8)

    return order(places), order(X), order(X_test)


def winners_for_every_k(labels: np.ndarray) -> np.ndarray:
    """The class for every k at once: int (M, K) of labels int (M, K), of neighbours, nearest first.

    Ties go to the class whose nearest member is nearest, as in `lib.classifiers.vote`.
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

    nearest: int8 (GRID², LARGEST_K), labels of the neighbours of every place, nearest first
    """

    X: np.ndarray
    labels: np.ndarray
    wrong: np.ndarray
    nearest: np.ndarray
    on_training: np.ndarray
    on_test: np.ndarray


@lru_cache(maxsize=4)
def survey(metric: str, noise: float, each: int) -> Survey:
    """The neighbours of every place, and accuracies for every k. Arguments as in `compute`."""
    X, classes, another, _, test_classes = points()
    count = CLASSES * each
    wrong = np.random.default_rng(4).random(len(X))[:count] < noise  # more noise: the same ones and more
    labels = np.where(wrong, another[:count], classes[:count]).astype(np.int8)

    def neighbours(order: np.ndarray) -> np.ndarray:
        if each < MOST:  # a row names every point once, so as many are left in each
            order = order[order < count].reshape(-1, count)
        return labels[order[:, :LARGEST_K]]

    places, training, test = orders(metric)
    on_training = winners_for_every_k(neighbours(training[:count])) == labels[:, None]
    on_test = winners_for_every_k(neighbours(test)) == test_classes[:, None]
    return Survey(
        X[:count], labels, wrong, neighbours(places), on_training.mean(axis=0), on_test.mean(axis=0)
    )


def compute(k: int, metric: str, noise: float, each: int) -> Plane:
    """Regions for one k, and accuracies for every k.

    k: 1…LARGEST_K
    metric: "L1" or "L2"
    noise: fraction of training points with a wrong label, 0…1
    each: training points of each class, so many that LARGEST_K can vote: 9…MOST

    Raises `ValueError` that names the argument.
    """
    check_whole(k, name="k", low=1, high=LARGEST_K)
    check_choice(metric, METRICS, name="metric")
    check_number(noise, name="noise", low=0, high=1)
    check_whole(each, name="each", low=9, high=MOST)
    found = survey(metric, noise, each)
    regions = winners(found.nearest[:, :k]).reshape(GRID, GRID)
    return Plane(found.X, found.labels, found.wrong, regions, found.on_training, found.on_test, k)


class KnnPlaneDemo(Demo):
    title = "k neighbours vote"
    alt = (
        "Left: points of three classes in the plane, those with a wrong label ringed, and every place shaded "
        "in the class that its k nearest points vote for. Right: accuracy over k, on the training points and "
        "on test points, with the present k marked."
    )
    size = (10, 4.6)
    presets = {
        "Islands: k = 1": {"k": 1, "noise": 0.2},
        "Smoothed: k = 15": {"k": 15, "noise": 0.2},
        "Clean labels": {"k": 1, "noise": 0.0},
        "Nearly everyone votes": {"k": 25, "each": 10},
    }

    k = Slider(1, LARGEST_K, start=1)
    metric = Choice(METRICS, start="L2")
    noise = Slider(0.0, 0.5, start=0.1, step=0.05, label="wrong labels")
    each = Slider(10, MOST, start=30, label="points of a class")

    def compute(self, **values: Any) -> Plane:
        return compute(**values)

    def arrange(self, figure: Figure) -> tuple[Axes, Axes]:
        return tuple(figure.subplots(1, 2, width_ratios=(1, 1.15)))

    def draw(self, axes: tuple[Axes, Axes]) -> None:
        plane, side = axes
        soft = [np.array(to_rgb(color)) * 0.35 + 0.65 for color in plots.COLORS[:CLASSES]]
        self.shades = (255 * np.array(soft)).astype(np.uint8)
        self.map = Screen(plane, (GRID, GRID))
        self.map.set(zorder=2.6, extent=(-EDGE, EDGE, -EDGE, EDGE))
        plane.set_axis_on()
        look: dict[str, Any] = {
            "markersize": 7.5,
            "markeredgecolor": "white",
            "markeredgewidth": 0.8,
            "zorder": 3,
        }
        self.dots = [
            plane.plot([], [], marker, color=color, label=f"class {c}", **look)[0]
            for c, marker, color in zip(range(CLASSES), plots.MARKERS, plots.COLORS, strict=False)
        ]
        self.rings = plane.plot([], [], "o", color="black", fillstyle="none", markersize=13, zorder=3)[0]
        plane.set(xlabel="$x_1$", ylabel="$x_2$", xlim=(-EDGE, EDGE), ylim=(-EDGE, EDGE), aspect="equal")
        self.heading = plane.set_title("", fontsize=13)

        ks = np.arange(1, LARGEST_K + 1)
        self.now = side.axvline(1, ymin=0.13, color="black", linewidth=1.2, linestyle="--", zorder=2.6)
        self.training, self.test = (
            side.plot(ks, 0 * ks, marker=marker, markersize=6, color=color, label=label, zorder=2.6)[0]
            for marker, color, label in (("s", plots.COLORS[1], "training"), ("o", plots.COLORS[0], "test"))
        )
        side.set(
            xlabel="k, neighbours that vote", ylabel="accuracy (%)", xlim=(0, LARGEST_K + 1), ylim=(30, 102)
        )
        side.grid(axis="y", color="#dddddd")
        side.legend(loc="lower center", ncols=2).set_zorder(2.4)  # below what moves, so that it stands still
        self.numbers = side.set_title("", fontsize=13)

    def update(self, state: Plane) -> None:
        self.map.set_data(self.shades[state.regions[::-1]])
        for c, dots in enumerate(self.dots):
            dots.set_data(*state.X[state.labels == c].T)
        self.rings.set_data(*state.X[state.wrong].T)
        self.heading.set_text(f"{len(state.X)} points, wrong labels (ringed): {state.wrong.sum()}")
        self.now.set_xdata([state.k, state.k])
        self.training.set_ydata(100 * state.on_training)
        self.test.set_ydata(100 * state.on_test)
        training, test = 100 * state.on_training[state.k - 1], 100 * state.on_test[state.k - 1]
        self.numbers.set_text(f"k = {state.k}: training {training:.0f}%, test {test:.0f}%")


show = shows(KnnPlaneDemo)
