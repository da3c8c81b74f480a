"""`course reset 05`: a lecture as it was released; the student's version is kept."""

import pytest
from small_lectures import ASSIGNMENT, FIRST, NAME, SECOND, make_course, release_of, run_all, write_into

from lib.assignments.originals import files_of
from lib.assignments.reset import reset
from lib.assignments.working import update_copies
from lib.lessons.copies import BESIDE


@pytest.mark.parametrize("name", ["05", "5", "05_gates", "05_Gates.ipynb", "work/lectures/05_gates.ipynb"])
def test_a_lecture_comes_back_and_the_student_s_version_is_kept(root, work, name):
    mine, other = write_into(work / SECOND), write_into(work / FIRST)
    place, kept = reset(name, root, work)
    assert place == work / SECOND
    assert place.read_bytes() == (root / SECOND).read_bytes()
    assert kept.read_bytes() == mine
    assert kept.parent == work / "kept"
    assert kept.suffix == ".ipynb"
    assert (work / FIRST).read_bytes() == other


@pytest.mark.parametrize("name", ["a2", NAME])
def test_an_assignment_comes_back_and_the_student_s_version_is_kept(root, work, name):
    mine = write_into(work / ASSIGNMENT)
    place, kept = reset(name, root, work)
    assert files_of(place) == release_of(1)
    assert files_of(kept)[f"{NAME}.ipynb"] == mine
    assert kept.parent == work / "kept"


def test_again_and_again_in_one_minute_every_version_is_kept(root, work):
    written = [(write_into(work / SECOND, str(number)), reset("05", root, work)[1]) for number in range(3)]
    assert all(kept.read_bytes() == mine for mine, kept in written)


def test_where_nothing_was_changed_nothing_is_kept(root, work):
    assert reset("05", root, work) == (work / SECOND, None)
    assert reset("a2", root, work) == (work / "assignments" / NAME, None)
    assert not (work / "kept").exists()


def test_outputs_are_kept_too(root, work):
    mine = run_all(work / SECOND)
    assert reset("05", root, work)[1].read_bytes() == mine


def test_after_a_reset_an_update_comes_into_the_copy(root, work):
    write_into(work / SECOND)
    make_course(root, 2)
    update_copies(work, root)
    reset("05", root, work)
    assert not [name for name in files_of(work) if BESIDE.fullmatch(name)]  # it is the copy itself now
    make_course(root, 3)
    update_copies(work, root)
    assert (work / SECOND).read_bytes() == (root / SECOND).read_bytes()
    assert not [name for name in files_of(work) if BESIDE.fullmatch(name)]


def test_before_the_first_start_there_is_nothing_to_keep(root, tmp_path):
    work = tmp_path / "work"
    assert reset("05", root, work) == (work / SECOND, None)
    assert (work / SECOND).read_bytes() == (root / SECOND).read_bytes()


@pytest.mark.parametrize("kind", ["folder", "link", "broken"])
def test_whatever_lies_in_the_place_of_the_lecture_is_kept(root, work, tmp_path, kind):
    (work / SECOND).unlink()
    if kind == "folder":
        (work / SECOND).mkdir()
        (work / SECOND / "notes.txt").write_text("mine")
    elif kind == "link":
        (tmp_path / "elsewhere.ipynb").write_text("mine")
        (work / SECOND).symlink_to(tmp_path / "elsewhere.ipynb")
    else:
        (work / SECOND).write_text("mine")
    place, kept = reset("05", root, work)
    assert place.read_bytes() == (root / SECOND).read_bytes()
    assert not place.is_symlink()
    assert (kept / "notes.txt" if kind == "folder" else kept).read_text() == "mine"
    assert kind != "link" or (tmp_path / "elsewhere.ipynb").read_text() == "mine"


@pytest.mark.parametrize("name", ["13", "", "gates", "a9", "../05/..", "kept"])
def test_a_name_that_stands_for_nothing_is_said(root, work, name):
    with pytest.raises(ValueError, match="name: expected one of 00, 05, a2, got"):
        reset(name, root, work)


def test_where_there_is_no_room_all_stays_as_it_was(root, work, monkeypatch):
    mine = write_into(work / SECOND)

    def full(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space left"):
        reset("05", root, work)
    assert (work / SECOND).read_bytes() == mine
