"""Each command that a message of grading names is whole: whoever types it gets no other error."""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from lib import cli
from lib.commands import parse_command

ROOT = Path(__file__).parents[2]
COMMAND = re.compile(r"`(course [^`]+)`")
FIELD = re.compile(r"\{[^{}]*\}")
NAMED = {  # whose command it was, and nothing to type
    ("lib/grading/gradebook/marks.py", "course grade"),
}
STUDENTS = ("course hand-in a1", "course reset a1")


def texts(tree: ast.AST) -> Iterator[str]:
    """All texts in a program but its docstrings; in the place of a value stands a1."""
    said = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    inside: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            inside |= {id(part) for part in node.values}
            yield "".join(str(p.value) if isinstance(p, ast.Constant) else "a1" for p in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said | inside:
            yield node.value


def hints() -> list[tuple[str, str]]:
    """(file, command) of all that the messages of grading name."""
    found = []
    for path in sorted((ROOT / "lib" / "grading").rglob("*.py")):
        file = path.relative_to(ROOT).as_posix()
        for text in texts(ast.parse(path.read_text("utf-8"))):
            commands = (FIELD.sub("a1", command) for command in COMMAND.findall(text))
            found += [(file, command) for command in commands if (file, command) not in NAMED]
    return sorted(set(found))


def accepted(args):
    """Nothing is raised for the options of `course grades`."""
    word, *names = args.what or [""]
    args.assignment = (names or [""])[0] if word == "export" else word
    cli._check_grades(args, word == "export")


@pytest.mark.parametrize(("file", "command"), hints())
def test_a_command_that_a_message_names_can_be_typed(file, command):
    args, further = parse_command(shlex.split(command)[1:])
    assert not further
    if args.command == "grade":  # the parser takes it without a name, and the command does not
        assert args.assignment or args.mend_gradebook
    if args.command == "grades":
        accepted(args)


def test_the_hints_are_found():
    commands = {command for _, command in hints()}
    assert {"course grade a1", "course submissions list a1", "course grades --give-back"} <= commands
    assert len(commands) > 12


@pytest.mark.parametrize(
    ("program", "found"),
    [
        ('"""`course grade` grades."""', []),
        ('raise ValueError("`course grade` does it")', ["course grade"]),
        ('x = f"`course grade {short}` does it"', ["course grade a1"]),
        ('x = "`course grade {}` does it".format(y)', ["course grade a1"]),
        ('x = f"`course {command} {short} --force`"', ["course a1 a1 --force"]),
    ],
)
def test_hints_of_a_program_are_seen(program, found):
    commands = [FIELD.sub("a1", c) for text in texts(ast.parse(program)) for c in COMMAND.findall(text)]
    assert commands == found


OPTIONS = {  # what somebody types → what to type
    "grades a2 --to x.csv": "course grades export a2 --to x.csv",
    "grades --to x.csv": "course grades export --to x.csv",
    "grades a2 --form moodle": "course grades export a2 --form moodle",
    "grades a2 --form csv --to my.csv": "course grades export a2 --to my.csv --form csv",
    "grades --missing-zero": "course grades export --missing-zero",
    "grades a2 --written-pending": "course grades export a2 --written-pending",
    "grades a2 --to 'my marks.csv'": "course grades export a2 --to 'my marks.csv'",
    "grades export a2 --give-back": "course grades a2 --give-back",
    "grades export --anonymous": "course grades --anonymous",
}


@pytest.mark.parametrize("typed", OPTIONS)
def test_an_option_that_would_do_nothing_is_refused_with_what_to_type(typed, monkeypatch, capsys):
    monkeypatch.setattr(cli, "_grading", None)  # no command runs
    assert cli.main(shlex.split(typed)) == 1
    said = capsys.readouterr().err
    assert f"write `{OPTIONS[typed]}`" in said
    args, _ = parse_command(shlex.split(OPTIONS[typed])[1:])
    accepted(args)
