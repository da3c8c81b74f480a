"""A run of `course grade` that finds nothing new."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace

from grading_course import NAME, executed, hand_in, make_course, result

from lib.assignments.originals import keep_original
from lib.grading import command
from lib.grading.coordinator import Class
from lib.grading.gradebook.marks import marks_in_gradebook
from lib.grading.gradebook.opening import open_gradebook
from lib.grading.places import graded_notebook, result_file
from lib.grading.results import save_result
from lib.grading.sandbox import folders
from lib.grading.sandbox.room import Limits
from lib.grading.submissions.people import keep_people
from lib.grading.submissions.roster import Person
from lib.tasks.secret import read_secret


def test_it_removes_what_a_killed_run_has_left(tmp_path, monkeypatch, capsys):
    left = tmp_path / f"{folders.PREFIX}abcd_123"
    left.mkdir()
    monkeypatch.setattr(folders, "_above", lambda: tmp_path)
    course = make_course(tmp_path / "course")
    keep_original(NAME, {f"{NAME}.ipynb": executed(add=None, twice=None, why=None)}, course)
    monkeypatch.setattr(command, "read_secret", lambda: b"a" * 64)
    args = argparse.Namespace(
        assignment="a9", student=[], workers=0, db="", mend_gradebook=False,
        cell_seconds=0.0, notebook_seconds=0.0, memory="",
    )  # fmt: skip
    assert command.grade_command(args, course) == 0
    assert "nobody has handed anything in yet" in capsys.readouterr().out
    assert not left.exists() or sys.platform == "win32"


def test_it_tries_no_sandbox_and_names_of_the_roster_reach_the_gradebook(tmp_path, monkeypatch, capsys):
    secret = tmp_path / "secret"
    secret.write_text("a" * 64)
    monkeypatch.setenv("COURSE_SECRET", str(secret))
    course = make_course(tmp_path / "course")
    keep_original(NAME, {f"{NAME}.ipynb": executed(add=None, twice=None, why=None)}, course)
    hand_in(course, "ada")
    keep_people([Person("ada", "Ada Lovelace", "ada@x.example")], course)
    key = Class(NAME, course, read_secret(), Limits()).submission("ada").key
    save_result(result_file("ada", NAME, course), replace(result("ada"), key=key))
    graded_notebook("ada", NAME, course).parent.mkdir(parents=True)
    graded_notebook("ada", NAME, course).write_bytes(executed())
    for name in ("try_all", "Examination", "check_canary"):
        monkeypatch.setattr(command, name, None)  # nobody calls them
    args = argparse.Namespace(
        assignment="a9", student=[], force=False, workers=0, scheduler="", sandbox="", unsandboxed=False,
        db="", mend_gradebook=False, cell_seconds=0.0, notebook_seconds=0.0, memory="",
    )  # fmt: skip
    assert command.grade_command(args, course) == 0
    assert "nothing is new or has changed; 1 submission as before" in capsys.readouterr().out
    with open_gradebook(course, backup=False) as gradebook:
        (marks,) = marks_in_gradebook(gradebook, NAME)
    assert (marks.first_name, marks.last_name, marks.email) == ("Ada", "Lovelace", "ada@x.example")
    assert marks.score == 16
