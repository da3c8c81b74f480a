"""One live demo on its own, in a notebook that lives as long as JupyterLab does."""

from __future__ import annotations

import ast
import json
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import lib.demos

from .start import start

PLACES = {  # where demos are: package → its folder; those of the second need torch
    "lib.demos": Path(lib.demos.__file__).parent,
    "lib.convnets.demos": Path(lib.__file__).parent / "convnets" / "demos",
}


def demos(*folders: Path) -> dict[str, str]:
    """Every demo: its file or package → the first line of its docstring. Nothing is imported.

    folders: where to look; none for all of PLACES
    """
    files: dict[str, Path] = {}
    for folder in folders or PLACES.values():
        files |= {file.stem: file for file in folder.glob("*.py")}
        files |= {file.parent.name: file for file in folder.glob("*/__init__.py")}
    found = {}
    for name, file in sorted(files.items()):
        module = ast.parse(file.read_text("utf-8"))
        if any("show" in _names(statement) for statement in module.body):
            found[name] = (ast.get_docstring(module) or "").partition("\n")[0]
    return found


def package_of(name: str) -> str:
    """The package that has this demo, one of PLACES."""
    return next((package for package, folder in PLACES.items() if name in demos(folder)), "lib.demos")


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
    with TemporaryDirectory(prefix="course-demo-") as folder:
        notebook = f"{name}.ipynb"
        (Path(folder) / notebook).write_text(json.dumps(notebook_of(name, titles[name])), "utf-8")
        start(arguments, folder=Path(folder), notebook=notebook)


def notebook_of(name: str, title: str) -> dict:
    """A notebook, in Jupyter's format 4.5, that shows this demo."""
    text = f"# {title}\nClick into the cell below and press **Shift + Enter**. Esc leaves the full window."
    code = f"from {package_of(name)} import {name}\n\n{name}.show(full=True)"
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
