"""What is sent to where a submission is examined."""

import pickle

import nbformat
import pytest
from examined import SECRET, notebook_of, release_and_reference

from lib.assignments.cells import read_notebook
from lib.assignments.places import ROOT
from lib.grading.examination.job import DECOYS, MarkedCell, job_for, marked_cells
from lib.tasks.grade import SEEDS, hidden_seeds
from lib.tasks.task import find_task

ALL = {"a1": (8, 90), "a2": (8, 100), "a3": (5, 90), "a4": (2, 15)}


def cells_of(assignment):
    (path,) = ROOT.glob(f"solutions/{assignment}_*/*.ipynb")
    return marked_cells(read_notebook(path.read_bytes(), path.name))


@pytest.mark.parametrize("assignment", ALL)
def test_the_marked_cells_of_an_assignment_are_those_that_call_grade(assignment):
    cells = cells_of(assignment)
    assert (len(cells), sum(cell.marks for cell in cells)) == ALL[assignment]
    for cell in cells:
        task = find_task(cell.task)
        assert len(cell.names) == len(task.defines)
        assert cell.marks == task.marks


def test_names_come_in_the_order_of_the_task_and_some_may_be_mended():
    cells = {cell.cell: cell for cell in cells_of("a3")}
    overfit = cells["overfit-marks"]
    assert overfit.names == ("overfit", "predict", "Conv2d", "MaxPool2d", "BatchNorm")
    assert overfit.mended == ("Conv2d", "MaxPool2d", "BatchNorm")
    assert not any(cell.mended for name, cell in cells.items() if name != "overfit-marks")


def test_a_cell_that_grades_something_else_than_a_name_is_refused():
    hidden = '### BEGIN HIDDEN TESTS\ngrade("a2.relu", ReLU(3))\n### END HIDDEN TESTS'
    metadata = {"nbgrader": {"grade": True, "grade_id": "x", "points": 3}}
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(hidden, metadata=metadata)])
    with pytest.raises(ValueError, match=r"^x: expected names that the notebook defines, got ReLU\(3\)$"):
        marked_cells(notebook)


def test_seeds_are_those_of_grade_and_decoys_are_others():
    job = job_for("a2_backpropagation", b"", cells_of("a2"), SECRET)
    for task, (counted, decoys) in job.seeds.items():
        assert list(counted) == hidden_seeds(task, SECRET, SEEDS)
        assert len(decoys) == DECOYS
        assert not set(counted) & set(decoys)


def test_a_job_travels_without_the_secret_and_without_answers_that_it_does_not_need():
    _, release, _, cells = release_and_reference("a2")
    job = job_for("a2_backpropagation", release, cells, SECRET, {"helper.py": b"x = 1\n"})
    packed = pickle.dumps(job)
    assert pickle.loads(packed) == job
    assert SECRET not in packed
    assert not job.stand_ins
    a3 = job_for("a3_convnet_layers", b"", cells_of("a3"), SECRET)
    assert set(a3.stand_ins) == {"Conv2d", "MaxPool2d", "BatchNorm"}
    assert a3.stand_ins["Conv2d"].task == "a3.convolution"
    assert "class Conv2d" in a3.stand_ins["Conv2d"].source


def test_a_cell_is_plain_data():
    assert MarkedCell("c", "a2.relu", ("ReLU",), 10.0) == MarkedCell("c", "a2.relu", ("ReLU",), 10.0)
    assert notebook_of("x = 1").startswith(b"{")
