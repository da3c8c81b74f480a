"""Small submissions to two tasks of a2, and where they are examined."""

from __future__ import annotations

import copy
import os
import shutil
from pathlib import Path

import nbformat
import pytest

from lib.assignments.cells import grade_id, is_marked, is_solution, read_notebook
from lib.assignments.originals import original
from lib.assignments.places import ROOT
from lib.grading.examination.examination import Examined, examine
from lib.grading.examination.job import Allowance, Job, MarkedCell, job_for, marked_cells
from lib.grading.examination.judging import judge_all
from lib.grading.examination.known import KnownValues
from lib.grading.results import Result
from lib.grading.sandbox.room import Limits, Room
from lib.grading.sandbox.start import open_sandbox
from lib.grading.template.provisioner import template_offered

SECRET = b"known to nobody but these tests, and long enough"
CELLS = (
    MarkedCell("relu-marks", "a2.relu", ("ReLU",), 10.0),
    MarkedCell("linear-marks", "a2.linear", ("Linear",), 25.0),
)
RELU = """
import numpy as np

class ReLU:
    def forward(self, x):
        return np.maximum(x, 0)

    def backward(self, x, grad_output):
        return np.where(x > 0, grad_output, 0)
"""
WRONG_RELU = """
class ReLU:
    def forward(self, x):
        return np.asarray(x)

    def backward(self, x, grad_output):
        return grad_output
"""
LINEAR = """
import numpy as np

class Linear:
    def __init__(self, in_features, out_features, seed=0):
        rng = np.random.default_rng(seed)
        self.weight = rng.normal(0, in_features**-0.5, (out_features, in_features))
        self.bias = np.zeros(out_features)
        self.grad_weight = 0 * self.weight
        self.grad_bias = 0 * self.bias

    def forward(self, x):
        return x @ self.weight.T + self.bias

    def backward(self, x, grad_output, scale=1.0):
        self.grad_weight += scale * grad_output.T @ x
        self.grad_bias += scale * grad_output.sum(axis=0)
        return grad_output @ self.weight
"""
QUICK = Allowance(cell=2.0, notebook=4.0, check=2.0, patience=30.0, idle=6.0)


def notebook_of(*sources: str) -> bytes:
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    return nbformat.writes(nbformat.v4.new_notebook(cells=cells)).encode()


def with_marked_cells(*sources: str) -> bytes:
    """A notebook of ReLU, its marked cell, Linear, its marked cell, and what comes later."""
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    for place, marked in ((1, CELLS[0]), (3, CELLS[1])):
        about = {"grade_id": marked.cell, "grade": True, "locked": True, "solution": False, "points": 1}
        cells.insert(place, nbformat.v4.new_code_cell("pass", metadata={"nbgrader": about}))
    return nbformat.writes(nbformat.v4.new_notebook(cells=cells)).encode()


def small_job(*sources: str, allowance: Allowance = QUICK, marked: bool = False) -> Job:
    """A job with two marked tasks, a2.relu and a2.linear, and these cells.

    marked: whether the marked cells of both stand in it, each below the first and the second cell
    """
    notebook = (with_marked_cells if marked else notebook_of)(*sources)
    return job_for("a2_backpropagation", notebook, CELLS, SECRET, allowance=allowance)


KINDS = ("bubblewrap", "template")


def needs(kind: str) -> None:
    """Without bubblewrap the test is skipped, and fails where CI is set; a template needs more of Linux."""
    if not shutil.which("bwrap"):
        (pytest.fail if os.environ.get("CI") else pytest.skip)("bubblewrap is not installed here")
    if kind == "template":
        offered, why = template_offered()
        if not offered:
            pytest.skip(why)


def examined_in(room: Room, job: Job, kind: str = "bubblewrap") -> Examined:
    needs(kind)
    with open_sandbox(kind, room, Limits(cpu_seconds=300)) as sandbox:
        return examine(job, sandbox)


def judged(job: Job, examined: Examined, known: KnownValues) -> Result:
    return judge_all(job, examined, known, "ada")


def release_and_reference(assignment: str) -> tuple[str, bytes, bytes, tuple[MarkedCell, ...]]:
    """The full name, the untouched release, the release with the right answers, and the marked cells."""
    full, files = original(assignment, ROOT)
    solutions = read_notebook(Path(ROOT, "solutions", full, f"{full}.ipynb").read_bytes(), full)
    sources = {grade_id(cell): cell.source for cell in solutions.cells if grade_id(cell)}
    release = read_notebook(files[f"{full}.ipynb"], full)
    reference = copy.deepcopy(release)
    for cell in reference.cells:
        if is_solution(cell) and not is_marked(cell):
            cell.source = sources[grade_id(cell)]
    texts = [nbformat.writes(one).encode() for one in (release, reference)]
    return full, texts[0], texts[1], marked_cells(solutions)
