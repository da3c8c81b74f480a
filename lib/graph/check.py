"""Is a gate's backward right? Against finite differences, in one line."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from inspect import signature
from typing import Any

import numpy as np

from lib.gradient_check import GradientReport, check_gradients
from lib.graph.gate import Gate
from lib.graph.graph import ComputationalGraph
from lib.graph.node import Node
from lib.graph.values import as_numbers


def check_gate(gate: Gate, *values: Any, fixed: Collection[str] = (), seed: int = 0) -> GradientReport:
    """Compares every gradient of a gate with finite differences, at these values; the report explains.

    values: a number or an array for each argument of the gate's forward
    fixed: names of arguments that have no gradient, such as labels
    seed: of the random upstream gradient, where the gate's output is an array

    Raises `ValueError` where the gate cannot run on the values. A gate of your own:

    >>> from lib.graph import MultiplyGate
    >>> class Wrong(MultiplyGate):
    ...     def backward(self, grad):
    ...         return grad * self.x, grad * self.y
    >>> check_gate(Wrong(), 3.0, -4.0)
    gradient in x: WRONG
      1 of 1 elements differ; worst at []: numerical -4, analytic 3, relative error 1.8e+00 (accepted 1e-06)
      likely cause: off by the constant factor -0.75
    gradient in y: WRONG
      1 of 1 elements differ; worst at []: numerical 3, analytic -4, relative error 1.8e+00 (accepted 1e-06)
      likely cause: off by the constant factor -1.33333
    """
    names = _argument_names(gate, len(values))
    unknown = set(fixed) - set(names)
    if unknown:
        raise ValueError(f"fixed: got {min(unknown)!r}, the gate's arguments are {', '.join(names)}")
    result = gate(*(Node(name=name) for name in names))
    graph = ComputationalGraph(*(result if isinstance(result, tuple) else (result,)))
    bound = {name: as_numbers(value, name) for name, value in zip(names, values, strict=True)}
    reports = [_check_input(graph, name, bound, seed) for name in names if name not in fixed]
    return GradientReport(
        tuple(
            replace(part, name=name)
            for name, report in zip([n for n in names if n not in fixed], reports, strict=True)
            for part in report.comparisons
        ),
        tuple(dict.fromkeys(problem for report in reports for problem in report.problems)),
        tuple(dict.fromkeys(note for report in reports for note in report.notes)),
    )


def _check_input(
    graph: ComputationalGraph, name: str, values: dict[str, np.ndarray], seed: int
) -> GradientReport:
    """The check of one input of a graph, all its outputs strung together."""

    def forward(x: np.ndarray) -> np.ndarray:
        outputs = graph.forward(**{**values, name: x})
        return np.concatenate([np.ravel(output) for output in outputs]) if several else outputs

    def backward(x: np.ndarray, grad: Any = 1.0) -> np.ndarray:
        forward(x)
        if not several:
            return graph.backward(grad)[name]
        shapes = [graph.values[node].shape for node in graph.outputs]
        ends = np.cumsum([int(np.prod(shape)) for shape in shapes])[:-1]
        grads = [part.reshape(shape) for part, shape in zip(np.split(grad, ends), shapes, strict=True)]
        return graph.backward(*grads)[name]

    several = len(graph.outputs) > 1
    return check_gradients(forward, values[name], gradient=backward, seed=seed)


def _argument_names(gate: Gate, count: int) -> list[str]:
    """As forward calls its arguments: x, y; x0, x1, … for *x."""
    names = []
    for parameter in signature(gate.forward).parameters.values():
        many = parameter.kind is parameter.VAR_POSITIONAL
        names += [f"{parameter.name}{i}" for i in range(count)] if many else [parameter.name]
    return names[:count]
