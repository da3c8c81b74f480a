"""Texts that would keep the maker of pages busy for hours, and letters that no file can hold."""

from __future__ import annotations

import json
import time

import pytest
from grading_course import NAME, executed, graded, hand_in, make_course, result, source

from lib.grading.exports.forms import csv_bytes
from lib.grading.feedback.clean import SOURCE, clean_html, markdown_html
from lib.grading.feedback.command import write_feedback
from lib.grading.feedback.page import LEFT_OUT, feedback_page
from lib.grading.gradebook.marks import StudentMarks, marks_in_gradebook
from lib.grading.gradebook.opening import open_gradebook
from lib.grading.gradebook.recorder import Recorder
from lib.grading.tables import table_lines

SLOW_HTML = ["<b>", "<a>", "<div>", "<p><b>", "<b></p>", "<", "&", "<!--", "<li>", "<i><b><a></i></b></a>"]


@pytest.mark.parametrize("part", SLOW_HTML)
def test_hostile_html_takes_little_time(part):
    started = time.process_time()
    shown = clean_html(part * (900_000 // len(part)))
    assert time.process_time() - started < 3
    assert len(shown) < 100_000


def test_a_thousand_attributes_take_little_time():
    started = time.process_time()
    clean_html("<p " + " ".join(f"a{number}=1" for number in range(100_000)) + ">")
    assert time.process_time() - started < 3


def test_a_large_table_and_a_large_picture_are_shown():
    row = "<tr>" + "<td>0.1234</td>" * 20 + "</tr>"
    picture = f'<img src="data:image/png;base64,{"A" * 500_000}">'
    shown = clean_html(f"<table>{row * 60}</table>{picture}")
    assert shown.count("<td>") == 1200
    assert len(shown) > 500_000


@pytest.mark.parametrize("part", ["a\n=\n", "\\\\(", "[a](", "**a ", "`a", "> ", "| a ", "\\begin{a}"])
def test_a_very_long_text_is_shown_as_it_was_typed(part):
    started = time.process_time()
    shown = markdown_html(part * (SOURCE // len(part)))
    assert time.process_time() - started < 1
    assert shown.startswith("<pre>")


def own_cells(kind, text, count):
    cell = {"cell_type": kind, "metadata": {}, "source": text}
    cell |= {"outputs": [], "execution_count": None} if kind == "code" else {}
    return [{**cell, "id": f"student-{number}"} for number in range(count)]


@pytest.mark.parametrize("kind", ["code", "markdown"])
def test_a_page_has_an_end(kind, monkeypatch):
    monkeypatch.setattr("lib.grading.feedback.page.PAGE", 200_000)
    notebook = json.loads(executed())
    notebook["cells"] += own_cells(kind, "x = 1\n" * 500, 400)
    page = feedback_page(StudentMarks("ada", NAME), notebook, source())
    assert page.count(LEFT_OUT) == 1
    assert len(page) < 300_000


def test_an_ordinary_page_is_whole():
    notebook = json.loads(executed())
    notebook["cells"] += own_cells("code", "x = 1\n" * 50, 50)
    assert LEFT_OUT not in feedback_page(StudentMarks("ada", NAME), notebook, source())


HALF = "\\ud800"  # half a letter, as JSON writes it


@pytest.mark.parametrize(
    "output",
    [
        {"output_type": "stream", "name": "stdout", "text": "HALF"},
        {"output_type": "error", "ename": "HALF", "evalue": "HALF", "traceback": ["HALF"]},
        {"output_type": "display_data", "data": {"text/html": "<b>HALF</b> \U0001f600"}, "metadata": {}},
        {"output_type": "display_data", "data": {"text/markdown": "HALF"}, "metadata": {}},
    ],
)
def test_half_letters_in_outputs_cost_nobody_a_grade_or_a_page(tmp_path, output):
    root = make_course(tmp_path)
    hand_in(root, "ada")
    content = executed(why="HALF", outputs=[output]).replace(b"HALF", HALF.encode())
    with open_gradebook(root, backup=False) as gradebook:
        with Recorder(gradebook, NAME) as recorder:
            graded(root, recorder, result(), content)
        assert marks_in_gradebook(gradebook, NAME)[0].raw_score == 16
        (page,) = write_feedback(gradebook, NAME, source())
    assert "Feedback for ada" in page.read_text("utf-8")


@pytest.mark.parametrize("text", ["\x1b[2J", "a\x07b", "\x9b31m", "\u2028", "\ud800", "\x7f"])
def test_no_table_holds_what_a_terminal_obeys(text):
    (line,) = csv_bytes([[text, "x"]]).decode("utf-8").splitlines()
    assert line.replace(" ", "").isprintable()
    assert all(row.isprintable() for row in table_lines([["student", "flags"], [text, text]]))
