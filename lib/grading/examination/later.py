"""What cells bind and use: whether a later cell gives a name that a task's answer uses another meaning."""

from __future__ import annotations

import ast
import symtable
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from IPython.core.inputtransformer2 import TransformerManager

from lib.assignments.cells import Cell, Notebook, grade_id, is_solution
from lib.grading.examination.job import MarkedCell
from lib.tasks.parsing import syntax_tree

CLEARS = ("reset", "reset_selective", "pylab", "run", "xdel", "load")  # magic commands that change any name
RUNS_BELOW = ("time", "timeit", "capture", "prun")  # whose cell is Python
CHANGES = ("exec", "globals", "vars", "locals", "setattr", "delattr")  # functions that change any name


@dataclass(frozen=True)
class Bindings:
    """What a cell does to names.

    binds: names of the notebook that it gives a meaning, takes it from, or changes in part
    uses: names of the notebook that its functions look up when they are called
    imports: name → where it comes from, of those that it binds in no other way than by importing
    anything: whether it may bind any name
    """

    binds: frozenset[str] = frozenset()
    uses: frozenset[str] = frozenset()
    imports: Mapping[str, frozenset[str]] = field(default_factory=dict)
    anything: bool = False


def is_own(cell: Cell) -> bool:
    """Whether students write into this cell."""
    return cell.cell_type == "code" and (is_solution(cell) or not grade_id(cell))


def cell_read(source: str) -> tuple[ast.Module, str] | None:
    """A cell as Python reads it, and its text without magic commands; None where it cannot be read."""
    try:
        return syntax_tree(source), source  # most cells have no magic commands
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        pass
    try:
        text = TransformerManager().transform_cell(source)
        tree = syntax_tree(text)
        match tree.body:
            case [
                ast.Expr(
                    value=ast.Call(
                        func=ast.Attribute(attr="run_cell_magic"),
                        args=[ast.Constant(value=name), _, ast.Constant(value=str(inside))],
                    )
                )
            ] if name in RUNS_BELOW:
                return cell_read(inside)
        return tree, text
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def bindings_of(source: str) -> Bindings:
    """What a cell binds and uses; one that Python cannot read binds nothing."""
    read = cell_read(source)
    if read is None:
        return Bindings()
    tree, text = read
    try:
        table = symtable.symtable(text, "cell", "exec")
        imported = {s.get_name() for s in table.get_symbols() if s.is_imported()}
        binds = {s.get_name() for s in table.get_symbols() if s.is_assigned()}
        uses: set[str] = set()
        for scope in _scopes(table):
            for symbol in scope.get_symbols():
                if symbol.is_global():
                    bound = symbol.is_assigned() or symbol.is_imported()
                    (binds if bound else uses).add(symbol.get_name())
        nodes = [*ast.walk(tree)]
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return Bindings()
    for node in nodes:
        match node:
            case ast.Attribute(value=ast.Name(id=name), ctx=ast.Store() | ast.Del()):
                binds.add(name)
            case ast.Subscript(value=ast.Name(id=name), ctx=ast.Store() | ast.Del()):
                binds.add(name)
    origins = [pair for node in nodes for pair in _imported(node)]
    imports = {
        name: frozenset(origin for each, origin in origins if each == name) for name in imported - binds
    }
    return Bindings(frozenset(binds | imported), frozenset(uses), imports, any(map(_changes_any, nodes)))


def _imported(node: ast.AST) -> Iterator[tuple[str, str]]:
    """Each name that an import binds, and what that is."""
    match node:
        case ast.Import(names=names):
            for alias in names:
                top = alias.name.partition(".")[0]
                yield (alias.asname, alias.name) if alias.asname else (top, top)
        case ast.ImportFrom(module=module, names=names, level=level):
            for alias in names:
                yield alias.asname or alias.name, f"{alias.name} of {'.' * level}{module or ''}"


def _scopes(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    for inner in table.get_children():
        yield inner
        yield from _scopes(inner)


def _changes_any(node: ast.AST) -> bool:
    match node:
        case ast.Call(func=ast.Attribute(attr="run_line_magic"), args=[ast.Constant(value=name), *_]):
            return name in CLEARS
        case ast.Call(func=ast.Name(id=name)):
            return name in CHANGES
        case ast.ImportFrom(names=[ast.alias(name="*")]):
            return True
    return False


def bound_again(notebook: Notebook, cells: Sequence[MarkedCell]) -> dict[int, list[MarkedCell]]:
    """Index → marked cells after which a student's cell changes what the answer uses."""
    found: dict[int, list[MarkedCell]] = {}
    places = {grade_id(cell): index for index, cell in enumerate(notebook.cells) if grade_id(cell)}
    known = {
        index: bindings_of(cell.source)
        for index, cell in enumerate(notebook.cells)
        if cell.cell_type == "code"
    }
    for cell in cells:
        if (place := places.get(cell.cell)) is None:
            continue
        above = [known[index] for index in known if index < place]
        needed = _needed(cell.names, above)
        later = [known[index] for index in known if index > place and is_own(notebook.cells[index])]
        if any(one.anything or any(_anew(name, one, above) for name in one.binds & needed) for one in later):
            found.setdefault(place, []).append(cell)
    return dict(sorted(found.items()))


def _anew(name: str, cell: Bindings, above: Sequence[Bindings]) -> bool:
    """Whether a cell gives a name another meaning than those above it; to import the same again does not."""
    before = [one.imports.get(name) for one in above if name in one.binds]
    same = cell.imports.get(name)
    return same is None or len(same) > 1 or not before or any(other != same for other in before)


def _needed(names: Sequence[str], cells: Sequence[Bindings]) -> set[str]:
    """Names that those names need, by the cells that bind them."""
    needed, before = set(names), set[str]()
    while needed != before:
        before = set(needed)
        for cell in cells:
            if cell.binds & needed:
                needed |= cell.uses
    return needed
