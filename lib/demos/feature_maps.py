"""Feature maps while a small convnet trains: what each filter finds in a picture, step by step."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from data_loaders import Dataset
from lib import nn, plots
from lib.checks import check_choice, check_whole
from lib.demos.kit import Choice, Demo, Pick, Slider, Time, shows
from lib.demos.kit.data import dataset_of
from lib.demos.kit.screen import Grid, Screen
from lib.demos.kit.signs import sign_colors
from lib.optim import Adam
from lib.training import PixelScale

TRAINING, BATCH, LAST = 320, 32, 60  # images, images a step, steps
PICTURES = 12
LAYERS = {"conv 1": 0, "ReLU 1": 1, "pool 1": 2, "ReLU 2": 4}  # name → its place in the network
TILE, COLUMNS = 100, 4  # dots a map with its gap; maps in a row
MOST = 16  # maps of a layer
SIDE = 32  # pixels of a picture


class State(NamedTuple):
    """One picture on its way through the network.

    layer: whose output is shown
    filters: (8, 3, 5, 5), the weights of the first layer
    maps: (C, H, W), that output
    probabilities: (10,), what the network says
    chosen: which of the maps is shown large, counted from 0
    """

    layer: str
    filters: np.ndarray
    maps: np.ndarray
    probabilities: np.ndarray
    step: int
    picture: int
    chosen: int


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


def compute(
    training: Training, image: np.ndarray, layer: str, step: int, picture: int = 0, number: int = 1
) -> State:
    """The maps of one image with the weights before a step.

    image: uint8 (3, 32, 32)
    layer: one of `LAYERS`
    step: 0…LAST
    picture: the image's number, which the state keeps
    Raises `ValueError` that names the argument.
    """
    check_choice(layer, LAYERS, name="layer")
    check_whole(step, name="step", high=len(training.weights) - 1)
    check_whole(number, name="number", low=1, high=MOST)
    if np.shape(image) != (3, 32, 32):
        raise ValueError(f"image: expected shape (3, 32, 32), got {np.shape(image)}")
    model = training.model
    for parameter, then in zip(model.parameters()[0], training.weights[step], strict=True):
        parameter[...] = then
    scores = model.forward(training.scale(np.asarray(image)[None]))[0]
    powers = np.exp(scores - scores.max())
    maps = model[LAYERS[layer]].output[0].copy()
    filters, chosen = model.parameters()[0][0].copy(), (number - 1) % len(maps)
    return State(layer, filters, maps, powers / powers.sum(), step, picture, chosen)


def tiles(state: State, paper: str = "#ffffff") -> list[np.ndarray]:
    """Filters and maps, or maps alone, as pictures uint8 (h, w, 3): blue positive, orange negative.

    paper: the colour of 0 in a map
    """
    top = max(float(np.abs(state.maps).max()), 1e-9)
    maps = list(sign_colors(state.maps / top, paper=paper))
    if len(maps) != len(state.filters):
        return maps
    shown = 127.5 + 127.5 * state.filters / np.abs(state.filters).max()
    return [*np.moveaxis(shown.astype(np.uint8), 1, -1), *maps]


class Gallery(Grid):
    """Filters and maps in rows of COLUMNS."""

    def __init__(self, axes: Axes, ground: str):
        super().__init__(axes, MOST // COLUMNS, COLUMNS, side=TILE)
        self.pictures: list[np.ndarray] = []
        self.ground = sign_colors(np.zeros(1), paper=ground)[0]

    def show(self, pictures: list[np.ndarray]) -> None:
        """pictures: up to MOST, uint8 (h, w, 3)."""
        self.pictures = pictures
        self.stale = True

    def cells(self, side: int) -> np.ndarray:
        whole = np.full((self.rows * side, self.columns * side, 3), self.ground)
        inner = side - max(2, side // 20)
        for i, picture in enumerate(self.pictures):
            y, x = (side * part for part in divmod(i, COLUMNS))
            at = np.arange(inner) * len(picture) // inner
            whole[y : y + inner, x : x + inner] = picture[at[:, None], at]
        return whole


class FeatureMapsDemo(Demo):
    title = "Feature maps while training"
    alt = (
        "Left, a picture, twelve to choose from, and the probabilities of the classes. In the middle the "
        "filters of the first layer and the map that each makes of the picture, or the maps of a deeper "
        "layer. Right, one of the maps in large, and the training loss with a dot at the present step."
    )
    ask = "Predict, then play: when do the filters begin to change? Click a map to see it large."
    size = (10.2, 4.2)
    tall_size = (4.8, 11.4)
    presets = {
        "Before training": {"step": 0},
        "A few steps": {"step": 8},
        "Trained": {"step": LAST},
        "Only what is positive": {"step": LAST, "layer": "ReLU 1"},
        "Half the size": {"step": LAST, "layer": "pool 1"},
        "Second layer": {"step": LAST, "layer": "ReLU 2"},
    }

    step = Time(LAST, start=0, interval=120, label="training step")
    picture = Slider(0, PICTURES - 1, start=0)
    number = Slider(1, MOST, start=1, label="large map")
    layer = Choice(tuple(LAYERS), label="output of")
    a_map = Pick(
        "number", spots="map_spots", axes="middle", size=(TILE, TILE), hint="Click a map to see it large"
    )
    a_picture = Pick(
        "picture", spots="picture_spots", axes="choices", size=(SIDE, SIDE), hint="click a picture to take it"
    )

    def __init__(self, data: Dataset | None = None, **values: Any):
        """data: 32×32 colour images; None takes `load_dataset("auto")`; the pictures are test images."""
        self.data = data = dataset_of(data, training=TRAINING, test=PICTURES)
        self.training = train(data)
        self.pictures = data.test.take(PICTURES)
        super().__init__(**values)

    def compute(self, step: int, picture: int, number: int, layer: str) -> State:
        return compute(self.training, self.pictures.images[picture], layer, step, picture, number)

    def map_spots(self) -> list[tuple[int, float, float, str]]:
        """The tiles: a filter stands for its map."""
        count, filters = len(self.state.maps), len(self.gallery.pictures) - len(self.state.maps)
        spots = []
        for i in range(len(self.gallery.pictures)):
            row, column = divmod(i, COLUMNS)
            k = i % count + 1
            name = f"filter {k}" if i < filters else f"map {k}"
            spots.append((k, (column + 0.5) * TILE - 0.5, (row + 0.5) * TILE - 0.5, f"{name}: see it large"))
        return spots

    def picture_spots(self) -> list[tuple[int, float, float, str]]:
        spots = []
        for i, label in enumerate(self.pictures.labels):
            row, column = divmod(i, PICTURES // 2)
            name = f"picture {i}: {self.data.classes[label]}"
            spots.append((i, (column + 0.5) * SIDE - 0.5, (row + 0.5) * SIDE - 0.5, name))
        return spots

    def arrange(self, figure: Figure) -> tuple[Axes, ...]:
        """Picture, choices, bars, tiles, the large map, the loss; places in inches from the lower left."""
        figure.set_layout_engine("none")
        if self.tall:
            inches = [
                (0.1, 9.1, 1.9, 1.9), (0.1, 7.35, 4.6, 1.53), (3.15, 9.1, 1.5, 1.9),
                (0.1, 2.9, 4.0, 4.0), (0.1, 0.3, 2.1, 2.1), (2.95, 0.6, 1.75, 1.8),
            ]  # fmt: skip
        else:
            inches = [
                (0.45, 2.45, 1.45, 1.45), (0.05, 1.6, 2.25, 0.75), (1.05, 0.05, 1.25, 1.48),
                (2.6, 0.05, 3.85, 3.85), (7.3, 1.85, 2.05, 2.05), (7.2, 0.6, 2.85, 0.9),
            ]  # fmt: skip
        width, height = figure.get_size_inches()
        return tuple(figure.add_axes((x / width, y / height, w / width, h / height)) for x, y, w, h in inches)

    def draw(self, axes: tuple[Axes, ...]) -> None:
        left, self.choices, bars, self.middle, large, loss = axes
        classes, images = self.data.classes, np.moveaxis(self.pictures.images, 1, -1)
        half = PICTURES // 2
        self.image, self.large = Screen(left, (SIDE, SIDE)), Screen(large, (SIDE, SIDE))
        rows = images.reshape(2, half, SIDE, SIDE, 3).swapaxes(1, 2).reshape(2 * SIDE, half * SIDE, 3)
        Screen(self.choices, (2 * SIDE, half * SIDE)).set_data(rows)
        self.gallery = Gallery(self.middle, self.faint)
        large.plot(*square(-0.5, -0.5, SIDE), color=self.faint, linewidth=1.5, zorder=3, clip_on=False)
        look: dict[str, Any] = {"color": plots.COLORS[5], "linewidth": 2.5, "zorder": 3, "clip_on": False}
        self.frame = self.choices.plot([], [], **look)[0]
        self.frames = [self.middle.plot([], [], **look)[0] for _ in range(2)]
        word: dict[str, Any] = {"ha": "center", "va": "bottom", "fontsize": 13}
        self.truth, self.caption, self.large_caption = (
            ax.text(0.5, 1.02, "", transform=ax.transAxes, **word) for ax in (left, self.middle, large)
        )
        self.bars = bars.barh(range(len(classes)), 0, color=plots.COLORS[0], height=0.7, zorder=3)
        bars.set(xlim=(0, 1), ylim=(len(classes) - 0.4, -0.6), xticks=())
        bars.set_yticks(range(len(classes)), classes, fontsize=11)
        bars.tick_params(axis="y", length=0)
        bars.spines["bottom"].set_visible(False)
        losses = self.training.losses
        loss.plot(losses, color=plots.COLORS[0], linewidth=1.5, zorder=1)
        self.now = loss.plot([], [], "o", color=plots.COLORS[5], markersize=10, zorder=3)[0]
        loss.set(xlabel="training step", ylabel="loss", ylim=(0, 1.15 * losses.max()), xlim=(-2, LAST + 2))

    def update(self, state: State) -> None:
        self.state = state
        self.image.set_data(np.moveaxis(self.pictures.images[state.picture], 0, -1))
        label = self.pictures.labels[state.picture]
        self.truth.set_text(self.data.classes[label])
        row, column = divmod(state.picture, PICTURES // 2)
        self.frame.set_data(*square(column * SIDE - 0.5, row * SIDE - 0.5, SIDE))
        for k, (bar, share) in enumerate(zip(self.bars, state.probabilities, strict=True)):
            bar.set_width(share)
            bar.set_facecolor(plots.COLORS[2 if k == label else 0])
        pictures = tiles(state, self.paper)
        self.gallery.show(pictures)
        large = state.maps[state.chosen]
        self.large.set_data(sign_colors(large / max(float(np.abs(large).max()), 1e-9), paper=self.paper))
        spots = [state.chosen + k for k in range(0, len(pictures), len(state.maps))]
        for frame, spot in zip(self.frames, spots * 2, strict=False):
            row, column = divmod(spot, COLUMNS)
            frame.set_data(*square(column * TILE - 0.5, row * TILE - 0.5, 0.96 * TILE))
        what = f"{len(state.maps)} maps of {state.maps.shape[1]} × {state.maps.shape[2]}"
        first = len(state.maps) == len(state.filters)
        self.caption.set_text(f"8 filters, and below {what}" if first else f"{what} after the second layer")
        self.large_caption.set_text(f"map {state.chosen + 1}")
        self.now.set_data([state.step], [self.training.losses[state.step]])

    def said(self) -> str:
        state = self.state
        label = self.pictures.labels[state.picture]
        positive = 100 * (state.maps[state.chosen] > 0).mean()
        steps = (
            "Before the first step" if state.step == 0 else f"After {state.step} step{'s' * (state.step > 1)}"
        )
        return (
            f"{steps} the network gives {self.data.classes[label]} {100 * state.probabilities[label]:.0f} %; "
            f"map {state.chosen + 1} of {state.layer} is above 0 at {positive:.0f} % of its places."
        )


def square(x: float, y: float, side: float) -> np.ndarray:
    """The outline of a square from its corner: x and y, (2, 5)."""
    return np.array([[x, x + side, x + side, x, x], [y, y, y + side, y + side, y]])


show = shows(FeatureMapsDemo)
