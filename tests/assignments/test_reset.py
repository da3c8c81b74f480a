"""`course reset`: the release is back, and nothing of the student's is lost."""

import nbformat
import pytest
from small_course import NAME, cell, make_course, write_solution

from lib.assignments.originals import files_of, original
from lib.assignments.release import release
from lib.assignments.reset import reset


@pytest.fixture
def root(tmp_path):
    make_course(tmp_path)
    release([], tmp_path)
    return tmp_path


def test_the_student_s_version_is_kept_beside_the_original(root):
    folder = root / "assignments" / NAME
    write_solution(folder / f"{NAME}.ipynb", "    pass")
    (folder / "mine.txt").write_text("notes", "utf-8")
    theirs = files_of(folder)
    put_back, kept = reset("a2", root)
    assert put_back == folder
    assert files_of(folder) == original("a2", root)[1]
    assert files_of(kept) == theirs
    assert kept.parent == root / "assignments" / "kept"


def test_resetting_again_and_again_in_one_minute_keeps_every_version(root):
    folder = root / "assignments" / NAME
    places = set()
    for number in range(3):
        (folder / "mine.txt").write_text(str(number), "utf-8")
        places.add(reset("a2", root)[1])
    assert sorted((place / "mine.txt").read_text("utf-8") for place in places) == ["0", "1", "2"]


def test_where_nothing_was_changed_nothing_is_kept(root):
    before = files_of(root)
    assert reset(NAME, root)[1] is None
    assert files_of(root) == before


def test_what_was_deleted_comes_back(root):
    folder = root / "assignments" / NAME
    (folder / f"{NAME}.ipynb").unlink()
    reset("a2", root)
    assert files_of(folder) == original("a2", root)[1]
    (folder / f"{NAME}.ipynb").unlink()
    folder.rmdir()
    assert reset("a2", root) == (folder, None)
    assert cell(nbformat.read(folder / f"{NAME}.ipynb", 4), "linear-stub")


def test_a_file_in_the_place_of_the_folder_is_kept_too(root):
    folder = root / "assignments" / NAME
    folder.rename(root / "elsewhere")
    folder.write_text("notes", "utf-8")
    _, kept = reset("a2", root)
    assert kept.read_text("utf-8") == "notes"
    assert files_of(folder) == original("a2", root)[1]


@pytest.mark.parametrize("name", ["a1", "05", "", "../a2/..", "kept"])
def test_a_name_that_stands_for_nothing_is_said(root, name):
    with pytest.raises(ValueError, match="assignment: expected one of a2, got"):
        reset(name, root)


def test_where_there_is_no_room_all_stays_as_it_was(root, monkeypatch):
    path = root / "assignments" / NAME / f"{NAME}.ipynb"
    path.write_text(path.read_text() + " ")

    def full(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space left"):
        reset("a2", root)
    assert path.read_text().endswith(" ")


def test_a_broken_archive_is_said(root):
    path = root / "lib" / "assignments" / "originals" / f"{NAME}.zip"
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(ValueError, match="got a broken archive"):
        reset("a2", root)
