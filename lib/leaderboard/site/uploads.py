"""Predictions that are handed in, by the form of the page or from a terminal."""

from __future__ import annotations

import hashlib

import numpy as np
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from lib.checks import mismatch
from lib.leaderboard.board import BoardEntry, Closed, NotNow, Refusal, TooMany
from lib.leaderboard.board.days import until_reset
from lib.leaderboard.predictions import read_entry
from lib.leaderboard.site.forms import check_sent_by, file_in, read_form, text_in
from lib.leaderboard.site.pages import Told
from lib.leaderboard.site.site import Site, site_of
from lib.leaderboard.site.visitors import Visitor, visitor_by_key

PLACE = "hand-in"  # the section of the page
SOON = 5  # seconds until a board that is busy is tried again
NO_KEY = "This key is not known here. Make a new one on your page, under “From the terminal”."
NO_FILE = "No file was chosen. Choose your file of predictions, or drop it on the page; then hand it in."


async def hand_in(request: Request) -> Response:
    """POST /entries: the form of the page. A file that is refused costs no entry."""
    site = site_of(request)
    visitor = await site.awaited_visitor(request, "student")
    form = FormData()
    try:
        form = await _tried(request, site, visitor)
        visitor = await site.awaited_visitor(request, "student")  # a new link may have ended it meanwhile
        check_sent_by(form, visitor)
        entry = await taken(site, visitor, form)
    except (ValueError, NotNow, HTTPException) as error:
        if isinstance(error, HTTPException) and error.status_code in (401, 403):
            raise
        status, sentence, headers = answer_to(error)
        page = await run_in_threadpool(
            site.pages.student,
            visitor,
            Told(PLACE, sentence),
            description=text_in(form, "description")[:1000],
        )
        return HTMLResponse(page, status, headers)
    return RedirectResponse(f"/?taken={entry.number}", 303)


async def hand_in_from_terminal(request: Request) -> Response:
    """POST /api/entries: the same for `course submit`, in JSON."""
    site = site_of(request)
    visitor = await _with_key(request, site)
    try:
        form = await _tried(request, site, visitor)
        visitor = await _with_key(request, site)
        entry = await taken(site, visitor, form)
    except (ValueError, NotNow, HTTPException) as error:
        status, sentence, headers = answer_to(error)
        return JSONResponse({"error": sentence}, status, headers)
    return JSONResponse(await run_in_threadpool(_said, site, visitor, entry))


async def _with_key(request: Request, site: Site) -> Visitor:
    """Whose key it is at this moment; a wrong one ends in an answer of status 401."""
    visitor = await run_in_threadpool(visitor_by_key, request, site.board)
    if visitor is None:
        raise HTTPException(401, NO_KEY)
    return visitor


async def _tried(request: Request, site: Site, visitor: Visitor) -> FormData:
    """The form, unless there were too many within ten minutes."""
    wait = site.tries.take(visitor.number)
    if wait:
        most = f"Nobody may send more than {site.tries.limit} uploads in ten minutes."
        raise TooMany(f"{most} Please try again in {wait} seconds.", wait)
    return await read_form(request, files=1)


async def taken(site: Site, visitor: Visitor, form: FormData) -> BoardEntry:
    """The entry that an upload makes; sent twice, it makes one.

    Raises `Refusal` where the file is no file of predictions or the rules do not allow it, `NotNow` where the
    board cannot be written.
    """
    file, once = file_in(form, "file"), text_in(form, "once")
    if file is None:
        raise Refusal(NO_FILE)
    if not once:
        raise mismatch("", "once", "a text that is different for each upload", "none")

    def read_and_add() -> BoardEntry:
        content, name = file.file.read(), file.filename or ""
        # A form that is sent again with another file, after a step back in the browser, is another upload.
        upload = hashlib.sha256(once.encode("utf-8", "replace") + b"\0" + content).hexdigest()
        labels = _labels_in(content, name, len(site.board.key))
        said = text_in(form, "description")
        return site.board.entries.add(visitor.number, labels, once=upload, file=name, description=said)

    async with site.gate:  # the body has come already: who sends slowly keeps nobody waiting
        return await run_in_threadpool(read_and_add)


def _labels_in(content: bytes, name: str, count: int) -> np.ndarray:
    """What `read_entry` gives; raises `Refusal` where it is no file of predictions."""
    try:
        return read_entry(content, name, count=count)
    except ValueError as error:
        before, after = "This file was not taken, and costs no entry.", "Mend it, and hand it in again."
        raise Refusal(f"{before} In {error}. {after}") from None


def answer_to(error: Exception) -> tuple[int, str, dict[str, str]]:
    """Status, sentence and headers of a refusal."""
    if isinstance(error, TooMany):
        return 429, str(error), {"Retry-After": str(error.seconds)}
    if isinstance(error, NotNow):
        return 503, str(error), {"Retry-After": str(SOON)}
    if isinstance(error, HTTPException):
        return error.status_code, error.detail, dict(error.headers or {})
    return 409 if isinstance(error, Closed) else 422, str(error), {}


def _said(site: Site, visitor: Visitor, entry: BoardEntry) -> dict[str, object]:
    left = site.board.a_day - site.board.entries.used_today(visitor.number)
    return {
        "entry": entry.number,
        "public": tenths_as_text(entry.public),
        "of_the_day": entry.of_the_day,
        "left": max(left, 0),
        "resets_in": until_reset(site.board.clock()),
        "url": site.settings.url,
    }


def about_me(request: Request) -> Response:
    """GET /api/me: how it stands for the owner of a key."""
    site = site_of(request)
    visitor = visitor_by_key(request, site.board)
    if visitor is None:
        raise HTTPException(401, NO_KEY)
    board, counting = site.board, site.board.entries.counting(visitor.number)
    rules, used = board.rules, board.entries.used_today(visitor.number)
    return JSONResponse(
        {
            "title": rules.title,
            "shown": visitor.participant.shown,
            "used": used,
            "left": max(rules.a_day - used, 0),
            "resets_in": until_reset(board.clock()),
            "ends": rules.ends,
            "counting": counting and {"entry": counting.number, "public": tenths_as_text(counting.public)},
        }
    )


def tenths_as_text(tenths: int) -> str:
    """A score in percent as programs read it.

    >>> tenths_as_text(703)
    '70.3'
    """
    return f"{tenths // 10}.{tenths % 10}"
