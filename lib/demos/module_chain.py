"""A chain of modules, walked forward and back: upstream row × Jacobian = row, and what each of them costs."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.patches import Rectangle

from lib import nn, plots
from lib.checks import check_choice, check_whole
from lib.demos.kit import Choice, Demo, Pick, Slider, Time, shows
from lib.demos.kit.painting import Painting
from lib.demos.kit.rounded import rounded

NAMES = ("F", "G", "H", "J", "K")  # of the modules, as in deck A2
KINDS = ("Linear", "Sigmoid", "Linear", "ReLU", "Linear")
VALUES = ("x", "a₁", "a₂", "a₃", "a₄", "o")  # what goes into each module, and out of the last one
AT_WORK = "the one at work"
LAYERS = (AT_WORK, *(f"{name} {kind}" for name, kind in zip(NAMES, KINDS, strict=True)))
INPUTS, OUTPUTS = 5, 3  # sizes of x and o
LAST = 12  # steps: 5 modules forward, the loss, its gradient, 5 modules back
MOST_UNITS, MOST_EXAMPLES = 8, 4  # that are drawn; more are counted only


class Cost(NamedTuple):
    """How many numbers there are, for all examples of the batch; `weights` is 0 for a layer without any."""

    jacobian: int  # of the output in the input: (N · out) × (N · in)
    weights: int  # of the output in the weights and biases: (N · out) × their number
    backward: (
        int  # read and written by `backward`: upstream gradient, weights or input, gradient of the input
    )


class State(NamedTuple):
    """The chain after some steps, and one module of it."""

    step: int
    layer: int  # index of the module that is looked at
    sizes: tuple[int, ...]  # (6,) of x, a₁, …, o, for one example, as counted
    batch: int  # N, as counted
    upstream: np.ndarray | None  # (1, M) ∂L/∂output, an example after the other; None while it has not come
    jacobian: np.ndarray | None  # (M, K) ∂output/∂input; None before the forward pass
    product: np.ndarray | None  # (1, K) ∂L/∂input; None while it has not been computed
    cost: Cost


def jacobian(module: nn.Module, x: np.ndarray) -> np.ndarray:
    """∂output/∂x, row by row: a unit row vector sent back through a module picks one row of its Jacobian.

    x: float, any shape that the module takes → (output.size, x.size)

    >>> jacobian(nn.ReLU(), np.array([3.0, -1.0]))
    array([[1., 0.],
           [0., 0.]])
    """
    output = module.forward(x)
    units = np.eye(output.size).reshape(-1, *output.shape)
    return np.stack([np.ravel(module.update_grad_input(x, unit)) for unit in units])


def cost(kind: str, size_in: int, size_out: int, batch: int) -> Cost:
    """What a layer costs.

    kind: its class, "Linear" or that of an elementwise layer
    size_in, size_out: how many numbers go in and come out for one example
    batch: how many examples

    >>> cost("ReLU", 4096, 4096, batch=1).jacobian
    16777216
    """
    inputs, outputs = batch * size_in, batch * size_out
    if kind == "Linear":
        weights = size_out * (size_in + 1)
        return Cost(inputs * outputs, outputs * weights, outputs + size_in * size_out + inputs)
    return Cost(inputs * outputs, 0, 3 * inputs)


def compute(step: int, layer: str, width: int, batch: int) -> State:
    """The chain x → F → G → H → J → K → o with L = ½ ‖o − t‖², after `step` steps.

    step: 0 … 12
    layer: one of `LAYERS`
    width: 1 … 12, a₁ to a₄ have 2**width numbers
    batch: 1 … 16
    The arrays are those of a chain of at most 8 units and 4 examples; sizes and cost are of the whole one.

    >>> state = compute(12, "J ReLU", 12, 16)
    >>> state.jacobian.shape, state.cost.jacobian
    ((32, 32), 4294967296)
    """
    for name, value, low, high in (("step", step, 0, LAST), ("width", width, 1, 12), ("batch", batch, 1, 16)):
        check_whole(value, name=name, low=low, high=high)
    check_choice(layer, LAYERS, name="layer")
    index = at_work(step) if layer == AT_WORK else LAYERS.index(layer) - 1
    sizes = (INPUTS, *[2**width] * 4, OUTPUTS)
    chain, values, gradients = both_passes(min(2**width, MOST_UNITS), min(batch, MOST_EXAMPLES))
    come = step - 6  # gradients that are there: 1 is ∂L/∂o
    return State(
        step=step,
        layer=index,
        sizes=sizes,
        batch=batch,
        upstream=gradients[index + 1].reshape(1, -1) if come >= 5 - index else None,
        jacobian=jacobian(chain[index], values[index]) if step > index else None,
        product=gradients[index].reshape(1, -1) if come >= 6 - index else None,
        cost=cost(KINDS[index], sizes[index], sizes[index + 1], batch),
    )


def at_work(step: int) -> int:
    """The module that the step is about: forward from the first to the last, then back."""
    return max(0, step - 1) if step <= 5 else min(4, LAST - step)


def both_passes(units: int, examples: int) -> tuple[nn.Sequential, list[np.ndarray], list[np.ndarray]]:
    """The chain, x, a₁, …, o and ∂L/∂x, ∂L/∂a₁, …, ∂L/∂o: each (examples, size), float64, always the same."""
    chain = nn.Sequential(
        nn.Linear(INPUTS, units), nn.Sigmoid(), nn.Linear(units, units), nn.ReLU(), nn.Linear(units, OUTPUTS)
    )
    chain.double().reset(seed=3)
    rng = np.random.default_rng(4)
    values = [rng.standard_normal((MOST_EXAMPLES, INPUTS))[:examples]]
    targets = rng.standard_normal((MOST_EXAMPLES, OUTPUTS))[:examples]
    for module in chain:
        values.append(module.forward(values[-1]))
    gradients = [values[-1] - targets]
    for module, x in zip(reversed(chain.modules), reversed(values[:-1]), strict=True):
        module.backward(x, gradients[0])
        gradients.insert(0, module.grad_input)
    return chain, values, gradients


HEIGHT, ROW, SQUARE, GAP = 240, 184, 240, 40  # dots: of the board, a row vector, the Jacobian, and × or =
BOARD = 2 * ROW + SQUARE + 2 * GAP  # dots
PLACES = ((0, ROW), (ROW + GAP, SQUARE), (ROW + 2 * GAP + SQUARE, ROW))  # of the three: left, width
PITCH, BOX, LIFT = (
    172.5,
    (88, 62),
    190,
)  # of the chain: from one module to the next; a module; rows, if stacked
FILLS = {  # of modules, in the light and in the dark
    "Linear": ("#cfe6f5", "#1f3f57"),
    "½‖o−t‖²": ("#e3e3e3", "#363c44"),
    "": ("#fbe6bd", "#55431a"),
}
INKS = ((plots.COLORS[0], "#B04A00"), ("#62b9ec", "#ff9c57"))  # of values and gradients, light and dark


class Look(NamedTuple):
    """How matrices are painted.

    signed: uint8 (255, 3), from the most negative number to the most positive
    paper, frame, lines: uint8 (3,)
    """

    signed: np.ndarray
    paper: np.ndarray
    frame: np.ndarray
    lines: np.ndarray


@lru_cache(maxsize=4)
def look_on(paper: str, ink: str) -> Look:
    """Orange below 0, the paper at 0, blue above."""
    ground, letters = (255 * np.array(to_rgb(color)) for color in (paper, ink))
    share = np.abs(np.linspace(-1, 1, 255))[:, None]
    full = np.where(np.arange(255)[:, None] < 127, *(255 * np.array(to_rgb(plots.COLORS[i])) for i in (1, 0)))
    colours = (ground + share * (full - ground), ground, ground + 0.8 * (letters - ground))
    return Look(*(c.round().astype(np.uint8) for c in (*colours, ground + 0.22 * (letters - ground))))


def paint(board: np.ndarray, matrix: np.ndarray, left: int, width: int, look: Look | None = None) -> None:
    """Draws a matrix into the middle of a stretch of the board: orange negative, blue positive.

    board: uint8 (height, …, 3), changed in place
    left, width: dots
    look: its colours; None for those on white paper
    """
    signed, _, frame, lines = look or look_on("#ffffff", "#000000")
    rows, columns = matrix.shape
    height = len(board)
    cell = max(1, min((height - 1) // rows, (width - 1) // columns, height // 4))
    tall = cell if rows > 1 else max(cell, 36 * height // HEIGHT)  # a row vector has to be seen from afar
    top = np.abs(matrix).max() or 1.0
    colours = signed[np.rint(127 + 127 * matrix / top).astype(int)]
    tall = max(1, min(tall, (height - 1) // rows))
    picture = np.empty((rows * tall + 1, columns * cell + 1, 3), np.uint8)
    picture[:-1, :-1] = colours.repeat(tall, axis=0).repeat(cell, axis=1)
    if cell > 4:
        picture[::tall] = picture[:, ::cell] = lines
    picture[[0, -1]] = picture[:, [0, -1]] = frame
    y, x = max(0, (height - len(picture)) // 2), max(0, left + (width - picture.shape[1]) // 2)
    place = board[y : y + picture.shape[0], x : x + picture.shape[1]]
    place[:] = picture[: place.shape[0], : place.shape[1]]  # a tiny board has no room for all of it


def readable(count: int) -> str:
    """A number of float32 numbers, and their bytes."""
    size, unit = 4.0 * count, "B"
    for larger in ("KiB", "MiB", "GiB", "TiB", "PiB"):
        if size < 1000:
            break
        size, unit = size / 1024, larger
    million = f"{count / 1e6:,.{2 if count < 1e8 else 0}f} million"
    return f"{f'{count:,}' if count < 1e6 else million} = {size:.3g} {unit}"


class ModuleChainDemo(Demo):
    title = "A chain of modules: forward, and back"
    alt = (
        "Above, five modules and a loss from left to right, with the shapes of the values on their way "
        "forward and of the gradients on their way back. Below, for one module: the upstream gradient as a "
        "row, times the Jacobian, is the gradient of its input; and bars of how many numbers each has."
    )
    ask = "Predict each shape, then step: which of the three matrices would fill your computer?"
    size = (10, 4.78)
    tall_size = (4.8, 9.3)
    presets = {
        "Forward": {"step": 6},
        "Back through K": {"step": 8},
        "A ReLU: diagonal": {"batch": 1, "step": 9},
        "A batch: blocks": {"batch": 4, "step": 10},
        "4096 wide": {"width": 12, "batch": 1, "step": 9},
        "4096 wide, batch of 16": {"width": 12, "batch": 16, "step": 9},
    }

    step = Time(LAST, interval=1200, label="step")
    layer = Choice(LAYERS, label="look at")
    width = Slider(1, 12, start=3, label="width: 2 to the")
    batch = Slider(1, 16, start=2, label="batch")
    modules = Pick("layer", spots="spots", axes="chain", size=BOX, hint="Click a module to look at it")

    compute = staticmethod(compute)

    def arrange(self, figure: Any) -> Any:
        figure.set_layout_engine("none")
        wide, high = figure.get_size_inches() * figure.dpi

        def place(left: float, bottom: float, width: float, height: float) -> Any:
            return figure.add_axes((left / wide, bottom / high, width / wide, height / high))

        if self.tall:
            return place(0, 596, wide, 334), place(8, 334, 464, 464 * HEIGHT / BOARD), place(20, 36, 420, 220)
        return place(0, 300, wide, 178), place(10, 30, 602, 602 * HEIGHT / BOARD), place(676, 30, 300, 218)

    def draw(self, axes: Any) -> None:
        self.chain, board, costs = axes
        self.inks = INKS[self.dark]
        self._draw_chain(self.chain)
        self._draw_board(board)
        self._draw_costs(costs)

    def _draw_chain(self, ax: Any) -> None:
        each = 3 if self.tall else 6  # modules in a row
        self.gaps = 44 + PITCH * (np.arange(6) % each)  # where x, a₁, …, o stand
        self.lifts = -LIFT * (np.arange(6) // each)
        ax.set(xlim=(0, 15 + PITCH * each), ylim=(36 - LIFT * (6 // each - 1), 224))
        ax.set_axis_off()
        ax.spines[:].set_visible(False)
        for x, y, name, kind in zip(self.gaps, self.lifts, (*NAMES, "L"), (*KINDS, "½‖o−t‖²"), strict=True):
            left = x + 42
            look: dict[str, Any] = {"edgecolor": self.ink, "linewidth": 1.2}
            ax.add_patch(
                Rectangle(
                    (left, float(y + 98)), *BOX, facecolor=FILLS.get(kind, FILLS[""])[self.dark], **look
                )
            )
            middle = {"ha": "center", "va": "center", "zorder": 2.4}
            ax.text(left + 44, y + 139, name, fontsize=17, weight="bold", **middle)
            ax.text(left + 44, y + 114, kind, fontsize=11.5 if self.tall else 13, **middle)
        ax.plot(
            [*np.tile(self.gaps, 2)],
            [*self.lifts + 138, *self.lifts + 118],
            ".",
            color=self.faint,
            markersize=5,
        )  # where arrows will be
        self.arrows = []
        for color, mark, shift in zip(self.inks, "><", (1, -1), strict=True):
            line = ax.plot([], [], "-", color=color, linewidth=4, zorder=2.5)[0]
            heads = ax.plot([], [], mark, color=color, markersize=12, zorder=2.6)[0]
            self.arrows.append((line, heads, 138 if shift > 0 else 118, shift))
        words: dict[str, Any] = {"ha": "center", "fontsize": 13.5, "linespacing": 1.25}
        places = list(zip(self.gaps, self.lifts, strict=True))
        value_ink, gradient_ink = self.inks
        self.values_texts = [
            ax.text(x, y + 166, "", va="bottom", color=value_ink, **words) for x, y in places
        ]
        self.gradient_texts = [
            ax.text(x, y + 90, "", va="top", color=gradient_ink, **words) for x, y in places
        ]
        self.looked_at = ax.add_patch(
            Rectangle((0, 95), 94, 68, fill=False, edgecolor=self.ink, linewidth=4, zorder=2.7)
        )

    def spots(self) -> list[tuple[str, float, float, str]]:
        """The modules, and the loss, which leaves it to the step which one is looked at."""
        middles = [
            (x + 42 + BOX[0] / 2, y + 98 + BOX[1] / 2) for x, y in zip(self.gaps, self.lifts, strict=True)
        ]
        names = [f"look at {layer}" for layer in LAYERS[1:]]
        return [
            (layer, x, y, name)
            for layer, (x, y), name in zip(
                (*LAYERS[1:], AT_WORK), middles, (*names, f"look at {AT_WORK}"), strict=True
            )
        ]

    def _draw_board(self, ax: Any) -> None:
        self.board = Painting(ax, (HEIGHT, BOARD), self._board)
        middles = (ROW / 2, ROW + GAP + SQUARE / 2, ROW + 2 * GAP + SQUARE + ROW / 2)
        for x, sign in ((ROW + GAP / 2, "×"), (ROW + 1.5 * GAP + SQUARE, "=")):
            ax.text(x, HEIGHT / 2, sign, ha="center", va="center", fontsize=24, zorder=3)
        look: dict[str, Any] = {"ha": "center", "zorder": 3}
        size = 11.5 if self.tall else 15
        self.names = [
            ax.text(x, -6, "", va="bottom", fontsize=size, linespacing=1.2, **look) for x in middles
        ]
        self.waiting = [ax.text(x, HEIGHT / 2, "", va="center", fontsize=13, **look) for x in middles]
        self.key = ax.text(0, HEIGHT + 18, "", va="center", fontsize=12.5, zorder=3)

    def _draw_costs(self, ax: Any) -> None:
        ax.set(xlim=(0, 15.5), ylim=(-0.2, 3.1), xticks=range(0, 16, 3))
        ax.set_xticklabels(["1", "10³", "10⁶", "10⁹", "10¹²", "10¹⁵"], fontsize=12)
        ax.set_yticks([])
        ax.spines["left"].set_visible(False)
        ax.set_title("numbers, as float32", fontsize=14, loc="left")
        colors = (plots.COLORS[5], plots.COLORS[1], plots.COLORS[2])
        labels = ("Jacobian in the input", "Jacobian in the weights", "what backward uses")
        self.bars, self.counts = [], []
        for i, (label, color) in enumerate(zip(labels, colors, strict=True)):
            y = 2 - i
            ax.text(0, y + 0.77, label, va="center", fontsize=12.5, zorder=2.4)
            self.bars.append(ax.add_patch(Rectangle((0, y), 1, 0.22, color=color, linewidth=0, zorder=2.5)))
            self.counts.append(ax.text(0, y + 0.44, "", va="center", fontsize=14, weight="bold", zorder=3))

    def update(self, state: State) -> None:
        self.state = state
        self._update_chain(state)
        self._update_board(state)
        for bar, count, number in zip(self.bars, self.counts, state.cost, strict=True):
            bar.set_width(np.log10(max(1, number)))
            count.set_text(readable(number) if number else "no weights")

    def said(self) -> str:
        state = self.state
        name, cost = NAMES[state.layer], state.cost
        more = cost.jacobian / cost.backward
        times = f"{rounded(more, 2)} times what" if more > 1.05 else "no more than"
        size = readable(cost.jacobian).split(" = ")[1]
        return (
            f"Step {state.step}: {headline(state.step)}. The Jacobian of {name} would take {size}, "
            f"{times} backward uses."
        )

    def _update_chain(self, state: State) -> None:
        known = (
            min(state.step, 5) + 1,
            max(0, state.step - 6),
        )  # values from the left, gradients from the right
        for i, (value, gradient) in enumerate(zip(self.values_texts, self.gradient_texts, strict=True)):
            shape = f"({state.batch}, {state.sizes[i]})"
            value.set_text(f"{VALUES[i]}\n{shape}" if i < known[0] else "")
            gradient.set_text(f"∂L/∂{VALUES[i]}\n{shape}" if i >= 6 - known[1] else "")
        there = (slice(None, known[0]), slice(6 - known[1], None))
        for (line, heads, y, sign), where in zip(self.arrows, there, strict=True):
            xs, ys = self.gaps[where], y + self.lifts[where]
            ends = np.stack([xs - 26 * sign, xs + 20 * sign, np.full(len(xs), np.nan)], axis=1).ravel()
            line.set_data(ends, ys.repeat(3))
            heads.set_data(xs + 22 * sign, ys)
        self.looked_at.set_xy((self.gaps[state.layer] + 39, self.lifts[state.layer] + 95))

    def _board(self, state: State, height: int, width: int) -> np.ndarray:
        """The three matrices, as far as they are there."""
        look = look_on(self.paper, self.ink)
        board = np.tile(look.paper, (height, width, 1))
        matrices = (state.upstream, state.jacobian, state.product)
        for matrix, (left, room) in zip(matrices, PLACES, strict=True):
            if matrix is not None:
                paint(board, matrix, left * height // HEIGHT, room * height // HEIGHT, look)
        return board

    def _update_board(self, state: State) -> None:
        i, n = state.layer, state.batch
        for matrix, text in zip((state.upstream, state.jacobian, state.product), self.waiting, strict=True):
            text.set_text("not yet" if matrix is None else "")
        self.board.show(state)
        into, out = VALUES[i], VALUES[i + 1]
        size_in, size_out = f"{n * state.sizes[i]:,}", f"{n * state.sizes[i + 1]:,}"
        self.names[0].set_text(f"∂L/∂{out}\n1 × {size_out}")
        self.names[1].set_text(f"∂{out}/∂{into}\n{size_out} × {size_in}")
        self.names[2].set_text(f"∂L/∂{into}\n1 × {size_in}")
        units = state.sizes[1]
        few = [f"{MOST_UNITS} of {units:,} units"] * (units > MOST_UNITS)
        few += [f"{MOST_EXAMPLES} of {n} examples"] * (n > MOST_EXAMPLES)
        self.key.set_text("blue +   orange −" + (f"        drawn: {', '.join(few)}" if few else ""))


def headline(step: int) -> str:
    """What the step does, in a few words."""
    if step == 0:
        return "the input is there"
    if step <= 5:
        return f"forward through {NAMES[step - 1]}"
    if step <= 7:
        return "the loss L is computed" if step == 6 else "the loss says ∂L/∂o"
    return f"backward through {NAMES[LAST - step]}"


show = shows(ModuleChainDemo)
