"""Names that no terminal should see, and notebooks among very many other files."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from handed import NAME, RIGHT, course, flags, hand_over, notebook, plain, solved, values

from lib.grading.intake import folder as looked_at
from lib.grading.intake.take_in import take_in
from lib.grading.results import Result, save_result

ODD = {
    "bytes that are no UTF-8": b"\xff\xfe",
    "a colour": b"\x1b[31m",
    "a line break": b"a\nb",
    "a letter that turns the line round": "\u202e".encode(),
}
CONTENT = {
    "the notebook": (".ipynb", solved()),
    "a broken one": (".ipynb", b"{"),
    "one of something else": (".ipynb", [plain("1")]),
    "no notebook": (".txt", b"a"),
}


@pytest.fixture
def root(tmp_path):
    return course(tmp_path)


@pytest.fixture
def place(root):
    return root / "submitted" / "ada" / NAME


@pytest.mark.parametrize("content", CONTENT)
@pytest.mark.parametrize("name", ODD)
def test_its_flag_can_be_kept_and_shown(name, content, root, place, tmp_path):
    end, cells = CONTENT[content]
    place.mkdir(parents=True)
    hand_over(Path(os.fsdecode(os.fsencode(place))), cells, os.fsdecode(ODD[name]) + end)
    found = take_in(NAME, place, root)
    assert found.flags
    assert all(flag.said.isprintable() for flag in found.flags)
    save_result(tmp_path / "result.json", Result("ada", NAME, "k", (), found.flags))


@pytest.mark.parametrize("inside", ["", "deep/er/"])
def test_the_right_name_is_found_among_many_notebooks(root, place, inside):
    for number in range(25):
        hand_over(place, [plain("1")], f"{number:02}.ipynb")
    hand_over(place, solved(), f"{inside}{NAME}.ipynb")
    assert values(take_in(NAME, place, root)) == RIGHT


def test_a_name_with_the_assignments_in_it_is_found_among_many_notebooks(root, place):
    for number in range(25):
        hand_over(place, [plain("1")], f"{number:02}.ipynb")
    hand_over(place, solved(), f"z/my {NAME} (1).ipynb")
    found = take_in(NAME, place, root)
    assert values(found) == RIGHT
    assert "renamed" in flags(found)


@pytest.mark.parametrize("large", ["venv/lib", "aaa/bbb", "zzz/x/y"])
def test_a_large_folder_hides_no_notebook(root, place, large, monkeypatch):
    monkeypatch.setattr(looked_at, "MOST_ENTRIES", 60)
    for number in range(80):
        hand_over(place, b"", f"{large}/{number}.py")
    hand_over(place, notebook(solved()), f"mine/{NAME}.ipynb")
    assert values(take_in(NAME, place, root)) == RIGHT
