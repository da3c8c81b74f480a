"""Each export is read back by the rules of the platform that imports it.

Canvas: lib/gradebook_importer.rb of instructure/canvas-lms. Moodle: in moodle/moodle,
mod/assign/feedback/offline/importgradeslib.php and grade/import/csv/classes/load_data.php. Gradescope:
gradescope-autograders.readthedocs.io/en/latest/specs.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import io
import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest
from grading_course import NAME, executed, graded, make_course, result, source

from lib.assignments.archive import unpacked
from lib.assignments.originals import keep_original, original_names
from lib.assignments.places import ROOT
from lib.grading.exports.command import export_command, grades_table
from lib.grading.exports.forms import FORMS, ClassMarks, Someone, check_complete
from lib.grading.exports.titles import task_titles, titles_of
from lib.grading.gradebook.marks import CellMarks, StudentMarks
from lib.grading.gradebook.opening import open_gradebook
from lib.grading.gradebook.recorder import Recorder

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


PROGRAM = """
import sys
from pathlib import Path
sys.path[:0] = [str(Path(name)) for name in sys.argv[1:]]
from test_exports_read_back import NAME, all_exports
print(all_exports())
"""


def all_exports() -> str:
    """A digest of every form, of one assignment and of two, and of the table."""
    whole = hashlib.sha256()
    for names in ((NAME,), ("a8_other", NAME)):
        results = {(s, n): result(s, flags=[("late", "x"), ("copied", "y")]) for s in PEOPLE for n in names}
        given = replace(group(*names), results=results)
        for form in FORMS.values():
            whole.update(form(given))
        whole.update("\n".join(grades_table(given)).encode())
    return whole.hexdigest()


@pytest.mark.family(share=20)
@pytest.mark.parametrize("seed", ["0", "1", "2"])
def test_exports_are_the_same_bytes_under_every_seed_of_hashes(seed):
    """The order of sets and of names is another one in each process of Python."""
    place = Path(__file__).parent
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(place), str(place.parents[1])],
        env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, text=True, timeout=200, check=True,
    )  # fmt: skip
    assert run.stdout.strip() == all_exports()


@pytest.fixture
def course(tmp_path):
    make_course(tmp_path)
    keep_original(NAME, {f"{NAME}.ipynb": nbformat.writes(source()).encode()}, tmp_path)
    with open_gradebook(tmp_path) as gradebook, Recorder(gradebook, NAME) as recorder:
        graded(tmp_path, recorder, result("ada", add=6.0), executed(why=None))
        graded(tmp_path, recorder, result("bob"), executed())
    return tmp_path


def exported(course, form, **changes):
    said = []
    usual = {"assignment": "", "db": "", "roster": None, "form": form, "to": course / f"{form}.out"}
    wanted = {"written_pending": True, "missing_zero": False, **changes}
    assert export_command(argparse.Namespace(**usual, **wanted), course, said.append) == 0
    return (course / f"{form}.out").read_bytes(), said


@pytest.mark.parametrize("form", FORMS)
def test_exported_twice_the_bytes_are_the_same_and_tasks_have_titles(course, form):
    first, said = exported(course, form)
    assert exported(course, form) == (first, said)
    if form in ("moodle", "gradescope"):
        assert b"Task 1: a sum" in first
    assert any("20 marks" in line for line in said)


BETWEEN = "grades: expected every score between 0 and its maximum, got: ada has "


@pytest.mark.parametrize(
    ("score", "words"),
    [
        (10.5, f"{BETWEEN}10.5 of 10 for add-marks in a9; `course formgrader a9` shows who gave it"),
        (float("nan"), f"{BETWEEN}nan of 10 for add-marks in a9; "),
        (float("inf"), f"{BETWEEN}inf of 10 for add-marks in a9; "),
        (-1.0, f"{BETWEEN}-1 of 10 for add-marks in a9; "),
        (
            None,
            "grades: expected marks for everybody, got: ada waits for add-marks in a9; `course grade a9 --fo",
        ),
    ],
)
def test_what_is_refused_is_said_with_what_to_do(score, words):
    cells = (CellMarks("add-marks", 10, False, score, None, None, False),)
    given = ClassMarks(
        (NAME,), {("ada", NAME): StudentMarks("ada", NAME, cells=cells)}, {"ada": Someone("ada")}
    )
    with pytest.raises(ValueError, match=re.escape(words)):
        check_complete(given, written_pending=True, missing_zero=True)
