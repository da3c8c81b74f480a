"""A typed expression in Python's spelling: read word by word, so that a slip is explained where it stands."""

from __future__ import annotations

import math
from collections.abc import Mapping
from difflib import get_close_matches
from keyword import iskeyword

from lib.graph.gate import counted
from lib.graph.typed.parse_error import ParseError
from lib.graph.typed.word import Word, split_words
from lib.graph.vocabulary import typing_hints

LONGEST = 1000  # characters
DEEPEST_BRACKETS = 50  # one inside the other

Takes = Mapping[str, tuple[int, float]]  # function → how many values it takes, at least and at most


def to_python(text: str, takes: Takes) -> str:
    """The expression in Python's spelling; raises `ParseError` where it is none.

    takes: every function that may be typed, and how many values it takes, at least and at most

    >>> to_python("2·max(x, y)²", {"max": (2, 2)})
    '2.0 * max ( x , y ) ** 2'
    """
    if len(text) > LONGEST:
        raise ParseError(f"{len(text)} characters are too long, up to {LONGEST} are read", text)
    words = list(split_words(text))
    if not words:
        raise ParseError("nothing is typed yet: write an expression such as (x + y) * z", text)
    opened: list[tuple[Word | None, Word]] = []  # the function, or None, and its bracket
    before: Word | None = None
    for number, (word, after) in enumerate(zip(words, [*words[1:], None], strict=True)):
        if word.kind == "name" and after is not None and after.kind == "(":
            word.kind = "function"
        if word.kind in ("name", "function"):
            check_name(word, takes, text)
            check_euler(words, number, text)
        check_neighbours(before, word, text)
        if word.kind == "(":
            opened.append((before if before is not None and before.kind == "function" else None, word))
            if len(opened) > DEEPEST_BRACKETS:
                message = f"more than {DEEPEST_BRACKETS} brackets inside each other"
                raise ParseError(message, text, word.position)
        elif word.kind == "comma":
            if not opened or opened[-1][0] is None:
                hint = "a comma stands between the values of a function; a number has a point, as in 0.5"
                raise ParseError(hint, text, word.position)
            opened[-1][1].commas += 1
        elif word.kind == ")":
            if not opened:
                raise ParseError("this bracket was never opened", text, word.position)
            check_arity(*opened.pop(), takes, text)
        before = word
    if not words[-1].ends_value:
        raise ParseError(f"something is missing after {words[-1].typed}", text, len(text.rstrip()))
    if opened:
        raise ParseError("this bracket is never closed", text, opened[-1][1].position)
    return " ".join(word.python for word in words)


def check_neighbours(before: Word | None, word: Word, text: str) -> None:
    """Values and operators take turns."""
    if before is not None and before.ends_value:
        if before.kind == "exponent" and word.kind == "exponent":
            raise ParseError("write a larger exponent as in x ** 22", text, word.position)
        if word.starts_value:
            left, right = ("(…)" if part.kind in "()" else part.typed for part in (before, word))
            hint = (
                f"for a product write {left} * {right}" if word.kind != "number" else "or one point too many"
            )
            raise ParseError(f"an operator is missing here; {hint}", text, word.position)
    elif not (word.starts_value or word.typed in ("+", "-")) and (
        before is None or before.kind != "function"
    ):
        if before is not None and before.typed == word.typed == "/" and word.position == before.position + 1:
            raise ParseError("// is no operator here: write / to divide", text, before.position)
        where = f"between {before.typed} and {word.typed}" if before is not None else f"before {word.typed}"
        raise ParseError(f"something is missing {where}", text, word.position)


def check_name(word: Word, takes: Takes, text: str) -> None:
    """A function is known and has brackets; any other name is an input."""
    name = word.python
    if name == "lambda":
        raise ParseError("lambda is a word of Python: write lam", text, word.position)
    if iskeyword(name):
        raise ParseError(f"{name} is a word of Python: choose another name", text, word.position)
    if word.kind == "name" and name in takes:
        raise ParseError(f"{name} is a function: write {name}(…)", text, word.position)
    if word.kind == "function" and name not in takes:
        plain, hints = name.lower(), typing_hints()
        close = get_close_matches(plain, takes, 1, 0.7)
        if name in hints or plain in hints:
            hint = f"write {hints.get(name) or hints[plain]}"
        elif close and (
            plain in takes or not hasattr(math, plain)
        ):  # tan is no slip for tanh, nor asin for sin
            hint = f"did you mean {close[0]}?"
        elif len(name) < 3:
            hint = f"for a product write {name} * (…)"
        else:
            hint = f"there are {', '.join(takes)}"
        raise ParseError(f"{name} is no function: {hint}", text, word.position)


def check_euler(words: list[Word], number: int, text: str) -> None:
    """e is an input like any other, but e ** x is most likely meant as exp(x)."""
    word, rest = words[number], words[number + 1 : number + 3]
    raised = len(rest) == 2 and rest[0].python == "**" and rest[1].kind != "number"
    if word.python == "e" and raised:
        raise ParseError("e would be an input here: write exp(…) for a power of e", text, word.position)


def check_arity(function: Word | None, bracket: Word, takes: Takes, text: str) -> None:
    """A function has as many values between its brackets as it takes."""
    if function is None:
        return
    least, most = takes[function.python]
    count = bracket.commas + 1
    if not least <= count <= most:
        here = f"here {'are' if count > 1 else 'is'} {count}"
        message = f"{function.typed} takes {counted(least, most)}, {here}"
        raise ParseError(message, text, function.position)
