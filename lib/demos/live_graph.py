"""Any expression as a graph, stepped forward and backward: at each gate, upstream × local = gradient."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

from lib.demos.kit import Demo
from lib.demos.kit.named_sliders import NamedSliders
from lib.demos.kit.steps import Steps
from lib.demos.kit.text_field import TextField
from lib.graph import ComputationalGraph, Node, Step
from lib.graph.artists import GRADIENT_COLOR, MARGIN, VALUE_COLOR, GraphArtists, arrange_graph
from lib.graph.layout import COLUMN_GAP, Layout
from lib.graph.parse import parse
from lib.graph.words import called, number, symbol, written_sum

MOST_NODES, MOST_INPUTS = 40, 8  # that fit on the picture, and on the panel
CLOSE = 18  # points, between columns where room is short
SMALL = 0.75  # of a graph's usual size: below it, its numbers may stand above the boxes, where that helps
NEW = 1.0  # what an input starts at whose name has not been used before

WIDTH, HEIGHT, TOP, BOTTOM = 756, 446, 30, 128  # points: the figure; the expression's line; the panel below
COLUMNS = (20, 180, 268, 352, 436, 500)  # points, of the panel: to, upstream, ×, local, =, gradient
ROWS = (56, 18)  # points: a gate here has one or two parents
GRAPH_HEIGHT = HEIGHT - TOP - BOTTOM

NEURON = "1 / (1 + exp(-(w0*x0 + w1*x1 + w2)))"


class Share(NamedTuple):
    """What a gate hands to one of its parents: upstream × local = gradient."""

    to: str  # how the parent is called
    upstream: float
    local: float
    gradient: float
    before: float | None  # what the parent has got from its other uses so far; None if nothing


class State(NamedTuple):
    """The graph after some steps: the values come gate by gate, then the gradients, from the output back."""

    expression: str
    layout: Layout
    step: int
    last: int  # step at which everything is computed
    values: dict[Node, float]  # those that are known by now
    gradients: dict[Node, float]  # likewise; where uses are still missing, the sum so far
    node: Node | None  # the gate at work
    phase: str  # "inputs", "forward", "start" (the output's own gradient) or "backward"
    shares: tuple[Share, ...]  # backward: one for each parent that is no constant


@lru_cache(maxsize=64)
def build(expression: str) -> tuple[ComputationalGraph, Layout]:
    """The graph of an expression, computed once at 1, and its layout.

    Raises `ValueError` where it cannot be read, has too many gates or inputs, or is no number.
    """
    graph = ComputationalGraph(parse(expression))
    if len(graph.inputs) > MOST_INPUTS:
        raise ValueError(f"this has {len(graph.inputs)} names; at most {MOST_INPUTS} get a slider")
    if len(graph.nodes) > MOST_NODES:
        raise ValueError(f"this graph has {len(graph.nodes)} nodes; at most {MOST_NODES} fit on the picture")
    if all(node.gate is None for node in graph.nodes):
        raise ValueError("there is nothing to compute: try x * y")
    graph.forward(**dict.fromkeys(graph.inputs, 1.0))
    graph.backward()

    def arranged(gap: float, above: bool = False) -> Layout:
        return arrange_graph(graph, {}, {}, least="−0.00", gap=gap, above=above)

    gap = COLUMN_GAP
    layout = arranged(gap)
    if enlargement(layout) < 1:
        gap = CLOSE
        layout = arranged(gap)
    if enlargement(layout) < SMALL:
        layout = max(layout, arranged(gap, above=True), key=enlargement)
    columns = len({round(place[0] + layout.widths[node] / 2) for node, place in layout.places.items()})
    spare = WIDTH * layout.height / GRAPH_HEIGHT - layout.width  # a tall graph leaves room for wider gaps
    if spare > 0 and columns > 1:
        layout = arranged(gap + min(60, 0.9 * spare / (columns - 1)), layout.above)
    return graph, layout


def enlargement(layout: Layout) -> float:
    """How large a graph can be shown."""
    return min((WIDTH - MARGIN[0]) / layout.width, (GRAPH_HEIGHT - MARGIN[1]) / layout.height)


def last_step(expression: str) -> int:
    """Steps that an expression takes: its gates forward, the output's gradient 1, its gates backward."""
    return 1 + 2 * sum(node.gate is not None for node in build(expression)[0].nodes)


def input_names(expression: str) -> list[str]:
    """The names in an expression that get a slider, each once."""
    return list(build(expression)[0].inputs)


def compute(expression: str, inputs: dict[str, float], step: int) -> State:
    """The graph of an expression after `step` steps; steps beyond the last one change nothing more.

    inputs: name → number; names that do not occur are ignored, those that are missing are 1

    Raises `ValueError` where the expression cannot be shown (see `build`), or step is below 0.
    """
    if step < 0:
        raise ValueError(f"step: got {step}, accepted are 0, 1, 2, …")
    graph, layout = build(expression)
    graph.forward(**{name: inputs.get(name, NEW) for name in graph.inputs})
    graph.backward()
    trace = graph.trace()
    gates = len(trace) // 2
    step = min(step, 2 * gates + 1)
    waiting = {s.node for s in trace[:gates][step:]}
    values = {node: float(value) for node, value in graph.values.items() if node not in waiting}
    output = graph.outputs[0]
    gradients = {output: 1.0} if step > gates else {}
    shares: tuple[Share, ...] = ()
    for past in trace[gates : step - 1] if step > gates + 1 else ():
        shares = pass_back(past, gradients)
    node, phase = None, "inputs"
    if 0 < step <= gates:
        node, phase = trace[step - 1].node, "forward"
    elif step == gates + 1:
        node, phase = output, "start"
    elif step > gates:
        node, phase = trace[step - 2].node, "backward"
    return State(expression, layout, step, 2 * gates + 1, values, gradients, node, phase, shares)


def pass_back(step: Step, gradients: dict[Node, float]) -> tuple[Share, ...]:
    """Adds what one gate hands to its parents to their gradients; returns it."""
    shares = []
    for parent, local, given in zip(step.node.parents, step.local, step.given, strict=True):
        if parent.constant is None:
            before = gradients.get(parent)
            gradients[parent] = float(given) if before is None else before + float(given)
            shares.append(Share(called(parent), float(step.taken[0]), float(local), float(given), before))
    return tuple(shares)


def headline(state: State) -> str:
    """What the step does."""
    what = {"inputs": "the inputs have their values", "start": "backward begins at the output"}.get(
        state.phase
    )
    what = what or f"{state.phase} through {called(state.node)}"
    return f"Step {state.step} of {state.last}: {what}"


def calculation(state: State) -> str:
    """What the gate at work computes forward: "−2 + 5 = 3"."""
    node = state.node
    sign = symbol(node)
    taken = [number(state.values[parent]) for parent in node.parents]
    if node.gate.infix:
        taken = [taken[0], *(f"({text})" if text.startswith("−") else text for text in taken[1:])]
        left = f" {sign} ".join(taken) if len(taken) > 1 else f"{sign}({taken[0]})"
    else:
        left = f"{sign}({', '.join(taken)})"
    return f"{left} = {number(state.values[node])}"


def branch_sum(share: Share) -> str:
    """How the gradients of several uses add: "−4 + 3 = −1"."""
    terms = [share.before, share.gradient]
    return f"{written_sum(terms)} = {number(sum(terms))}"


def said(state: State) -> str:
    """The step in one line of text, numbers included: for those who cannot see the picture."""
    text = headline(state)
    if state.phase in ("forward", "start"):
        text += f": {calculation(state) if state.phase == 'forward' else '∂f/∂f = 1'}"
    for share in state.shares:
        text += (
            f"; upstream {number(share.upstream)} × local {number(share.local)} "
            f"= {number(share.gradient)} to {share.to}"
        )
        text += "" if share.before is None else f", which now has {branch_sum(share)}"
    if state.step == state.last:
        ends = [f"{n.name} {number(g)}" for n, g in state.gradients.items() if n.is_input]
        text += f". Gradients: {', '.join(sorted(ends))}"
    return text + "."


class LiveGraphDemo(Demo):
    title = "The live graph"
    alt = (
        "An expression as a graph, from the inputs on the left to the output on the right: values stand "
        "above the lines, gradients below them, as far as the steps have come. Below, for the gate at work: "
        "what it computes, or its upstream gradient times its local gradient."
    )
    size = (WIDTH / 72, HEIGHT / 72)
    presets = {
        "(x + y) z": {"expression": "(x + y) * z", "inputs": {"x": -2.0, "y": 5.0, "z": -4.0}, "step": 0},
        "again, elsewhere": {
            "expression": "(x + y) * z",
            "inputs": {"x": 1.0, "y": -3.0, "z": 4.0},
            "step": 0,
        },
        "sigmoid neuron": {
            "expression": NEURON,
            "inputs": {"w0": 2.0, "x0": -1.0, "w1": -3.0, "x1": -2.0, "w2": -3.0},
            "step": 0,
        },
        "add, max, mul": {
            "expression": "2 * (x*y + max(z, w))",
            "inputs": {"x": 3.0, "y": -4.0, "z": 2.0, "w": -1.0},
            "step": 0,
        },
        "a branch": {
            "expression": "x*y + x*z",
            "inputs": {"x": 2.0, "y": 3.0, "z": -4.0},
            "step": 0,
        },
        "linear + hinge + regulariser": {
            "expression": "max(0, 1 - y*(w*x + b)) + lam * w**2",
            "inputs": {"y": 1.0, "w": 0.5, "x": 2.0, "b": -0.5, "lam": 0.1},
            "step": 0,
        },
    }

    expression = TextField("(x + y) * z", accept=build, examples=("x * y", NEURON), label="f =")
    step = Steps(2 * MOST_NODES + 1, start=4, interval=1500, label="step")
    inputs = NamedSliders(
        -10.0, 10.0, step=0.1, most=MOST_INPUTS, start={"x": -2.0, "y": 5.0, "z": -4.0},
        examples=({"x": 1.0, "y": -3.0, "z": 4.0}, {"x": 3.5, "y": 5.0, "z": -4.0}),
    )  # fmt: skip

    canvas = None  # until it has been drawn for the first time

    compute = staticmethod(compute)

    def arrange(self, figure: Any) -> Any:
        figure.set_layout_engine("none")
        share = BOTTOM / HEIGHT
        return figure.add_axes((0, share, 1, 1 - share)), figure.add_axes((0, 0, 1, share))

    def draw(self, axes: Any) -> None:
        graph, panel = axes
        self.graph = GraphArtists(graph, MOST_NODES, (WIDTH, GRAPH_HEIGHT), largest=1.8)
        graph.set_ylim(0, HEIGHT - BOTTOM)
        self.name = graph.text(
            COLUMNS[0], HEIGHT - BOTTOM - 21, "", fontsize=15, parse_math=False, zorder=2.4
        )
        self.legend = [
            graph.text(x, HEIGHT - BOTTOM - 21, text, fontsize=13, color=color, ha="right", zorder=2.4)
            for x, text, color in (
                (WIDTH - 118, "value above", VALUE_COLOR), (WIDTH - 12, "gradient below", GRADIENT_COLOR)
            )
        ]  # fmt: skip
        self._draw_panel(panel)

    def _draw_panel(self, ax: Any) -> None:
        ax.set(xlim=(0, WIDTH), ylim=(0, BOTTOM), xticks=[], yticks=[])
        ax.spines[:].set_visible(False)
        ax.set_facecolor("#fafafa")
        look = {"parse_math": False, "zorder": 3}
        self.headline = ax.text(COLUMNS[0], 104, "", fontsize=16, weight="bold", **look)
        self.large = ax.text(WIDTH / 2, 44, "", fontsize=30, ha="center", color=VALUE_COLOR, **look)
        names = ("to", "upstream", "", "local", "", "gradient")
        where = [{"x": x, "ha": "left" if i == 0 else "center"} for i, x in enumerate(COLUMNS)]
        self.header = [
            ax.text(y=82, s="", fontsize=12.5, color="#444444", **place, **look) for place in where
        ]
        self.header_words = names
        colors = ("black", GRADIENT_COLOR, "black", "black", "black", GRADIENT_COLOR)
        self.cells = [
            [
                ax.text(y=y, s="", fontsize=22, color=color, **place, **look)
                for place, color in zip(where, colors, strict=True)
            ]
            for y in ROWS
        ]
        self.branch = ax.text(564, 82, "", fontsize=12.5, color="#444444", **look)
        self.sums = [ax.text(564, y, "", fontsize=16, color=GRADIENT_COLOR, **look) for y in ROWS]

    def update(self, state: State) -> None:
        self.state = state
        if state.layout is not self.graph.layout:
            self.graph.place(state.layout)
            text = state.expression
            self.name.set_text(f"f = {text}" if len(text) < 80 else f"f = {text[:78]}…")
            self.name.set_fontsize(15 if len(text) < 56 else 11)
            if self.canvas is not None:
                self.canvas.forget()
        texts = ({node: number(x) for node, x in known.items()} for known in (state.values, state.gradients))
        self.graph.write(*texts)
        self.graph.mark(state.node, state.phase)
        self.headline.set_text(headline(state))
        large = {"inputs": "f = ?", "start": "∂f/∂f = 1", "backward": ""}.get(state.phase)
        self.large.set_text(calculation(state) if large is None else large)
        self.large.set_color(GRADIENT_COLOR if state.phase == "start" else VALUE_COLOR)
        for text, word in zip(self.header, self.header_words, strict=True):
            text.set_text(word if state.shares else "")
        adds = [share.before is not None for share in state.shares] + [False] * len(ROWS)
        self.branch.set_text("sum at the branch" if any(adds) else "")
        for i, (cells, branch) in enumerate(zip(self.cells, self.sums, strict=True)):
            words = [""] * len(cells)
            if i < len(state.shares):
                share = state.shares[i]
                factors = number(share.upstream), "×", number(share.local)
                words = [share.to, *factors, "=", number(share.gradient)]
            for cell, word in zip(cells, words, strict=True):
                cell.set_text(word)
            branch.set_text(branch_sum(state.shares[i]) if adds[i] else "")

    def panel(self) -> Any:
        from lib.demos.kit.live_panel import LivePanel

        return LivePanel(self)

    names, last_step = staticmethod(input_names), staticmethod(last_step)  # what its panel asks for

    def said(self) -> str:
        return said(self.state)


def show() -> None:
    """Display the demo."""
    LiveGraphDemo().show()
