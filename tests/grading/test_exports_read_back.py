"""Each export is read back by the rules of the platform that imports it.

Canvas: lib/gradebook_importer.rb of instructure/canvas-lms. Moodle: in moodle/moodle,
mod/assign/feedback/offline/importgradeslib.php and grade/import/csv/classes/load_data.php. Gradescope:
gradescope-autograders.readthedocs.io/en/latest/specs.
"""

from __future__ import annotations

import csv
import io
import json

import pytest
from grading_course import NAME, source

from lib.assignments.archive import unpacked
from lib.assignments.originals import original_names
from lib.assignments.places import ROOT
from lib.grading.exports.forms import FORMS, ClassMarks, Someone
from lib.grading.exports.titles import task_titles, titles_of
from lib.grading.gradebook.marks import CellMarks, StudentMarks

PEOPLE = {  # id → name, as students are called; Canvas' or Moodle's number
    "ada": ("Lovelace, Ada", "11"),
    "bob": ('Robert "Bob" Smith; Jr.', "12"),
    "eve": ("Ève Müller-Þórsdóttir", "13"),
    "mal": ("=cmd|'/C calc'!A0", "14"),
    "nil": ("", ""),
    "tab": ("Tab\tand\nline", "16"),
}
SCORES = dict(zip(PEOPLE, (12.5, 14.0, 0.0, 2 / 3, 7.25, 1.0), strict=True))
TITLES = {NAME: {"add-marks": "Task 1: a sum", "why": "Question: why, “and” how; or =1?"}}


def of(student, full=NAME):
    cells = (
        CellMarks("add-marks", 10, False, min(10.0, SCORES[student]), None, None, False),
        CellMarks("why", 4, True, None, max(0.0, SCORES[student] - 10), None, False),
    )
    return StudentMarks(student, full, cells=cells, comments={"why": "Ça va, “bien”; =1+1"})


def group(*names):
    names = names or (NAME,)
    people = {
        student: Someone(student, name, f"{student}@x.example", lms)
        for student, (name, lms) in PEOPLE.items()
    }
    return ClassMarks(names, {(s, n): of(s, n) for s in PEOPLE for n in names}, people, titles=TITLES)


def canvas_reads(content: bytes, enrolled: dict[str, str], titles: dict[str, str]):
    """What Canvas takes: (student, assignment) → score.

    enrolled: number of Canvas' → SIS User ID
    titles: heading → an assignment that is there
    """
    text = content.decode()
    lines = text.split("\n")[:3]
    fields = {d: {len(next(csv.reader([line], delimiter=d))) for line in lines} for d in ";,"}
    assert len(fields[","]) == 1, "else Canvas may take another separator"
    rows = list(csv.reader(io.StringIO(text), strict=True))
    head, points = rows[0], rows[1]
    assert "Student" in head[0]
    assert "ID" in head[1]
    assert head[2:5] == ["SIS User ID", "SIS Login ID", "Section"]
    assert "Points Possible" in points[0]
    found = {}
    for row in rows[2:]:
        student = enrolled.get(row[1]) or (row[2] if row[2] in enrolled.values() else None)
        assert student is not None, "Canvas would look for the name alone"
        for at, heading in enumerate(head[5:], 5):
            assert 0 <= float(row[at]) <= float(points[at])
            found[student, titles[heading]] = float(row[at])
    return found


def moodle_worksheet_reads(content: bytes, participants: dict[str, str], most: float):
    """What “Upload grading worksheet” takes: student → (grade, feedback)."""
    rows = list(csv.reader(io.StringIO(content.decode()), strict=True))
    head = rows[0]
    assert {len(row) for row in rows} == {len(head)}, "Moodle refuses a table of uneven rows"
    at = {
        name: head.index(name)
        for name in ("Identifier", "Grade", "Last modified (grade)", "Feedback comments")
    }
    assert at["Feedback comments"] > 0, "Moodle does not see feedback in the first column"
    found = {}
    for row in rows[1:]:
        who = participants.get(row[at["Identifier"]][len("Participant ") :])
        if who and row[at["Grade"]] != "" and 0 <= float(row[at["Grade"]]) <= most:
            found[who] = (float(row[at["Grade"]]), row[at["Feedback comments"]])
    return found


def moodle_gradebook_reads(content: bytes, known: set[str], columns: dict[str, str]):
    """What the gradebook's import takes, where the teacher maps “ID number” and these headings."""
    rows = list(csv.reader(io.StringIO(content.decode()), strict=True))
    head = [name.strip() for name in rows[0]]
    assert len(set(head)) == len(head)
    found = {}
    for row in rows[1:]:
        student = row[head.index("ID number")]
        assert student in known, "Moodle stops at a user that it does not know"
        for heading, item in columns.items():
            found[student, item] = float(row[head.index(heading)])
    return found


def gradescope_reads(content: bytes):
    """What the harness of Gradescope takes: path → (score, tests)."""
    found = {}
    for path, inside in unpacked(content).items():
        made = json.loads(inside)
        assert set(made) <= {"score", "execution_time", "output", "output_format", "test_output_format",
                             "test_name_format", "visibility", "stdout_visibility", "extra_data", "tests",
                             "leaderboard"}  # fmt: skip
        assert isinstance(made["score"], float)
        for test in [made, *made["tests"]]:
            assert test["visibility"] in ("hidden", "after_due_date", "after_published", "visible")
        for test in made["tests"]:
            assert set(test) <= {"score", "max_score", "status", "name", "name_format", "number", "output",
                                 "output_format", "tags", "visibility", "extra_data"}  # fmt: skip
            assert test["output_format"] in ("text", "html", "simple_format", "md", "ansi")
            assert 0 <= test["score"] <= test["max_score"]
        found[path.split("/")[1]] = (made["score"], {test["name"]: test["score"] for test in made["tests"]})
    return found


def close(found, wanted):
    return found.keys() == wanted.keys() and all(abs(found[key] - wanted[key]) < 1e-3 for key in wanted)


@pytest.mark.parametrize("names", [(NAME,), ("a8_other", NAME)])
@pytest.mark.parametrize("numbers", [True, False])
def test_canvas_finds_every_student_and_mark(names, numbers):
    enrolled = {lms if numbers and lms else f"n{s}": s for s, (_, lms) in PEOPLE.items()}
    found = canvas_reads(FORMS["canvas"](group(*names)), enrolled, {name: name for name in names})
    assert close(found, {(s, n): score for s, score in SCORES.items() for n in names})


def test_moodles_worksheet_finds_every_participant_and_tells_titles():
    participants = {lms: student for student, (_, lms) in PEOPLE.items() if lms}
    found = moodle_worksheet_reads(FORMS["moodle"](group()), participants, 14)
    assert close(
        {s: grade for s, (grade, _) in found.items()}, {s: x for s, x in SCORES.items() if s != "nil"}
    )
    assert found["ada"][1] == "Task 1: a sum: 10 of 10; Question: why, “and” how; or =1?: 2.5 of 4"


@pytest.mark.parametrize("names", [(NAME,), ("a8_other", NAME)])
def test_moodles_gradebook_finds_every_student_and_mark(names):
    columns = {"Grade": NAME} if len(names) == 1 else {name: name for name in names}
    found = moodle_gradebook_reads(FORMS["moodle"](group(*names)), set(PEOPLE), columns)
    assert close(found, {(s, n): score for s, score in SCORES.items() for n in names})


def test_gradescope_takes_every_result():
    found = gradescope_reads(FORMS["gradescope"](group()))
    assert close({s: score for s, (score, _) in found.items()}, SCORES)
    assert list(found["ada"][1]) == list(TITLES[NAME].values())


@pytest.mark.parametrize("form", ["csv", "canvas", "moodle"])
def test_no_table_begins_with_a_mark_of_order_or_holds_a_formula(form):
    content = FORMS[form](group())
    assert not content.startswith(b"\xef\xbb\xbf"), "Moodle and pandas take it, csv does not"
    cells = [cell for row in csv.reader(io.StringIO(content.decode())) for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "@", "\t"))]
    assert not [cell for cell in cells if "\n" in cell or "\t" in cell]
    assert "Ève Müller-Þórsdóttir" in cells


@pytest.mark.parametrize("full", original_names(ROOT))
def test_every_cell_with_marks_has_a_title_of_its_own(full):
    titles = titles_of(full, ROOT)
    assert len(set(titles.values())) == len(titles) > 3
    assert not any("-marks" in title or title == "Your work" for title in titles.values())


def test_without_a_release_the_names_of_cells_stay(tmp_path):
    assert titles_of(NAME, tmp_path) == {}
    assert task_titles(source()) == {
        "add-marks": "Task 1: a sum", "twice-marks": "Task 2: twice", "why": "Question: why?",
    }  # fmt: skip
