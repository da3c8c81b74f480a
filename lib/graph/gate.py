"""Gates: what every operation is, and what a student subclasses."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from inspect import Parameter, signature
from typing import Any, ClassVar, Self

from lib.graph.node import ATOM, Node, as_node
from lib.graph.vocabulary import Entry, enter


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

    A gate that is to be typed, or made by a function of numpy, says so in its class statement:

        class ExpGate(Gate, function="exp", numpy=np.exp): ...

    symbol: how a drawing shows the gate
    infix: whether an expression writes the symbol between the parents
    binds: how strongly it does so, from 1 for + to 9 for a name; brackets stand where they are needed
    from_left: whether a ∘ b ∘ c means (a ∘ b) ∘ c
    ordered: whether a drawing keeps its values in order, the first one above
    outputs: how many values forward returns
    takes: how many values forward takes, at least and at most; found from its signature
    """

    symbol: str = ""
    infix: bool = False
    binds: int = ATOM
    from_left: bool = True
    ordered: bool = False
    outputs: int = 1
    takes: ClassVar[tuple[int, float]] = (0, math.inf)

    def __init_subclass__(
        cls,
        *,
        function: str = "",
        aliases: Sequence[str] = (),
        numpy: Callable[..., Any] | None = None,
        hints: Mapping[str, str] | None = None,
        **rest: Any,
    ):
        """Enters the gate where expressions find it, if its class statement says how.

        function: what is typed, and what a drawing shows
        aliases: other spellings, such as σ
        numpy: the function that makes this gate when it is called with a node, such as np.exp
        hints: what somebody may type in its place, such as ln or √ → what to type
        """
        super().__init_subclass__(**rest)
        cls.takes = count_values(cls.forward)
        if function:
            cls.symbol = function
        if function or numpy is not None:
            names = (function, *aliases) if function else ()
            enter(Entry(cls, names, numpy, hints))

    def __new__(cls, *arguments: Any, **options: Any) -> Self:
        """Nodes are taken by a gate, not by its class: Div()(a, a), not Div(a, a)."""
        none_taken = cls.__init__ is object.__init__ and bool(arguments or options)
        if none_taken or any(isinstance(argument, Node) for argument in (*arguments, *options.values())):
            came = ", ".join([*map(repr, arguments), *(f"{k}={v!r}" for k, v in options.items())])
            raise TypeError(
                f"{cls.__name__}: expected a gate to be made first, got {cls.__name__}({came}); "
                f"write {cls.__name__}()({came})"
            )
        return super().__new__(cls)

    # A gate's own forward and backward may take any values: **options only tells type checkers so.
    def forward(self, *values: Any, **options: Any) -> Any:
        raise NotImplementedError(f"{type(self).__name__}: write forward(self, …)")

    def backward(self, *grads: Any, **options: Any) -> Any:
        raise NotImplementedError(f"{type(self).__name__}: write backward(self, grad)")

    def __call__(self, *parents: Any) -> Any:
        """A node for this operation on these nodes, numbers or arrays; a tuple of nodes for several outputs.

        Raises `ValueError` where forward takes more values or fewer.
        """
        self.check_count(len(parents))
        node = Node(self, tuple(as_node(parent) for parent in parents))
        if self.outputs == 1:
            return node
        return tuple(Node(parents=(node,), index=i) for i in range(self.outputs))

    def check_count(self, count: int) -> None:
        """Raises `ValueError` where forward does not take so many values."""
        least, most = self.takes
        if not least <= count <= most:
            first = next(iter(signature(type(self).forward).parameters), "")
            hint = "" if first == "self" else "; is self missing in forward(self, …)?"
            raise ValueError(
                f"{type(self).__name__}: expected {counted(least, most)} for forward, got {count}{hint}"
            )

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
            parts.append(f"({text})" if parent.binds(depth) < needed else text)
        return f" {self.symbol} ".join(parts) if len(parts) > 1 else self.symbol + parts[0]


def count_values(forward: Callable[..., Any]) -> tuple[int, float]:
    """How many values a gate's forward takes: at least, and at most.

    >>> def forward(self, x, y=1): ...
    >>> count_values(forward)
    (1, 2)
    """
    places = list(signature(forward).parameters.values())[1:]
    named = [p for p in places if p.kind in (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)]
    least = sum(parameter.default is Parameter.empty for parameter in named)
    unlimited = any(parameter.kind is Parameter.VAR_POSITIONAL for parameter in places)
    return least, math.inf if unlimited else len(named)


def counted(least: int, most: float, what: str = "value") -> str:
    """A number of things in words.

    >>> counted(1, 1), counted(2, math.inf), counted(1, 2, "gradient")
    ('1 value', 'at least 2 values', '1 to 2 gradients')
    """
    count = str(least)
    if least != most:
        count = f"at least {least}" if most == math.inf else f"{least} to {most}"
    return f"{count} {what}{'' if (least, most) in ((1, 1), (1, math.inf)) else 's'}"
