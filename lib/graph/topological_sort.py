"""The order in which a graph computes."""

from __future__ import annotations

from collections.abc import Iterable

from lib.graph.node import Node


def sort_topologically(outputs: Iterable[Node]) -> list[Node]:
    """All nodes that the outputs depend on, each after its parents; raises `ValueError` at a cycle.

    No recursion: a chain of any length works.
    """
    order: list[Node] = []
    done: set[Node] = set()
    open_: set[Node] = set()  # nodes whose parents are being visited: meeting one again is a cycle
    stack = [(node, False) for node in reversed(list(outputs))]
    while stack:
        node, parents_done = stack.pop()
        if parents_done:
            open_.discard(node)
            done.add(node)
            order.append(node)
        elif node in open_:
            raise ValueError(
                f"node {node!r}: expected a graph without cycles, got a node that depends on itself; "
                "unroll the loop"
            )
        elif node not in done:
            open_.add(node)
            stack.append((node, True))
            stack += [(parent, False) for parent in reversed(node.parents)]
    return order
