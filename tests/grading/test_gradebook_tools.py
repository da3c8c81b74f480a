"""nbgrader's own tools work on what was recorded, and no library warns that is not expected to."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import warnings
from pathlib import Path

import pytest
from grading_course import NAME, executed, graded, hand_in, make_course, result

from lib.grading.gradebook.marks import foreign_changes, give_back, marks_in_gradebook
from lib.grading.gradebook.opening import open_gradebook
from lib.grading.gradebook.recorder import Recorder

# What nbgrader says today, and why it is left. Anything else fails.
LOGGED = (
    "Attribute 'checksum' for cell",  # of every honest submission with hidden tests
    "Removing existing assignment",  # --force
    "Kernel is running over TCP without encryption",  # of every kernel that is not in a sandbox
)


def nbgrader(root: Path, *arguments: str) -> str:
    """Runs one of nbgrader's commands as a person does, in the course's environment."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    command = [sys.executable, "-m", "nbgrader", *arguments]
    run = subprocess.run(command, cwd=root, env={**os.environ, "PATH": path}, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return run.stdout + run.stderr


@pytest.fixture
def course(tmp_path):
    """A class of three: one right, one half right, one who wrote nothing."""
    make_course(tmp_path)
    notebooks = {
        "ada": executed(),
        "bob": executed(add="    return (a + b) / 2"),
        "eve": executed(add=None, twice=None, why=None),
    }
    marks = {"ada": (10.0, 6.0), "bob": (6.0, 6.0), "eve": (0.0, 0.0)}
    with open_gradebook(tmp_path) as gradebook, Recorder(gradebook, NAME) as recorder:
        for student, content in notebooks.items():
            hand_in(tmp_path, student, content)
            graded(tmp_path, recorder, result(student, *marks[student]), content)
    return tmp_path


@pytest.mark.family(share=6)
def test_nbgraders_autograde_runs_on_it_and_what_it_changes_is_found_and_given_back(course):
    said = nbgrader(course, "autograde", NAME, "--force")
    lines = [
        line
        for line in said.splitlines()
        if "| WARNING |" in line or "| ERROR |" in line or "Warning:" in line
    ]
    assert [line for line in lines if not any(known in line for known in LOGGED)] == []
    with open_gradebook(course) as gradebook:
        changes = {str(change) for change in foreign_changes(gradebook, NAME)}
        assert changes == {
            "ada: add-marks: 5 in the gradebook, 10 by `course grade`",
            "bob: add-marks: 2.5 in the gradebook, 6 by `course grade`",
        }
        assert len(give_back(gradebook, NAME)) == 2
        assert {marks.student: marks.score for marks in marks_in_gradebook(gradebook, NAME)} == {
            "ada": 16,
            "bob": 12,
            "eve": 0,
        }


@pytest.mark.family(share=6)
def test_nbgraders_feedback_export_and_lists_work_on_it(course):
    nbgrader(course, "generate_feedback", NAME)
    page = (course / "feedback" / "bob" / NAME / f"{NAME}.html").read_text("utf-8")
    assert "a9.add: 6 of 10 marks" in page
    assert "secret_sum" not in page
    assert "Score: 12.0 / 20.0" in page
    nbgrader(course, "export")
    lines = (course / "grades.csv").read_text("utf-8").splitlines()
    assert [line.split(",")[3] for line in lines[1:]] == ["ada", "bob", "eve"]
    assert [line.split(",")[9] for line in lines[1:]] == ["16.0", "12.0", "0.0"]


@pytest.mark.family(share=6)
def test_nbgraders_database_commands_and_a_new_release_work_on_it(course):
    with open_gradebook(course) as gradebook:
        before = [marks.score for marks in marks_in_gradebook(gradebook, NAME)]
    nbgrader(course, "generate_assignment", NAME, "--force")
    said = nbgrader(course, "db", "upgrade")
    assert "Traceback" not in said
    with open_gradebook(course) as gradebook:
        assert [marks.score for marks in marks_in_gradebook(gradebook, NAME)] == before
    nbgrader(course, "db", "student", "remove", "bob", "--force")
    with open_gradebook(course) as gradebook, Recorder(gradebook, NAME) as recorder:
        assert set(recorder.recorded()) == {"ada", "eve"}
        recorder.record(result("bob"), executed())
        recorder.flush()
        assert set(recorder.recorded()) == {"ada", "bob", "eve"}


def test_formgraders_lists_read_it_without_a_warning(course):
    """What Formgrader asks for, in this process, where every warning is an error."""
    from nbgrader.apps.api import NbGraderAPI
    from nbgrader.coursedir import CourseDirectory

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        folders = {"source_directory": "solutions", "release_directory": "assignments"}
        place = CourseDirectory(root=str(course), course_id="deep-vision", **folders)
        api = NbGraderAPI(place, log=logging.getLogger("formgrader"))
        (assignment,) = [a for a in api.get_assignments() if a["name"] == NAME]
        assert assignment["num_submissions"] == 3
        assert assignment["average_score"] == pytest.approx(28 / 3)
        submissions = {s["student"]: s for s in api.get_submissions(NAME)}
        assert {s: v["score"] for s, v in submissions.items()} == {"ada": 16, "bob": 12, "eve": 0}
        assert {s: v["needs_manual_grade"] for s, v in submissions.items()} == {
            "ada": True,
            "bob": True,
            "eve": False,
        }
        assert all(v["autograded"] for v in submissions.values())
        notebooks = api.get_notebook_submissions(NAME, NAME)
        assert len(notebooks) == 3
        assert sum(each["failed_tests"] for each in notebooks) == 2


def test_the_recorded_notebook_is_valid_for_nbformat_and_nbgrader(course):
    import nbformat
    from nbgrader.nbgraderformat import MetadataValidator

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for path in course.glob(f"autograded/*/{NAME}/{NAME}.ipynb"):
            notebook = nbformat.reads(path.read_text("utf-8"), as_version=4)
            nbformat.validate(notebook)
            MetadataValidator().validate_nb(notebook)
            assert json.loads(path.read_text("utf-8"))["nbformat"] == 4
