"""The margin Δ of the hinge loss: who pays, and how much, as the right class's score moves."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from lib import plots
from lib.checks import check_choice, check_number
from lib.classifiers.losses import cross_entropy, hinge
from lib.demos.kit import Choice, Demo, Slider, shows

CLASSES = ("cat", "car", "frog")
SCORES = {  # of deck A1's three images, in the order of CLASSES
    "cat": (3.2, 5.1, -1.7),
    "car": (1.3, 4.9, 2.0),
    "frog": (2.2, 2.5, -3.1),
}
LOW, HIGH, TOP = -8.0, 12.0, 20.0  # of the score axis, and of the loss axis


class State(NamedTuple):
    """The losses of one image, and the two curves they lie on."""

    scores: np.ndarray  # (3,) after scaling
    right: int  # index of the right class
    margin: float  # Δ
    pays: np.ndarray  # (3,) what each class adds to the hinge loss; 0 for the right one
    hinge: float  # the sum of `pays`
    softmax: float  # nats
    axis: np.ndarray  # (P,) possible scores of the right class
    hinge_curve: np.ndarray  # (P,) hinge loss at each of them
    softmax_curve: np.ndarray  # (P,) softmax loss at each of them


def compute(image: str, score: float, margin: float, scale: float) -> State:
    """Hinge loss of one of deck A1's three images, with the right class's score and the margin free.

    image: "cat", "car" or "frog", also the right class
    score: that class's own score, before scaling
    margin: Δ ≥ 0, in units of the scores
    scale: ≥ 0, multiplies all scores, as c·W in place of W would

    Raises `ValueError` where one of them is not of that kind.

    >>> state = compute("cat", 3.2, 1.0, 1.0)
    >>> state.pays.round(2), round(state.hinge, 2), round(state.softmax, 2)
    (array([0. , 2.9, 0. ]), 2.9, 2.04)
    """
    check_choice(image, SCORES, name="image")
    check_number(score, name="score")
    check_number(margin, name="margin", low=0)
    check_number(scale, name="scale", low=0)
    right = CLASSES.index(image)
    scores = np.array(SCORES[image])
    scores[right] = score
    scores = scores * scale + 0.0  # no −0.0
    pays = np.maximum(0, scores - scores[right] + margin)
    pays[right] = 0

    axis = np.linspace(LOW, HIGH, 201)
    above = np.delete(scores, right) - axis[:, None]  # (P, 2), by how much each wrong class leads
    row, label = scores[None], np.array([right])
    return State(
        scores=scores,
        right=right,
        margin=margin,
        pays=pays,
        hinge=hinge(row, label, margin)[0],
        softmax=cross_entropy(row, label)[0],
        axis=axis,
        hinge_curve=np.maximum(0, above + margin).sum(axis=1),
        softmax_curve=np.logaddexp(0, np.logaddexp(above[:, 0], above[:, 1])),
    )


class MarginDemo(Demo):
    title = "Who pays? The hinge loss and its margin Δ"
    alt = (
        "Left: the three scores of one image, and a band of width Δ below the right class's score; another "
        "class pays its distance to the band's lower edge, if it lies above. Right: hinge and softmax loss "
        "against the right class's score, with dots at the present one."
    )
    size = (10, 4.2)
    panels = 2
    presets = {
        "Cat pays 2.9": {"image": "cat", "score": 3.2},
        "Car pays 0": {"image": "car", "score": 4.9},
        "Frog pays 12.9": {"image": "frog", "score": -3.1},
        "All scores 0": {"image": "cat", "score": 3.2, "scale": 0.0},
        "Twice W, twice Δ": {"image": "cat", "score": 3.2, "scale": 2.0, "margin": 2.0},
    }

    image = Choice(CLASSES, label="image")
    score = Slider(-4.0, 6.0, start=3.2, step=0.1, label="score of right class")
    margin = Slider(0.0, 5.0, start=1.0, step=0.1, label="margin Δ")
    scale = Slider(0.0, 2.0, start=1.0, step=0.1, label="all scores ×")

    compute = staticmethod(compute)

    def draw(self, axes: Any) -> None:
        line, loss = axes
        self.band = line.axvspan(0, 1, ymax=0.88, color=plots.COLORS[4], alpha=0.35, linewidth=0, zorder=2.6)
        self.edge = line.axvline(0, ymax=0.88, color="black", linestyle="--", linewidth=1.5, zorder=2.6)
        self.debts = [line.plot([], [], color=plots.COLORS[5], linewidth=7, zorder=2.7)[0] for _ in CLASSES]
        self.dots = [
            line.plot(
                [0], [k], plots.MARKERS[k], color=plots.COLORS[k], markersize=13, zorder=3, clip_on=False
            )[0]
            for k in range(3)
        ]
        paper = {"facecolor": "white", "alpha": 0.8, "linewidth": 0, "pad": 1}
        self.numbers = [line.text(0, k + 0.24, "", ha="center", bbox=paper, zorder=4) for k in range(3)]
        self.total = line.text(0.5, 0.99, "", ha="center", va="top", transform=line.transAxes, zorder=4)
        line.set(xlim=(LOW - 1, HIGH + 1), ylim=(-0.5, 3.2), xlabel="score", xticks=range(-8, 13, 4))
        line.set_yticks(range(3), CLASSES)
        line.tick_params(axis="y", length=0)
        line.spines["left"].set_visible(False)

        self.curves = [
            loss.plot([], [], color=color, linestyle=style, zorder=2.7, label=name)[0]
            for color, style, name in ((plots.COLORS[5], "-", "hinge"), (plots.COLORS[0], "--", "softmax"))
        ]
        self.points = [
            loss.plot([], [], marker, color=curve.get_color(), markersize=11, zorder=3)[0]
            for curve, marker in zip(self.curves, "os", strict=True)
        ]
        loss.set(
            xlim=(LOW - 1, HIGH + 1), ylim=(-0.6, TOP + 0.6), xticks=range(-8, 13, 4), yticks=range(0, 21, 5)
        )
        loss.set(xlabel="score of the right class", ylabel="loss of the image")
        loss.legend(loc="upper right").set_zorder(0)

    def update(self, state: State) -> None:
        score = state.scores[state.right]
        self.band.set_x(score - state.margin)
        self.band.set_width(state.margin)
        self.edge.set_xdata([score - state.margin] * 2)
        for k, (dot, debt, number) in enumerate(zip(self.dots, self.debts, self.numbers, strict=True)):
            dot.set_xdata([state.scores[k]])
            number.set_x(np.clip(state.scores[k], LOW + 2, HIGH - 2))
            ends = [score - state.margin, state.scores[k]] if state.pays[k] > 0 else []
            debt.set_data(ends, [k] * len(ends))
            role = "right" if k == state.right else f"pays {state.pays[k]:.1f}"
            number.set_text(f"{state.scores[k]:.1f}, {role}".replace("-", "−"))
        paid = " + ".join(f"{pay:.1f}" for pay in np.delete(state.pays, state.right))
        self.total.set_text(f"hinge {paid} = {state.hinge:.1f}     softmax {state.softmax:.2f}")
        both = (state.hinge_curve, state.hinge), (state.softmax_curve, state.softmax)
        for curve, point, (values, value) in zip(self.curves, self.points, both, strict=True):
            curve.set_data(state.axis, values)
            point.set_data([score], [min(value, TOP)])


show = shows(MarginDemo)
