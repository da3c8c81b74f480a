"""What all pages of a site share."""

from __future__ import annotations

import asyncio
from collections import Counter

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request

from lib.leaderboard.board import Board
from lib.leaderboard.site.live import LiveStanding
from lib.leaderboard.site.pages import Pages
from lib.leaderboard.site.rates import Tries
from lib.leaderboard.site.settings import SiteSettings
from lib.leaderboard.site.visitors import Visitor, visitor_by_cookie

TRIES_IN = 600.0  # seconds
MOST_CHANGES = 100  # in that time
PLURALS = {"student": "students", "staff": "staff", "screen": "screens"}


class Site:
    """A board and what shows it.

    live: the standing, found out once for all readers
    pages: the templates
    tries: of uploads
    changes: by the small forms of a student's page
    gate: how many uploads are read at the same time
    open_streams: how many of the live standing each participant has
    """

    def __init__(self, board: Board, settings: SiteSettings):
        self.board, self.settings = board, settings
        self.live = LiveStanding(board, settings)
        self.pages = Pages(board, settings, self.live)
        self.tries = Tries(settings.tries, TRIES_IN)
        self.changes = Tries(MOST_CHANGES, TRIES_IN)
        self.gate = asyncio.Semaphore(settings.at_once)
        self.open_streams: Counter[int] = Counter()

    def visitor(self, request: Request, *roles: str) -> Visitor:
        """Who asks; without a session it ends in a page of status 401, with another role in one of 403.

        roles: that may ask; none for all
        """
        visitor = visitor_by_cookie(request, self.board, self.settings)
        if visitor is None:
            raise HTTPException(401)
        if roles and visitor.participant.role not in roles:
            who = " and ".join(PLURALS[role] for role in roles)
            why = f"This is for {who} only, and your link is not. Ask those who teach the course for another."
            raise HTTPException(403, why)
        return visitor

    async def awaited_visitor(self, request: Request, *roles: str) -> Visitor:
        """The same where the form of a request is awaited, too."""
        return await run_in_threadpool(self.visitor, request, *roles)


def site_of(request: Request) -> Site:
    """The site that a request came to."""
    return request.app.state.site
