"""Several nodes as one: a merged gate computes the same, and hands back the same gradients."""

from __future__ import annotations

from copy import copy

from lib.graph.gate import Gate
from lib.graph.graph import ComputationalGraph
from lib.graph.node import Node
from lib.graph.topological_sort import sort_topologically


class MergedGate(Gate):
    """A whole graph as one gate: its forward and backward are those of the graph inside.

    graph: of one output; its inputs take the values of forward, in order
    symbol: what a drawing writes into the gate
    """

    def __init__(self, graph: ComputationalGraph, symbol: str):
        self.graph = graph
        self.symbol = symbol

    def forward(self, *values):
        return self.graph.forward(**dict(zip(self.graph.inputs, values, strict=True)))

    def backward(self, grad):
        return tuple(self.graph.backward(grad).values())


def merge(expression: Node, *parts: Node, symbol: str = "merged") -> Node:
    """One node in place of an expression; its parents are the expression's inputs.

    parts: nodes inside the expression at which the merged gate begins; what is before them stays outside
    symbol: what a drawing writes into the gate

    Source: deck B, which merges four gates into a sigmoid; deck D, "Combining nodes".

    >>> from lib.graph import ComputationalGraph, exp, inputs
    >>> (x,) = inputs("x")
    >>> sigmoid = merge(1 / (1 + exp(-x)), symbol="σ")
    >>> sigmoid, len(ComputationalGraph(sigmoid).nodes)
    (σ(x), 2)
    """
    if not isinstance(expression, Node):
        raise ValueError(f"expression: expected a node such as x * y, got {expression!r}")
    order = sort_topologically([expression])
    for part in parts:
        if part is expression or part not in order:
            hint = f"; the symbol has a name: symbol={part!r}" if isinstance(part, str) else ""
            raise ValueError(f"parts: expected nodes inside {expression!r}, got {part!r}{hint}")
    inner: dict[Node, Node] = {}  # the same expression, begun anew at inputs of its own
    outer: dict[str, Node] = {}
    for node in _needed(expression, parts, order):
        if node in parts or node.is_input:
            name = repr(node) if repr(node) not in outer else f"{node!r} ({len(outer)})"
            inner[node], outer[name] = Node(name=name), node
        else:
            inner[node] = copy(node)
            inner[node].parents = tuple(inner[parent] for parent in node.parents)
    graph = ComputationalGraph(inner[expression])
    return MergedGate(graph, symbol)(*(outer[name] for name in graph.inputs))


def _needed(expression: Node, parts: tuple[Node, ...], order: list[Node]) -> list[Node]:
    """The nodes between the parts and the expression, parts included, in order."""
    needed = {expression}
    for node in reversed(order):
        if node in needed and node not in parts:
            needed.update(node.parents)
    return [node for node in order if node in needed]
