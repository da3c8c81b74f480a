"""The mark “similar”: for the instructor's table alone, as long as both submissions are as they were."""

import argparse
import json
import random

import pytest
from authors import NAME, a_made_class, alone, disguised, hand_in

from lib.grading.exports.command import grades_table
from lib.grading.exports.forms import FORMS, ClassMarks, Someone
from lib.grading.feedback.page import FLAGS as TOLD
from lib.grading.gradebook.marks import CellMarks, StudentMarks
from lib.grading.places import result_file
from lib.grading.results import FLAGS, Result, TaskMarks, save_result
from lib.grading.similarity.attention import similar_students, similarity_file
from lib.grading.similarity.command import similarity_command
from lib.grading.submissions.forget import pages_about


@pytest.fixture
def course(tmp_path):
    """Twelve who wrote alone, and one who has copied a task and disguised it; `run` compares them."""
    root = tmp_path / "course"
    released, written = a_made_class(root, 12)
    rng = random.Random(1)
    taken = alone(rng) | {"a7.route": disguised(written["s004"]["a7.route"], rng)}
    hand_in(root, "copy", released, taken)

    def run(**more):
        usual = {"name": "a7", "to": None, "last_year": None, "pairs": 30, "ask": None, "seed": 0}
        assert similarity_command(argparse.Namespace(**usual | more), root) == 0
        return similar_students(NAME, root)

    return root, released, written, run


def test_who_shares_rare_code_has_it_and_who_wrote_alone_has_not(course, capsys):
    root, _, _, run = course
    assert similar_students(NAME, root) == frozenset()
    assert run() == {"copy", "s004"}
    assert "2 submissions have the mark “similar”" in capsys.readouterr().out


def test_it_goes_for_both_when_one_hands_in_again_and_each_run_makes_it_anew(course):
    root, released, written, run = course
    run()
    mine = alone(random.Random(2))
    hand_in(root, "copy", released, mine)
    assert similar_students(NAME, root) == frozenset()
    assert run() == frozenset()
    hand_in(root, "copy", released, mine | {"a7.route": written["s007"]["a7.route"]})
    assert run() == {"copy", "s007"}
    assert run() == {"copy", "s007"}


@pytest.mark.parametrize("student", ["copy", "s004"])
def test_it_goes_where_one_is_gone(course, student):
    root, _, _, run = course
    run()
    for path in (root / "submitted" / student / NAME).iterdir():
        path.unlink()
    assert similar_students(NAME, root) == frozenset()
    (root / "submitted" / student / NAME).rmdir()
    assert similar_students(NAME, root) == frozenset()


def test_one_pair_that_changed_leaves_the_others(course):
    root, released, written, run = course
    hand_in(root, "third", released, alone(random.Random(5)) | {"a7.settle": written["s009"]["a7.settle"]})
    assert run() == {"copy", "s004", "third", "s009"}
    hand_in(root, "copy", released, alone(random.Random(6)))
    assert similar_students(NAME, root) == {"third", "s009"}


def test_a_rare_wrong_answer_in_common_gives_it(course):
    root, _, written, run = course
    for student in written:
        slips = ("Transposed",) if student in ("s001", "s002") else ()
        marks = TaskMarks("linear-marks", "a7.linear", 10, 5, slips=slips)
        save_result(result_file(student, NAME, root), Result(student, NAME, "key", (marks,)))
    assert run() == {"copy", "s004", "s001", "s002"}


def test_of_two_years_this_one_has_it(course, tmp_path):
    _, released, written, run = course
    hand_in(tmp_path / "before", "old", released, written["s008"])
    assert run(last_year=tmp_path / "before") == {"copy", "s004", "s008"}


@pytest.mark.parametrize(
    "content", ["", "[]", "{", '{"pairs": 3}', '{"pairs": [["a"]], "handed in": 1}', "\0"]
)
def test_a_file_of_another_kind_marks_nobody(course, content):
    root, *_ = course
    similarity_file(NAME, root).parent.mkdir(parents=True)
    similarity_file(NAME, root).write_text(content)
    assert similar_students(NAME, root) == frozenset()


def test_the_file_holds_no_code_is_private_and_goes_with_a_student(course):
    root, _, _, run = course
    run()
    file = similarity_file(NAME, root)
    assert set(json.loads(file.read_text())) == {"pairs", "handed in"}
    assert file.stat().st_mode & 0o077 == 0
    assert file in pages_about("s004", root)
    assert file not in pages_about("s001", root)


def test_it_is_in_the_table_and_in_no_export_and_no_page():
    cell = CellMarks("linear-marks", 10, False, 5.0, None, None, False)
    marks = {(s, NAME): StudentMarks(s, NAME, cells=(cell,)) for s in ("ada", "bob")}
    group = ClassMarks((NAME,), marks, {s: Someone(s) for s in ("ada", "bob")})
    table = grades_table(group, {("ada", NAME)})
    assert table[1].split() == ["ada", "5", "similar"]
    assert table[2].split() == ["bob", "5"]
    assert f"similar: {FLAGS['similar']}; `course similarity a7` shows both" in table
    assert not any(b"similar" in form(group) for form in FORMS.values())
    assert "similar" not in TOLD
