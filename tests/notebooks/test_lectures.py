"""Every lecture: committed clean, runs on the built-in data set in quick mode, figures have alt text."""

import base64
import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from slowness import slowness

from benchmarks.lab import is_progress

LECTURES = sorted((Path(__file__).parents[2] / "lectures").glob("*.ipynb"))
every_lecture = pytest.mark.parametrize("path", LECTURES, ids=lambda path: path.stem)


def read(path):
    return nbformat.read(path, as_version=nbformat.NO_CONVERT)


@every_lecture
def test_it_is_valid_and_committed_without_outputs(path):
    notebook = read(path)
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    assert notebook.metadata.kernelspec.name == "python3"
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert cell.outputs == []
            assert cell.execution_count is None


@every_lecture
def test_its_cells_have_readable_ids_and_are_small(path):
    notebook = read(path)
    ids = [cell.id for cell in notebook.cells]
    assert len(set(ids)) == len(ids)
    for cell in notebook.cells:
        assert re.fullmatch(r"[a-z][a-z0-9-]*", cell.id), (
            f"{cell.id}: use a word or two, so that it stays the same"
        )
        if cell.cell_type == "code":
            lines = [line for line in cell.source.splitlines() if line.strip()]
            assert len(lines) <= 18, f"{cell.id} has {len(lines)} lines"


@every_lecture
def test_it_names_no_picture_from_elsewhere(path):
    for cell in read(path).cells:
        if cell.cell_type == "markdown":
            assert not re.search(r"!\[|<img|attachment:", cell.source), cell.id


@every_lecture
@pytest.mark.timeout(200)
def test_it_runs_and_its_figures_have_alt_text(path, tmp_path):
    notebook = read(path)
    client = NotebookClient(
        notebook, timeout=int(180 * slowness()), resources={"metadata": {"path": str(tmp_path)}}
    )
    client.execute()
    pictures = 0
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            assert output.get("name") != "stderr" or is_progress(output.text), f"{cell.id}: {output.text}"
            if "image/png" in output.get("data", {}):
                pictures += 1
                assert len(output.metadata["image/png"]["alt"]) > 20, f"{cell.id}: say what the figure shows"
                assert base64.b64decode(output.data["image/png"]).startswith(b"\x89PNG")
    assert pictures, "a lecture without a picture"
