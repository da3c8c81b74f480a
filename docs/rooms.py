"""Who imports whom, read from the code, and the picture of it, rooms.svg:  python docs/rooms.py

An import counts wherever it stands, inside a function too: a circle that closes later is still a circle.
Only what stands below `if TYPE_CHECKING:` does not count. It names a type, and is never run.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PICTURE = ROOT / "docs" / "rooms.svg"
COLORS = {"lectures": "#fdebd0", "data_loaders": "#dcebf5", "lib": "#f4f4f4"}


def find_modules(root: Path, *tops: str) -> dict[str, Path]:
    """Module → its file, for every file in these top-level packages."""
    files = (file for top in tops for file in sorted((root / top).rglob("*.py")))
    found = {}
    for file in files:
        parts = file.relative_to(root).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = file
    return found


def imported(module: str, file: Path, modules: dict[str, Path]) -> Iterator[str]:
    """What a module imports: names of other modules in full, of anything else as they are written."""
    package = module.split(".") if file.name == "__init__.py" else module.split(".")[:-1]
    return imported_by(file.read_text("utf-8"), package, modules)


def imported_by(source: str, package: list[str], modules: dict[str, Path]) -> Iterator[str]:
    """The same of a text; package: the parts of the name of the package in which it stands."""
    for statement in statements_that_run(ast.parse(source)):
        if isinstance(statement, ast.Import):
            yield from (alias.name for alias in statement.names)
        elif isinstance(statement, ast.ImportFrom):
            above = package[: len(package) - statement.level + 1] if statement.level else []
            origin = ".".join([*above, *filter(None, [statement.module])])
            for alias in statement.names:  # from lib import plots: the module, not the package around it
                name = f"{origin}.{alias.name}"
                yield name if name in modules else origin


def statements_that_run(tree: ast.AST) -> Iterator[ast.AST]:
    """Every part of a file, but what stands below `if TYPE_CHECKING:`."""
    for part in ast.iter_child_nodes(tree):
        if isinstance(part, ast.If) and ast.unparse(part.test).endswith("TYPE_CHECKING"):
            for other in part.orelse:
                yield other
                yield from statements_that_run(other)
            continue
        yield part
        yield from statements_that_run(part)


def arrows(root: Path, *tops: str) -> dict[str, set[str]]:
    """Module → all that it imports."""
    modules = find_modules(root, *tops)
    return {module: set(imported(module, file, modules)) - {module} for module, file in modules.items()}


def room_of(module: str) -> str:
    """lib.graph of lib.graph.node, data_loaders of data_loaders.cache, torch of torch.nn."""
    parts = module.split(".")
    return ".".join(parts[:2]) if parts[0] == "lib" else parts[0]


def arrows_between_rooms() -> set[tuple[str, str]]:
    """Which room of the course imports from which, the lectures included: pairs of names."""
    import nbformat

    targets = arrows(ROOT, "lib", "data_loaders")
    modules = find_modules(ROOT, "lib", "data_loaders")
    for file in sorted((ROOT / "lectures").glob("*.ipynb")):
        cells = [cell.source for cell in nbformat.read(file, 4).cells if cell.cell_type == "code"]
        lines = [
            line for cell in cells for line in cell.splitlines() if line.startswith(("import ", "from "))
        ]
        found = imported_by("\n".join(lines), [], modules)
        targets["lectures"] = targets.get("lectures", set()) | set(found)
    rooms = {room_of(module) for module in targets} - {"lib"}
    pairs = {(room_of(module), room_of(target)) for module, found in targets.items() for target in found}
    return {(room, other) for room, other in pairs if {room, other} <= rooms and room != other}


def without_detours(arrows: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """The arrows less those that say nothing new: a → c where a → b → c is drawn.

    >>> sorted(without_detours({("a", "b"), ("b", "c"), ("a", "c")}))
    [('a', 'b'), ('b', 'c')]
    """

    def reached(room: str) -> set[str]:
        ahead = {other for start, other in arrows if start == room}
        return ahead.union(*map(reached, ahead))

    return {
        (room, other)
        for room, other in arrows
        if not any(other in reached(between) for start, between in arrows if start == room)
    }


def picture() -> bytes:
    """The rooms from top to bottom as SVG: each below those that import from it."""
    import pygraphviz

    graph = pygraphviz.AGraph(directed=True, ranksep=0.45, nodesep=0.25, bgcolor="white")
    graph.node_attr.update(
        shape="box", style="rounded,filled", fontname="DejaVu Sans, sans-serif", fontsize=15
    )
    graph.edge_attr.update(color="#555555", arrowsize=0.8)
    every = arrows_between_rooms()
    for room in sorted({room for pair in every for room in pair}):
        graph.add_node(room, label=room, fillcolor=COLORS[room.split(".")[0]])
    graph.add_edges_from(sorted(without_detours(every)))
    return graph.draw(format="svg", prog="dot")


if __name__ == "__main__":
    PICTURE.write_bytes(picture())
