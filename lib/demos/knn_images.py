"""An image, its nearest training images by L1 or L2, and how the k nearest vote."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.font_manager import findfont
from PIL import Image, ImageDraw, ImageFont

from data_loaders import Dataset, Split
from lib import plots
from lib.checks import check_whole
from lib.classifiers import KNearestNeighbors, vote
from lib.demos.kit import Choice, Demo, Pick, Slider, shows
from lib.demos.kit.data import dataset_of
from lib.demos.kit.screen import Screen
from lib.mode import pick

QUERIES = 30  # validation images to choose from: test images choose no k
LARGEST_K = 15
METRICS = ("L1", "L2")
RIGHT, WRONG = plots.COLORS[2], plots.COLORS[5]


class Searched(NamedTuple):
    """The neighbours of every query, nearest first.

    rows: int (QUERIES, LARGEST_K), of the training set
    distances: float, alike
    labels: int, alike, of the neighbours
    """

    rows: np.ndarray
    distances: np.ndarray
    labels: np.ndarray


class Votes(NamedTuple):
    """What k neighbours say about one image.

    labels, distances: (LARGEST_K,), of its neighbours, nearest first
    votes: int (K,), for each class
    says: the class that wins
    truth: the true one
    correct: how many of all QUERIES images are right with this k and metric
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


def search(training: Split, queries: Split) -> dict[str, Searched]:
    """The LARGEST_K neighbours of every query among the training images, by metric."""
    X = training.images.reshape(len(training), -1)
    found = {}
    for metric in METRICS:
        model = KNearestNeighbors(LARGEST_K, metric.lower()).train(X, training.labels)
        rows, distances = model.neighbors(queries.images.reshape(len(queries), -1))
        found[metric] = Searched(rows, distances, training.labels[rows])
    return found


def compute(found: Searched, truth: np.ndarray, image: int, k: int, *, classes: int = 10) -> Votes:
    """The vote of the k nearest neighbours of one image.

    found: the neighbours of all M images, (M, LARGEST_K)
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


class Gallery(Screen):
    """The neighbours as tiles with class and distance below: one picture, since 30 texts would be slow.

    The tile of neighbour i has its middle at (i % columns, i // columns).
    """

    TILE = 108  # dots of a tile's width at the size that the demo names; the sizes below belong to it
    EDGE, LINE, GAP, LETTERS = 4, 19, 4, 16
    HEIGHT = TILE + 2 * LINE

    def __init__(self, axes: Axes, classes: tuple[str, ...], *, columns: int, ink: str, paper: str):
        super().__init__(axes, (-(-LARGEST_K // columns), columns))
        self.classes, self.columns, self.ink, self.ground = classes, columns, ink, paper
        self.faded = shade(ink, 0.55, paper)

    def tell(self, images: np.ndarray, state: Votes) -> None:
        """images: uint8 (LARGEST_K, 3, 32, 32), the neighbours of state, nearest first"""
        self.images, self.votes = np.moveaxis(images, 1, -1), state
        self.stale = True

    def painted(self, height: int, width: int) -> np.ndarray:
        state, large = self.votes, width / (self.columns * self.TILE)
        edge, line, gap = (round(size * large) for size in (self.EDGE, self.LINE, self.GAP))
        side, letters = round(self.TILE * large) - gap, font(round(self.LETTERS * large))
        ground = Image.new("RGB", (width, height), self.ground)
        pen = ImageDraw.Draw(ground)
        pale = Image.new("RGB", (side - 2 * edge,) * 2, self.ground)
        for i, label in enumerate(state.labels.tolist()):
            row, column = divmod(i, self.columns)
            x, y = round(column * self.TILE * large), round(row * self.HEIGHT * large)
            right, voting = label == state.truth, i < state.k
            picture = Image.fromarray(self.images[i]).resize(pale.size, Image.Resampling.NEAREST)
            if voting:
                pen.rectangle((x, y, x + side - 1, y + side - 1), fill=RIGHT if right else WRONG)
            else:
                picture = Image.blend(pale, picture, 0.25)
            ground.paste(picture, (x + edge, y + edge))
            words = self.classes[label], f"{'✓' if right else '✗'} {state.distances[i]:,.0f}"
            for below, word in enumerate(words):
                place = x + side / 2, y + side + 1 + below * line
                pen.text(place, word, self.ink if voting else self.faded, letters, anchor="ma")
        return np.asarray(ground)


def shade(ink: str, share: float, paper: str) -> str:
    """A colour between two others."""
    red, green, blue = share * np.array(to_rgb(ink)) + (1 - share) * np.array(to_rgb(paper))
    return to_hex((red, green, blue))


@lru_cache(maxsize=8)
def font(height: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(findfont("DejaVu Sans"), height)


class KnnImagesDemo(Demo):
    title = "Who are your neighbours?"
    alt = (
        "Left, a validation image and the class that its neighbours say. In the middle its nearest training "
        "images with class and distance; those that vote are framed, ✓ of the true class, ✗ of another. "
        "Right, the votes as bars."
    )
    ask = "Predict, then click a neighbour: does a larger k vote better, here and on all 30?"
    size = (10, 4.9)
    tall_size = (4.8, 9.7)
    presets = {
        "One neighbour": {"k": 1},
        "The other metric": {"metric": "L1"},
        "All fifteen vote": {"k": LARGEST_K},
    }

    image = Slider(0, QUERIES - 1, start=0, label="validation image")
    k = Slider(1, LARGEST_K, start=5)
    metric = Choice(METRICS, start="L2")
    voters = Pick(
        "k", spots="neighbours", axes="middle", size=(0.96, 0.96), hint="Click the last neighbour that votes"
    )
    another = Pick(
        "image", spots="next_image", axes="left", size=(32, 32), hint="click the image for the next one"
    )

    def __init__(self, data: Dataset | None = None, **values: Any):
        """data: 32×32 colour images, of which the first are searched; None takes `load_dataset("auto")`."""
        data = dataset_of(data, training=LARGEST_K + QUERIES, test=1)
        self.count = min(len(data.train) - QUERIES, pick(quick=2_000, full=10_000))
        self.classes, self.known = data.classes, data.train.take(self.count)
        self.queries = data.train[self.count : self.count + QUERIES]
        self.found = search(self.known, self.queries)
        super().__init__(**values)

    def compute(self, image: int, k: int, metric: str) -> Votes:
        return compute(self.found[metric], self.queries.labels, image, k, classes=len(self.classes))

    def neighbours(self) -> list[tuple[int, float, float, str]]:
        """A click on a neighbour lets all vote that are as near as it."""
        state, columns = self.state, self.gallery.columns
        return [
            (
                i + 1,
                i % columns,
                i // columns,
                f"{self.classes[label]}, distance {distance:,.0f}: k = {i + 1}",
            )
            for i, (label, distance) in enumerate(zip(state.labels.tolist(), state.distances, strict=True))
        ]

    def next_image(self) -> list[tuple[int, float, float, str]]:
        after = (self.state.query + 1) % QUERIES
        return [(after, 15.5, 15.5, f"to validation image {after}")]

    def arrange(self, figure: Figure) -> tuple[Axes, Axes, Axes]:
        figure.set_layout_engine("none")
        width, height = 100 * figure.get_size_inches()
        # What stands still is the figure's: texts of the axes would be painted anew in each frame.
        of = f"the {LARGEST_K} nearest of {self.count:,} training images"
        if self.tall:
            places = (20, 740, 180, 180), (14, 14, 460, 622), (330, 735, 140, 195)
            texts = (240, 652, of), (110, 725, "the k nearest say:")
        else:
            places = (8, 175, 192, 192), (212, 12, 540, 438), (872, 60, 112, 390)
            texts = (480, 468, of), (104, 160, "the k nearest say:")
        for x, y, words in texts:
            figure.text(x / width, y / height, words, ha="center", va="center", fontsize=13)
        shares = np.array(places) / (width, height, width, height)
        left, middle, right = (figure.add_axes(tuple(place)) for place in shares.tolist())
        return left, middle, right

    def draw(self, axes: tuple[Axes, Axes, Axes]) -> None:
        self.left, self.middle, right = axes
        self.picture = Screen(self.left, (32, 32))
        columns = 4 if self.tall else 5
        self.gallery = Gallery(self.middle, self.classes, columns=columns, ink=self.ink, paper=self.paper)
        self.heading = self.left.set_title("", fontsize=13)
        below: dict[str, Any] = {"ha": "center", "va": "top", "fontsize": 15, "fontweight": "bold"}
        self.says = self.left.text(0.5, -0.15, "", transform=self.left.transAxes, **below)
        self.bars = right.barh(range(len(self.classes)), 0, height=0.7, linewidth=2.5, zorder=3)
        self.true = right.text(0, 0, "✓", color=RIGHT, fontsize=15, fontweight="bold", va="center", zorder=4)
        right.set(xlim=(0, LARGEST_K + 3), ylim=(len(self.classes) - 0.4, -0.6), xlabel="votes")
        right.set(xticks=(0, 5, 10, 15))
        right.set_yticks(range(len(self.classes)), self.classes)
        right.tick_params(axis="y", length=0)
        right.spines["left"].set_color(self.faint)

    def update(self, state: Votes) -> None:
        self.state, right, name = state, state.says == state.truth, self.classes
        self.picture.set_data(np.moveaxis(self.queries.images[state.query], 0, -1))
        self.heading.set_text(f"this is: {name[state.truth]}")
        self.says.set_text(f"{name[state.says]} {'✓' if right else '✗'}")
        self.says.set_color(RIGHT if right else WRONG)
        self.gallery.tell(self.known.images[state.rows], state)
        for label, bar in enumerate(self.bars):
            bar.set_width(state.votes[label])
            bar.set_facecolor(RIGHT if label == state.truth else WRONG)
            bar.set_edgecolor(self.ink if label == state.says else "none")
        self.true.set_position((state.votes[state.truth] + 0.5, state.truth))

    def said(self) -> str:
        state, name = self.state, self.classes
        right, most = state.votes[[state.truth, state.says]].tolist()
        verdict = f"{right} of {state.k} vote{'s' * (right == 1)} for {name[state.truth]}, which is right"
        if state.says != state.truth:
            verdict += f", but {most} for {name[state.says]}"
            verdict += ", which is nearer" * (right == most)
        return f"{verdict}. With this k and metric, {state.correct} of {QUERIES} validation images are right."


show = shows(KnnImagesDemo)
