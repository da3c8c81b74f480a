"""A typed expression becomes nodes: read with `ast`, never evaluated as Python."""

from __future__ import annotations

import ast
import math
import operator
import unicodedata
from collections.abc import Callable, Mapping

from lib.graph.gate import Gate
from lib.graph.node import Node, as_node
from lib.graph.typed.parse_error import ParseError
from lib.graph.typed.to_python import to_python
from lib.graph.vocabulary import typed_functions

DEEPEST_OPERATIONS = 100  # one inside the other
TOO_DEEP = f"more than {DEEPEST_OPERATIONS} operations inside each other"
OPERATORS: dict[type[ast.operator], Callable[[Node, Node], Node]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
    ast.MatMult: operator.matmul,
}


def parse(text: str, gates: Mapping[str, type[Gate]] | None = None) -> Node:
    """The node of an expression such as "(x + y) * z"; each name is one input.

    text: names, numbers, brackets, + − * / @, ** or ^ for powers, and functions: those of the gates that say
        in their class statement how they are typed, such as max, exp, sigmoid or σ; × · − ÷ ² and w₀ (as w0)
        are understood; pi and π are the number 3.14…
    gates: functions of your own for this expression, by name: {"square": Square}

    Raises `ParseError`, a `ValueError`, that explains a slip and points at it.

    >>> parse("(x + y)·z")
    (x + y) * z
    >>> parse("2x + 1")
    Traceback (most recent call last):
    lib.graph.typed.parse_error.ParseError: an operator is missing here; for a product write 2 * x
        2x + 1
         ^
    """
    if not isinstance(text, str):
        raise ValueError(f"text: expected an expression such as '(x + y) * z', got {type(text).__name__}")
    text = unicodedata.normalize("NFC", text)  # é as one letter, where it was typed as two
    functions = {**typed_functions(), **check_gates(gates or {})}
    source = to_python(text, {name: gate.takes for name, gate in functions.items()})
    try:
        tree = ast.parse(source, mode="eval").body
    except (RecursionError, MemoryError):
        raise ParseError(TOO_DEEP, text) from None
    except SyntaxError:
        raise ParseError("this is no expression that could be read", text) from None
    names: dict[str, Node] = {}

    def build(part: ast.expr, depth: int) -> Node:
        if depth > DEEPEST_OPERATIONS:
            raise ParseError(TOO_DEEP, text)
        match part:
            case ast.Constant():
                return as_node(part.value)
            case ast.Name(id="pi" | "π"):
                return as_node(math.pi)
            case ast.Name():
                return names.setdefault(part.id, Node(name=part.id))
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=float(number))):
                return as_node(-number)
            case ast.UnaryOp(op=ast.USub()):
                return -build(part.operand, depth + 1)
            case ast.UnaryOp(op=ast.UAdd()):
                return build(part.operand, depth + 1)
            case ast.BinOp():
                return OPERATORS[type(part.op)](build(part.left, depth + 1), build(part.right, depth + 1))
            case ast.Call(func=ast.Name(id=name)):
                return functions[name]()(*(build(value, depth + 1) for value in part.args))
        raise ParseError("this is no expression of names, numbers and gates", text)

    return build(tree, 0)


def check_gates(gates: Mapping[str, type[Gate]]) -> Mapping[str, type[Gate]]:
    """The functions of one expression as they are; raises `ValueError` where one is no class of gates."""
    for name, gate in gates.items():
        if not (isinstance(gate, type) and issubclass(gate, Gate)):
            raise ValueError(f"gates: expected a class of gates such as MaxGate for {name!r}, got {gate!r}")
        if gate.outputs != 1:
            raise ValueError(
                f"gates: expected a gate of one output for {name!r}, got {gate.__name__} with {gate.outputs}"
            )
    return gates
