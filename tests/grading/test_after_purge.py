"""Old files go, marks stay: the list, the table and an export say the same before and after."""

from __future__ import annotations

import argparse
import os
import shutil

import pytest
from grading_course import NAME, executed, graded, hand_in, make_course, result

from lib.assignments.originals import keep_original
from lib.grading.exports.command import export_command, grades_command
from lib.grading.gradebook.opening import open_gradebook
from lib.grading.gradebook.recorder import Recorder
from lib.grading.journal import SUBMISSION, Journal, journal_file, submission_digest
from lib.grading.places import result_file, submission_folder
from lib.grading.submissions.command import submissions_command


@pytest.fixture
def course(tmp_path):
    make_course(tmp_path)
    keep_original(NAME, {f"{NAME}.ipynb": executed(add=None, twice=None, why=None)}, tmp_path)
    journal = Journal(journal_file(NAME, tmp_path))
    with open_gradebook(tmp_path) as gradebook, Recorder(gradebook, NAME) as recorder:
        for student in ("ada", "bob"):
            hand_in(tmp_path, student)
            key = journal.note({SUBMISSION: submission_digest(submission_folder(student, NAME, tmp_path))})
            graded(tmp_path, recorder, result(student, key=key, flags=[("late", "x")]), executed(why=None))
    for path in (tmp_path / "grading").rglob("*"):
        os.utime(path, (10**9, 10**9))
    return tmp_path


def listed(root, capsys):
    capsys.readouterr()
    submissions_command(argparse.Namespace(action="list", name="a9", roster=None), root)
    return capsys.readouterr().out


def table(root):
    said = []
    grades_command(
        argparse.Namespace(assignment="a9", db="", roster=None, give_back=False), root, said.append
    )
    return "\n".join(said)


def exported(root):
    to = root / "out.csv"
    args = argparse.Namespace(
        assignment="a9", db="", roster=None, form="csv", to=to, written_pending=True, missing_zero=False
    )
    export_command(args, root, lambda text: None)
    return to.read_bytes()


def purge(root):
    args = argparse.Namespace(action="purge", before="2020-01-01", yes=True)
    assert submissions_command(args, root) == 0


def test_a_purge_changes_nothing_that_is_said(course, capsys):
    before = listed(course, capsys), table(course), exported(course)
    assert "2 graded, 0 handed in" in before[0]
    purge(course)
    assert (listed(course, capsys), table(course), exported(course)) == before


def test_who_hands_in_again_after_a_purge_is_told(course, capsys):
    purge(course)
    hand_in(course, "bob", executed(add="    return 0"))
    assert "1 handed in again" in listed(course, capsys)
    assert "handed in again" in table(course)
    with pytest.raises(ValueError, match="bob has handed in a9 again"):
        exported(course)


@pytest.mark.parametrize("too", [False, True], ids=["submission", "submission and result"])
def test_where_files_are_gone_the_marks_stay_and_both_say_so(course, capsys, too):
    shutil.rmtree(submission_folder("bob", NAME, course))
    if too:
        result_file("bob", NAME, course).unlink()
    for said in (listed(course, capsys), table(course)):
        (line,) = [line for line in said.splitlines() if line.startswith("bob")]
        assert "files gone" in line
    assert "2 graded, 0 handed in, 0 missing" in listed(course, capsys)
    assert "files gone: the marks stay" in table(course)
    assert b"bob" in exported(course)


def test_marks_of_stock_nbgrader_count_in_the_list_too(course, capsys):
    """There are no results of ours then."""
    shutil.rmtree(course / "grading")
    assert "2 graded, 0 handed in" in listed(course, capsys)


def test_a_gradebook_that_is_half_made_stops_no_list(course, capsys):
    (course / "gradebook.db").write_bytes(b"no database")
    assert "2 graded" in listed(course, capsys)
