"""Whoever hands in again after being graded is told apart, and no old mark leaves unseen."""

from __future__ import annotations

import argparse
from types import SimpleNamespace

import pytest
from uploaded import FULL, laid, nb, small_class

from lib.grading.exports.command import grades_table
from lib.grading.exports.forms import ClassMarks, Someone, check_complete
from lib.grading.journal import SUBMISSION, Journal, journal_file, submission_digest
from lib.grading.places import result_file, submission_folder
from lib.grading.results import Result, save_result
from lib.grading.submissions.anew import handed_in_anew
from lib.grading.submissions.command import submissions_command
from lib.grading.submissions.people import keep_people
from lib.grading.submissions.roster import Person


@pytest.fixture
def root(tmp_path):
    """A class of which ada and bob are graded, and cleo is not."""
    root = small_class(tmp_path / "course")
    for student in ("ada", "bob", "cleo"):
        laid(submission_folder(student, FULL, root), {f"{FULL}.ipynb": nb("x = 1")})
    journal = Journal(journal_file(FULL, root))
    for student in ("ada", "bob"):
        key = journal.note({SUBMISSION: submission_digest(submission_folder(student, FULL, root))})
        save_result(result_file(student, FULL, root), Result(student, FULL, key))
    return root


def listed(root, capsys):
    assert submissions_command(argparse.Namespace(action="list", name="a1", roster=None), root) == 0
    heading, *rows, last = capsys.readouterr().out.splitlines()
    at = heading.index("state")
    return {row.split()[0]: row[at:].split("  ")[0].strip() for row in rows}, last


def test_the_list_says_who_has_handed_in_again(root, capsys):
    assert handed_in_anew(FULL, root) == frozenset()
    laid(submission_folder("bob", FULL, root), {f"{FULL}.ipynb": nb("x = 2")})
    assert handed_in_anew(FULL, root) == {"bob"}
    rows, last = listed(root, capsys)
    assert rows == {"ada": "graded", "bob": "handed in again", "cleo": "handed in"}
    assert last == f"{FULL}: 1 graded, 1 handed in again, 1 handed in, 0 missing, 0 late"


def test_a_file_beside_the_notebook_counts_as_well(root):
    laid(submission_folder("ada", FULL, root), {"helper.py": b"x = 3"})
    assert handed_in_anew(FULL, root) == {"ada"}


def test_without_a_journal_nobody_knows(root):
    journal_file(FULL, root).unlink()
    assert handed_in_anew(FULL, root) == frozenset()


def test_the_roster_of_former_imports_says_who_is_missing(root, capsys):
    keep_people([Person("dan", "Dan")], root)
    rows, last = listed(root, capsys)
    assert rows["dan"] == "missing"
    assert last.endswith("1 missing, 0 late")


def test_their_old_marks_are_not_exported_and_are_marked_in_the_table():
    marks = SimpleNamespace(score=8.0, waiting=False, cells=(), most=10.0, student="ada", assignment=FULL)
    place = ("ada", FULL)
    group = ClassMarks((FULL,), {place: marks}, {"ada": Someone("ada")}, anew=frozenset([place]))
    with pytest.raises(ValueError, match=r"ada has handed in a1 again; `course grade a1` grades them"):
        check_complete(group, missing_zero=True, written_pending=True)
    check_complete(ClassMarks((FULL,), {place: marks}, {"ada": Someone("ada")}))
    assert any("handed in again" in line for line in grades_table(group))
