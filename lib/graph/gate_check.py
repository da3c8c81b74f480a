"""Is a gate's backward right? Against finite differences, in one line."""

from __future__ import annotations

from collections.abc import Collection
from inspect import signature
from typing import Any

import numpy as np

from lib.gradient_check import GradientReport
from lib.gradient_check.check import check_subject
from lib.gradient_check.failures import explain_failure
from lib.gradient_check.subjects import Subject
from lib.graph.gate import Gate
from lib.graph.graph import ComputationalGraph
from lib.graph.node import Node
from lib.graph.values import as_float64


def check_gate(gate: Gate, *values: Any, fixed: Collection[str] = (), seed: int = 0) -> GradientReport:
    """Compares every gradient of a gate with finite differences, at these values; the report explains.

    A random upstream gradient goes through the gate, for plain numbers too, so that one that forgets to
    multiply by it is found; both gradients of the report are multiplied by it.

    gate: the gate, such as MultiplyGate()
    values: a number or an array for each argument of the gate's forward
    fixed: names of arguments that have no gradient, such as labels
    seed: of the random upstream gradient

    Raises `ValueError` where the gate cannot run on the values. A gate of your own:

    >>> from lib.graph import MultiplyGate
    >>> class Forgetful(MultiplyGate):
    ...     def backward(self, grad):
    ...         return self.y, self.x
    >>> report = check_gate(Forgetful(), 3.0, -4.0)
    >>> report.ok, report.notes[0]
    (False, 'the gradient in x ignores grad_output: multiply by the upstream gradient')
    """
    if not isinstance(gate, Gate):
        is_class = isinstance(gate, type)
        came = f"the class {gate.__name__}; make one: {gate.__name__}()" if is_class else type(gate).__name__
        raise ValueError(f"gate: expected a gate, got {came}")
    names = _argument_names(gate, len(values))
    unknown = set(fixed) - set(names)
    if unknown:
        raise ValueError(f"fixed: expected some of {', '.join(names)}, got {min(unknown)!r}")
    result = gate(*(Node(name=name) for name in names))
    graph = ComputationalGraph(*(result if isinstance(result, tuple) else (result,)))
    bound = {name: as_float64(value, name) for name, value in zip(names, values, strict=True)}
    subject = _GateSubject(graph, bound, fixed)
    try:
        return check_subject(subject, seed=seed)
    except ValueError as error:
        if not graph.values:  # forward failed
            raise
        own = error.__cause__  # what the gate itself raised
        problem = subject.exchanged_shapes() if own is None else explain_failure(own)
        if not problem:
            raise
        return GradientReport((), (problem,), subject=type(gate).__name__)


class _GateSubject(Subject):
    """A graph of one gate. Its outputs are strung together, so one number is an array of one: that is no
    loss, and its upstream gradient is random too.
    """

    def __init__(self, graph: ComputationalGraph, values: dict[str, np.ndarray], fixed: Collection[str]):
        moved = {name: value.copy() for name, value in values.items() if name not in fixed}
        super().__init__(**moved)
        self.graph, self.values = graph, values

    def forward(self) -> np.ndarray:
        self.graph.forward(**{**self.values, **self.variables})
        return np.concatenate([self.graph.values[node].ravel() for node in self.graph.outputs])

    def backward(self, grad_output: np.ndarray) -> dict[str, np.ndarray]:
        self.forward()
        return self._backward(grad_output)

    def backward_with_transposed(self, name: str, grad_output: np.ndarray) -> dict[str, np.ndarray]:
        self.forward()
        value = self.graph.values[self.graph.inputs[name]]  # what the gate may have kept
        value.flags.writeable = True
        value[...] = value.T.copy()
        return self._backward(grad_output)

    def exchanged_shapes(self) -> str:
        """What to say where backward's gradients would fit in another order; "" where they would not."""
        (node,) = [node for node in self.graph.nodes if node.gate is not None]
        grads = self.graph.gates[node].backward(
            *(np.ones_like(value) for value in _as_tuple(self.graph.values.get(node, ())))
        )
        came = [np.shape(grad) for grad in _as_tuple(grads)]
        takes = [np.shape(self.graph.values[parent]) for parent in node.parents]
        if came == takes or sorted(came) != sorted(takes):
            return ""
        names = ", ".join(parent.name for parent in node.parents)
        return (
            f"backward: expected gradients for {names}, of shapes {', '.join(map(str, takes))}, "
            f"got shapes {', '.join(map(str, came))}; they seem exchanged: return them in forward's order"
        )

    def _backward(self, grad_output: np.ndarray) -> dict[str, np.ndarray]:
        shapes = [self.graph.values[node].shape for node in self.graph.outputs]
        ends = np.cumsum([int(np.prod(shape)) for shape in shapes])[:-1]
        parts = np.split(grad_output, ends)
        grads = [part.reshape(shape) for part, shape in zip(parts, shapes, strict=True)]
        found = self.graph.backward(*grads)
        return {name: np.array(found[name], np.float64) for name in self.variables}


def _as_tuple(value: Any) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, (tuple, list)) else (value,)


def _argument_names(gate: Gate, count: int) -> list[str]:
    """As forward calls its arguments: x, y; x0, x1, … for *x."""
    names = []
    for parameter in signature(gate.forward).parameters.values():
        many = parameter.kind is parameter.VAR_POSITIONAL
        names += [f"{parameter.name}{i}" for i in range(count)] if many else [parameter.name]
    return names[:count]
