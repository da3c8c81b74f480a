"""Who asks: the session behind a cookie, or the key of a terminal."""

from __future__ import annotations

from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import Response

from lib.leaderboard.board import Board, Participant
from lib.leaderboard.board.doors import LASTS
from lib.leaderboard.site.csrf import csrf_token
from lib.leaderboard.site.settings import SiteSettings

LONGEST_TOKEN = 100  # characters; ours are shorter


@dataclass(frozen=True)
class Visitor:
    """Somebody with a session.

    participant: whose it is
    token: of the session
    """

    participant: Participant
    token: str = field(repr=False)

    @property
    def number(self) -> int:
        return self.participant.number

    @property
    def csrf(self) -> str:
        """What each form of this session carries."""
        return csrf_token(self.token)


def visitor_by_cookie(request: Request, board: Board, settings: SiteSettings) -> Visitor | None:
    """Whose browser it is; None where there is no session."""
    return _visitor(board, request.cookies.get(settings.cookie, ""), "browser")


def visitor_by_key(request: Request, board: Board) -> Visitor | None:
    """Whose terminal it is, by `Authorization: Bearer KEY`; None where the key is wrong."""
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    return _visitor(board, key.strip(), "terminal") if scheme.lower() == "bearer" else None


def _visitor(board: Board, token: str, kind: str) -> Visitor | None:
    if not 0 < len(token) <= LONGEST_TOKEN:
        return None
    participant = board.doors.session(token, kind)
    return None if participant is None else Visitor(participant, token)


def remember_session(response: Response, token: str, settings: SiteSettings) -> Response:
    """Lets the browser keep a session, and no script read it."""
    response.set_cookie(
        settings.cookie,
        token,
        max_age=LASTS,
        path="/",
        secure=settings.https,
        httponly=True,
        samesite="lax",
    )
    return response


def forget_session(response: Response, settings: SiteSettings) -> Response:
    """Lets the browser drop its session."""
    response.delete_cookie(settings.cookie, path="/", secure=settings.https, httponly=True, samesite="lax")
    return response
