"""A network learns to tell two classes of points apart, live: what each of its units sees while it trains."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lib import plots
from lib.blas import one_thread
from lib.demos.kit import Choice, Demo, LogSlider, Pick, Slider, Time, shows
from lib.demos.kit.points import Point
from lib.demos.kit.rounded import rounded
from lib.demos.kit.spray import Spray
from lib.demos.kit.touch import Mark, Values
from lib.demos.network_picture import (
    HEIGHT,
    WIDTH,
    NetworkScreen,
    PlaneScreen,
    is_drawn,
    line_ends,
    places,
)
from lib.demos.network_weights import Edit, Line, Weights
from lib.demos.points_2d import EDGE, SHAPES
from lib.demos.training_2d import ACTIVATIONS, MOST_LAYERS, MOST_UNITS, VALIDATION, Training
from lib.nn.activations import sigmoid

LAST = 400  # steps
GRID = 80  # cells along each side of the plane
CLASSES = ("blue", "orange")
MOST_SEEN = 2 + MOST_LAYERS * MOST_UNITS  # maps: of the two inputs and of every unit
STRIP = 1.1 * EDGE  # of the plane's axes: where the words above the plane stand
LOWEST, HIGHEST = 1e-3, 10.0  # losses that are shown
NETWORK = ("data", "noise", "layers", "units", "activation")  # what makes a network and its points


class State(NamedTuple):
    """The network after a step, and what it makes of the plane.

    X, y: the training points (N, 2) and their classes (N,), 0 and 1
    outputs: of the input and of each hidden layer, (units, GRID, GRID), from the plane's upper left corner
    matrices: the weights (units behind, units before) of each Linear
    scores: (GRID, GRID), positive for class 1
    chance: (GRID, GRID), probability of class 1
    losses, accuracies: (step + 1, 2), of training and validation points after each step; nats, and 0…1
    changes: steps at which learning rate, penalty, points or a weight changed
    rate, penalty: as they are now
    seen: which map the plane shows: 0, the answer; from 1 on inputs and units, counted through the layers,
        and the last one where there are fewer
    adds: the class that a click adds
    """

    X: np.ndarray
    y: np.ndarray
    outputs: list[np.ndarray]
    matrices: list[np.ndarray]
    scores: np.ndarray
    chance: np.ndarray
    losses: np.ndarray
    accuracies: np.ndarray
    changes: list[int]
    rate: float
    penalty: float
    seen: int
    adds: str


def plane() -> np.ndarray:
    """The middles of the cells of the plane, float32 (GRID², 2), row by row from the upper left corner."""
    ticks = EDGE * (2 * np.arange(GRID, dtype=np.float32) + 1 - GRID) / GRID
    return np.stack(np.meshgrid(ticks, -ticks), axis=2).reshape(-1, 2)


def compute(
    training: Training,
    step: int,
    rate: float,
    penalty: float,
    moved: tuple[Point, ...] | None = None,
    seen: int = 0,
    adds: str = CLASSES[0],
    edit: Edit | None = None,
) -> State:
    """Trains up to a step, or goes back to it, and looks at the plane; arguments as in `Training.go`."""
    with one_thread():  # many small products
        training.go(step, rate, penalty, moved, edit)
        cells, model = plane(), training.model
        scores = model.forward(cells).reshape(GRID, GRID)
    hidden = [model[index].output for index in range(1, len(model) - 1, 2)]
    outputs = [output.T.reshape(-1, GRID, GRID) for output in (cells, *hidden)]
    return State(
        X=training.X,
        y=training.y,
        outputs=outputs,
        matrices=training.matrices,
        scores=scores,
        chance=sigmoid(scores),
        losses=np.array([moment.losses for moment in training.moments[: step + 1]]),
        accuracies=np.array([moment.accuracies for moment in training.moments[: step + 1]]),
        changes=[change for change in training.changes if change <= step],
        rate=rate,
        penalty=penalty,
        seen=min(seen, sum(map(len, outputs))),
        adds=adds,
    )


class Kinds(Pick):
    """The two classes beside the words "a click adds"."""

    hint = "choose ● or ■"


class Seen(Slider):
    """The number of the map that the plane shows; chosen in the picture of the network."""

    def widget(self) -> None:
        """It has none."""


class Adds(Choice):
    """The class that a click adds; chosen beside the plane."""

    def widget(self) -> None:
        """It has none."""


class Units(Pick):
    """The maps in the network: the pointer or the focus over one shows it large, for as long as it is there.

    A click keeps it, and another click brings the answer back.
    """

    hint = "point at a unit"

    def marks(self, demo: Any) -> list[Mark]:
        side = demo.side
        return [mark._replace(w=side, h=side, hover=True) for mark in super().marks(demo)]

    def picked(self, demo: Any, index: int) -> Values:
        chosen = super().picked(demo, index)
        if chosen[self.control] != demo.values[self.control]:
            return chosen
        demo.glanced = 0
        return {self.control: 0}

    def hovered(self, demo: Any, index: int | None, place: tuple[float, float] | None) -> bool:
        before, demo.glanced = demo.glanced, 0 if index is None else index + 1
        return demo.glanced != before


class Classifier2DDemo(Demo):
    title = "A network learns to tell two classes apart"
    alt = (
        "Left: the network, each unit with a small map of its output over the plane, blue where positive "
        "and orange where negative, and weights as lines between them. Middle: the training points of two "
        "classes, circles and squares, on the plane shaded in the probability of the class, or in the output "
        "of one unit. Right: the loss of training and validation points over the steps."
    )
    ask = "Predict, then press play: how many units fence in a ring? Then add a point where it hurts."
    size = (10, 3.5)
    tall_size = (4.8, 9.8)
    presets = {
        "XOR, no hidden layer": {"data": "XOR", "layers": 0},
        "XOR, four units": {"data": "XOR", "units": 4},
        "A ring: two units": {"units": 2},
        "A ring: three units": {"units": 3, "rate": 0.1},
        "Deep, but all linear": {"data": "spiral", "layers": 4, "units": 8, "activation": "identity"},
        "Spiral, 3 × 8 tanh": {"data": "spiral", "layers": 3, "units": 8, "noise": 0.05},
        "Too large a rate": {"data": "spiral", "layers": 3, "units": 8, "noise": 0.05, "rate": 1.0},
        "Overfits": {"data": "moons", "noise": 0.6, "layers": 3, "units": 16, "step": LAST},
        "The same, regularised": {
            "data": "moons", "noise": 0.6, "layers": 3, "units": 16, "penalty": 0.01, "step": LAST,
        },
        "Draw your own": {"moved": ((-1.0, 0.0, 0), (1.0, 0.0, 1)), "units": 8},
    }  # fmt: skip

    step = Time(LAST, interval=40, label="step")
    data = Choice(tuple(SHAPES))
    layers = Slider(0, MOST_LAYERS, start=1, label="hidden layers")
    noise = Slider(0.0, 1.0, start=0.1, step=0.05)
    units = Slider(1, MOST_UNITS, start=6, label="units in each")
    activation = Choice(tuple(ACTIVATIONS))
    rate = LogSlider(-4, 0, start=-1.5, label="learning rate")
    penalty = LogSlider(-5, 0, start=-5, label="L2 penalty")
    seen = Seen(0, MOST_SEEN, start=0, label="map shown")
    adds = Adds(CLASSES, label="a click adds")
    edit = Weights(axes="network_axes", lines="lines", made_by=NETWORK)
    unit = Units("seen", spots="unit_spots", axes="network_axes", size=(1, 1))
    kind = Kinds("adds", spots="kind_spots", axes="plane", size=(0.5, 0.5))
    moved = Spray(
        axes="plane",
        own="training_points",
        classes=CLASSES,
        span=(0.05 - EDGE, EDGE - 0.05) * 2,
        adds="adds",
        made_by=("data", "noise"),
        most=300,
    )

    training: Training | None = None  # of these settings of the network and its points
    network: dict[str, Any] = {}
    edited = False  # whether a hand has set one of its weights
    glanced = 0  # like `seen`: the map that the pointer is over; 0 for none
    at_hand = 0  # the weight that the pointer was next to

    def compute(
        self,
        step: int,
        rate: float,
        penalty: float,
        seen: int,
        adds: str,
        moved: tuple[Point, ...] | None,
        edit: Edit | None,
        **network: Any,
    ) -> State:
        """A change of the network or of its points starts anew, and trains as far as time has come.

        Points that a hand moves don't, nor a weight that it sets: the network goes on from where it is.
        At the last step nothing is left to train: another rate or penalty trains the whole course anew.
        """
        settings = (rate, penalty, moved, edit)
        whole = step == LAST and moved is None and edit is None
        if (
            self.training is None
            or self.network != network
            or (self.edited and edit is None)
            or (whole and self.training.settings != settings)
        ):
            self.training, self.network = Training(**network), network
        self.edited = edit is not None
        if edit and edit.weight >= self.training.last_weights:
            edit = edit._replace(number=-edit.number)  # its line is drawn with its sign turned
        return compute(self.training, step, rate, penalty, moved, seen, adds, edit)

    # ---- What can be touched.

    def training_points(self) -> list[Point]:
        return list(zip(*self.state.X.T.tolist(), self.state.y.tolist(), strict=True))

    def unit_spots(self) -> list[tuple[int, float, float, str]]:
        return [
            (number, left + self.side / 2 - 0.5, top + self.side / 2 - 0.5, unit_name(number, self.widths))
            for number, (left, top) in enumerate(self.corners.tolist(), start=1)
        ]

    def lines(self) -> tuple[np.ndarray, np.ndarray, Callable[[int], Line]]:
        """For `Weights`: all ends, which lines are drawn, and each by its number."""
        ends = line_ends(self.widths) - 0.5

        def line(weight: int) -> Line:
            name = weight_name(weight, self.widths)
            number = np.concatenate([W.ravel() for W in self.matrices])[weight]
            return Line(tuple(ends[weight].tolist()), name, float(number))

        return ends, is_drawn(self.matrices), line

    def kind_spots(self) -> list[tuple[str, float, float, str]]:
        return [(name, EDGE - 0.9 + 0.6 * c, STRIP, f"a click adds {name}") for c, name in enumerate(CLASSES)]

    # ---- The picture.

    def arrange(self, figure: Figure) -> tuple[Axes, Axes, Axes]:
        figure.set_layout_engine("none")
        across, up = (100 * inches for inches in figure.get_size_inches())

        def place(left: float, bottom: float, width: float, height: float) -> Axes:
            return figure.add_axes((left / across, bottom / up, width / across, height / up))

        if self.tall:
            network = place(65, 640, WIDTH, HEIGHT)
            return network, place(40, 200, 400, 400), place(75, 50, 290, 110)
        network = place(4, 8, WIDTH, HEIGHT)
        return network, place(6 + WIDTH, 8, HEIGHT, HEIGHT), place(750, 55, 150, HEIGHT - 57)

    def draw(self, axes: tuple[Axes, Axes, Axes]) -> None:
        self.network_axes, self.plane, loss = axes
        figure = loss.get_figure(root=True)
        assert figure is not None
        look: dict[str, Any] = {"paper": self.paper, "ink": self.ink}
        self.units_seen = NetworkScreen(self.network_axes, **look)
        self.names = [
            self.network_axes.text(0, -12, "", ha="center", va="center", fontsize=12)
            for _ in range(MOST_LAYERS + 1)
        ]

        self.map = PlaneScreen(self.plane, **look)
        self.map.set(zorder=0.6, extent=(-EDGE, EDGE, -EDGE, EDGE))
        look = {"markeredgecolor": self.paper, "linestyle": "none"}
        shapes = tuple(zip(plots.MARKERS, plots.COLORS, strict=False))[:2]
        self.points = [
            self.plane.plot([], [], marker, color=color, markersize=8, zorder=3, **look)[0]
            for marker, color in shapes
        ]
        words: dict[str, Any] = {"va": "center", "fontsize": 12, "zorder": 3}
        self.what = self.plane.text(-EDGE, STRIP, "", **words)
        self.plane.text(EDGE - 1.3, STRIP, "a click adds", ha="right", **words)
        for (_, x, y, _), (marker, color) in zip(self.kind_spots(), shapes, strict=True):
            self.plane.plot(x, y, marker, color=color, markersize=9, clip_on=False, zorder=3, **look)
        self.kind_ring = self.plane.plot(
            [], [], "o", color=self.ink, fillstyle="none", markersize=16, clip_on=False, zorder=3
        )[0]
        self.plane.set(xlim=(-EDGE, EDGE), ylim=(-EDGE, EDGE))

        colors = plots.COLORS[5], self.ink
        self.curves = [
            loss.plot([], [], marker, color=color, markevery=[-1], linewidth=1.8, zorder=2.7, clip_on=False)[
                0
            ]
            for marker, color in zip(("s-", "o-"), colors, strict=True)
        ]
        self.ends = [
            loss.text(0, 1, name, color=color, va="center", fontsize=12, zorder=2.8)
            for name, color in zip(("training", "validation"), colors, strict=True)
        ]
        loss.axhline(np.log(2), color=plots.COLORS[8], linewidth=1, linestyle="--", zorder=0)
        self.marks = loss.plot([], [], "|", color=self.ink, markersize=12, zorder=2.8)[0]
        loss.set(yscale="log", xlim=(0, LAST), ylim=(LOWEST, HIGHEST), xlabel="step")
        above: dict[str, Any] = {"xycoords": "axes fraction", "textcoords": "offset points"}
        loss.annotate("loss (nats)", (0, 1), (-30, 9), fontsize=12, **above)
        box = loss.get_position()
        self.settings = figure.text(
            0.995, box.y1 + 0.125 / figure.get_figheight(), "", ha="right", color=plots.COLORS[8], fontsize=11
        )
        decades = np.log10(HIGHEST / LOWEST)
        self.apart = 0.18 * decades / (box.height * figure.get_figheight())
        loss.set_xticks((0, 200, 400))
        loss.set_yticks((0.001, 0.01, 0.1, np.log(2), 10), ("0.001", "0.01", "0.1", "guess", "10"))
        loss.minorticks_off()

    def update(self, state: State) -> None:
        self.state, self.widths = state, tuple(len(output) for output in state.outputs)
        # The last score is shown with its sign turned: blue, class 0, is positive, as everywhere.
        self.matrices = [*state.matrices[:-1], -state.matrices[-1]]
        large = min(self.glanced, sum(self.widths)) or state.seen
        self.units_seen.show(state.outputs, self.matrices, large - 1)
        self.side, layers = places(self.widths)
        self.corners = np.concatenate(layers)
        for k, name in enumerate(self.names):
            if k < len(layers):
                name.set_x(max(24, layers[k][:, 0].mean() + self.side / 2))
            name.set_text(("input", "layer 1", "2", "3", "4")[k] if k < len(layers) else "")

        if large:
            self.map.show(np.concatenate(state.outputs)[large - 1], squash=False)
        else:
            self.map.show(-state.scores, squash=True)
        self.what.set_text(unit_name(large, self.widths))
        _, x, y, _ = self.kind_spots()[CLASSES.index(state.adds)]
        self.kind_ring.set_data([x], [y])
        for c, points in enumerate(self.points):
            points.set_data(*state.X[state.y == c].T)

        steps, seen = np.arange(len(state.losses)), np.clip(state.losses, LOWEST, HIGHEST)
        for curve, values in zip(self.curves, seen.T, strict=True):
            curve.set_data(steps, values)
        self.marks.set_data(state.changes, np.full(len(state.changes), 1.5 * LOWEST))
        self.settings.set_text(f"rate {rounded(state.rate, 2)}, L2 {rounded(state.penalty, 2, zeros=True)}")
        known = [k for k in (0, 1) if np.isfinite(seen[-1, k])]
        heights = np.log10(np.maximum(seen[-1], LOWEST * 10**self.apart))
        placed = beside_the_guess(heights[known], self.apart)
        for k, name in enumerate(self.ends):
            name.set_visible(k in known)
            if k in known:
                name.set_position((steps[-1] + 20, 10.0 ** placed[known.index(k)]))

    def said(self) -> str:
        """How many points are on the wrong side, and whether the validation loss has been lower."""
        state, step = self.state, len(self.state.losses) - 1
        losses, known = state.losses, bool(np.isfinite(state.losses[-1, 1]))
        kinds = ("training points", "validation points") if known else ("points of your own",)
        counts = (len(state.X), VALIDATION)[: len(kinds)]
        wrong = [round((1 - right) * n) for right, n in zip(state.accuracies[-1], counts, strict=False)]
        groups = [
            f"{bad} of {n} {kind if n != 1 else kind.replace('points', 'point', 1)}"
            for bad, n, kind in zip(wrong, counts, kinds, strict=True)
        ]
        verb = "is" if len(groups) == 1 and wrong[0] == 1 else "are"
        when = f"After {step} step{'' if step == 1 else 's'}" if step else "Before training,"
        words = f"{when} {' and '.join(groups)} {verb} on the wrong side"
        if not known:
            return f"{words}; the loss is {rounded(losses[-1, 0], 2, zeros=True)}."
        mean, of_validation = (rounded(loss, 2, zeros=True) for loss in losses[-1])
        words += f"; the loss is {mean}, of validation points {of_validation}"
        best = int(losses[:, 1].argmin())
        if losses[-1, 1] > 1.1 * losses[best, 1]:
            steps = f"{best} step{'' if best == 1 else 's'}"
            words += f" (only {rounded(losses[best, 1], 2, zeros=True)} after {steps})"
        return f"{words}."


def beside_the_guess(heights: np.ndarray, least: float) -> np.ndarray:
    """One or two heights, moved so that names there are `least` apart and the line of the guess strikes none.

    heights: (1,) or (2,), log₁₀ of losses
    """
    guess, order = np.log10(np.log(2)), np.argsort(heights, kind="stable")
    placed = heights[order]
    if len(placed) == 2:
        spare = max(0.0, least - (placed[1] - placed[0])) / 2
        placed = placed + np.array([-spare, spare])
    near = np.abs(placed - guess) < least / 2
    placed = np.where(near, guess + np.where(placed < guess, -least, least) / 2, placed)
    if len(placed) == 2 and placed[1] - placed[0] < least:  # both on the same side of it
        if placed[0] > guess:
            placed[1] = placed[0] + least
        else:
            placed[0] = placed[1] - least
    return placed[np.argsort(order)]


def unit_name(number: int, widths: tuple[int, ...]) -> str:
    """What map this number of `State.seen` means, in a network of so many inputs and units a layer.

    >>> [unit_name(number, (2, 6, 6)) for number in (0, 2, 3, 9)]
    ['the answer', 'input 2', 'layer 1, unit 1', 'layer 2, unit 1']
    """
    left = number
    for layer, width in enumerate(widths):
        if 1 <= left <= width:
            return f"layer {layer}, unit {left}" if layer else f"input {left}"
        left -= width
    return "the answer"


def weight_name(weight: int, widths: tuple[int, ...]) -> str:
    """Between which units a weight stands, counted as in `network_picture.line_ends`.

    >>> [weight_name(weight, (2, 6)) for weight in (0, 3, 12)]
    ['input 1 → unit 1', 'input 2 → unit 2', 'unit 1 → the answer']
    """
    first = 1  # the number of the first unit of this layer
    for before, behind in pairwise((*widths, 1)):
        if weight < before * behind:
            to, of = divmod(weight, before)
            names = unit_name(first + of, widths), unit_name(first + before + to, widths)
            return " → ".join(names).replace("layer 1, ", "" if len(widths) == 2 else "layer 1, ")
        weight -= before * behind
        first += before
    raise ValueError(f"weight: expected one of the network's weights, got {weight} more than there are")


show = shows(Classifier2DDemo)
