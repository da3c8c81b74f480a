"""The live graph's figure and controls; its arithmetic is in state.py, its words in told.py."""

from __future__ import annotations

from typing import Any

from lib.demos.kit import Demo, Slider
from lib.demos.kit.numbers import Number, Numbers
from lib.demos.kit.pane import Pane
from lib.demos.live_graph.gates import Gates
from lib.demos.live_graph.named_sliders import NamedSliders
from lib.demos.live_graph.sizes import NARROW, WIDE
from lib.demos.live_graph.state import (
    MOST_INPUTS,
    MOST_NODES,
    NEW,
    State,
    build,
    compute,
    input_names,
    last_step,
    narrow_layout,
    steps_of,
)
from lib.demos.live_graph.steps import Steps
from lib.demos.live_graph.text_field import TextField
from lib.demos.live_graph.told import branch_sum, calculation, product, said
from lib.graph.picture.captions import abbreviated, short_number
from lib.graph.picture.graph_artists import ON_BLACK, ON_WHITE, GraphArtists

START = "(x + y) * z"
NEURON = "1 / (1 + exp(-(w0*x0 + w1*x1 + w2)))"
READABLE = (
    0.77  # of a graph's usual size: a larger graph is not drawn smaller, it scrolls to the gate at work
)
ROWS = {1: (30,), 2: (45, 16), 3: (52, 31, 10)}  # points: where so many parents of a gate stand in the panel

INPUTS = NamedSliders(
    -10.0, 10.0, step=0.1, most=MOST_INPUTS, start={"x": -2.0, "y": 5.0, "z": -4.0},
    examples=({"x": 1.0, "y": -3.0, "z": 4.0}, {"x": 3.5, "y": 5.0, "z": -4.0}),
)  # fmt: skip


class LiveGraphDemo(Demo):
    title = "The live graph"
    alt = (
        "An expression as a graph, from the inputs on the left to the output on the right: values stand "
        "above the lines, gradients below them, as far as the steps have come. Below, for the gate at work: "
        "what it computes, or its upstream gradient times its local gradient."
    )
    ask = "Predict, then step: what does each gate hand back? Drag an input until another has no say."
    size = (WIDE.width / 72, WIDE.height / 72)
    tall_size = (NARROW.width / 72, NARROW.height / 72)
    presets = {
        "(x + y) z": {"expression": START, "inputs": {"x": -2.0, "y": 5.0, "z": -4.0}, "step": 0},
        "again, elsewhere": {"expression": START, "inputs": {"x": 1.0, "y": -3.0, "z": 4.0}, "step": 0},
        "sigmoid neuron": {
            "expression": NEURON,
            "inputs": {"w0": 2.0, "x0": -1.0, "w1": -3.0, "x1": -2.0, "w2": -3.0},
            "step": 0,
        },
        "its gradients": {
            "expression": NEURON,
            "inputs": {"w0": 2.0, "x0": -1.0, "w1": -3.0, "x1": -2.0, "w2": -3.0},
            "step": last_step(NEURON),
        },
        "add, max, mul": {
            "expression": "2 * (x*y + max(z, w))",
            "inputs": {"x": 3.0, "y": -4.0, "z": 2.0, "w": -1.0},
            "step": 0,
        },
        "a branch": {
            "expression": "x*y + x*z",
            "inputs": {"x": -3.0, "y": 2.0, "z": 5.0},
            "step": 0,
        },
        "hinge loss": {
            "expression": "max(0, 1 - y*(w*x + b)) + lam * w**2",
            "inputs": {"y": 1.0, "w": 0.5, "x": 2.0, "b": -0.5, "lam": 0.1},
            "step": 0,
        },
    }

    expression = TextField(START, accept=build, examples=("x * y", NEURON), label="f =")
    step = Steps(2 * MOST_NODES + 1, start=0, interval=1500, label="step")
    zoom = Slider(0.3, 3.0, start=1.0, step=0.1)
    inputs = INPUTS
    at = Pane(axes="field", zoom="zoom", fits=0.3, made_by=("expression", "step"), label="the graph")
    numbers = Numbers(axes="field", of="turned", pace=1.6, hint="Drag the number at an input")
    gates = Gates(axes="field")

    def __init__(self, **values: Any):
        super().__init__(**self.completed(values, self.start))

    def set(self, **values: Any) -> None:
        super().set(**self.completed(values, self.values))

    @classmethod
    def completed(cls, values: dict[str, Any], before: dict[str, Any]) -> dict[str, Any]:
        """Inputs for exactly the names in the expression: those that are given, else as before, else 1."""
        values = cls.checked(values)
        if not values.keys() & {"expression", "inputs"}:
            return values
        expression, given = values.get("expression", before["expression"]), values.get("inputs", {})
        names = input_names(expression)
        now = {name: given.get(name, before["inputs"].get(name, NEW)) for name in names}
        return values | {"inputs": now}

    def arrange(self, figure: Any) -> Any:
        figure.set_layout_engine("none")
        self.sizes = sizes = NARROW if self.tall else WIDE
        axes, bottom = [], 0.0
        for height in (sizes.panel, sizes.graph, sizes.strip):
            axes.append(figure.add_axes((0, bottom / sizes.height, 1, height / sizes.height)))
            axes[-1].set(xlim=(0, sizes.width), ylim=(0, height), xticks=[], yticks=[])
            axes[-1].spines[:].set_visible(False)
            bottom += height
        return axes

    def draw(self, axes: Any) -> None:
        panel, self.field, strip = axes
        self.inks, sizes = ON_BLACK if self.dark else ON_WHITE, self.sizes
        self.graph = GraphArtists(self.field, MOST_NODES, (sizes.width, sizes.graph), 1.8, self.inks)
        self.looked_at: Any = None
        self.name = strip.text(sizes.columns[0], sizes.strip - 18, "", fontsize=15, parse_math=False)
        for x, text, color in (
            (sizes.width - 124, "value above", self.inks.value),
            (sizes.width - 12, "gradient below", self.inks.gradient),
        ):
            strip.text(x, 6, text, fontsize=13, color=color, ha="right")
        self._draw_panel(panel)

    def _draw_panel(self, ax: Any) -> None:
        sizes, inks = self.sizes, self.inks
        ax.set_facecolor("#262b31" if self.dark else "#f7f8fa")
        look: dict[str, Any] = {"parse_math": False, "zorder": 3}
        self.large = ax.text(sizes.width / 2, 34, "", ha="center", **look)
        where = [{"x": x, "ha": "left" if i == 0 else "center"} for i, x in enumerate(sizes.columns[:6])]
        top, small = sizes.panel - 18, min(13, sizes.font)
        self.header = [ax.text(y=top, s="", fontsize=small, **place, **look) for place in where]
        colors = (self.ink, inks.gradient, self.ink, self.ink, self.ink, inks.gradient)
        self.cells = [
            [
                ax.text(y=0, s="", color=color, **place, **look)
                for place, color in zip(where, colors, strict=True)
            ]
            for _ in ROWS
        ]
        self.branch = ax.text(sizes.columns[6], top, "", fontsize=small, **look)
        self.sums = [ax.text(sizes.columns[6], 0, "", fontsize=15, color=inks.gradient, **look) for _ in ROWS]

    def update(self, state: State) -> None:
        self.state, self.steps = state, steps_of(state.expression)
        self._look(state)
        texts = (
            {node: short_number(x) for node, x in known.items()} for known in (state.values, state.gradients)
        )
        self.graph.write(*texts)
        self.graph.mark(state.node, state.phase)
        large = {"inputs": "f = ?", "start": "∂f/∂f = 1", "backward": ""}.get(state.phase)
        text = calculation(state.node, state.values) if large is None else large
        self.large.set_text(text)
        self.large.set_fontsize(min(28, 1.4 * self.sizes.width / max(1, len(text))))
        self.large.set_color(self.inks.gradient if state.phase == "start" else self.inks.value)
        self._fill_panel(state)

    def _look(self, state: State) -> None:
        """Bring the graph to its size, and the gate at work into sight."""
        layout = narrow_layout(build(state.expression)[0]) if self.tall else state.layout
        self.whole = self.graph.fitting(layout)
        scale = self.scale_at(state.zoom)
        at = (state.at or state.node) if scale > self.whole else None
        view = (state.expression, layout, scale, at)
        if view == self.looked_at:
            return
        self.looked_at = view
        self.graph.place(layout, scale, at)
        letters = int(self.sizes.width / 10.5) if not self.tall else 36
        self.name.set_text("f = " + abbreviated(state.expression, letters))
        self.name.set_fontsize(15 if len(state.expression) < letters / 1.6 else 11 if not self.tall else 9)
        # Not before it has been drawn for the first time, nor while a hand moves it, when everything moves.
        if hasattr(self, "canvas") and not state.at:
            self.canvas.forget()

    def _fill_panel(self, state: State) -> None:
        """Of a step backward: the product for each parent, and the sum where it is a branch."""
        shares = state.shares[: len(ROWS)]
        for text, word in zip(self.header, ("to", "upstream", "", "local", "", "gradient"), strict=True):
            text.set_text(word if shares else "")
        adds = not self.tall and any(share.before is not None for share in shares)
        self.branch.set_text("sum at the branch" if adds else "")
        heights = ROWS[max(1, len(shares))]
        font = self.sizes.font if len(shares) < 3 else min(14, self.sizes.font)
        for i, (cells, branch) in enumerate(zip(self.cells, self.sums, strict=True)):
            words = [""] * len(cells)
            if i < len(shares):
                words = [abbreviated(shares[i].to, 12), *product(shares[i])]
                for row in (*cells, branch):
                    row.set_y(heights[i] + (self.sizes.panel - WIDE.panel) / 2)
            for cell, word in zip(cells, words, strict=True):
                cell.set_text(word)
                cell.set_fontsize(font)
            branches = adds and i < len(shares) and shares[i].before is not None
            text = branch_sum(shares[i]) if branches else ""
            branch.set_text(text)
            branch.set_fontsize(min(15, 255 / max(1, len(text))))  # so that it ends within the panel

    def scale_at(self, zoom: float) -> float:
        """How many times its usual size the graph is drawn: it may be larger than its field, not smaller."""
        return max(self.whole, zoom * max(self.whole, READABLE))

    def view(self) -> tuple[tuple[float, float], float, bool]:
        """For `Pane`: the middle of the graph's field, its scale, and whether more is there than in sight."""
        return self.graph.middle(), self.graph.scale, self.graph.scale > self.whole

    def turned(self) -> list[Number]:
        """The inputs that are in sight."""
        inputs = self.values["inputs"]
        found = []
        for node, value in self.state.values.items():
            place = self.graph.inside(node) if node.is_input else None
            if place is not None:
                name, slider = str(node.name), INPUTS.sliders[0]
                put = lambda new, name=name: {"inputs": inputs | {name: new}}  # noqa: E731
                found.append(Number(*place, name, value, slider, put))
        return found

    def compute(self, **values: Any) -> State:
        return compute(**values)

    def panel(self, **options: Any) -> Any:
        from lib.demos.live_graph.live_panel import LivePanel

        return LivePanel(self, **options)

    names, last_step = staticmethod(input_names), staticmethod(last_step)  # what its panel asks for

    def said(self) -> str:
        return said(self.state)
