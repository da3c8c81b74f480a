"""A release in small, and what students hand in of it."""

from __future__ import annotations

import contextlib
import copy
import json
from pathlib import Path
from typing import Any

import nbformat

from lib.assignments.originals import keep_original
from lib.grading.intake.take_in import Intake, take_in

NAME = "a1_small"


def tagged(name: str, source: str, kind: str = "code", **said: Any) -> dict:
    """A cell that nbgrader knows."""
    nbgrader = {"grade": False, "solution": False, "locked": False, "task": False, "schema_version": 3}
    return plain(source, kind, id=name, nbgrader={**nbgrader, "grade_id": name, **said})


def plain(source: str, kind: str = "code", id: str = "", **metadata: Any) -> dict:
    """Any other cell."""
    cell = {"cell_type": kind, "metadata": metadata, "source": source}
    if id:
        cell["id"] = id
    return cell | ({"outputs": [], "execution_count": None} if kind == "code" else {})


def stub(names: str) -> str:
    return "\n\n\n".join(
        f'def {name}(x):\n    raise NotImplementedError("write this part")' for name in names
    )


def locked(name: str, source: str) -> dict:
    return tagged(name, source, locked=True)


def marks(name: str) -> dict:
    return tagged(name, "# Your marks are found here when you hand in.", grade=True, locked=True, points=5)


CELLS = [
    plain("# Assignment\nWords.", "markdown", id="title"),
    locked("imports", "import math\nfrom lib.tasks import check"),
    plain("## Task 1", "markdown", id="one-text"),
    tagged("one", stub("f"), solution=True),
    locked("one-check", 'check("a1.one", f)'),
    marks("one-marks"),
    plain('student_id = ""  # yours', id="student-id"),
    plain("## Task 2", "markdown", id="two-text"),
    tagged("two", stub("gh"), solution=True),
    tagged("three", stub("k"), solution=True),
    locked("use", "print(g(1))"),
    marks("two-marks"),
    plain("## Question", "markdown", id="question-text"),
    tagged("question", "*Write your answer here.*", "markdown", grade=True, solution=True, points=2),
]
SOLVED = {"one": "def f(x):\n    return x", "two": "def g(x):\n    return 2\n\n\ndef h(x):\n    return 3",
          "three": "def k(x):\n    return 4", "question": "Because."}  # fmt: skip


def notebook(cells: list[dict], minor: int = 5) -> dict:
    python = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    return {"cells": copy.deepcopy(cells), "metadata": python, "nbformat": 4, "nbformat_minor": minor}


def solved(**more: str) -> list[dict]:
    """The cells of a student who has done all."""
    answers = SOLVED | more
    return [
        {**cell, "source": answers.get(cell.get("id", ""), cell["source"])} for cell in copy.deepcopy(CELLS)
    ]


def course(root: Path) -> Path:
    """A course with one assignment that is released, and nothing else."""
    keep_original(NAME, {f"{NAME}.ipynb": json.dumps(notebook(CELLS)).encode()}, root)
    return root


def hand_over(folder: Path, content: Any, name: str = f"{NAME}.ipynb") -> None:
    """Puts a file into the folder of a submission: cells, a notebook, or bytes."""
    content = notebook(content) if isinstance(content, list) else content
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())


def taken(root: Path, content: Any, name: str = f"{NAME}.ipynb") -> Intake:
    """What intake makes of a submission with one file."""
    folder = root / "submitted" / "ada" / NAME
    hand_over(folder, content, name)
    intake = take_in(NAME, folder, root)
    check_release_is_kept(intake)
    return intake


def check_release_is_kept(intake: Intake) -> None:
    """What is locked or marked equals the release's; every cell is there once, in order; a right notebook."""
    nbformat.validate(intake.notebook)
    theirs = [cell for cell in intake.notebook.cells if "nbgrader" in cell.metadata]
    ours = [cell for cell in CELLS if "nbgrader" in cell["metadata"]]
    assert [cell.metadata.nbgrader.grade_id for cell in theirs] == [cell["id"] for cell in ours]
    for mine, cell in zip(theirs, ours, strict=True):
        assert mine.metadata == cell["metadata"]
        assert mine.cell_type == cell["cell_type"]
        if not cell["metadata"]["nbgrader"]["solution"]:
            assert mine.source == cell["source"]
    assert all("nbgrader" in cell.metadata or not cell.metadata for cell in intake.notebook.cells)
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in intake.notebook.cells)


def sources(intake: Intake) -> dict[str, str]:
    """The solutions that are graded, by name."""
    return {
        cell.metadata.nbgrader.grade_id: cell.source
        for cell in intake.notebook.cells
        if cell.metadata.get("nbgrader", {}).get("solution")
    }


def flags(intake: Intake) -> dict[str, str]:
    return {flag.kind: flag.said for flag in intake.flags}


def values(intake: Intake) -> dict[str, Any]:
    """What the names of the solutions give, when all code has run cell by cell, as a kernel does."""
    space: dict[str, Any] = {"check": lambda *args: None, "print": lambda *args: None}
    for cell in intake.notebook.cells:
        if cell.cell_type == "code":
            with contextlib.suppress(Exception):
                exec(cell.source.replace("from lib.tasks import check", ""), space)
    found: dict[str, Any] = {}
    for name in "fghk":
        try:
            found[name] = space[name](1)
        except Exception as error:
            found[name] = type(error).__name__
    return found


RIGHT = {"f": 1, "g": 2, "h": 3, "k": 4}
