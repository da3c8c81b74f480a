"""What a release must not tell: lines of solutions, of hidden tests and of the tasks' answers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from lib.assignments.cells import (
    MARKERS,
    Cell,
    grade_id,
    hidden_lines,
    is_solution,
    read_notebook,
    shown_text,
    solution_lines,
    texts,
)

SHORTEST = 12  # letters of a line that tells something
# A line that begins so says nothing of the answer by itself.
COMMON = re.compile(
    r"(import|from|def|class|for|while|if|elif|else|with|try|except|finally|print|assert|raise|return$|pass)\b"
    r"|[@#\"']"
)
# What a line computes with, or what it chooses.
COMPUTES = re.compile(
    r"[@*/%<>&|+\[]|[^(=,\s]\s*-|\.(sum|mean|max|min|arg\w+|dot|T|reshape|transpose)\b"
    r"|\bnp\.(?!random|zeros|ones|empty|full|array|asarray)\w+\("
)
ANSWERS = re.compile(r"\b(import|from|import_module)\b.*\banswers\b|\blib\.tasks\.\w+\.answers\b")


def leaks(source: Mapping[str, bytes], made: Mapping[str, bytes], answers: Iterable[str] = ()) -> list[str]:
    """What of a source is in the release made from it: a sentence each, none where nothing is.

    source, made: path → content, of all files of an assignment
    answers: texts of the tasks' right and wrong answers, in Python
    """
    shown, code = _shown(source)  # what is given, such as a constructor, or a net around the layers
    lines = (line for line in _solutions(source) if computes(line) or line not in shown)
    secret = dict.fromkeys([*lines, *_written(source)], "a line of a solution")
    lines = (line for answer in answers for line in telling(answer) if line not in code)
    secret |= dict.fromkeys(lines, "a line of the tasks' answers")
    secret |= dict.fromkeys(_hidden(source), "a hidden test")
    found = []
    for name, content in made.items():
        for where, text in texts(name, content):
            found += [f"{what} in {where}: {line}" for line, what in secret.items() if line in text]
            found += [f"the mark “{mark}” in {where}" for mark in MARKERS if mark in text]
            found += [f"an import of answers in {where}" for line in text.split("\n") if ANSWERS.search(line)]
        if name.endswith(".ipynb"):
            found += _kept(name, content, source.get(name))
    return list(dict.fromkeys(found))


def telling(text: str) -> Iterator[str]:
    """The lines of Python code that would give an answer away: those that compute something.

    >>> code = "import numpy as np\\nfor i in range(3):\\n    y = x @ w + b  # scores\\nself.layers = layers"
    >>> list(telling(code))
    ['y = x @ w + b']
    """
    return (line for line in _code_lines(text) if computes(line))


def computes(line: str) -> bool:
    """Whether a line of code does more than to call something, or to make an array of zeros."""
    return bool(COMPUTES.search(line))


def _code_lines(text: str) -> Iterator[str]:
    """The lines of Python code without their comments: no imports, no heads of loops, nothing short."""
    for line in text.split("\n"):
        bare = re.sub(r"\s+# .*", "", line.strip())
        if len(bare) >= SHORTEST and not COMMON.match(bare):
            yield bare


def _shown(source: Mapping[str, bytes]) -> tuple[str, str]:
    """The text of all cells of a source, and that of its code, without what is taken out of them."""
    found: dict[str, list[str]] = {"markdown": [], "code": []}
    for cell in _cells(source):
        found.setdefault(cell.cell_type, []).append(shown_text(cell))
    code = "\n".join(found["code"])
    return "\n".join([*found["markdown"], code]), code


def _solutions(source: Mapping[str, bytes]) -> Iterator[str]:
    """The lines of code that are taken out."""
    for cell in _cells(source):
        if cell.cell_type == "code":
            yield from _code_lines("\n".join(solution_lines(cell)))


def _written(source: Mapping[str, bytes]) -> Iterator[str]:
    """The lines of answers in words."""
    for cell in _cells(source):
        if cell.cell_type != "code":
            yield from (line.strip() for line in solution_lines(cell) if len(line.strip()) >= SHORTEST)


def _hidden(source: Mapping[str, bytes]) -> Iterator[str]:
    """The lines of hidden tests and schemes of marks."""
    for cell in _cells(source):
        yield from (line.strip() for line in hidden_lines(cell) if len(line.strip()) >= SHORTEST)


def _cells(source: Mapping[str, bytes]) -> Iterator[Cell]:
    for name, content in source.items():
        if name.endswith(".ipynb"):
            yield from read_notebook(content, name).cells


def _kept(name: str, content: bytes, source: bytes | None) -> Iterator[str]:
    """Outputs, and solution cells out of which nothing was taken."""
    notebook = read_notebook(content, name)
    before = {grade_id(cell): cell.source for cell in read_notebook(source, name).cells} if source else {}
    for number, cell in enumerate(notebook.cells, 1):
        if cell.get("outputs"):
            yield f"outputs in cell {number} of {name}"
        if cell.get("attachments"):
            yield f"an attachment in cell {number} of {name}"
        if is_solution(cell) and before.get(grade_id(cell)) == cell.source:
            yield f"a whole solution in cell {number} of {name}"


def answers_of(package: Path) -> list[str]:
    """The texts of the right and wrong answers of a package of tasks, such as lib/tasks/a1."""
    return [path.read_text("utf-8") for path in sorted((package / "answers").rglob("*.py"))]
