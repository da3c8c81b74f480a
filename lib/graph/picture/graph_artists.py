"""The artists that show a graph on an axes: made once, then placed, written and marked as often as needed."""

from __future__ import annotations

from functools import lru_cache
from itertools import zip_longest
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.font_manager import FontProperties
from matplotlib.patches import BoxStyle, PathPatch
from matplotlib.path import Path
from matplotlib.textpath import text_to_path

from lib import plots
from lib.graph.node import Node
from lib.graph.picture.captions import symbol_of
from lib.graph.picture.drawable import Drawable
from lib.graph.picture.layout import COLUMN_GAP, Layout, arrange
from lib.graph.picture.text_batch import TextBatch

FONT = 14  # points
BOX, NODE_HEIGHT = 34, 44  # points: of a gate's box; of a node with its two numbers
TALL_NODE_HEIGHT = 74  # points: of a node with one number above its box and one below
MARGIN = np.array((20, 16))  # points, left free around a graph, both sides together
VALUE_COLOR, GRADIENT_COLOR = plots.COLORS[0], "#B04A00"
NOTHING = Path(np.zeros((1, 2)), [Path.MOVETO])


class Inks(NamedTuple):
    """The colours of a graph: of values, gradients, the boxes of gates and inputs, lines, and letters."""

    value: str
    gradient: str
    gate: str
    input: str
    line: str
    letters: str


ON_WHITE = Inks(VALUE_COLOR, GRADIENT_COLOR, "#dcebf5", "#f4f4f4", "#666666", "black")
ON_BLACK = Inks("#62b9ec", "#ff9c57", "#1f3f57", "#30363d", "#97a0aa", "#e8eaed")


@lru_cache(maxsize=4096)
def width_of(text: str, size: float = FONT) -> float:
    """Of a line of text, in points."""
    font = FontProperties(family="DejaVu Sans", size=size)
    return text_to_path.get_text_width_height_descent(text, font, False)[0] if text else 0.0


def box_width(node: Node) -> float:
    """Of the box at the left of a node, in points."""
    return max(BOX, width_of(symbol_of(node)) + 16)


def arrange_graph(
    graph: Drawable,
    values: dict[Node, str],
    gradients: dict[Node, str],
    *,
    least: str = "0.00",
    gap: float = COLUMN_GAP,
    above: bool = False,
) -> Layout:
    """A layout with room for these texts at their nodes, and for `least` at all but constants.

    values, gradients: node → what is written above and below its line
    least: a text for which every node but a constant has room, whatever is written later
    gap: between columns, in points
    above: numbers stand above and below the boxes, not beside them; long graphs become shorter, and taller
    """
    widths = {}
    for node in graph.nodes:
        texts = (values.get(node, ""), gradients.get(node, ""), least) if node.constant is None else ()
        room, box = max((width_of(text) + 10 for text in texts), default=0), box_width(node)
        widths[node] = max(room, box + 10) if above and texts else box + room
    layout = arrange(graph.nodes, widths, TALL_NODE_HEIGHT if above else NODE_HEIGHT, gap)
    return layout._replace(above=above)


class GraphArtists:
    """Everything that is drawn of a graph, made once; a graph is placed, its numbers written, a step marked.

    axes: given to the graph entirely
    room: how many nodes there will be at most
    size: width and height of the axes, in points
    largest: how many times its usual size a small graph is drawn
    inks: its colours
    """

    def __init__(
        self, axes: Axes, room: int, size: tuple[float, float], largest: float, inks: Inks = ON_WHITE
    ):
        axes.set(xlim=(0, size[0]), ylim=(0, size[1]))
        axes.set_axis_off()
        axes.spines[:].set_visible(False)
        self.size, self.largest, self.inks = size, largest, inks
        self.layout = Layout(1, 1, {}, {}, [])
        self.nodes: list[Node] = []

        def patch(**look: Any) -> PathPatch:
            made = PathPatch(NOTHING, **look)
            axes.add_patch(made)
            return made

        def batch(color: str) -> TextBatch:
            made = TextBatch(color, zorder=3)
            axes.add_artist(made)
            return made

        self.lines = patch(fill=False, edgecolor=inks.line, capstyle="round", zorder=2)
        self.heads = patch(facecolor=inks.line, zorder=2.1)
        self.gates = patch(facecolor=inks.gate, edgecolor=inks.line, zorder=2.3)
        self.inputs = patch(facecolor=inks.input, edgecolor=inks.line, zorder=2.3)
        self.marked_lines = patch(fill=False, zorder=2.5)
        self.marked_heads = patch(zorder=2.5)
        self.marked_box = patch(fill=False, zorder=2.6)

        look: dict[str, Any] = {"ha": "center", "va": "center", "parse_math": False, "zorder": 2.4}
        look |= {"color": inks.letters, "clip_on": True}
        self.labels = [axes.text(0, 0, "", **look) for _ in range(room)]
        self.values = batch(inks.value)
        self.gradients = batch(inks.gradient)

    def fitting(self, layout: Layout) -> float:
        """How many times its usual size a graph fits."""
        return float(min(self.largest, *(np.array(self.size) - MARGIN) / (layout.width, layout.height)))

    def place(
        self, layout: Layout, scale: float | None = None, at: Node | tuple[float, float] | None = None
    ) -> None:
        """Show this graph, without numbers.

        scale: how many times its usual size; None for as large as it fits
        at: where it does not fit, the node or the place (x, y) in the middle; None for the left end
        """
        need, room = np.array((layout.width, layout.height)), np.array(self.size)
        self.layout, self.nodes = layout, list(layout.places)
        self.scale = scale = self.fitting(layout) if scale is None else scale
        middle = np.array((0, need[1] / 2) if at is None or isinstance(at, Node) else at)
        if isinstance(at, Node):
            middle = layout.places[at] + (layout.widths[at] / 2, 0)
        free = room - scale * need
        scrolled = np.clip(room / 2 - scale * middle, free - MARGIN / 2, MARGIN / 2)
        self.shift = np.where(free >= MARGIN - 1e-6, free / 2, scrolled)
        self.curves = [self.shift + scale * edge.curve for edge in layout.edges]
        lines = [*map(curve_path, self.curves), *(self._stub(n) for n in self.nodes if n.constant is None)]
        set_paths(self.lines, lines, 1.6 * min(1, scale))
        set_paths(self.heads, [head(curve[-1], 8 * scale) for curve in self.curves])
        set_paths(self.gates, [self._box(node) for node in self.nodes if node.parents], 1.6 * min(1, scale))
        set_paths(self.inputs, [self._box(node) for node in self.nodes if node.is_input], 1.6 * min(1, scale))
        for label, node in zip_longest(self.labels, self.nodes):
            label.set_text("" if node is None else symbol_of(node))
            if node is not None:
                label.set(position=self._at(node, box_width(node) / 2), fontsize=FONT * scale)
        beyond = BOX / 2 if layout.above else 0  # numbers stand clear of the line, or of the box
        for artist, up in ((self.values, beyond + 5), (self.gradients, -beyond - 4 - 0.76 * FONT)):
            starts = [self._at(n, 2 if layout.above else box_width(n) + 4, up) for n in self.nodes]
            artist.set_places(np.array(starts), FONT * scale)
        self.marked: Any = ()
        self.mark(None, "")

    def middle(self) -> tuple[float, float]:
        """The place of the graph that stands in the middle of its axes."""
        x, y = (np.array(self.size) / 2 - self.shift) / self.scale
        return float(x), float(y)

    def write(self, values: dict[Node, str], gradients: dict[Node, str]) -> None:
        """The numbers above and below the lines; nodes that have none yet get none."""
        for artist, texts in ((self.values, values), (self.gradients, gradients)):
            artist.set_texts([texts.get(n, "") if n.constant is None else "" for n in self.nodes])

    def mark(self, node: Node | None, phase: str) -> None:
        """The gate at work.

        phase: "forward", values come in; "backward", gradients leave; any other, its own line only is marked
        """
        if self.marked == (node, phase):
            return
        self.marked = (node, phase)
        forward = phase == "forward"
        curves = [
            curve
            for edge, curve in zip(self.layout.edges, self.curves, strict=True)
            if edge.target is node and (forward or (phase == "backward" and edge.source.constant is None))
        ]
        lines = [curve_path(curve) for curve in curves]
        if node is not None and not forward:
            lines.append(self._stub(node))
        tips = [(curve[-1], 11) if forward else (curve[0], -11) for curve in curves]
        width = 4 * min(1, self.scale)
        set_paths(self.marked_lines, lines, width)
        set_paths(self.marked_heads, [head(tip, size * self.scale) for tip, size in tips])
        set_paths(self.marked_box, [] if node is None else [self._box(node)], width)
        for patch in (self.marked_lines, self.marked_heads, self.marked_box):
            patch.set_color(self.inks.value if forward else self.inks.gradient)

    def inside(self, node: Node) -> tuple[float, float, float, float] | None:
        """The middle, width and height of a node with its numbers; None where it is scrolled away."""
        tall = (TALL_NODE_HEIGHT if self.layout.above else NODE_HEIGHT) * self.scale
        wide = self.layout.widths[node] * self.scale
        x, y = self._at(node, wide / 2 / self.scale)
        if abs(x - self.size[0] / 2) > (self.size[0] - wide) / 2 or not 0 <= y <= self.size[1]:
            return None
        return float(x), float(y), wide, tall

    def _at(self, node: Node, right: float = 0, up: float = 0) -> np.ndarray:
        """A point of a node, counted from the middle of its left side."""
        return self.shift + self.scale * (self.layout.places[node] + np.array((right, up)))

    def _stub(self, node: Node) -> Path:
        """The line at the right of a node, between its value and its gradient."""
        return Path([self._at(node, box_width(node)), self._at(node, self.layout.widths[node])])

    def _box(self, node: Node) -> Path:
        x, y = self._at(node, 0, -BOX / 2)
        corner = (0.5 if node.is_input else 0.25) * BOX
        style = BoxStyle.Round(pad=0, rounding_size=corner * self.scale)
        return style(x, y, self.scale * box_width(node), self.scale * BOX, 1)


def set_paths(patch: PathPatch, paths: list[Path], linewidth: float = 0) -> None:
    """Gives one patch all these paths, which are then drawn at once."""
    patch.set_path(Path.make_compound_path(*paths) if paths else NOTHING)
    patch.set_linewidth(linewidth)
    patch.stale = True  # matplotlib says so for the line's width only


def curve_path(curve: np.ndarray) -> Path:
    """A Bézier curve through points (3k + 1, 2)."""
    return Path(curve, [Path.MOVETO] + [Path.CURVE4] * (len(curve) - 1))


def head(tip: np.ndarray, size: float) -> Path:
    """An arrow's head that points to the right, or to the left for a negative size."""
    x, y = tip
    wing = abs(size) / 2
    return Path([(x, y), (x - size, y + wing), (x - size, y - wing), (x, y)], closed=True)
