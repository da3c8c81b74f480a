"""A test image, its nearest training images by L1 or L2, and how the k nearest vote."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import findfont
from PIL import Image, ImageDraw, ImageFont

from data_loaders import Dataset
from lib import plots
from lib.checks import check_whole
from lib.classifiers import KNearestNeighbors, vote
from lib.demos.kit import Choice, Demo, Slider, shows
from lib.demos.kit.data import dataset_of
from lib.demos.kit.screen import Screen
from lib.mode import pick

QUERIES = 30  # test images to choose from
LARGEST_K = 15
COLUMNS = 5  # neighbours in a row
METRICS = ("L1", "L2")
RIGHT, WRONG = plots.COLORS[2], plots.COLORS[5]


class Searched(NamedTuple):
    """The neighbours of every test image, nearest first.

    rows: int (QUERIES, LARGEST_K), of the training set
    distances: float, alike
    labels: int, alike, of the neighbours
    """

    rows: np.ndarray
    distances: np.ndarray
    labels: np.ndarray


class Votes(NamedTuple):
    """What k neighbours say about one test image.

    labels, distances: (LARGEST_K,), of its neighbours, nearest first
    votes: int (K,), for each class
    says: the class that wins
    truth: the true one
    correct: how many of all QUERIES test images are right with this k and metric
    """

    query: int
    rows: np.ndarray
    labels: np.ndarray
    distances: np.ndarray
    k: int
    votes: np.ndarray
    says: int
    truth: int
    correct: int


def search(data: Dataset, count: int) -> dict[str, Searched]:
    """The neighbours of the first QUERIES test images among the first `count` training images, by metric."""
    training, queries = data.train.take(count), data.test.take(QUERIES)
    X = training.images.reshape(count, -1)
    found = {}
    for metric in METRICS:
        model = KNearestNeighbors(LARGEST_K, metric.lower()).train(X, training.labels)
        rows, distances = model.neighbors(queries.images.reshape(QUERIES, -1))
        found[metric] = Searched(rows, distances, training.labels[rows])
    return found


def compute(found: Searched, truth: np.ndarray, image: int, k: int, *, classes: int = 10) -> Votes:
    """The vote of the k nearest neighbours of one test image.

    found: the neighbours of all M test images, (M, LARGEST_K)
    truth: int (M,), their labels
    image: 0…M − 1
    k: 1…LARGEST_K
    classes: how many classes there are

    Raises `ValueError` that names the argument.
    """
    count, most = found.labels.shape
    if truth.shape != (count,):
        raise ValueError(f"truth: expected a label for each of the {count} images, got shape {truth.shape}")
    check_whole(image, name="image", high=count - 1)
    check_whole(k, name="k", low=1, high=most)
    said = vote(found.labels[:, :k])
    return Votes(
        query=image,
        rows=found.rows[image],
        labels=found.labels[image],
        distances=found.distances[image],
        k=k,
        votes=np.bincount(found.labels[image, :k], minlength=classes),
        says=int(said[image]),
        truth=int(truth[image]),
        correct=int((said == truth).sum()),
    )


class Gallery:
    """The neighbours as tiles with class and distance below: one picture, since 30 texts would be slow."""

    ZOOM = 3  # dots a pixel
    EDGE = 4  # dots of the coloured frame
    LINE = 19  # dots of a line of text
    GAP = 4  # dots between tiles

    def __init__(self, axes: Axes, classes: tuple[str, ...]):
        self.classes = classes
        self.font = ImageFont.truetype(findfont("DejaVu Sans"), 16)
        self.screen = Screen(axes, self.size()[::-1])

    @classmethod
    def size(cls) -> tuple[int, int]:
        """Width and height in dots."""
        side = 32 * cls.ZOOM + 2 * cls.EDGE
        return COLUMNS * (side + cls.GAP), -(-LARGEST_K // COLUMNS) * (side + 2 * cls.LINE + cls.GAP)

    def set(self, images: np.ndarray, state: Votes) -> None:
        """images: uint8 (LARGEST_K, 3, 32, 32), the neighbours of state, nearest first"""
        paper = Image.new("RGB", self.size(), "white")
        pen = ImageDraw.Draw(paper)
        large = np.moveaxis(images, 1, -1).repeat(self.ZOOM, axis=1).repeat(self.ZOOM, axis=2)
        large[state.k :] = 255 - (255 - large[state.k :]) // 4  # those that do not vote fade
        side = large.shape[1] + 2 * self.EDGE
        for i, (picture, label, distance) in enumerate(
            zip(large, state.labels, state.distances, strict=True)
        ):
            x = i % COLUMNS * (side + self.GAP)
            y = i // COLUMNS * (side + 2 * self.LINE + self.GAP)
            right, ink = label == state.truth, "black"
            if i < state.k:
                pen.rectangle((x, y, x + side - 1, y + side - 1), fill=RIGHT if right else WRONG)
            else:
                ink = "#767676"
            paper.paste(Image.fromarray(picture), (x + self.EDGE, y + self.EDGE))
            middle, below = x + side / 2, y + side + 1
            pen.text((middle, below), self.classes[label], ink, self.font, anchor="ma")
            mark = "✓" if right else "✗"
            pen.text((middle, below + self.LINE), f"{mark} {distance:,.0f}", ink, self.font, anchor="ma")
        self.screen.set_data(np.asarray(paper))


class KnnImagesDemo(Demo):
    title = "Who are your neighbours?"
    alt = (
        "Left, a test image and the class that its neighbours say. In the middle its nearest training images "
        "with class and distance; those that vote are framed, ✓ of the true class, ✗ of another. "
        "Right, the votes as bars."
    )
    size = (10, 5)
    presets = {
        "One neighbour": {"k": 1},
        "The other metric": {"metric": "L1"},
        "All fifteen vote": {"k": LARGEST_K},
    }

    image = Slider(0, QUERIES - 1, start=0, label="test image")
    k = Slider(1, LARGEST_K, start=5)
    metric = Choice(METRICS, start="L2")

    def __init__(self, data: Dataset | None = None, **values: Any):
        """data: 32×32 colour images, of which the first are searched; None takes `load_dataset("auto")`."""
        self.data = data = dataset_of(data, training=LARGEST_K, test=QUERIES)
        self.count = min(len(data.train), pick(quick=2_000, full=10_000))
        self.found = search(data, self.count)
        self.queries = data.test.take(QUERIES)
        super().__init__(**values)

    def compute(self, image: int, k: int, metric: str) -> Votes:
        return compute(self.found[metric], self.queries.labels, image, k, classes=len(self.data.classes))

    def arrange(self, figure: Figure) -> tuple[Axes, Axes, Axes]:
        figure.set_layout_engine("none")
        # What stands still is the figure's: texts of the axes would be painted anew in each frame.
        of = f"the {LARGEST_K} nearest of {self.count:,} training images"
        figure.text(0.48, 0.965, of, ha="center", va="center", fontsize=13)
        figure.text(0.104, 0.43, "the k nearest say:", ha="center", va="top", fontsize=13)
        figure.text(0.104, 0.24, "with this k and metric", ha="center", va="top", fontsize=12)
        figure.text(0.104, 0.14, f"of {QUERIES} test images", ha="center", va="top", fontsize=12)

        def place(left: float, bottom: float, width: float, height: float) -> Axes:
            return figure.add_axes((left / 1000, bottom / 500, width / 1000, height / 500))

        return place(8, 230, 192, 192), place(212, 20, *Gallery.size()), place(872, 65, 112, 390)

    def draw(self, axes: tuple[Axes, Axes, Axes]) -> None:
        left, middle, right = axes
        classes = self.data.classes
        self.picture, self.gallery = Screen(left, (32, 32)), Gallery(middle, classes)
        self.heading = left.set_title("", fontsize=13)
        below: dict[str, Any] = {
            "transform": left.transAxes,
            "ha": "center",
            "va": "top",
            "fontweight": "bold",
        }
        self.says = left.text(0.5, -0.21, "", fontsize=15, **below)
        self.score = left.text(0.5, -0.70, "", fontsize=13, **below)
        self.bars = right.barh(range(len(classes)), 0, height=0.7, linewidth=2.5, zorder=3)
        self.true = right.text(0, 0, "✓", color=RIGHT, fontsize=15, fontweight="bold", va="center", zorder=4)
        right.set(
            xlim=(0, LARGEST_K + 3), ylim=(len(classes) - 0.4, -0.6), xlabel="votes", xticks=(0, 5, 10, 15)
        )
        right.set_yticks(range(len(classes)), classes)

    def update(self, state: Votes) -> None:
        right, name = state.says == state.truth, self.data.classes
        self.picture.set_data(np.moveaxis(self.queries.images[state.query], 0, -1))
        self.heading.set_text(f"this is: {name[state.truth]}")
        self.says.set_text(f"{name[state.says]} {'✓' if right else '✗'}")
        self.says.set_color(RIGHT if right else WRONG)
        self.score.set_text(f"{state.correct} right")
        self.gallery.set(self.data.train.images[state.rows], state)
        for label, bar in enumerate(self.bars):
            bar.set_width(state.votes[label])
            bar.set_facecolor(RIGHT if label == state.truth else WRONG)
            bar.set_edgecolor("black" if label == state.says else "none")
        self.true.set_position((state.votes[state.truth] + 0.5, state.truth))


show = shows(KnnImagesDemo)
