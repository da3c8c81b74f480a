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

    A random upstream gradient goes through the gate, for plain numbers too, so that one that forgets to
    multiply by it is found; both gradients of the report are multiplied by it.

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
    names = _argument_names(gate, len(values))
    unknown = set(fixed) - set(names)
    if unknown:
        raise ValueError(f"fixed: got {min(unknown)!r}, the gate's arguments are {', '.join(names)}")
    result = gate(*(Node(name=name) for name in names))
    graph = ComputationalGraph(*(result if isinstance(result, tuple) else (result,)))
    bound = {name: as_numbers(value, name) for name, value in zip(names, values, strict=True)}
    reports = [_check_input(graph, name, bound, seed) for name in names if name not in fixed]
    return GradientReport(
        tuple(part for report in reports for part in report.comparisons),
        tuple(dict.fromkeys(problem for report in reports for problem in report.problems)),
        tuple(dict.fromkeys(note for report in reports for note in report.notes)),
    )


def _check_input(
    graph: ComputationalGraph, name: str, values: dict[str, np.ndarray], seed: int
) -> GradientReport:
    """The check of one input of a graph, all its outputs strung together."""

    def forward(x: np.ndarray) -> np.ndarray:
        graph.forward(**{**values, name: x})
        return np.concatenate([graph.values[node].ravel() for node in graph.outputs])

    def backward(x: np.ndarray, grad: np.ndarray) -> np.ndarray:
        forward(x)
        shapes = [graph.values[node].shape for node in graph.outputs]
        ends = np.cumsum([int(np.prod(shape)) for shape in shapes])[:-1]
        grads = [part.reshape(shape) for part, shape in zip(np.split(grad, ends), shapes, strict=True)]
        return graph.backward(*grads)[name]

    # Strung together, one number is an array of one: it is not the loss, its upstream gradient is random too.
    report = check_gradients(forward, values[name], gradient=backward, seed=seed)
    own = "the gradient in " + name  # to the checker, every variable is x
    return GradientReport(
        tuple(replace(part, name=name) for part in report.comparisons),
        tuple(problem.replace("the gradient in x", own) for problem in report.problems),
        tuple(note.replace("the gradient in x", own) for note in report.notes),
    )


def _argument_names(gate: Gate, count: int) -> list[str]:
    """As forward calls its arguments: x, y; x0, x1, … for *x."""
    names = []
    for parameter in signature(gate.forward).parameters.values():
        many = parameter.kind is parameter.VAR_POSITIONAL
        names += [f"{parameter.name}{i}" for i in range(count)] if many else [parameter.name]
    return names[:count]
