"""What a notebook that was run shows: what its checks say, and which other cells have failed."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lib.assignments.cells import Cell, Notebook, cell_named
from lib.assignments.plain_words import plain_words

CHECK = re.compile(r"^check\(", re.MULTILINE)
LINES, WIDTH = 10, 160  # that are shown of a cell


def check_lines(notebook: Notebook) -> list[str]:
    """What each check has said, in the order of the notebook."""
    return [line for cell in notebook.cells if _is_check(cell) for line in _said(cell)]


def failed_cells(notebook: Notebook) -> list[str]:
    """A line for each other cell that raised an error."""
    return [
        f"{cell_named(notebook, index)} raised {output.ename}: {_cut(output.evalue)}"
        for index, cell in enumerate(notebook.cells)
        if not _is_check(cell)
        for output in _errors(cell)
    ]


def _is_check(cell: Cell) -> bool:
    return cell.cell_type == "code" and bool(CHECK.search(cell.source))


def _errors(cell: Cell) -> list[Cell]:
    return [output for output in cell.get("outputs", ()) if output.output_type == "error"]


def _said(cell: Cell) -> Iterator[str]:
    """The lines of a check: its report; the name of the error where something else went wrong."""
    for output in cell.outputs:
        if output.output_type == "stream" and output.name == "stdout":
            yield from map(_cut, output.text.rstrip().split("\n")[:LINES])
        elif output.output_type == "error":
            if output.ename == "CheckFailed":
                yield from map(_cut, output.evalue.split("\n")[:LINES])
            else:
                what = cell.source.strip().split("\n")[-1]
                yield f"✗ {_cut(what)}: {output.ename}: {_cut(output.evalue)}"


def _cut(text: str) -> str:
    line = plain_words(text[:1000].split("\n")[0])
    return line if len(line) <= WIDTH else f"{line[:WIDTH]}…"
