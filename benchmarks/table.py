"""The table of `python -m benchmarks`: columns of fixed width, so that each row is printed as it comes."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from benchmarks.measure import Row

COLUMNS = {"": 37, "case": 58, "ours": 10, "peer": 10, "median (min … max)": 24, "target": 8, " ": 6}


def head() -> str:
    """The names of the columns, and a rule below them."""
    names = aligned(list(COLUMNS))
    return f"{names}\n{'─' * (sum(COLUMNS.values()) + 2 * (len(COLUMNS) - 1))}"


def line(row: Row, *, judge: bool = True) -> str:
    """A row as a line of text; judge: says whether its target is met.

    >>> " ".join(line(Row("a / b", "tiny", [1.0, 1.1, 1.3], at_most=1.15)).split())
    'a / b tiny 1.10× (1.00 … 1.30) ≤ 1.15× met'
    """
    unit = row.unit if row.unit == "×" else f" {row.unit}"
    low, middle, high = (_number(value) for value in (min(row.values), median(row.values), max(row.values)))
    target = f"≤ {row.at_most:g}{unit}" if row.at_most is not None else ""
    target = f"≥ {row.at_least:g}{unit}" if row.at_least is not None else target
    met = {True: "met", False: "MISSED", None: ""}[row.met if judge else None]
    return aligned([row.name, row.what, row.ours, row.peer, f"{middle}{unit} ({low} … {high})", target, met])


def aligned(cells: Sequence[str]) -> str:
    """Cells below each other; one that is too long moves the next ones to the right, until there is room.

    >>> aligned(["name", "case"]).index("case") == COLUMNS[""] + 2
    True
    """
    text, start = "", 0
    for cell, width in zip(cells, COLUMNS.values(), strict=False):
        text = f"{text}  " if len(text) > start - 2 and text else text.ljust(start)
        text += cell
        start += width + 2
    return text.rstrip()


def _number(value: float) -> str:
    return f"{value:.2f}" if value < 10 else f"{value:.1f}" if value < 100 else f"{value:.0f}"
