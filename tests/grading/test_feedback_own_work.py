"""The page shows a student's own work: the text of the assignment, which all have, is left out."""

from __future__ import annotations

import json

import pytest
from nbformat.v4 import new_markdown_cell

from lib.assignments.originals import original, original_names
from lib.assignments.places import ROOT
from lib.grading.feedback.inert import inert_notebook
from lib.grading.feedback.page import feedback_page
from lib.grading.gradebook.marks import StudentMarks

OWN = '<div class="own text">'


def released_of(name):
    full, files = original(name, ROOT)
    return full, json.loads(files[f"{full}.ipynb"])


def graded_from(released):
    """The notebook as grading leaves it: cells without a name have other ids, and nothing in it runs."""
    notebook = json.loads(json.dumps(released))
    for number, cell in enumerate(notebook["cells"]):
        if "nbgrader" not in cell["metadata"]:
            cell["id"] = f"student-{number}"
    return notebook


@pytest.mark.parametrize("name", original_names(ROOT))
def test_no_text_of_a_real_assignment_is_taken_for_the_student_s(name):
    full, released = released_of(name)
    notebook = graded_from(released)
    written = [
        cell
        for cell in notebook["cells"]
        if cell["cell_type"] == "markdown" and cell["metadata"].get("nbgrader", {}).get("solution")
    ]
    marks = StudentMarks("ada", full)
    for shown in (notebook, json.loads(inert_notebook(json.dumps(notebook).encode()))):
        assert feedback_page(marks, shown, released).count(OWN) == len(written)


TEXTS = [
    "See [lecture 05](../lectures/05.ipynb).", "| part | marks |\n|---|---|\n| a | 3 |",
    "<details>Hint</details>", "$x < y$ & $y > z$", '![a picture](picture.png "title")', "`<code>`",
    "<script>1</script>", "A plain text.",
]  # fmt: skip


@pytest.mark.parametrize("text", TEXTS)
def test_text_of_the_course_is_known_and_a_changed_one_is_shown(text):
    released = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}}
    released["cells"] = [{**new_markdown_cell("# Title"), "id": "t"}, {**new_markdown_cell(text), "id": "x"}]
    for added, count in (("", 0), (" And I say so.", 1)):
        notebook = graded_from(released)
        notebook["cells"][1]["source"] += added
        inert = json.loads(inert_notebook(json.dumps(notebook).encode()))
        page = feedback_page(StudentMarks("ada", "a9_small"), inert, released)
        assert page.count(OWN) == count
