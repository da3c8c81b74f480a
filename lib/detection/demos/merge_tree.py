"""The merge tree: regions grow from a segmentation to the whole scene, and their boxes are the proposals."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lib import plots
from lib.checks import check_number, check_whole
from lib.demos.kit import Choice, Demo, Slider, Time, shows
from lib.demos.kit.looks import legible
from lib.demos.kit.screen import Screen
from lib.demos.kit.track import Track
from lib.detection import proposals
from lib.detection.boxes import iou
from lib.detection.demos.frames import Frames
from lib.detection.demos.small_detector import FITS, TEST, the_scenes
from lib.detection.grouping import MergeTree
from lib.detection.scenes import HEIGHT, WIDTH, Scene

WHOLE = 100  # per cent of the merges


class Grown(NamedTuple):
    """The regions of a scene after some merges.

    scene: which one
    merges, most: how many, and of how many
    flat: uint8 (H, W, 3), each region in its mean colour
    boxes: (R, 4), around the regions that there are now
    newest: (0 or 1, 4), around the last one that was made
    made: how many regions there have been so far
    fits: (M,), of each object the best IoU with a box so far
    found: bool (M,), whether that is enough
    recalls, means: (most + 1,), after each merge: the part of the objects that is found, and the mean of
        fits; NaN without objects
    """

    scene: Scene
    merges: int
    most: int
    flat: np.ndarray
    boxes: np.ndarray
    newest: np.ndarray
    made: int
    fits: np.ndarray
    found: np.ndarray
    recalls: np.ndarray
    means: np.ndarray


def compute(scene: Scene, tree: MergeTree, share: int, least: float) -> Grown:
    """The regions after a part of the merges, and which objects have a box so far.

    tree: of the scene
    share: of the merges, 0 to 100 %
    least: the least IoU at which a box finds an object, 0 to 1
    """
    check_whole(share, name="share", high=WHOLE)
    check_number(least, name="least", low=0, high=1)
    most, objects = len(tree.merges), len(scene.boxes) or np.nan
    merges = round(share * most / WHOLE)
    regions, first = tree.after(merges), most + 1
    best = np.maximum.accumulate(iou(scene.boxes, tree.boxes), axis=1)[:, most:]  # after 0, 1 … merges
    return Grown(
        scene=scene,
        merges=merges,
        most=most,
        flat=flattened(scene.image, regions),
        boxes=tree.boxes[np.flatnonzero(np.bincount(regions.ravel()))],
        newest=tree.boxes[first + merges - 1 : first + merges] if merges else np.zeros((0, 4)),
        made=first + merges,
        fits=best[:, merges],
        found=best[:, merges] >= least,
        recalls=(best >= least).sum(axis=0) / objects,
        means=best.sum(axis=0) / objects,
    )


def flattened(image: np.ndarray, regions: np.ndarray) -> np.ndarray:
    """Each region in its mean colour: image (3, H, W), regions int (H, W) → uint8 (H, W, 3).

    >>> flattened(np.array([[[0, 2, 9]]] * 3, np.uint8), np.array([[0, 0, 4]]))[0, :, 0]
    array([1, 1, 9], dtype=uint8)
    """
    flat = regions.ravel()
    sizes = np.maximum(np.bincount(flat), 1)
    sums = [np.bincount(flat, weights=channel.ravel()) for channel in image]
    return (np.stack(sums, axis=1) / sizes[:, None] + 0.5).astype(np.uint8)[regions]


@lru_cache(maxsize=64)
def tree_of(scene: int, scale: int) -> MergeTree:
    """The merge tree of one of `the_scenes()`."""
    return proposals.merge_tree(the_scenes()[scene].image, scale)


class MergeTreeDemo(Demo):
    title = "The merge tree"
    alt = (
        "Left, a scene with the boxes of all regions that there are now; a dashed box around each object "
        "becomes green once a box fits it. Middle, the regions, each in its mean colour. Right, two "
        "curves that rise with the number of merges: the part of the objects found, and the mean best IoU."
    )
    ask = "Predict, then merge: when does a region fit an object, and why are large regions needed too?"
    size = (11.4, 3.9)
    tall_size = (4.8, 8.5)
    columns = 3
    presets = {
        "Segmentation": {"share": 0},
        "Half of the merges": {},
        "The last few": {"share": 95},
        "One region": {"share": WHOLE},
        "A coarse start": {"scale": 300, "share": 0},
        "Five objects": {"scene": 14, "share": 80},
    }

    share = Time(WHOLE, start=50, interval=150, label="merges, %")
    scale = Slider(20, 300, start=20, step=10, label="scale")
    scene = Slider(0, TEST - 1, start=13)
    fits = Choice(tuple(FITS), start="IoU ≥ 0.75", label="found")
    dot = Track("share", along="on_curve", axes="curve", label="the dot")

    def compute(self, share: int, scale: int, scene: int, fits: str) -> Grown:
        return compute(the_scenes()[scene], tree_of(scene, scale), share, FITS[fits])

    def on_curve(self, share: float) -> tuple[float, float]:
        return share, float(self.state.recalls[round(share * self.state.most / WHOLE)])

    def arrange(self, figure: Figure) -> list[Axes]:
        figure.set_layout_engine("none")
        width, height = 100 * figure.get_size_inches()
        places = [(10, 62, 420, 280), (444, 62, 420, 280), (935, 62, 190, 280)]
        if self.tall:
            places = [(10, 520, 460, 307), (10, 178, 460, 307), (70, 60, 390, 85)]
        return [figure.add_axes((x / width, y / height, w / width, h / height)) for x, y, w, h in places]

    def draw(self, axes: list[Axes]) -> None:
        self.left, self.middle, self.curve = axes
        self.screens = [Screen(ax, (HEIGHT, WIDTH)) for ax in axes[:2]]
        self.all_boxes = Frames(self.left, "#ffffffa0", width=0.8, zorder=2.5)
        self.missed = Frames(self.left, "white", edge="black", width=1.8, dashed=True, zorder=3)
        self.hit = Frames(self.left, plots.COLORS[2], edge="white", width=2.6, zorder=3.1)
        self.last = [Frames(ax, plots.COLORS[1], edge="black", width=2.2, zorder=3.2) for ax in axes[:2]]
        self.heads = [ax.set_title("", fontsize=13, loc="left") for ax in axes[:2]]
        blue, orange = (legible(color, dark=self.dark) for color in plots.COLORS[:2])
        look: dict[str, Any] = {"fontsize": 12, "transform": self.curve.transAxes, "va": "bottom"}
        if self.tall:
            self.curve.text(0, 1.04, "recall", color=blue, **look)
            self.curve.text(1, 1.04, "mean best IoU", color=orange, ha="right", **look)
        else:
            self.curve.text(0, 1.09, "recall", color=blue, **look)
            self.curve.text(0, 1.02, "mean best IoU", color=orange, **look)
        self.means = self.curve.plot([], [], color=orange, zorder=2.6)[0]
        self.recalls = self.curve.plot([], [], color=blue, drawstyle="steps-post", zorder=2.7)[0]
        self.now = self.curve.plot(
            [], [], "o", color=blue, markersize=10, markeredgecolor=self.paper, zorder=3
        )[0]
        self.curve.set(xlim=(0, 102), ylim=(0, 1.05), xlabel="merges, %", xticks=(0, 50, 100))
        self.curve.set_yticks((0, 0.5, 1), ("0", "½", "1"))
        self.curve.grid(axis="y", color=self.faint)

    def update(self, state: Grown) -> None:
        self.state = state
        scene = state.scene
        self.screens[0].set_data(np.moveaxis(scene.image, 0, -1))
        self.screens[1].set_data(state.flat)
        self.all_boxes.put(state.boxes)
        found = state.found
        self.hit.put(scene.boxes[found])
        self.missed.put(scene.boxes[~found])
        for frames in self.last:
            frames.put(state.newest)
        self.heads[0].set_text(f"{found.sum()} of {len(found)} objects found")
        many = f"{len(state.boxes)} regions" if len(state.boxes) > 1 else "one region"
        self.heads[1].set_text(f"{many}, {state.made} boxes so far")
        shares = WHOLE * np.arange(state.most + 1) / max(state.most, 1)
        self.recalls.set_data(shares, state.recalls)
        self.means.set_data(shares, state.means)
        here = WHOLE * state.merges / max(state.most, 1)
        self.now.set_data([here], [state.recalls[state.merges]])

    def said(self) -> str:
        state = self.state
        finds = self.values["fits"]
        return (
            f"After {state.merges} of {state.most} merges there are {state.made} boxes so far; "
            f"{state.found.sum()} of {len(state.fits)} objects have one with {finds}. "
            f"The best have {state.fits.mean():.2f} on average."
        )


show = shows(MergeTreeDemo)
