"""One live demo on its own, in a notebook that lives as long as JupyterLab does."""

from __future__ import annotations

import importlib
import json
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from lib.demos.rooms import demos, room_of_demo

from .start import start


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
