"""What was handed in instead of the notebook that was asked for: told, and never in the right one's place."""

from __future__ import annotations

import argparse
import json
import shutil
from datetime import timedelta

import pytest
from uploaded import NOON, ROSTER, laid, zipped

from lib.assignments.originals import ORIGINALS, original
from lib.assignments.places import ROOT
from lib.grading.intake.take_in import take_in
from lib.grading.submissions.command import submissions_command
from lib.grading.submissions.importing import import_submissions
from lib.grading.submissions.roster import read_roster

A1, A2 = "a1_image_classification", "a2_backpropagation"
MOODLE = "Ada Lovelace_12_assignsubmission_file_"


def released(full: str) -> dict:
    return json.loads(original(full, ROOT)[1][f"{full}.ipynb"])


def written(full: str, words: str = "mine") -> bytes:
    """A notebook of an assignment, with something in each cell for solutions."""
    notebook = released(full)
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("solution"):
            cell["source"] += f"\n# {words}" if isinstance(cell["source"], str) else [f"\n# {words}"]
    return json.dumps(notebook).encode()


def without_names(full: str) -> bytes:
    """The same, opened and saved by a program that keeps no metadata of cells."""
    notebook = json.loads(written(full))
    for cell in notebook["cells"]:
        cell["metadata"] = {}
    return json.dumps(notebook).encode()


def last_year(full: str) -> bytes:
    """A release in which a third of the cells was called something else."""
    notebook = json.loads(written(full))
    for cell in notebook["cells"][::3]:
        if said := cell["metadata"].get("nbgrader"):
            said["grade_id"] += "-2025"
    return json.dumps(notebook).encode()


EMPTY = json.dumps({"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()
HTML = b"<!DOCTYPE html>\n<html><body>Please log in</body></html>"
LECTURE = next((ROOT / "lectures").rglob("*.ipynb")).read_bytes()
RIGHT, OTHER = written(A1), written(A2)
SOLUTIONS = (ROOT / "solutions" / A1 / f"{A1}.ipynb").read_bytes()
AS_A2 = "ada's a2, not taken; `course submissions import a2 …` takes it"
OWES = f"{AS_A2}, and ask ada for a1"
BAD = {  # what is in a notebook → what is said of it
    "empty": (EMPTY, "x.ipynb has nothing of a1"),
    "a lecture": (LECTURE, "x.ipynb has nothing of a1"),
    "HTML": (HTML, "x.ipynb: it is a web page, and no notebook"),
    "HTML, with a mark of order": (b"\xef\xbb\xbf\n" + HTML, "x.ipynb: it is a web page, and no notebook"),
    "a zip": (zipped({"x.txt": b"1"}), "x.ipynb: it is a zip archive, and no notebook"),
    "a PDF": (b"%PDF-1.7 x", "x.ipynb: it is a PDF, and no notebook"),
    "half a notebook": (RIGHT[:5000], "x.ipynb: it is damaged, or no JSON"),
    "no bytes": (b"", "x.ipynb: it is empty"),
    "no notebook": (b"[1, 2]", "x.ipynb: it is JSON, but no notebook"),
}


@pytest.fixture
def root(tmp_path):
    shutil.copytree(ROOT / ORIGINALS, tmp_path / "course" / ORIGINALS)
    return tmp_path / "course"


def imported(root, files, *, hours=0, name="a1"):
    """Imports an archive of a platform."""
    (root / "roster.csv").write_text(ROSTER)
    source = root / "download.zip"
    source.write_bytes(zipped(files, NOON + timedelta(hours=hours)))
    return import_submissions(name, source, root, roster=read_roster(root / "roster.csv"))


def counts(root, student="ada"):
    """Whether what counts now is right; "" where nothing does."""
    folder = root / "submitted" / student / A1
    if not folder.exists():
        return ""
    flags = {flag.kind for flag in take_in("a1", folder, root).flags}
    return "wrong" if flags & {"missing", "unreadable"} else "right"


@pytest.mark.family(share=3)
@pytest.mark.parametrize(
    "other", [OTHER, without_names(A2), last_year(A2)], ids=["a2", "bare", "last year's"]
)
@pytest.mark.parametrize(
    "path", ["ada.ipynb", f"{MOODLE}/x.ipynb", "lovelaceada_1_2_x.ipynb", f"ada/{A1}.ipynb"]
)
def test_the_notebook_of_another_assignment_is_told_and_not_taken(root, path, other):
    report = imported(root, {path: other, "bob.ipynb": RIGHT})
    assert (report.taken, "ada" in report.missing) == (["bob"], True)
    assert report.wrong == [(f"download.zip/{path}", OWES)]
    assert counts(root) == ""
    assert imported(root, {path: other}, name="a2").taken == ["ada"]


@pytest.mark.family(share=3)
@pytest.mark.parametrize(
    "right",
    [RIGHT, without_names(A1), last_year(A1), SOLUTIONS],
    ids=["a1", "bare", "last year's", "solutions"],
)
@pytest.mark.parametrize(
    "path",
    [
        "ada.ipynb",
        f"{MOODLE}/x.ipynb",
        f"{MOODLE}/a2.ipynb",
        f"ada/{A2} (1).ipynb",
        f"{MOODLE}/a/b/c/mine.ipynb",
        f"lovelaceada_1_2_{A2}.ipynb",
    ],
)
def test_a_renamed_notebook_is_taken_also_under_the_name_of_another(root, path, right):
    report = imported(root, {path: right})
    assert (report.taken, report.wrong) == (["ada"], [])
    assert counts(root) == "right"


@pytest.mark.parametrize("path", ["ada.ipynb", f"{MOODLE}/a2.ipynb", f"{MOODLE}/{A2}.ipynb", "a2-ada.ipynb"])
def test_whoever_owes_one_is_told_where_another_assignments_lies(root, path):
    assert imported(root, {path: OTHER}).wrong == [(f"download.zip/{path}", OWES)]
    both = imported(root, {path: OTHER, "ada/work.ipynb": RIGHT, "bob.ipynb": RIGHT})
    assert both.taken == ["ada", "bob"]
    assert both.wrong == ([(f"download.zip/{path}", AS_A2)] if path == "ada.ipynb" else [])


def test_of_two_right_ones_that_with_the_right_name_counts(root):
    both = {f"{MOODLE}/{A2}.ipynb": written(A1, "a draft"), f"{MOODLE}/{A1}.ipynb": RIGHT}
    assert imported(root, both).taken == ["ada"]
    assert b"# mine" in (root / "submitted" / "ada" / A1 / f"{A1}.ipynb").read_bytes()


def test_a_download_of_two_assignments_tells_nobody_twice(root):
    files = {"ada/a1.ipynb": RIGHT, "ada/a2.ipynb": OTHER, "bob/a1.ipynb": RIGHT, "eve/a2.ipynb": OTHER}
    one = imported(root, files)
    assert (one.taken, one.wrong) == (
        ["ada", "bob"],
        [("download.zip/eve/a2.ipynb", OWES.replace("ada", "eve"))],
    )
    two = imported(root, files, name="a2")
    assert (two.taken, two.missing, two.wrong) == (["ada", "eve"], ["bob"], [])
    assert imported(root, files).wrong == []


def test_a_hand_in_file_of_another_assignment_in_this_ones_place_is_told(root):
    report = imported(root, {f"{MOODLE}/a2-ada.zip": zipped({f"ada/{A2}/{A2}.ipynb": OTHER})})
    assert report.wrong == [(f"download.zip/{MOODLE}/a2-ada.zip/ada/{A2}/{A2}.ipynb", OWES)]


@pytest.mark.family(share=3)
@pytest.mark.parametrize("bad", BAD)
def test_what_is_no_notebook_of_any_counts_only_while_there_is_nothing_better(root, bad):
    content, said = BAD[bad]
    files = {f"{MOODLE}/x.ipynb": content}
    report = imported(root, files, hours=5)
    assert report.taken == ["ada"]
    assert report.wrong[0][1].startswith(said)
    assert report.wrong[0][1].endswith("; there is nothing better: ask ada")
    assert counts(root) == "wrong"
    assert imported(root, {f"{MOODLE}/a1.ipynb": RIGHT}).taken == ["ada"], "though it is older"
    assert counts(root) == "right"
    again = imported(root, files, hours=9)
    assert (again.taken, again.unchanged) == ([], ["ada"])
    assert again.wrong[0][1].endswith("; what was there before counts: ask ada")
    assert counts(root) == "right"


@pytest.mark.family(share=3)
@pytest.mark.parametrize("bad", [*(content for content, _ in BAD.values()), OTHER], ids=[*BAD, "a2"])
@pytest.mark.parametrize("later", [False, True])
def test_of_several_uploads_the_right_one_counts(root, bad, later):
    (root / "in").mkdir()
    for hours, path, content in ((1, "one.zip", RIGHT), (2 if later else 0, "two.zip", bad)):
        whole = zipped({f"ada_1_{hours}_x.ipynb": content}, NOON + timedelta(hours=hours))
        (root / "in" / path).write_bytes(whole)
    (root / "roster.csv").write_text(ROSTER)
    report = import_submissions("a1", root / "in", root, roster=read_roster(root / "roster.csv"))
    assert (report.taken, counts(root)) == (["ada"], "right")


@pytest.mark.family(share=3)
@pytest.mark.parametrize(
    ("path", "content"),
    [
        (f"{A2}.ipynb", OTHER),
        ("lecture.ipynb", LECTURE),
        ("old/x.ipynb", HTML),
        (".ipynb_checkpoints/x-checkpoint.ipynb", OTHER),
        (f".ipynb_checkpoints/{A1}-checkpoint.ipynb", written(A1, "newer")),
        (f"__MACOSX/._{A1}.ipynb", b"\0\5\x16\7"),
        (f"._{A1}.ipynb", b"\0\5\x16\7"),
        ("a1 (1).ipynb", json.dumps(released(A1)).encode()),
    ],
)
def test_of_several_notebooks_in_a_folder_the_right_one_counts(root, path, content):
    whole = zipped({path: content, f"{A1}.ipynb": RIGHT})
    report = imported(root, {f"{MOODLE}/work.zip": zipped({"in it.zip": whole})})
    assert (report.taken, report.wrong) == (["ada"], [])
    assert counts(root) == "right"
    notebook = take_in("a1", root / "submitted" / "ada" / A1, root).notebook
    assert sum("# mine" in cell.source for cell in notebook.cells) > 10


@pytest.mark.parametrize("path", [f".ipynb_checkpoints/{A1}-checkpoint.ipynb", f"__MACOSX/._{A1}.ipynb"])
def test_copies_that_a_program_has_left_are_no_submission(root, path):
    report = imported(root, {f"{MOODLE}/{path}": RIGHT})
    assert (report.taken, report.found) == ([], False)


def test_the_command_asks_a_person_to_look(root, capsys):
    laid(root / "in", {"ada.ipynb": OTHER, "bob.ipynb": RIGHT, "eve.ipynb": LECTURE})
    (root / "roster.csv").write_text(ROSTER)
    args = argparse.Namespace(
        action="import", name="a1", source=root / "in", roster=root / "roster.csv", deadline=None
    )
    assert submissions_command(args, root) == 1
    said = capsys.readouterr().out.splitlines()
    at = said.index("Not what a1 asks for:")
    assert said[at + 1 : at + 3] == [
        f"- ada.ipynb: {OWES}",
        "- eve.ipynb: eve.ipynb has nothing of a1; there is nothing better: ask eve",
    ]
