"""Where the nodes of a graph stand, and how edges run between them: by Graphviz's dot, from left to right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pygraphviz

from lib.graph.node import Node

COLUMN_GAP, ROW_GAP = 26, 10  # least distances between nodes, points
MANY = 4  # values into one gate, from which on their lines get more room


class Edge(NamedTuple):
    """A line from one node into another.

    source, target: the nodes
    operand: which value of the target it brings, 0 is the first
    curve: float (3k + 1, 2), points of a Bézier curve, the first on it
    """

    source: Node
    target: Node
    operand: int
    curve: np.ndarray


class Layout(NamedTuple):
    """Where everything stands; all in points, y grows upwards.

    width, height: of the whole graph
    places: node → float (2,), the middle of its left side
    widths: node → its width
    edges: the lines between the nodes
    above: whether numbers stand above and below the boxes, not beside them
    """

    width: float
    height: float
    places: dict[Node, np.ndarray]
    widths: dict[Node, float]
    edges: list[Edge]
    above: bool = False


def arrange(
    nodes: Sequence[Node], widths: dict[Node, float], height: float, gap: float = COLUMN_GAP
) -> Layout:
    """A place for every node, each to the right of its parents, and curves that pass between them.

    nodes: in topological order
    widths, height: of the nodes, in points
    gap: between columns, in points

    Source: Gansner, Koutsofios, North and Vo, "A Technique for Drawing Directed Graphs", 1993.
    """
    most = max(len(node.parents) for node in nodes)
    gap += 8 * (most - 2) if most >= MANY else 0
    graph = pygraphviz.AGraph(directed=True, strict=False, rankdir="LR")
    graph.graph_attr.update(nodesep=ROW_GAP / 72, ranksep=gap / 72)  # in inches
    # No labels: they would have to be measured, with fonts that differ from machine to machine.
    graph.node_attr.update(shape="box", fixedsize="true", label="", height=height / 72)
    graph.edge_attr.update(arrowhead="none", tailport="e", headport="w")
    numbers = {node: str(number) for number, node in enumerate(nodes)}
    for node in nodes:
        ordered = node.gate is not None and node.gate.ordered
        graph.add_node(numbers[node], width=widths[node] / 72, **({"ordering": "in"} if ordered else {}))
    ends = [(parent, node, i) for node in nodes for i, parent in enumerate(node.parents)]
    for parent, node, i in ends:
        graph.add_edge(numbers[parent], numbers[node], key=str(i))
    graph.layout("dot")
    left, bottom, right, top = map(float, graph.graph_attr["bb"].split(","))
    corner = np.array([left, bottom])
    places = {
        node: curve_points(graph.get_node(number).attr["pos"])[0] - corner - (widths[node] / 2, 0)
        for node, number in numbers.items()
    }
    edges = []
    for parent, node, i in ends:
        curve = curve_points(graph.get_edge(numbers[parent], numbers[node], str(i)).attr["pos"]) - corner
        curve[0], curve[-1] = places[parent] + (widths[parent], 0), places[node]  # dot is up to a point off
        edges.append(Edge(parent, node, i, curve))
    edges = bend_late(part_ends(edges, min(height / 4, 11)), places, widths, gap)
    return Layout(right - left, top - bottom, places, widths, edges)


def curve_points(text: str) -> np.ndarray:
    """Graphviz's list of points: float (n, 2).

    >>> curve_points("1,2 3.5,4")
    array([[1. , 2. ],
           [3.5, 4. ]])
    """
    return np.array([[float(number) for number in pair.split(",")] for pair in text.split()])


def part_ends(edges: list[Edge], apart: float) -> list[Edge]:
    """The same edges; those into one node end below each other, and not all at one point.

    apart: how far above the middle of the node the highest ends, and the lowest below it, in points; from
        MANY edges on, a third more
    """
    into: dict[Node, list[Edge]] = {}
    for edge in edges:
        into.setdefault(edge.target, []).append(edge)
    moved = []
    for node, group in into.items():
        if node.gate is None or not node.gate.ordered:  # as they come, so that they do not cross
            group = sorted(group, key=lambda edge: -edge.curve[-4, 1])
        room = apart if len(group) < MANY else 4 / 3 * apart
        for place, edge in enumerate(group):
            curve = edge.curve.copy()
            curve[-2:, 1] += room * (len(group) - 1 - 2 * place) / max(1, len(group) - 1)
            moved.append(edge._replace(curve=curve))
    return moved


def bend_late(
    edges: list[Edge], places: dict[Node, np.ndarray], widths: dict[Node, float], gap: float
) -> list[Edge]:
    """Edges into a gate of MANY values, where nothing stands in between: straight on, then one bend.

    dot aims at the middle of the gate's side; with the ends spread out, its steep curves would cross.
    """
    rights = {node: places[node][0] + widths[node] for node in places}
    bent = []
    for edge in edges:
        start, end = edge.curve[0], edge.curve[-1]
        turn = max((right for right in rights.values() if right < end[0] - 0.9 * gap), default=start[0])
        between = any(places[node][0] > start[0] and rights[node] <= turn for node in places)
        if len(edge.target.parents) >= MANY and not between:
            middle = (turn + end[0]) / 2
            ahead = [(start[0] + part * (turn - start[0]), start[1]) for part in (0, 1 / 3, 2 / 3, 1)]
            curve = np.array([*ahead, (middle, start[1]), (middle, end[1]), end])
            edge = edge._replace(curve=curve)
        bent.append(edge)
    return bent
