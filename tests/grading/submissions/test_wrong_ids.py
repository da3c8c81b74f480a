"""A mistyped id deletes nothing, and near ones are told; whoever is forgotten leaves no trace."""

from __future__ import annotations

import argparse
import re
import shutil
import sqlite3
from contextlib import closing

import pytest
from uploaded import FULL, handed_in, laid, small_class

from lib.grading.gradebook.opening import back_up, open_gradebook
from lib.grading.journal import Journal, journal_file
from lib.grading.places import result_file
from lib.grading.results import Result, save_result
from lib.grading.submissions.command import submissions_command
from lib.grading.submissions.forget import forget_student, known_ids, recorded_students
from lib.grading.submissions.importing import import_submissions
from lib.grading.submissions.people import keep_people
from lib.grading.submissions.roster import Person

TRACE = "Adalovelace"  # in everything that ada has left


def forget(root, student, **args):
    args = {"yes": True, "db": None, "action": "forget", "student": student} | args
    return submissions_command(argparse.Namespace(**args), root)


@pytest.fixture
def root(tmp_path):
    """A course in which ada has left something in every place, and bob in some; eve is only on the roster."""
    root = small_class(tmp_path / "course")
    for times in "12":
        laid(tmp_path, {"in/a.zip": handed_in("ada", TRACE + times), "in/b.zip": handed_in("bob", times)})
        import_submissions("a1", tmp_path / "in", root)
    keep_people([Person("ada", TRACE), Person("eve", "Eve Müller")], root)
    journal = Journal(journal_file(FULL, root))
    for name in ("ada", "bob"):
        key = journal.note({"the submission": f"digest of {name}"})
        save_result(result_file(name, FULL, root), Result(name, FULL, key))
    with open_gradebook(root, backup=False) as gradebook, gradebook.begin() as connection:
        students = "INSERT INTO student (id, first_name) VALUES (?, ?)"
        for name, first in (("ada", TRACE), ("bob", "Bob"), ("only-marks", "Zoe")):
            connection.exec_driver_sql(students, (name, first))
    back_up(f"sqlite:///{root / 'gradebook.db'}", root)
    with closing(sqlite3.connect(root / "gradebook.db")) as database:
        database.execute("DELETE FROM student WHERE id = 'only-marks'")
        database.commit()
    mine = TRACE.encode()
    laid(root, {
        f"autograded/ada/{FULL}/{FULL}.ipynb": mine,
        f"feedback/ada/{FULL}/{FULL}.html": mine,
        f"grading/results/{FULL}/ada.json.77.part": mine,
        f"grading/before-regrade/{FULL}/ada.json": mine,
        f"grading/incoming/{FULL}/ada.part/x.ipynb": mine,
        f"grading/similarity/{FULL}.html": b"<h2>ada and bob</h2>" + mine,
        "grading/backups/gradebook.db.part": b"SQLite format 3\0" + mine,
    })  # fmt: skip
    return root


def content(root):
    return {
        path: path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file() and path.name != "lock"
    }


@pytest.mark.parametrize(
    ("wrong", "near"),
    [
        ("adda", "did you mean ada?"),
        ("ADA", "did you mean ada?"),
        ("ad", "did you mean ada?"),
        ("bbo", "did you mean bob?"),
        ("eva", "did you mean eve?"),
        ("only-mark", "did you mean only-marks?"),
        ("and", "did you mean ada?"),  # a word of a page of similarity
        (FULL, "shows who has handed in"),
        ("results", "shows who has handed in"),
        ("zz9", "shows who has handed in"),
    ],
)
def test_a_wrong_id_is_told_with_near_ones_and_nothing_is_touched(root, wrong, near):
    before = content(root)
    with pytest.raises(ValueError, match="id: expected one of this course") as told:
        forget(root, wrong)
    assert str(told.value) == f"id: expected one of this course, got {wrong!r}; " + (
        near if near.startswith("did") else f"`course submissions list a1` {near}"
    )
    assert content(root) == before


def test_an_id_in_other_capitals_names_that_one_alone(root):
    keep_people([Person("ida", "Ida"), Person("dan", "Dan")], root)
    with pytest.raises(ValueError, match=r"did you mean ada\?$"):
        forget(root, "Ada")


@pytest.mark.parametrize("student", ["ada", "bob", "eve", "only-marks"])
def test_whoever_is_known_by_one_place_alone_is_forgotten_and_then_unknown(root, student):
    assert forget(root, student) == 0
    assert student not in known_ids(root) | recorded_students(root)
    with pytest.raises(ValueError, match="id: expected one of this course"):
        forget(root, student)


def test_no_trace_is_left_in_any_file(root, capsys):
    assert forget(root, "ada") == 0
    trace = re.compile(rf"{TRACE}|\bada\b".encode())
    assert [path for path, inside in content(root).items() if trace.search(inside)] == []
    assert [path for path in root.rglob("*") if path.name.startswith("ada")] == []
    assert {"the submission": "digest of bob"} in Journal(journal_file(FULL, root)).entries.values()
    assert "are yours to delete" in capsys.readouterr().out


def test_a_kill_leaves_a_student_known_and_the_command_can_be_given_again(root, monkeypatch):
    real, steps = shutil.rmtree, []

    def killed(path, *args, **more):
        steps.append(path)
        if len(steps) == 2:
            raise KeyboardInterrupt
        real(path, *args, **more)

    monkeypatch.setattr("lib.grading.submissions.forget.shutil.rmtree", killed)
    with pytest.raises(KeyboardInterrupt):
        forget_student("ada", root, yes=lambda what: True)
    monkeypatch.undo()
    assert forget(root, "ada") == 0
    assert [path for path, inside in content(root).items() if TRACE.encode() in inside] == []
