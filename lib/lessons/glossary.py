"""The words and the symbols of the course, gathered from its lectures.

Each lecture has one cell with the tag "words": a table of words (two columns) and one of symbols (three).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lib.checks import mismatch
from lib.lessons.outline import LectureOutline, outlines, table_rows

RULE = re.compile(r":?-+:?")  # a cell of the line below a table's head


@dataclass(frozen=True)
class Meaning:
    """What a word or a symbol stands for.

    name: the word, or the symbol as a formula, such as "$W_1$"
    shape: of a symbol, such as "$(D, H)$" or "number"; "" for a word
    says: what it is
    """

    name: str
    shape: str
    says: str

    def __str__(self) -> str:
        return f"{self.name} {self.shape}: {self.says}" if self.shape else f"{self.name}: {self.says}"


def meanings(table: str) -> Iterator[Meaning]:
    """The rows of the tables in a text.

    Raises `ValueError` for a table that has not two or three columns in each row.

    >>> print(*meanings("| word | what it is |\\n|---|---|\\n| **stride** | steps of a window |"))
    stride: steps of a window
    """
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in table_rows(table)]
    for row, below in zip(cells, [*cells[1:], []], strict=False):
        if all(map(RULE.fullmatch, row)) or (below and all(map(RULE.fullmatch, below))):
            continue
        if len(row) not in (2, 3):
            raise mismatch("", "table", "rows of two or three columns", f"{len(row)}: {row}")
        name = row[0].strip("*")
        yield Meaning(name, row[1], row[2]) if len(row) == 3 else Meaning(name, "", row[1])


def glossary(lectures: list[LectureOutline]) -> dict[Meaning, list[LectureOutline]]:
    """Each meaning with the lectures that have it, in the order of the course."""
    found: dict[Meaning, list[LectureOutline]] = {}
    for lecture in lectures:
        for meaning in meanings(lecture.words):
            found.setdefault(meaning, []).append(lecture)
    return found


def words_table(found: dict[Meaning, list[LectureOutline]]) -> str:
    """All words in the order of the alphabet, as Markdown, with links to the lectures."""
    words = sorted((each for each in found if not each.shape), key=lambda each: each.name.casefold())
    return _table("word | what it is", [(f"**{each.name}** | {each.says}", found[each]) for each in words])


def symbols_table(found: dict[Meaning, list[LectureOutline]]) -> str:
    """All symbols in the order of the course, as Markdown, with links to the lectures."""
    symbols = [each for each in found if each.shape]
    rows = [(f"{each.name} | {each.shape} | {each.says}", found[each]) for each in symbols]
    return _table("symbol | shape | what it is", rows)


def show_words() -> None:
    """Shows the glossary of all lectures."""
    _show(words_table(glossary(outlines())))


def show_symbols() -> None:
    """Shows the symbols of all lectures, each with its shape."""
    _show(symbols_table(glossary(outlines())))


def _table(head: str, rows: list[tuple[str, list[LectureOutline]]]) -> str:
    """Rows with, in a last column, links to the lectures that have them."""
    rule = "|:--" * (head.count("|") + 2) + "|"
    links = [", ".join(f"[{each.number}]({each.file})" for each in lectures) for _, lectures in rows]
    lines = [f"| {row} | {link} |" for (row, _), link in zip(rows, links, strict=True)]
    return "\n".join([f"| {head} | lecture |", rule, *lines])


def _show(table: str) -> None:
    from IPython.display import Markdown, display

    display(Markdown(table))
