"""The precision–recall curve of one class, and the area below it by three definitions."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from lib import plots
from lib.checks import check_choice, check_number
from lib.demos.kit import Choice, Demo, Pick, Slider, shows
from lib.demos.kit.looks import legible, signed
from lib.demos.kit.screen import Screen
from lib.demos.kit.touch import Values
from lib.detection.average_precision import DEFINITIONS, POINTS, Ranking, average_precision, envelope
from lib.detection.crops import crop_boxes
from lib.detection.demos.on_curve import OnCurve, point_at
from lib.detection.demos.small_detector import FITS, SmallDetector, hits_of, ranking_of, the_detector
from lib.detection.shapes import NAMES

LOW, HIGH, STEP = -1.0, 8.0, 0.05  # of the threshold on the score
ROWS, COLUMNS = 3, 4  # of the gallery
CELL, EDGE, GAP = 32, 3, 2  # pixels of a crop, of its frame, and of paper around both
TILE = CELL + 2 * EDGE + GAP
AROUND = 1.2  # by how much a box is enlarged for its crop
RIGHT, WRONG = plots.COLORS[2], plots.COLORS[5]


class Area(NamedTuple):
    """The detections of one class, and the area below their curve.

    ranking: all of them
    score: the threshold
    above: how many are above it
    bars: (n, 4), left, right, bottom 0 and top of the bars whose area is the average precision of those
    values: the average precision of those by each definition, and of all of them, (3, 2)
    """

    ranking: Ranking
    score: float
    above: int
    bars: np.ndarray
    values: np.ndarray


def compute(ranking: Ranking, score: float, definition: str) -> Area:
    """The area below the curve of the detections above a threshold.

    ranking: of one class, with at least one object
    score: the least that counts
    definition: "11", "all" or "101"

    >>> ranking = Ranking(np.array([0.9, 0.8, 0.7]), np.array([True, False, True]), objects=2)
    >>> compute(ranking, 0.75, "all").values[1].round(4).tolist()
    [0.5, 0.8333]
    """
    check_number(score, name="score")
    check_choice(definition, DEFINITIONS, name="definition")
    count = int((ranking.scores >= score).sum())
    part = Ranking(ranking.scores[:count], ranking.hits[:count], ranking.objects)
    values = [[average_precision(each, name) for each in (part, ranking)] for name in DEFINITIONS]
    return Area(ranking, score, count, bars_of(part, definition), np.array(values))


def bars_of(ranking: Ranking, definition: str) -> np.ndarray:
    """Bars whose whole area is the average precision: left, right, bottom and top of each, (n, 4).

    For the definitions by points each point has a bar around it, of its share of the width.
    """
    recall, falling = ranking.recall, envelope(ranking.precision)
    if definition == "all":
        left, right, top = np.concatenate([[0.0], recall])[:-1], recall, falling
    else:
        points = POINTS[definition]
        half = 0.5 / len(points)
        left, right = points - half, points + half
        top = np.append(falling, 0.0)[np.searchsorted(recall, points)]
    return np.stack([left, right, np.zeros(len(top)), top], axis=1)


class Listed(NamedTuple):
    """The detections of one class in all scenes, the highest score first, and a crop of each.

    ranking: which of them are hits
    crops: uint8 (N, 32, 32, 3)
    """

    ranking: Ranking
    crops: np.ndarray


def listed(detector: SmallDetector, label: int, least: float) -> Listed:
    """Of the detections with boxes that were moved those of one class.

    least: the least IoU of a hit
    """
    crops, scores, hits = [np.zeros((0, 3, CELL, CELL), np.uint8)], [np.zeros(0)], [np.zeros(0, bool)]
    found = detector.found(regression=True, suppression=0.3)
    for scene, its in zip(detector.scenes, found, strict=True):
        rows = its.labels == label
        crops.append(crop_boxes(scene.image, its.boxes[rows], size=CELL, context=AROUND))
        scores.append(its.scores[rows])
        hits.append(hits_of(its, scene, least)[rows])
    objects = sum(int((scene.labels == label).sum()) for scene in detector.scenes)
    order = np.argsort(-np.concatenate(scores), kind="stable")
    return Listed(ranking_of(scores, hits, objects), np.moveaxis(np.concatenate(crops)[order], 1, -1))


class Crops(Pick):
    """The detections in a row; a click puts the threshold at the score of one."""

    def picked(self, demo: Demo, index: int) -> Values:
        score = demo.listed.ranking.scores[index]  # type: ignore[attr-defined]
        return {"score": demo.controls["score"].nearest(np.floor(score / STEP) * STEP)}


class PrecisionRecallDemo(Demo):
    title = "The area under the curve"
    alt = (
        "Left, the detections of one class, the highest score first, framed green where they find an object, "
        "red where they are wrong, and pale below the threshold. Right, precision against recall, the curve "
        "that only falls, and below it the bars whose area is the average precision."
    )
    ask = "Predict, then lower the threshold: what does a false alarm change, and what a late hit?"
    size = (10, 4.3)
    tall_size = (4.8, 7.7)
    columns = 2
    presets = {
        "All points": {},
        "11 points": {"definition": "11"},
        "COCO's 101": {"definition": "101"},
        "A high threshold": {"score": 4.35},
        "Late false alarms": {"fits": "IoU ≥ 0.5"},
        "First one wrong": {"name": "triangle"},
        "Some never found": {"name": "square"},
    }

    score = Slider(LOW, HIGH, start=LOW, step=STEP, label="score ≥")
    name = Choice(NAMES, start="disc", label="class")
    fits = Choice(tuple(FITS), start="IoU ≥ 0.75", label="hit")
    definition = Choice(DEFINITIONS, start="all", label="points")
    dot = OnCurve("score", along="on_curve", axes="curve", label="the dot")
    a_crop = Crops(
        "score",
        spots="crops_seen",
        axes="gallery",
        size=(TILE, TILE),
        hint="click a crop: the threshold goes there",
    )

    def __init__(self, **values: Any):
        self.detector = the_detector()
        self.known: dict[tuple[int, float], Listed] = {}
        super().__init__(**values)

    def compute(self, score: float, name: str, fits: str, definition: str) -> tuple[Listed, Area]:
        key = NAMES.index(name), FITS[fits]
        if key not in self.known:
            self.known[key] = listed(self.detector, *key)
        return self.known[key], compute(self.known[key].ranking, score, definition)

    def on_curve(self, score: float) -> tuple[float, float]:
        return point_at(self.state.ranking, score)

    def crops_seen(self) -> list[tuple[float, float, float, str]]:
        ranking = self.state.ranking
        found = []
        for k, score in enumerate(ranking.scores[: ROWS * COLUMNS].tolist()):
            y, x = (n * TILE + TILE / 2 - 0.5 for n in divmod(k, COLUMNS))
            what = "hit" if ranking.hits[k] else "false alarm"
            found.append((score, x, y, signed(f"number {k + 1}, score {score:.2f}: {what}")))
        return found

    def arrange(self, figure: Figure) -> list[Axes]:
        figure.set_layout_engine("none")
        width, height = 100 * figure.get_size_inches()
        places = [(10, 51, 425, 319), (510, 62, 475, 310)]
        if self.tall:
            places = [(10, 395, 460, 345), (70, 58, 390, 270)]
        return [figure.add_axes((x / width, y / height, w / width, h / height)) for x, y, w, h in places]

    def draw(self, axes: list[Axes]) -> None:
        self.gallery, self.curve = axes
        self.paper_rgb = (255 * np.array(to_rgb(self.paper))).round().astype(np.uint8)
        self.mosaic = np.empty((ROWS * TILE, COLUMNS * TILE, 3), np.uint8)
        self.picture = Screen(self.gallery, self.mosaic.shape[:2])
        self.head = self.gallery.set_title("", fontsize=13, loc="left")
        blue, orange = (legible(color, dark=self.dark) for color in plots.COLORS[:2])
        (self.area,) = self.curve.fill([0], [0], facecolor=orange, alpha=0.45, linewidth=0, zorder=2.4)
        self.falling = self.curve.plot([], [], color=orange, linewidth=2, zorder=2.5)[0]
        self.whole = self.curve.plot([], [], ".-", color=blue, alpha=0.4, zorder=2.6)[0]
        self.part = self.curve.plot([], [], ".-", color=blue, markersize=9, zorder=2.7)[0]
        self.now = self.curve.plot(
            [], [], "o", color=blue, markersize=11, markeredgecolor=self.paper, zorder=3
        )[0]
        self.sums = self.curve.set_title("", fontsize=13, loc="left")
        self.curve.set(xlim=(-0.055, 1.055), ylim=(0, 1.06), xlabel="recall", ylabel="precision")
        self.curve.set(xticks=np.arange(0, 1.01, 0.2), yticks=(0, 0.5, 1))
        self.curve.grid(axis="y", color=self.faint)

    def update(self, state: tuple[Listed, Area]) -> None:
        self.listed, area = state
        self.state, ranking = area, area.ranking
        self.paint(area.above)
        words = f"score ≥ {area.score:.2f}: {area.above} of {len(ranking.scores)} detections"
        self.head.set_text(signed(words))
        recall = np.concatenate([[0.0], ranking.recall])
        precision = np.concatenate([[1.0], ranking.precision])
        self.whole.set_data(recall[1:], precision[1:])
        self.part.set_data(recall[1 : area.above + 1], precision[1 : area.above + 1])
        self.now.set_data([recall[area.above]], [precision[area.above]])
        self.area.set_xy(skyline(area.bars))
        part = bars_of(
            Ranking(ranking.scores[: area.above], ranking.hits[: area.above], ranking.objects), "all"
        )
        self.falling.set_data(part[:, :2].ravel(), part[:, 3].repeat(2))
        names = [f"{name}: {value:.3f}" for name, value in zip(DEFINITIONS, area.values[:, 0], strict=True)]
        self.sums.set_text(f"{'' if self.tall else 'area by points:  '}{'   '.join(names)}")

    def paint(self, count: int) -> None:
        """The gallery; what stands below the threshold is pale."""
        self.mosaic[:] = self.paper_rgb
        hits = self.listed.ranking.hits
        for k, picture in enumerate(self.listed.crops[: ROWS * COLUMNS]):
            y, x = (n * TILE + GAP // 2 for n in divmod(k, COLUMNS))
            frame = self.mosaic[y : y + CELL + 2 * EDGE, x : x + CELL + 2 * EDGE]
            frame[:] = (255 * np.array(to_rgb(RIGHT if hits[k] else WRONG))).round()
            frame[EDGE:-EDGE, EDGE:-EDGE] = picture
            if k >= count:
                frame[:] = 0.25 * frame + 0.75 * self.paper_rgb
        self.picture.set_data(self.mosaic)
        self.picture.stale = True

    def said(self) -> str:
        area, definition = self.state, self.values["definition"]
        now, whole = area.values[DEFINITIONS.index(definition)]
        hits = int(area.ranking.hits[: area.above].sum())
        alarms = area.above - hits
        words = "1 false alarm" if alarms == 1 else f"{alarms} false alarms"
        return (
            f"{hits} of {area.ranking.objects} found, {words}: average precision {now:.3f} by {definition} "
            f"points, with the whole list {whole:.3f}."
        )


def skyline(bars: np.ndarray) -> np.ndarray:
    """The outline of bars side by side, from the ground up and down again: (4n + 2, 2)."""
    left, right, bottom, top = bars.T
    places = np.stack([[left, bottom], [left, top], [right, top], [right, bottom]]).transpose(2, 0, 1)
    return np.concatenate([[[0.0, 0.0]], places.reshape(-1, 2), [[0.0, 0.0]]])


show = shows(PrecisionRecallDemo)
