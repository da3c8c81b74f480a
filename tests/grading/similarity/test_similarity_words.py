"""What page and terminal say of pairs: tasks by their titles, and "usual" only where that is known."""

from __future__ import annotations

import argparse
import html
import re

import pytest
from authors import a_made_class, hand_in
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from lib.assignments.cells import read_notebook
from lib.assignments.originals import original
from lib.assignments.places import ROOT
from lib.grading.similarity.command import similarity_command
from lib.grading.similarity.comparison import ComparedClass, compared, titles_by_task
from lib.grading.similarity.page import report_page
from lib.grading.similarity.ranking import MANY, Alike, Common, times_usual, usual_weight
from lib.grading.similarity.written import asked
from lib.tasks import find_task
from lib.tasks.known import has_answers


def pair(number, weight=10.0):
    return Alike(f"a{number}", f"b{number}", (Common("a2.relu", 0.9, weight),))


@pytest.mark.parametrize("count", [0, 1, 2, MANY // 2 - 1])
def test_of_few_pairs_nobody_knows_what_is_usual(count):
    assert usual_weight([pair(number) for number in range(count)]) == 0.0
    assert times_usual(pair(0), 0.0) == ""


def test_of_many_the_middle_one_is_usual():
    pairs = [pair(0, 80.0), *(pair(number) for number in range(1, MANY))]
    assert usual_weight(pairs) == 10.0
    assert [times_usual(each, 10.0) for each in pairs[:2]] == ["8.0 times the usual", "as usual"]


def run(root, capsys):
    args = argparse.Namespace(name="a7", to=None, last_year=None, pairs=30, ask=None, seed=0)
    assert similarity_command(args, root) == 0
    return capsys.readouterr().out


def test_where_nobody_has_the_mark_that_is_said_and_nobody_shall_look(tmp_path, capsys):
    released, _ = a_made_class(tmp_path, 0)
    hand_in(tmp_path, "ada", released, {})
    said = run(tmp_path, capsys)
    assert "Nobody has the mark “similar”" in said
    assert "0 submissions" not in said
    assert "reading 1 submission\n" in said


def test_two_copies_in_a_small_class_have_a_share_and_no_times(tmp_path, capsys):
    released, written = a_made_class(tmp_path, 4)
    for student in ("ada", "bob"):
        hand_in(tmp_path, student, released, written["s001"])
    said = run(tmp_path, capsys)
    (line,) = [line for line in said.splitlines() if line.startswith("ada · bob: ")]
    assert "% of the rarer code" in line
    assert "usual" not in line
    assert "1.0" not in line
    assert "have the mark “similar” in `course grades a7`." in said
    page = report_page(compared("a7", tmp_path))
    assert "1.0 times" not in page
    assert '<td class="number">–</td>' in page


@pytest.mark.parametrize(
    ("name", "titles"),
    [
        ("a2", {"a2.relu": "Task 4: ReLU", "a2.cross_entropy": "Task 7: the cross-entropy criterion"}),
        ("a4", {}),
    ],
)
def test_tasks_of_the_assignments_have_the_titles_that_students_know(name, titles):
    full, files = original(name, ROOT)
    release = read_notebook(files[f"{full}.ipynb"], full)
    wanted = asked(release)
    found = titles_by_task(release, wanted)
    assert titles.items() <= found.items()
    assert set(wanted.tasks) <= set(found)
    assert len(set(found.values())) == len(found)


def test_two_tasks_below_one_heading_keep_their_names_too():
    def solution(name):
        said = {"grade_id": f"{name}-code", "solution": True, "grade": False, "locked": False}
        said |= {"schema_version": 3, "task": False}
        return new_code_cell(f"def {name}():\n    pass", metadata={"nbgrader": said})

    cells = [new_markdown_cell("## Task 1: both (5 marks)"), solution("one"), solution("two")]
    checks = [new_code_cell(f'check("a9.{name}", {name})') for name in ("one", "two")]
    release = new_notebook(cells=[*cells, *checks])
    found = titles_by_task(release, asked(release))
    assert found == {"a9.one": "Task 1: both (a9.one)", "a9.two": "Task 1: both (a9.two)"}


def with_slips(task, *slips):
    """Two who have given the same wrong answers of a task."""
    pairs = [Alike("ada", "bob", (Common(task, 0.0, 99.0, slips),))]
    return ComparedClass("a2_x", {"ada": {}, "bob": {}}, frozenset(), pairs, {task: "Task 4: ReLU"})


def test_a_shared_wrong_answer_is_told_by_the_sentence_that_its_student_reads():
    task = find_task("a2.relu")
    assert has_answers(task)
    by_sentence: dict[str, list[str]] = {}
    for wrong in task.wrong_answers:
        by_sentence.setdefault(wrong.sentence, []).append(wrong.name)
    sentence, (first, second, *_) = next(item for item in by_sentence.items() if len(item[1]) > 1)
    other, (third, *_) = next(item for item in by_sentence.items() if item[0] != sentence)
    given = with_slips("a2.relu", first, third, second)
    said = given.in_words(given.pairs[0].tasks[0])
    assert said == f"Task 4: ReLU: the same rare wrong answer: “{sentence}” “{other}”"
    page = html.unescape(report_page(given))
    assert said in page
    assert not [name for name in (first, second, third) if re.search(rf"\b{name}\b", page)]


@pytest.mark.parametrize("task", ["a2.relu", "a7.made"])
def test_a_wrong_answer_that_the_course_no_longer_knows_keeps_its_name(task):
    given = with_slips(task, "OfLastYear")
    said = given.in_words(given.pairs[0].tasks[0])
    assert said == "Task 4: ReLU: the same rare wrong answer: “OfLastYear”"


def test_a_title_can_do_nothing_on_the_page():
    common = Common("a9.x", 0.9, 99.0)
    pairs = [Alike("ada", "bob", (common,))]
    given = ComparedClass("a9_x", {"ada": {}, "bob": {}}, frozenset(), pairs, {"a9.x": "<script>1</script>"})
    assert "<script>" not in report_page(given)
    assert "&lt;script&gt;1" in report_page(given)
