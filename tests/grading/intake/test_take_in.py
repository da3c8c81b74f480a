"""Every clumsy notebook ends in one that can be graded, and a flag says what was odd."""

from __future__ import annotations

import json

import pytest
from handed import (
    CELLS,
    RIGHT,
    SOLVED,
    course,
    flags,
    hand_over,
    locked,
    marks,
    plain,
    solved,
    sources,
    stub,
    tagged,
    taken,
    values,
)

from lib.assignments.cells import grade_id
from lib.assignments.originals import original, original_names, write_files
from lib.assignments.places import ROOT
from lib.grading.intake.merge import ELSEWHERE
from lib.grading.intake.take_in import released_notebook, take_in
from lib.grading.results import FLAGS


@pytest.fixture
def root(tmp_path):
    return course(tmp_path)


def without(cells, *names):
    return [cell for cell in cells if cell.get("id") not in names]


def after(cells, name, *more):
    """The cells with further ones after the one of this name."""
    place = next(number for number, cell in enumerate(cells) if cell.get("id") == name)
    return [*cells[: place + 1], *more, *cells[place + 1 :]]


def the(cells, name):
    return next(cell for cell in cells if cell.get("id") == name)


@pytest.mark.parametrize("name", original_names(ROOT))
def test_an_untouched_release_stays_as_it_is(name, tmp_path):
    release = released_notebook(name, ROOT)
    write_files(tmp_path, original(name, ROOT)[1])
    intake = take_in(name, tmp_path, ROOT)
    assert intake.flags == ()
    assert [cell.source for cell in intake.notebook.cells] == [cell.source for cell in release.cells]


def test_an_honest_submission_has_no_flag(root):
    intake = taken(root, solved())
    assert intake.flags == ()
    assert sources(intake) == SOLVED
    assert values(intake) == RIGHT


def test_nothing_handed_in_is_missing(root):
    intake = take_in("a1", root / "submitted" / "ada" / "a1_small", root)
    assert flags(intake) == {"missing": "nothing was handed in"}
    assert sources(intake)["one"] == stub("f")


def test_a_deleted_solution_becomes_the_stub_of_the_release(root):
    intake = taken(root, without(solved(), "one"))
    assert flags(intake) == {"deleted": "Task 1 (one)"}
    assert sources(intake) == SOLVED | {"one": stub("f")}
    assert values(intake) == RIGHT | {"f": "NotImplementedError"}


def test_deleted_locked_and_marked_cells_come_back(root):
    intake = taken(root, without(solved(), "imports", "one-check", "one-marks", "two-marks"))
    assert flags(intake) == {
        "deleted": "Assignment (imports); Task 1 (one-check); Task 1 (one-marks); Task 2 (two-marks)"
    }
    assert values(intake) == RIGHT


def test_of_a_solution_that_is_there_twice_the_last_counts_and_the_first_runs_before_it(root):
    helper = tagged("one", "def helper(x):\n    return x", solution=True)
    cells = solved(one="def f(x):\n    return helper(x)")
    for place in ("imports", "one-text"):
        intake = taken(root, after(cells, place, helper))
        assert flags(intake) == {"duplicated": "Task 1 (one), 2 times"}
        assert sources(intake)["one"] == "def f(x):\n    return helper(x)"
        assert values(intake) == RIGHT


def test_an_experiment_in_a_copy_below_does_not_cost_the_solution(root):
    intake = taken(root, after(solved(), "one", tagged("one", "f(1)", solution=True)))
    assert flags(intake) == {"duplicated": "Task 1 (one), 2 times"}
    assert values(intake) == RIGHT


def test_copies_of_locked_cells_are_dropped_where_they_are_unchanged(root):
    cells = after(solved(), "one-marks", marks("one-marks"), marks("one-marks"))
    intake = taken(root, cells)
    assert flags(intake) == {"duplicated": "Task 1 (one-marks), 3 times"}
    assert len(intake.notebook.cells) == len(CELLS)


def test_the_unchanged_one_of_a_locked_cell_and_its_changed_copies_counts(root):
    cells = after(solved(), "imports", locked("imports", "mine = 5"))
    intake = taken(root, cells)
    assert flags(intake) == {"duplicated": "Assignment (imports), 2 times"}
    assert "mine = 5" in [cell.source for cell in intake.notebook.cells]


def test_edited_locked_and_marked_cells_are_put_back_and_named(root):
    cells = solved()
    the(cells, "one-check")["source"] = "pass"
    the(cells, "two-marks")["source"] = "grade = lambda *args: 100"
    intake = taken(root, cells)
    assert flags(intake) == {"edited": "Task 1 (one-check) was changed; Task 2 (two-marks) was changed"}
    assert "pass" not in [cell.source for cell in intake.notebook.cells]


def test_relabelled_cells_go_by_their_name(root):
    cells = solved()
    the(cells, "one-marks")["metadata"]["nbgrader"] |= {"grade": False, "solution": True, "points": 500}
    the(cells, "one")["metadata"]["nbgrader"] |= {"grade": True, "solution": False, "locked": True}
    intake = taken(root, cells)
    assert intake.flags == ()
    assert values(intake) == RIGHT


def test_an_invented_marked_cell_is_a_plain_one(root):
    intake = taken(root, after(solved(), "one", marks("free-marks")))
    assert intake.flags == ()
    assert len(intake.notebook.cells) == len(CELLS) + 1


def test_a_solution_under_an_invented_name_still_counts(root):
    cells = solved()
    the(cells, "two")["metadata"]["nbgrader"]["grade_id"] = "something"
    intake = taken(root, cells)
    assert flags(intake) == {"deleted": "Task 2 (two) (g and h are in another cell)"}
    assert values(intake) == RIGHT


def test_helpers_stay_where_they_are(root):
    helper, last = plain("def helper(x):\n    return x"), plain("print('end')")
    cells = after([*solved(one="f = helper"), last], "one-text", helper)
    intake = taken(root, cells)
    texts = [cell.source for cell in intake.notebook.cells]
    assert texts[3:5] == ["def helper(x):\n    return x", "f = helper"]
    assert texts[-1] == "print('end')"
    assert values(intake) == RIGHT
    assert intake.flags == ()


def test_a_solution_written_in_another_cell_is_split(root):
    cells = after(solved(one=""), "one", plain(SOLVED["one"]))
    intake = taken(root, cells)
    assert flags(intake) == {"split": "Task 1 (one): f is in another cell"}
    assert values(intake) == RIGHT


def test_a_stub_that_was_left_with_its_answer_below_is_split(root):
    intake = taken(root, after(solved(one=stub("f")), "one", plain(SOLVED["one"])))
    assert flags(intake) == {"split": "Task 1 (one): f is in another cell"}
    assert values(intake) == RIGHT


def test_half_of_a_solution_in_another_cell_is_split(root):
    first, second = SOLVED["two"].split("\n\n\n")
    for cells in (
        after(solved(two=first), "two", plain(second)),
        after(solved(two=second), "two-text", plain(first)),
    ):
        intake = taken(root, cells)
        assert list(flags(intake)) == ["split"]
        assert values(intake) == RIGHT


def test_a_deleted_stub_does_not_undo_what_stands_in_another_cell(root):
    for place in ("imports", "one-text", "one-check", "two-text"):
        intake = taken(root, after(without(solved(), "one"), place, plain(SOLVED["one"])))
        assert flags(intake) == {"deleted": "Task 1 (one) (f is in another cell)"}
        assert values(intake) == RIGHT


def test_merged_solutions_count_both(root):
    merged = f"{SOLVED['two']}\n\n{SOLVED['three']}"
    intake = taken(root, without(solved(two=merged), "three"))
    assert flags(intake) == {"deleted": "Task 2 (three) (k is in another cell)"}
    assert values(intake) == RIGHT


def test_a_solution_merged_into_a_locked_cell_counts(root):
    cells = without(solved(), "one")
    the(cells, "imports")["source"] += f"\n\n{SOLVED['one']}"
    intake = taken(root, cells)
    assert flags(intake) == {
        "edited": "Assignment (imports) was changed",
        "deleted": "Task 1 (one) (f is in another cell)",
    }
    assert values(intake) == RIGHT


def test_a_solution_written_in_the_cell_of_the_marks_counts(root):
    cells = solved(one=stub("f"))
    the(cells, "one-marks")["source"] = SOLVED["one"]
    intake = taken(root, cells)
    assert set(flags(intake)) == {"edited", "split"}
    assert values(intake) == RIGHT


@pytest.mark.parametrize("kind", ["markdown", "raw"])
def test_code_turned_into_text_is_code_again(root, kind):
    cells = solved()
    the(cells, "one")["cell_type"] = the(cells, "use")["cell_type"] = kind
    intake = taken(root, cells)
    assert flags(intake) == {
        "edited": f"Task 1 (one) was turned from code into {kind}; Task 2 (use) was changed"
    }
    assert values(intake) == RIGHT


def test_an_answer_turned_into_code_is_text_again(root):
    cells = solved()
    the(cells, "question")["cell_type"] = "code"
    intake = taken(root, cells)
    assert list(flags(intake)) == ["edited"]
    assert sources(intake)["question"] == "Because."


def test_cells_in_another_order_come_into_that_of_the_release(root):
    intake = taken(root, solved()[::-1])
    assert intake.flags == ()
    assert values(intake) == RIGHT


def test_names_that_were_lost_altogether_cost_nothing(root):
    cells = [plain(cell["source"], cell["cell_type"]) for cell in solved()]
    intake = taken(root, cells)
    texts = [cell.source for cell in intake.notebook.cells if cell.source != ELSEWHERE]
    assert texts == [cell["source"] for cell in cells] + ["*Write your answer here.*"]
    assert list(flags(intake)) == ["deleted"]
    assert values(intake) == RIGHT


def test_names_that_were_lost_cost_nothing_where_the_locked_cells_are_gone_too(root):
    intake = taken(root, [plain(text) for text in SOLVED.values()])
    assert list(flags(intake)) == ["deleted"]
    assert values(intake) == RIGHT


def test_code_without_a_name_comes_back_where_it_was_deleted(root):
    intake = taken(root, without(solved(), "student-id"))
    texts = [cell.source for cell in intake.notebook.cells]
    assert texts.count('student_id = ""  # yours') == 1
    assert texts.index('student_id = ""  # yours') > texts.index('check("a1.one", f)')


def test_code_without_a_name_is_the_students_where_it_was_changed(root):
    cells = solved()
    the(cells, "student-id")["source"] = 'student_id = "ada"'
    texts = [cell.source for cell in taken(root, cells).notebook.cells]
    assert 'student_id = "ada"' in texts
    assert 'student_id = ""  # yours' not in texts


def test_many_things_of_a_kind_are_one_flag_of_bounded_length(root):
    intake = taken(root, without(solved(), *(cell["id"] for cell in CELLS if cell["id"] != "imports")))
    (flag,) = [flag for flag in intake.flags if flag.kind == "deleted"]
    assert flag.said.endswith("; and 2 more")


def test_a_name_that_is_another_ones_gives_its_solution_there(root):
    cells = solved()
    for one, other in (("one", "three"), ("three", "one")):
        the(cells, one)["metadata"]["nbgrader"]["grade_id"] = other
    intake = taken(root, cells)
    assert values(intake) == RIGHT


def test_all_flags_are_known(root):
    cells = after(without(solved(two=""), "three", "imports"), "two", plain(SOLVED["two"]))
    hand_over(root / "submitted" / "ada" / "a1_small", b"", "x" * 220)
    intake = taken(root, cells, "mine.ipynb")
    assert set(flags(intake)) == {"renamed", "deleted", "split", "files"}
    assert set(flags(intake)) <= set(FLAGS)


@pytest.mark.family(share=4)
@pytest.mark.parametrize("name", original_names(ROOT))
def test_any_cell_of_a_real_assignment_may_be_lost_or_there_twice(name, tmp_path):
    write_files(tmp_path, original(name, ROOT)[1])
    path = tmp_path / f"{name}.ipynb"
    whole = json.loads(path.read_text())
    known = [cell.source for cell in released_notebook(name, ROOT).cells if grade_id(cell)]
    for place, cell in enumerate(whole["cells"]):
        for copies, kind in ((0, "deleted"), (2, "duplicated")):
            cells = [*whole["cells"][:place], *[cell] * copies, *whole["cells"][place + 1 :]]
            path.write_text(json.dumps(whole | {"cells": cells}))
            intake = take_in(name, tmp_path, ROOT)
            named = cell["metadata"].get("nbgrader", {}).get("grade_id")
            said = [(flag.kind, f"({named})" in flag.said) for flag in intake.flags]
            assert said == [(kind, True)] * bool(named)
            assert [cell.source for cell in intake.notebook.cells if grade_id(cell)] == known
