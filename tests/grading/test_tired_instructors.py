"""What the commands of grading say where somebody types in haste, or asks too early."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from lib.assignments.originals import keep_original
from lib.grading.command import grade_command, regrade_command
from lib.grading.exports.command import export_command
from lib.grading.submissions.command import submissions_command
from lib.jupyter.start import START_HERE, server_arguments

FULL = "a1_small"


@pytest.fixture
def course(tmp_path):
    keep_original(FULL, {f"{FULL}.ipynb": b"{}"}, tmp_path)
    return tmp_path


LIMITS = {"cell_seconds": 0.0, "notebook_seconds": 0.0, "memory": ""}


def asked(**options):
    usual = {"student": [], "workers": 0, "scheduler": "", "sandbox": "", "unsandboxed": False, "db": ""}
    return argparse.Namespace(
        **(usual | {"mend_gradebook": False, "force": False, "dry_run": False} | LIMITS | options)
    )


def test_grade_without_a_name_asks_for_one(course):
    with pytest.raises(
        ValueError, match=r"assignment: expected one of a1, got none; write `course grade a1`"
    ):
        grade_command(asked(assignment=""), course)


@pytest.mark.parametrize("dry", [False, True])
def test_regrade_where_nobody_has_handed_in_says_so(course, dry, monkeypatch, capsys):
    monkeypatch.setattr("lib.grading.command.read_secret", lambda: b"s")
    monkeypatch.setattr("lib.grading.command.Class", lambda *all: None)
    assert regrade_command(asked(assignment="a1", dry_run=dry), course) == 0
    assert "nobody has handed anything in" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["a1", ""])
def test_an_export_before_there_are_marks_says_what_gives_them(course, name):
    args = argparse.Namespace(
        assignment=name, form="csv", to=course / "out.csv", db="", roster=None, written_pending=False,
        missing_zero=False,
    )  # fmt: skip
    with pytest.raises(ValueError, match=r"grades: expected marks.*, got none; `course grade a1` gives them"):
        export_command(args, course)
    assert not args.to.exists()


def test_an_import_that_finds_nothing_says_so_and_fails(course, capsys):
    source = course / "download"
    source.mkdir()
    for made in (None, source / "README.md"):
        if made:
            made.write_text("not a notebook")
        args = argparse.Namespace(action="import", name="a1", source=source, roster=None, deadline=None)
        assert submissions_command(args, course) == 1
        assert "No submission of a1_small is in there" in capsys.readouterr().out


def test_a_list_before_anything_came_names_the_next_command(course, capsys):
    assert submissions_command(argparse.Namespace(action="list", name="a1", roster=None), course) == 0
    assert "course submissions import" in capsys.readouterr().out


def test_what_opens_is_said_to_jupyter_once():
    """Two of them are an error to traitlets, and Formgrader would not open."""
    ours = server_arguments(["--LabApp.default_url=/formgrader", "--no-browser"], folder=Path("x"))
    assert [a for a in ours if "default_url" in a] == ["--LabApp.default_url=/formgrader"]
    assert any("root_dir" in a for a in ours)
    assert f"--LabApp.default_url=/lab/tree/{START_HERE}" in server_arguments([])
