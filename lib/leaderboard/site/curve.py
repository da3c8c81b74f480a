"""How the class learns, as a picture and as a table: the best and the median score, day by day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from markupsafe import Markup

from lib.leaderboard.board import Day, percent

WIDTH, HEIGHT = 440, 240  # of the picture, in its own units; text of 13 units is read on a phone, too
LEFT, RIGHT, TOP, BOTTOM = 48, 124, 18, 32  # margins: for scores, for the names of the lines, for dates
LINE = 15  # the height of a line of text
MOST_DATES = 4
MONTHS = (  # in English, whatever the computer speaks
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
)  # fmt: skip


def curve_of_class(days: Sequence[Day]) -> Markup:
    """The learning curve of a class as HTML: an SVG picture and the rows of a table, without any style.

    days: as `Board.curve` gives them
    """
    if not days:
        return Markup('<p class="curve">The curve of the class begins with the first entry.</p>\n')
    return Markup(f"{_picture(days)}\n{_table(days)}\n")


def _picture(days: Sequence[Day]) -> str:
    first, last = days[0].day, days[-1].day
    parts = [
        f'<svg class="curve" viewBox="0 0 {WIDTH} {HEIGHT}" font-size="13" fill="currentColor" role="img" '
        'aria-labelledby="curve-title curve-desc">',
        '<title id="curve-title">How the class learns</title>',
        f'<desc id="curve-desc">{_in_words(days)}</desc>',
    ]
    for tenths in range(0, 1001, 250):
        y = _y(tenths)
        parts += [
            f'<path d="M{LEFT} {y}H{WIDTH - RIGHT}" stroke="currentColor" stroke-opacity=".25"/>',
            f'<text x="{LEFT - 6}" y="{y + 4}" text-anchor="end">{tenths // 10} %</text>',
        ]
    for day in _dates(first, last):
        x = _x(day, first, last)
        parts += [
            f'<path d="M{x} {HEIGHT - BOTTOM}v4" stroke="currentColor"/>',
            f'<text x="{x}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{_date(day)}</text>',
        ]
    x = _x(last, first, last)
    for name, height in zip(("best", "median"), _heights_of_names(days[-1]), strict=True):
        points = [(one.day, getattr(one, name)) for one in days]
        dash = ' stroke-dasharray="5 4"' if name == "median" else ""
        parts += [
            f'<path class="{name}" d="{_path(points)}" fill="none" stroke="currentColor" '
            f'stroke-width="2"{dash}/>',
            f'<circle cx="{x}" cy="{_y(points[-1][1])}" r="3"/>',
            f'<text x="{x + 8}" y="{height}">{name} {percent(points[-1][1])}</text>',
        ]
    return "\n".join([*parts, "</svg>"])


def _path(points: Sequence[tuple[int, int]]) -> str:
    """A line through the end of each day; days without entries change nothing, so it is level until then."""
    first, last = points[0][0], points[-1][0]
    path, before = [], points[0]
    for day, tenths in points:
        if day - before[0] > 1:
            path.append((day - 1, before[1]))
        path.append((day, tenths))
        before = (day, tenths)
    return "M" + "L".join(f"{_x(day, first, last)} {_y(tenths)}" for day, tenths in path)


def _x(day: int, first: int, last: int) -> float:
    if first == last:
        return LEFT + 20.0
    return round(LEFT + 20 + (WIDTH - LEFT - RIGHT - 20) * (day - first) / (last - first), 1)


def _y(tenths: int) -> float:
    return round(TOP + (HEIGHT - TOP - BOTTOM) * (1 - tenths / 1000), 1)


def _heights_of_names(day: Day) -> tuple[float, float]:
    """Where the names stand beside the lines' ends: neither covers the other, nor the dates."""
    best, median = _y(day.best) + 4, _y(day.median) + 4
    missing = max(0.0, LINE - (median - best)) / 2
    below = max(0.0, median + missing - (HEIGHT - BOTTOM))
    return round(best - missing - below, 1), round(median + missing - below, 1)


def _dates(first: int, last: int) -> list[int]:
    """The days that have their date below: the last, and some before, as far apart as one another."""
    step = max(1, -(-(last - first) // (MOST_DATES - 1)))
    return list(range(last, first - 1, -step))[::-1]


def _date(day: int) -> str:
    """
    >>> _date(20_786)
    '29 Nov'
    """
    when = date(1970, 1, 1) + timedelta(day)
    return f"{when.day} {MONTHS[when.month - 1]}"


def _in_words(days: Sequence[Day]) -> str:
    """What the picture shows, for those who hear it."""
    first, last = days[0], days[-1]
    if first is last:
        when = _date(first.day)
        return f"On {when} the best score is {percent(first.best)}, the median {percent(first.median)}."
    return (
        f"From {_date(first.day)} to {_date(last.day)} the best score goes from {percent(first.best)} to "
        f"{percent(last.best)}, the median over all students from {percent(first.median)} to "
        f"{percent(last.median)}."
    )


def _table(days: Sequence[Day]) -> str:
    """The same in numbers."""
    rows = "".join(
        f'<tr><th scope="row">{date(1970, 1, 1) + timedelta(one.day)}</th><td>{one.entries}</td>'
        f"<td>{percent(one.best)}</td><td>{percent(one.median)}</td></tr>\n"
        for one in reversed(days)
    )
    heads = "".join(f'<th scope="col">{name}</th>' for name in ("Day (UTC)", "Entries", "Best", "Median"))
    return (
        "<details><summary>The curve as a table</summary>\n<table>\n"
        f"<thead><tr>{heads}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table>\n</details>"
    )
