"""A student's copies: an update brings what is new, and what the student wrote stays as it is."""

import json
import os
from datetime import date

import pytest
from small_lectures import (
    ASSIGNMENT,
    FIRST,
    NAME,
    PICTURE,
    SECOND,
    make_course,
    notebook,
    release_of,
    run_all,
    write_into,
)

from lib.assignments.originals import files_of
from lib.assignments.working import update_copies
from lib.lessons.copies import BESIDE, refresh
from lib.lessons.placing import aside_of
from lib.lessons.record import FILE, read_record


def beside(path):
    """The new versions that lie beside a copy."""
    return sorted(
        each for each in path.parent.iterdir() if BESIDE.fullmatch(each.name) and path.stem in each.name
    )


def test_the_first_start_copies_lectures_pictures_and_assignments(root, work):
    for path in (FIRST, SECOND, PICTURE, ASSIGNMENT, f"assignments/{NAME}/digits.csv"):
        assert (work / path).read_bytes() == (root / path).read_bytes()
    assert set(files_of(work)) == set(read_record(work)) | {FILE}


def test_a_second_start_writes_nothing_and_says_nothing(root, work):
    before = {path: path.stat().st_mtime_ns for path in work.rglob("*") if path.is_file()}
    assert update_copies(work, root) == []
    after = {path: path.stat().st_mtime_ns for path in work.rglob("*") if path.is_file()}
    assert {path: time for path, time in after.items() if path.name[0] != "."} == {
        path: time for path, time in before.items() if path.name[0] != "."
    }


def test_unchanged_copies_become_the_new_version(root, work):
    make_course(root, 2)
    (said,) = update_copies(work, root)
    assert said.startswith("New versions of what you had not changed: 00_start_here.ipynb, 05_gates.ipynb")
    for path in (FIRST, SECOND, PICTURE, ASSIGNMENT):
        assert (work / path).read_bytes() == (root / path).read_bytes()
    assert update_copies(work, root) == []


def test_a_copy_that_was_only_run_is_unchanged(root, work):
    run_all(work / SECOND)
    make_course(root, 2)
    update_copies(work, root)
    assert (work / SECOND).read_bytes() == (root / SECOND).read_bytes()


def test_a_changed_copy_stays_and_the_new_version_comes_beside_it(root, work):
    mine = write_into(work / SECOND)
    make_course(root, 2)
    said = update_copies(work, root)
    assert (work / SECOND).read_bytes() == mine
    (new,) = beside(work / SECOND)
    assert new.name == f"05_gates (new {date.today()}).ipynb"
    assert new.read_bytes() == (root / SECOND).read_bytes()
    assert [line for line in said if new.name in line] == [
        f"{SECOND}: there is a new version. Yours stays; the new one is beside it: {new.name}"
    ]
    assert update_copies(work, root) == []  # one line, once
    assert beside(work / SECOND) == [new]


EDITS = {
    "edited": lambda cells: cells[2].update(source="x = 2"),
    "a space more": lambda cells: cells[2].update(source="x = 1 "),
    "added": lambda cells: cells.append({"cell_type": "markdown", "metadata": {}, "source": "note"}),
    "removed": lambda cells: cells.pop(2),
    "moved": lambda cells: cells.reverse(),
    "another kind": lambda cells: cells[2].update(cell_type="raw"),
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_every_edit_of_a_cell_counts(root, work, edit):
    content = json.loads((work / SECOND).read_bytes())
    edit(content["cells"])
    (work / SECOND).write_text(json.dumps(content))
    mine = (work / SECOND).read_bytes()
    make_course(root, 2)
    update_copies(work, root)
    assert (work / SECOND).read_bytes() == mine
    assert len(beside(work / SECOND)) == 1


def test_an_untouched_new_version_makes_room_for_the_next_one_and_a_touched_one_stays(root, work):
    write_into(work / SECOND)
    for version in (2, 3):
        make_course(root, version)
        update_copies(work, root)
        (new,) = beside(work / SECOND)
        assert new.read_bytes() == (root / SECOND).read_bytes()
    theirs = write_into(new, "I went on here")
    make_course(root, 4)
    update_copies(work, root)
    assert new.read_bytes() == theirs
    first, second = sorted(beside(work / SECOND), key=lambda path: path == new)
    assert first.read_bytes() == (root / SECOND).read_bytes()
    assert (second, first.name) == (new, f"05_gates (new {date.today()}, 2).ipynb")


def test_a_new_version_that_was_deleted_does_not_come_again(root, work):
    write_into(work / SECOND)
    make_course(root, 2)
    update_copies(work, root)
    beside(work / SECOND)[0].unlink()
    assert update_copies(work, root) == []
    assert beside(work / SECOND) == []


def test_who_takes_the_new_version_over_is_unchanged_again(root, work):
    write_into(work / SECOND)
    make_course(root, 2)
    update_copies(work, root)
    os.replace(beside(work / SECOND)[0], work / SECOND)
    make_course(root, 3)
    update_copies(work, root)
    assert (work / SECOND).read_bytes() == (root / SECOND).read_bytes()
    assert beside(work / SECOND) == []


def test_a_deleted_copy_comes_back_and_a_renamed_one_stays(root, work):
    os.rename(work / SECOND, work / "lectures" / "mine.ipynb")
    mine = write_into(work / "lectures" / "mine.ipynb")
    make_course(root, 2)
    update_copies(work, root)
    assert (work / SECOND).read_bytes() == (root / SECOND).read_bytes()
    assert (work / "lectures" / "mine.ipynb").read_bytes() == mine


def test_new_metadata_alone_comes_into_unchanged_copies_and_not_beside_changed_ones(root, work):
    mine = write_into(work / FIRST)
    for path in (FIRST, SECOND):
        content = json.loads((root / path).read_bytes())
        content["cells"][1]["metadata"] = {"jupyter": {"source_hidden": True}}
        (root / path).write_text(json.dumps(content))
    update_copies(work, root)
    assert (work / SECOND).read_bytes() == (root / SECOND).read_bytes()
    assert (work / FIRST).read_bytes() == mine
    assert beside(work / FIRST) == []


def test_what_the_course_has_no_more_goes_where_it_is_unchanged(root, work):
    mine = write_into(work / SECOND)
    (root / SECOND).unlink()
    (root / PICTURE).unlink()
    assert update_copies(work, root) == [f"{SECOND}: the course has this file no more. Yours stays."]
    assert (work / SECOND).read_bytes() == mine
    assert not (work / PICTURE).exists()
    assert update_copies(work, root) == []


def test_a_course_without_lectures_is_said_and_nothing_of_the_student_s_goes(root, work):
    before = files_of(work)
    for path in (FIRST, SECOND):
        (root / path).unlink()
    with pytest.raises(FileNotFoundError, match="lectures: expected notebooks in"):
        update_copies(work, root)
    assert files_of(work) == before


def test_a_broken_archive_of_an_assignment_is_said_and_the_rest_opens(root, work):
    make_course(root, 2)
    archive = root / "lib" / "assignments" / "originals" / f"{NAME}.zip"
    archive.write_bytes(archive.read_bytes()[:100])
    before = (work / ASSIGNMENT).read_bytes()
    said = update_copies(work, root)
    assert "got a broken archive" in said[0]
    assert (work / ASSIGNMENT).read_bytes() == before
    assert (work / SECOND).read_bytes() == (root / SECOND).read_bytes()
    make_course(root, 3)
    update_copies(work, root)
    assert (work / ASSIGNMENT).read_bytes() == release_of(3)[f"{NAME}.ipynb"]


ODD = {
    "broken JSON": lambda path: path.write_bytes(path.read_bytes()[:100]),
    "empty": lambda path: path.write_bytes(b""),
    "binary": lambda path: path.write_bytes(bytes(range(256))),
    "JSON, no notebook": lambda path: path.write_text('{"cells": 3}'),
    "another format": lambda path: path.write_text('{"worksheets": [{"cells": []}], "nbformat": 3}'),
    "nested deeply": lambda path: path.write_text("[" * 100_000),
    "a cell without a source": lambda path: path.write_text('{"cells": [{"cell_type": "code"}]}'),
}


@pytest.mark.parametrize("damage", ODD.values(), ids=ODD)
def test_a_copy_that_is_no_notebook_stays(root, work, damage):
    damage(work / SECOND)
    mine = (work / SECOND).read_bytes()
    make_course(root, 2)
    said = update_copies(work, root)
    assert (work / SECOND).read_bytes() == mine
    assert beside(work / SECOND)[0].read_bytes() == (root / SECOND).read_bytes()
    assert any(SECOND in line for line in said)


def test_a_folder_in_the_place_of_a_copy_stays(root, work):
    (work / SECOND).unlink()
    (work / SECOND).mkdir()
    (work / SECOND / "notes.txt").write_text("mine")
    make_course(root, 2)
    update_copies(work, root)
    assert (work / SECOND / "notes.txt").read_text() == "mine"
    assert beside(work / SECOND)[0].read_bytes() == (root / SECOND).read_bytes()


def test_a_file_in_the_place_of_a_folder_stays_and_the_rest_comes(root, tmp_path):
    work = tmp_path / "my work"
    work.mkdir()
    (root / "assignments" / NAME / "mine.py").write_text("x = 1")
    (work / "assignments").write_text("mine")
    said = update_copies(work, root)
    assert (work / "assignments").read_text() == "mine"
    assert (work / SECOND).read_bytes() == (root / SECOND).read_bytes()
    assert len(said) == 1
    assert "not brought up to date" in said[0]


@pytest.mark.parametrize("there", [True, False], ids=["live", "dangling"])
def test_a_link_in_the_place_of_a_copy_stays_and_so_does_what_it_leads_to(root, work, tmp_path, there):
    target = tmp_path / "cloud.ipynb"
    mine = (work / SECOND).read_bytes()
    os.replace(work / SECOND, target)
    os.symlink(target, work / SECOND)
    if not there:
        target.unlink()
    make_course(root, 2)
    update_copies(work, root)
    assert (work / SECOND).is_symlink()
    assert not there or target.read_bytes() == mine
    assert beside(work / SECOND)[0].read_bytes() == (root / SECOND).read_bytes()


def test_lines_that_end_as_on_windows_are_no_change(root, work):
    content = json.loads((work / SECOND).read_bytes())
    for cell in content["cells"]:
        cell["source"] = "".join(cell["source"]).replace("\n", "\r\n")
    (work / SECOND).write_bytes(json.dumps(content, indent=1).replace("\n", "\r\n").encode())
    make_course(root, 2)
    update_copies(work, root)
    assert (work / SECOND).read_bytes() == (root / SECOND).read_bytes()


def test_a_read_only_copy_is_brought_up_to_date_or_stays(root, work):
    mine = write_into(work / FIRST)
    for path in (FIRST, SECOND):
        (work / path).chmod(0o444)
    make_course(root, 2)
    update_copies(work, root)
    assert (work / FIRST).read_bytes() == mine
    assert (work / SECOND).read_bytes() == (root / SECOND).read_bytes()


@pytest.mark.parametrize(
    "content", [None, b"", b"{}", b'{"copies": 3}', b'{"copies": {"a": {"made_from": 3}}}']
)
def test_without_a_record_nothing_that_differs_is_replaced(root, work, content):
    mine = write_into(work / SECOND)
    (work / FILE).unlink()
    if content is not None:
        (work / FILE).write_bytes(content)
    update_copies(work, root)
    assert (work / SECOND).read_bytes() == mine
    assert beside(work / FIRST) == []
    make_course(root, 2)
    update_copies(work, root)
    assert (work / SECOND).read_bytes() == mine
    assert (work / FIRST).read_bytes() == (root / FIRST).read_bytes()


def test_a_folder_in_the_place_of_the_record_is_said_and_nothing_is_lost(root, work):
    mine = write_into(work / SECOND)
    (work / FILE).unlink()
    (work / FILE).mkdir()
    make_course(root, 2)
    assert any("not brought up to date" in line for line in update_copies(work, root))
    assert (work / SECOND).read_bytes() == mine


def test_a_full_disk_leaves_every_copy_as_it_was_and_says_so(root, work, monkeypatch):
    mine = write_into(work / SECOND)
    before = files_of(work)
    make_course(root, 2)

    def full(*args):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", full)
        (said,) = update_copies(work, root)
    assert said.startswith(f"{FIRST} and 4 more: not brought up to date (No space left on device)") or (
        "not brought up to date (No space left on device)" in said
    )
    assert files_of(work) == before
    update_copies(work, root)
    assert (work / SECOND).read_bytes() == mine
    assert (work / FIRST).read_bytes() == (root / FIRST).read_bytes()


def test_what_jupyterlab_saves_while_a_copy_is_replaced_is_not_lost(root, work, monkeypatch):
    """Between the look at a copy and its replacement a student's notebook is saved."""
    real, mine = os.replace, notebook("# 05 Gates", "saved a moment ago")

    def replace(old, new):
        if str(old) == str(work / SECOND):
            (work / SECOND).write_bytes(mine)
        real(old, new)

    make_course(root, 2)
    monkeypatch.setattr("lib.lessons.placing.os.replace", replace)
    update_copies(work, root)
    assert (work / SECOND).read_bytes() == mine
    assert beside(work / SECOND)[0].read_bytes() == (root / SECOND).read_bytes()
    assert not aside_of(work / SECOND).exists()


def test_what_jupyterlab_saves_after_a_copy_went_aside_is_not_lost(root, work, monkeypatch):
    real, mine = os.replace, notebook("# 05 Gates", "saved a moment ago")

    def replace(old, new):
        real(old, new)
        if str(old) == str(work / SECOND):
            (work / SECOND).write_bytes(mine)

    make_course(root, 2)
    monkeypatch.setattr("lib.lessons.placing.os.replace", replace)
    update_copies(work, root)
    assert (work / SECOND).read_bytes() == mine
    assert beside(work / SECOND)[0].read_bytes() == (root / SECOND).read_bytes()


def test_a_file_system_without_links_does_as_well(root, tmp_path, monkeypatch):
    def no_links(*args, **options):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr("os.link", no_links)
    work = tmp_path / "stick"
    update_copies(work, root)
    mine = write_into(work / SECOND)
    make_course(root, 2)
    update_copies(work, root)
    assert (work / SECOND).read_bytes() == mine
    assert beside(work / SECOND)[0].read_bytes() == (root / SECOND).read_bytes()
    assert (work / FIRST).read_bytes() == (root / FIRST).read_bytes()


def test_who_wrote_into_the_course_itself_finds_that_in_the_copy(root, tmp_path):
    """As students did before there were copies."""
    mine = write_into(root / ASSIGNMENT)
    (root / "assignments" / NAME / "mine.py").write_text("x = 1")
    work = tmp_path / "work"
    update_copies(work, root)
    assert (work / ASSIGNMENT).read_bytes() == mine
    assert (work / "assignments" / NAME / "mine.py").read_text() == "x = 1"
    make_course(root, 2)
    update_copies(work, root)
    assert (work / ASSIGNMENT).read_bytes() == mine
    assert beside(work / ASSIGNMENT)[0].read_bytes() == release_of(2)[f"{NAME}.ipynb"]


def test_copies_may_be_the_course_itself(root):
    """$COURSE_WORK may name the course's own folder: then there is nothing to copy."""
    before = files_of(root)
    assert update_copies(root, root) == []
    after = files_of(root)
    assert {path: after[path] for path in before} == before


def test_paths_with_spaces_and_umlauts(tmp_path):
    root = make_course(tmp_path / "Zoë Müller" / "der Kurs")
    work = tmp_path / "mein Ördner (neu)"
    update_copies(work, root)
    mine = write_into(work / SECOND)
    make_course(root, 2)
    update_copies(work, root)
    assert (work / SECOND).read_bytes() == mine


def test_refresh_without_anything_makes_a_folder_only(tmp_path):
    assert refresh(tmp_path / "work", {}) == []
    assert files_of(tmp_path / "work") == {}
