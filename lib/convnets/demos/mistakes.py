"""What a net says about each test image: its confusions, its worst mistakes, its doubts."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from lib import plots
from lib.checks import check_choice, check_labels, check_whole, mismatch, shown
from lib.demos.kit import Choice, Demo, Pick, Slider, shows
from lib.demos.kit.screen import Screen
from lib.demos.kit.tiles import Tiles
from lib.demos.kit.touch import Values
from lib.mode import pick

MOST = 10  # classes that the matrix and the sliders have room for
ROWS, COLUMNS = 3, 4  # of the gallery
SEEN = ROWS * COLUMNS
CELL, EDGE, GAP = 32, 3, 2  # pixels of an image in the gallery, of its frame, and of paper around both
TILE = CELL + 2 * EDGE + GAP
SIDE = 40  # dots of a field of the matrix
ORDERS = ("highest loss", "lowest loss", "least sure")
RIGHT, WRONG = plots.COLORS[2], plots.COLORS[5]


class Judged(NamedTuple):
    """Images, and what a net says about them.

    images: uint8 (N, 3, 32, 32)
    labels: int64 (N,), the true classes
    scores: float (N, classes)
    classes: their names, at most 10
    """

    images: np.ndarray
    labels: np.ndarray
    scores: np.ndarray
    classes: tuple[str, ...]


class Facts(NamedTuple):
    """What follows from the scores: probabilities (N, K), losses (N,), predictions (N,), counts (K, K)."""

    probabilities: np.ndarray
    losses: np.ndarray
    predicted: np.ndarray
    counts: np.ndarray


class Looked(NamedTuple):
    """Some of the images in an order, and one of them.

    rows: int64 (n,), which images, the first one first
    place: of the image that is looked at, in these; 0 where there is none
    """

    true: int
    told: int
    order: str
    rows: np.ndarray
    place: int


def facts_of(scores: np.ndarray, labels: np.ndarray) -> Facts:
    """Probabilities by softmax, the loss −log p of the true class, and how often which class was told.

    scores: float (N, K)
    labels: int (N,), 0…K − 1
    """
    shifted = scores - scores.max(axis=1, keepdims=True)
    logs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    predicted, count = scores.argmax(axis=1), scores.shape[1]
    counts = np.bincount(labels * count + predicted, minlength=count**2).reshape(count, count)
    return Facts(np.exp(logs), -logs[np.arange(len(labels)), labels], predicted, counts)


def compute(
    facts: Facts, labels: np.ndarray, true: int = 0, told: int = 0, order: str = ORDERS[0], place: int = 0
) -> Looked:
    """The images of one true class that were taken for one class.

    facts, labels: of all images
    true, told: classes, from 1; 0 for any. With told = 0 only mistakes count, with both 0 all mistakes
    order: one of `ORDERS`; "least sure": those whose two highest probabilities are nearest come first
    place: the image to look at, from 0; beyond the last one, that
    Raises `ValueError` that names the argument.
    """
    classes = len(facts.counts)
    check_whole(true, name="true", high=classes)
    check_whole(told, name="told", high=classes)
    check_choice(order, ORDERS, name="order")
    check_whole(place, name="place")
    chosen = facts.predicted != labels if true != told or not true else np.ones(len(labels), bool)
    if true:
        chosen &= labels == true - 1
    if told:
        chosen &= facts.predicted == told - 1
    if order == "least sure":
        two = np.sort(facts.probabilities, axis=1)[:, -2:]
        keys = two[:, 1] - two[:, 0]
    else:
        keys = facts.losses if order == "lowest loss" else -facts.losses
    rows = np.flatnonzero(chosen)
    rows = rows[np.argsort(keys[rows], kind="stable")]
    return Looked(true, told, order, rows, min(place, max(len(rows) - 1, 0)))


def check_judged(data: Any) -> Judged:
    """Images with labels, scores and names of classes; anything else raises `ValueError`."""
    if not isinstance(data, Judged):
        advice = "give mistakes.Judged(images, labels, scores, classes)"
        raise mismatch("", "data", "images and what a net says about them", shown(data), advice)
    images, labels, scores, classes = (
        part.detach().cpu().numpy() if hasattr(part, "detach") else part for part in data
    )
    if not isinstance(images, np.ndarray) or images.dtype != np.uint8 or images.shape[1:] != (3, 32, 32):
        raise mismatch("", "images", "uint8 (N, 3, 32, 32)", shown(images))
    names = tuple(classes)
    if not 2 <= len(names) <= MOST:
        raise mismatch("", "classes", f"2 to {MOST} names", shown(classes))
    wanted = (len(images), len(names))
    if not isinstance(scores, np.ndarray) or scores.shape != wanted or not np.isfinite(scores).all():
        raise mismatch("", "scores", f"finite numbers {wanted}", shown(scores))
    labels = check_labels(labels, len(images), name="labels", classes=len(names))
    return Judged(images, labels, scores.astype(float), names)


@lru_cache(maxsize=1)
def usual() -> Judged:
    """Test images of hard Shapes-10, and what the trained net that comes with the course says about them."""
    import torch

    from data_loaders import load_shapes10
    from lib.convnets.trained import trained

    test = load_shapes10(
        illumination=1, viewpoint=1, occlusion=1, deformation=1, clutter=1, variation=1, scale=1
    ).test.take(pick(quick=1000, full=3000))
    model, scale, classes, _ = trained()
    mean, deviation = (
        torch.tensor(v, dtype=torch.float32).reshape(3, 1, 1) for v in (scale.mean, scale.deviation)
    )
    with torch.no_grad():
        scores = torch.cat(
            [
                model((torch.tensor(images, dtype=torch.float32) - mean) / deviation)
                for images in np.array_split(test.images, -(-len(test) // 250))
            ]
        )
    return Judged(test.images, test.labels, scores.numpy(), classes)


class Cells(Pick):
    """The fields of the confusion matrix; a click on the one that is looked at lets it go."""

    def picked(self, demo: Demo, index: int) -> Values:
        true, told = divmod(index, len(demo.facts.counts))  # type: ignore[attr-defined]
        chosen = {"true": true + 1, "told": told + 1, "place": 0}
        same = all(demo.values[name] == value for name, value in chosen.items() if name != "place")
        return {"true": 0, "told": 0, "place": 0} if same else chosen


class MistakesDemo(Demo):
    title = "Where it errs"
    alt = (
        "Left, the confusion matrix: rows are true classes, columns what the net says, with counts. Middle, "
        "images of the chosen field in order, framed green where right, red where wrong. Right, the "
        "probabilities of the image that is looked at, as bars."
    )
    ask = "Predict, then click a field: which two classes are confused most, and can you tell them apart?"
    size = (11.6, 5.0)
    tall_size = (4.8, 11.2)
    columns = 2  # in more, numbers beside the long words would be cut off
    presets = {
        "The worst": {},
        "The closest calls": {"order": ORDERS[2]},
        "Nearly right": {"order": ORDERS[1]},
    }

    order = Choice(ORDERS)
    place = Slider(0, 99, start=0, label="image")
    true = Slider(0, MOST, start=0, label="true class (0: any)")
    told = Slider(0, MOST, start=0, label="the net says (0: any)")
    field = Cells("true", spots="fields", axes="left", size=(SIDE, SIDE), hint="Click a field of the matrix")
    a_tile = Pick("place", spots="tiles_seen", axes="middle", size=(TILE, TILE), hint="Click an image")

    def __init__(self, data: Judged | None = None, **values: Any):
        """data: images and scores; None takes hard Shapes-10 and the trained net of the course."""
        self.judged = usual() if data is None else check_judged(data)
        self.facts = facts_of(self.judged.scores, self.judged.labels)
        super().__init__(**values)

    def compute(self, order: str, place: int, true: int, told: int) -> Looked:
        most = len(self.judged.classes)
        return compute(self.facts, self.judged.labels, min(true, most), min(told, most), order, place)

    def fields(self) -> list[tuple[int, float, float, str]]:
        names, counts = self.judged.classes, self.facts.counts
        return [
            (
                i + 1,
                (j + 0.5) * SIDE - 0.5,
                (i + 0.5) * SIDE - 0.5,
                f"{names[i]} taken for {names[j]}: {counts[i, j]}",
            )
            for i in range(len(names))
            for j in range(len(names))
        ]

    def tiles_seen(self) -> list[tuple[int, float, float, str]]:
        names, first = self.judged.classes, self.first
        return [
            (
                first + k,
                k % COLUMNS * TILE + TILE / 2,
                k // COLUMNS * TILE + TILE / 2,
                f"{names[self.judged.labels[row]]}, taken for {names[self.facts.predicted[row]]}",
            )
            for k, row in enumerate(self.state.rows[first : first + SEEN].tolist())
        ]

    def arrange(self, figure: Figure) -> tuple[Axes, Axes, Axes]:
        figure.set_layout_engine("none")
        width, height = 100 * figure.get_size_inches()
        if self.tall:
            places = (92, 665, 340, 340), (40, 315, 400, 300), (115, 50, 300, 210)
        else:
            places = (95, 10, 390, 390), (505, 85, 400, 300), (1000, 55, 150, 340)
        made = [figure.add_axes((x / width, y / height, w / width, h / height)) for x, y, w, h in places]
        return made[0], made[1], made[2]

    def draw(self, axes: tuple[Axes, Axes, Axes]) -> None:
        self.left, self.middle, bars = axes
        names = self.judged.classes
        self.matrix = Tiles(self.left, len(names), len(names), side=SIDE, font=15)
        for k, name in enumerate(names):
            at = (k + 0.5) * SIDE - 0.5
            self.left.text(-6, at, name, ha="right", va="center", fontsize=12)
            self.left.text(
                at, -6, name, ha="left", va="bottom", fontsize=12, rotation=45, rotation_mode="anchor"
            )
        self.left.text(-6, -8, "says →\nis ↓", ha="right", va="bottom", fontsize=12, style="italic")
        self.paper_rgb = (255 * np.array(to_rgb(self.paper))).round().astype(np.uint8)
        self.mosaic = np.empty((ROWS * TILE, COLUMNS * TILE, 3), np.uint8)
        self.gallery = Screen(self.middle, self.mosaic.shape[:2])
        self.heading = self.middle.set_title("", fontsize=13)
        self.bars = bars.barh(range(len(names)), 0, height=0.7, linewidth=2.5, zorder=3)
        self.tick = bars.text(0, 0, "✓", color=RIGHT, fontsize=15, fontweight="bold", va="center", zorder=4)
        bars.set(xlim=(0, 118), ylim=(len(names) - 0.4, -0.6), xticks=(0, 50, 100), xlabel="probability, %")
        bars.set_yticks(range(len(names)), names)
        bars.tick_params(axis="y", length=0)
        bars.spines["left"].set_color(self.faint)

    def update(self, state: Looked) -> None:
        self.state = state
        self.first = state.place // SEEN * SEEN
        names = self.judged.classes
        self.matrix.fill(*self.fields_painted(state))
        self.mosaic[:] = self.paper_rgb
        for k, row in enumerate(state.rows[self.first : self.first + SEEN].tolist()):
            y, x = (n * TILE + GAP // 2 for n in divmod(k, COLUMNS))
            right = self.facts.predicted[row] == self.judged.labels[row]
            frame = self.mosaic[y : y + CELL + 2 * EDGE, x : x + CELL + 2 * EDGE]
            chosen = self.first + k == state.place
            if chosen:
                frame[:] = (255 * np.array(to_rgb(RIGHT if right else WRONG))).round()
            frame[EDGE:-EDGE, EDGE:-EDGE] = self.judged.images[row].transpose(1, 2, 0)
        self.gallery.set_data(self.mosaic)
        self.gallery.stale = True
        count, what = len(state.rows), "image" if state.told and state.true == state.told else "mistake"
        kind = f"{count:,} {what}{'s' * (count != 1)}"
        of = names[state.true - 1] if state.true else "any class"
        taken = f" → {names[state.told - 1]}" if state.told else ""
        self.heading.set_text(f"{kind}: {of}{taken}")
        there = len(state.rows) > 0
        row = state.rows[state.place] if there else 0
        shares = 100 * self.facts.probabilities[row] if there else np.zeros(len(names))
        for k, bar in enumerate(self.bars):
            bar.set_width(shares[k])
            bar.set_facecolor(RIGHT if k == self.judged.labels[row] else WRONG)
            bar.set_edgecolor(self.ink if there and k == self.facts.predicted[row] else "none")
        self.tick.set_text("✓" if there else "")
        self.tick.set_position((shares[self.judged.labels[row]] + 2, self.judged.labels[row]))

    def fields_painted(self, state: Looked) -> tuple[np.ndarray, list[list[str]], np.ndarray]:
        """Colours, words and frames of the matrix: hits in green, mistakes in red, the more the stronger."""
        counts = self.facts.counts
        shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
        off = ~np.eye(len(counts), dtype=bool)
        most = max(float(shares[off].max()), 1e-9)
        strength = np.where(off, 0.75 * shares / most, 0.6 * shares)[..., None]
        hue = np.where(off[..., None], 255 * np.array(to_rgb(WRONG)), 255 * np.array(to_rgb(RIGHT)))
        colours = (strength * hue + (1 - strength) * self.paper_rgb).round().astype(np.uint8)
        words = [[str(n) if n else "" for n in row] for row in counts.tolist()]
        frames = np.zeros(counts.shape, bool)
        rows = slice(state.true - 1, state.true) if state.true else slice(None)
        columns = slice(state.told - 1, state.told) if state.told else slice(None)
        if state.true or state.told:
            frames[rows, columns] = True
        return colours, words, frames

    def said(self) -> str:
        state, names, counts = self.state, self.judged.classes, self.facts.counts
        right = 100 * np.trace(counts) / counts.sum()
        whole = f"{right:.1f}\xa0% of {counts.sum():,} images are right"
        if not len(state.rows):
            return f"No such image; {whole}."
        row = state.rows[state.place]
        told, true = self.facts.predicted[row], self.judged.labels[row]
        sure = 100 * self.facts.probabilities[row]
        verdict = f"{names[told]}, {sure[told]:.0f}\xa0% sure"
        if told == true:
            verdict += ", and right"
        else:
            verdict += f", but it is {names[true]} ({sure[true]:.1f}\xa0%)"
        which = f"Image {state.place + 1} of {len(state.rows):,}"
        return f"{which}: {verdict}; loss {self.facts.losses[row]:.2f}. {whole}."


show = shows(MistakesDemo)
