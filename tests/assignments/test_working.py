"""Which notebook is handed in and checked: the student's copy, wherever they wrote."""

import zipfile

import pytest
from small_course import HALF, NAME, make_course, write_solution

from lib.assignments.hand_in import hand_in
from lib.assignments.release import release
from lib.assignments.working import assignment_folder, notebook_for, update_copies


@pytest.fixture
def root(tmp_path):
    make_course(tmp_path / "course")
    release([], tmp_path / "course")
    lectures = tmp_path / "course" / "lectures"
    lectures.mkdir()
    (lectures / "05_gates.ipynb").write_bytes(
        (tmp_path / "course/assignments" / NAME / f"{NAME}.ipynb").read_bytes()
    )
    return tmp_path / "course"


@pytest.fixture
def work(root):
    update_copies(root / "work", root)
    return root / "work"


def test_the_copy_is_the_student_s_notebook(root, work):
    assert assignment_folder(NAME, work, root) == work / "assignments" / NAME
    assert notebook_for("a2.linear", work, root) == work / "assignments" / NAME / f"{NAME}.ipynb"
    assert notebook_for("05.add_gate", work, root) == work / "lectures" / "05_gates.ipynb"


def test_before_the_first_start_it_is_the_course_s_own(root, tmp_path):
    assert assignment_folder(NAME, tmp_path / "nowhere", root) == root / "assignments" / NAME


def test_who_went_on_in_the_course_s_own_folder_hands_that_in(root, work):
    own, copy = root / "assignments" / NAME, work / "assignments" / NAME
    write_solution(own / f"{NAME}.ipynb", HALF)
    assert assignment_folder(NAME, work, root) == own
    write_solution(copy / f"{NAME}.ipynb", HALF)
    assert assignment_folder(NAME, work, root) == copy


def test_a_new_version_beside_the_copy_is_never_taken_for_it(root, work):
    new = work / "assignments" / NAME / f"{NAME} (new 2026-11-28).ipynb"
    new.write_text("{}")
    assert notebook_for("a2.linear", work, root).name == f"{NAME}.ipynb"


@pytest.mark.parametrize("task", ["a9.linear", "13.net", "b.x"])
def test_a_task_without_a_notebook_is_said(root, work, task):
    with pytest.raises(ValueError, match=r"file: expected a notebook .*, got none; name yours: course check"):
        notebook_for(task, work, root)


@pytest.mark.family(share=3)
def test_the_copy_is_handed_in_without_the_new_version_beside_it(root, work):
    folder = work / "assignments" / NAME
    write_solution(folder / f"{NAME}.ipynb", HALF)
    (folder / f"{NAME} (new 2026-11-28).ipynb").write_text("{}")
    (folder / "mine.txt").write_text("notes")
    said = []
    file = hand_in("a2", "ada", root=root, say=said.append, work=work)
    assert file == work / "handed-in" / "a2-ada.zip"
    names = [name.rpartition("/")[2] for name in zipfile.ZipFile(file).namelist()]
    assert sorted(names) == [f"{NAME}.ipynb", "mine.txt"]
    assert str(folder / f"{NAME}.ipynb") in said[0]
