"""Draws docs/rooms.svg, the picture in docs/architecture.md, from the imports:  python docs/rooms.py"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PICTURE = ROOT / "docs" / "rooms.svg"
COLORS = {"lectures": "#fdebd0", "data_loaders": "#dcebf5", "lib": "#f4f4f4"}


def room_of(module: str) -> str:
    """The room of a module: its folder in lib, or its first name.

    >>> room_of("lib.nn.linear"), room_of("data_loaders.cache"), room_of("lib.plots")
    ('lib.nn', 'data_loaders', 'lib.plots')
    """
    return ".".join(module.split(".")[: 2 if module.startswith("lib.") else 1])


def imported(source: str, package: str) -> Iterator[str]:
    """The modules that a file imports, anywhere in it; relative names are completed with its package."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parts = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            base = ".".join([*parts, *filter(None, [node.module])])
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)


def sources() -> Iterator[tuple[str, str, str]]:
    """The room, the package and the text of every file of lib and data_loaders, and of every lecture."""
    import nbformat

    for folder in ("lib", "data_loaders"):
        for file in sorted((ROOT / folder).rglob("*.py")):
            names = file.relative_to(ROOT).with_suffix("").parts
            yield (
                room_of(".".join(names).removesuffix(".__init__")),
                ".".join(names[:-1]),
                file.read_text("utf-8"),
            )
    for file in sorted((ROOT / "lectures").glob("*.ipynb")):
        cells = [cell.source for cell in nbformat.read(file, 4).cells if cell.cell_type == "code"]
        lines = [line for cell in cells for line in cell.splitlines()]
        yield "lectures", "", "\n".join(line for line in lines if line.startswith(("import ", "from ")))


def arrows() -> set[tuple[str, str]]:
    """Which room imports from which: pairs of names."""
    texts = list(sources())
    rooms = {room for room, _, _ in texts}
    return {
        (room, other)
        for room, package, source in texts
        for module in imported(source, package)
        if (other := room_of(module)) in rooms and other not in (room, "lib")
    }


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
    every = arrows()
    for room in sorted({room for pair in every for room in pair}):
        graph.add_node(room, label=room, fillcolor=COLORS[room.split(".")[0]])
    graph.add_edges_from(sorted(without_detours(every)))
    return graph.draw(format="svg", prog="dot")


if __name__ == "__main__":
    PICTURE.write_bytes(picture())
