"""An exercise as a student meets it: write, check, fail, take a hint, pass, close; tomorrow it is there."""

import json
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import expect
from slowness import slowness

from benchmarks.lab import Lab

LECTURES = Path(__file__).parents[2] / "lectures"
NAME = "05_backpropagation.ipynb"
CELLS = ("imports", "add-gate", "add-gate-check", "add-gate-solution", "add-gate-ours", "show-map")
ANSWER = """\
class AddGate(Gate):
    def forward(self, x, y):
        return x + y

    def backward(self, dz):
        return dz * {}, dz
"""
SAVE = "window.jupyterapp.commands.execute('docmanager:save')"


@pytest.fixture
def lab(chromium, tmp_path):
    """JupyterLab on a folder with one exercise of the real lecture 05, and the map below it."""
    notebook = nbformat.read(LECTURES / NAME, as_version=4)
    notebook.cells = [cell for cell in notebook.cells if cell.id in CELLS]
    notebook.cells.append(
        nbformat.v4.new_code_cell("from lib.lessons import show_map\n\nshow_map()", id="show-map")
    )
    (tmp_path / "lectures").mkdir()
    nbformat.write(notebook, tmp_path / "lectures" / NAME)
    progress = {"COURSE_PROGRESS": str(tmp_path / "progress.json")}
    with Lab(tmp_path / "lectures", chromium, patience=slowness(), environment=progress) as running:
        running.progress = tmp_path / "progress.json"
        yield running


def cell(notebook, name):
    return notebook.page.locator(".jp-Notebook .jp-Cell").nth(CELLS.index(name))


def run(notebook, name):
    """Runs a cell, folded or not."""
    notebook.scroll_to(CELLS.index(name))
    notebook.page.evaluate("window.jupyterapp.commands.execute('notebook:run-cell')")


def write(notebook, source):
    """Puts an answer in the place of the stub, as one who pastes it, and runs the cell."""
    notebook.scroll_to(CELLS.index("add-gate"))
    cell(notebook, "add-gate").locator(".cm-content").click()
    notebook.page.keyboard.press("Control+a")
    notebook.page.keyboard.insert_text(source)
    notebook.page.keyboard.press("Shift+Enter")


def says(notebook, name, text):
    expect(cell(notebook, name).locator(".jp-OutputArea")).to_contain_text(text)


@pytest.mark.timeout(300)
def test_a_student_fails_takes_a_hint_passes_and_finds_it_tomorrow(lab):
    check = "add-gate-check"
    with lab.open(NAME) as notebook:
        notebook.run_all()
        assert notebook.problems() == []
        says(notebook, check, "Not yet: ")
        says(notebook, "add-gate-ours", "The next cells use our AddGate.")
        says(notebook, "show-map", "0 of ")
        solution = cell(notebook, "add-gate-solution").locator("details")
        assert solution.get_attribute("open") is None
        write(notebook, ANSWER.format("self.y"))
        run(notebook, check)
        says(notebook, check, "backward")
        says(notebook, check, 'Stuck? Run hint("05.add_gate").')
        cell(notebook, check).locator(".cm-line").last.click()
        for key in ("Home", "Delete", "Delete"):  # "# ", as the line says
            notebook.page.keyboard.press(key)
        run(notebook, check)
        says(notebook, check, "Hint 1 of ")
        write(notebook, ANSWER.format(1))
        run(notebook, check)
        says(notebook, check, "right")
        run(notebook, "add-gate-ours")
        says(notebook, "add-gate-ours", "The next cells use your AddGate.")
        notebook.page.evaluate(SAVE)
    assert "05.add_gate" in json.loads(lab.progress.read_text("utf-8"))["passed"]
    with lab.open(NAME) as notebook:
        says(notebook, check, "right")  # as it was saved
        run(notebook, "show-map")
        says(notebook, "show-map", "1 of ")
        assert "return dz * 1, dz" in notebook.cells()[CELLS.index("add-gate")]["source"]
