"""Lectures as web pages: run from top to bottom, with a picture in the place of each live demo."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
from nbclient.exceptions import CellExecutionError
from nbconvert import HTMLExporter
from nbconvert.preprocessors import ExecutePreprocessor

from lib import plots

from .start import ROOT

VIEW = "application/vnd.jupyter.widget-view+json"


def export(lectures: list[str], folder: Path, *, run: bool = True) -> list[Path]:
    """Writes one HTML file for each lecture; returns their paths.

    lectures: paths of notebooks, or the beginnings of file names in lectures/, such as "03"; none means all
    folder: where the pages go; it is made where it is missing
    run: execute them first; otherwise their outputs are taken as they are

    Raises `FileNotFoundError` for a lecture that is not there, `ValueError` where a cell fails.
    """
    found = [path for name in lectures or [""] for path in find(name)]
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for path in found:
        notebook = nbformat.read(path, as_version=4)
        if run:
            execute(notebook, path.name)
        page, _ = HTMLExporter().from_notebook_node(
            with_pictures(notebook), {"metadata": {"name": path.stem}}
        )
        target = folder / f"{path.stem}.html"
        temporary = target.with_suffix(".new")
        temporary.write_text(page, "utf-8")
        os.replace(temporary, target)
        written.append(target)
    return written


def execute(notebook: nbformat.NotebookNode, name: str) -> None:
    """Run all cells, in a folder of their own; `ValueError` where one of them fails."""
    with TemporaryDirectory() as place, for_a_page():
        try:
            ExecutePreprocessor(timeout=None).preprocess(notebook, {"metadata": {"path": place}})
        except CellExecutionError as error:
            raise ValueError(
                f"{name}: expected cells that run, got {error.ename} in one of them: {error.evalue}"
            ) from error


@contextmanager
def for_a_page() -> Iterator[None]:
    """A `with` block whose kernels know that their page has none: predictions show their truth."""
    before = os.environ.get("COURSE_EXPORT")
    os.environ["COURSE_EXPORT"] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ["COURSE_EXPORT"]
        else:
            os.environ["COURSE_EXPORT"] = before


def find(name: str) -> list[Path]:
    """The notebooks that a name stands for."""
    if name.endswith(".ipynb") and Path(name).is_file():
        return [Path(name)]
    found = sorted((ROOT / "lectures").glob(f"{name}*.ipynb"))
    if not found:
        there = ", ".join(path.stem for path in sorted((ROOT / "lectures").glob("*.ipynb")))
        raise FileNotFoundError(f"LECTURE: expected the path of a notebook, or one of {there}, got {name!r}")
    return found


def with_pictures(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """The same notebook without widgets: each demo is its picture, with its alternative text."""
    # With the widgets' state a page shows nothing where their scripts cannot be loaded.
    notebook.metadata.pop("widgets", None)
    for cell in notebook.cells:
        if "outputs" not in cell:
            continue
        cell.outputs = [output for output in cell.outputs if VIEW not in output.get("data", {})]
        for output in cell.outputs:
            data, alt = output.get("data", {}), output.get("metadata", {}).get("image/png", {}).get("alt")
            if "image/png" in data and "text/html" not in data and alt:
                data["text/html"] = plots.image_html(data["image/png"].strip(), alt)
    return notebook
