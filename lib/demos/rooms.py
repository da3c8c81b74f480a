"""Which demos there are, and where; none of them is imported."""

from __future__ import annotations

import ast
from pathlib import Path

ROOMS = ("lib.demos", "lib.convnets.demos", "lib.detection.demos")  # the last two need torch


def demos(folder: Path | None = None) -> dict[str, str]:
    """Every demo: its file or package → the first line of its docstring. Nothing is imported.

    folder: where to look; None takes all `ROOMS`
    """
    if folder is None:
        return dict(sorted(found for room in ROOMS for found in demos(folder_of(room)).items()))
    files = {file.stem: file for file in folder.glob("*.py")}
    files |= {file.parent.name: file for file in folder.glob("*/__init__.py")}
    found = {}
    for name, file in sorted(files.items()):
        module = ast.parse(file.read_text("utf-8"))
        if any("show" in _names(statement) for statement in module.body):
            found[name] = (ast.get_docstring(module) or "").partition("\n")[0]
    return found


def folder_of(room: str) -> Path:
    """The folder of one of `ROOMS`."""
    return Path(__file__).parents[2].joinpath(*room.split("."))


def room_of_demo(name: str) -> str:
    """In which of `ROOMS` a demo is."""
    return next((room for room in ROOMS if name in demos(folder_of(room))), ROOMS[0])


def _names(statement: ast.stmt) -> list[str]:
    """What a statement at the top of a module defines."""
    if isinstance(statement, ast.FunctionDef):
        return [statement.name]
    if isinstance(statement, ast.Assign):
        return [target.id for target in statement.targets if isinstance(target, ast.Name)]
    return []
