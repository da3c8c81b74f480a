"""An autoencoder squeezes pictures through a few numbers: what is left, for each width of the bottleneck."""

from __future__ import annotations

from typing import Any, NamedTuple

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from data_loaders import Dataset
from lib import nn, plots
from lib.blas import one_thread
from lib.checks import check_choice, check_number, check_whole, shown
from lib.demos.kit import Choice, Demo, Slider, shows
from lib.demos.kit.data import dataset_of
from lib.demos.kit.screen import Screen, dots
from lib.optim import Adam

TRAINING, PICTURES = 4000, 12
FOR_PCA = 800  # of the training images: the directions come from their scalar products, (800, 800)
WIDEST = 64  # numbers in the code
HIDDEN, BATCH, STEPS = 128, 100, 1000  # of the non-linear one
KINDS = ("linear (PCA)", "with ReLU")
SHAPE = (3, 32, 32)


class Bottleneck(nn.Module):
    """Lets the first `width` numbers of each row pass, and sets the others to 0.

    Shapes: x, output, grad_output and grad_input are (N, D).
    width: one number, or int (N,), one for each row
    """

    width: int | np.ndarray = WIDEST

    def update_output(self, x):
        self.output = x * (np.arange(x.shape[1]) < np.reshape(self.width, (-1, 1)))
        return self.output

    def update_grad_input(self, x, grad_output):
        self.grad_input = grad_output * (np.arange(x.shape[1]) < np.reshape(self.width, (-1, 1)))
        return self.grad_input


class Autoencoders(NamedTuple):
    """A linear and a non-linear autoencoder of the same 64 coordinates.

    A picture is nearly mean + unit · coordinates @ axes.

    mean: (3072,)
    axes: (64, 3072), the principal directions, orthonormal
    unit: the standard deviation of all coordinates before they were divided by it
    encoder, bottleneck, decoder: what the non-linear one does with coordinates (N, 64) before and after the
        bottleneck; the linear one does nothing
    deviations: (2, 64), standard deviation of each number of the code over the training images, for each
        of KINDS
    """

    mean: np.ndarray
    axes: np.ndarray
    unit: float
    encoder: nn.Module
    bottleneck: Bottleneck
    decoder: nn.Module
    deviations: np.ndarray

    def coordinates(self, x: np.ndarray) -> np.ndarray:
        """Pictures (N, 3072) → (N, 64)."""
        return (x - self.mean) @ self.axes.T / self.unit

    def encode(self, coordinates: np.ndarray, kind: str) -> np.ndarray:
        """Coordinates (N, 64) → codes (N, 64), of which the first `width` numbers may pass."""
        return coordinates if kind == KINDS[0] else self.encoder.forward(coordinates)

    def decode(self, code: np.ndarray, width: int | np.ndarray, kind: str) -> np.ndarray:
        """Codes (N, 64) → coordinates (N, 64); width: 1…64, or one for each row."""
        self.bottleneck.width = width
        passed = self.bottleneck.forward(code)
        return passed if kind == KINDS[0] else self.decoder.forward(passed)


def train(images: np.ndarray, steps: int = STEPS) -> Autoencoders:
    """Trains both on images, uint8 (N, 3, 32, 32) with N ≥ 64, in about a second.

    The linear one in closed form: principal components (Baldi and Hornik, 1989). The other starts as the
    linear one, with a ReLU network beside each half that adds to it. It is one network for all widths: in
    training each picture's code is cut off at a random place (Rippel, Gelbart and Adams, 2014).
    """
    x = images.reshape(len(images), -1).astype(np.float32)
    some = x[:FOR_PCA]
    mean = some.mean(axis=0)
    some = some - mean
    values, vectors = np.linalg.eigh(some @ some.T)
    axes = (vectors[:, ::-1][:, :WIDEST] / np.sqrt(values[::-1][:WIDEST])).T @ some
    z = (x - mean) @ axes.T
    unit = float(z.std())
    z /= unit

    encoder, decoder = (
        nn.Residual(nn.Linear(WIDEST, HIDDEN, seed=i), nn.ReLU(), nn.Linear(HIDDEN, WIDEST)) for i in range(2)
    )
    for half in (encoder, decoder):
        for last in half.parameters()[0][-2:]:  # at first nothing is added
            last.fill(0)
    bottleneck = Bottleneck()
    model = nn.Sequential(encoder, bottleneck, decoder)
    criterion, optimizer = nn.MSELoss(), Adam(lambda step: 0.002 * (1 - step / steps))
    rng = np.random.default_rng(0)
    for _ in range(steps):
        batch = z[rng.integers(len(z), size=BATCH)]
        bottleneck.width = np.exp(rng.uniform(0, np.log(WIDEST + 1), BATCH)).astype(int)
        output = model.forward(batch)
        criterion.forward(output, batch)
        model.zero_grad_parameters()
        model.backward(batch, criterion.backward(output, batch), need_grad_input=False)
        optimizer.step(*model.parameters())
    deviations = np.stack([z.std(axis=0), encoder.forward(z).std(axis=0)])
    return Autoencoders(mean, axes, unit, encoder, bottleneck, decoder, deviations)


class State(NamedTuple):
    """A picture on its way through the bottleneck; errors in grey levels of 0…255, root mean square."""

    seen: np.ndarray  # uint8 (3, 32, 32) the picture with its noise
    code: np.ndarray  # (width,) in units of each one's deviation over the training images
    restored: np.ndarray  # uint8 (3, 32, 32)
    errors: np.ndarray  # (2, 64) against the picture without noise, for each of KINDS and each width
    error: float  # of this kind and width
    noise: float  # the error of the picture that is seen
    kind: str


def compute(models: Autoencoders, image: np.ndarray, width: int, kind: str, noise: float) -> State:
    """One picture through the bottleneck.

    image: uint8 (3, 32, 32)
    width: 1…64 numbers
    kind: one of KINDS
    noise: 0…255, deviation of the Gaussian noise on the picture, in grey levels; the same at every call
    Raises `ValueError` that names the argument.
    """
    image = np.asarray(image)
    if image.shape != SHAPE or image.dtype != np.uint8:
        raise ValueError(f"image: expected uint8 {SHAPE}, got {shown(image)}")
    check_whole(width, name="width", low=1, high=WIDEST)
    check_choice(kind, KINDS, name="kind")
    check_number(noise, name="noise", low=0, high=255)
    grains = np.random.default_rng(0).standard_normal(SHAPE, np.float32)
    seen = np.clip(np.rint(image + noise * grains), 0, 255).astype(np.uint8)
    clean, noisy = (models.coordinates(x.reshape(1, -1).astype(np.float32)) for x in (image, seen))

    # The axes are orthonormal: squared errors in coordinates are those in pixels, but for the part of the
    # picture that no coordinate reaches.
    distance = ((image.ravel() - models.mean) ** 2).sum()
    beyond = max(0.0, distance - models.unit**2 * (clean**2).sum())
    widths, squares = np.arange(1, WIDEST + 1), []
    for name in KINDS:
        code = models.encode(noisy, name)
        output = models.decode(np.repeat(code, WIDEST, axis=0), widths, name)
        squares.append(beyond + models.unit**2 * ((output - clean) ** 2).sum(axis=1))
        if name == kind:
            mine, restored = code[0], models.mean + models.unit * output[width - 1] @ models.axes
    errors = np.sqrt(np.array(squares) / image.size)
    which = KINDS.index(kind)
    return State(
        seen=seen,
        code=(mine / models.deviations[which])[:width],
        restored=np.clip(np.rint(restored), 0, 255).astype(np.uint8).reshape(SHAPE),
        errors=errors, error=float(errors[which, width - 1]),
        noise=float(np.sqrt(((seen - image.astype(float)) ** 2).mean())), kind=kind,
    )  # fmt: skip


class AutoencoderDemo(Demo):
    title = "Through the bottleneck: an autoencoder"
    alt = (
        "From left to right: a picture, its code as coloured squares, what the decoder makes of the code, "
        "and the error against the width of the bottleneck, for the linear and the non-linear autoencoder, "
        "with a mark at the present width."
    )
    size = (10, 3.9)
    presets = {
        "One number": {"width": 1},
        "Eight": {"width": 8},
        "All 64": {"width": 64},
        "Eight, with ReLU": {"width": 8, "kind": KINDS[1]},
        "Noise goes in": {"noise": 50, "width": 32},
    }

    width = Slider(1, WIDEST, start=16, label="width")
    picture = Slider(0, PICTURES - 1, start=0)
    kind = Choice(KINDS, label="autoencoder")
    noise = Slider(0, 100, start=0, step=5, label="noise, grey levels")

    def __init__(self, data: Dataset | None = None, **values: Any):
        """data: 32×32 colour images; None takes `load_dataset("auto")`; the pictures are test images."""
        data = dataset_of(data, training=FOR_PCA, test=PICTURES)
        with one_thread():  # many small products
            self.models = train(data.train.take(min(TRAINING, len(data.train)), seed=0).images)
        self.pictures = np.array(data.test.images[:PICTURES])
        super().__init__(**values)

    def compute(self, width: int, picture: int, kind: str, noise: int) -> State:
        with one_thread():
            return compute(self.models, self.pictures[picture], width, kind, noise)

    def arrange(self, figure: Figure) -> tuple[Axes, ...]:
        figure.set_layout_engine("none")
        curve = figure.add_axes((0.71, 0.17, 0.275, 0.68))
        return dots(figure, 10, 96, 224), dots(figure, 252, 136, 144), dots(figure, 414, 96, 224), curve

    def draw(self, axes: tuple[Axes, ...]) -> None:
        left, middle, right, curve = axes
        self.seen, self.code, self.restored = (
            Screen(left, (32, 32)),
            Screen(middle, (72, 72)),
            Screen(right, (32, 32)),
        )
        self.colours = matplotlib.colormaps["PuOr"]
        look: dict[str, Any] = {"ha": "center", "fontsize": 14}
        left.figure.text(0.122, 0.88, "picture", **look)
        self.caption = left.figure.text(0.324, 0.88, " ", **look)
        self.kind_text = left.figure.text(0.526, 0.88, " ", **look)
        for x, text in ((0.122, "3,072 numbers"), (0.526, "3,072 numbers")):
            left.figure.text(x, 0.14, text, ha="center", fontsize=12)
        styles = ("-", plots.COLORS[0]), ("--", plots.COLORS[5])
        widths = np.arange(1, WIDEST + 1)
        self.curves = [
            curve.plot(widths, np.zeros(WIDEST), style, color=color, label=name, zorder=2.6)[0]
            for name, (style, color) in zip(KINDS, styles, strict=True)
        ]
        look_noise: dict[str, Any] = {"color": plots.COLORS[8], "linestyle": ":", "zorder": 2.5}
        self.noise_line = curve.plot([0, WIDEST + 2], [0, 0], label="the noisy picture", **look_noise)[0]
        self.now = curve.plot([], [], "o", color="black", markersize=11, zorder=2.7)[0]
        curve.set(
            xlim=(0, WIDEST + 1),
            ylim=(0, 80),
            xticks=range(0, WIDEST + 1, 16),
            xlabel="width of the bottleneck",
        )
        curve.set_ylabel("error, grey levels")
        curve.legend(loc="upper right").set_zorder(0)
        self.error = curve.text(0.5, 1.04, " ", transform=curve.transAxes, **look)

    def update(self, state: State) -> None:
        self.seen.set_data(np.moveaxis(state.seen, 0, -1))
        self.restored.set_data(np.moveaxis(state.restored, 0, -1))
        self.code.set_data(self.tiles(state.code))
        self.caption.set_text("1 number" if len(state.code) == 1 else f"{len(state.code)} numbers")
        self.kind_text.set_text(state.kind)
        for line, errors in zip(self.curves, state.errors, strict=True):
            line.set_ydata(errors)
        self.noise_line.set_ydata([state.noise, state.noise])
        self.now.set_data([len(state.code)], [state.error])
        self.error.set_text(f"error {state.error:.1f}")

    def tiles(self, code: np.ndarray) -> np.ndarray:
        """The code as 8 × 8 squares, row by row, those that do not pass in grey: uint8 (72, 72, 3)."""
        cells = np.full((WIDEST, 3), 225, np.uint8)
        cells[: len(code)] = self.colours(0.5 + code / 5, bytes=True)[:, :3]  # from −2½ to 2½ deviations
        squares = cells.reshape(8, 8, 3).repeat(9, axis=0).repeat(9, axis=1)
        squares[::9] = squares[:, ::9] = 255
        return squares


show = shows(AutoencoderDemo)
