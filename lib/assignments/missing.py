"""What is still missing in a student's notebook, seen beside the release."""

from __future__ import annotations

from collections import Counter

from lib.assignments.cells import Cell, Notebook, grade_id, is_marked, is_solution

STUB = "raise NotImplementedError"


def missing(original: Notebook, theirs: Notebook) -> list[str]:
    """A sentence for each thing that is deleted, not written yet or there twice; none where all is there.

    original: the notebook as it was released
    theirs: the notebook that a student hands in
    """
    copies = Counter(grade_id(cell) for cell in theirs.cells if grade_id(cell))
    cells = {grade_id(cell): cell for cell in theirs.cells if grade_id(cell)}  # the last
    found = []
    for name, cell in named_cells(original):
        mine = cells.get(grade_id(cell))
        if mine is None:
            found.append(f"{name}: {_what(cell)} is deleted")
        elif is_solution(cell):
            found += [f"{name}: {text}" for text in _unwritten(cell, mine)]
        if copies[grade_id(cell)] > 1:
            found.append(
                f"{name}: {_what(cell)} is there {copies[grade_id(cell)]} times; the last one counts"
            )
    return found


def named_cells(notebook: Notebook) -> list[tuple[str, Cell]]:
    """Each cell that nbgrader knows, with the heading above it and its own name."""
    found, heading = [], ""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            headings = [line.lstrip("#").strip() for line in cell.source.split("\n") if line.startswith("#")]
            heading = headings[-1] if headings else heading
        if grade_id(cell):
            found.append((f"{heading} ({grade_id(cell)})" if heading else grade_id(cell), cell))
    return found


def written_cells(original: Notebook, theirs: Notebook) -> list[str]:
    """The names of the cells for solutions that are not as they were released."""
    before = {grade_id(cell): cell.source for cell in original.cells if is_solution(cell)}
    now = {grade_id(cell): cell.source for cell in theirs.cells if is_solution(cell)}
    return [name for name, source in now.items() if before.get(name, source) != source]


def _what(cell: Cell) -> str:
    if is_solution(cell):
        return "the cell for your code" if cell.cell_type == "code" else "the cell for your answer"
    return "the cell for your marks" if is_marked(cell) else "a cell of the assignment"


def _unwritten(cell: Cell, mine: Cell) -> list[str]:
    """What a student has not written in a cell for solutions."""
    if cell.cell_type != "code":
        same = mine.source.strip() in ("", cell.source.strip())
        return ["the question has no answer yet"] if same else []
    if mine.source.strip() in ("", cell.source.strip()):
        return ["nothing is written yet"]
    stubs = {line.strip() for line in cell.source.split("\n") if line.strip().startswith(STUB)}
    left = sum(line.strip() in stubs for line in mine.source.split("\n"))
    parts = "1 part is" if left == 1 else f"{left} parts are"
    return [f"{parts} not written yet"] if left else []
