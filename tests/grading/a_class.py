"""Simulated classes: submissions that are right, wrong as in the bank, unfinished or broken; with marks."""

import copy
import json
import random
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from wrong_source import right_source, wrong_answers, wrong_source

from lib.assignments.bundle import TAKEN
from lib.assignments.cells import grade_id, is_marked, is_solution
from lib.assignments.originals import ORIGINALS, original, write_files
from lib.assignments.release import release
from lib.grading.places import submission_folder
from lib.tasks import find_task

ROOT = Path(__file__).parents[2]
SMALL = "a2_small"
IMPORTS = "import numpy as np\n\nfrom lib.tasks import check"
STUB = 'raise NotImplementedError("write this part")'
RELU = '''class ReLU:
    """max(0, x), for each number by itself."""

    def forward(self, x):
        ### BEGIN SOLUTION
        return np.maximum(x, 0)
        ### END SOLUTION

    def backward(self, x, grad_output, scale=1.0):
        ### BEGIN SOLUTION
        return grad_output * (x > 0)
        ### END SOLUTION'''
LINEAR = '''class Linear:
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
TASKS = {"relu": ("a2.relu", "ReLU", RELU, 10), "linear": ("a2.linear", "Linear", LINEAR, 25)}

# Right ways to say each solution of the small assignment, in the order in which they stand in it.
WAYS = {
    "relu": (
        ("return np.maximum(x, 0)", "return np.where(x > 0, x, 0)", "return np.clip(x, 0, None)",
         "mask = x > 0\n        return np.where(mask, x, 0)"),
        ("return grad_output * (x > 0)", "return np.where(x > 0, grad_output, 0.0)",
         "passed = (x > 0).astype(grad_output.dtype)\n        return passed * grad_output"),
    ),
    "linear": (
        ("return x @ self.weight.T + self.bias", "return np.dot(x, self.weight.T) + self.bias",
         "scores = np.matmul(x, self.weight.transpose())\n        return scores + self.bias[None, :]",
         'return np.einsum("ni,oi->no", x, self.weight) + self.bias'),
        ("self.grad_weight += scale * grad_output.T @ x\n        self.grad_bias += scale * "
         "grad_output.sum(axis=0)\n        return grad_output @ self.weight",
         "self.grad_bias += scale * np.sum(grad_output, axis=0)\n        self.grad_weight += scale * "
         "np.dot(grad_output.T, x)\n        return np.dot(grad_output, self.weight)",
         "dW = np.matmul(grad_output.T, x)\n        db = grad_output.sum(0)\n        self.grad_weight = "
         "self.grad_weight + scale * dW\n        self.grad_bias = self.grad_bias + scale * db\n"
         "        return np.matmul(grad_output, self.weight)"),
    ),
}  # fmt: skip
NOTES = ("", "# done", "# see lecture 07", "# shapes: (N, D)", "# checked by hand", "# TODO: ask in class")

# What goes wrong, by kind: what is added as a cell of the student's own, before the last task.
CELLS = {
    "dead": "import os\n\nos._exit(3)",
    "slow": "while True:\n    pass",
    "memory": "hoard = [np.ones(1 << 27) for _ in range(64)]",
    "output": 'for _ in range(3_000_000):\n    print("step", "=" * 80)',
    "tampered": "np.allclose = lambda *given, **more: True",
}
FAULTS = (*CELLS, "unreadable", "duplicated", "edited")


@dataclass(frozen=True)
class Expected:
    """What grading a submission must give.

    marks: nbgrader's name of a cell → marks; empty where they depend on when it ended
    flags: kinds that must be there
    """

    student: str
    kind: str
    marks: dict[str, float] = field(default_factory=dict)
    flags: frozenset[str] = frozenset()


def small_course(folder, name=SMALL):
    """A copy of the course whose one assignment is small, of two tasks, and released; returns its root.

    name: "a4_…" for one in which torch may be imported
    """
    _copy_of_the_course(folder)
    place = folder / "solutions" / name
    place.mkdir(parents=True)
    nbformat.write(_small_source(), place / f"{name}.ipynb")
    release([], folder)
    return folder


def real_course(folder, name):
    """A copy of the course with one of the real assignments, released; returns its root.

    name: such as "a2"
    """
    full, files = original(name, ROOT)
    _copy_of_the_course(folder)
    shutil.copytree(ROOT / "solutions" / full, folder / "solutions" / full)
    write_files(folder / "assignments" / full, files)
    shutil.copy(ROOT / ORIGINALS / f"{full}.zip", folder / ORIGINALS)
    return folder


def _copy_of_the_course(folder):
    """Without assignments, and without what programs leave."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in (*TAKEN, "nbgrader_config.py"):
        if (ROOT / name).is_dir():
            left_out = shutil.ignore_patterns("__pycache__", ".*", *(["*.zip"] if name == "lib" else []))
            shutil.copytree(ROOT / name, folder / name, ignore=left_out)
        elif (ROOT / name).exists():
            shutil.copy(ROOT / name, folder)
    (folder / ORIGINALS).mkdir(parents=True, exist_ok=True)


def a_class(root, count, seed=0, faults=0.05, own_cell="", assignment=SMALL):
    """Writes so many submissions of the small assignment; returns what is expected of each, in order.

    faults: the share of those in which something breaks
    own_cell: code of a cell that every student has added
    """
    rng = random.Random(seed)
    released = _released(root, assignment)
    slips = {key: [wrong for name, wrong in wrong_answers("a2") if name == TASKS[key][0]] for key in TASKS}
    expected = []
    for number in range(count):
        student, notebook = f"s{number:04}", copy.deepcopy(released)
        if own_cell:
            notebook.cells.insert(2, new_code_cell(own_cell, id="own"))
        if rng.random() < faults:
            kind = FAULTS[number % len(FAULTS)]
            expected.append(_broken(root, assignment, student, notebook, kind, rng))
            continue
        marks, kinds = {}, []
        for key in TASKS:
            kind = rng.choices(("right", "wrong", "unfinished"), (70, 22, 8))[0]
            marks[f"{key}-marks"] = _write(_cell(notebook, f"{key}-code"), key, kind, slips, rng)
            kinds.append(kind)
        _save(root, assignment, student, notebook)
        expected.append(Expected(student, "+".join(kinds), marks))
    return expected


def a_real_class(root, name, count, seed=0):
    """Writes so many submissions of a real assignment; returns what is expected of each, in order.

    name: such as "a2"; root: as `real_course` made it
    """
    rng = random.Random(seed)
    full, _ = original(name, root)
    released, right = _released(root, full), nbformat.read(root / "solutions" / full / f"{full}.ipynb", 4)
    solutions = {grade_id(cell): plain_solution(cell.source) for cell in right.cells if is_solution(cell)}
    tasks = dict(_marked_tasks(right))
    bank = wrong_answers(name)
    owner = {word: task for task in reversed(tasks) for word in find_task(task).defines}
    expected = []
    for number in range(count):
        student, notebook = f"s{number:04}", copy.deepcopy(released)
        marks = {cell: float(find_task(task).marks) for task, cell in tasks.items()}
        kinds, slipped = {}, set()
        for cell in notebook.cells:
            if not is_solution(cell) or cell.cell_type != "code":
                if is_solution(cell):
                    cell.source = f"{rng.choice(NOTES)} Because of the chain rule."
                continue
            defined = [
                word for word in owner if f"class {word}" in cell.source or f"def {word}" in cell.source
            ]
            task = owner[defined[0]] if defined else ""
            kind = kinds.setdefault(task, rng.choices(("right", "wrong", "unfinished"), (75, 18, 7))[0])
            slips = [wrong for its, wrong in bank if its == task and set(wrong.written) & set(defined)]
            slips = [] if task in slipped else slips  # a second one would bring the right one of the first
            if kind == "unfinished" and task in tasks:
                marks[tasks[task]] = 0.0
            elif kind == "wrong" and slips and task in tasks:
                wrong = rng.choice(slips)
                slipped.add(task)
                cell.source = f"{solutions[grade_id(cell)]}\n\n\n{wrong_source(task, wrong)}"
                marks[tasks[task]] -= sum(find_task(task).parts[part] for part in wrong.breaks)
            else:
                cell.source = varied(solutions[grade_id(cell)], rng)
        _save(root, full, student, notebook)
        expected.append(Expected(student, "+".join(sorted(set(kinds.values()))), marks))
    return expected


def plain_solution(source):
    """A solution without the marks around it."""
    return "\n".join(
        line
        for line in source.split("\n")
        if "### BEGIN SOLUTION" not in line and "### END SOLUTION" not in line
    )


def varied(source, rng):
    """The same code with another remark."""
    note = rng.choice(NOTES)
    return f"{note}\n{source}" if note else source


def _write(cell, key, kind, slips, rng):
    """Writes one task of the small assignment; returns its marks."""
    name, _, _, points = TASKS[key]
    if kind == "unfinished":
        return 0.0
    if kind == "wrong":
        wrong = rng.choice(slips[key])
        cell.source = wrong_source(name, wrong)
        return points - sum(find_task(name).parts[part] for part in wrong.breaks)
    if rng.random() < 0.1:
        cell.source = right_source(name)
        return float(points)
    for ways in WAYS[key]:
        cell.source = cell.source.replace(STUB, rng.choice(ways), 1)
    cell.source = varied(cell.source, rng)
    return float(points)


def _broken(root, assignment, student, notebook, kind, rng):
    """A submission that is right but for what breaks it."""
    full = {f"{key}-marks": float(points) for key, (_, _, _, points) in TASKS.items()}
    for key in TASKS:
        _write(_cell(notebook, f"{key}-code"), key, "right", {}, rng)
    if kind in CELLS:
        place = notebook.cells.index(_cell(notebook, "linear-code"))
        notebook.cells.insert(place, new_code_cell(CELLS[kind], id="odd"))
    elif kind == "duplicated":
        cell = _cell(notebook, "relu-check")
        notebook.cells.insert(notebook.cells.index(cell), copy.deepcopy(cell) | {"id": "copied"})
    elif kind == "edited":
        _cell(notebook, "relu-marks").source += "\nassert True"
    path = _save(root, assignment, student, notebook)
    if kind == "unreadable":
        path.write_bytes(path.read_bytes()[:-40])
    marks = full if kind in ("duplicated", "edited", "output") else {}
    marks = dict.fromkeys(full, 0.0) if kind == "unreadable" else marks
    return Expected(student, kind, marks, frozenset({kind}))


def _marked_tasks(solutions) -> Iterator[tuple[str, str]]:
    """(task, nbgrader's name of the cell with its marks) of a notebook with solutions."""
    for cell in solutions.cells:
        if cell.cell_type == "code" and is_marked(cell) and 'grade("' in cell.source:
            yield cell.source.partition('grade("')[2].partition('"')[0], grade_id(cell)


def _small_source():
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    cells = [
        new_markdown_cell("# A small assignment", id="title"),
        new_code_cell(IMPORTS, id="imports", metadata=_named("imports", locked=True)),
    ]
    for key, (task, written, source, points) in TASKS.items():
        marks = (
            "# Your marks for this task are found here when your notebook is graded.\n"
            "### BEGIN HIDDEN TESTS\n"
            f'from lib.tasks import grade\n\ngrade("{task}", {written})\n### END HIDDEN TESTS'
        )
        cells += [
            new_code_cell(source, id=f"{key}-code", metadata=_named(f"{key}-code", solution=True)),
            new_code_cell(
                f'check("{task}", {written})', id=f"{key}-check", metadata=_named(f"{key}-check", locked=True)
            ),
            new_code_cell(
                marks,
                id=f"{key}-marks",
                metadata=_named(f"{key}-marks", grade=True, locked=True, points=points),
            ),
        ]
    return new_notebook(cells=cells, metadata={"kernelspec": kernel})


def _named(name, **more):
    usual = {"grade": False, "solution": False, "locked": False, "schema_version": 3, "grade_id": name}
    return {"nbgrader": usual | {"cell_type": "code"} | more}


def _released(root, assignment):
    return nbformat.reads(original(assignment, root)[1][f"{assignment}.ipynb"].decode(), 4)


def _cell(notebook, name):
    return next(cell for cell in notebook.cells if grade_id(cell) == name)


def _save(root, assignment, student, notebook):
    folder = submission_folder(student, assignment, root)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{assignment}.ipynb"
    path.write_text(json.dumps(notebook), "utf-8")
    return path
