"""The margin Δ of the hinge loss: who pays, and how much, as the right class's score moves."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes

from lib import plots
from lib.checks import check_choice, check_number
from lib.classifiers.losses import cross_entropy, hinge
from lib.demos.kit import Choice, Demo, Handle, Slider, shows
from lib.demos.kit.looks import legible, signed
from lib.demos.kit.touch import Mark, Values

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


class RightDot(Handle):
    """The right class's score, in the units of the axis: the slider's value times the scale."""

    def marks(self, demo: Demo) -> list[Mark]:
        (mark,) = super().marks(demo)
        return [mark._replace(x=mark.x * demo.values["scale"])]

    def dragged(self, demo: Demo, index: int, x: float, y: float) -> Values:
        scale = demo.values["scale"]
        return super().dragged(demo, index, x / scale, y) if scale else {}


class Edge(RightDot):
    """The lower edge of the band: how far it lies below the right class's score is Δ."""

    def marks(self, demo: Demo) -> list[Mark]:
        (mark,) = super(RightDot, self).marks(demo)
        return [mark._replace(x=max(demo.values["score"] * demo.values["scale"] - mark.x, LOW - 1))]

    def dragged(self, demo: Demo, index: int, x: float, y: float) -> Values:
        right = demo.values["score"] * demo.values["scale"]
        return super(RightDot, self).dragged(demo, index, right - x, y)

    def stepped(self, demo: Demo, index: int, right: int, up: int) -> Values:
        return super().stepped(demo, index, -right, up)


class MarginDemo(Demo):
    title = "Who pays? The hinge loss and its margin Δ"
    alt = (
        "Left: the three scores of one image, and a band of width Δ below the right class's score; another "
        "class pays its distance to the band's lower edge, if it lies above. Right: hinge and softmax loss "
        "against the right class's score, with dots at the present one."
    )
    ask = "Predict, then drag the right class's dot: from where on does nobody pay?"
    size = (10, 4.8)
    tall_size = (5.0, 7.0)
    panels = 2
    columns = 2
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
    edge = Edge("margin", axes="line", label="the dashed edge", beside="floor")
    dot = RightDot("score", axes="line", label="the right class's dot", beside="row")
    paid = RightDot("score", axes="loss", label="the hinge loss's dot", beside="height")
    dot.hint, edge.hint, paid.hint = (
        "Drag the right class's dot, in either picture",
        "Drag the dashed edge",
        "",
    )

    compute = staticmethod(compute)

    def floor(self) -> float:
        return -0.45

    def row(self) -> float:
        return float(self.state.right)

    def height(self) -> float:
        return float(min(self.state.hinge, TOP))

    def draw(self, axes: tuple[Axes, Axes]) -> None:
        self.line, self.loss = axes
        line, loss = axes
        self.band = line.axvspan(0, 1, color=plots.COLORS[4], alpha=0.35, linewidth=0, zorder=2.6)
        self.border = line.axvline(0, color=self.ink, linestyle="--", linewidth=1.5, zorder=2.6)
        self.grip = line.plot(
            [0], [self.floor()], "D", color=self.ink, markersize=8, zorder=2.65, clip_on=False
        )[0]
        self.width = line.text(0, -0.32, "", ha="center", fontsize=13, zorder=2.7)
        self.debts = [line.plot([], [], color=plots.COLORS[5], linewidth=7, zorder=2.7)[0] for _ in CLASSES]
        look: dict[str, Any] = {"markersize": 13, "zorder": 3, "clip_on": False}
        self.dots = [
            line.plot([0], [k], plots.MARKERS[k], color=plots.COLORS[k], markeredgecolor=self.paper, **look)[
                0
            ]
            for k in range(3)
        ]
        self.ring = line.plot([0], [0], "o", color=self.ink, fillstyle="none", markersize=20, zorder=3)[0]
        ground = {"facecolor": self.paper, "alpha": 0.8, "linewidth": 0, "pad": 1}
        self.numbers = [line.text(0, k + 0.24, "", ha="center", bbox=ground, zorder=4) for k in range(3)]
        line.set(xlim=(LOW - 1, HIGH + 1), ylim=(-0.55, 2.6), xlabel="score", xticks=range(-8, 13, 4))
        line.set_yticks(range(3), CLASSES)
        line.tick_params(axis="y", length=0)
        line.spines["left"].set_visible(False)

        self.curves = [
            loss.plot([], [], color=legible(color, dark=self.dark), linestyle=style, zorder=2.7)[0]
            for color, style in ((plots.COLORS[5], "-"), (plots.COLORS[0], "--"))
        ]
        self.points = [
            loss.plot(
                [], [], marker, color=curve.get_color(), markersize=11, markeredgecolor=self.paper, zorder=3
            )[0]
            for curve, marker in zip(self.curves, "os", strict=True)
        ]
        self.names = [loss.text(0, 0, "", color=curve.get_color(), zorder=3) for curve in self.curves]
        loss.set(
            xlim=(LOW - 1, HIGH + 7), ylim=(-0.6, TOP + 0.6), xticks=range(-8, 13, 4), yticks=range(0, 21, 5)
        )
        loss.set(xlabel="score of the right class", ylabel="loss of the image")
        loss.grid(axis="y", color=self.faint)

    def update(self, state: State) -> None:
        self.state = state
        score = state.scores[state.right]
        self.band.set_x(score - state.margin)
        self.band.set_width(state.margin)
        self.border.set_xdata([score - state.margin] * 2)
        self.grip.set_xdata([max(score - state.margin, LOW - 1)])
        self.width.set_x(max(score - state.margin / 2, LOW))
        self.width.set_text("Δ" if state.margin >= 1 else "")
        self.ring.set_data([score], [state.right])
        for k, (dot, debt, words) in enumerate(zip(self.dots, self.debts, self.numbers, strict=True)):
            dot.set_xdata([state.scores[k]])
            words.set_x(np.clip(state.scores[k], LOW + 2.5, HIGH - 2.5))
            ends = [score - state.margin, state.scores[k]] if state.pays[k] > 0 else []
            debt.set_data(ends, [k] * len(ends))
            role = "right" if k == state.right else f"pays {number(state.pays[k])}"
            words.set_text(f"{number(state.scores[k])}, {role}")
        both = (state.hinge_curve, state.hinge), (state.softmax_curve, state.softmax)
        for curve, point, (values, value) in zip(self.curves, self.points, both, strict=True):
            curve.set_data(state.axis, values)
            point.set_data([score], [min(value, TOP)])
        # Both curves fall: up to the right of the upper dot there is room for their names.
        height = min(max(state.hinge, state.softmax), TOP - 3.5)
        for name, (kind, value, up) in zip(
            self.names, (("hinge", state.hinge, 1.9), ("softmax", state.softmax, 0.4)), strict=True
        ):
            name.set_text(f"{kind} {number(value)}")
            name.set_position((score + 0.9, height + up))

    def said(self) -> str:
        state = self.state
        right, margin = state.scores[state.right], state.margin
        pay = [
            f"{name} pays {number(score)} − {bracketed(right)} + {number(margin)} = {number(paid)}"
            for name, score, paid in zip(CLASSES, state.scores, state.pays, strict=True)
            if paid > 1e-9
        ]
        if pay:
            return f"The {' and the '.join(pay)}: hinge loss {number(state.hinge)}."
        lead = number(right - np.delete(state.scores, state.right).max())
        name, softmax = CLASSES[state.right], number(state.softmax)
        return (
            f"Nobody pays: the {name} leads by {lead}, Δ = {number(margin)}; the softmax loss is {softmax}."
        )


def number(value: float) -> str:
    """At most two digits behind the point, which are all that scores have; a true minus sign."""
    return signed(f"{round(value, 2) + 0.0:.2f}".rstrip("0").rstrip("."))


def bracketed(value: float) -> str:
    """The same, in brackets where it is negative."""
    return f"({number(value)})" if value < 0 else number(value)


show = shows(MarginDemo)
