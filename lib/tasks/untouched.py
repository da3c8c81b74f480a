"""Exercises that have not been begun: a body of `...`, of NotImplementedError, or nothing at all."""

from __future__ import annotations

import ast
import dis
import inspect
import textwrap
from collections.abc import Sequence
from types import CodeType
from typing import Any

from lib.tasks.parsing import syntax_tree
from lib.tasks.task import Task

# What a body of `...`, `pass` or a docstring does, in the words of Python's own machine.
NOTHING = {
    "CACHE", "COPY_FREE_VARS", "LOAD_CONST", "MAKE_CELL", "NOP", "POP_TOP", "RESUME", "RETURN_CONST",
    "RETURN_VALUE",
}  # fmt: skip
RAISES = NOTHING | {"CALL", "LOAD_COMMON_CONSTANT", "LOAD_GLOBAL", "PRECALL", "PUSH_NULL", "RAISE_VARARGS"}


def is_ours(task: Task, given: Sequence[Any]) -> str:
    """One sentence where an answer is the right one of the course; "" elsewhere."""
    ours = set(map(id, task.references.values()))
    if any(id(thing) in ours for thing in given):
        return f"Not yet: {task.title}. What came is our solution; write your own, and run its cell."
    return ""


def not_yet(task: Task, given: Sequence[Any]) -> str:
    """One sentence where an exercise has not been begun, or a line `...` is left in it; "" elsewhere."""
    if given and all(is_stub(thing) for thing in given):
        names = " and ".join(task.defines)
        return f"Not yet: {task.title}. Write {names} in the place of ..., run its cell, then this one."
    return ""


def is_stub(thing: Any) -> bool:
    """Whether a function has no body yet or still a line `...`, or so it is with all methods of a class.

    `__init__` does not count, since a stub may bring it along.

    >>> def begun(x): return x
    >>> def empty(x): ...
    >>> is_stub(begun), is_stub(empty), is_stub(None)
    (False, True, True)
    """
    if thing is None or thing is ...:
        return True
    if isinstance(thing, type):
        own = (value for name, value in vars(thing).items() if name != "__init__")
        codes = [code for value in own if isinstance(code := getattr(value, "__code__", None), CodeType)]
        return bool(codes) and all(map(_is_open, codes))
    code = getattr(thing, "__code__", None)
    return isinstance(code, CodeType) and _is_open(code)


def _is_open(code: CodeType) -> bool:
    return _does_nothing(code) or _has_dots(code)


def _has_dots(code: CodeType) -> bool:
    """Whether a line of its source is `...` alone, which Python leaves out of what it runs."""
    try:
        tree = syntax_tree(textwrap.dedent(inspect.getsource(code)))
    except (OSError, TypeError, IndexError, SyntaxError, ValueError):
        return False
    lines = (node.value for node in ast.walk(tree) if isinstance(node, ast.Expr))
    return any(isinstance(line, ast.Constant) and line.value is ... for line in lines)


def _does_nothing(code: CodeType) -> bool:
    steps = list(dis.get_instructions(code))
    does = {step.opname for step in steps}
    if "RAISE_VARARGS" in does:
        named = {
            step.argval if isinstance(step.argval, str) else step.argrepr
            for step in steps
            if step.opname in NAMES
        }
        return does <= RAISES and named == {"NotImplementedError"}
    last = [step.argval for step in steps if step.opname in ("LOAD_CONST", "RETURN_CONST")][-1:]
    return does <= NOTHING and last == [None]


NAMES = ("LOAD_GLOBAL", "LOAD_COMMON_CONSTANT")
