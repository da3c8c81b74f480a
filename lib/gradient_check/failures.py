"""Why a layer's or a gate's own code failed: the line, the shapes in it, and the likely cause."""

from __future__ import annotations

import ast
import linecache
import re
from collections.abc import Iterator
from pathlib import Path
from types import FrameType, TracebackType

import numpy as np

OURS = Path(__file__).resolve().parents[1]
READ = (ast.Name, ast.Attribute, ast.Constant, ast.Subscript, ast.BinOp, ast.UnaryOp, ast.Slice, ast.Tuple)
SUMS = ("sum", "mean")
SIGNS = {ast.MatMult: "@", ast.Mult: "*", ast.Add: "+", ast.Sub: "-", ast.Div: "/"}
Shape = tuple[int, ...]


def comes_from_user(error: BaseException) -> bool:
    """Whether code of the user's took part in the failure, below the point where the error was caught."""
    return _place(error) is not None


def explain_failure(error: BaseException) -> str:
    """What failed, in at most four lines: method and message, source line, shapes, likely cause.

    error: as it was caught, with its traceback; the innermost frame that is neither ours nor numpy's counts
    """
    message, place = _shorten(error), _place(error)
    if place is None:
        return message
    frame = place.tb_frame
    source, line = _source(place)
    owner = frame.f_locals.get("self")
    name = f"{type(owner).__name__}.{frame.f_code.co_name}" if owner is not None else frame.f_code.co_name
    lines = [f"{name} fails: {message}", f"  in the line: {line}"]
    shapes, cause = _explain(source, frame, str(error))
    if shapes:
        lines.append(f"  shapes: {shapes}")
    if isinstance(error, TypeError) and "math." in line:
        cause = "math takes single numbers; for arrays there is numpy, such as np.exp"
    if cause:
        lines.append(f"  likely cause: {cause}")
    return "\n".join(lines)


def _place(error: BaseException) -> TracebackType | None:
    """The innermost place in code of the user's; None where there is none."""
    own = [place for place in _frames(error) if _is_own(place.tb_frame)]
    return own[-1] if own else None


def _frames(error: BaseException) -> Iterator[TracebackType]:
    """From the outermost to the innermost."""
    place = error.__traceback__
    while place is not None:
        yield place
        place = place.tb_next


def _is_own(frame: FrameType) -> bool:
    """Whether a frame belongs to the user: neither to this library nor to an installed package."""
    file = frame.f_code.co_filename
    if "site-packages" in file or file.startswith("<frozen"):
        return False
    return OURS not in Path(file).parents


def _shorten(error: BaseException) -> str:
    """The message without numpy's notation for shapes."""
    text = str(error).partition("\n")[0]
    if "with gufunc signature" in text or "not aligned" in text:
        return "these shapes cannot be multiplied as matrices"
    if isinstance(error, ValueError) and "broadcast" in text:
        return "these shapes do not fit each other"
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _source(place: TracebackType) -> tuple[str, str]:
    """The source of the expression that failed, and the whole line, as far as they can be read."""
    code = place.tb_frame.f_code
    lines = linecache.getlines(code.co_filename, place.tb_frame.f_globals)
    line = lines[place.tb_lineno - 1].strip() if place.tb_lineno <= len(lines) else ""
    positions = list(code.co_positions())[place.tb_lasti // 2]
    first, last, start, end = positions
    if first is None or last is None or start is None or end is None or last > len(lines):
        return line, line
    part = [text.encode() for text in lines[first - 1 : last]]  # columns count bytes
    part[-1] = part[-1][:end]
    part[0] = part[0][start:]
    return b"".join(part).decode(errors="replace"), line


def _explain(source: str, frame: FrameType, message: str) -> tuple[str, str]:
    """The shapes in the expression that failed, and the likely cause."""
    try:
        (statement,) = ast.parse(source.strip()).body
    except (SyntaxError, ValueError):
        return "", _cause_from_message(message)
    node = statement.value if isinstance(statement, ast.Expr) else statement
    if isinstance(node, ast.Call) and len(node.args) == 2:
        called = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        if called in ("dot", "matmul"):
            node = ast.BinOp(node.args[0], ast.MatMult(), node.args[1])
    if isinstance(node, ast.BinOp):
        sides = (node.left, node.right)
        shapes = [_shape(side, frame) for side in sides]
        texts = [ast.unparse(side) for side in sides]
        named = ", ".join(f"{text} {shape}" for text, shape in zip(texts, shapes, strict=True) if shape)
        if shapes[0] is None or shapes[1] is None:
            return named, _cause_from_message(message)
        return named, _product_cause(node.op, texts, (shapes[0], shapes[1]), frame)
    if isinstance(node, ast.AugAssign):
        target, value = _shape(node.target, frame), _shape(node.value, frame)
        if target is None or value is None:
            return "", _cause_from_message(message)
        named = f"{ast.unparse(node.target)} {target}, {ast.unparse(node.value)} {value}"
        return named, _summed_cause(node.value, target, frame) or _storing_cause(value, target)
    return "", _cause_from_message(message)


def _shape(node: ast.expr, frame: FrameType) -> Shape | None:
    """The shape of an expression of names, attributes and arithmetic; None where it holds anything else."""
    if not all(
        isinstance(part, READ) or _is_sum(part) for part in ast.walk(node) if isinstance(part, ast.expr)
    ):
        return None
    try:
        value = eval(ast.unparse(node), frame.f_globals, dict(frame.f_locals))
    except Exception:  # the expression is the user's, and may fail in any way
        return None
    return value.shape if isinstance(value, np.ndarray) else None


def _is_sum(node: ast.AST) -> bool:
    """Whether this is a call such as g.sum(1) or g.mean(axis=0), which changes nothing."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in SUMS


def _summed_cause(node: ast.expr, place: Shape, frame: FrameType) -> str:
    """Whether a sum in this expression runs over another axis than the one that would fit its place."""
    for call in ast.walk(node):
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
            continue
        given = [*call.args, *(keyword.value for keyword in call.keywords if keyword.arg == "axis")]
        shape = _shape(call.func.value, frame)
        if shape is None or len(given) != 1 or _shape(call, frame) == place:
            continue
        fits = [axis for axis in range(len(shape)) if shape[:axis] + shape[axis + 1 :] == place]
        if fits:
            right = "the batch" if fits[0] == 0 else f"axis {fits[0]}"
            came = f"{ast.unparse(call.func.value)} {shape}"
            return (
                f"summed over axis {ast.unparse(given[0])} instead of {right}: {came}, .sum(axis={fits[0]})"
            )
    return ""


def _product_cause(
    sign: ast.operator, texts: list[str], shapes: tuple[Shape, Shape], frame: FrameType
) -> str:
    """Which neighbouring matrix product would fit, preferably one whose shape is wanted."""
    if not isinstance(sign, (ast.MatMult, ast.Mult)) or not all(shapes):
        return ""
    wanted = _wanted_shapes(frame)
    sides = [
        [(text, shape, 0), (_turned(text), shape[::-1], 1)] for text, shape in zip(texts, shapes, strict=True)
    ]
    ways = []
    for swapped, (lefts, rights) in enumerate((sides, sides[::-1])):
        for left, a, turned_left in lefts:
            for right, b, turned_right in rights:
                if a[-1] == b[-2 if len(b) > 1 else -1]:
                    result = (*a[:-1], *b[:-2], *b[-1:]) if len(b) > 1 else a[:-1]
                    changes = turned_left + turned_right + 2 * swapped
                    ways.append((result not in wanted, changes, f"{left} @ {right}", result))
    if not ways:
        return ""
    unwanted, changes, expression, result = min(ways)
    like = ", the shape of x" if not unwanted and frame.f_code.co_name == "update_grad_input" else ""
    fits = f"{expression} fits, and gives {result}{like}"
    if isinstance(sign, ast.Mult):
        return f"* multiplies element by element, @ is the matrix product: {fits}"
    return f"a matrix the wrong way round: {fits}" if changes else ""


def _wanted_shapes(frame: FrameType) -> set[Shape]:
    """Shapes that a result may well have: that of x for a layer's gradient, else those that `self` keeps."""
    x, owner = frame.f_locals.get("x"), frame.f_locals.get("self")
    if frame.f_code.co_name == "update_grad_input" and isinstance(x, np.ndarray):
        return {x.shape}
    kept = vars(owner).values() if hasattr(owner, "__dict__") else ()
    return {value.shape for value in kept if isinstance(value, np.ndarray)}


def _turned(text: str) -> str:
    """An expression, transposed."""
    if text.endswith(".T"):
        return text.removesuffix(".T")
    return f"{text}.T" if text.replace(".", "").isidentifier() else f"({text}).T"


def _cause_from_message(message: str) -> str:
    """What numpy's message about a shape that should have been another one suggests."""
    shapes = [
        tuple(int(size) for size in re.findall(r"\d+", text)) for text in re.findall(r"\(([\d,]*)\)", message)
    ]
    if len(shapes) != 2:
        return ""
    return _storing_cause(*shapes) if "from shape" in message else _storing_cause(shapes[1], shapes[0])


def _storing_cause(came: Shape, place: Shape) -> str:
    """Why an array of one shape does not fit into a place of another."""
    for axis in range(len(came)):
        if came[:axis] + came[axis + 1 :] == place:
            what = "over the batch, " if axis == 0 else ""
            return f"not summed {what}.sum(axis={axis}): {came} should become {place}"
    if came[::-1] == place:
        return f"transposed: {came} should become {place}"
    return ""
