"""Pooling: a window keeps its maximum or its mean; the gradient goes back to where the value came from."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from lib import plots
from lib.checks import check_choice, check_whole
from lib.demos.kit import Choice, Demo, Slider, shows
from lib.demos.kit.rounded import rounded
from lib.demos.kit.screen import dots
from lib.demos.kit.tiles import Tiles

SIZE, MOST_SHIFT = 6, 3
KINDS = ("max", "average", "gradient of max", "gradient of average")
WIDE = np.array(  # what a small edge detector might answer; the demo looks at SIZE × SIZE of it
    [
        [0, 1, 0, 0, 2, 0, 1, 0, 0],
        [1, 8, 3, 0, 1, 5, 2, 0, 1],
        [0, 3, 9, 2, 0, 1, 7, 1, 0],
        [0, 0, 2, 4, 1, 0, 2, 6, 0],
        [2, 1, 0, 1, 6, 3, 0, 1, 2],
        [0, 4, 4, 0, 1, 2, 0, 0, 1],
    ],
    float,
)
TINTS = np.array([to_rgb(plots.COLORS[i]) for i in (0, 1, 2, 3, 4, 5, 6, 9)]) * 255


class State(NamedTuple):
    """One pooling layer, forward and backward.

    x: (SIZE, SIZE), the input
    output: (m, m)
    winners: int (m, m, 2), row and column of each maximum: the first of equal ones, as in torch
    covers: bool (m, m, SIZE, SIZE), which inputs each window sees
    grad_output: (m, m), 1, 2, 3, … so that you can tell them apart
    grad_input: (SIZE, SIZE)
    moved_inputs, moved_outputs: how many numbers differ from those without the shift
    """

    kind: str
    x: np.ndarray
    output: np.ndarray
    winners: np.ndarray
    covers: np.ndarray
    grad_output: np.ndarray
    grad_input: np.ndarray
    moved_inputs: int
    moved_outputs: int


def compute(kind: str, window: int, stride: int, shift: int) -> State:
    """Pools a 6 × 6 part of a wider picture.

    kind: one of `KINDS`
    window: its size, 1…6
    stride: ≥ 1
    shift: of the picture to the left, 0…3 pixels
    Raises `ValueError` that names the argument.

    >>> compute("max", 2, 2, 0).output
    array([[8., 3., 5.],
           [3., 9., 1.],
           [4., 4., 6.]])
    """
    check_choice(kind, KINDS, name="kind")
    check_whole(window, name="window", low=1, high=SIZE)
    check_whole(stride, name="stride", low=1)
    check_whole(shift, name="shift", high=MOST_SHIFT)
    x, still = WIDE[:, shift : shift + SIZE], WIDE[:, :SIZE]
    places = range(0, SIZE - window + 1, stride)
    m = len(places)
    covers = np.zeros((m, m, SIZE, SIZE), bool)
    for i, top in enumerate(places):
        for j, left in enumerate(places):
            covers[i, j, top : top + window, left : left + window] = True
    best = np.where(covers, x, -np.inf).reshape(m, m, -1).argmax(axis=2)
    winners = np.stack(divmod(best, SIZE), axis=-1)
    grad_output = np.arange(1.0, m * m + 1).reshape(m, m)
    grad_input = np.zeros((SIZE, SIZE))
    if "max" in kind:
        np.add.at(grad_input, (winners[..., 0], winners[..., 1]), grad_output)  # windows may share a winner
    else:
        grad_input = np.tensordot(grad_output, covers, 2) / window**2
    return State(
        kind=kind, x=x, output=pool(x, covers, kind), winners=winners, covers=covers,
        grad_output=grad_output, grad_input=grad_input, moved_inputs=int((x != still).sum()),
        moved_outputs=int((pool(x, covers, kind) != pool(still, covers, kind)).sum()),
    )  # fmt: skip


def pool(x: np.ndarray, covers: np.ndarray, kind: str) -> np.ndarray:
    """Maximum or mean of each window: covers (m, m, SIZE, SIZE) → (m, m)."""
    if "max" in kind:
        return np.where(covers, x, -np.inf).max(axis=(2, 3))
    return np.tensordot(covers, x, 2) / covers[0, 0].sum()


class PoolingDemo(Demo):
    title = "Pooling, forward and backward"
    alt = (
        "Left, a table of 6 × 6 numbers, tinted by the windows that see them; the winner of each window is "
        "framed. Right, the table of outputs in the same colours. Backward, the right table holds the "
        "gradients that come, and the left one where they go."
    )
    size = (10, 4.2)
    presets = {
        "2 × 2": {"window": 2, "stride": 2},
        "Moved by one pixel": {"window": 2, "stride": 2, "shift": 1},
        "As in AlexNet": {"window": 3, "stride": 2},
        "Gradient": {"kind": "gradient of max"},
        "Shared winners": {"kind": "gradient of max", "window": 3, "stride": 1},
        "Shared evenly": {"kind": "gradient of average"},
        "One for all": {"kind": "average", "window": 6, "stride": 1},
    }

    kind = Choice(KINDS, label="show")
    window = Slider(1, SIZE, start=2, label="window size")
    stride = Slider(1, 4, start=2, label="stride")
    shift = Slider(0, MOST_SHIFT, start=0, label="shift of the input")

    compute = staticmethod(compute)

    def arrange(self, figure: Figure) -> tuple[Axes, Axes]:
        figure.set_layout_engine("none")
        return dots(figure, 130, 50, 300), dots(figure, 570, 50, 300)

    def draw(self, axes: tuple[Axes, Axes]) -> None:
        self.tables = [Tiles(ax, SIZE, SIZE, side=50, font=17) for ax in axes]
        figure = axes[0].figure
        self.titles = [figure.text(x, 0.87, "", ha="center", fontsize=14) for x in (0.28, 0.72)]
        self.count = figure.text(0.5, 0.03, "", ha="center", fontsize=14)

    def update(self, state: State) -> None:
        backward, m = state.kind.startswith("gradient"), len(state.output)
        tints = TINTS[np.arange(m * m) % len(TINTS)].reshape(m, m, 3)
        of_input, frames = input_colours(state, tints)
        left, right = (state.grad_input, state.grad_output) if backward else (state.x, state.output)
        self.tables[0].set(of_input, words(left), frames)
        self.tables[1].set((255 - (255 - tints) * 0.55).astype(np.uint8), words(right))
        names = ("gradient of the input", "gradient of the output") if backward else ("input", "output")
        for title, name, side in zip(self.titles, names, (SIZE, m), strict=True):
            title.set_text(f"{name}, {side} × {side}")
        inputs, outputs = (
            f"{state.moved_inputs} of {SIZE**2} inputs",
            f"{state.moved_outputs} of {m**2} outputs",
        )
        moved, sums = (
            f"the shift changed {inputs}, {outputs}",
            f"sum {rounded(left.sum(), 4)} ← {rounded(right.sum(), 4)}",
        )
        self.count.set_text(sums if backward else moved)


def words(table: np.ndarray) -> list[list[str]]:
    return [[rounded(number, 3) for number in row] for row in table]


def input_colours(state: State, tints: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Each input in the mean colour of the windows that see it, and the winners, which get a frame.

    Returns uint8 (SIZE, SIZE, 3) and bool (SIZE, SIZE).
    """
    seen = state.covers.sum(axis=(0, 1))[..., None]
    mean = np.tensordot(state.covers, tints, ((0, 1), (0, 1))) / np.maximum(1, seen)
    won = np.zeros((SIZE, SIZE), bool)
    if "max" in state.kind:
        won[state.winners[..., 0], state.winners[..., 1]] = True
    strength = np.where(won | ("average" in state.kind), 0.55, 0.22)[..., None]
    return np.where(seen == 0, 255, 255 - (255 - mean) * strength).astype(np.uint8), won


show = shows(PoolingDemo)
