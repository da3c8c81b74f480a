"""Errors of the library speak with one voice: `NAME: expected WHAT, got WHAT; do THIS`."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# The rooms that speak so already; a room that is added here stays.
ROOMS = [
    "benchmarks",
    "lib/blas.py",
    "lib/checks.py",
    "lib/classifiers",
    "lib/demos",
    "lib/mode.py",
    "lib/plots.py",
    "lib/training",
]
OLD_VOICES = ("accepted are", "it takes", "no such")
ERRORS = {"AttributeError", "IndexError", "KeyError", "TypeError", "ValueError"}


def errors(path):
    """(line, text) of each message that a file raises; what is filled in stands as {…}."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in ERRORS
            and node.args
        ):
            yield node.lineno, words(node.args[0])


def words(message):
    """The letters of a literal, of an f-string, or of what is added up from them."""
    if isinstance(message, ast.Constant):
        return str(message.value)
    if isinstance(message, ast.JoinedStr):
        return "".join(words(part) if isinstance(part, ast.Constant) else "{…}" for part in message.values)
    if isinstance(message, ast.BinOp):
        return words(message.left) + words(message.right)
    return "{…}"


# What is said to the person who typed an expression: the text field puts its name in front.
ELSEWHERE = ("live_graph", "text_field")


def files():
    for room in ROOMS:
        place = ROOT / room
        assert place.exists(), f"ROOMS: {room} is gone; take it out"
        found = sorted(place.rglob("*.py")) if place.is_dir() else [place]
        yield from (
            path for path in found if not any(name in str(path.relative_to(ROOT)) for name in ELSEWHERE)
        )


@pytest.mark.parametrize("path", list(files()), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_errors_have_one_voice(path):
    for line, text in errors(path):
        assert "expected" in text, f"{path.name}:{line} says not what is expected: {text}"
        assert not any(old in text for old in OLD_VOICES), f"{path.name}:{line}: {text}"


@pytest.mark.parametrize("path", list(files()), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_an_error_begins_with_the_name_of_what_is_wrong(path):
    for line, text in errors(path):
        name = text.partition(": ")[0]
        assert name != text, f"{path.name}:{line} names nothing: {text}"
        assert len(name.split()) <= 3, f"{path.name}:{line} begins with {name!r}, expected a name"


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('raise ValueError(f"k: got {k!r}, accepted are 1 to {n}")', "k: got {…}, accepted are 1 to {…}"),
        ('raise TypeError("x: it takes " f"{a}" "!")', "x: it takes {…}!"),
        ('error = ValueError("a: b" + c)', "a: b{…}"),
        ("raise ValueError(message)", "{…}"),
    ],
)
def test_messages_are_found_however_they_are_written(source, found, tmp_path):
    (tmp_path / "a.py").write_text(source)
    assert [text for _, text in errors(tmp_path / "a.py")] == [found]
