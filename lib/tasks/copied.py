"""Code that equals the course's, whatever its names: shown to a person, who decides; it changes no marks."""

from __future__ import annotations

import ast
import functools
import inspect
import json
import re
import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import CodeType

from lib.tasks.forbidden import LIB, PACKAGES, within
from lib.tasks.parsing import syntax_tree

SIZE = 60  # parts of the syntax; what is smaller has one natural form
SHARE = 0.8  # of a function's statements, by size, that stand in another
Statements = Counter[str]
ROOMS = ("nn", "graph", "classifiers", "optim", "gradient_check", "training")  # where answers to tasks stand


def copies_in(codes: Iterable[CodeType]) -> tuple[str, ...]:
    """What a person should look at in functions that were run, in words; a class is looked at as one."""
    flags: dict[str, None] = {}
    classes: dict[tuple[str, str], list[str]] = {}
    for code in codes:
        owner, _, name = code.co_qualname.rpartition(".")
        try:
            source = textwrap.dedent(inspect.getsource(code))
        except (OSError, TypeError, IndexError, SyntaxError):
            if len(code.co_code) < SIZE or "__create_fn__" in code.co_qualname:
                continue  # small, or written by a dataclass
            flags[f"the source of {code.co_qualname} could not be read"] = None
            continue
        classes.setdefault((code.co_filename, owner or name), []).append(source)
    for (_, owner), sources in classes.items():
        body = textwrap.indent("\n".join(sources), "    ")
        flags |= dict.fromkeys(copied_code(f"class {re.sub(r'[^a-zA-Z0-9_]', '_', owner)}:\n{body}"))
    return tuple(flags)


def copied_code(source: str) -> list[str]:
    """What a text of Python has of the course's code or of forbidden modules, in words.

    source: a function, a class or a whole notebook; "" and what is no Python have nothing
    """
    try:
        tree = syntax_tree(textwrap.dedent(source))
    except (SyntaxError, ValueError, RecursionError):
        return []
    equal: dict[str, str] = {}
    for mine, parts in defined_by(tree):  # classes before their methods
        for name, theirs in course_code():
            if sum((parts & theirs).values()) >= SHARE * theirs.total():
                equal.setdefault(name, f"{mine} equals {name}")
    imported = dict.fromkeys(f"imports {module}" for module in imports(tree) if is_forbidden(module))
    return [*imported, *equal.values()]


def is_forbidden(module: str) -> bool:
    """Whether a module is the course's own, or of a package that does what tasks ask for."""
    of_course = within(module, ["lib"]) and not within(module, ["lib.tasks", "lib.checks", "lib.plots"])
    return of_course or within(module, PACKAGES)


def imports(tree: ast.AST) -> Iterator[str]:
    """Every module that a text imports, however it is written."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module=str(module), level=0, names=names):
                yield from [module, *(f"{module}.{alias.name}" for alias in names if module == "lib")]
            case ast.Call(
                func=ast.Name(id="__import__" | "import_module")
                | ast.Attribute(attr="import_module" | "__import__"),
                args=[ast.Constant(value=str(module)), *_],
            ):
                yield module


def defined_by(tree: ast.AST) -> Iterator[tuple[str, Statements]]:
    """Functions, methods and classes that are large enough to tell: name → statements."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            parts = statements(node)
            if parts.total() >= SIZE:
                yield node.name, parts


def statements(definition: ast.FunctionDef | ast.ClassDef) -> Statements:
    """Simple statements and heads of loops, with names of its own made alike → their size.

    Docstrings, annotations and comments do not count.
    """
    inside = list(ast.walk(definition))
    own = {node.arg for node in inside if isinstance(node, ast.arg)}
    own |= {node.id for node in inside if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    counted: Statements = Counter()
    for node in inside:
        if not isinstance(node, ast.stmt) or isinstance(node, ast.FunctionDef | ast.ClassDef):
            continue
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            continue
        text, size = normal(node, own)
        counted[text] += size
    return counted


def normal(node: ast.stmt, own: set[str]) -> tuple[str, int]:
    """A statement without its body, its text with all own names alike, and its size."""
    words: list[str] = []

    def visit(part: ast.AST) -> None:
        words.append(type(part).__name__)
        for field, value in ast.iter_fields(part):
            if field in ("annotation", "returns", "ctx", "type_comment", "kind", "simple"):
                continue
            if part is node and field in ("body", "orelse", "finalbody", "handlers", "decorator_list"):
                continue
            for item in value if isinstance(value, list) else [value]:
                if isinstance(item, ast.AST):
                    visit(item)
                elif item is not None:
                    words.append("·" if item in own else repr(item))

    visit(ast.Assign([node.target], node.value) if isinstance(node, ast.AnnAssign) and node.value else node)
    return " ".join(words), sum(word[0].isupper() for word in words)


@functools.lru_cache(maxsize=1)
def course_code() -> tuple[tuple[str, Statements], ...]:
    """All that the library and the lectures define, folded solutions too: name → statements."""
    found = []
    for place, source in course_sources():
        try:
            tree = syntax_tree(source)
        except SyntaxError:  # a magic command
            continue
        found += [(f"{place}.{name}", parts) for name, parts in defined_by(tree)]
    return tuple(found)


def course_sources() -> Iterator[tuple[str, str]]:
    """Where code of the course stands, and its text."""
    for room in ROOMS:
        for path in sorted((LIB / room).rglob("*.py")):
            yield ".".join(path.relative_to(LIB.parent).with_suffix("").parts), path.read_text("utf-8")
    for path in sorted((LIB.parent / "lectures").glob("*.ipynb")):
        yield from notebook_sources(path)


def notebook_sources(path: Path) -> Iterator[tuple[str, str]]:
    """The code cells of a notebook, and what its text folds away."""
    for cell in json.loads(path.read_text("utf-8"))["cells"]:
        source = "".join(cell["source"])
        pieces = [source] if cell["cell_type"] == "code" else re.findall(r"```python\n(.*?)```", source, re.S)
        yield from ((f"lecture {path.stem[:2]}", piece) for piece in pieces)
