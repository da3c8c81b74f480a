"""Assignment 4 as a notebook: its marks, its numbers, and its own answers in the checks."""

import re
import sys
from itertools import pairwise
from pathlib import Path

import nbformat
import numpy as np
import pytest

from data_loaders import Dataset
from data_loaders.shapes10 import NUISANCES, generate
from lib.leaderboard.competition import Key
from lib.leaderboard.predictions import read_predictions
from lib.leaderboard.scoring import MOST_MARKS, compare_runs, marks_of
from lib.tasks import find_task

FILE = Path(__file__).parents[3] / "solutions" / "a4_challenge" / "a4_challenge.ipynb"
NOTEBOOK = nbformat.read(FILE, 4)
CELLS = {cell.id: cell for cell in NOTEBOOK.cells}
TEXT = "\n".join(cell.source for cell in NOTEBOOK.cells if cell.cell_type == "markdown")


@pytest.fixture(scope="module")
def answers():
    """What the solution cells define, as while a notebook is graded."""
    names = {"Path": Path, "np": np}
    exec("import torch\nfrom torch import nn", names)
    for name in ("net", "train", "predict", "file"):
        exec(CELLS[name].source, names)
    return names


def test_the_marks_add_up_to_100_and_the_table_says_so():
    points = {
        c.id: c.metadata.nbgrader.points for c in NOTEBOOK.cells if "points" in c.metadata.get("nbgrader", {})
    }
    assert sum(points.values()) == 100
    assert points["train-marks"] == find_task("a4.reproducible").marks
    assert points["file-marks"] == find_task("a4.submission").marks
    assert points["accuracy-marks"] == MOST_MARKS
    table = [int(row) for row in re.findall(r"\| \d .+? \| (\d+) \|", CELLS["title"].source)]
    assert table == list(points.values())
    parts = {
        name: int(marks) for name, marks in re.findall(r"\| (\w+) \| (\d) \|", CELLS["train-text"].source)
    }
    assert parts == find_task("a4.reproducible").parts


def test_cells_are_named_and_stored_without_outputs():
    assert len(CELLS) == len(NOTEBOOK.cells)
    for cell in NOTEBOOK.cells:
        assert re.fullmatch(r"[a-z][a-z-]+", cell.id)
        if "nbgrader" in cell.metadata:
            assert cell.metadata.nbgrader.grade_id == cell.id
        if cell.cell_type == "code":
            assert not cell.outputs
            assert cell.execution_count is None


def test_headings_are_in_order():
    released = re.sub(r"### BEGIN SOLUTION.*?### END SOLUTION", "", TEXT, flags=re.S)
    levels = [len(found) for found in re.findall(r"^(#+) ", released, re.M)]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(b <= a + 1 for a, b in pairwise(levels))


def test_the_numbers_by_hand_are_right(answers, tmp_path):
    assert "55% gives $40 \\cdot 0.45 / 0.60 = 30$ marks" in TEXT
    assert marks_of(0.55) == 30
    answers["write_submission"](tmp_path / "p.csv", np.array([3, 8, 0]))
    assert f"```\n{(tmp_path / 'p.csv').read_text()}```" in CELLS["file-text"].source
    assert read_predictions(tmp_path / "p.csv", count=3).tolist() == [3, 8, 0]


@pytest.mark.parametrize(("again", "agrees"), [(760, True), (759, False)])
def test_the_tolerance_of_the_re_run_is_the_one_in_the_text(again, agrees):
    assert "accuracy of 77.0%. A re-run that reaches 76.0% or more agrees" in TEXT
    assert "One that reaches 75.9% does not" in TEXT
    none = np.zeros(1_000, np.int64)
    key = Key(none, none.astype(np.int8), none.astype(bool), ("a", "b"), "", "")
    first, second = (np.where(np.arange(1_000) < right, 0, 1) for right in (770, again))
    assert compare_runs(first, second, key).agrees is agrees


@pytest.mark.family(share=3)
def test_its_own_answers_have_full_marks_and_nothing_is_trained_while_it_is_graded(
    monkeypatch, tmp_path, capsys
):
    small = generate(0, dict.fromkeys(NUISANCES, 0.0), 5_020, 20)
    monkeypatch.setattr("data_loaders.load_dataset", lambda name: small)
    monkeypatch.setenv("COURSE_GRADING", "1")
    monkeypatch.setenv("COURSE_SECRET", str(tmp_path / "secret"))
    monkeypatch.setattr(sys.modules["lib.tasks.grade"], "SEEDS", 1)  # the function has its name
    monkeypatch.chdir(tmp_path)
    (tmp_path / "secret").write_bytes(b"x" * 64)
    assert isinstance(small, Dataset)
    names: dict = {}
    for cell in NOTEBOOK.cells:
        if cell.cell_type == "code":
            exec(cell.source, names)
    said = capsys.readouterr().out
    assert "A training that can be repeated: 12 of 12 marks" in said
    assert "A file of predictions: 3 of 3 marks" in said
    assert names["model"] is None
    assert [path.name for path in tmp_path.iterdir()] == ["secret"]


def test_what_is_refused_is_said():
    for name in ("lib.convnets", "course train", "torchvision", "weights"):
        assert name in CELLS["how-it-works"].source
