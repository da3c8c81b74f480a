"""The cells of a lecture for tests: exercises, their checks, and solutions in the place of stubs."""

import json
import re
from pathlib import Path

LECTURES = Path(__file__).parents[1] / "lectures"
BLOCK = re.compile(r"```python\n(.*?)\n```", re.DOTALL)
CHECK = re.compile(r'^check\("([^"]+)", (.+)\)$', re.MULTILINE)


def cells_of(path):
    """The cells of a notebook, as plain dictionaries whose source is one string."""
    cells = json.loads(path.read_text("utf-8"))["cells"]
    return [{**cell, "source": "".join(cell["source"])} for cell in cells]


def tagged(cell, tag):
    """Whether a cell has a tag."""
    return tag in cell["metadata"].get("tags", ())


def solution_of(cell):
    """The code that a folded solution gives."""
    (code,) = BLOCK.findall(cell["source"])
    return code


def exercises_in(cells):
    """Name of an exercise → its stub, its check and its solution, which stand in this order."""
    found, stub, name = {}, None, None
    for cell in cells:
        if tagged(cell, "exercise"):
            stub, name = cell, None
        elif stub and cell["cell_type"] == "code" and (call := CHECK.search(cell["source"])):
            name = call[1]
            found[name] = [stub, cell]
        elif stub and name and tagged(cell, "solution"):
            found[name].append(cell)
            stub = None
    return found


def sources_with_solutions(cells):
    """Cell id → source, with each solution in the place of its stub."""
    sources = {cell["id"]: cell["source"] for cell in cells}
    for stub, _, solution in exercises_in(cells).values():
        sources[stub["id"]] = solution_of(solution)
    return sources
