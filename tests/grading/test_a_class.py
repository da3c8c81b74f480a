"""The simulated classes are what they say: wrong answers as text do what the bank's do, marks are right."""

import collections

import a_class
import nbformat
import pytest
from wrong_source import right_source, wrong_answers, wrong_source

from lib.assignments.cells import grade_id
from lib.grading.places import submission_folder
from lib.tasks import assess, find_task, task_names
from lib.tasks.compare import value_differences
from lib.tasks.known import has_answers
from lib.tasks.trace import trace


def written(text, task):
    """What a text defines of a task; the right answer for the rest."""
    scope = {"__name__": "__main__"}
    exec(text, scope)
    return [scope.get(name, task.references[name]) for name in task.defines]


@pytest.mark.family(share=10)
@pytest.mark.parametrize("name", [name for package in ("a1", "a2", "a3") for name in task_names(package)])
def test_a_wrong_answer_as_text_does_what_the_bank_s_does(name):
    task = find_task(name)
    assert has_answers(task)
    assert not list(
        value_differences(
            task, trace(task, task.given(), 3), trace(task, written(right_source(name), task), 3)
        )
    )
    found = [wrong for owner, wrong in wrong_answers(name.partition(".")[0]) if owner == name]
    assert found or name == "a1.regularization" or not task.wrong_answers
    for wrong in found:
        expected = trace(task, task.given(wrong.written), 3)
        came = trace(task, written(wrong_source(name, wrong), task), 3)
        assert not list(value_differences(task, expected, came)), wrong.name


def test_a_class_has_all_kinds_and_is_the_same_each_time(tmp_path):
    root = a_class.small_course(tmp_path / "course")
    expected = a_class.a_class(root, 50, seed=1, faults=0.5)
    assert expected == a_class.a_class(root, 50, seed=1, faults=0.5)
    kinds = {kind for one in expected for kind in one.kind.split("+")}
    assert kinds == {"right", "wrong", "unfinished", *a_class.FAULTS}
    for number, one in enumerate(expected):
        path = submission_folder(one.student, a_class.SMALL, root) / f"{a_class.SMALL}.ipynb"
        if one.kind == "unreadable":
            continue
        notebook = nbformat.read(path, 4)
        nbformat.validate(notebook)
        if one.kind in a_class.FAULTS:
            assert one.flags == {one.kind}
            continue
        if number > 15:
            continue
        cells = {grade_id(cell): cell.source for cell in notebook.cells}
        for key, (name, _, _, _) in a_class.TASKS.items():
            task = find_task(name)
            given = written(f"import numpy as np\n{cells[f'{key}-code']}", task)
            assert assess(task, given, [5]).earned == one.marks[f"{key}-marks"], one
    counted = collections.Counter(one.kind for one in a_class.a_class(root, 120, seed=2))
    assert 1 <= sum(counted[kind] for kind in a_class.FAULTS) <= 14


@pytest.mark.parametrize("name", ["a2", "a3"])
def test_a_real_class_has_notebooks_that_are_right_wrong_and_unfinished(tmp_path, name):
    root = a_class.real_course(tmp_path / "course", name)
    expected = a_class.a_real_class(root, name, 12, seed=3)
    assert {"right", "wrong", "unfinished"} == {kind for one in expected for kind in one.kind.split("+")}
    assert len({tuple(sorted(one.marks.items())) for one in expected}) > 3
    for one in expected:
        (path,) = (root / "submitted" / one.student).rglob("*.ipynb")
        notebook = nbformat.read(path, 4)
        nbformat.validate(notebook)
        assert not any("BEGIN SOLUTION" in cell.source for cell in notebook.cells)
        for cell in notebook.cells:
            if cell.cell_type == "code":
                compile(cell.source, path.name, "exec")
