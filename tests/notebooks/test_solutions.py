"""Every assignment with its solutions: committed clean, readable, full marks in grading mode."""

import base64
import itertools
import re
import resource
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from slowness import slowness

from lib.tasks.secret import make_secret

SOLUTIONS = sorted((Path(__file__).parents[2] / "solutions").glob("*/*.ipynb"))
SECONDS = 10  # of CPU, beside what the imports take
every_assignment = pytest.mark.parametrize("path", SOLUTIONS, ids=lambda path: path.stem)


def read(path):
    return nbformat.read(path, as_version=nbformat.NO_CONVERT)


def settings_of(cell):
    """nbgrader's settings of a cell."""
    return cell.metadata.get("nbgrader", {})


@every_assignment
def test_it_is_valid_and_committed_without_outputs(path):
    notebook = read(path)
    nbformat.validate(notebook)
    assert notebook.metadata.kernelspec.name == "python3"
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in notebook.cells)


@every_assignment
def test_its_cells_have_ids_in_words(path):
    ids = [cell.id for cell in read(path).cells]
    assert len(set(ids)) == len(ids)
    assert [name for name in ids if not re.fullmatch(r"[a-z][a-z0-9-]*", name)] == []


@every_assignment
def test_its_headings_are_in_order(path):
    text = "\n".join(cell.source for cell in read(path).cells if cell.cell_type == "markdown")
    levels = [len(marks) for marks in re.findall(r"^(#+) ", text, re.MULTILINE)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


@every_assignment
def test_its_marks_add_up_to_a_hundred(path):
    cells = [settings_of(cell) for cell in read(path).cells]
    names = [cell["grade_id"] for cell in cells if cell]
    assert len(set(names)) == len(names)
    assert sum(cell["points"] for cell in cells if cell.get("grade")) == 100


@pytest.mark.family(share=4)
@every_assignment
@pytest.mark.timeout(200)
def test_the_right_answers_have_full_marks_in_grading_mode(path, tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_GRADING", "1")
    monkeypatch.setenv("COURSE_SECRET", str(tmp_path / "secret"))
    make_secret()
    notebook = read(path)
    timeout, place = int(90 * slowness()), {"metadata": {"path": str(tmp_path)}}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    NotebookClient(notebook, timeout=timeout, resources=place).execute()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)

    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            assert output.get("name") != "stderr", f"{cell.id}: {output.text}"
            if "image/png" in output.get("data", {}):
                assert len(output.metadata["image/png"]["alt"]) > 20, f"{cell.id}: say what the figure shows"
                assert base64.b64decode(output.data["image/png"]).startswith(b"\x89PNG")
        if cell.cell_type == "code" and settings_of(cell).get("grade"):
            (result,) = [out for out in cell.outputs if out.output_type == "execute_result"]
            assert float(result.data["text/plain"]) == settings_of(cell)["points"], cell.id
    assert after.ru_utime - before.ru_utime < SECONDS * slowness() + 5
