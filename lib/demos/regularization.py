"""The strength of a penalty against the templates it leaves, and against the accuracy on new images.

The classifier is the least-squares one: its best W can be found exactly, or nearly so, for every strength,
so that the slider shows the penalty, not an optimiser that stopped early.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from matplotlib.figure import Figure

from data_loaders.dataset import Dataset
from lib import plots
from lib.checks import check_choice, check_number, check_whole
from lib.classifiers.regularization import PENALTIES, penalize
from lib.demos.kit import Choice, Demo, LogSlider, shows
from lib.demos.kit.data import dataset_of
from lib.demos.kit.rounded import rounded
from lib.demos.kit.screen import Screen
from lib.mode import pick

EXPONENTS = np.arange(-4, 2.01, 0.5)  # of the strengths λ: 13 stops
BETA = 50.0  # of the elastic net: makes β W² about as large as |W| for weights of the usual size, 0.02
SIDE = 16  # the images are halved to 16 × 16, so that all paths take a few seconds


class Path(NamedTuple):
    """The best weights for each strength of one penalty."""

    strengths: np.ndarray  # (S,) λ, rising
    weights: np.ndarray  # (S, classes, D)
    train_accuracy: np.ndarray  # (S,)
    test_accuracy: np.ndarray  # (S,)


class State(NamedTuple):
    """What one strength leaves."""

    penalty: str
    strength: float  # the stop next to the one asked for
    templates: np.ndarray  # (classes, D), each over its own largest weight: −1…1
    zeros: float  # share of the weights that are exactly 0
    size: float  # ΣW²
    strengths: np.ndarray  # (S,) of the path
    train_accuracy: np.ndarray  # (S,) of the path
    test_accuracy: np.ndarray  # (S,) of the path
    at: int  # index of the strength on the path


def solve(
    gram: np.ndarray, target: np.ndarray, penalty: str, strengths: np.ndarray, *, steps: int = 100
) -> np.ndarray:
    """Minimise tr(W G Wᵀ) − 2 tr(W Tᵀ) + λ R(W) for every λ: weights (S, classes, D).

    gram: G = XᵀX / N, (D, D)
    target: T = YᵀX / N, (classes, D)
    strengths: λ > 0, (S,)
    penalty: "l2" ΣW², solved exactly; "l1" Σ|W| and "elastic" Σ(β W² + |W|), by `steps` accelerated proximal
    gradient steps a strength, each strength starting from the next stronger one's result.
    Source: Beck and Teboulle, 2009 (FISTA).
    """
    check_choice(penalty, PENALTIES, name="penalty")
    strengths = np.asarray(strengths, float)
    if not (np.isfinite(strengths).all() and (strengths > 0).all()):
        raise ValueError(f"strengths: expected finite numbers above 0, got {strengths}")
    if penalty == "l2":
        values, vectors = np.linalg.eigh(gram)
        turned = target @ vectors
        exact = [turned / (values + strength) @ vectors.T for strength in strengths.tolist()]
        return np.array(exact, target.dtype)

    # In blocks so small that BLAS stays on one thread: waking the others costs more on a busy computer.
    width = math.gcd(len(gram), 32)
    blocks = np.ascontiguousarray(gram.reshape(len(gram), -1, width).transpose(1, 0, 2))

    def times_gram(W: np.ndarray) -> np.ndarray:
        return (W @ blocks).transpose(1, 0, 2).reshape(W.shape)

    steepest = float(np.linalg.norm(gram))  # at least the largest eigenvalue, and here close to it
    found, W = {}, np.zeros_like(target)
    for strength in sorted(strengths.tolist(), reverse=True):
        ridge = BETA * strength if penalty == "elastic" else 0.0
        rate = 0.5 / (steepest + ridge)
        ahead, speed = W, 1.0
        for _ in range(steps):
            step = ahead - 2 * rate * (times_gram(ahead) - target + ridge * ahead)
            new = np.sign(step) * np.maximum(np.abs(step) - rate * strength, 0)
            faster = (1 + (1 + 4 * speed**2) ** 0.5) / 2
            ahead, W, speed = new + (speed - 1) / faster * (new - W), new, faster
            if not W.any():
                break
        found[strength] = W
    return np.array([found[strength] for strength in strengths.tolist()])


def shrink(images: np.ndarray) -> np.ndarray:
    """uint8 (N, 3, 32, 32) → float32 (N, 768): means of 2 × 2 pixels, 0…1."""
    halves = images.reshape(len(images), 3, SIDE, 2, SIDE, 2).mean(axis=(3, 5), dtype=np.float32)
    return halves.reshape(len(images), -1) / 255


def paths(data: Dataset, count: int, *, seed: int = 0) -> dict[str, Path]:
    """The path of each penalty, for `count` training images and up to 2,000 test images."""
    train, test = data.train.take(count, seed=seed), data.test.take(min(2000, len(data.test)), seed=seed)
    X, T = shrink(train.images), shrink(test.images)
    mean, scale = X.mean(axis=0), X.std()
    X, T = (X - mean) / scale, (T - mean) / scale
    Y = np.eye(len(data.classes), dtype=np.float32)[train.labels]
    bias = Y.mean(axis=0)
    gram, target = X.T @ X / len(X), (Y - bias).T @ X / len(X)

    def accuracy(weights: np.ndarray, examples: np.ndarray, labels: np.ndarray) -> np.ndarray:
        return np.array([((examples @ W.T + bias).argmax(axis=1) == labels).mean() for W in weights])

    found = {}
    for penalty in PENALTIES:
        weights = solve(gram, target, penalty, 10.0**EXPONENTS)
        right = accuracy(weights, X, train.labels), accuracy(weights, T, test.labels)
        found[penalty] = Path(10.0**EXPONENTS, weights, *right)
    return found


def compute(path: Path, penalty: str, strength: float) -> State:
    """The stop of a path that is nearest to a strength, on a logarithmic scale.

    path: as `paths` makes it
    penalty: its name, which the state keeps
    strength: λ > 0, else `ValueError`
    """
    check_number(strength, name="strength", low=0, open_low=True)
    at = int(np.abs(np.log(path.strengths / strength)).argmin())
    W = path.weights[at]
    return State(
        penalty=penalty,
        strength=float(path.strengths[at]),
        templates=W / np.maximum(np.abs(W).max(axis=1, keepdims=True), 1e-12),
        zeros=float((W == 0).mean()),
        size=penalize(W)[0],
        strengths=path.strengths,
        train_accuracy=path.train_accuracy,
        test_accuracy=path.test_accuracy,
        at=at,
    )


class RegularizationDemo(Demo):
    title = "How strong a penalty? Templates and accuracy"
    alt = (
        "Left: the rows of W as small images, each stretched to its own largest weight, grey where it is 0. "
        "Right: training and test accuracy against the strength λ of the penalty, a line at the present one."
    )
    size = (10, 4)
    presets = {
        "Next to none": {"strength": 1e-4},
        "L2, about right": {"strength": 1.0},
        "L2, too strong": {"strength": 100.0},
        "L1, few pixels": {"penalty": "l1", "strength": 10**-1.5},
        "L1, nothing left": {"penalty": "l1", "strength": 1.0},
    }

    penalty = Choice(PENALTIES)
    strength = LogSlider(-4, 2, start=-3, step=0.5, label="strength λ")

    def __init__(self, data: Dataset | None = None, *, count: int | None = None, **values: Any):
        """data: 32 × 32 colour images, `load_dataset("auto")` where None; count: training images in use."""
        usual = pick(quick=1000, full=2000)
        self.count = check_whole(usual if count is None else count, name="count", low=1)
        data = dataset_of(data, training=self.count, test=1)
        self.classes = data.classes
        self.paths = paths(data, self.count)
        super().__init__(**values)

    def compute(self, penalty: str, strength: float) -> State:
        return compute(self.paths[penalty], penalty, strength)

    def arrange(self, figure: Figure) -> Any:
        return tuple(figure.subplots(1, 2, width_ratios=(1.75, 1)))

    def draw(self, axes: Any) -> None:
        tiles, curve = axes
        self.in_a_row = -(-len(self.classes) // 2)
        self.cell, self.top = SIDE + 1, SIDE + 4  # with a gap beside and room for a name above each template
        self.mosaic = np.full((2 * self.top, self.in_a_row * self.cell, 3), 255, np.uint8)
        self.picture = Screen(tiles, self.mosaic.shape[:2])
        self.picture.set_zorder(2.6)
        for k, name in enumerate(self.classes):
            row, column = divmod(k, self.in_a_row)
            at = column * self.cell + SIDE / 2 - 0.5, row * self.top + 2.1
            tiles.text(*at, name, ha="center", va="bottom", fontsize=12)
        tiles.set_aspect("equal")
        self.note = tiles.text(0, 2 * self.top + 1, "\n", va="top", linespacing=1.4, zorder=4)

        self.lines = [
            curve.plot([], [], f"{marker}{style}", color=color, label=name, zorder=2.7)[0]
            for name, marker, style, color in (
                (f"{self.count:,} training images", "o", "--", plots.COLORS[1]),
                ("test images", "s", "-", plots.COLORS[0]),
            )
        ]
        self.cursor = curve.axvline(1, ymax=0.76, color="black", linewidth=1.5, zorder=2.6)
        curve.set(xscale="log", xlim=(10**-4.2, 10**2.2), ylim=(0, 132), yticks=range(0, 101, 20))
        curve.set(xlabel="strength λ of the penalty", ylabel="accuracy, %")
        curve.set_xticks([1e-4, 1e-2, 1, 100], ["0.0001", "0.01", "1", "100"])
        curve.minorticks_off()
        curve.legend(loc="upper right", fontsize=12).set_zorder(0)

    def update(self, state: State) -> None:
        pixels = (127.5 + 127.5 * state.templates).round().astype(np.uint8)
        for k, template in enumerate(pixels.reshape(-1, 3, SIDE, SIDE)):
            row, column = divmod(k, self.in_a_row)
            top, left = row * self.top + 3, column * self.cell
            self.mosaic[top : top + SIDE, left : left + SIDE] = template.transpose(1, 2, 0)
        self.picture.set_data(self.mosaic)
        self.lines[0].set_data(state.strengths, 100 * state.train_accuracy)
        self.lines[1].set_data(state.strengths, 100 * state.test_accuracy)
        self.cursor.set_xdata([state.strength] * 2)
        self.note.set_text(
            f"λ = {rounded(state.strength, 2)}   ΣW² = {rounded(state.size, 2)}   "
            f"{100 * state.zeros:.0f}% of the weights are 0\n"
            f"right: {100 * state.train_accuracy[state.at]:.0f}% of the training images, "
            f"{100 * state.test_accuracy[state.at]:.0f}% of the test images"
        )


show = shows(RegularizationDemo)
