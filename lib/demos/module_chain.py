"""A chain of modules, walked forward and back: upstream row × Jacobian = row, and what each of them costs."""

from __future__ import annotations

from typing import Any, NamedTuple

import matplotlib
import numpy as np
from matplotlib.patches import Rectangle

from lib import nn, plots
from lib.checks import check_choice, check_whole
from lib.demos.kit import Choice, Demo, Slider, Time, shows
from lib.demos.kit.screen import Screen

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
    """The chain x → F → G → H → J → K → o with L = ½ ‖o − y‖², after `step` steps.

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


SIGNED = (255 * matplotlib.colormaps["PuOr_r"](np.linspace(0, 1, 255))[:, :3]).round().astype(np.uint8)
HEIGHT, ROW, SQUARE, GAP = 240, 184, 240, 40  # dots: of the board, a row vector, the Jacobian, and × or =
BOARD = 2 * ROW + SQUARE + 2 * GAP  # dots
FRAME, LINES = (60, 60, 60), (205, 205, 205)


def paint(board: np.ndarray, matrix: np.ndarray, left: int, width: int) -> None:
    """Draws a matrix into the middle of a stretch of the board: purple negative, white 0, orange positive.

    board: uint8 (HEIGHT, …, 3), changed in place
    left, width: dots
    """
    rows, columns = matrix.shape
    cell = min((HEIGHT - 1) // rows, (width - 1) // columns, 60)
    tall = cell if rows > 1 else max(cell, 36)  # a row vector has to be seen from afar
    top = np.abs(matrix).max() or 1.0
    colours = SIGNED[np.rint(127 + 127 * matrix / top).astype(int)]
    picture = np.empty((rows * tall + 1, columns * cell + 1, 3), np.uint8)
    picture[:-1, :-1] = colours.repeat(tall, axis=0).repeat(cell, axis=1)
    if cell > 4:
        picture[::tall] = picture[:, ::cell] = LINES
    picture[[0, -1]] = picture[:, [0, -1]] = FRAME
    y, x = (HEIGHT - len(picture)) // 2, left + (width - picture.shape[1]) // 2
    board[y : y + picture.shape[0], x : x + picture.shape[1]] = picture


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
    size = (10, 5.5)
    presets = {
        "Forward": {"step": 6},
        "Back through K": {"step": 8},
        "A ReLU: diagonal": {"batch": 1, "step": 9},
        "A batch: blocks": {"batch": 4, "step": 10},
        "4096 wide": {"width": 12, "batch": 1, "step": 9},
        "4096 wide, batch of 16": {"width": 12, "batch": 16, "step": 9},
    }

    step = Time(LAST, start=8, interval=1200, label="step")
    layer = Choice(LAYERS, label="look at")
    width = Slider(1, 12, start=3, label="width: 2 to the")
    batch = Slider(1, 16, start=2, label="batch")

    compute = staticmethod(compute)

    def arrange(self, figure: Any) -> Any:
        figure.set_layout_engine("none")
        wide, high = figure.get_size_inches() * figure.dpi

        def place(left: float, bottom: float, width: float, height: float) -> Any:
            return figure.add_axes((left / wide, bottom / high, width / wide, height / high))

        return place(0, 314, wide, 236), place(10, 32, BOARD, HEIGHT), place(706, 32, 276, 264)

    def draw(self, axes: Any) -> None:
        chain, board, costs = axes
        self._draw_chain(chain)
        self._draw_board(board)
        self._draw_costs(costs)

    def _draw_chain(self, ax: Any) -> None:
        ax.set(xlim=(0, 1050), ylim=(14, 250))
        ax.set_axis_off()
        ax.spines[:].set_visible(False)
        self.gaps = 44 + 172.5 * np.arange(6)  # where x, a₁, …, o stand
        for i, (name, kind) in enumerate(zip((*NAMES, "L"), (*KINDS, "½‖o−y‖²"), strict=True)):
            fill = {"Linear": "#cfe6f5", "½‖o−y‖²": "#e3e3e3"}.get(kind, "#fbe6bd")
            left = self.gaps[i] + 42
            ax.add_patch(Rectangle((left, 98), 88, 62, facecolor=fill, edgecolor="#555555", linewidth=1.2))
            ax.text(left + 44, 139, name, ha="center", va="center", fontsize=17, weight="bold", zorder=2.4)
            ax.text(left + 44, 114, kind, ha="center", va="center", fontsize=13, zorder=2.4)
        ax.plot(
            [*np.tile(self.gaps, 2)], [138] * 6 + [118] * 6, ".", color="#cccccc", markersize=5
        )  # where arrows will be
        self.arrows = []
        for color, mark, shift in ((plots.COLORS[0], ">", 1), (plots.COLORS[5], "<", -1)):
            line = ax.plot([], [], "-", color=color, linewidth=4, zorder=2.5)[0]
            heads = ax.plot([], [], mark, color=color, markersize=12, zorder=2.6)[0]
            self.arrows.append((line, heads, 138 if shift > 0 else 118, shift))
        look = {"ha": "center", "fontsize": 13.5, "linespacing": 1.25}
        self.values_texts = [
            ax.text(x, 166, "", va="bottom", color=plots.COLORS[0], **look) for x in self.gaps
        ]
        self.gradient_texts = [ax.text(x, 90, "", va="top", color="#B04A00", **look) for x in self.gaps]
        self.looked_at = ax.add_patch(Rectangle((0, 95), 94, 68, fill=False, linewidth=4, zorder=2.7))
        self.headline = ax.text(14, 236, "", ha="left", va="center", fontsize=15, weight="bold")

    def _draw_board(self, ax: Any) -> None:
        self.board = Screen(ax, (HEIGHT, BOARD))
        middles = (ROW / 2, ROW + GAP + SQUARE / 2, ROW + 2 * GAP + SQUARE + ROW / 2)
        for x, sign in ((ROW + GAP / 2, "×"), (ROW + 1.5 * GAP + SQUARE, "=")):
            ax.text(x, HEIGHT / 2, sign, ha="center", va="center", fontsize=24, zorder=3)
        look = {"ha": "center", "zorder": 3}
        self.names = [ax.text(x, -6, "", va="bottom", fontsize=16, linespacing=1.2, **look) for x in middles]
        self.waiting = [ax.text(x, HEIGHT / 2, "", va="center", fontsize=13.5, **look) for x in middles]
        self.key = ax.text(0, HEIGHT + 20, "", va="center", fontsize=12.5, zorder=3, color="#333333")

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
            ax.text(0, y + 0.77, label, va="center", fontsize=12.5, color="#333333", zorder=2.4)
            self.bars.append(ax.add_patch(Rectangle((0, y), 1, 0.22, color=color, linewidth=0, zorder=2.5)))
            self.counts.append(ax.text(0, y + 0.44, "", va="center", fontsize=14, weight="bold", zorder=3))

    def update(self, state: State) -> None:
        self._update_chain(state)
        self._update_board(state)
        for bar, count, number in zip(self.bars, self.counts, state.cost, strict=True):
            bar.set_width(np.log10(max(1, number)))
            count.set_text(readable(number) if number else "no weights")

    def _update_chain(self, state: State) -> None:
        known = (
            min(state.step, 5) + 1,
            max(0, state.step - 6),
        )  # values from the left, gradients from the right
        for i, (value, gradient) in enumerate(zip(self.values_texts, self.gradient_texts, strict=True)):
            shape = f"({state.batch}, {state.sizes[i]})"
            value.set_text(f"{VALUES[i]}\n{shape}" if i < known[0] else "")
            gradient.set_text(f"∂L/∂{VALUES[i]}\n{shape}" if i >= 6 - known[1] else "")
        there = (self.gaps[: known[0]], self.gaps[6 - known[1] :])
        for (line, heads, y, sign), xs in zip(self.arrows, there, strict=True):
            ends = np.stack([xs - 26 * sign, xs + 20 * sign, np.full(len(xs), np.nan)], axis=1).ravel()
            line.set_data(ends, np.full(len(ends), y))
            heads.set_data(xs + 22 * sign, np.full(len(xs), y))
        self.looked_at.set_x(self.gaps[state.layer] + 39)
        self.headline.set_text(headline(state.step))

    def _update_board(self, state: State) -> None:
        i, n = state.layer, state.batch
        board = np.full((HEIGHT, BOARD, 3), 255, np.uint8)
        places = ((0, ROW), (ROW + GAP, SQUARE), (ROW + 2 * GAP + SQUARE, ROW))
        matrices = (state.upstream, state.jacobian, state.product)
        for matrix, (left, width), text in zip(matrices, places, self.waiting, strict=True):
            if matrix is not None:
                paint(board, matrix, left, width)
            text.set_text("not yet" if matrix is None else "")
        self.board.set_data(board)
        into, out = VALUES[i], VALUES[i + 1]
        size_in, size_out = f"{n * state.sizes[i]:,}", f"{n * state.sizes[i + 1]:,}"
        self.names[0].set_text(f"∂L/∂{out}\n1 × {size_out}")
        self.names[1].set_text(f"∂{out}/∂{into}\n{size_out} × {size_in}")
        self.names[2].set_text(f"∂L/∂{into}\n1 × {size_in}")
        units = state.sizes[1]
        few = [f"{MOST_UNITS} of {units:,} units"] * (units > MOST_UNITS)
        few += [f"{MOST_EXAMPLES} of {n} examples"] * (n > MOST_EXAMPLES)
        self.key.set_text(
            "orange +   white 0   purple −" + (f"        drawn: {', '.join(few)}" if few else "")
        )


def headline(step: int) -> str:
    """What the step does, in a few words."""
    if step == 0:
        return "0: the input"
    if step <= 5:
        return f"{step}: forward through {NAMES[step - 1]}"
    if step <= 7:
        return f"{step}: " + ("the loss L" if step == 6 else "the loss says ∂L/∂o")
    return f"{step}: backward through {NAMES[LAST - step]}"


show = shows(ModuleChainDemo)
