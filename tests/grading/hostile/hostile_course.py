"""A course with one small assignment of three tasks, for the hostile and the clumsy."""

import shutil
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from lib.assignments.release import release

ROOT = Path(__file__).parents[3]
NAME = "a2_hostile"
TASKS = ("relu", "mul", "slope")  # the beginnings of the cells' names
MARKS = {"relu": 10, "mul": 10, "slope": 10}

RELU = '''class ReLU:
    """max(0, x)."""

    def forward(self, x):
        ### BEGIN SOLUTION
        return np.maximum(x, 0)
        ### END SOLUTION

    def backward(self, x, grad_output, scale=1.0):
        ### BEGIN SOLUTION
        return grad_output * (x > 0)
        ### END SOLUTION'''
MUL = '''class MulConstant:
    """c · x."""

    def __init__(self, constant):
        self.constant = constant

    def forward(self, x):
        ### BEGIN SOLUTION
        return self.constant * x
        ### END SOLUTION

    def backward(self, x, grad_output, scale=1.0):
        ### BEGIN SOLUTION
        return self.constant * grad_output
        ### END SOLUTION'''
SLOPE = '''def numerical_gradient(f, x, grad_output, h=1e-5):
    """The slopes of Σ f(x) · grad_output, by nudging."""
    ### BEGIN SOLUTION
    x = np.array(x, dtype=float)
    gradient = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        up, down = x.copy(), x.copy()
        up[i] += h
        down[i] -= h
        gradient[i] = np.sum((f(up) - f(down)) * grad_output) / (2 * h)
    return gradient
    ### END SOLUTION


def relative_error(a, b):
    """How far two gradients are apart."""
    ### BEGIN SOLUTION
    size = np.abs(a) + np.abs(b)
    return np.max(np.abs(a - b) / np.where(size == 0, 1, size))
    ### END SOLUTION'''
CODE = {
    "relu": ("a2.relu", "ReLU", RELU),
    "mul": ("a2.mul_constant", "MulConstant", MUL),
    "slope": ("a2.gradient_check", "numerical_gradient, relative_error", SLOPE),
}


def about(name, **more):
    """What nbgrader keeps with a cell."""
    told = {"grade": False, "solution": False, "locked": False, "task": False, "schema_version": 3}
    return {"nbgrader": {**told, "grade_id": name, **more}}


def source():
    """The instructor's notebook; the id of each cell is its grade_id."""
    cells = [
        new_markdown_cell("# An assignment", id="title"),
        new_code_cell(
            "import numpy as np\n\nfrom lib.tasks import check",
            id="imports",
            metadata=about("imports", locked=True),
        ),
    ]
    for name, (task, defines, solution) in CODE.items():
        hidden = f'from lib.tasks import grade\n\ngrade("{task}", {defines})'
        marks = f"# Your marks for this task.\n### BEGIN HIDDEN TESTS\n{hidden}\n### END HIDDEN TESTS"
        cells += [
            new_code_cell(solution, id=f"{name}-code", metadata=about(f"{name}-code", solution=True)),
            new_code_cell(
                f'check("{task}", {defines})',
                id=f"{name}-check",
                metadata=about(f"{name}-check", locked=True),
            ),
            new_code_cell(
                marks,
                id=f"{name}-marks",
                metadata=about(f"{name}-marks", grade=True, locked=True, points=MARKS[name]),
            ),
        ]
    cells += [
        new_markdown_cell("## A question\n\nWhy is the gradient 0 below 0?", id="question"),
        new_markdown_cell(
            "Because the output stays 0 there.",
            id="why",
            metadata=about("why", grade=True, solution=True, points=2),
        ),
    ]
    for cell in cells:
        if "nbgrader" in cell.metadata:
            cell.metadata.nbgrader["cell_type"] = cell.cell_type
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return new_notebook(cells=cells, metadata={"kernelspec": kernel})


def hostile_course(root):
    """A folder with nbgrader's settings, the assignment, its release, and a secret; returns it."""
    folder = root / "solutions" / NAME
    folder.mkdir(parents=True)
    shutil.copy(ROOT / "nbgrader_config.py", root)
    nbformat.write(source(), folder / f"{NAME}.ipynb")
    release([], root)
    return root
