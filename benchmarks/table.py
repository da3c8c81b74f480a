"""The table of `python -m benchmarks`."""

from __future__ import annotations

from statistics import median

from benchmarks.measure import Row

HEAD = ("", "case", "ours", "peer", "median (min … max)", "target", "")


def lines(rows: list[Row], *, judge: bool = True) -> list[str]:
    """The table as text lines: a head, a rule, a line a row; judge: says whether targets are met.

    >>> lines([Row("a / b", "tiny", [1.0, 1.1, 1.3], at_most=1.15)])[2]
    'a / b  tiny              1.10× (1.00 … 1.30)  ≤ 1.15×  met'
    """
    cells = [HEAD, *(_cells(row, judge) for row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(HEAD))]
    text = [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in cells
    ]
    return [text[0], "─" * max(map(len, text)), *text[1:]]


def _cells(row: Row, judge: bool) -> tuple[str, ...]:
    unit = row.unit if row.unit == "×" else f" {row.unit}"
    low, middle, high = (_number(value) for value in (min(row.values), median(row.values), max(row.values)))
    target = f"≤ {row.at_most:g}{unit}" if row.at_most is not None else ""
    target = f"≥ {row.at_least:g}{unit}" if row.at_least is not None else target
    met = {True: "met", False: "MISSED", None: ""}[row.met if judge else None]
    return row.name, row.what, row.ours, row.peer, f"{middle}{unit} ({low} … {high})", target, met


def _number(value: float) -> str:
    return f"{value:.2f}" if value < 10 else f"{value:.1f}" if value < 100 else f"{value:.0f}"
