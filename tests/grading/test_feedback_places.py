"""A page says where to look and breaks no sentence; without work there is what came and what to do."""

from __future__ import annotations

import json

import pytest
from grading_course import NAME, executed, result

from lib.grading.feedback.page import feedback_page
from lib.grading.gradebook.marks import CellMarks, StudentMarks
from lib.tasks import find_task
from lib.tasks.assess import WHOLE, WIDTH, assess
from lib.tasks.known import has_answers

MARKS = StudentMarks(
    "ada",
    NAME,
    cells=(
        CellMarks("add-marks", 10, False, 6.0, None, None, False),
        CellMarks("twice-marks", 6, False, 0.0, None, None, False),
    ),
)
NONE = StudentMarks("ada", NAME, cells=(CellMarks("add-marks", 10, False, 0.0, None, None, False),))
RELEASED = json.loads(executed(add=None, twice=None, why=None))


def page(*flags, marks=MARKS, notebook=True, **changes):
    work = json.loads(executed(**changes)) if notebook else None
    return feedback_page(marks, work, RELEASED, result(add=6.0, twice=0.0, flags=flags))


@pytest.mark.parametrize(
    ("kind", "said", "title"),
    [
        ("slow", "cell [2], “while True:”, was left out: more CPU time than allowed", "Task 1: a sum"),
        ("dead", "cell [4], “x = 1”, was left out: the kernel died", "Task 2: twice"),
        ("slow", "a9.twice: in a check: more CPU time than allowed", "Task 2: twice"),
        ("hangs", "a9.add: in a check: it was still waiting", "Task 1: a sum"),
        ("error", "cell [4], “def twice(x:”, raised SyntaxError: invalid syntax", "Task 2: twice"),
        ("unsteady", "a9.add: the same call gave two different answers", "Task 1: a sum"),
        ("refused", "a9.twice: uses lib.nn: the task is to write it", "Task 2: twice"),
        ("deleted", "Task 2: twice (6 marks) (twice-code)", "Task 2: twice"),
        ("edited", "Task 1 (add-marks) was changed", "Task 1: a sum"),
    ],
)
def test_a_note_names_the_task(kind, said, title):
    assert f" Look at “{title}”.</strong>" in page((kind, said))


def test_several_tasks_of_one_kind_are_named_in_one_note():
    made = page(("slow", "a9.add: in a check: slow"), ("slow", "a9.twice: in a check: slow"))
    assert "Look at “Task 1: a sum” and “Task 2: twice”." in made
    assert made.count("more processor time than there is") == 1


@pytest.mark.parametrize(
    "said",
    ["", "cell [99], “x”, raised", "cell [0], “x”,", "the notebook printed", "(nothing) (x y)", "a9.x: y"],
)
def test_what_names_no_place_is_told_without(said):
    made = page(("slow", said))
    assert "more processor time than there is" in made
    assert "Look at" not in made


@pytest.mark.parametrize("notebook", [True, False])
@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("unreadable", "work.ipynb: it is a PDF, and no notebook"),
        ("missing", "no notebook, only <b>x.txt</b>"),
    ],
)
def test_who_handed_in_no_notebook_reads_what_came_and_what_to_do(kind, said, notebook):
    made = page((kind, said), marks=NONE, notebook=notebook)
    assert "write this part" not in made  # of the release
    assert "<table>" not in made
    assert "What came" in made
    assert said.partition(" ")[2].replace("<", "&lt;").replace(">", "&gt;") in made
    assert "<b>x" not in made
    assert "run <code>course hand-in a9</code>" in made
    assert "0</strong> of 10 marks" in made


def test_marks_that_a_person_gave_are_shown_all_the_same():
    cells = (CellMarks("add-marks", 10, False, 0.0, 5.0, None, False),)
    made = page(("unreadable", "x: it is a PDF"), marks=StudentMarks("ada", NAME, cells=cells))
    assert "5 / 10" in made


def test_no_sentence_is_broken_where_a_line_of_a_notebook_would_end():
    task = find_task("a2.linear")
    assert has_answers(task)
    wrong = next(each for each in task.wrong_answers if "grad_weight" in each.breaks)
    report = assess(task, task.given(wrong.written), [0])
    whole = report.graded(WHOLE).split("\n")
    assert wrong.sentence in [line.strip() for line in whole]
    assert max(map(len, report.graded().split("\n"))) <= WIDTH
    broken = " ".join(report.graded().split())
    assert broken == " ".join(" ".join(whole).split())


def test_a_cell_that_was_put_back_below_the_next_heading_belongs_to_its_own_task():
    """Intake puts a deleted cell before the next one that it knows, and the student's text stays between."""
    work = json.loads(executed())
    cells = {cell["id"]: cell for cell in work["cells"]}
    order = ["title", "imports", "sum", "add-code", "double", "add-marks", "twice-code", "twice-marks"]
    work["cells"] = [cells[name] for name in order]
    made = feedback_page(
        MARKS, work, RELEASED, result(add=6.0, twice=0.0, flags=[("deleted", "x (add-marks)")])
    )
    assert '<a href="#add-marks">Task 1: a sum</a>' in made
    assert "Look at “Task 1: a sum”." in made
    first, second = (made.index(f"{title}</h2>") for title in ("Task 1: a sum", "Task 2: twice"))
    assert first < made.index('id="add-marks"') < second < made.index('id="twice-marks"')


def test_a_file_keeps_its_letters_in_what_came():
    assert f"<p>{NAME}.ipynb: it is a PDF.</p>" in page(
        ("unreadable", "a9_small.ipynb: it is a PDF"), marks=NONE
    )
