"""What the commands of grading say where something is missing."""

from __future__ import annotations

import argparse

import pytest

from lib import cli
from lib.commands import COMMANDS, parse_command
from lib.grading import command
from lib.grading.sandbox.attempt import Attempt

OF_INSTRUCTORS = (
    "grade", "regrade", "feedback", "submissions", "grades", "similarity", "formgrader", "leaderboard",
)  # fmt: skip
CALLS = {
    "grade": ["grade", "a1"],
    "regrade": ["regrade", "a1"],
    "feedback": ["feedback", "a1"],
    "submissions": ["submissions", "list", "a1"],
    "grades": ["grades"],
    "similarity": ["similarity", "a1"],
    "formgrader": ["formgrader"],
    "leaderboard": ["leaderboard", "status"],
}


def choose(monkeypatch, attempts, **options):
    monkeypatch.setattr(command, "try_all", lambda: attempts)
    monkeypatch.delenv("COURSE_SANDBOX", raising=False)
    usual = {"unsandboxed": False, "sandbox": "", "scheduler": ""}
    return command.chosen_kind(argparse.Namespace(**(usual | options)))


@pytest.mark.parametrize("name", OF_INSTRUCTORS)
def test_students_copies_say_whose_command_it_is(name, tmp_path, monkeypatch, capsys):
    assert COMMANDS[name].startswith("for instructors: ")
    monkeypatch.setattr(cli, "ROOT", tmp_path)
    assert cli.main(CALLS[name]) == 1
    assert "expected the instructors' copy of the course" in capsys.readouterr().err


WORKS = [Attempt("template"), Attempt("bubblewrap"), Attempt("container", "no engine", "install podman")]
FAILS = [Attempt(kind, f"no {kind}", "sudo apt install bubblewrap") for kind in ("template", "bubblewrap")]


def test_the_best_sandbox_that_works_is_chosen(monkeypatch):
    assert choose(monkeypatch, WORKS) == "template"
    assert choose(monkeypatch, [FAILS[0], *WORKS[1:]]) == "bubblewrap"
    assert choose(monkeypatch, WORKS, sandbox="bubblewrap") == "bubblewrap"
    monkeypatch.setenv("COURSE_SANDBOX", "bubblewrap")
    chosen = argparse.Namespace(unsandboxed=False, sandbox="", scheduler="")
    assert command.chosen_kind(chosen) == "bubblewrap"


def test_without_a_sandbox_it_refuses_and_says_what_mends_it(monkeypatch):
    with pytest.raises(ValueError, match="expected one that works") as refused:
        choose(monkeypatch, FAILS)
    assert "no bubblewrap" in str(refused.value)
    assert str(refused.value).count("sudo apt install bubblewrap") == 1
    assert "--unsandboxed" in str(refused.value)
    with pytest.raises(ValueError, match="no engine"):
        choose(monkeypatch, WORKS, sandbox="container")
    assert choose(monkeypatch, FAILS, unsandboxed=True) == "none"


@pytest.mark.parametrize("kind", ["none", "docker", "Template"])
def test_another_sandbox_is_refused(monkeypatch, kind):
    with pytest.raises(ValueError, match="sandbox: expected one of template, bubblewrap, container, got"):
        choose(monkeypatch, WORKS, sandbox=kind)


@pytest.mark.parametrize(
    ("what", "assignment", "exported"),
    [([], "", False), (["a1"], "a1", False), (["export"], "", True), (["export", "a1"], "a1", True)],
)
def test_grades_are_shown_or_exported(monkeypatch, what, assignment, exported):
    called = []
    monkeypatch.setattr(
        "lib.grading.exports.command.grades_command", lambda args: called.append((args, False))
    )
    monkeypatch.setattr(
        "lib.grading.exports.command.export_command", lambda args: called.append((args, True))
    )
    assert cli.main(["grades", *what]) == 0
    args, which = called[0]
    assert (args.assignment, which) == (assignment, exported)


def test_two_assignments_at_once_are_refused(capsys):
    assert cli.main(["grades", "a1", "a2"]) == 1
    assert "grades: expected one assignment or none, got a1, a2" in capsys.readouterr().err


@pytest.mark.parametrize(
    "line",
    [
        "grade a1 --student ada bob --force --workers 4 --scheduler tcp://x:1 --unsandboxed --db sqlite:///x",
        "grade --mend-gradebook",
        "grade a2 --cell-seconds 60 --notebook-seconds 180 --memory 2G",
        "regrade a2 --memory 800M",
        "regrade a1 --dry-run --sandbox bubblewrap",
        "feedback a1 --student ada",
        "submissions import a1 downloads.zip --roster class.csv --deadline 2026-11-28",
        "submissions list a1",
        "submissions forget ada --yes",
        "submissions purge --before 2026-01-01",
        "grades export a1 --form canvas --to marks.csv --written-pending --missing-zero",
        "similarity a2 --to page.html --last-year old --pairs 5 --ask ada --seed 1",
        "formgrader a1 --anonymous --no-browser",
    ],
)
def test_these_lines_are_understood(line):
    args, further = parse_command(line.split())
    assert args.command == line.split()[0]
    assert further == (["--no-browser"] if "--no-browser" in line else [])


def test_a_missing_extra_is_named(monkeypatch, capsys):
    def grade_command(args):
        raise ModuleNotFoundError("No module named 'distributed'", name="distributed")

    monkeypatch.setattr(command, "grade_command", grade_command)
    assert cli.main(["grade", "a1"]) == 1
    said = capsys.readouterr().err
    assert "distributed is not installed" in said
    assert "grading" in said.rpartition("pip")[2]


def test_an_export_is_named_by_its_form(monkeypatch):
    called = []
    monkeypatch.setattr("lib.grading.exports.command.export_command", called.append)
    for form in ("csv", "gradescope", "json"):
        assert cli.main(["grades", "export", "--form", form]) == 0
    assert [str(args.to) for args in called] == ["grades.csv", "grades.zip", "grades.json"]
