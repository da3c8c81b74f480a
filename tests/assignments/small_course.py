"""A course with one small assignment, whose task is a2.linear: as instructors write it, with its solution."""

import shutil
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

ROOT = Path(__file__).parents[2]
NAME = "a2_small"

STUB = '''class Linear:
    """y = x Wᵀ + b."""

    def __init__(self, in_features, out_features):
        self.weight = np.zeros((out_features, in_features))
        self.bias = np.zeros(out_features)
        self.zero_grad_parameters()

    def zero_grad_parameters(self):
        self.grad_weight = np.zeros_like(self.weight)
        self.grad_bias = np.zeros_like(self.bias)

    def forward(self, x):
        ### BEGIN SOLUTION
        return x @ self.weight.T + self.bias
        ### END SOLUTION

    def backward(self, x, grad_output, scale=1.0):
        ### BEGIN SOLUTION
        self.grad_weight += scale * grad_output.T @ x
        self.grad_bias += scale * grad_output.sum(axis=0)
        return grad_output @ self.weight
        ### END SOLUTION'''
MARKS = """# Your marks for this task are found here when your notebook is graded.
### BEGIN HIDDEN TESTS
from lib.tasks import grade

grade("a2.linear", Linear)
### END HIDDEN TESTS"""
HALF = """    def forward(self, x):
        return x @ self.weight.T + self.bias

    def backward(self, x, grad_output, scale=1.0):
        self.grad_weight[...] = scale * grad_output.T @ x
        self.grad_bias += scale * grad_output.sum(axis=0)
        return grad_output @ self.weight"""  # grad_weight is overwritten: 6 of 25 marks are lost


def kind(name, **more):
    """nbgrader's metadata of a cell."""
    usual = {"grade": False, "solution": False, "locked": False, "schema_version": 3, "grade_id": name}
    return {"nbgrader": usual | more}


def source(solution=STUB, marks=MARKS):
    """The notebook that an instructor writes."""
    cells = [
        new_markdown_cell("# A small assignment\n\n## Linear", id="title"),
        new_code_cell("import numpy as np\n\nfrom lib.tasks import check", id="imports"),
        new_code_cell(solution, id="linear-stub", metadata=kind("linear", solution=True, cell_type="code")),
        new_code_cell(
            'check("a2.linear", Linear)',
            id="linear-check",
            metadata=kind("linear-check", locked=True, cell_type="code"),
        ),
        new_code_cell(
            marks,
            id="linear-marks",
            metadata=kind("linear-marks", grade=True, locked=True, points=25, cell_type="code"),
        ),
        new_markdown_cell("## A question\n\nWhy is the gradient added up?", id="question"),
        new_markdown_cell(
            "Because two uses of one weight both change the loss.",
            id="answer",
            metadata=kind("why", grade=True, solution=True, points=5, cell_type="markdown"),
        ),
    ]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return new_notebook(cells=cells, metadata={"kernelspec": kernel})


def make_course(root, notebook=None):
    """A folder with nbgrader's settings and the sources of one assignment."""
    folder = root / "solutions" / NAME
    folder.mkdir(parents=True)
    shutil.copy(ROOT / "nbgrader_config.py", root)
    nbformat.write(notebook or source(), folder / f"{NAME}.ipynb")
    return root


def cell(notebook, name):
    """The cell of an id."""
    return next(cell for cell in notebook.cells if cell.id == name)


def write_solution(path, text, answer="Since it is a sum."):
    """A student's work: their code in the place of the stubs, and a written answer."""
    notebook = nbformat.read(path, 4)
    linear = cell(notebook, "linear-stub")
    linear.source = linear.source[: linear.source.index("    def forward")] + text
    cell(notebook, "answer").source = answer
    nbformat.write(notebook, path)
