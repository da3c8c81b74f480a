"""One live demo on its own, in a notebook that lives as long as JupyterLab does."""

from __future__ import annotations

import ast
import importlib
import json
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import lib.demos

from .start import start

ROOMS = ("lib.demos", "lib.convnets.demos")  # where demos are; those of the second need torch


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
    return Path(lib.demos.__file__).parents[2].joinpath(*room.split("."))


def room_of_demo(name: str) -> str:
    """In which of `ROOMS` a demo is."""
    return next((room for room in ROOMS if name in demos(folder_of(room))), ROOMS[0])


def open_demo(name: str, arguments: Sequence[str] = ()) -> None:
    """Open a demo in JupyterLab.

    name: one of `demos()`
    arguments: further arguments of `jupyter lab`
    """
    titles = demos()
    if name not in titles:
        raise ValueError(
            f"NAME: expected {', '.join(titles) or 'nothing, there are no demos yet'}, got {name!r}"
        )
    importlib.import_module(room_of_demo(name))  # says at once what it lacks
    with TemporaryDirectory(prefix="course-demo-") as folder:
        notebook = f"{name}.ipynb"
        (Path(folder) / notebook).write_text(json.dumps(notebook_of(name, titles[name])), "utf-8")
        start(arguments, folder=Path(folder), notebook=notebook)


def notebook_of(name: str, title: str) -> dict:
    """A notebook, in Jupyter's format 4.5, that shows this demo."""
    text = f"# {title}\nClick into the cell below and press **Shift + Enter**. Esc leaves the full window."
    code = f"from {room_of_demo(name)} import {name}\n\n{name}.show(full=True)"
    shown: dict[str, Any] = {
        "cell_type": "code",
        "id": "show",
        "metadata": {},
        "execution_count": None,
        "outputs": [],
        "source": code,
    }
    return {
        "cells": [{"cell_type": "markdown", "id": "title", "metadata": {}, "source": text}, shown],
        "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def _names(statement: ast.stmt) -> list[str]:
    """What a statement at the top of a module defines."""
    if isinstance(statement, ast.FunctionDef):
        return [statement.name]
    if isinstance(statement, ast.Assign):
        return [target.id for target in statement.targets if isinstance(target, ast.Name)]
    return []
