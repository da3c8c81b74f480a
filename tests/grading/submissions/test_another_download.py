"""A whole download of another assignment is told as such, with the command that takes it."""

from __future__ import annotations

import shlex
import shutil

import pytest
from test_recognised import A1, A2, written
from uploaded import FULL, OTHER, handed_in, laid, small_class

from lib.assignments.originals import ORIGINALS
from lib.assignments.places import ROOT
from lib.commands import parse_command
from lib.grading.submissions.importing import import_submissions
from lib.grading.submissions.roster import Person

STUDENTS = ("ada", "bob", "eve")
PEOPLE = [Person(student) for student in STUDENTS]


@pytest.fixture
def root(tmp_path):
    return small_class(tmp_path / "course")


def imported(root, files, name="download", roster=()):
    report = import_submissions("a1", laid(root.parent / name, files), root, roster=roster)
    return report, "\n".join(report.lines())


def others(count=3):
    return {f"a2-{student}.zip": handed_in(student, full=OTHER) for student in STUDENTS[:count]}


def assert_told(said, count, where):
    submissions = "1 submission" if count == 1 else f"{count} submissions"
    told = f"This seems to be a download of a2 ({submissions} of a2 in there, not taken): `"
    assert told in said
    args, further = parse_command(shlex.split(said.partition(told)[2].rstrip("`"))[1:])
    assert (args.action, args.name, args.source, further) == ("import", "a2", where, [])


@pytest.mark.parametrize("roster", [(), PEOPLE])
@pytest.mark.parametrize("name", ["download", "my download (1)"])
def test_the_hint_names_the_assignment_and_can_be_typed(root, name, roster):
    report, said = imported(root, others(), name, roster)
    assert report.taken == []
    assert_told(said, 3, root.parent / name)
    assert "is it the right download?" not in said


def test_one_that_is_wrong_among_right_ones_is_no_other_download(root):
    files = {f"a1-{student}.zip": handed_in(student) for student in STUDENTS} | {
        "a2-zoe.zip": handed_in("zoe", full=OTHER)
    }
    report, said = imported(root, files)
    assert report.seems == ""
    assert "seems to be" not in said
    assert "zoe's a2, not taken" in said


def test_more_of_another_than_of_this_one_is_told_and_this_one_taken(root):
    report, said = imported(root, {"a1-ada.zip": handed_in("ada")} | others())
    assert report.taken == ["ada"]
    assert_told(said, 3, root.parent / "download")


def test_one_alone_is_told_too(root):
    _, said = imported(root, others(1))
    assert_told(said, 1, root.parent / "download")


def test_nobody_is_asked_for_what_is_only_in_another_download(root):
    _, said = imported(root, others(), roster=PEOPLE)
    assert "ask ada" not in said


def test_nothing_of_any_assignment_is_no_other_download(root):
    _, said = imported(root, {"readme.txt": b"x"})
    assert f"No submission of {FULL} is in there: is it the right download?" in said


@pytest.mark.family(share=2)
def test_notebooks_that_only_a_look_into_them_tells_count_too(tmp_path):
    root = tmp_path / "course"
    shutil.copytree(ROOT / ORIGINALS, root / ORIGINALS)
    files = {f"{student}.ipynb": written(A2) for student in STUDENTS}
    report, said = imported(root, files, roster=PEOPLE)
    assert report.seems == A2
    assert_told(said, 3, root.parent / "download")
    assert "ask ada" not in said
    report, said = imported(root, {"ada.ipynb": written(A2), "bob.ipynb": written(A1)}, "next", PEOPLE)
    assert report.seems == ""
    assert "ask ada for a1" in said
