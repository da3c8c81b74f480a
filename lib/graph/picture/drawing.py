"""Drawing a graph as the decks do: values above each edge, gradients below it."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

from matplotlib.figure import Figure

from lib import plots
from lib.graph.picture.captions import gradient_texts, value_text
from lib.graph.picture.drawable import Drawable
from lib.graph.picture.graph_artists import GraphArtists, arrange_graph
from lib.graph.picture.read_aloud import read_aloud

MOST_DRAWN = 200  # beyond that nobody could read it


@dataclass(frozen=True)
class Drawing:
    """A picture of a graph that a notebook shows.

    figure: to save or change
    alt: the graph read aloud, for those who cannot see the picture
    """

    figure: Figure
    alt: str

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> tuple[dict, dict]:
        file = io.BytesIO()
        self.figure.savefig(file, format="png")
        return plots.image_bundle(file.getvalue(), self.alt)


@plots.in_style
def draw(graph: Drawable) -> Drawing:
    """The graph from left to right, with the values and gradients of its last `forward` and `backward`.

    Values stand above the line that leaves a node, gradients below it; where a node has several uses, its
    gradient is written as the sum that it is. The figure grows with the graph.

    Raises `ValueError` where the graph has more than 200 nodes.

    >>> from lib.graph import ComputationalGraph, inputs
    >>> x, y = inputs("x y")
    >>> drawing = draw(ComputationalGraph(x * y))
    >>> drawing.alt
    'x and y go into ×.'
    """
    if len(graph.nodes) > MOST_DRAWN:
        raise ValueError(
            f"graph: expected at most {MOST_DRAWN} nodes, got {len(graph.nodes)}; draw a part of it"
        )
    values = {node: value_text(node, graph.values) for node in graph.nodes}
    gradients = gradient_texts(graph)
    layout = arrange_graph(graph, values, gradients)
    edge = 12  # points left free around it
    size = (layout.width + 2 * edge, layout.height + 2 * edge)
    figure = Figure(figsize=(size[0] / 72, size[1] / 72), dpi=100)
    axes = figure.add_axes((0, 0, 1, 1))
    picture = GraphArtists(axes, len(graph.nodes), size, largest=1)
    picture.place(layout)
    picture.write(values, gradients)
    return Drawing(figure, read_aloud(graph))
