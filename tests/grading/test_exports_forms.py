"""Files for learning platforms: the columns that they import, the same bytes each time, nothing wrong in."""

from __future__ import annotations

import argparse
import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from grading_course import NAME, executed, graded, hand_in, make_course, result, source
from sqlalchemy import update

from lib.assignments.archive import unpacked
from lib.assignments.originals import keep_original
from lib.grading.exports.command import class_marks, export_command, grades_command, grades_table
from lib.grading.exports.forms import FORMS, ClassMarks, Someone, check_complete, without_formula
from lib.grading.gradebook.cells import GRADE
from lib.grading.gradebook.marks import CellMarks, StudentMarks
from lib.grading.gradebook.opening import open_gradebook
from lib.grading.gradebook.recorder import Recorder
from lib.grading.report import written_line
from lib.grading.results import FLAGS


def marks(student="ada", add=6.0, why=3.0, waits=False, penalty=0.0):
    cells = (
        CellMarks("add-marks", 10, False, add, None, None, False),
        CellMarks("why", 4, True, None, why, None, waits),
    )
    return StudentMarks(student, NAME, cells=cells, penalty=penalty, comments={"why": "Well said."})


def group(*given, people=(), results=None):
    found = {(m.student, m.assignment): m for m in given}
    known = {
        m.student: Someone(m.student, f"{m.student.title()}, A", f"{m.student}@x.example") for m in given
    }
    return ClassMarks((NAME,), found, known | {p.student: p for p in people}, results or {})


def table(content: bytes):
    return list(csv.reader(io.StringIO(content.decode())))


def test_canvas_gets_its_columns_and_the_points_possible():
    lines = table(FORMS["canvas"](group(marks("bob"), marks("ada", add=2.5))))
    assert lines[0] == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", NAME]
    assert [cell.strip() for cell in lines[1]] == ["Points Possible", "", "", "", "", "14"]
    assert lines[2:] == [["Ada, A", "", "ada", "ada", "", "5.5"], ["Bob, A", "", "bob", "bob", "", "9"]]


def test_moodle_gets_id_e_mail_grade_and_feedback():
    lines = table(FORMS["moodle"](group(marks(penalty=2.0))))
    who = ["Identifier", "Full name", "ID number", "Email address"]
    assert lines[0] == [*who, "Grade", "Maximum grade", "Last modified (grade)", "Feedback comments"]
    assert lines[1][:7] == ["", "Ada, A", "ada", "ada@x.example", "7", "14", ""]
    assert lines[1][7] == "add-marks: 6 of 10; why: 3 of 4; late: −2"


def test_gradescope_gets_results_of_each_submission():
    files = unpacked(
        FORMS["gradescope"](group(marks(), results={("ada", NAME): result(add=6.0, said=["Look."])}))
    )
    assert set(files) == {f"{NAME}/ada/results.json"}
    made = json.loads(files[f"{NAME}/ada/results.json"])
    assert made["score"] == 9
    assert [set(t) for t in made["tests"]] == [
        {"name", "score", "max_score", "output", "output_format", "visibility"}
    ] * 2
    assert made["tests"][0]["output"] == "value: 6 of 6\ntypes: 0 of 4\nLook."
    assert made["tests"][1]["output"] == "Well said."


def test_csv_has_what_there_is_by_task():
    lines = table(
        FORMS["csv"](group(marks(penalty=1.0), results={("ada", NAME): result(flags=[("late", "x")])}))
    )
    assert dict(zip(*lines, strict=True)) == {
        "assignment": NAME, "student": "ada", "name": "Ada, A", "email": "ada@x.example", "score": "8",
        "max_score": "14", "raw_score": "9", "late_penalty": "1", "waiting": "", "waiting_marks": "",
        "flags": "late",
        "add-marks": "6", "why": "3",
    }  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_equal_marks_give_equal_bytes_in_whatever_order_they_come(form):
    people = [marks(name) for name in ("ada", "bob", "zoë", "Álvaro")]
    assert FORMS[form](group(*people)) == FORMS[form](group(*reversed(people)))


@pytest.mark.parametrize(
    "text", ["=cmd|'/C calc'!A0", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", "＝1", "\n=1", "\0=1"]
)
def test_no_spreadsheet_runs_what_a_student_is_called(text):
    assert without_formula(text).startswith("'")
    someone = Someone("ada", text, text, text, text)
    for form in ("csv", "canvas", "moodle"):
        for line in table(FORMS[form](group(marks(), people=[someone]))):
            assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) for cell in line)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (marks(add=10.5), "ada has 10.5 of 10 for add-marks in a9"),
        (marks(add=None), "ada waits for add-marks in a9"),
        (marks(why=None, waits=True), "ada waits for why in a9"),
        (marks(why=5.0), "ada has 5 of 4 for why in a9"),
    ],
)
def test_what_cannot_be_and_what_is_missing_is_refused(given, said):
    with pytest.raises(ValueError, match=said):
        check_complete(group(given))


def test_who_is_on_the_roster_and_has_nothing_is_missing():
    given = group(marks(), people=[Someone("eve", "Eve")])
    with pytest.raises(ValueError, match="eve has no marks for a9"):
        check_complete(given)
    check_complete(given, missing_zero=True)
    assert table(FORMS["canvas"](given))[-1] == ["Eve", "", "eve", "eve", "", "0"]


def test_whoever_has_handed_in_and_is_not_graded_yet_never_gets_zero():
    given = replace(
        group(marks(), people=[Someone("eve"), Someone("zoe")]), handed_in=frozenset({("eve", NAME)})
    )
    for missing_zero in (False, True):
        with pytest.raises(
            ValueError,
            match="are graded, got: eve has handed in a9; `course grade a9` grades",
        ):
            check_complete(given, missing_zero=missing_zero)
    table = grades_table(given, anonymous=True)
    assert table[2].split() == ["eve", "–", "not", "graded", "yet"]
    assert table[3].split() == ["zoe", "–"]


def test_a_submission_without_marks_stops_an_export_also_without_a_roster(course):
    hand_in(course, "new")
    with pytest.raises(ValueError, match="new has handed in a9"):
        export_command(arguments(written_pending=True, missing_zero=True), course)


def test_what_waits_for_a_person_is_marked_or_left_out():
    given = group(marks("ada", why=None, waits=True), marks("bob"))
    check_complete(given, written_pending=True)
    assert [line[2] for line in table(FORMS["canvas"](given))[2:]] == ["bob"]
    assert [line[2] for line in table(FORMS["moodle"](given))[1:]] == ["bob"]
    assert "why" in table(FORMS["csv"](given))[1]
    made = json.loads(unpacked(FORMS["gradescope"](given))[f"{NAME}/ada/results.json"])
    assert "A person has not marked this yet." in made["tests"][1]["output"]


def test_marks_that_a_person_still_gives_are_told_in_every_export_and_table():
    given = group(marks("ada", why=None, waits=True), marks("bob"))
    line = "a9: 10 of 14 marks are by checks, 4 by a person: 1 student waits; `course formgrader a9`"
    assert line in grades_table(given)
    both = group(marks("ada", why=None, waits=True), marks("bob", why=None, waits=True))
    assert line.replace("1 student waits", "2 students wait") in grades_table(both)
    assert not any("waits" in line for line in grades_table(group(marks())))
    head, ada, bob = table(FORMS["csv"](given))
    assert [row[head.index("waiting_marks")] for row in (ada, bob)] == ["4", ""]
    assert [one["waiting_marks"] for one in json.loads(FORMS["json"](given))] == [4.0, 0.0]
    made = json.loads(unpacked(FORMS["gradescope"](given))[f"{NAME}/ada/results.json"])
    assert made["output"] == "4 of 14 marks are by a person, who has not read the answers yet."
    assert "output" not in json.loads(unpacked(FORMS["gradescope"](given))[f"{NAME}/bob/results.json"])


def test_the_end_of_grading_says_what_a_person_marks():
    said = written_line(source(), NAME)
    assert said.startswith("Of 20 marks, 16 are by checks, and 4 by a person who reads answers")
    assert written_line(source().__class__(cells=source().cells[:5]), NAME) == ""


def test_many_that_are_refused_are_told_in_one_short_line():
    with pytest.raises(ValueError, match="and 95 more") as told:
        check_complete(group(*(marks(f"s{k}", add=11) for k in range(100))))
    assert len(str(told.value)) < 600


def test_the_table_shows_totals_flags_and_what_they_mean():
    results = {("ada", NAME): result(flags=[("late", "x"), ("copied", "y"), ("late", "z")])}
    given = group(marks("ada", why=None, waits=True), marks("bob"), results=results)
    lines = grades_table(given, anonymous=True)
    assert lines[0].split() == ["student", "a9", "flags"]
    assert lines[1].split() == ["ada", "6*", "late,", "copied"]
    assert lines[3].split() == ["of", "14"]
    assert f"late: {FLAGS['late']}" in lines
    assert len({line.index("flags") for line in lines[:1]}) == 1
    other = replace(marks("bob"), assignment="a8_other")
    both = ClassMarks(
        ("a8_other", NAME), {("bob", "a8_other"): other, ("bob", NAME): marks("bob")}, {"bob": Someone("bob")}
    )
    assert grades_table(both)[1].split() == ["bob", "9", "9", "18"]


@pytest.fixture
def course(tmp_path):
    make_course(tmp_path)
    with open_gradebook(tmp_path) as gradebook, Recorder(gradebook, NAME) as recorder:
        graded(tmp_path, recorder, result("ada", add=6.0), executed(why=None))
        graded(tmp_path, recorder, result("bob"), executed())
    return tmp_path


def arguments(**changes):
    usual = {"assignment": "", "db": "", "roster": None, "give_back": False, "form": "csv", "to": Path("x"),
             "written_pending": False, "missing_zero": False}  # fmt: skip
    return argparse.Namespace(**{**usual, **changes})


def test_an_export_from_the_gradebook(course):
    to, said = course / "out" / "grades.csv", []
    with pytest.raises(ValueError, match="bob waits for why"):
        export_command(arguments(to=to), course, said.append)
    assert not to.exists()
    assert export_command(arguments(to=to, written_pending=True), course, said.append) == 0
    first = to.read_bytes()
    assert table(first)[2][8] == "why"
    waits = "a9: 16 of 20 marks are by checks, 4 by a person: 1 student waits; `course formgrader a9`"
    assert said == [str(to), "1 student waits for a person, and is marked as such: bob", waits]
    export_command(arguments(to=to, written_pending=True), course, said.append)
    assert to.read_bytes() == first


def test_marks_that_nbgrader_has_changed_are_told_and_given_back(course):
    with open_gradebook(course) as gradebook, gradebook.begin() as connection:
        connection.execute(update(GRADE).where(GRADE.c.auto_score == 6.0).values(auto_score=0.0))
    said = []
    assert grades_command(arguments(), course, said.append) == 0
    assert "- ada: add-marks: 0 in the gradebook, 6 by `course grade`" in said[1]
    assert grades_command(arguments(give_back=True), course, said.append) == 0
    with open_gradebook(course) as gradebook:
        given = class_marks(gradebook, [NAME], ())
    assert given.marks["ada", NAME].score == 12
    said.clear()
    grades_command(arguments(), course, said.append)
    assert len(said) == 1


def test_without_marks_the_table_says_so(tmp_path):
    said = []
    assert grades_command(arguments(), make_course(tmp_path), said.append) == 0
    assert said == ["Nobody has marks yet: `course grade a1` gives them."]


@pytest.mark.parametrize(("typed", "named"), [("", "a9"), ("a9", "a9"), ("a1", "a1")])
def test_before_there_are_marks_the_hint_names_what_was_handed_in(tmp_path, typed, named):
    make_course(tmp_path)
    for name in ("a1_first", NAME):
        keep_original(name, {f"{name}.ipynb": executed(add=None)}, tmp_path)
    hand_in(tmp_path, "ada")
    said = []
    if typed != "a1":
        grades_command(arguments(), tmp_path, said.append)
        assert said == [f"Nobody has marks yet: `course grade {named}` gives them."]
        said.clear()
        grades_command(arguments(assignment="a1"), tmp_path, said.append)
        assert said == ["Nobody has marks for a1 yet: `course grade a1` gives them."]
    with pytest.raises(ValueError, match=f"got none; `course grade {named}` gives them"):
        export_command(arguments(assignment=typed), tmp_path)


def test_an_assignment_that_is_not_graded_yet_is_no_unknown_one(course):
    """Others are graded; only a name that nobody has released is refused as such."""
    keep_original("a1_first", {"a1_first.ipynb": executed(add=None)}, course)
    said = []
    assert grades_command(arguments(assignment="a1"), course, said.append) == 0
    assert said == ["Nobody has marks for a1 yet: `course grade a1` gives them."]
    with pytest.raises(ValueError, match="expected marks to export, got none; `course grade a1` gives them"):
        export_command(arguments(assignment="a1"), course)
    for command in (grades_command, export_command):
        with pytest.raises(ValueError, match="assignment: expected one of a1, a9, got 'a5'"):
            command(arguments(assignment="a5"), course)
