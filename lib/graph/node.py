"""Expressions: writing f = (x + y) * z builds a graph of nodes; nothing is computed yet."""

from __future__ import annotations

import math
from keyword import iskeyword
from typing import TYPE_CHECKING, Any

import numpy as np

from lib.graph.values import as_numbers

if TYPE_CHECKING:
    from lib.graph.gate import Gate

ATOM = 9  # how strongly a name binds, or a call: it never needs brackets
SHOWN = 4  # so many operations deep is an expression printed; what is deeper is …
NUMPY_GATES = {  # what np.exp(x), and an array at the left of an operator, make of a node
    "add": "AddGate",
    "subtract": "SubtractGate",
    "multiply": "MultiplyGate",
    "divide": "DivideGate",
    "power": "PowerGate",
    "matmul": "MatMulGate",
    "negative": "NegateGate",
    "exp": "ExpGate",
    "log": "LogGate",
    "tanh": "TanhGate",
    "maximum": "MaxGate",
    "minimum": "MinGate",
}


class Node:
    """One value of a graph: an input, a constant, or what a gate makes of other nodes.

    gate: None for inputs and constants; parents: the nodes that the gate takes, in order
    name: of an input, or one given with `named`, by which errors and drawings call the node
    constant: the value of a constant, None elsewhere
    index: which output of its only parent this is, where a gate has several; None elsewhere

    Operators build new nodes: + − * / ** @ and unary −; plain numbers and arrays become constants.

    >>> x, y = inputs("x y")
    >>> (x + 2) * y
    (x + 2) * y
    """

    def __init__(
        self,
        gate: Gate | None = None,
        parents: tuple[Node, ...] = (),
        *,
        name: str = "",
        constant: np.ndarray | None = None,
        index: int | None = None,
    ):
        self.gate = gate
        self.parents = tuple(parents)
        self.name = name
        self.constant = constant
        self.index = index

    @property
    def is_input(self) -> bool:
        return self.gate is None and self.constant is None and self.index is None

    def named(self, name: str) -> Node:
        """The same node under a name of its own; returns it."""
        self.name = name
        return self

    def __add__(self, other):
        return _apply("AddGate", self, other)

    def __radd__(self, other):
        return _apply("AddGate", other, self)

    def __sub__(self, other):
        return _apply("SubtractGate", self, other)

    def __rsub__(self, other):
        return _apply("SubtractGate", other, self)

    def __mul__(self, other):
        return _apply("MultiplyGate", self, other)

    def __rmul__(self, other):
        return _apply("MultiplyGate", other, self)

    def __truediv__(self, other):
        return _apply("DivideGate", self, other)

    def __rtruediv__(self, other):
        return _apply("DivideGate", other, self)

    def __pow__(self, other):
        return _apply("PowerGate", self, other)

    def __rpow__(self, other):
        return _apply("PowerGate", other, self)

    def __matmul__(self, other):
        return _apply("MatMulGate", self, other)

    def __rmatmul__(self, other):
        return _apply("MatMulGate", other, self)

    def __neg__(self):
        return _apply("NegateGate", self)

    def __pos__(self):
        return self

    def __array_ufunc__(self, ufunc, method, *parents, **options):
        """Makes np.exp(x) a node, and array * x one node rather than an array of nodes."""
        if ufunc.__name__ not in NUMPY_GATES or method != "__call__" or options:
            raise TypeError(f"np.{ufunc.__name__} has no gate; these have: {', '.join(NUMPY_GATES)}")
        return _apply(NUMPY_GATES[ufunc.__name__], *parents)

    def __bool__(self):
        raise TypeError(f"{self!r} has no value yet: build a graph, and compute it with forward")

    def __lt__(self, other):
        raise TypeError(
            f"{self!r} has no value yet to compare; for max(x, y) and min(x, y) write maximum, minimum"
        )

    __gt__ = __le__ = __ge__ = __lt__

    def __repr__(self) -> str:
        return self.text(SHOWN)

    def text(self, depth: float = math.inf) -> str:
        """The expression as `parse` reads it, to so many operations deep; what is deeper is …"""
        if self.name:
            return self.name
        if self.constant is not None:
            return _digits(self.constant)
        if depth <= 0:
            return "…"
        if self.index is not None:
            return f"{self.parents[0].text(depth)}[{self.index}]"
        return self.gate.text(*self.parents, depth=depth - 1)

    def _binds(self, depth: float) -> int:
        """How strongly the text holds together: whether it needs brackets inside an operation."""
        if self.name or (depth <= 0 and self.gate is not None):
            return ATOM
        if self.constant is not None and self.constant.ndim == 0 and self.constant < 0:
            return 3  # as a unary minus
        return self.gate.binds if self.gate is not None else ATOM


def inputs(names: str) -> tuple[Node, ...]:
    """A node for each name, separated by spaces or commas.

    >>> x, y, z = inputs("x y z")
    """
    found = names.replace(",", " ").split() if isinstance(names, str) else []
    wrong = [name for name in found if not name.isidentifier() or iskeyword(name)]
    if not found or wrong or len(set(found)) < len(found):
        raise ValueError(f"names: got {names!r}, expected different names such as 'x y z'")
    return tuple(Node(name=name) for name in found)


def as_node(value: Any) -> Node:
    """A node as it is; a number or an array as a constant."""
    return value if isinstance(value, Node) else Node(constant=as_numbers(value, "operand"))


def _digits(constant: np.ndarray) -> str:
    return f"array{constant.shape}" if constant.ndim else repr(float(constant)).removesuffix(".0")


def _apply(gate: str, *parents: Any) -> Node:
    from lib.graph import gates  # they build on this module

    return getattr(gates, gate)()(*parents)
