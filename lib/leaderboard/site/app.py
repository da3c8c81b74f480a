"""The page of a competition as an application for any ASGI server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from lib.leaderboard.board import Board, NotNow
from lib.leaderboard.site.coming_in import leave, link_page, use_link
from lib.leaderboard.site.files import send_file
from lib.leaderboard.site.guard import ALWAYS, BodyLimit, OwnSite, SafeHeaders
from lib.leaderboard.site.pages import FORM_BYTES, HERE, MOST_BYTES
from lib.leaderboard.site.settings import SiteSettings
from lib.leaderboard.site.site import Site, site_of
from lib.leaderboard.site.staff import decide, staff_page
from lib.leaderboard.site.student import (
    appear,
    choose,
    home_page,
    live_events,
    make_another_link,
    make_terminal_key,
)
from lib.leaderboard.site.uploads import SOON, about_me, hand_in, hand_in_from_terminal

UPLOADS = ("/entries", "/api/entries")  # all other forms are small: anybody may send one, and memory holds it
SENTENCES = {
    400: "The form could not be read. Load the page again, and send it from there.",
    404: "There is nothing at this address. The page of the competition is at the beginning of this address.",
    405: "This address takes no such request. Load the page of the competition again.",
    503: "The server cannot save anything at this moment; nothing has changed. Try again in a minute.",
    500: "Something went wrong on the server. Load the page again: it shows what has been saved.",
}

HEADINGS = {
    400: "Not read",
    403: "Not allowed",
    404: "Nothing is here",
    405: "Not possible here",
    408: "Too slow",
    413: "Too long",
    500: "A fault of ours",
    503: "Not now",
}


def make_app(board: Board, settings: SiteSettings) -> Starlette:
    """The site of a board.

    board: stays open as long as the application runs
    settings: where it is reached, and what it allows
    """
    site = Site(board, settings)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        await site.live.start()
        yield
        await site.live.stop()

    app = Starlette(
        routes=[
            Route("/", home_page),
            Route("/join/{token}", link_page),
            Route("/join", use_link, methods=["POST"]),
            Route("/leave", leave, methods=["POST"]),
            Route("/entries", hand_in, methods=["POST"]),
            Route("/choice", choose, methods=["POST"]),
            Route("/appearance", appear, methods=["POST"]),
            Route("/terminal-key", make_terminal_key, methods=["POST"]),
            Route("/another-browser", make_another_link, methods=["POST"]),
            Route("/images/{name}", send_file),
            Route("/live", live_events),
            Route("/staff", staff_page),
            Route("/staff/decision", decide, methods=["POST"]),
            Route("/api/entries", hand_in_from_terminal, methods=["POST"]),
            Route("/api/me", about_me),
            Mount("/static", StaticFiles(directory=HERE / "static")),
        ],
        middleware=[
            Middleware(SafeHeaders, https=settings.https),
            Middleware(OwnSite, url=settings.url),
            Middleware(BodyLimit, most=FORM_BYTES, larger=dict.fromkeys(UPLOADS, MOST_BYTES)),
        ],
        exception_handlers={
            HTTPException: _wrong_request,
            OSError: _wrong_moment,
            ClientDisconnect: _nobody_there,
            Exception: _our_fault,
        },
        lifespan=lifespan,
    )
    app.state.site = site
    return app


async def _wrong_request(request: Request, error: Exception) -> Response:
    """The page of a request that cannot be answered; who has no session is told how to come in."""
    assert isinstance(error, HTTPException)
    status, detail = error.status_code, error.detail
    if status == 401 and not _from_terminal(request):
        site = site_of(request)
        return HTMLResponse(await run_in_threadpool(site.pages.door), 401)
    plain = detail == HTTPStatus(status).phrase or status == 400
    return await _problem(request, status, SENTENCES.get(status, detail) if plain else detail, error.headers)


async def _wrong_moment(request: Request, error: Exception) -> Response:
    """`NotNow`, or a disk that is full while an upload is received."""
    sentence = str(error) if isinstance(error, NotNow) else SENTENCES[503]
    return await _problem(request, 503, sentence, {"Retry-After": str(SOON)})


async def _nobody_there(request: Request, error: Exception) -> Response:
    """The browser has gone while it was sending; nobody reads this."""
    return Response(status_code=400)


async def _our_fault(request: Request, error: Exception) -> Response:
    headers = ALWAYS | {"Cache-Control": "no-store"}  # this answer is outside of `SafeHeaders`
    return await _problem(request, 500, SENTENCES[500], headers)


async def _problem(request: Request, status: int, sentence: str, headers) -> Response:
    if _from_terminal(request):
        return JSONResponse({"error": sentence}, status, headers)
    page = site_of(request).pages.problem(HEADINGS.get(status, HTTPStatus(status).phrase), sentence)
    return HTMLResponse(page, status, headers)


def _from_terminal(request: Request) -> bool:
    return request.url.path.startswith("/api/")
