"""What lecture 05 gives for its engine: the list of nodes, and the walk forward."""

from __future__ import annotations

from typing import Any


def sort(node: Any, order: list[Any]) -> list[Any]:
    """Appends all nodes that `node` needs, each after its parents, and itself."""
    if node not in order:
        for parent in node.parents:
            sort(parent, order)
        order.append(node)
    return order


def forward(order: list[Any], values: dict[Any, Any]) -> dict[Any, Any]:
    """Adds the value of each node that has a gate."""
    for node in order:
        if node.gate:
            values[node] = node.gate.forward(*(values[parent] for parent in node.parents))
    return values
