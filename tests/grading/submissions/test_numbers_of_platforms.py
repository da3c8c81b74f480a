"""Moodle's number of a participant stands in the names of its download alone: its worksheet needs it."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import pytest
from uploaded import FULL, OTHER, ROSTER, handed_in, laid, nb, small_class

from lib.grading.exports.forms import FORMS, ClassMarks, Someone
from lib.grading.gradebook.marks import CellMarks, StudentMarks
from lib.grading.submissions.forget import forget_student
from lib.grading.submissions.importing import import_submissions
from lib.grading.submissions.numbers import numbers_of
from lib.grading.submissions.roster import read_roster


@pytest.fixture
def root(tmp_path):
    return small_class(tmp_path / "course")


@pytest.fixture
def people(tmp_path):
    (tmp_path / "class.csv").write_text(ROSTER)
    return read_roster(tmp_path / "class.csv")


def moodle(name, number):
    return f"{name}_{number}_assignsubmission_file_"


def test_the_number_of_each_is_kept_and_only_for_this_assignment(root, people, tmp_path):
    files = {
        f"{moodle('Ada Lovelace', 4001)}/a1-ada.zip": handed_in("ada"),
        f"{moodle('Bob Smith', 4002)}/mine.ipynb": nb("b"),
        f"{moodle('Ève Müller', 4003)}{FULL}.ipynb": nb("e"),  # as older versions of Moodle write it
    }
    import_submissions("a1", laid(tmp_path / "in", files), root, roster=people)
    assert numbers_of(FULL, root) == {
        "ada": {"moodle": "4001"}, "bob": {"moodle": "4002"}, "eve": {"moodle": "4003"}
    }  # fmt: skip
    assert numbers_of(OTHER, root) == {}


def test_the_number_of_a_former_import_is_found_by_the_same_download_once_more(root, people, tmp_path):
    import_submissions("a1", laid(tmp_path / "plain", {"a1-ada.zip": handed_in("ada")}), root, roster=people)
    assert numbers_of(FULL, root) == {}
    files = {f"{moodle('Ada Lovelace', 4001)}/a1-ada.zip": handed_in("ada")}
    report = import_submissions("a1", laid(tmp_path / "in", files), root, roster=people)
    assert report.unchanged == ["ada"]  # or it would be graded again
    assert numbers_of(FULL, root) == {"ada": {"moodle": "4001"}}


def test_canvas_number_is_kept_beside(root, people, tmp_path):
    files = {"lovelaceada_LATE_7001_90001_a1-ada.zip": handed_in("ada")}
    import_submissions("a1", laid(tmp_path / "in", files), root, roster=people)
    files = {f"{moodle('Ada Lovelace', 4001)}/a1-ada.zip": handed_in("ada")}
    import_submissions("a1", laid(tmp_path / "next", files), root, roster=people)
    assert numbers_of(FULL, root) == {"ada": {"canvas": "7001", "moodle": "4001"}}


def test_nobody_gets_the_number_of_somebody_else(root, people, tmp_path):
    """Bob hands in what ada gave him: her marks must not go to his account."""
    files = {f"{moodle('Bob Smith', 4002)}/a1-ada.zip": handed_in("ada")}
    import_submissions("a1", laid(tmp_path / "in", files), root, roster=people)
    assert numbers_of(FULL, root) == {}


def test_without_a_roster_two_numbers_for_one_id_are_none(root, tmp_path):
    files = {
        f"{moodle('Ada Lovelace', 4001)}/a1-ada.zip": handed_in("ada"),
        f"{moodle('Bob Smith', 4002)}/a1-ada.zip": handed_in("ada"),
        f"{moodle('Eve', 4003)}/a1-eve.zip": handed_in("eve"),
    }
    import_submissions("a1", laid(tmp_path / "in", files), root)
    assert numbers_of(FULL, root) == {"eve": {"moodle": "4003"}}


def test_another_assignments_download_gives_no_numbers(root, people, tmp_path):
    files = {f"{moodle('Ada Lovelace', 4001)}/a2-ada.zip": handed_in("ada", full=OTHER)}
    import_submissions("a1", laid(tmp_path / "in", files), root, roster=people)
    assert numbers_of(FULL, root) == {}


@pytest.mark.parametrize("content", [b"", b"[]", b"\xff", b'{"moodle": null', b"3"])
def test_a_file_that_is_none_says_nothing(root, content):
    laid(root / "grading" / "numbers" / FULL, {"ada.json": content})
    assert numbers_of(FULL, root) == {"ada": {}}


def test_whoever_is_forgotten_has_no_number(root, people, tmp_path):
    files = {f"{moodle('Ada Lovelace', 4001)}/a1-ada.zip": handed_in("ada")}
    import_submissions("a1", laid(tmp_path / "in", files), root, roster=people)
    forget_student("ada", root, yes=lambda what: True, gradebooks=lambda *args: [])
    assert numbers_of(FULL, root) == {}


def group(*assignments, lms=""):
    cells = (CellMarks("add", 10, False, 6.0, None, None, False),)
    marks = {("ada", name): StudentMarks("ada", name, cells=cells) for name in assignments}
    numbers = {("ada", FULL): {"moodle": "4001", "canvas": "7001"}}
    return ClassMarks(assignments, marks, {"ada": Someone("ada", "Ada", lms=lms)}, numbers=numbers)


def first_line(form, given):
    rows = list(csv.DictReader(io.StringIO(FORMS[form](given).decode())))
    return next(row for row in rows if row.get("ID number", row.get("SIS User ID")) == "ada")


def test_the_worksheet_and_canvas_table_have_the_number_of_their_platform():
    assert first_line("moodle", group(FULL))["Identifier"] == "Participant 4001"
    assert first_line("canvas", group(FULL))["ID"] == "7001"
    assert first_line("canvas", group(FULL, OTHER))["ID"] == "7001"


def test_the_download_counts_before_a_roster_and_that_where_there_is_none():
    assert first_line("moodle", group(FULL, lms="9"))["Identifier"] == "Participant 4001"
    assert first_line("moodle", replace(group(FULL, lms="9"), numbers={}))["Identifier"] == "Participant 9"
    assert first_line("moodle", group(OTHER, lms=""))["Identifier"] == ""
