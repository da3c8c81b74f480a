"""Errors of the library speak with one voice: `NAME: expected WHAT, got WHAT; do THIS`."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# Every error in these has the one voice. What data_loaders raises as Unreadable is the end of such a
# sentence; tests/data_loaders/test_hostile_files.py looks at the whole. What is said to a person at a
# terminal has a voice of its own, a sentence about the computer with what mends it: argparse in cli.py, the
# `Problem` of bootstrap, the `Finding` of the doctor. None of these is an error of ERRORS.
ONE_VOICE = ["benchmarks", "data_loaders", "lib"]
# In these no error has one of the old voices.
NO_OLD_VOICE = ONE_VOICE

# What is said to the person who typed an expression: the text field puts its name in front. (lib/graph/typed
# needs no exception: a `ParseError`, with the typed text and a caret below the slip, is none of ERRORS.)
ELSEWHERE = ("live_graph", "text_field")
OLD_VOICES = (", accepted", "accepted are", "it takes")
ERRORS = {
    "AttributeError", "FileExistsError", "FloatingPointError", "IndexError", "KeyError", "TypeError",
    "ValueError",
}  # fmt: skip


def errors(path):
    """(line, text) of each message that a file raises; what is filled in stands as {…}."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        match node:
            case ast.Call(func=ast.Name(id=name), args=[message, *_]) if name in ERRORS:
                yield node.lineno, words(message)


def words(message):
    """The letters of a literal, of an f-string, or of what is added up from them."""
    match message:
        case ast.Constant(value=value):
            return str(value)
        case ast.JoinedStr(values=parts):
            return "".join(words(part) for part in parts)
        case ast.BinOp(left=left, right=right):
            return words(left) + words(right)
    return "{…}"


def files(rooms):
    """The files of some rooms, as parameters of a test."""
    found = []
    for room in rooms:
        place = ROOT / room
        assert place.exists(), f"{room} is gone: take it out of the list"
        found += sorted(place.rglob("*.py")) if place.is_dir() else [place]
    names = [path.relative_to(ROOT).as_posix() for path in found]
    return [name for name in names if not any(part in name for part in ELSEWHERE)]


@pytest.mark.parametrize("name", files(NO_OLD_VOICE))
def test_no_error_has_an_old_voice(name):
    for line, text in errors(ROOT / name):
        assert not any(old in text for old in OLD_VOICES), f"{name}:{line}: write `expected …, got …`: {text}"


@pytest.mark.parametrize("name", files(ONE_VOICE))
def test_an_error_names_what_is_wrong_and_says_what_is_expected(name):
    for line, text in errors(ROOT / name):
        argument, colon, sentence = text.partition(": ")
        assert colon, f"{name}:{line} names nothing: {text}"
        assert len(argument.split()) <= 3, f"{name}:{line} begins with {argument!r}, expected a name"
        assert "expected" in sentence, f"{name}:{line} does not say what is expected: {text}"


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('raise ValueError(f"k: got {k!r}, accepted are 1 to {n}")', "k: got {…}, accepted are 1 to {…}"),
        ('raise TypeError("x: it takes " f"{a}" "!")', "x: it takes {…}!"),
        ('error = ValueError("a: b" + c)', "a: b{…}"),
        ("raise ValueError(message) from None", "{…}"),
    ],
)
def test_messages_are_found_however_they_are_written(source, found, tmp_path):
    (tmp_path / "a.py").write_text(source, "utf-8")
    assert [text for _, text in errors(tmp_path / "a.py")] == [found]
