"""From scores to a loss: exponentiate, normalise, take −log of the right class's share."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lib import plots
from lib.checks import check_choice, check_number
from lib.classifiers.losses import cross_entropy, hinge, softmax
from lib.demos.kit import Choice, Demo, Handle, Pick, Slider, shows
from lib.demos.kit.looks import signed
from lib.demos.kit.touch import Mark

CLASSES = ("cat", "car", "frog")
LIMIT = 6.0  # scores go from −LIMIT to LIMIT


class State(NamedTuple):
    """The four stages of the softmax loss for one image, and the hinge loss of the same scores."""

    scores: np.ndarray  # (3,) unnormalised log probabilities
    powers: np.ndarray  # (3,) e^score, unnormalised probabilities
    probabilities: np.ndarray  # (3,) powers over their sum
    right: int  # index of the right class
    loss: float  # −log probability of the right class, nats
    hinge: float  # multiclass SVM loss of the same scores, margin 1


def compute(cat: float, car: float, frog: float, right: str) -> State:
    """Softmax loss of the scores of a cat, a car and a frog, where `right` is the true class.

    Raises `ValueError` where a score is not finite, or `right` is none of the three.
    Source: deck A1, "Softmax Classifier".

    >>> state = compute(3.2, 5.1, -1.7, "cat")
    >>> state.powers.round(1), state.probabilities.round(2), round(state.loss, 2)
    (array([ 24.5, 164. ,   0.2]), array([0.13, 0.87, 0.  ]), 2.04)
    """
    scores = np.array([
        check_number(score, name=name) for name, score in zip(CLASSES, (cat, car, frog), strict=True)
    ])  # fmt: skip
    check_choice(right, CLASSES, name="right")
    index = CLASSES.index(right)
    row, label = scores[None], np.array([index])
    return State(
        scores=scores,
        powers=np.exp(scores),
        probabilities=softmax(scores),
        right=index,
        loss=cross_entropy(row, label)[0],
        hinge=hinge(row, label)[0],
    )


class Bar(Handle):
    """The end of a score's bar, to drag up and down."""

    def __init__(self, name: str):
        super().__init__(y=name, axes="scores", label="a bar of the scores")

    def marks(self, demo: Demo) -> list[Mark]:
        (mark,) = super().marks(demo)
        return [mark._replace(x=CLASSES.index(self.y), name=mark.name.partition(": ")[2])]


class SoftmaxLossDemo(Demo):
    title = "Scores → exp → normalise → −log"
    alt = (
        "Three bars a stage for cat, car and frog: their scores, the powers of e, and the shares of the sum, "
        "the right class in full colour; at the end the curve −log p and a dot at the right class's share."
    )
    ask = "Predict, then drag the bars of the scores: when is the loss exactly log 3 = 1.10?"
    size = (10, 4.7)
    tall_size = (5.0, 6.4)
    presets = {
        "The lecture's cat": {"cat": 3.2, "car": 5.1, "frog": -1.7},
        "No idea": {"cat": 0, "car": 0, "frog": 0},
        "Sure and right": {"cat": 6, "car": -2, "frog": -3},
        "Sure and wrong": {"cat": -4, "car": 6, "frog": -1},
        "All scores − 3": {"cat": 0.2, "car": 2.1, "frog": -4.7},
    }

    cat = Slider(-LIMIT, LIMIT, start=3.2, step=0.1, label="score of cat")
    car = Slider(-LIMIT, LIMIT, start=5.1, step=0.1, label="score of car")
    frog = Slider(-LIMIT, LIMIT, start=-1.7, step=0.1, label="score of frog")
    right = Choice(CLASSES, label="right class")
    bar_of_cat, bar_of_car, bar_of_frog = Bar("cat"), Bar("car"), Bar("frog")
    chosen = Pick(
        "right", spots="shares_of_classes", axes="shares", size=(0.9, 1.1),
        hint="Click a share: its class becomes the right one",
    )  # fmt: skip

    compute = staticmethod(compute)

    def shares_of_classes(self) -> list[tuple[str, float, float, str]]:
        shares = self.state.probabilities
        return [(name, k, 0.55, f"{name}: p = {shares[k]:.3g}") for k, name in enumerate(CLASSES)]

    def arrange(self, figure: Figure) -> tuple[Axes, ...]:
        return tuple(figure.subplots(2, 2).flat) if self.tall else tuple(figure.subplots(1, 4))

    def draw(self, axes: tuple[Axes, ...]) -> None:
        self.scores, _, self.shares, curve = axes
        stages = (
            ("scores s", (-LIMIT * 1.25, LIMIT * 1.25)),
            ("exp: eˢ", (0, 480)),
            ("normalise: p", (0, 1.14)),
        )
        self.bars, self.numbers = [], []
        for ax, (title, limits) in zip(axes, stages, strict=False):
            self.bars.append(ax.bar(range(3), np.zeros(3), color=plots.COLORS[:3], width=0.7, zorder=3))
            self.numbers.append([ax.text(k, 0, "", ha="center", zorder=3) for k in range(3)])
            ax.set(title=title, ylim=limits, xlim=(-0.6, 2.6), yticks=[])
            ax.spines["left"].set_visible(False)
            ax.tick_params(axis="x", length=0)
            ax.set_xticks(range(3), CLASSES)
        self.scores.axhline(0, color=self.ink, linewidth=1)
        self.scores.spines["bottom"].set_visible(False)
        self.ends = self.scores.plot(
            range(3), [0] * 3, "o", color=self.paper, markeredgecolor=self.ink, markersize=9, zorder=3.5
        )[0]

        p = np.geomspace(1e-6, 1, 400)
        curve.plot(p, -np.log(p), color=self.ink)
        self.point = curve.plot([1], [0], "o", markersize=12, clip_on=False, zorder=3)[0]
        self.text = curve.text(0.98, 11.8, "", ha="right", va="top", linespacing=1.5)
        curve.set(
            title="loss: −log p",
            xlabel="p of the right class",
            xlim=(0, 1),
            ylim=(0, 12.5),
            yticks=(0, 4, 8, 12),
        )
        curve.set_xticks([0, 0.5, 1], ["0", "½", "1"])
        curve.set_ylabel("nats")
        curve.grid(axis="y", color=self.faint)
        for ax in axes:
            ax.title.set_zorder(0)  # below what moves, so that a frame need not paint it again

    def update(self, state: State) -> None:
        self.state = state
        stages = (
            (state.scores, 0.75, "{:.1f}"),
            (state.powers, 8, "{:.1f}"),
            (state.probabilities, 0.02, "{:.2f}"),
        )
        for (values, gap, form), bars, numbers in zip(stages, self.bars, self.numbers, strict=True):
            for k, (value, bar, number) in enumerate(zip(values, bars, numbers, strict=True)):
                bar.set_height(value)
                bar.set_alpha(1.0 if k == state.right else 0.35)
                number.set_position((k, value + gap if value >= 0 else value - gap))
                number.set_verticalalignment("bottom" if value >= 0 else "top")
                number.set_text(signed(form.format(value)))
        for power, number in zip(state.powers, self.numbers[1], strict=True):
            if power < 1:
                number.set_text(f"{power:.2g}")
        self.ends.set_ydata(state.scores)
        p = state.probabilities[state.right]
        self.point.set_data([p], [state.loss])
        self.point.set_color(plots.COLORS[state.right])
        self.text.set_text(f"{state.loss:.2f} nats\n(hinge: {state.hinge:.1f})")

    def said(self) -> str:
        state = self.state
        name, power = CLASSES[state.right], state.powers[state.right]
        p, more = state.probabilities[state.right], state.loss - np.log(3)
        loss = f"{state.loss:.2f}" if state.loss >= 0.01 else f"{state.loss:.2g}"
        beside = f"{abs(more):.2f} {'more' if more > 0 else 'less'} than" if abs(more) >= 0.005 else "just"
        return signed(
            f"The {name} gets {power:.3g} of {state.powers.sum():.4g}, p = {p:.4g}: "
            f"its loss is −log p = {loss} nats, {beside} log 3."
        )


show = shows(SoftmaxLossDemo)
