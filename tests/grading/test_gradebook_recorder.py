"""The recorder's rows are nbgrader's own; a second time gives the same; a person's marks stay."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from grading_course import NAME, all_rows, executed, hand_in, make_course, result, rows
from sqlalchemy import select, update

from lib.grading.gradebook.cells import ASSIGNMENT, COMMENT, SUBMITTED, SUBMITTED_NOTEBOOK
from lib.grading.gradebook.opening import open_gradebook
from lib.grading.gradebook.recorder import Recorder, result_digest


@pytest.fixture
def course(tmp_path):
    return make_course(tmp_path)


@pytest.fixture
def gradebook(course):
    with open_gradebook(course) as opened:
        yield opened


def grades(gradebook, student="ada"):
    """name → (auto_score, manual_score, needs_manual_grade)."""
    from nbgrader.api import Gradebook

    with Gradebook(gradebook.url, "deep-vision") as book:
        found = book.find_submission_notebook(NAME, NAME, student)
        return {g.name: (g.auto_score, g.manual_score, g.needs_manual_grade) for g in found.grades}


def mark(gradebook, cell, score, student="ada", needed=False):
    """What formgrader does when a person marks."""
    from nbgrader.api import Gradebook

    with Gradebook(gradebook.url, "deep-vision") as book:
        grade = book.find_grade(cell, NAME, NAME, student)
        grade.manual_score, grade.needs_manual_grade = score, needed
        book.db.commit()


def test_marks_of_code_are_there_and_written_questions_wait_for_a_person(gradebook):
    with Recorder(gradebook, NAME) as recorder:
        recorder.record(result(add=6.0), executed())
    assert grades(gradebook) == {
        "add-marks": (6.0, None, False),
        "twice-marks": (6.0, None, False),
        "why": (None, None, True),
    }


def test_an_unanswered_question_has_no_marks_and_waits_for_nobody(gradebook):
    with Recorder(gradebook, NAME) as recorder:
        recorder.record(result(), executed(why=None))
    assert grades(gradebook)["why"] == (0.0, None, False)


def test_without_a_notebook_all_is_zero(gradebook):
    with Recorder(gradebook, NAME) as recorder:
        recorder.record(result(nothing=True, flags=[("missing", "nothing came")]))
    assert set(grades(gradebook).values()) == {(0.0, None, False)}


def test_a_second_time_gives_the_same_rows(gradebook):
    for _ in range(2):
        with Recorder(gradebook, NAME, batch=2) as recorder:
            for student in ("ada", "bob", "eve"):
                recorder.record(result(student), executed())
        first = all_rows(gradebook.engine)
        assert recorder.recorded() == {s: result_digest(result(s)) for s in ("ada", "bob", "eve")}
    assert all_rows(gradebook.engine) == first


def test_a_written_mark_stays_while_the_answer_does(gradebook):
    with Recorder(gradebook, NAME) as recorder:
        recorder.record(result(), executed())
        recorder.flush()
        mark(gradebook, "why", 3.0)
        recorder.record(result(add=2.0, key="other"), executed())
        recorder.flush()
        assert grades(gradebook)["why"] == (None, 3.0, False)
        recorder.record(result(), executed(why="Another answer."))
        recorder.flush()
        assert grades(gradebook)["why"] == (None, 3.0, True)
        recorder.record(result(), executed(why=None))
        recorder.flush()
        assert grades(gradebook)["why"] == (0.0, 3.0, True)


def test_a_person_who_has_changed_a_mark_of_code_is_asked_again_when_the_computer_finds_another(gradebook):
    with Recorder(gradebook, NAME) as recorder:
        recorder.record(result(add=6.0), executed())
        recorder.flush()
        mark(gradebook, "add-marks", 8.0)
        recorder.record(result(add=6.0), executed())
        recorder.flush()
        assert grades(gradebook)["add-marks"] == (6.0, 8.0, False)
        recorder.record(result(add=10.0), executed())
        recorder.flush()
        assert grades(gradebook)["add-marks"] == (10.0, 8.0, True)


def test_the_computers_comments_never_touch_those_of_a_person(gradebook):
    with Recorder(gradebook, NAME) as recorder:
        recorder.record(result(add=2.0, said=["The sign is wrong."]), executed(twice=None))
        recorder.flush()
        with gradebook.begin() as connection:
            connection.execute(update(COMMENT).values(manual_comment="Good idea."))
        recorder.record(result(add=2.0, said=["The sign is wrong."]), executed(twice=None))
    with gradebook.begin() as connection:
        found = connection.execute(select(COMMENT.c.auto_comment, COMMENT.c.manual_comment)).all()
    assert {row.auto_comment for row in found} == {"The sign is wrong.", "No response.", None}
    assert {row.manual_comment for row in found} == {"Good idea."}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (result(add=11.0), "0 to 10 marks"),
        (result(add=-1.0), "0 to 10 marks"),
        (result(add=float("nan")), "0 to 10 marks"),
    ],
)
def test_a_result_that_cannot_be_is_refused(gradebook, given, said):
    with Recorder(gradebook, NAME) as recorder, pytest.raises(ValueError, match=said):
        recorder.record(given, executed())
    assert all_rows(gradebook.engine)["submitted_assignment"] == []


def test_the_notebook_has_nbgraders_checksums_and_the_marks(gradebook, course):
    hand_in(course, "ada")
    with Recorder(gradebook, NAME) as recorder:
        recorder.record(result(add=6.0, said=["Look at the sign."]), executed())
    folder = course / "autograded" / "ada" / NAME
    notebook = json.loads((folder / f"{NAME}.ipynb").read_text("utf-8"))
    cells = {cell["id"]: cell for cell in notebook["cells"]}
    assert cells["add-marks"]["outputs"][0]["text"].startswith("a9.add: 6 of 10 marks\n")
    assert "Look at the sign." in cells["add-marks"]["outputs"][0]["text"]
    assert "secret_sum" not in json.dumps(notebook)
    checksums = {name: about["checksum"] for name, about in recorder.cells.sources.items()}
    assert {n: cells[n]["metadata"]["nbgrader"]["checksum"] for n in checksums} == checksums
    assert (folder / "timestamp.txt").read_text() == "2026-11-20 10:00:00 UTC"


def test_when_it_was_handed_in_is_recorded_and_a_late_one_loses_what_nbgraders_plugin_says(gradebook, course):
    hand_in(course, "ada", timestamp="2026-11-20 11:00:00.5 +0100")
    hand_in(course, "bob", timestamp="2026-11-22 10:00:00 UTC")
    hand_in(course, "eve", timestamp="the day before yesterday")
    gradebook.config.LateSubmissionPlugin.penalty_method = "zero"
    with Recorder(gradebook, NAME):
        pass
    with gradebook.begin() as connection:
        connection.execute(update(ASSIGNMENT).values(duedate=datetime(2026, 11, 21)))
    with Recorder(gradebook, NAME) as recorder:
        for student in ("ada", "bob", "eve"):
            recorder.record(result(student), executed())
    query = (
        select(SUBMITTED.c.student_id, SUBMITTED.c.timestamp, SUBMITTED_NOTEBOOK.c.late_submission_penalty)
        .join(SUBMITTED_NOTEBOOK, SUBMITTED_NOTEBOOK.c.assignment_id == SUBMITTED.c.id)
        .order_by(SUBMITTED.c.student_id)
    )
    with gradebook.begin() as connection:
        found = connection.execute(query).all()
        connection.execute(update(SUBMITTED).values(extension=timedelta(days=2)))
    assert [tuple(row) for row in found] == [
        ("ada", datetime(2026, 11, 20, 10, 0, 0, 500000), None),
        ("bob", datetime(2026, 11, 22, 10), 16.0),
        ("eve", None, None),
    ]
    with Recorder(gradebook, NAME) as recorder:
        recorder.record(result("bob"), executed())
    with gradebook.begin() as connection:
        assert connection.execute(query).all()[1].late_submission_penalty is None


@pytest.mark.family(share=3)
def test_the_cells_are_those_that_nbgrader_makes(tmp_path):
    ours, theirs = make_course(tmp_path / "ours"), make_course(tmp_path / "theirs")
    with open_gradebook(ours) as gradebook, Recorder(gradebook, NAME):
        mine = rows(gradebook.engine)
    nbgrader(theirs, "generate_assignment", NAME)
    with open_gradebook(theirs) as gradebook:
        stock = all_rows(gradebook.engine)
        with Recorder(gradebook, NAME):  # on nbgrader's own rows nothing changes
            pass
        assert all_rows(gradebook.engine) == stock
        assert rows(gradebook.engine) == mine


def nbgrader(root: Path, *arguments: str) -> str:
    """Runs one of nbgrader's commands, as a person does."""
    env = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    command = [sys.executable, "-m", "nbgrader", *arguments]
    run = subprocess.run(command, cwd=root, env=env, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return run.stderr
