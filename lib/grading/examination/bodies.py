"""The course's own code for what an assignment asks for, with every body taken out."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from lib.tasks.forbidden import HARMLESS, within
from lib.tasks.parsing import syntax_tree

# The net around the answers to a3, in its last task: what else lib.nn has is what a3 asks for, or near it.
SHOWN = {
    "a3": (
        "lib.nn.__init__", "lib.nn.activations", "lib.nn.arguments", "lib.nn.class_criterion",
        "lib.nn.classification", "lib.nn.constructors", "lib.nn.containers", "lib.nn.criterion",
        "lib.nn.errors", "lib.nn.init", "lib.nn.linear", "lib.nn.masks", "lib.nn.module", "lib.nn.npz",
        "lib.nn.shape", "lib.nn.softmax",
    ),
}  # fmt: skip
OTHERS = ("lib.tasks", "lib.leaderboard", "lib.blas", "lib.demos.kit")  # nothing there answers a task
WHOLE = ("a4",)  # is about nets of torch
SENTENCE = "{}: the course's own code for what the assignment asks for is taken out while it is graded"
RUN_BY_PYTHON = ("__init_subclass__", "__class_getitem__", "__set_name__", "__getattr__")


def is_emptied(path: str, assignment: str) -> bool:
    """Whether a file of the course holds what an assignment, such as "a2", asks for, or may hold it."""
    if assignment in WHOLE or not path.startswith("lib/") or not path.endswith(".py"):
        return False
    module = path.removesuffix(".py").replace("/", ".")
    shown = (*HARMLESS, *OTHERS, "lib.__init__", *SHOWN.get(assignment, ()))
    return not within(module, shown)


def without_bodies(source: str, module: str) -> str:
    """A module that can be imported, with all its names: its functions and methods raise, and hold no code.

    source: its text
    module: its name, for the sentence that they raise
    """
    raising = syntax_tree(f"raise RuntimeError({SENTENCE.format(module)!r})").body
    tree = syntax_tree(source)
    tree.body = [*_statements(tree.body, raising)] or [ast.Pass()]
    return ast.unparse(ast.fix_missing_locations(tree)) + "\n"


def _statements(body: Iterable[ast.stmt], raising: list[ast.stmt]) -> Iterator[ast.stmt]:
    """What is left of a module or class: imports, signatures, and numbers and words that stand there."""
    for node in body:
        match node:
            case ast.Import() | ast.ImportFrom():
                yield node
            case ast.If(body=inside) | ast.Try(body=inside):
                kept: list[ast.stmt] = [
                    part for part in inside if isinstance(part, ast.Import | ast.ImportFrom)
                ]
                node.body = kept or [ast.Pass()]
                node.orelse = [part for part in node.orelse if kept and isinstance(part, ast.Pass)]
                if kept:
                    yield node
            case ast.FunctionDef(name=name) if name not in RUN_BY_PYTHON:
                yield _function(node, raising)
            case ast.ClassDef():
                node.decorator_list, node.keywords = [], []
                node.bases = [base for base in node.bases if isinstance(base, ast.Name | ast.Attribute)]
                node.body = [*_statements(node.body, raising)] or [ast.Pass()]
                yield node
            case ast.Assign(targets=[ast.Name()]):
                node.value = _literal(node.value)
                yield node
            case ast.Assign(targets=targets):
                named = [part for target in targets for part in ast.walk(target)]
                yield from (
                    ast.Assign([part], ast.Constant(None)) for part in named if isinstance(part, ast.Name)
                )
            case ast.AnnAssign():
                node.value = node.value and _literal(node.value)
                yield node
            case ast.Expr(value=ast.Constant()):
                yield node


def _function(node: ast.FunctionDef, raising: list[ast.stmt]) -> ast.FunctionDef:
    first, text = node.body[0], ast.get_docstring(node)
    node.body = [first, *raising] if text else list(raising)
    node.decorator_list = []
    node.args.defaults = [_literal(value) for value in node.args.defaults]
    node.args.kw_defaults = [value and _literal(value) for value in node.args.kw_defaults]
    return node


def _literal(value: ast.expr | None) -> ast.expr:
    """A number, a word or a structure of such; None in the place of anything else."""
    try:
        ast.literal_eval(value or "")
        return value or ast.Constant(None)
    except (ValueError, SyntaxError, TypeError):
        return ast.Constant(None)
