"""A network learns to tell two classes of points apart, live: what each of its units sees while it trains."""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lib import plots
from lib.blas import one_thread
from lib.demos.kit import Choice, Demo, LogSlider, Slider, Time, shows
from lib.demos.kit.rounded import rounded
from lib.demos.kit.screen import Screen, dots
from lib.demos.network_picture import HEIGHT, WIDTH, paint, places, shades
from lib.demos.points_2d import EDGE, SHAPES
from lib.demos.training_2d import ACTIVATIONS, MOST_LAYERS, MOST_UNITS, Training
from lib.nn.activations import sigmoid

LAST = 400  # steps
GRID = 80  # cells along each side of the plane
LEFT, PLANE, SIDE = 8, 372, 320  # dots: edges of the network and of the plane, and the plane's side
LOWEST, HIGHEST = 1e-3, 10.0  # losses that are shown


class State(NamedTuple):
    """The network after a step, and what it makes of the plane.

    X, y: the training points (N, 2) and their classes (N,), 0 and 1
    outputs: of the input and of each hidden layer, (units, GRID, GRID), from the plane's upper left corner
    matrices: the weights (units behind, units before) of each Linear
    chance: (GRID, GRID), probability of class 1
    losses, accuracies: (step + 1, 2), of training and test points after each step; nats, and 0…1
    changes: steps at which learning rate or penalty changed
    rate, penalty: as they are now
    """

    X: np.ndarray
    y: np.ndarray
    outputs: list[np.ndarray]
    matrices: list[np.ndarray]
    chance: np.ndarray
    losses: np.ndarray
    accuracies: np.ndarray
    changes: list[int]
    rate: float
    penalty: float


def plane() -> np.ndarray:
    """The middles of the cells of the plane, float32 (GRID², 2), row by row from the upper left corner."""
    ticks = EDGE * (2 * np.arange(GRID, dtype=np.float32) + 1 - GRID) / GRID
    return np.stack(np.meshgrid(ticks, -ticks), axis=2).reshape(-1, 2)


def compute(training: Training, step: int, rate: float, penalty: float) -> State:
    """Trains up to a step, or goes back to it, and looks at the plane; arguments as in `Training.go`."""
    with one_thread():  # many small products
        training.go(step, rate, penalty)
        cells, model = plane(), training.model
        scores = model.forward(cells)
    hidden = [model[index].output for index in range(1, len(model) - 1, 2)]
    return State(
        X=training.X,
        y=training.y,
        outputs=[output.T.reshape(-1, GRID, GRID) for output in (cells, *hidden)],
        matrices=training.matrices,
        chance=sigmoid(scores).reshape(GRID, GRID),
        losses=np.array([moment.losses for moment in training.moments[: step + 1]]),
        accuracies=np.array([moment.accuracies for moment in training.moments[: step + 1]]),
        changes=[change for change in training.changes if change <= step],
        rate=rate,
        penalty=penalty,
    )


class Classifier2DDemo(Demo):
    title = "A network learns to tell two classes apart"
    alt = (
        "Left: the network, each unit with a small map of its output over the plane, orange where positive "
        "and blue where negative, and weights as lines between them. Middle: the training points of two "
        "classes, circles and squares, on the plane shaded in the probability of the class. Right: the loss "
        "of training and test points over the steps."
    )
    size = (10, 4.6)
    presets = {
        "XOR, no hidden layer": {"data": "XOR", "layers": 0},
        "XOR, four units": {"data": "XOR", "units": 4},
        "A ring: two units": {"units": 2},
        "A ring: three units": {"units": 3, "rate": 0.1},
        "Deep, but all linear": {"data": "spiral", "layers": 4, "units": 8, "activation": "identity"},
        "Spiral, 3 × 8 tanh": {"data": "spiral", "layers": 3, "units": 8, "noise": 0.05},
        "Too large a rate": {"data": "spiral", "layers": 3, "units": 8, "noise": 0.05, "rate": 1.0},
        "Overfits": {"data": "moons", "noise": 0.6, "layers": 3, "units": 16},
        "The same, regularised": {"data": "moons", "noise": 0.6, "layers": 3, "units": 16, "penalty": 0.01},
    }

    step = Time(LAST, interval=40, label="training step")
    data = Choice(tuple(SHAPES))
    layers = Slider(0, MOST_LAYERS, start=1, label="hidden layers")
    noise = Slider(0.0, 1.0, start=0.1, step=0.05)
    units = Slider(1, MOST_UNITS, start=6, label="units in each")
    activation = Choice(tuple(ACTIVATIONS))
    rate = LogSlider(-4, 0, start=-1.5, label="learning rate")
    penalty = LogSlider(-5, 0, start=-5, label="L2 penalty")

    training: Training | None = None  # of these settings of the network and its points
    network: dict[str, Any] = {}

    def compute(self, step: int, rate: float, penalty: float, **network: Any) -> State:
        """A change of the network or of its points starts anew, and trains as far as time has come."""
        if self.training is None or self.network != network:
            self.training, self.network = Training(**network), network
        return compute(self.training, step, rate, penalty)

    def arrange(self, figure: Figure) -> tuple[Axes, Axes, Axes]:
        plane = dots(figure, PLANE, 68, SIDE)
        width, height = figure.get_size_inches() * figure.dpi
        network = figure.add_axes((LEFT / width, 28 / height, WIDTH / width, HEIGHT / height))
        return network, plane, figure.add_axes((0.79, 0.148, 0.185, 0.696))

    def draw(self, axes: tuple[Axes, Axes, Axes]) -> None:
        network, plane, loss = axes
        figure = plane.figure
        self.units_seen = Screen(network, (HEIGHT, WIDTH))
        self.names = [figure.text(0, 0.925, "", ha="center", fontsize=12) for _ in range(MOST_LAYERS + 1)]

        self.shades = shades(0.6)
        self.map = Screen(plane, (GRID, GRID))
        self.map.set(zorder=2.6, extent=(-EDGE, EDGE, -EDGE, EDGE))
        plane.set_axis_on()
        look: dict[str, Any] = {
            "markersize": 6,
            "markeredgecolor": "black",
            "markeredgewidth": 0.7,
            "zorder": 3,
        }
        self.points = [plane.plot([], [], plots.MARKERS[c], color=plots.COLORS[c], **look)[0] for c in (0, 1)]
        plane.set(xlabel="$x_1$", xlim=(-EDGE, EDGE), ylim=(-EDGE, EDGE))
        plane.set_ylabel("$x_2$", labelpad=-3)
        plane.set(xticks=(-2, 0, 2), yticks=(-2, 0, 2))
        self.right = figure.text(0.532, 0.925, "", ha="center", fontsize=13)

        guess: dict[str, Any] = {
            "color": plots.COLORS[8],
            "linewidth": 1,
            "linestyle": "--",
            "label": "guessing",
        }
        self.curves = [
            loss.plot([], [], marker, color=color, markevery=[-1], linewidth=1.8, label=label, zorder=2.7)[0]
            for marker, color, label in (
                ("s-", plots.COLORS[5], "training"),
                ("o-", plots.COLORS[7], "test"),
            )
        ]
        loss.axhline(np.log(2), zorder=0, **guess)  # made after the curves, to stand below them in the legend
        self.marks = loss.plot([], [], "|", color="black", markersize=12, zorder=2.8)[0]
        loss.set(
            yscale="log", xlim=(0, 1.03 * LAST), ylim=(LOWEST, HIGHEST), xlabel="step", ylabel="loss (nats)"
        )
        loss.set_xticks((0, 200, 400))
        loss.set_yticks((0.001, 0.01, 0.1, 1, 10), ("0.001", "0.01", "0.1", "1", "10"))
        loss.minorticks_off()
        loss.legend(loc="upper right", fontsize=12, labelspacing=0.2).set_zorder(0.5)
        self.loss = figure.text(0.8825, 0.925, "", ha="center", fontsize=13)
        self.settings = figure.text(0.8825, 0.865, "", ha="center", fontsize=12)

    def update(self, state: State) -> None:
        self.units_seen.set_data(paint(state.outputs, state.matrices))
        side, layers = places(tuple(len(output) for output in state.outputs))
        for k, name in enumerate(self.names):
            if k < len(layers):
                left, _ = layers[k].mean(axis=0)
                name.set_x((LEFT + left + side / 2) / name.figure.bbox.width)
            name.set_text(("input", "layer 1", "2", "3", "4")[k] if k < len(layers) else "")

        self.map.set_data(self.shades[(255 * state.chance).astype(np.uint8)])
        for c, points in enumerate(self.points):
            points.set_data(*state.X[state.y == c].T)

        steps, seen = np.arange(len(state.losses)), np.clip(state.losses, LOWEST, HIGHEST)
        for curve, values in zip(self.curves, seen.T, strict=True):
            curve.set_data(steps, values)
        self.marks.set_data(state.changes, np.full(len(state.changes), 1.5 * LOWEST))
        digits = partial(rounded, digits=3, zeros=True)
        (on_training, on_test), (training, test) = state.losses[-1], 100 * state.accuracies[-1]
        self.right.set_text(f"step {steps[-1]}: {training:.0f}% right, test {test:.0f}%")
        self.loss.set_text(f"loss {digits(on_training)}, test {digits(on_test)}")
        self.settings.set_text(f"rate {state.rate:.2g}, L2 {state.penalty:.1g}")
        self.state = state

    def said(self) -> str:
        """The numbers of the picture and the settings, in a line."""
        now, losses, percent = self.values, self.state.losses[-1], 100 * self.state.accuracies[-1]
        hidden = (
            f"{now['layers']} × {now['units']} {now['activation']}" if now["layers"] else "no hidden layer"
        )
        return (
            f"Step {now['step']}: loss {losses[0]:.4f}, test {losses[1]:.4f}; "
            f"right {percent[0]:.0f}%, test {percent[1]:.0f}%; "
            f"{now['data']}, {hidden}, rate {now['rate']:.2g}, L2 {now['penalty']:.1g}"
        )


show = shows(Classifier2DDemo)
