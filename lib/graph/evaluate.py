"""One node at work: its gate is called, and what it returns is checked; errors name the node."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.graph.gate import Gate
from lib.graph.node import Node
from lib.graph.values import as_numbers, frozen, is_broadcast, sum_to_shape

Values = dict[Node, Any]  # a float64 array for each node; a tuple of them where its gate has several outputs


def compute(node: Node, gate: Gate | None, values: Values) -> Any:
    """The value of a node that is no input, from the values of its parents."""
    if node.constant is not None:
        return node.constant
    if node.index is not None:
        return values[node.parents[0]][node.index]
    result = _call("forward", node, gate, [values[parent] for parent in node.parents], values)
    if gate.outputs == 1:
        return as_numbers(result, "node {}: the result of forward", node)
    if not isinstance(result, (tuple, list)) or len(result) != gate.outputs:
        raise ValueError(f"node {node!r}: forward returned {result!r}, expected {gate.outputs} values")
    return tuple(as_numbers(part, "node {}: a result of forward", node) for part in result)


def pass_on(node: Node, gate: Gate | None, upstream: Any, values: Values) -> tuple[Any, ...]:
    """The gradient that a node hands to each parent, in the shape of the parent's value."""
    if node.index is not None:
        whole = [frozen(np.zeros_like(value)) for value in values[node.parents[0]]]
        whole[node.index] = upstream
        return (tuple(whole),)
    if gate is None:
        return ()
    grads = _call("backward", node, gate, as_tuple(upstream), values)
    grads = as_tuple(tuple(grads) if isinstance(grads, list) else grads)
    if len(grads) != len(node.parents):
        raise ValueError(
            f"node {node!r}: backward of {type(gate).__name__} returned {len(grads)} gradients, "
            f"expected {len(node.parents)}, one for each value that forward took"
        )
    return tuple(_fit(grad, node, parent, values) for parent, grad in zip(node.parents, grads, strict=True))


def as_tuple(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value,)


def _call(method: str, node: Node, gate: Gate, arrays: Any, values: Values) -> Any:
    try:
        return getattr(gate, method)(*arrays)
    except Exception as error:
        shapes = ", ".join(f"{parent!r} {values[parent].shape}" for parent in node.parents)
        reason = str(error) if isinstance(error, ValueError) else f"{type(error).__name__}: {error}"
        raise ValueError(f"node {node!r}: {method} fails; shapes: {shapes}; {reason}") from error


def _fit(grad: Any, node: Node, parent: Node, values: Values) -> np.ndarray:
    """A gradient in the shape of the parent's value; one in the shape of a broadcast result is summed."""
    grad = as_numbers(grad, "node {}: the gradient for {}", node, parent)
    shape, results = values[parent].shape, [result.shape for result in as_tuple(values[node])]
    if grad.shape == shape:
        return grad
    if grad.ndim == 0 and grad == 0:  # such as that for labels
        return frozen(np.zeros(shape))
    if grad.shape in results and is_broadcast(shape, grad.shape):
        return frozen(sum_to_shape(grad, shape))
    raise ValueError(
        f"node {node!r}: backward returned a gradient of shape {grad.shape} for {parent!r}, "
        f"whose value has shape {shape}"
    )
