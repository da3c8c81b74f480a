"""Whatever changes marks is in the stamp of a result: where its text changes, all are graded again."""

from __future__ import annotations

import ast
import shutil
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_notebook, writes
from small_class import NAME, grade_words, make_class

from lib.grading import journal
from lib.grading.coordinator import Class, plan_class, students_of
from lib.grading.sandbox.room import Limits
from lib.tasks.task import HERE as TASKS

COURSE = TASKS.parents[1]
CHANGES_MARKS = [
    "lib/grading/intake/merge.py",
    "lib/grading/intake/reading.py",
    "lib/grading/intake/take_in.py",
    "lib/grading/intake/folder.py",
    "lib/grading/examination/judging.py",
    "lib/grading/examination/examiner.py",
    "lib/grading/examination/examination.py",
    "lib/grading/examination/integrity.py",
    "lib/grading/examination/job.py",
    "lib/grading/examination/known.py",
    "lib/grading/examination/bodies.py",
    "lib/grading/examining.py",
    "lib/grading/sandbox/bubblewrap.py",
    "lib/grading/sandbox/room.py",
    "lib/grading/sandbox/seccomp.py",
    "lib/grading/sandbox/container.py",
    "lib/grading/template/fork.py",
    "lib/grading/sandbox/kernel.py",
    "lib/grading/submissions/kept.py",
    "lib/grading/results.py",
    "lib/assignments/cells.py",
    "lib/tasks/compare.py",
    "lib/tasks/facts.py",
    "lib/tasks/forbidden.py",
    "lib/tasks/grade.py",
    "lib/tasks/values.py",
    "lib/tasks/a9/words.py",
    "lib/tasks/a9/answers/words.py",
    "lib/nn/linear.py",
    "lib/graph/evaluate.py",
    "data_loaders/shapes10.py",
]
CHANGES_NONE = [
    "lib/grading/report.py",
    "lib/grading/progress.py",
    "lib/grading/lock.py",
    "lib/grading/exports/forms.py",
    "lib/grading/feedback/page.py",
    "lib/grading/similarity/page.py",
    "lib/tasks/a8/words.py",
    "lib/commands.py",
    "lib/demos/slope.py",
]
OF_NO_MARKS = {  # what examining imports, and why it is not in the stamp
    "lib/grading/coordinator.py": "decides which are graded",
    "lib/grading/journal.py": "makes the stamp",
    "lib/grading/limits.py": "a result says under which limits it was made",
    "lib/grading/scheduled.py": "a worker of another version is refused",
    "lib/grading/pool.py": "runs threads",
    "lib/grading/progress.py": "a bar",
    "lib/grading/places.py": "paths",
    "lib/grading/steps.py": "only types",
    "lib/grading/regrade.py": "compares results",
    "lib/grading/feedback/": "pages, after the marks",
    "lib/grading/gradebook/": "takes marks as they are",
    "lib/assignments/archive.py": "archives of whole files",
    "lib/assignments/leaks.py": "refuses a release",
    "lib/assignments/missing.py": "words of an error",
    "lib/assignments/nbgrader_settings.py": "where a release is made, and the address of the gradebook",
    "lib/assignments/places.py": "paths",
    "lib/assignments/plain_words.py": "words of errors",
    "lib/assignments/release.py": "makes the release, which is in the stamp",
    "lib/assignments/reset.py": "for students",
    "lib/assignments/run.py": "for releases",
    "lib/assignments/__init__.py": "empty",
    "lib/grading/__init__.py": "empty",
}


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """The course's Python files, to be changed."""
    course = tmp_path_factory.mktemp("stamp")
    for top in ("lib", "data_loaders"):
        ignored = shutil.ignore_patterns("__pycache__", "*.json", "*.zip", "*.js", "*.npz")
        shutil.copytree(COURSE / top, course / top, ignore=ignored)
    for name in ("a8/words.py", "a9/words.py", "a9/answers/words.py"):
        path = course / "lib" / "tasks" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x = 1\n")
    return course


@pytest.fixture
def graded(copy, tmp_path, monkeypatch):
    monkeypatch.setattr(journal, "COURSE", copy)
    monkeypatch.setattr(journal, "TASKS", copy / "lib" / "tasks")
    make_class(tmp_path, {"ada": "one", "bob": "two"})
    grade_words(tmp_path)
    return tmp_path


def again(root):
    """Who would be graded."""
    group = Class(NAME, root, b"s" * 32, Limits())
    return [submission.student for submission in plan_class(group, students_of(NAME, root), None).todo]


@pytest.mark.family(share=4)
@pytest.mark.parametrize("name", CHANGES_MARKS + CHANGES_NONE)
def test_all_are_graded_again_where_the_text_of_such_a_file_changes(graded, copy, name):
    assert again(graded) == []
    path = copy / name
    before = path.read_text("utf-8")
    try:
        path.write_text(before + "\n# another line\n", "utf-8")
        assert again(graded) == (["ada", "bob"] if name in CHANGES_MARKS else [])
    finally:
        path.write_text(before, "utf-8")
    assert again(graded) == []


def test_all_are_graded_again_where_a_file_is_added(graded, copy):
    path = copy / "lib" / "grading" / "examination" / "more_rules.py"
    path.write_text("")
    try:
        assert again(graded) == ["ada", "bob"]
    finally:
        path.unlink()


def source(call, points=10):
    """An instructors' notebook whose hidden lines say what has marks."""
    said = {"grade": True, "grade_id": "m", "locked": True, "schema_version": 3, "solution": False}
    text = f"### BEGIN HIDDEN TESTS\n{call}\n### END HIDDEN TESTS"
    return writes(
        new_notebook(cells=[new_code_cell(text, metadata={"nbgrader": {**said, "points": points}})])
    )


def test_all_are_graded_again_where_the_hidden_lines_of_the_solutions_change(graded):
    path = graded / "solutions" / NAME / f"{NAME}.ipynb"
    path.parent.mkdir(parents=True)
    path.write_text(source('grade("a9.words", words)'))
    assert again(graded) == ["ada", "bob"]
    grade_words(graded)
    path.write_text(source('grade("a9.words", words)  # the same'))
    assert again(graded) == []
    for text in (source('grade("a9.words", sentences)'), source('grade("a9.words", words)', points=12)):
        path.write_text(text)
        assert again(graded) == ["ada", "bob"]


def imported(file):
    """Names of modules of the course that a file imports, functions that it takes from them among these."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{name.name}" for name in node.names)
        elif isinstance(node, ast.Import):
            yield from (name.name for name in node.names)


def test_all_that_examining_imports_is_in_the_stamp_or_changes_no_marks():
    found: set[Path] = set()
    left = ["lib.grading.examining", "lib.grading.examination.examiner", "lib.grading.template.server"]
    while left:
        path = COURSE.joinpath(*left.pop().split("."))
        for file in (path.with_suffix(".py"), path / "__init__.py"):
            if file.exists() and file not in found:
                found.add(file)
                left += imported(file)
    stamped = journal.files_of_course((*journal.GRADERS, *journal.LIBRARY, "lib/tasks/**/*.py"))
    names = {file.relative_to(COURSE).as_posix() for file in found - stamped}
    asked = {name for name in names if name.startswith(("lib/grading/", "lib/assignments/"))}
    assert {name for name in asked if not name.startswith(tuple(OF_NO_MARKS))} == set()
