"""The pages of a competition, as HTML."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import segno
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from lib.leaderboard.board import Board, Participant, StandingRow, percent
from lib.leaderboard.board.alike import AlikeEntries
from lib.leaderboard.board.days import DAY, time_in_words, until_reset, utc_text
from lib.leaderboard.board.entries import LONGEST_DESCRIPTION
from lib.leaderboard.board.names import LONGEST
from lib.leaderboard.board.outcomes import WAITS, outcomes
from lib.leaderboard.board.tokens import in_groups
from lib.leaderboard.site.live import LiveStanding, Shown
from lib.leaderboard.site.offered import offered_files
from lib.leaderboard.site.rows import row_html
from lib.leaderboard.site.settings import SiteSettings
from lib.leaderboard.site.visitors import Visitor

HERE = Path(__file__).parent
MOST_BYTES = 4 << 20  # of a request: a file of predictions is at most half of it
FORM_BYTES = 16 << 10  # of them, for all that is around the file


@dataclass(frozen=True)
class Told:
    """What a page says about the form that was sent.

    where: the id of the section
    sentence: what happened, or what is wrong
    good: whether it is what the sender wanted
    """

    where: str
    sentence: str
    good: bool = False


class Pages:
    """The templates of a site, and what stands in them.

    live: the standing of this moment
    """

    def __init__(self, board: Board, settings: SiteSettings, live: LiveStanding):
        self.board, self.settings, self.live = board, settings, live
        self._templates = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters |= {
            "percent": percent,
            "utc_text": utc_text,
            "time_in_words": time_in_words,
            "behind": _behind,
        }
        self._templates.globals |= {name: _version_of(name) for name in ("board_css", "board_js")}
        self._alike = AlikeEntries(board.entries)
        self._final: tuple[str, list[tuple[StandingRow, StandingRow]]] = ("", [])

    def student(
        self,
        visitor: Visitor,
        told: Told | None = None,
        *,
        description: str = "",
        typed: Participant | None = None,
    ) -> str:
        """The page of a student.

        told: about the form that was sent before
        description: which the form of the upload is filled with
        typed: how the student wants to appear, where that was refused and is still in the form
        """
        board, number, now = self.board, visitor.number, self.board.clock()
        shown, entries, used = (
            self.live.page_part(),
            board.entries.of(number),
            board.entries.used_today(number),
        )
        rules = board.rules
        ended, ends = rules.ended_by(now), rules.ends or now
        return self._render(
            "student.html",
            rules.title,
            visitor=visitor,
            person=visitor.participant,
            told=told,
            description=description,
            typed=typed or visitor.participant,
            longest_description=LONGEST_DESCRIPTION,
            longest_pseudonym=LONGEST,
            once=secrets.token_urlsafe(18),
            count=len(board.key),
            files=offered_files(self.settings.files),
            most_bytes=MOST_BYTES - FORM_BYTES,
            a_day=rules.a_day,
            left=max(rules.a_day - used, 0),
            resets_in=until_reset(now),
            resets_at=now + until_reset(now),
            entries=entries,
            counting=board.entries.counting(number),
            chosen=board.entries.chosen(number),
            **self._standing(shown, number),
            ends=None if ended else rules.ends,
            ends_seconds=max(int(ends - now), 0),
            ends_in=_in_words(ends - now),
            ended=ended,
        )

    def screen(self, visitor: Visitor) -> str:
        """The standing alone, for a lecture hall."""
        standing, rules = self._standing(self.live.page_part(), visitor.number), self.board.rules
        return self._render("screen.html", rules.title, visitor=visitor, ends=rules.ends, **standing)

    def staff(self, visitor: Visitor, told: Told | None = None) -> str:
        """Who has handed in what, and what waits for a decision."""
        found = sorted(outcomes(self.board, self._alike), key=lambda outcome: outcome.state != WAITS)
        standing = self._standing(self.live.page_part(), visitor.number)
        return self._render("staff.html", visitor=visitor, told=told, outcomes=found, **standing)

    def key(self, visitor: Visitor, key: str) -> str:
        """A new key of a terminal, which is shown this once."""
        return self._render("key.html", visitor=visitor, line=f"{self.settings.url}#{in_groups(key)}")

    def another_browser(self, visitor: Visitor, token: str) -> str:
        """A new link for one more browser, which is shown this once, also for the camera of a phone."""
        link = f"{self.settings.url}/join/{token}"
        picture = segno.make_qr(link, error="m").svg_inline(scale=6, border=3, light="#fff")
        values = {
            "link": link,
            "picture": Markup(picture),
            "url": self.settings.url,
            "code": in_groups(token),
        }
        return self._render("another.html", visitor=visitor, **values)

    def door(self, sentence: str = "") -> str:
        """The page of somebody without a session.

        sentence: what is wrong with the code that was sent
        """
        return self._render("door.html", visitor=None, sentence=sentence)

    def join(self, token: str) -> str:
        """What a link opens: a button, since scanners of mails open links, too."""
        return self._render("join.html", visitor=None, token=token)

    def problem(self, heading: str, sentence: str) -> str:
        """What went wrong, on a page of its own."""
        return self._render("problem.html", visitor=None, heading=heading, sentence=sentence)

    def _standing(self, shown: Shown, number: int) -> dict[str, Any]:
        """What the templates show of the standing, with the own row marked.

        number: of the participant who looks
        """
        mine = shown.places.get(number)
        rows = shown.rows
        if mine is not None:
            line = (self.live.public_id(number), mine.shown, mine.tenths, mine.entries)
            rows = Markup(rows.replace(row_html(mine.rank, line), row_html(mine.rank, line, own=True), 1))
        return {
            "shown": shown,
            "rows": rows,
            "place": mine,
            "ahead": mine and _ahead_of(mine, shown),
            "own_id": self.live.public_id(number),
            "final": self._final_places(shown) if shown.ended else [],
        }

    def _final_places(self, shown: Shown) -> list[tuple[StandingRow, StandingRow]]:
        """Of each student the place in the private half, the best first, and that in the public half."""
        if self._final[0] != shown.id:
            public = {place.owner: place for place in self.board.standing()}
            both = [(one, public[one.owner]) for one in shown.places.values() if one.owner in public]
            self._final = shown.id, both
        return self._final[1]

    def _render(self, template: str, title: str | None = None, **values: Any) -> str:
        """A page.

        title: of the competition, where it is known
        """
        title = self.board.title if title is None else title
        return self._templates.get_template(template).render(title=title, **values)


def _version_of(name: str) -> str:
    """Changes with the content of a file in static/, so that no browser keeps an old one.

    name: such as "board_css"
    """
    return hashlib.sha256((HERE / "static" / name.replace("_", ".")).read_bytes()).hexdigest()[:12]


def _ahead_of(mine: StandingRow, shown: Shown) -> StandingRow | None:
    """Whose score is to be passed next; None for the best."""
    better = [place for place in shown.places.values() if place.tenths > mine.tenths]
    return min(better, key=lambda place: place.tenths, default=None)


def _behind(more: int, tenths: int) -> str:
    """By how many points a score is behind a higher one.

    >>> _behind(703, 691)
    '1.2'
    """
    return f"{(more - tenths) // 10}.{(more - tenths) % 10}"


def _in_words(seconds: float) -> str:
    """A time until the end: hours are of no interest where days are left."""
    return f"{int(seconds // DAY)} days" if seconds >= 2 * DAY else time_in_words(max(int(seconds), 0))
