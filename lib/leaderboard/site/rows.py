"""Rows of the standing, as HTML: the live standing makes them once for all pages."""

from __future__ import annotations

from markupsafe import Markup, escape

from lib.leaderboard.board import percent

YOU = ' <span class="you">you</span>'  # in words: not all see the colour of the row


def row_html(rank: int, line: tuple[str, str, int, int], *, own: bool = False) -> Markup:
    """A row of the standing.

    rank: from 1
    line: the public id of the participant, the name or pseudonym, tenths of a percent, how many entries
    own: whether it is the row of who looks at the page
    """
    public, shown, tenths, entries = line
    marked = ' class="own" tabindex="-1"' if own else ""
    return Markup(
        f'<tr id="{public}"{marked} data-tenths="{tenths}"><td class="rank">{rank}</td>'
        f'<th scope="row" class="name"><bdi>{escape(shown)}</bdi>{YOU if own else ""}</th>'
        f'<td class="score">{percent(tenths)}</td><td class="entries">{entries}</td></tr>\n'
    )
