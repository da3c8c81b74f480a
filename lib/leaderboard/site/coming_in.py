"""Coming in by a link, and leaving."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from lib.leaderboard.site.forms import check_sent_by, read_form, text_in
from lib.leaderboard.site.site import Site, site_of
from lib.leaderboard.site.visitors import forget_session, remember_session, visitor_by_cookie

USED = (
    "This link has been used. In the browser that used it you are still in: open the page there. "
    "For another browser make a link there, under “On your phone, too”, or ask the people who teach the "
    "course for a new one."
)
UNKNOWN = (
    "There is no such link. Copy the whole address, or type the whole code; where a newer link was sent to "
    "you, the older one has ended."
)


def link_page(request: Request) -> Response:
    """GET /join/{token}: a button; nothing is used up yet, since scanners of mails open links."""
    site, token = site_of(request), request.path_params["token"]
    is_open = site.board.doors.link_is_open(token)
    if not is_open:
        if is_open is False and _is_in(site, request, token):
            return RedirectResponse("/", 303)
        status, why = (404, UNKNOWN) if is_open is None else (410, USED)
        return HTMLResponse(site.pages.door(why), status)
    return HTMLResponse(site.pages.join(token))


async def use_link(request: Request) -> Response:
    """POST /join: uses the link up, and lets its owner in."""
    site = site_of(request)
    token = text_in(await read_form(request), "token")
    return await run_in_threadpool(_use, site, request, token)


def _use(site: Site, request: Request, token: str) -> Response:
    session = site.board.doors.use_link(token)
    if session is None:
        if _is_in(site, request, token):
            return RedirectResponse("/", 303)
        used = site.board.doors.link_is_open(token) is not None
        return HTMLResponse(site.pages.door(USED if used else UNKNOWN), 410 if used else 404)
    return remember_session(RedirectResponse("/", 303), session, site.settings)


def _is_in(site: Site, request: Request, token: str) -> bool:
    """Whether this browser has come in already as the owner of a link: many open the e-mail again."""
    visitor = visitor_by_cookie(request, site.board, site.settings)
    return visitor is not None and visitor.number == site.board.doors.owner_of_link(token)


async def leave(request: Request) -> Response:
    """POST /leave: ends the session of this browser."""
    site = site_of(request)
    visitor = await site.awaited_visitor(request)
    check_sent_by(await read_form(request), visitor)
    await run_in_threadpool(site.board.doors.end_session, visitor.token)
    return forget_session(RedirectResponse("/", 303), site.settings)
