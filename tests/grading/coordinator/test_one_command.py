"""Of the commands that change or read a class's files one runs at a time; the second says who is there."""

from __future__ import annotations

import functools
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from nbformat import writes
from nbformat.v4 import new_notebook

from lib import cli
from lib.assignments.originals import keep_original
from lib.commands import parse_command
from lib.grading import command
from lib.grading.exports import command as exports
from lib.grading.feedback import command as feedback
from lib.grading.lock import alone
from lib.grading.similarity import command as similarity
from lib.grading.submissions import command as submissions
from lib.grading.submissions.kept import incoming_folder

COURSE = Path(__file__).parents[3]
NAME = "a1_small"
HOLD = """
import sys
from pathlib import Path
from lib.grading.lock import alone
with alone(Path(sys.argv[1]), "course grade a2"):
    print("in", flush=True)
    sys.stdin.read()
"""
COMMANDS = {
    "grade a1": (command, "grade_command"),
    "grade --mend-gradebook": (command, "grade_command"),
    "regrade a1": (command, "regrade_command"),
    "regrade a1 --dry-run": (command, "regrade_command"),
    "submissions import a1 downloads.zip": (submissions, "submissions_command"),
    "submissions forget ada --yes": (submissions, "submissions_command"),
    "submissions purge --before 2026-10-01 --yes": (submissions, "submissions_command"),
    "feedback a1": (feedback, "feedback_command"),
    "grades --give-back": (exports, "grades_command"),
    "similarity a1": (similarity, "similarity_command"),
}


@pytest.fixture
def root(tmp_path):
    keep_original(NAME, {f"{NAME}.ipynb": writes(new_notebook()).encode()}, tmp_path)
    return tmp_path


@pytest.fixture
def holder(root):
    """Another process, which grades."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(root)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(COURSE)},
    ) as process:  # fmt: skip
        assert process.stdout.readline() == b"in\n"
        yield process
        process.kill()


@pytest.mark.parametrize("line", COMMANDS)
def test_a_second_command_says_who_is_there_and_changes_nothing(line, root, holder, monkeypatch, capsys):
    module, name = COMMANDS[line]
    monkeypatch.setattr(module, name, functools.partial(getattr(module, name), root=root))
    before = sorted(root.rglob("*"))
    assert cli.main(line.split()) == 1
    said = capsys.readouterr().err
    typed = " ".join(line.split()[:2])
    assert re.search(
        rf"course {typed}: expected no other command at work in this course, got `course grade a2` "
        rf"\(process {holder.pid}, since \d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d\); wait until it has ended",
        said,
    )
    assert sorted(root.rglob("*")) == before


def test_a_list_waits_for_nobody(root, holder, capsys):
    args, _ = parse_command(["submissions", "list", "a1"])
    assert submissions.submissions_command(args, root) == 0


def test_the_lock_of_a_killed_command_is_free(root, holder):
    holder.kill()
    holder.wait()
    with alone(root, "course grade a1"):
        note = (root / "grading" / "lock.json").read_text()
    assert f'"process": {os.getpid()}' in note
    assert not (root / "grading" / "lock.json").exists()


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"command": 1}', "\0"])
def test_a_note_that_cannot_be_read_changes_nothing(root, holder, content):
    (root / "grading" / "lock.json").write_text(content)
    with (
        pytest.raises(BlockingIOError, match="got one that has just begun; wait"),
        alone(root, "course grade a1"),
    ):
        pass


def test_the_lock_is_free_after_an_error(root):
    for _ in range(2):
        with pytest.raises(ZeroDivisionError), alone(root, "course grade a1"):
            raise ZeroDivisionError


def test_what_a_killed_import_has_begun_is_graded(root, monkeypatch):
    """The import was killed when the version before had left its place, and the new one was not there yet."""
    incoming = incoming_folder("ada", NAME, root)
    (incoming / f"{NAME}.ipynb").write_text("{}")
    incoming.rename(incoming.with_name("ada"))
    monkeypatch.setattr(command, "read_secret", lambda: b"s" * 32)
    run = command.GradingRun(parse_command(["grade", "a1", "--workers", "1"])[0], root)
    assert run.students == ["ada"]
    assert (root / "submitted" / "ada" / NAME / f"{NAME}.ipynb").exists()
