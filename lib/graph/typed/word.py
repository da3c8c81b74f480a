"""The words of a typed expression: numbers, names, operators and brackets, each with its place."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from lib.graph.typed.parse_error import ParseError
from lib.graph.vocabulary import typed_functions, typing_hints

AS_TYPED = str.maketrans("×·⋅∙•∗−–—÷∕⁄₀₁₂₃₄₅₆₇₈₉", "******---///0123456789")
WORD = re.compile(
    r"(?P<number>(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?)|(?P<name>[^\W\d²³][^\W²³]*)"
    r"|(?P<operator>\*\*|[-+*/@^])|(?P<bracket>[()])|(?P<comma>,)|(?P<exponent>[²³])"
)
NO_DECIMAL = re.compile(
    r"0[xX][\da-fA-F]+\b|0[bB][01]+\b|0[oO][0-7]+\b|\d+(_\d+)+(\.\d+)?\b"
)  # Python reads it
FROM_A_MODULE = re.compile(r"\b(np|numpy|math|cmath|scipy|torch|tf|F|nn)\.([^\W\d]\w*)")
PYTHON = {"^": "**", "²": "** 2", "³": "** 3"}
HINTS = {  # for characters that no gate knows a hint for
    "=": "type only what stands right of the =",
    "<": "comparisons are no gates; max and min are",
    ">": "comparisons are no gates; max and min are",
    "[": "write round brackets ( )",
    "]": "write round brackets ( )",
    "{": "write round brackets ( )",
    "}": "write round brackets ( )",
    "'": "an expression has numbers and names, no text in quotes",
    '"': "an expression has numbers and names, no text in quotes",
    ":": "type only what stands right of the :=",
    "%": "there is no gate for the remainder of a division",
    ".": "a name has no point in it; a number has one, as in 0.5",
}


@dataclass
class Word:
    """One word of an expression.

    kind: number, name, function, operator, (, ), comma or exponent
    typed: as it was typed
    position: where it begins, counted from 0, in characters
    python: how Python writes it
    commas: of an opening bracket, how many were seen inside
    """

    kind: str
    typed: str
    position: int
    python: str
    commas: int = 0

    @property
    def ends_value(self) -> bool:
        return self.kind in ("number", "name", ")", "exponent")

    @property
    def may_begin(self) -> bool:
        return self.starts_value or self.typed in ("+", "-")

    @property
    def starts_value(self) -> bool:
        return self.kind in ("number", "name", "function", "(")


def split_words(text: str) -> Iterator[Word]:
    """The words of a text, in order; raises `ParseError` at a character that belongs to none."""
    plain, position = text.translate(AS_TYPED), 0
    while position < len(text):
        if text[position].isspace():
            position += 1
            continue
        match = WORD.match(plain, position)
        if match is None:
            raise not_understood(text, position)
        if slip := FROM_A_MODULE.match(plain, position):
            module, name = slip.groups()
            known = dict.fromkeys(typed_functions()) | {"pi": None}
            there = ", ".join(known)
            right = typing_hints().get(name, name if name in known else "")
            hint = f"write {right}, without {module}." if right else f"there are {there}"
            raise ParseError(f"{slip.group()} is not understood: {hint}", text, position)
        if slip := NO_DECIMAL.match(plain, position):
            raise ParseError(
                f"{slip.group()} is no number here: write {decimal(slip.group())}", text, position
            )
        kind, typed = str(match.lastgroup), match.group()
        python = PYTHON.get(typed, typed)
        if kind == "name":
            python = unicodedata.normalize("NFKC", typed)
            if not python.isidentifier():
                raise not_understood(text, position)
        elif kind == "number":
            if math.isinf(float(typed)):
                raise ParseError("this number is too large", text, position)
            python = repr(float(typed))
        yield Word(typed if kind == "bracket" else kind, typed, position, python)
        position = match.end()


def decimal(typed: str) -> str:
    """A number that only Python can read, as it may be typed: 0x10 is 16, 1_000 is 1000."""
    return typed.replace("_", "") if "_" in typed else str(int(typed, 0))


def not_understood(text: str, position: int) -> ParseError:
    """The error for a character that has no meaning in an expression."""
    character = text[position]
    hint = HINTS.get(character, "an expression has numbers, names, + - * / ** and brackets")
    if unicodedata.combining(character):
        hint = "a name has letters, digits and _, as in x_hat"
    if character in typing_hints():
        hint = f"write {typing_hints()[character]}"
    return ParseError(f"{character!r} is not understood: {hint}", text, position)
