"""What a release must not tell: lines of solutions, of hidden tests and of the tasks' answers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from lib.assignments.cells import (
    MARKERS,
    grade_id,
    hidden_lines,
    is_solution,
    read_notebook,
    solution_lines,
    texts,
)

SHORTEST = 12  # letters of a line that tells something
# A line that begins so says nothing of the answer by itself.
COMMON = re.compile(
    r"(import|from|def|class|for|while|if|elif|else|with|try|except|finally|print|assert|raise|return$|pass)\b"
    r"|[@#\"']"
)
ANSWERS = re.compile(r"\b(import|from|import_module)\b.*\banswers\b|\blib\.tasks\.\w+\.answers\b")


def leaks(source: Mapping[str, bytes], made: Mapping[str, bytes], answers: Iterable[str] = ()) -> list[str]:
    """What of a source is in the release made from it: a sentence each, none where nothing is.

    source, made: path → content, of all files of an assignment
    answers: texts of the tasks' right and wrong answers, in Python
    """
    secret = dict.fromkeys(_solutions(source), "a line of a solution")
    secret |= {line: "a line of the tasks' answers" for text in answers for line in telling(text)}
    hidden = dict.fromkeys(_hidden(source), "a hidden test")
    found = []
    for name, content in made.items():
        for where, text in texts(name, content):
            lines = {line.strip(): what for line, what in (secret | hidden).items() if line in text}
            found += [f"{what} in {where}: {line}" for line, what in lines.items()]
            found += [f"the mark “{mark}” in {where}" for mark in MARKERS if mark in text]
            found += [f"an import of answers in {where}" for line in text.split("\n") if ANSWERS.search(line)]
        if name.endswith(".ipynb"):
            found += _kept(name, content, source.get(name))
    return list(dict.fromkeys(found))


def telling(text: str) -> Iterator[str]:
    """The lines of Python code that would give an answer away: no imports, no heads of loops, nothing short.

    >>> list(telling("import numpy as np\\nfor i in range(3):\\n    y = x @ w.T + b  # scores"))
    ['y = x @ w.T + b']
    """
    for line in text.split("\n"):
        bare = re.sub(r"\s+# .*", "", line.strip())
        if len(bare) >= SHORTEST and not COMMON.match(bare):
            yield bare


def _solutions(source: Mapping[str, bytes]) -> Iterator[str]:
    for name, content in source.items():
        if name.endswith(".ipynb"):
            for cell in read_notebook(content, name).cells:
                lines = solution_lines(cell)
                if cell.cell_type == "code":
                    yield from telling("\n".join(lines))
                else:
                    yield from (line.strip() for line in lines if len(line.strip()) >= SHORTEST)


def _hidden(source: Mapping[str, bytes]) -> Iterator[str]:
    for name, content in source.items():
        if name.endswith(".ipynb"):
            for cell in read_notebook(content, name).cells:
                yield from (line.strip() for line in hidden_lines(cell) if len(line.strip()) >= SHORTEST)


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
