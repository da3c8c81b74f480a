"""A class of three, graded by `course grade` in a file and on a server; then stock nbgrader runs by hand."""

from __future__ import annotations

import contextlib
import csv
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from a_class import SMALL, _cell, _released, _save, small_course
from postgres_server import private_server

ROOT = Path(__file__).parents[2]
RELU = "class ReLU:\n    def forward(self, x):\n        return np.maximum(x, 0)\n\n"
RELU += "    def backward(self, x, grad_output, scale=1.0):\n        return {}\n"
ANSWERS = {"ada": "grad_output * (x > 0)", "bob": "grad_output", "eve": ""}  # the backward of each
NOISE = (  # what may be in what nbgrader says, beside what it tells of its work
    "Attribute 'checksum' for cell",  # of every honest submission with hidden tests
    "Kernel is running over TCP without encryption",
    "SAWarning: Object of type <SubmittedAssignment> not in session",
    "(This warning originated from the Session",
    "Removing existing assignment",
)


@pytest.fixture(scope="module", params=["file", "server"])
def course(request, tmp_path_factory):
    """The course with three submissions, its command, and nbgrader's."""
    if sys.platform != "linux" or not shutil.which("bwrap"):
        pytest.skip("the sandbox of this test is bubblewrap")
    root = small_course(tmp_path_factory.mktemp("course"))
    for student, backward in ANSWERS.items():
        notebook = _released(root, SMALL)
        if backward:
            _cell(notebook, "relu-code").source = RELU.format(backward)
        _save(root, SMALL, student, notebook)
    with private_server() if request.param == "server" else contextlib.nullcontext("") as url:
        commands = Commands(root, url)
        commands.run("lib.cli", "release", "a2")  # makes the secret
        yield commands


class Commands:
    """Runs programs in a course; db: the gradebook's address or ""."""

    def __init__(self, root, db):
        self.root, self.db = root, db
        paths = [str(Path(sys.executable).parent), os.environ["PATH"]]
        self.env = {
            **os.environ, "PYTHONPATH": str(root), "COURSE_SECRET": str(root.parent / "secret"),
            "PATH": os.pathsep.join(paths),
        }  # fmt: skip

    def course(self, *command):
        return self.run("lib.cli", *command, *(["--db", self.db] if self.db else []))

    def nbgrader(self, *command):
        said = self.run("nbgrader", *command, *([f"--CourseDirectory.db_url={self.db}"] if self.db else []))
        odd = [line for line in said.splitlines() if "warn" in line.lower() or "error" in line.lower()]
        assert [line for line in odd if not any(known in line for known in NOISE)] == []
        return said

    def run(self, module, *command):
        run = [sys.executable, "-m", module, *command]
        done = subprocess.run(
            run, cwd=self.root, env=self.env, capture_output=True, text=True, timeout=1000, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return done.stdout + done.stderr

    def marks(self):
        """What `course grades` shows: student → marks."""
        lines = self.course("grades").splitlines()
        return {line.split()[0]: float(line.split()[1]) for line in lines[1:4]}


@pytest.mark.family(share=20)
def test_points_that_autograde_took_are_told_and_given_back(course):
    course.course("grade", "a2")
    ours = course.marks()
    assert ours["ada"] == 10
    assert 0 < ours["bob"] < 10
    assert ours["eve"] == 0
    assert "nbgrader autograde" not in course.course("grades")

    course.nbgrader("autograde", SMALL, "--force")  # finds the same, and nothing is said
    assert "Somebody ran" not in course.course("grades")
    assert course.marks() == ours
    secret = Path(course.env.pop("COURSE_SECRET"))  # as on a computer that lacks it
    course.env["COURSE_SECRET"] = str(secret.with_name("none"))
    course.nbgrader("autograde", SMALL, "--force")
    course.env["COURSE_SECRET"] = str(secret)
    said = course.course("grades")
    assert "Somebody ran `nbgrader autograde` over these marks" in said
    assert "bob: relu-marks: " in said
    assert "`course grades --give-back`" in said
    assert "Given back" in course.course("grades", "--give-back")
    assert course.marks() == ours
    assert "Somebody ran" not in course.course("grades")

    assert {"ada", "bob", "eve"} <= {
        word for line in course.nbgrader("db", "student", "list").splitlines() for word in line.split()
    }
    assert SMALL in course.nbgrader("db", "assignment", "list")
    course.nbgrader("export")
    with open(course.root / "grades.csv", encoding="utf-8", newline="") as file:
        exported = {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}
    assert exported == ours
    course.nbgrader("generate_feedback", SMALL, "--force")
    for student in ANSWERS:
        page = course.root / "feedback" / student / SMALL / f"{SMALL}.html"
        assert f"Score: {ours[student]}" in page.read_text("utf-8")
    course.course("grade", "a2")  # goes on in it: there is nothing to grade again
    assert course.marks() == ours
