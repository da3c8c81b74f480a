"""Feature maps while a small convnet trains: what each filter finds in a picture, step by step."""

from __future__ import annotations

from typing import Any, NamedTuple

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from data_loaders import Dataset
from lib import nn, plots
from lib.checks import check_choice, check_whole
from lib.demos.kit import Choice, Demo, Slider, Time, shows
from lib.demos.kit.data import dataset_of
from lib.demos.kit.screen import Screen, dots
from lib.optim import Adam
from lib.training import PixelScale

TRAINING, BATCH, LAST = 320, 32, 60  # images, images a step, steps
PICTURES = 12
LAYERS = {"conv 1": 0, "ReLU 1": 1, "pool 1": 2, "ReLU 2": 4}  # name → its place in the network
TILE, COLUMNS = 100, 4  # dots a map with its gap; maps in a row


class State(NamedTuple):
    """One picture on its way through the network.

    layer: whose output is shown
    filters: (8, 3, 5, 5), the weights of the first layer
    maps: (C, H, W), that output
    probabilities: (10,), what the network says
    """

    layer: str
    filters: np.ndarray
    maps: np.ndarray
    probabilities: np.ndarray
    step: int
    picture: int


class Training(NamedTuple):
    """A training that was run once, with all that its steps left.

    weights: for each step the parameters before its update
    losses: (LAST + 1,), of the batch of each step
    """

    model: nn.Sequential
    weights: list[list[np.ndarray]]
    losses: np.ndarray
    scale: PixelScale


def small_convnet(classes: int = 10) -> nn.Sequential:
    """Two convolutions with ReLU and pooling, then one fully connected layer; for images (N, 3, 32, 32)."""
    return nn.Sequential(
        nn.Conv2d(3, 8, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(8, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(16 * 8 * 8, classes),
    ).reset(0)  # fmt: skip


def train(data: Dataset) -> Training:
    """LAST steps of Adam on a few hundred images; takes about a second."""
    split = data.train.take(TRAINING, seed=0)
    scale = PixelScale.of(split.images)
    X, y = scale(split.images), split.labels
    model, criterion, optimizer = small_convnet(len(data.classes)), nn.CrossEntropyLoss(), Adam(0.003)
    parameters, gradients = model.parameters()
    rng = np.random.default_rng(0)
    weights, losses = [], []
    for _ in range(LAST + 1):
        weights.append([parameter.copy() for parameter in parameters])
        batch = rng.choice(TRAINING, BATCH, replace=False)
        scores = model.forward(X[batch])
        losses.append(criterion.forward(scores, y[batch]))
        model.zero_grad_parameters()
        model.backward(X[batch], criterion.backward(scores, y[batch]), need_grad_input=False)
        optimizer.step(parameters, gradients)
    return Training(model, weights, np.array(losses), scale)


def compute(training: Training, image: np.ndarray, layer: str, step: int, picture: int = 0) -> State:
    """The maps of one image with the weights before a step.

    image: uint8 (3, 32, 32)
    layer: one of `LAYERS`
    step: 0…LAST
    picture: the image's number, which the state keeps
    Raises `ValueError` that names the argument.
    """
    check_choice(layer, LAYERS, name="layer")
    check_whole(step, name="step", high=len(training.weights) - 1)
    if np.shape(image) != (3, 32, 32):
        raise ValueError(f"image: expected shape (3, 32, 32), got {np.shape(image)}")
    model = training.model
    for parameter, then in zip(model.parameters()[0], training.weights[step], strict=True):
        parameter[...] = then
    scores = model.forward(training.scale(np.asarray(image)[None]))[0]
    powers = np.exp(scores - scores.max())
    maps = model[LAYERS[layer]].output[0].copy()
    return State(layer, model.parameters()[0][0].copy(), maps, powers / powers.sum(), step, picture)


class FeatureMapsDemo(Demo):
    title = "Feature maps while training"
    alt = (
        "Left, a picture and the probabilities of the classes. In the middle the filters of the first layer "
        "and the map that each makes of the picture, or the maps of a deeper layer. Right, the training loss "
        "with a dot at the present step."
    )
    size = (10, 4.6)
    presets = {
        "Before training": {"step": 0},
        "After a few steps": {"step": 8},
        "Trained": {"step": LAST},
        "Only what is positive": {"step": LAST, "layer": "ReLU 1"},
        "Half the size": {"step": LAST, "layer": "pool 1"},
        "Second layer": {"step": LAST, "layer": "ReLU 2"},
    }

    step = Time(LAST, start=0, interval=120, label="training step")
    picture = Slider(0, PICTURES - 1, start=0)
    layer = Choice(tuple(LAYERS), label="output of")

    def __init__(self, data: Dataset | None = None, **values: Any):
        """data: 32×32 colour images; None takes `load_dataset("auto")`; the pictures are test images."""
        self.data = data = dataset_of(data, training=TRAINING, test=PICTURES)
        self.training = train(data)
        self.pictures = data.test.take(PICTURES)
        super().__init__(**values)

    def compute(self, step: int, picture: int, layer: str) -> State:
        return compute(self.training, self.pictures.images[picture], layer, step, picture)

    def arrange(self, figure: Figure) -> tuple[Axes, ...]:
        figure.set_layout_engine("none")
        bars = figure.add_axes((0.105, 0.06, 0.11, 0.45))
        loss = figure.add_axes((0.735, 0.16, 0.25, 0.68))
        return dots(figure, 60, 255, 160), bars, dots(figure, 250, 12, COLUMNS * TILE), loss

    def draw(self, axes: tuple[Axes, ...]) -> None:
        left, bars, middle, loss = axes
        classes = self.data.classes
        self.image, self.gallery = Screen(left, (32, 32)), Screen(middle, (COLUMNS * TILE, COLUMNS * TILE))
        figure = left.figure
        self.truth = figure.text(0.14, 0.925, "", ha="center", fontsize=13)
        self.caption = figure.text(0.45, 0.925, "", ha="center", fontsize=13)
        self.bars = bars.barh(range(len(classes)), 0, color=plots.COLORS[0], height=0.7, zorder=3)
        bars.set(xlim=(0, 1), ylim=(len(classes) - 0.4, -0.6), xticks=())
        bars.set_yticks(range(len(classes)), classes, fontsize=12)
        bars.tick_params(axis="y", length=0)
        bars.spines["bottom"].set_visible(False)
        losses = self.training.losses
        loss.plot(losses, color=plots.COLORS[0], linewidth=1.5, zorder=1)
        self.now = loss.plot([], [], "o", color=plots.COLORS[5], markersize=11, zorder=3)[0]
        loss.set(
            xlabel="training step",
            ylabel="loss of the batch",
            ylim=(0, 1.1 * losses.max()),
            xlim=(-2, LAST + 2),
        )

    def update(self, state: State) -> None:
        self.image.set_data(np.moveaxis(self.pictures.images[state.picture], 0, -1))
        label = self.pictures.labels[state.picture]
        self.truth.set_text(f"this is: {self.data.classes[label]}")
        for k, (bar, share) in enumerate(zip(self.bars, state.probabilities, strict=True)):
            bar.set_width(share)
            bar.set_facecolor(plots.COLORS[2 if k == label else 0])
        self.gallery.set_data(paint(state))
        what = f"{len(state.maps)} maps of {state.maps.shape[1]} × {state.maps.shape[2]}"
        first = len(state.maps) == len(state.filters)
        self.caption.set_text(f"8 filters, and below {what}" if first else f"{what} after the second layer")
        self.now.set_data([state.step], [self.training.losses[state.step]])


def paint(state: State) -> np.ndarray:
    """Filters and maps, or maps alone, as one picture: uint8 (4 · TILE, 4 · TILE, 3)."""
    whole = np.full((COLUMNS * TILE, COLUMNS * TILE, 3), 255, np.uint8)
    signed = state.maps.min() < 0
    top = max(np.abs(state.maps).max(), 1e-9)
    cmap = matplotlib.colormaps["PuOr" if signed else "cividis"]
    maps = cmap(state.maps / top / 2 + 0.5 if signed else state.maps / top, bytes=True)[..., :3]
    tiles = list(maps)
    if len(maps) == len(state.filters):
        shown = 127.5 + 127.5 * state.filters / np.abs(state.filters).max()
        tiles = [*np.moveaxis(shown.astype(np.uint8), 1, -1), *tiles]
    for i, tile in enumerate(tiles):
        zoom = (TILE - 4) // len(tile)
        large = tile.repeat(zoom, axis=0).repeat(zoom, axis=1)
        y, x = (TILE * part for part in divmod(i, COLUMNS))
        whole[y : y + len(large), x : x + len(large)] = large
    return whole


show = shows(FeatureMapsDemo)
