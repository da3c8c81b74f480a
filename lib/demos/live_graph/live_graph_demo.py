"""The live graph's figure and controls; its arithmetic is in state.py, its words in told.py."""

from __future__ import annotations

from typing import Any

from lib.demos.kit import Demo
from lib.demos.live_graph.named_sliders import NamedSliders
from lib.demos.live_graph.sizes import BOTTOM, COLUMNS, GRAPH_HEIGHT, HEIGHT, ROWS, WIDTH
from lib.demos.live_graph.state import (
    MOST_INPUTS,
    MOST_NODES,
    State,
    build,
    compute,
    input_names,
    last_step,
)
from lib.demos.live_graph.steps import Steps
from lib.demos.live_graph.text_field import TextField
from lib.demos.live_graph.told import branch_sum, calculation, headline, said
from lib.graph.picture.captions import short_number
from lib.graph.picture.graph_artists import GRADIENT_COLOR, VALUE_COLOR, GraphArtists

NEURON = "1 / (1 + exp(-(w0*x0 + w1*x1 + w2)))"


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
            if hasattr(self, "canvas"):  # not before it has been drawn for the first time
                self.canvas.forget()
        texts = (
            {node: short_number(x) for node, x in known.items()} for known in (state.values, state.gradients)
        )
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
                factors = short_number(share.upstream), "×", short_number(share.local)
                words = [share.to, *factors, "=", short_number(share.gradient)]
            for cell, word in zip(cells, words, strict=True):
                cell.set_text(word)
            branch.set_text(branch_sum(state.shares[i]) if adds[i] else "")

    def compute(self, **values: Any) -> State:
        return compute(**values)

    def panel(self) -> Any:
        from lib.demos.live_graph.live_panel import LivePanel

        return LivePanel(self)

    names, last_step = staticmethod(input_names), staticmethod(last_step)  # what its panel asks for

    def said(self) -> str:
        return said(self.state)
