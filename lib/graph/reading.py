"""Reads a typed expression word by word, so that a slip is explained where it stands."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from keyword import iskeyword

LONGEST = 1000  # characters
DEEPEST = 50  # brackets one inside the other
AS_TYPED = str.maketrans("×·⋅∙•∗−–—÷∕⁄₀₁₂₃₄₅₆₇₈₉", "******---///0123456789")
WORD = re.compile(
    r"(?P<number>(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?)|(?P<name>[^\W\d²³][^\W²³]*)"
    r"|(?P<operator>\*\*|[-+*/@^])|(?P<bracket>[()])|(?P<comma>,)|(?P<exponent>[²³])"
)
PYTHON = {"^": "**", "²": "** 2", "³": "** 3"}
HINTS = {
    "=": "type only what stands right of the =",
    "<": "comparisons are no gates; max and min are",
    ">": "comparisons are no gates; max and min are",
    "[": "write round brackets ( )",
    "]": "write round brackets ( )",
    "{": "write round brackets ( )",
    "}": "write round brackets ( )",
    "'": "an expression has numbers and names, no text in quotes",
    '"': "an expression has numbers and names, no text in quotes",
    ".": "a name has no point in it; a number has one, as in 0.5",
    "|": "for the absolute value of x write max(x, -x)",
    "√": "for the square root of x write x ** 0.5",
}
INSTEAD = {"sqrt": "x ** 0.5", "ln": "log(x)", "abs": "max(x, -x)", "square": "x ** 2", "pow": "x ** 2"}


class ParseError(ValueError):
    """A slip in a typed expression: what is wrong, and a caret below the place.

    message: one sentence; text: as it was typed; position: counted from 0, in characters
    """

    def __init__(self, message: str, text: str, position: int = 0):
        start = max(0, position - 40)
        shown = "".join(c if c.isprintable() else " " for c in text[start : start + 80])
        super().__init__(f"{message}\n    {shown}\n    {' ' * (position - start)}^")
        self.message, self.text, self.position = message, text, position


@dataclass
class Word:
    """kind: number, name, function, operator, (, ), comma, exponent; python: how Python writes it"""

    kind: str
    typed: str
    position: int
    python: str
    commas: int = 0  # of an opening bracket: so many were seen inside

    @property
    def ends_value(self) -> bool:
        return self.kind in ("number", "name", ")", "exponent")


def to_python(text: str, takes: dict[str, tuple[int, float]]) -> str:
    """The expression in Python's spelling; raises `ParseError` where it is none.

    takes: the functions, and how many values each takes, at least and at most
    """
    if len(text) > LONGEST:
        raise ParseError(f"{len(text)} characters are too long, up to {LONGEST} are read", text)
    words = list(_words(text))
    if not words:
        raise ParseError("nothing is typed yet: write an expression such as (x + y) * z", text)
    opened: list[tuple[Word | None, Word]] = []  # the function, or None, and its bracket
    before = None
    for word, after in zip(words, [*words[1:], None], strict=True):
        if word.kind == "name" and after is not None and after.kind == "(":
            word.kind = "function"
        if word.kind in ("name", "function"):
            _check_name(word, takes, text)
        _check_neighbours(before, word, text)
        if word.kind == "(":
            opened.append((before if before is not None and before.kind == "function" else None, word))
            if len(opened) > DEEPEST:
                raise ParseError(f"more than {DEEPEST} brackets inside each other", text, word.position)
        elif word.kind == "comma":
            if not opened or opened[-1][0] is None:
                hint = "a comma stands between the values of a function; a number has a point, as in 0.5"
                raise ParseError(hint, text, word.position)
            opened[-1][1].commas += 1
        elif word.kind == ")":
            if not opened:
                raise ParseError("this bracket was never opened", text, word.position)
            _check_count(*opened.pop(), takes, text)
        before = word
    if not before.ends_value:
        raise ParseError(f"something is missing after {before.typed}", text, len(text.rstrip()))
    if opened:
        raise ParseError("this bracket is never closed", text, opened[-1][1].position)
    return " ".join(word.python for word in words)


def _words(text: str) -> Iterator[Word]:
    plain, position = text.translate(AS_TYPED), 0
    while position < len(text):
        if text[position].isspace():
            position += 1
            continue
        match = WORD.match(plain, position)
        kind, typed = (match.lastgroup, match.group()) if match else ("", text[position])
        name = unicodedata.normalize("NFKC", typed)
        if not match or (kind == "name" and not name.isidentifier()):
            hint = HINTS.get(typed[0], "an expression has numbers, names, + - * / ** and brackets")
            raise ParseError(f"{typed[0]!r} is not understood: {hint}", text, position)
        if kind == "number" and math.isinf(float(typed)):
            raise ParseError("this number is too large", text, position)
        python = (
            name if kind == "name" else repr(float(typed)) if kind == "number" else PYTHON.get(typed, typed)
        )
        yield Word(typed if kind == "bracket" else kind, typed, position, python)
        position = match.end()


def _check_neighbours(before: Word | None, word: Word, text: str) -> None:
    """Values and operators take turns."""
    starts_value = word.kind in ("number", "name", "function", "(")
    if before is not None and before.ends_value:
        if before.kind == "exponent" and word.kind == "exponent":
            raise ParseError("write a larger exponent as in x ** 22", text, word.position)
        if starts_value:
            left, right = ("(…)" if part.kind in "()" else part.typed for part in (before, word))
            hint = (
                f"for a product write {left} * {right}" if word.kind != "number" else "or one point too many"
            )
            raise ParseError(f"an operator is missing here; {hint}", text, word.position)
    elif not (starts_value or word.typed in ("+", "-")) and (before is None or before.kind != "function"):
        where = f"between {before.typed} and {word.typed}" if before is not None else f"before {word.typed}"
        raise ParseError(f"something is missing {where}", text, word.position)


def _check_name(word: Word, takes: dict[str, tuple[int, float]], text: str) -> None:
    name = word.python
    if iskeyword(name):
        raise ParseError(f"{name} is a word of Python: choose another name", text, word.position)
    if word.kind == "name" and name in takes:
        raise ParseError(f"{name} is a function: write {name}(…)", text, word.position)
    if word.kind == "function" and name not in takes:
        close = get_close_matches(name, takes, 1, 0.7)
        if name in INSTEAD:
            hint = f"write {INSTEAD[name]}"
        elif close:
            hint = f"did you mean {close[0]}?"
        elif len(name) < 3:
            hint = f"for a product write {name} * (…)"
        else:
            hint = f"there are {', '.join(takes)}"
        raise ParseError(f"{name} is no function: {hint}", text, word.position)


def _check_count(
    function: Word | None, bracket: Word, takes: dict[str, tuple[int, float]], text: str
) -> None:
    if function is None:
        return
    least, most = takes[function.python]
    if not least <= bracket.commas + 1 <= most:
        count = f"{least}" if least == most else f"at least {least}"
        raise ParseError(
            f"{function.typed} takes {count} value{'s' if least > 1 else ''}, "
            f"here {'are' if bracket.commas else 'is'} {bracket.commas + 1}",
            text,
            function.position,
        )
