"""What nbgrader says about a cell in its metadata, and the lines that are for instructors only."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import nbformat

from lib.tasks.visible import first_line

BEGIN, END = "BEGIN SOLUTION", "END SOLUTION"
BEGIN_HIDDEN, END_HIDDEN = "BEGIN HIDDEN TESTS", "END HIDDEN TESTS"
BEGIN_SCHEME, END_SCHEME = "BEGIN MARK SCHEME", "END MARK SCHEME"
MARKERS = (BEGIN, END, BEGIN_HIDDEN, END_HIDDEN, BEGIN_SCHEME, END_SCHEME)

Notebook = Any  # nbformat's, which has no types: attributes and keys are the same
Cell = Any


def read_notebook(content: bytes | str, name: str) -> Notebook:
    """A notebook of the newest format; raises `ValueError` for what is none.

    name: of the file, for the error
    """
    try:
        text = content.decode("utf-8") if isinstance(content, bytes) else content
        notebook = nbformat.reads(text, as_version=4)
        for cell in notebook.cells:
            mend(cell)
        return notebook
    except Exception as error:  # whatever may be wrong in a file that somebody has edited
        raise ValueError(f"{name}: expected a notebook, got a file that is none ({error})") from error


def mend(cell: Cell) -> None:
    """Gives a cell what it lacks, and takes away what nbgrader has not written; raises where it is none."""
    cell.source.encode("utf-8")
    if cell.cell_type == "code":
        cell.setdefault("outputs", [])
        cell.setdefault("execution_count", None)
    said = cell.metadata.get("nbgrader", {})
    if not isinstance(said, dict) or not isinstance(said.get("grade_id") or "", str):
        del cell.metadata["nbgrader"]


def grade_id(cell: Cell) -> str:
    """The name of a cell at nbgrader; "" where it has none."""
    return str(cell.metadata.get("nbgrader", {}).get("grade_id") or "")


def is_solution(cell: Cell) -> bool:
    """Whether students write into this cell."""
    return bool(cell.metadata.get("nbgrader", {}).get("solution"))


def is_marked(cell: Cell) -> bool:
    """Whether there are marks for this cell."""
    return bool(cell.metadata.get("nbgrader", {}).get("grade"))


def regions(source: str, begin: str, end: str) -> list[str]:
    """The lines between the lines with these marks."""
    found, inside = [], False
    for line in source.split("\n"):
        if end in line:
            inside = False
        if inside:
            found.append(line)
        if begin in line:
            inside = True
    return found


def cell_named(notebook: Notebook, index: int) -> str:
    """A code cell as JupyterLab numbers it after "Run All", with its first line.

    >>> code = nbformat.v4.new_code_cell
    >>> cells = [code("1"), nbformat.v4.new_markdown_cell(), code("x = 2")]
    >>> cell_named(nbformat.v4.new_notebook(cells=cells), 2)
    'cell [2], “x = 2”,'
    """
    number = sum(cell.cell_type == "code" for cell in notebook.cells[: index + 1])
    return f"cell [{number}], “{first_line(notebook.cells[index].source)}”,"


def solution_lines(cell: Cell) -> list[str]:
    """What nbgrader takes out of a cell that students write: its regions, all of it where it has none."""
    if not is_solution(cell):
        return []
    return regions(cell.source, BEGIN, END) if BEGIN in cell.source else cell.source.split("\n")


def hidden_lines(cell: Cell) -> list[str]:
    """What nbgrader takes out of a cell with tests or a scheme of marks."""
    return regions(cell.source, BEGIN_HIDDEN, END_HIDDEN) + regions(cell.source, BEGIN_SCHEME, END_SCHEME)


def shown_text(cell: Cell) -> str:
    """What is left of a cell where all of that is taken out."""
    if is_solution(cell) and BEGIN not in cell.source:
        return ""
    text = str(cell.source)
    for begin, end in ((BEGIN, END), (BEGIN_HIDDEN, END_HIDDEN), (BEGIN_SCHEME, END_SCHEME)):
        lines, inside = [], False
        for line in text.split("\n"):
            inside = (inside or begin in line) and end not in line
            if not inside and end not in line:
                lines.append(line)
        text = "\n".join(lines)
    return text


def texts(name: str, content: bytes) -> Iterator[tuple[str, str]]:
    """Where → text, for each text in a file: of a notebook every string, in sources, outputs and metadata."""
    if not name.endswith(".ipynb"):
        yield name, content.decode("utf-8", "replace")
        return
    notebook = json.loads(content)
    for number, cell in enumerate(notebook["cells"], 1):
        for text in strings({**cell, "source": "".join(cell["source"])}):
            yield f"cell {number} of {name}", text
    for text in strings(notebook["metadata"]):
        yield f"the metadata of {name}", text


def strings(thing: Any) -> Iterator[str]:
    """Every string in a structure of JSON; lists of strings, such as the lines of an output, also as one."""
    if isinstance(thing, str):
        yield thing
    elif isinstance(thing, dict):
        for key, value in thing.items():
            yield key
            yield from strings(value)
    elif isinstance(thing, list):
        if all(isinstance(part, str) for part in thing):
            yield "".join(thing)
        for part in thing:
            yield from strings(part)
