"""Gates: what every operation is, and what a student subclasses."""

from __future__ import annotations

import math
from functools import lru_cache
from inspect import Parameter, signature
from typing import Any

import numpy as np

from lib.graph.node import ATOM, Node, as_node


class Gate:
    """An operation: `forward` computes, and remembers what `backward` needs; both stand side by side.

    A gate of your own:

    >>> from lib.graph import inputs
    >>> class Square(Gate):
    ...     def forward(self, x):
    ...         self.x = x
    ...         return x**2
    ...
    ...     def backward(self, grad):              # upstream gradient × local gradient
    ...         return grad * 2 * self.x
    >>> (x,) = inputs("x")
    >>> Square()(x) + 1
    square(x) + 1

    forward takes one value for each parent, a float64 array (of shape () for a number), and returns one, or
    as many as `outputs` says; backward takes the gradient of each output, and returns one gradient for each
    parent, in order. Values are read-only: they belong to the graph. A gradient may keep the shape of a
    broadcast result: the graph sums it back. Every graph computes with a copy of the gate of its own.

    symbol: how a drawing shows the gate; outputs: how many values forward returns
    infix: whether an expression writes it between its parents; binds: how strongly, for brackets where needed
    from_left: whether a ∘ b ∘ c means (a ∘ b) ∘ c
    """

    symbol: str = ""
    infix: bool = False
    binds: int = ATOM
    from_left: bool = True
    outputs: int = 1

    def forward(self, *values: np.ndarray) -> Any:
        raise NotImplementedError(f"{type(self).__name__}: write forward(self, …)")

    def backward(self, *grads: np.ndarray) -> Any:
        raise NotImplementedError(f"{type(self).__name__}: write backward(self, grad)")

    def __call__(self, *parents: Any) -> Node | tuple[Node, ...]:
        """A node for this operation on these nodes, numbers or arrays; a tuple of them for several outputs.

        Raises `ValueError` where forward takes more parents or fewer.
        """
        least, most = count_parents(type(self))
        if not least <= len(parents) <= most:
            takes = (
                least if least == most else f"at least {least}" if most == math.inf else f"{least} to {most}"
            )
            raise ValueError(f"{type(self).__name__}: forward takes {takes} values, got {len(parents)}")
        node = Node(self, tuple(as_node(parent) for parent in parents))
        if self.outputs == 1:
            return node
        return tuple(Node(parents=(node,), index=i) for i in range(self.outputs))

    @property
    def label(self) -> str:
        """What a drawing writes into the gate."""
        return self.symbol or type(self).__name__.removesuffix("Gate").lower()

    def text(self, *parents: Node, depth: float) -> str:
        """The operation as part of an expression."""
        if not self.infix:
            return f"{self.label}({', '.join(parent.text(depth) for parent in parents)})"
        parts = []
        for place, parent in enumerate(parents):
            needed = self.binds + (place > 0 or not self.from_left)
            text = parent.text(depth)
            parts.append(f"({text})" if parent._binds(depth) < needed else text)
        return f" {self.symbol} ".join(parts) if len(parts) > 1 else self.symbol + parts[0]


@lru_cache(maxsize=256)
def count_parents(gate: type[Gate]) -> tuple[int, float]:
    """How many values the gate's forward takes: at least, and at most."""
    takes = list(signature(gate.forward).parameters.values())[1:]
    if any(parameter.kind is Parameter.VAR_POSITIONAL for parameter in takes):
        return len(takes) - 1, math.inf
    return sum(parameter.default is Parameter.empty for parameter in takes), len(takes)
