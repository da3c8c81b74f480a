"""One node at work: its gate is called, and what it returns is checked; errors name the node."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from lib.graph.gate import Gate, counted
from lib.graph.node import Node
from lib.graph.values import as_float64, frozen, is_broadcast, sum_to_shape

Gates = Mapping[Node, Gate]  # the gate that computes each node, where there is one
Values = dict[Node, Any]  # a float64 array for each node; a tuple of them where its gate has several outputs


def forward_through(node: Node, gates: Gates, values: Values) -> Any:
    """The value of a node that is no input, from the values of its parents."""
    if node.constant is not None:
        return node.constant
    if node.index is not None:
        return values[node.parents[0]][node.index]
    gate = gates[node]
    result = call("forward", node, gate, [values[parent] for parent in node.parents], values)
    if gate.outputs == 1:
        return as_result(result, "forward", node)
    if not isinstance(result, (tuple, list)) or len(result) != gate.outputs:
        raise ValueError(f"node {node!r}: expected {gate.outputs} values from forward, got {result!r}")
    return tuple(as_result(part, "forward", node) for part in result)


def backward_through(node: Node, gates: Gates, upstream: Any, values: Values) -> tuple[Any, ...]:
    """The gradient that a node hands to each parent, in the shape of the parent's value.

    upstream: the gradient of the node's value; a tuple where its gate has several outputs
    """
    if node.index is not None:
        whole = [frozen(np.zeros_like(value)) for value in values[node.parents[0]]]
        whole[node.index] = upstream
        return (tuple(whole),)
    if node not in gates:
        return ()
    result = call("backward", node, gates[node], as_tuple(upstream), values)
    grads = as_tuple(tuple(result) if isinstance(result, list) else result)
    if len(grads) != len(node.parents):
        count, names = len(node.parents), ", ".join(map(repr, node.parents))
        came = "None; is a return missing?" if result is None else str(len(grads))
        raise ValueError(
            f"node {node!r}: expected {counted(count, count, 'gradient')} from backward of "
            f"{type(gates[node]).__name__}, one for each value that forward took, {names}; got {came}"
        )
    pairs = zip(node.parents, grads, strict=True)
    return tuple(in_shape(grad, node, parent, values) for parent, grad in pairs)


def as_tuple(value: Any) -> tuple[Any, ...]:
    """Several values as they are, one as a tuple of itself."""
    return value if isinstance(value, tuple) else (value,)


def as_result(value: Any, method: str, node: Node, parent: Node | None = None) -> np.ndarray:
    """A value from a gate's forward as numbers, or from its backward the gradient for a parent."""
    if value is None:
        what = "a value" if parent is None else f"a gradient for {parent!r}"
        raise ValueError(f"node {node!r}: expected {what} from {method}, got None; is a return missing?")
    return as_float64(value, "node {}: what {} returned", node, method)


def call(method: str, node: Node, gate: Gate, arrays: Sequence[Any], values: Values) -> Any:
    """Runs a gate's forward or backward; an error in it becomes a `ValueError` that names the node."""
    try:
        return getattr(gate, method)(*arrays)
    except Exception as error:
        shapes = ", ".join(f"{parent!r} {values[parent].shape}" for parent in node.parents)
        failure = f"{type(error).__name__}: {error}"
        raise ValueError(
            f"node {node!r}: expected a result from {method} for {shapes}, got {failure}"
        ) from error


def in_shape(grad: Any, node: Node, parent: Node, values: Values) -> np.ndarray:
    """A gradient in the shape of the parent's value; one in the shape of a broadcast result is summed."""
    grad = as_result(grad, "backward", node, parent)
    shape, results = values[parent].shape, [result.shape for result in as_tuple(values[node])]
    if grad.shape == shape:
        return grad
    if grad.ndim == 0 and grad == 0:  # such as that for labels
        return frozen(np.zeros(shape))
    if grad.shape in results and is_broadcast(shape, grad.shape):
        return frozen(sum_to_shape(grad, shape))
    hint = "; has backward summed it?" if grad.ndim < len(shape) else ""
    raise ValueError(
        f"node {node!r}: expected a gradient of shape {shape} for {parent!r} from backward, "
        f"got shape {grad.shape}{hint}"
    )
