"""The graph of an expression: forward through the nodes in order, backward in the reverse order."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

import numpy as np

from lib.graph.evaluate import Values, as_tuple, backward_through, forward_through
from lib.graph.node import Node
from lib.graph.step import Step
from lib.graph.topological_sort import sort_topologically
from lib.graph.values import as_float64, frozen

if TYPE_CHECKING:
    from lib.graph.picture.drawing import Drawing


class ComputationalGraph:
    """A graph that computes: values forward, gradients backward, both kept for every node.

    outputs: the node, or nodes, to compute; all that they depend on belongs to the graph
    nodes: all of them, in the order of computing
    inputs: name → node
    gates: node → the gate that computes it, a copy for this graph
    values, gradients: node → float64 array, read-only, after `forward` and `backward`; a tuple of arrays for
        a gate with several outputs

    Raises `ValueError` where a node depends on itself, or two inputs have one name.

    Source: decks B and D, "Implementation of Compute Graph".

    >>> from lib.graph import inputs
    >>> x, y, z = inputs("x y z")
    >>> graph = ComputationalGraph((x + y) * z)
    >>> print(graph.forward(x=-2, y=5, z=-4))
    -12.0
    >>> {name: float(gradient) for name, gradient in graph.backward().items()}
    {'x': -4.0, 'y': -4.0, 'z': 3.0}
    """

    def __init__(self, *outputs: Node):
        if not outputs or not all(isinstance(node, Node) for node in outputs):
            raise ValueError(f"outputs: expected nodes such as x * y, got {outputs!r}")
        self.outputs = outputs
        self.nodes = sort_topologically(outputs)
        self.inputs: dict[str, Node] = {}
        for node in self.nodes:
            if node.is_input and self.inputs.setdefault(node.name, node) is not node:
                raise ValueError(
                    f"input {node.name!r}: expected one node of this name, got two; make each input once"
                )
        self.gates = {node: deepcopy(node.gate) for node in self.nodes if node.gate is not None}
        self.values: Values = {}
        self.gradients: Values = {}

    def forward(self, /, *unnamed: Any, **values: Any) -> Any:
        """The value of the output, for a number or an array for each input; several outputs give a tuple.

        Division by zero, and the like, give inf or nan. Raises `ValueError` where an input is missing or
        unknown, or a gate cannot take what it gets.
        """
        if unnamed:
            given = dict(zip(self.inputs, unnamed, strict=False))
            numbers = {name: value for name, value in given.items() if isinstance(value, (int, float))}
            call = ", ".join(f"{name}={numbers.get(name, '…')}" for name in self.inputs)
            raise TypeError(
                f"forward: expected values by name, got {len(unnamed)} without; write forward({call})"
            )
        bound = self._bind(values)
        self.values, self.gradients = {}, {}
        computed: Values = {}
        with np.errstate(all="ignore"):
            for node in self.nodes:
                computed[node] = bound[node] if node in bound else forward_through(node, self.gates, computed)
        self.values = computed
        results = tuple(computed[node].copy()[()] for node in self.outputs)
        return results[0] if len(results) == 1 else results

    def backward(self, *grads: Any) -> dict[str, np.ndarray]:
        """The gradient in every input, by name, after `forward`; each call starts from zero.

        grads: ∂L/∂output, for each output; where none is given, 1 for each, which must be one number
        Raises `RuntimeError` before the first `forward`.
        """
        if not self.values:
            raise RuntimeError(
                "backward: expected forward before it, got none; "
                "call forward(…) first, with a value for each input"
            )
        seeds = self._check_seeds(grads)
        gradients: Values = {}
        with np.errstate(all="ignore"):
            for node, grad in zip(self.outputs, seeds, strict=True):
                add(gradients, node, grad)
            for node in reversed(self.nodes):
                for parent, grad in zip(node.parents, self._pass_on(node, gradients[node]), strict=True):
                    add(gradients, parent, grad)
        self.gradients = gradients
        return {name: gradients[node].copy()[()] for name, node in self.inputs.items()}

    def trace(self) -> list[Step]:
        """The steps of the last `forward` and, if there was one, of the last `backward`, in order."""
        gates = [node for node in self.nodes if node.gate is not None]
        steps = []
        if self.values:
            for node in gates:
                taken = tuple(self.values[parent] for parent in node.parents)
                steps.append(Step(node, "forward", taken, as_tuple(self.values[node])))
        if self.gradients:
            with np.errstate(all="ignore"):
                steps += [self._backward_step(node) for node in reversed(gates)]
        return steps

    def draw(self) -> Drawing:
        """The graph from left to right, values above and gradients below each edge, as far as computed."""
        from lib.graph.picture.drawing import draw  # which brings matplotlib

        return draw(self)

    def __copy__(self) -> ComputationalGraph:
        """A graph of the same nodes, with the same values so far, that computes on its own."""
        twin = ComputationalGraph(*self.outputs)
        twin.gates = {node: deepcopy(gate) for node, gate in self.gates.items()}
        twin.values, twin.gradients = dict(self.values), dict(self.gradients)
        return twin

    def __deepcopy__(self, memo: dict) -> ComputationalGraph:
        return self.__copy__()

    def __repr__(self) -> str:
        return f"ComputationalGraph({', '.join(map(repr, self.outputs))})"

    def _bind(self, values: dict[str, Any]) -> dict[Node, np.ndarray]:
        """Input node → its value."""
        for name in values:
            if name not in self.inputs:
                known = ", ".join(self.inputs) or "none"
                raise ValueError(f"input {name!r}: expected one of the graph's inputs, {known}")
        for name in self.inputs:
            if name not in values:
                raise ValueError(f"input {name!r}: expected a value, got none; call forward({name}=…)")
        return {node: as_float64(values[name], "input {!r}", name) for name, node in self.inputs.items()}

    def _pass_on(self, node: Node, upstream: Any) -> tuple[Any, ...]:
        return backward_through(node, self.gates, upstream, self.values)

    def _backward_step(self, node: Node) -> Step:
        upstream, local = self.gradients[node], None
        involved = [upstream, *(self.values[parent] for parent in node.parents)]
        if not any(isinstance(value, tuple) or value.ndim for value in involved):
            local = self._pass_on(node, frozen(np.ones(())))
        # `given` comes second: so a merged gate keeps inside it the gradients of the real backward.
        return Step(node, "backward", as_tuple(upstream), self._pass_on(node, upstream), local)

    def _check_seeds(self, grads: tuple[Any, ...]) -> list[np.ndarray]:
        """The gradient of each output, to begin with."""
        shapes = [self.values[node].shape for node in self.outputs]
        for node, shape in zip(self.outputs, shapes, strict=True) if not grads else ():
            if shape:
                raise ValueError(
                    f"output {node!r}: expected one number, got an array of shape {shape}; "
                    "pass ∂L/∂output to backward, or make it one number with summed or mean"
                )
        seeds = [as_float64(grad, "grads") for grad in grads or np.ones(len(shapes))]
        if [seed.shape for seed in seeds] != shapes:
            came = ", ".join(str(seed.shape) for seed in seeds)
            takes = ", ".join(map(str, shapes))
            raise ValueError(f"grads: expected the shapes of the outputs, {takes}, got {came}")
        return seeds


def add(gradients: Values, node: Node, grad: Any) -> None:
    """Gradients add at branches."""
    if node not in gradients:
        gradients[node] = grad
    elif isinstance(grad, tuple):
        gradients[node] = tuple(frozen(a + b) for a, b in zip(gradients[node], grad, strict=True))
    else:
        gradients[node] = frozen(gradients[node] + grad)
