"""An autoencoder squeezes pictures through a few numbers: what is left, for each width of the bottleneck."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from data_loaders import Dataset
from lib import nn, plots
from lib.blas import one_thread
from lib.checks import check_choice, check_number, check_whole, shown
from lib.demos.kit import Choice, Demo, Slider, shows
from lib.demos.kit.by_hand import ByHand
from lib.demos.kit.data import dataset_of
from lib.demos.kit.looks import legible, signed
from lib.demos.kit.screen import Grid, Screen
from lib.demos.kit.signs import sign_colors
from lib.demos.kit.touch import Mark, Values
from lib.optim import Adam

TRAINING, PICTURES = 4000, 12
FOR_PCA = 800  # of the training images: the directions come from their scalar products, (800, 800)
WIDEST = 64  # numbers in the code
HIDDEN, BATCH, STEPS = 128, 100, 1000  # of the non-linear one
KINDS = ("linear (PCA)", "with ReLU")
SHAPE = (3, 32, 32)
SQUARES, SIDE = 8, 24  # the code is drawn as 8 × 8 squares, of so many dots
HIGHEST = 80  # error on the axis; beyond it the dot lies on the edge
FAR = 3.0  # deviations up to which a hand can set a number
Edits = tuple[tuple[int, float], ...]  # which numbers a hand has set, and to what, in deviations


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
    error: float  # of the restored picture
    own_error: float  # what it is before a hand changes the code
    changed: int  # how many numbers that pass a hand has set
    noise: float  # the error of the picture that is seen
    kind: str


def compute(
    models: Autoencoders, image: np.ndarray, width: int, kind: str, noise: float, edits: Edits | None = None
) -> State:
    """One picture through the bottleneck.

    image: uint8 (3, 32, 32)
    width: 1…64 numbers
    kind: one of KINDS
    noise: 0…255, deviation of the Gaussian noise on the picture, in grey levels; the same at every call
    edits: numbers of the code that are set to something else, (which, deviations); None for none
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
            mine, passed = code[0].copy(), output[width - 1]
    errors = np.sqrt(np.array(squares) / image.size)
    which = KINDS.index(kind)
    own_error = error = float(errors[which, width - 1])
    changed = [(i, value) for i, value in edits or () if i < width]
    if changed:
        for i, value in changed:
            mine[i] = value * models.deviations[which, i]
        passed = models.decode(mine[None], width, kind)[0]
        error = float(np.sqrt((beyond + models.unit**2 * ((passed - clean) ** 2).sum()) / image.size))
    restored = models.mean + models.unit * passed @ models.axes
    return State(
        seen=seen,
        code=(mine / models.deviations[which])[:width],
        restored=np.clip(np.rint(restored), 0, 255).astype(np.uint8).reshape(SHAPE),
        errors=errors, error=error, own_error=own_error, changed=len(changed),
        noise=float(np.sqrt(((seen - image.astype(float)) ** 2).mean())), kind=kind,
    )  # fmt: skip


class Code(ByHand):
    """The numbers of a code that a hand has set; None for none.

    A square that is dragged up by its own height stands for one deviation more than 0, and so on. A click
    sets a number to 0, and another click gives back its own.
    """

    hint = "Drag a square of the code up or down · click it for 0, and again for its own number"

    def taken(self, value: Any) -> Edits | None:
        pairs = np.array([tuple(pair) for pair in value], float).reshape(-1, 2)
        if not np.isin(pairs[:, 0], range(WIDEST)).all() or not np.isfinite(pairs).all():
            raise ValueError
        return tuple((int(i), float(number)) for i, number in dict(pairs.tolist()).items()) or None

    def marks(self, demo: Any) -> list[Mark]:
        found = []
        for i, number in enumerate(demo.state.code):
            said = signed(f"number {i + 1} of the code: {number:.1f} deviations")
            found.append(Mark(*place(i), said, kind="box", drag="y", w=SIDE, h=SIDE))
        return found

    def set(self, demo: Any, index: int, number: float | None) -> Values:
        """The edits with this one changed, or, without a number, taken back."""
        edits = dict(demo.values[self.name] or ())
        edits.pop(index, None)
        if number is not None:
            edits[index] = round(float(np.clip(number, -FAR, FAR)), 2)
        return {self.name: tuple(edits.items()) or None}

    def dragged(self, demo: Any, index: int, x: float, y: float) -> Values:
        return self.set(demo, index, (place(index)[1] - y) / SIDE)

    def stepped(self, demo: Any, index: int, right: int, up: int) -> Values:
        return self.set(demo, index, demo.state.code[index] + 0.25 * up)

    def picked(self, demo: Any, index: int) -> Values:
        return self.set(demo, index, None if index in dict(demo.values[self.name] or ()) else 0.0)


def place(i: int) -> tuple[float, float]:
    """The middle of a square, in the coordinates of its axes."""
    row, column = divmod(i, SQUARES)
    return (column + 0.5) * SIDE - 0.5, (row + 0.5) * SIDE - 0.5


class CodeSquares(Grid):
    """The code as squares, row by row, blue positive and orange negative; those that do not pass are grey."""

    def __init__(self, axes: Axes, paper: str, closed: str):
        super().__init__(axes, SQUARES, SQUARES, side=SIDE)
        self.paper, self.closed = paper, sign_colors(np.zeros(1), paper=closed)
        self.colours = self.closed.repeat(WIDEST, axis=0)

    def show(self, code: np.ndarray) -> None:
        """code: up to WIDEST numbers, in deviations."""
        self.colours = self.closed.repeat(WIDEST, axis=0)
        self.colours[: len(code)] = sign_colors(code / 2.5, paper=self.paper)
        self.stale = True

    def cells(self, side: int) -> np.ndarray:
        squares = self.colours.reshape(SQUARES, SQUARES, 3).repeat(side, axis=0).repeat(side, axis=1)
        gap = max(1, side // 12)
        ground = sign_colors(np.zeros(1), paper=self.paper)[0]
        for k in range(gap):
            squares[k::side] = squares[:, k::side] = ground
        return squares


class AutoencoderDemo(Demo):
    title = "Through the bottleneck: an autoencoder"
    alt = (
        "From left to right: a picture, its code as coloured squares, what the decoder makes of the code, "
        "and the error against the width of the bottleneck, for the linear and the non-linear autoencoder, "
        "with a mark at the present width."
    )
    ask = "Predict, then drag a square of the code up or down: what changes in the restored picture?"
    size = (10.2, 3.5)
    tall_size = (4.8, 5.6)
    presets = {
        "One number": {"width": 1},
        "Eight": {"width": 8},
        "All 64": {"width": 64},
        "Eight, with ReLU": {"width": 8, "kind": KINDS[1]},
        "Noise goes in": {"noise": 50, "width": 32},
        "A changed code": {"width": 32, "edits": ((0, -1.2), (2, 2.0))},
    }

    width = Slider(1, WIDEST, start=16, label="width")
    picture = Slider(0, PICTURES - 1, start=0)
    kind = Choice(KINDS, label="autoencoder")
    noise = Slider(0, 100, start=0, step=5, label="noise, grey levels")
    edits = Code(
        axes="squares",
        accepted=f"pairs (which, number) with which from 0 to {WIDEST - 1}",
        examples=(((0, FAR), (1, -FAR)),),
        made_by=("picture", "kind", "noise"),  # another picture has another code
    )

    def __init__(self, data: Dataset | None = None, **values: Any):
        """data: 32×32 colour images; None takes `load_dataset("auto")`; the pictures are test images."""
        data = dataset_of(data, training=FOR_PCA, test=PICTURES)
        with one_thread():  # many small products
            self.models = train(data.train.take(min(TRAINING, len(data.train)), seed=0).images)
        self.pictures = np.array(data.test.images[:PICTURES])
        super().__init__(**values)

    def compute(self, width: int, picture: int, kind: str, noise: int, edits: Edits | None) -> State:
        with one_thread():
            return compute(self.models, self.pictures[picture], width, kind, noise, edits)

    def arrange(self, figure: Figure) -> tuple[Axes, ...]:
        figure.set_layout_engine("none")
        if self.tall:
            places = [(0.02, 0.53, 0.47, 0.4), (0.02, 0.02, 0.47, 0.4), (0.51, 0.53, 0.47, 0.4)]
            at = (0.63, 0.12, 0.34, 0.29)
        else:
            places = [(0.005, 0.05, 0.268, 0.8), (0.279, 0.05, 0.2, 0.8), (0.485, 0.05, 0.268, 0.8)]
            at = (0.815, 0.19, 0.17, 0.66)
        left, squares, right, curve = (figure.add_axes(place) for place in [*places, at])
        for axes in (left, squares, right):
            axes.set_aspect("equal", adjustable="box")
        return left, squares, right, curve

    def draw(self, axes: tuple[Axes, ...]) -> None:
        left, self.squares, right, curve = axes
        self.seen, self.restored = Screen(left, (32, 32)), Screen(right, (32, 32))
        self.code = CodeSquares(self.squares, self.paper, self.faint)
        look: dict[str, Any] = {"ha": "center", "fontsize": 13}
        self.captions = [
            ax.text(0.5, 1.03, " ", transform=ax.transAxes, **look) for ax in (left, self.squares, right)
        ]
        self.captions[0].set_text("picture: 3,072 numbers")
        styles = ("-", plots.COLORS[0]), ("--", plots.COLORS[5])
        widths = np.arange(1, WIDEST + 1)
        self.curves = [
            curve.plot(widths, np.zeros(WIDEST), style, color=color, zorder=2.6)[0] for style, color in styles
        ]
        noisy: dict[str, Any] = {"color": plots.COLORS[8], "zorder": 2.5}
        self.noise_line = curve.plot([0, WIDEST + 2], [0, 0], linestyle=":", **noisy)[0]
        self.ends = [
            curve.text(
                WIDEST,
                0,
                name,
                ha="right",
                va="center",
                color=legible(color, dark=self.dark),
                fontsize=12,
                zorder=2.9,
            )
            for name, color in (
                ("linear", styles[0][1]),
                ("with ReLU", styles[1][1]),
                ("noisy", plots.COLORS[8]),
            )
        ]
        self.now = curve.plot([], [], "o", color=self.ink, markersize=10, zorder=2.8, clip_on=False)[0]
        curve.set(
            xlim=(0, WIDEST + 1),
            ylim=(0, HIGHEST),
            xticks=range(0, WIDEST + 1, 16),
            xlabel="width of the code",
        )
        curve.set_title("error, grey levels", fontsize=13)
        curve.grid(axis="y", color=self.faint)

    def update(self, state: State) -> None:
        self.state = state
        self.seen.set_data(np.moveaxis(state.seen, 0, -1))
        self.restored.set_data(np.moveaxis(state.restored, 0, -1))
        self.code.show(state.code)
        self.captions[1].set_text(
            "code: 1 number" if len(state.code) == 1 else f"code: {len(state.code)} numbers"
        )
        self.captions[2].set_text(f"restored: {state.kind}")
        for line, errors in zip(self.curves, state.errors, strict=True):
            line.set_ydata(errors)
        self.noise_line.set_ydata([state.noise, state.noise])
        self.now.set_data([len(state.code)], [min(state.error, HIGHEST)])
        above, below = state.errors[:, -1].max() + 6, state.errors[:, -1].min() - 6
        linear_above = state.errors[0, -1] >= state.errors[1, -1]
        self.ends[0].set_y(above if linear_above else below)
        self.ends[1].set_y(below if linear_above else above)
        self.ends[2].set_text("noisy picture" if state.noise else "")
        self.ends[2].set_y(state.noise + 5)

    def said(self) -> str:
        state = self.state
        numbers = "1 number" if len(state.code) == 1 else f"{len(state.code)} numbers"
        if state.changed:
            return (
                f"You have set {state.changed} of {numbers}: the restored picture is off by "
                f"{state.error:.1f} grey levels instead of {state.own_error:.1f}."
            )
        noise = f" The noisy picture is off by {state.noise:.1f}." if state.noise else ""
        other = 1 - KINDS.index(state.kind)
        return (
            f"From {numbers}, {state.kind} is off by {state.error:.1f} grey levels, {KINDS[other]} by "
            f"{state.errors[other, len(state.code) - 1]:.1f}.{noise}"
        )


show = shows(AutoencoderDemo)
