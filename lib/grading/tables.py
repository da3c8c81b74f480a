"""Tables at a terminal, no wider than it is."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Collection, Iterator, Sequence

from data_loaders.looks import printable

USUAL, NARROWEST = 100, 60  # letters in a line: where no terminal says it, and at least
NAME = 24  # letters of a student's name


def screen_width() -> int:
    """How many letters a line may have."""
    return max(NARROWEST, shutil.get_terminal_size((USUAL, 24)).columns)


def table_lines(rows: Sequence[Sequence[str]], width: int = USUAL, right: Collection[int] = ()) -> list[str]:
    """A table in columns; the last one goes on below itself where a line is too long.

    right: the columns of numbers, which stand to the right
    """
    rows = [[printable(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    before = sum(widths[:-1]) + 2 * (len(widths) - 1)
    return [line for row in rows for line in _lines(row, widths, before, max(20, width - before), right)]


def _lines(
    row: Sequence[str], widths: Sequence[int], before: int, left: int, right: Collection[int]
) -> Iterator[str]:
    cells = [
        cell.rjust(width) if place in right else cell.ljust(width)
        for place, (cell, width) in enumerate(zip(row[:-1], widths[:-1], strict=True))
    ]
    first, *further = textwrap.wrap(row[-1], left, break_on_hyphens=False) or [""]
    if len(row) - 1 in right:
        first = first.rjust(widths[-1])
    yield "  ".join([*cells, first]).rstrip()
    yield from (" " * before + line for line in further)


def short_person(name: str) -> str:
    """A student's name for a column: a long one is cut."""
    return name if len(name) <= NAME else f"{name[: NAME - 1]}…"
