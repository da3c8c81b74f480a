"""Pooling: a window keeps its maximum or its mean; the gradient goes back to where the value came from."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from lib import plots
from lib.checks import check_choice, check_whole
from lib.demos.kit import Choice, Demo, Slider, shows
from lib.demos.kit.rounded import rounded
from lib.demos.kit.screen import dots
from lib.demos.kit.sliding import Sliding
from lib.demos.kit.tiles import Tiles

SIZE, MOST_SHIFT = 6, 3
CELL = 50  # dots on a side of a square
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
    window, stride: as in `compute`
    row, column: of the output that is looked at
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
    window: int
    stride: int
    row: int
    column: int


def compute(kind: str, window: int, stride: int, shift: int, row: int = 0, column: int = 0) -> State:
    """Pools a 6 × 6 part of a wider picture.

    kind: one of `KINDS`
    window: its size, 1…6
    stride: ≥ 1
    shift: of the picture to the left, 0…3 pixels
    row, column: of the output to look at, from 0; beyond the last one, that

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
    check_whole(row, name="row")
    check_whole(column, name="column")
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
        window=window, stride=stride, row=min(row, m - 1), column=min(column, m - 1),
    )  # fmt: skip


def pool(x: np.ndarray, covers: np.ndarray, kind: str) -> np.ndarray:
    """Maximum or mean of each window: covers (m, m, SIZE, SIZE) → (m, m)."""
    if "max" in kind:
        return np.where(covers, x, -np.inf).max(axis=(2, 3))
    return np.tensordot(covers, x, 2) / covers[0, 0].sum()


class PoolingDemo(Demo):
    title = "Pooling, forward and backward"
    alt = (
        "A table of 6 × 6 numbers, tinted by the windows that see them; the winner of each window is "
        "framed. Beside it, the table of outputs in the same colours. Backward, the second table holds the "
        "gradients that come, and the first one where they go. One window and its output have a red frame."
    )
    ask = "Predict, then drag the window: what comes out of it, and which input gets its gradient?"
    size = (10, 3.45)
    tall_size = (4.6, 6.9)
    presets = {
        "2 × 2": {"window": 2, "stride": 2},
        "Moved by one pixel": {"window": 2, "stride": 2, "shift": 1},
        "As in AlexNet": {"window": 3, "stride": 2},
        "Gradient": {"kind": "gradient of max"},
        "Shared winners": {"kind": "gradient of max", "window": 3, "stride": 1, "row": 1, "column": 1},
        "Shared evenly": {"kind": "gradient of average"},
        "One for all": {"kind": "average", "window": 6, "stride": 1},
    }

    kind = Choice(KINDS, label="show")
    window = Slider(1, SIZE, start=2, label="window size")
    stride = Slider(1, 4, start=2, label="stride")
    shift = Slider(0, MOST_SHIFT, start=0, label="shift of the input")
    row = Slider(0, SIZE - 1, start=0, label="windows down")
    column = Slider(0, SIZE - 1, start=0, label="windows across")
    looked_through = Sliding(
        "row", "column", axes="input", stops="stops", side="window", stride="stride", cell=CELL,
        label="the window", hint="Drag the window, or click where it should go",
    )  # fmt: skip
    looked_at = Sliding(
        "row", "column", axes="output", stops="stops", cell=CELL,
        label="its output", hint="Click an output to see its window",
    )  # fmt: skip

    compute = staticmethod(compute)

    def arrange(self, figure: Figure) -> tuple[Axes, Axes]:
        side = CELL * SIZE
        if self.tall:
            return dots(figure, 80, 362, side), dots(figure, 80, 18, side)
        return dots(figure, 140, 12, side), dots(figure, 560, 12, side)

    def draw(self, axes: tuple[Axes, Axes]) -> None:
        self.input, self.output = axes
        self.tables = [Tiles(ax, SIZE, SIZE, side=CELL, font=17) for ax in axes]
        look: dict[str, Any] = {"transform": None, "ha": "left", "va": "bottom", "fontsize": 14}
        self.titles = [ax.text(0, 1.02, "", **look | {"transform": ax.transAxes}) for ax in axes]
        style: dict[str, Any] = {
            "fill": False, "edgecolor": plots.COLORS[5], "linewidth": 4, "zorder": 3, "clip_on": False
        }  # fmt: skip
        self.frames = [Rectangle((0, 0), 1, 1, **style) for _ in axes]
        for ax, frame in zip(axes, self.frames, strict=True):
            ax.add_patch(frame)

    def update(self, state: State) -> None:
        self.state = state
        backward, m = state.kind.startswith("gradient"), len(state.output)
        tints = TINTS[np.arange(m * m) % len(TINTS)].reshape(m, m, 3)
        paper = 255 * np.array(to_rgb(self.paper))
        of_input, frames = input_colours(state, tints, paper)
        left, right = (state.grad_input, state.grad_output) if backward else (state.x, state.output)
        self.tables[0].fill(of_input, words(left), frames)
        self.tables[1].fill((paper - (paper - tints) * 0.55).astype(np.uint8), words(right))
        names = ("gradient of the input", "gradient of the output") if backward else ("input", "output")
        for title, name, table in zip(self.titles, names, (left, right), strict=True):
            total = f", sum {rounded(table.sum(), 4)}" if backward else f", {len(table)} × {len(table)}"
            title.set_text(name + total)
        for frame, side, pace in zip(self.frames, (state.window, 1), (state.stride, 1), strict=True):
            x, y = (CELL * pace * place - 0.5 for place in (state.column, state.row))
            frame.set_bounds(x, y, CELL * side, CELL * side)

    def stops(self) -> int:
        return len(self.state.output)

    def said(self) -> str:
        state = self.state
        number, m = state.row * len(state.output) + state.column + 1, len(state.output)
        seen = state.x[state.covers[state.row, state.column]]
        first = f"Window {number} of {m * m}"
        value = rounded(state.output[state.row, state.column], 3)
        if not state.kind.startswith("gradient"):
            how = "largest" if state.kind == "max" else "mean"
            few = ", ".join(rounded(x, 3) for x in seen) if len(seen) <= 4 else f"{len(seen)} numbers"
            moved = (
                f" The shift changed {state.moved_inputs} of {SIZE**2} inputs, "
                f"{state.moved_outputs} of {m * m} outputs."
                if state.moved_inputs else ""
            )  # fmt: skip
            return f"{first} sees {few}; the {how} is {value}.{moved}"
        grad = state.grad_output[state.row, state.column]
        if "max" not in state.kind:
            each = rounded(grad / state.window**2, 3)
            return f"{first} gets {rounded(grad, 3)} and hands {each} to each of its {len(seen)} inputs."
        i, j = state.winners[state.row, state.column]
        others = int((state.winners == (i, j)).all(axis=2).sum()) - 1
        whole = rounded(state.grad_input[i, j], 4)
        also = (
            f", which wins {others} more window{'s' * (others > 1)} and gets {whole} in all" if others else ""
        )
        return f"{first} hands its {rounded(grad, 3)} to its winner, row {i + 1}, column {j + 1}{also}."


def words(table: np.ndarray) -> list[list[str]]:
    return [[rounded(number, 3) for number in row] for row in table]


def input_colours(state: State, tints: np.ndarray, paper: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Each input in the mean colour of the windows that see it, and the winners, which get a frame.

    paper: float (3,), of the ground
    Returns uint8 (SIZE, SIZE, 3) and bool (SIZE, SIZE).
    """
    seen = state.covers.sum(axis=(0, 1))[..., None]
    mean = np.tensordot(state.covers, tints, ((0, 1), (0, 1))) / np.maximum(1, seen)
    won = np.zeros((SIZE, SIZE), bool)
    if "max" in state.kind:
        won[state.winners[..., 0], state.winners[..., 1]] = True
    strength = np.where(won | ("average" in state.kind), 0.55, 0.22)[..., None]
    return np.where(seen == 0, paper, paper - (paper - mean) * strength).astype(np.uint8), won


show = shows(PoolingDemo)
