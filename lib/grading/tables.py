"""Tables at a terminal, no wider than it is."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Collection, Iterator, Sequence

from data_loaders.looks import printable

USUAL, NARROWEST = 100, 60  # letters in a line: where no terminal says it, and at least
NAME, SHORTEST = 24, 8  # letters of a student's name: at most, and at least where there is little room
LAST = 12  # letters of the last column, at least, if it needs them


def screen_width() -> int:
    """How many letters a line may have."""
    return max(NARROWEST, shutil.get_terminal_size((USUAL, 24)).columns)


def table_lines(
    rows: Sequence[Sequence[str]], width: int = USUAL, right: Collection[int] = (), names: int | None = None
) -> list[str]:
    """A table in columns; the last one goes on below itself where a line is too long.

    right: the columns of numbers, which stand to the right
    names: the column of students' names, which are cut where that helps; None for no such column
    """
    lines = [[printable(cell) for cell in row] for row in rows]
    if names is not None and (more := table_width(lines) - width) > 0:
        room = max(len(row[names]) for row in lines) - more
        for row in lines:
            row[names] = cut_text(row[names], max(SHORTEST, room))
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    before = sum(widths[:-1]) + 2 * (len(widths) - 1)
    return [line for row in lines for line in _lines(row, widths, before, max(LAST, width - before), right)]


def table_width(rows: Sequence[Sequence[str]], last: int = LAST) -> int:
    """How wide a table must be; last: letters that the last column has at least, if it needs them."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return sum(widths[:-1]) + 2 * (len(widths) - 1) + min(last, widths[-1])


def _lines(
    row: Sequence[str], widths: Sequence[int], before: int, left: int, right: Collection[int]
) -> Iterator[str]:
    cells = [
        cell.rjust(width) if place in right else cell.ljust(width)
        for place, (cell, width) in enumerate(zip(row[:-1], widths[:-1], strict=True))
    ]
    first, *further = textwrap.wrap(row[-1], left, break_on_hyphens=False) or [""]
    yield "  ".join([*cells, first]).rstrip()
    yield from (" " * before + line for line in further)


def cut_text(text: str, room: int = NAME) -> str:
    """A text, which ends in “…” where there is no room for all of it.

    >>> cut_text("Ada Lovelace", 8)
    'Ada Lov…'
    """
    return text if len(text) <= room else f"{text[: room - 1]}…"
