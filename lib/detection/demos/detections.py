"""Two thresholds: what a detector finds in a scene, and where that stands on the precision–recall curve."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lib import plots
from lib.checks import check_choice, check_number, check_whole
from lib.demos.kit import Choice, Demo, Slider, Switch, shows
from lib.demos.kit.looks import legible, signed
from lib.demos.kit.screen import Screen
from lib.detection.average_precision import Ranking
from lib.detection.boxes import iou
from lib.detection.demos.frames import Frames
from lib.detection.demos.on_curve import OnCurve, point_at
from lib.detection.demos.small_detector import FITS, TEST, SmallDetector, hits_of, ranking_of, the_detector
from lib.detection.detector import Detections
from lib.detection.scenes import HEIGHT, WIDTH, Scene
from lib.detection.shapes import NAMES

LOW, HIGH = -1.0, 6.0  # of the threshold on the score
WORDS = 12  # names in the picture, for the highest scores
RIGHT, WRONG = plots.COLORS[2], plots.COLORS[5]


class Shown(NamedTuple):
    """What is above the threshold in one scene, and all that was found in all scenes.

    scene: which one
    found: in it, above the threshold, the highest score first
    hits: bool (N,), which of these are hits
    missed: (K, 4), the objects that none of them hits
    score: the threshold
    ranking: of all classes in all scenes
    above: how many of these are above the threshold
    """

    scene: Scene
    found: Detections
    hits: np.ndarray
    missed: np.ndarray
    score: float
    ranking: Ranking
    above: int


def compute(
    detector: SmallDetector, scene: int, score: float, nms: float, fits: str, regression: bool
) -> Shown:
    """Suppression, threshold, and the comparison with the objects.

    scene: its number
    score: the least of a detection that counts
    nms: the most IoU of two boxes of one class that both stay, 0 to 1
    fits: one of `FITS`
    regression: whether boxes are moved

    All classes are ranked in one list: a detection is a hit where it finds an object of its own class.
    """
    check_whole(scene, name="scene", high=len(detector.scenes) - 1)
    check_number(score, name="score")
    least = FITS[check_choice(fits, FITS, name="fits")]
    found = detector.found(regression=regression, suppression=nms)
    hits = [hits_of(its, seen, least) for its, seen in zip(found, detector.scenes, strict=True)]
    objects = sum(len(seen.boxes) for seen in detector.scenes)
    ranking = ranking_of([its.scores for its in found], hits, objects)
    here, its, above = detector.scenes[scene], found[scene], found[scene].scores >= score
    good = above & hits[scene]
    same = its.labels[good, None] == here.labels
    seen_ones = ((iou(its.boxes[good], here.boxes) >= least) & same).any(axis=0)
    return Shown(
        here,
        Detections(its.boxes[above], its.scores[above], its.labels[above]),
        hits[scene][above],
        here.boxes[~seen_ones],
        score,
        ranking,
        int((ranking.scores >= score).sum()),
    )


class DetectionsDemo(Demo):
    title = "Thresholds"
    alt = (
        "Left, a scene with the boxes whose score is above the threshold: green where they find an object, "
        "red where they are wrong, and dashed where an object is missed. Right, precision against recall in "
        "all test scenes, with a dot at this threshold."
    )
    ask = "Predict, then lower the threshold: which comes first, the last object or a false alarm?"
    size = (10, 4.3)
    tall_size = (4.8, 7.0)
    columns = 3
    presets = {
        "Threshold 0": {},
        "All": {"score": LOW},
        "The sure ones": {"score": 3.0},
        "No suppression": {"nms": 1.0},
        "One box a class": {"nms": 0.0, "score": LOW},
        "Not moved, 0.75": {"fits": "IoU ≥ 0.75", "regression": False},
        "Moved, 0.75": {"fits": "IoU ≥ 0.75"},
    }

    score = Slider(LOW, HIGH, start=0.0, step=0.1, label="score ≥")
    nms = Slider(0.0, 1.0, start=0.3, step=0.05, label="NMS")
    scene = Slider(0, TEST - 1, start=6)
    fits = Choice(tuple(FITS), label="hit")
    regression = Switch(start=True, label="move the boxes")
    dot = OnCurve("score", along="on_curve", axes="curve", label="the dot")

    def __init__(self, **values: Any):
        self.detector = the_detector()
        super().__init__(**values)

    def compute(self, score: float, nms: float, scene: int, fits: str, regression: bool) -> Shown:
        return compute(self.detector, scene, score, nms, fits, regression)

    def on_curve(self, score: float) -> tuple[float, float]:
        return point_at(self.state.ranking, score)

    def arrange(self, figure: Figure) -> list[Axes]:
        figure.set_layout_engine("none")
        width, height = 100 * figure.get_size_inches()
        places = [(10, 10, 576, 384), (665, 62, 320, 320)]
        if self.tall:
            places = [(10, 362, 460, 307), (70, 58, 390, 250)]
        return [figure.add_axes((x / width, y / height, w / width, h / height)) for x, y, w, h in places]

    def draw(self, axes: list[Axes]) -> None:
        self.field, self.curve = axes
        self.picture = Screen(self.field, (HEIGHT, WIDTH))
        self.head = self.field.set_title("", fontsize=13, loc="left")
        self.lost = Frames(self.field, "white", edge="black", width=1.8, dashed=True, zorder=3)
        self.wrong = Frames(self.field, WRONG, edge="white", width=2.2, zorder=3.1)
        self.right = Frames(self.field, RIGHT, edge="white", width=2.6, zorder=3.2)
        look: dict[str, Any] = {"color": "white", "fontsize": 11, "va": "bottom", "clip_on": True}
        self.names = [
            self.field.text(0, 0, "", zorder=3.3, bbox={"pad": 1.5, "linewidth": 0}, **look)
            for _ in range(WORDS)
        ]
        blue = legible(plots.COLORS[0], dark=self.dark)
        self.whole = self.curve.plot([], [], color=blue, alpha=0.35, zorder=2.6)[0]
        self.part = self.curve.plot([], [], color=blue, linewidth=3, zorder=2.7)[0]
        self.now = self.curve.plot(
            [], [], "o", color=blue, markersize=11, markeredgecolor=self.paper, zorder=3
        )[0]
        self.threshold = self.curve.set_title("", fontsize=13, loc="left")
        self.curve.set(xlim=(0, 1.03), ylim=(0, 1.05), xlabel="recall", ylabel="precision")
        self.curve.set(xticks=(0, 0.5, 1), yticks=(0, 0.5, 1))
        self.curve.grid(color=self.faint)

    def update(self, state: Shown) -> None:
        self.state = state
        self.picture.set_data(np.moveaxis(state.scene.image, 0, -1))
        self.lost.put(state.missed)
        self.right.put(state.found.boxes[state.hits])
        self.wrong.put(state.found.boxes[~state.hits])
        count = len(state.found.boxes)
        for number, text in enumerate(self.names):
            if number >= count:
                text.set_visible(False)
                continue
            x, y = state.found.boxes[number, :2]
            name, score = NAMES[state.found.labels[number]], state.found.scores[number]
            text.set_text(signed(f"{name} {score:.1f}"))
            text.set_position((x - 0.3, max(y - 1.5, 7.0)))
            text.set_backgroundcolor(RIGHT if state.hits[number] else WRONG)
            text.set_visible(True)
        hits = int(state.hits.sum())
        self.head.set_text(f"found {hits}, false alarms {count - hits}, missed {len(state.missed)}")
        self.threshold.set_text(f"all scenes, {self.at_threshold()}")
        recall = np.concatenate([[0.0], state.ranking.recall])
        precision = np.concatenate([[1.0], state.ranking.precision])
        self.whole.set_data(recall, precision)
        self.part.set_data(recall[: state.above + 1], precision[: state.above + 1])
        self.now.set_data([recall[state.above]], [precision[state.above]])

    def said(self) -> str:
        state, ranking = self.state, self.state.ranking
        hits = int(ranking.hits[: state.above].sum())
        share = f"precision {100 * hits / state.above:.0f} %, " if state.above else ""
        return (
            f"In {len(self.detector.scenes)} test scenes {state.above} boxes have a {self.at_threshold()}; "
            f"{hits} find one of {ranking.objects} objects: {share}"
            f"recall {100 * hits / ranking.objects:.0f} %."
        )

    def at_threshold(self) -> str:
        return signed(f"score ≥ {self.state.score:.1f}")


show = shows(DetectionsDemo)
