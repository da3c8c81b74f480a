"""Expressions: writing f = (x + y) * z builds a graph of nodes; nothing is computed yet."""

from __future__ import annotations

import math
from collections.abc import Callable
from keyword import iskeyword
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from lib.graph.values import as_float64
from lib.graph.vocabulary import gate_of, numpy_functions

if TYPE_CHECKING:
    from lib.graph.gate import Gate

ATOM = 9  # how strongly a name binds, or a call: it never needs brackets
UNARY_MINUS = 3  # how strongly a minus sign binds what follows
FEW = 4  # so many numbers of an array are printed; of more only how many there are
SHOWN = 4  # so many operations deep is an expression printed; what is deeper is …


class Node:
    """One value of a graph: an input, a constant, or what a gate makes of other nodes.

    gate: None for inputs and constants
    parents: the nodes that the gate takes, in order
    name: of an input, or one given with `named`, by which errors and drawings call the node
    constant: the value of a constant, None elsewhere
    index: which output of its only parent this is, where a gate has several; None elsewhere

    Operators build new nodes: + − * / ** @, unary − and abs; so do functions of numpy that have a gate, such
    as np.exp. Plain numbers and arrays become constants.

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
        return operate(np.add, self, other)

    def __radd__(self, other):
        return operate(np.add, other, self)

    def __sub__(self, other):
        return operate(np.subtract, self, other)

    def __rsub__(self, other):
        return operate(np.subtract, other, self)

    def __mul__(self, other):
        return operate(np.multiply, self, other)

    def __rmul__(self, other):
        return operate(np.multiply, other, self)

    def __truediv__(self, other):
        return operate(np.divide, self, other)

    def __rtruediv__(self, other):
        return operate(np.divide, other, self)

    def __pow__(self, other):
        return operate(np.power, self, other)

    def __rpow__(self, other):
        return operate(np.power, other, self)

    def __matmul__(self, other):
        return operate(np.matmul, self, other)

    def __rmatmul__(self, other):
        return operate(np.matmul, other, self)

    def __neg__(self):
        return operate(np.negative, self)

    def __abs__(self):
        return operate(np.absolute, self)

    def __pos__(self):
        return self

    def __array_ufunc__(self, ufunc, method, *operands, **options):
        """Makes np.exp(x) a node, and array * x one node rather than an array of nodes."""
        if "out" in options:
            raise TypeError(
                f"np.{ufunc.__name__}: expected an array to be changed in place, got the node {self!r}; "
                "write a = a + x, not a += x"
            )
        name = ufunc.__name__ if method == "__call__" else f"{ufunc.__name__}.{method}"
        return operate(ufunc if method == "__call__" else None, *operands, name=name, options=options)

    def __array_function__(self, function, types, operands, options):
        """Makes np.sum(x) a node, as `__array_ufunc__` does for np.exp(x)."""
        return operate(function, *operands, name=function.__name__, options=options)

    # What Python and numpy ask of a number, and a node cannot answer before it is computed.

    def __bool__(self) -> NoReturn:
        raise no_value(self, "if, while, and, or", "write maximum or minimum, or compute first")

    def __lt__(self, other) -> NoReturn:
        raise TypeError(
            f"a comparison: expected numbers, got the node {self!r}, which has no value yet; "
            "compare what forward returns; for max(x, y) and min(x, y) write maximum, minimum"
        )

    __gt__ = __le__ = __ge__ = __lt__

    def __float__(self) -> NoReturn:
        raise no_value(self, "float(…) or a function of math", "for math.exp(x) write exp(x), from lib.graph")

    __int__ = __index__ = __complex__ = __float__

    def __round__(self, digits: int = 0) -> NoReturn:
        raise no_value(self, "round(…)", "round what forward returns")

    def __array__(self, dtype: Any = None, copy: Any = None) -> NoReturn:
        raise no_value(self, "np.array(…)", "a node stands for a whole array")

    def __iter__(self) -> NoReturn:
        raise no_value(self, "a loop, len(…) or an index", "a node stands for a whole array")

    def __getitem__(self, index: Any) -> NoReturn:
        self.__iter__()

    __len__ = __iter__

    def __floordiv__(self, other) -> NoReturn:
        raise TypeError(f"{self!r}: expected one of + - * / ** @, got // or %; neither has a gate")

    __rfloordiv__ = __mod__ = __rmod__ = __floordiv__

    def __xor__(self, other) -> NoReturn:
        raise TypeError(f"{self!r}: expected one of + - * / ** @, got ^; for a power write x ** 2")

    __rxor__ = __xor__

    def __repr__(self) -> str:
        return self.text(SHOWN)

    def text(self, depth: float = math.inf) -> str:
        """The expression as `parse` reads it, to so many operations deep; what is deeper is …"""
        if self.name:
            return self.name
        if self.constant is not None:
            return constant_text(self.constant)
        if depth <= 0 or self.is_input:
            return "…"
        if self.gate is not None:
            return self.gate.text(*self.parents, depth=depth - 1)
        return f"{self.parents[0].text(depth)}[{self.index}]"

    def binds(self, depth: float = math.inf) -> int:
        """How strongly the text holds together: whether it needs brackets inside an operation."""
        if self.name or (depth <= 0 and self.gate is not None):
            return ATOM
        if self.constant is not None and self.constant.ndim == 0 and self.constant < 0:
            return UNARY_MINUS
        return self.gate.binds if self.gate is not None else ATOM


def inputs(names: str) -> tuple[Node, ...]:
    """A node for each name, separated by spaces or commas.

    >>> x, y, z = inputs("x y z")
    """
    found = names.replace(",", " ").split() if isinstance(names, str) else []
    wrong = [name for name in found if not name.isidentifier() or iskeyword(name)]
    if not found or wrong or len(set(found)) < len(found):
        raise ValueError(f"names: expected different names such as 'x y z', got {names!r}")
    return tuple(Node(name=name) for name in found)


def as_node(value: Any) -> Node:
    """A node as it is; a number or an array as a constant; raises `ValueError` for anything else."""
    if isinstance(value, Node):
        return value
    if callable(value):
        came = getattr(value, "__name__", None) or f"{type(value).__name__}()"
        call = f"{came}()(…)" if isinstance(value, type) else f"{came}(…)"
        raise ValueError(f"operand: expected a node or a number, got {came}; call it first: {call}")
    return Node(constant=as_float64(value, "operand"))


def operate(
    function: Callable[..., Any] | None,
    *operands: Any,
    name: str = "",
    options: dict[str, Any] | None = None,
) -> Node:
    """The node that a function of numpy makes of these operands.

    name: what an error calls the function
    options: keywords it was called with, of which gates take none
    Raises `TypeError` where no gate stands for the function.
    """
    gate = None if function is None else gate_of(function)
    if gate is None:
        raise TypeError(
            f"np.{name}: expected a function that has a gate, got a node for one that has none; "
            f"these have one: {', '.join(numpy_functions())}"
        )
    if options:
        raise TypeError(f"np.{name}: expected nodes, numbers and arrays only, got {', '.join(options)}=…")
    return gate()(*operands)


def no_value(node: Node, asks: str, hint: str) -> TypeError:
    """The error for what needs a number, where there is only a node."""
    return TypeError(f"{asks}: expected a number, got the node {node!r}, which has no value yet; {hint}")


def constant_text(constant: np.ndarray) -> str:
    """A number as Python writes it; of an array its numbers where they are few, else how many there are.

    >>> constant_text(np.array(2.0)), constant_text(np.array([1.0, 2.5])), constant_text(np.ones((3, 4)))
    ('2', '[1, 2.5]', '[3 × 4 numbers]')
    """
    if constant.ndim == 0:
        return repr(float(constant)).removesuffix(".0")
    if constant.ndim == 1 and len(constant) <= FEW:
        return f"[{', '.join(map(constant_text, constant))}]"
    return f"[{' × '.join(map(str, constant.shape))} numbers]"
