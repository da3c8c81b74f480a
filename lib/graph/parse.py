"""A typed expression becomes nodes: read with `ast`, never evaluated as Python."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from lib.graph import gates as known
from lib.graph.gate import Gate, count_parents
from lib.graph.node import Node, as_node
from lib.graph.reading import ParseError, to_python

DEEPEST = 100  # operations one inside the other
FUNCTIONS: dict[str, type[Gate]] = {
    "max": known.MaxGate,
    "min": known.MinGate,
    "exp": known.ExpGate,
    "log": known.LogGate,
    "sigmoid": known.SigmoidGate,
    "σ": known.SigmoidGate,
    "tanh": known.TanhGate,
    "relu": known.ReluGate,
    "sum": known.SumGate,
    "mean": known.MeanGate,
    "hinge": known.HingeGate,
    "cross_entropy": known.SoftmaxCrossEntropyGate,
}
OPERATORS: dict[type[ast.operator], type[Gate]] = {
    ast.Add: known.AddGate,
    ast.Sub: known.SubtractGate,
    ast.Mult: known.MultiplyGate,
    ast.Div: known.DivideGate,
    ast.Pow: known.PowerGate,
    ast.MatMult: known.MatMulGate,
}


def parse(text: str, gates: Mapping[str, type[Gate]] | None = None) -> Node:
    """The node of an expression such as "(x + y) * z"; each name is one input.

    text: names, numbers, brackets, + − * / @, ** or ^ for powers, and the functions max, min, exp, log,
        sigmoid or σ, tanh, relu, sum, mean, hinge, cross_entropy; × · − ÷ ² and w₀ (as w0) are understood
    gates: functions of your own, by name: {"square": Square}

    Raises `ParseError`, a `ValueError`, that explains a slip and points at it.

    >>> parse("(x + y)·z")
    (x + y) * z
    >>> parse("2x + 1")
    Traceback (most recent call last):
    lib.graph.reading.ParseError: an operator is missing here; for a product write 2 * x
        2x + 1
         ^
    """
    if not isinstance(text, str):
        raise ValueError(f"text: expected an expression such as '(x + y) * z', got {type(text).__name__}")
    for name, gate in (gates or {}).items():
        if not (isinstance(gate, type) and issubclass(gate, Gate)):
            raise ValueError(f"gates: {name!r} is {gate!r}, expected a class of gates such as MaxGate")
    functions = {**FUNCTIONS, **(gates or {})}
    source = to_python(text, {name: count_parents(gate) for name, gate in functions.items()})
    too_deep = ParseError(f"more than {DEEPEST} operations inside each other", text)
    try:
        tree = ast.parse(source, mode="eval").body
    except (RecursionError, MemoryError):
        raise too_deep from None
    except SyntaxError:
        raise ParseError("this is no expression that could be read", text) from None
    names: dict[str, Node] = {}

    def build(part: ast.expr, depth: int) -> Node:
        if depth > DEEPEST:
            raise too_deep
        match part:
            case ast.Constant():
                return as_node(part.value)
            case ast.Name():
                return names.setdefault(part.id, Node(name=part.id))
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant()):
                return as_node(-part.operand.value)
            case ast.UnaryOp(op=ast.USub()):
                return -build(part.operand, depth + 1)
            case ast.UnaryOp(op=ast.UAdd()):
                return build(part.operand, depth + 1)
            case ast.BinOp():
                return OPERATORS[type(part.op)]()(build(part.left, depth + 1), build(part.right, depth + 1))
            case ast.Call(func=ast.Name()):
                return functions[part.func.id]()(*(build(value, depth + 1) for value in part.args))
        raise ParseError("this is no expression of names, numbers and gates", text)

    return build(tree, 0)
