"""Whoever hands in again after being graded is told apart, and no old mark leaves unseen."""

from __future__ import annotations

import argparse
import builtins
import json
import os
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from uploaded import FULL, laid, nb, small_class

from lib.grading.exports.command import grades_table
from lib.grading.exports.forms import ClassMarks, Someone, check_complete
from lib.grading.journal import SUBMISSION, Journal, journal_file, submission_digest
from lib.grading.places import result_file, submission_folder
from lib.grading.results import Result, save_result
from lib.grading.similarity.attention import similar_students, similarity_file
from lib.grading.submissions import seen
from lib.grading.submissions.anew import handed_in_anew
from lib.grading.submissions.command import submissions_command
from lib.grading.submissions.people import keep_people
from lib.grading.submissions.roster import Person


@pytest.fixture
def root(tmp_path):
    """A class of which ada and bob are graded, and cleo is not."""
    root = small_class(tmp_path / "course")
    for student in ("ada", "bob", "cleo"):
        laid(submission_folder(student, FULL, root), {f"{FULL}.ipynb": nb("x = 1")})
    journal = Journal(journal_file(FULL, root))
    for student in ("ada", "bob"):
        key = journal.note({SUBMISSION: submission_digest(submission_folder(student, FULL, root))})
        save_result(result_file(student, FULL, root), Result(student, FULL, key))
    return root


def listed(root, capsys):
    assert submissions_command(argparse.Namespace(action="list", name="a1", roster=None), root) == 0
    heading, *rows, last = capsys.readouterr().out.splitlines()
    at = heading.index("state")
    return {row.split()[0]: row[at:].split("  ")[0].strip() for row in rows}, last


def test_the_list_says_who_has_handed_in_again(root, capsys):
    assert handed_in_anew(FULL, root) == frozenset()
    laid(submission_folder("bob", FULL, root), {f"{FULL}.ipynb": nb("x = 2")})
    assert handed_in_anew(FULL, root) == {"bob"}
    rows, last = listed(root, capsys)
    assert rows == {"ada": "graded", "bob": "handed in again", "cleo": "handed in"}
    assert last == f"{FULL}: 1 graded, 1 handed in again, 1 handed in, 0 missing, 0 late"


def test_a_file_beside_the_notebook_counts_as_well(root):
    laid(submission_folder("ada", FULL, root), {"helper.py": b"x = 3"})
    assert handed_in_anew(FULL, root) == {"ada"}


def test_without_a_journal_nobody_knows(root):
    journal_file(FULL, root).unlink()
    assert handed_in_anew(FULL, root) == frozenset()


@pytest.fixture
def opened(root, monkeypatch):
    """The submitted files that have been opened; all of them are older than what has just been written."""
    monkeypatch.setattr(seen, "SETTLED", -60.0)
    found, usual = [], builtins.open

    def noting(path, *arguments, **options):
        if Path(path).is_relative_to(root / "submitted"):
            found.append(Path(path).relative_to(root / "submitted").parts[0])
        return usual(path, *arguments, **options)

    monkeypatch.setattr(builtins, "open", noting)
    return found


def looked(root, opened):
    """Who has handed in anew, and whose files were read for it."""
    opened.clear()
    return set(handed_in_anew(FULL, root)), sorted(opened)


def test_files_that_look_as_before_are_not_read_again(root, opened):
    assert looked(root, opened) == (set(), ["ada", "bob"])
    assert looked(root, opened) == (set(), [])
    laid(submission_folder("bob", FULL, root), {f"{FULL}.ipynb": nb("x = 2")})
    assert looked(root, opened) == ({"bob"}, ["bob"])
    assert looked(root, opened) == ({"bob"}, [])


@pytest.mark.parametrize("change", ["same size and time", "renamed", "a link", "gone", "new beside it"])
def test_whatever_changes_is_seen(root, opened, change):
    handed_in_anew(FULL, root)
    folder = submission_folder("bob", FULL, root)
    notebook, copy = folder / f"{FULL}.ipynb", root / "copy"
    before = notebook.stat()
    if change == "same size and time":
        notebook.write_bytes(notebook.read_bytes().replace(b"x = 1", b"x = 7"))
        os.utime(notebook, ns=(before.st_atime_ns, before.st_mtime_ns))
        assert notebook.stat().st_size == before.st_size
    elif change == "renamed":
        notebook.rename(folder / "other.ipynb")
    elif change == "a link":
        notebook.rename(copy)
        notebook.symlink_to(copy)
    elif change == "gone":
        notebook.unlink()
    else:
        (folder / "helper.py").write_bytes(b"")
    assert looked(root, opened)[0] == {"bob"}


def test_what_was_written_a_moment_ago_is_read_again(root, opened, monkeypatch):
    """A second change within one tick of the file system's clock would leave its time as it is."""
    monkeypatch.setattr(seen, "SETTLED", 3.0)
    assert looked(root, opened) == looked(root, opened) == (set(), ["ada", "bob"])
    later = time.time() + 4
    monkeypatch.setattr(time, "time", lambda: later)
    assert looked(root, opened)[1] == ["ada", "bob"]
    assert looked(root, opened)[1] == []


@pytest.mark.parametrize("content", ["", "[]", "{", '{"a": 1}'])
def test_without_what_was_kept_all_are_read(root, opened, content):
    handed_in_anew(FULL, root)
    kept = journal_file(FULL, root).with_suffix(".seen.json")
    kept.write_text(content)
    assert looked(root, opened) == (set(), ["ada", "bob"])
    assert looked(root, opened) == (set(), [])


def test_what_is_kept_names_nobody(root, opened):
    handed_in_anew(FULL, root)
    kept = journal_file(FULL, root).with_suffix(".seen.json").read_text()
    assert "ada" not in kept
    assert "bob" not in kept


def test_the_mark_similar_reads_no_file_again(root, opened):
    digests = {name: submission_digest(submission_folder(name, FULL, root)) for name in ("ada", "bob")}
    similarity_file(FULL, root).parent.mkdir(parents=True)
    similarity_file(FULL, root).write_text(json.dumps({"pairs": [["ada", "bob"]], "handed in": digests}))
    handed_in_anew(FULL, root)
    opened.clear()
    assert similar_students(FULL, root) == {"ada", "bob"}
    assert opened == []


def test_the_roster_of_former_imports_says_who_is_missing(root, capsys):
    keep_people([Person("dan", "Dan")], root)
    rows, last = listed(root, capsys)
    assert rows["dan"] == "missing"
    assert last.endswith("1 missing, 0 late")


def test_their_old_marks_are_not_exported_and_are_marked_in_the_table():
    marks = SimpleNamespace(score=8.0, waiting=False, cells=(), most=10.0, student="ada", assignment=FULL)
    place = ("ada", FULL)
    group = ClassMarks((FULL,), {place: marks}, {"ada": Someone("ada")}, anew=frozenset([place]))
    with pytest.raises(ValueError, match=r"ada has handed in a1 again; `course grade a1` grades them"):
        check_complete(group, missing_zero=True, written_pending=True)
    check_complete(ClassMarks((FULL,), {place: marks}, {"ada": Someone("ada")}))
    assert any("handed in again" in line for line in grades_table(group))
