"""The page of a student, and its smaller forms."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from lib.leaderboard.board import BoardEntry, NotNow, Participant, Refusal, percent
from lib.leaderboard.guess_words import words_on_guessing
from lib.leaderboard.site.forms import check_sent_by, read_form, text_in, whole_in
from lib.leaderboard.site.pages import Told
from lib.leaderboard.site.site import Site, site_of
from lib.leaderboard.site.streams import EVENTS, MOST_STREAMS, UNHELD, LiveStream
from lib.leaderboard.site.uploads import answer_to
from lib.leaderboard.site.visitors import Visitor

SAVED = {"choice": "Saved: which entry counts.", "appearance": "Saved: how others see you."}


def home_page(request: Request) -> Response:
    """GET /: the page of a student, of the screen, or of staff."""
    site = site_of(request)
    visitor = site.visitor(request)
    if visitor.participant.role == "screen":
        return HTMLResponse(site.pages.screen(visitor))
    if visitor.participant.role == "staff":
        return HTMLResponse(site.pages.staff(visitor))
    return HTMLResponse(site.pages.student(visitor, _told_before(site, visitor, request)))


def _told_before(site: Site, visitor: Visitor, request: Request) -> Told | None:
    """What the form that led here has done: `?taken=NUMBER` or `?saved=SECTION`; all else says nothing."""
    saved = request.query_params.get("saved", "")
    if saved in SAVED:
        return Told(saved, SAVED[saved], good=True)
    number = request.query_params.get("taken", "")
    entries = site.board.entries.of(visitor.number) if number else []
    for at, entry in enumerate(entries):
        if str(entry.number) == number:
            chosen = site.board.entries.chosen(visitor.number)
            return Told("hand-in", _praise(entry, entries[at + 1 :], chosen), good=True)
    return None


def _praise(entry: BoardEntry, before: list[BoardEntry], chosen: int | None) -> str:
    """What a student is told about an entry that was taken.

    before: the older ones
    chosen: which shall count, whatever is better
    """
    said = [f"Your entry was taken: {percent(entry.public)} of the public half are right."]
    if doubt := words_on_guessing(entry.public):
        said.append(doubt)
    best = max((one.public for one in before), default=None)
    if best is not None and entry.public > best:
        said.append(f"That is your best; before it was {percent(best)}.")
    elif best is not None:
        said.append(f"Your best stays {percent(best)}.")
    if chosen not in (None, entry.number):
        said.append("The entry that you have chosen still counts.")
    return " ".join(said)


async def _small_form(request: Request) -> tuple[Site, Visitor, FormData]:
    """A form of a student's own page; each student may send so many in ten minutes."""
    site = site_of(request)
    visitor = await site.awaited_visitor(request, "student")
    form = await read_form(request)
    visitor = await site.awaited_visitor(request, "student")  # a new link may have ended it meanwhile
    check_sent_by(form, visitor)
    if wait := site.changes.take(visitor.number):
        why = f"These were many changes within ten minutes. The next one is taken in {wait} seconds."
        raise HTTPException(429, why, {"Retry-After": str(wait)})
    return site, visitor, form


async def choose(request: Request) -> Response:
    """POST /choice: which entry shall count."""
    site, visitor, form = await _small_form(request)
    entry = whole_in(form, "entry") if text_in(form, "entry") else None
    if entry is None and text_in(form, "entry"):
        entry = 0  # the number of none
    return await _changed(site, visitor, "choice", lambda: site.board.entries.choose(visitor.number, entry))


async def appear(request: Request) -> Response:
    """POST /appearance: how others see a student."""
    site, visitor, form = await _small_form(request)
    named, pseudonym = text_in(form, "shows_name") == "on", text_in(form, "pseudonym")

    def change() -> None:
        site.board.people.appear(visitor.number, shows_name=named, pseudonym=pseudonym)

    typed = replace(visitor.participant, shows_name=named, pseudonym=pseudonym[:1000])
    return await _changed(site, visitor, "appearance", change, typed)


async def _changed(
    site: Site, visitor: Visitor, section: str, change, typed: Participant | None = None
) -> Response:
    """The page after a change of the board, or with the sentence that says why there was none."""
    try:
        await run_in_threadpool(change)
    except (ValueError, NotNow) as error:
        status, sentence, headers = answer_to(error)
        page = await run_in_threadpool(site.pages.student, visitor, Told(section, sentence), typed=typed)
        return HTMLResponse(page, status, headers)
    return RedirectResponse(f"/?saved={section}", 303)


async def make_terminal_key(request: Request) -> Response:
    """POST /terminal-key: a new key for `course submit`, shown this once."""
    site, visitor, _ = await _small_form(request)
    key = await _made(site.board.doors.new_terminal_key, visitor)
    return HTMLResponse(await run_in_threadpool(site.pages.key, visitor, key))


async def make_another_link(request: Request) -> Response:
    """POST /another-browser: a link for one more browser of the same student, shown this once."""
    site, visitor, _ = await _small_form(request)
    token = await _made(site.board.doors.new_link, visitor)
    return HTMLResponse(await run_in_threadpool(site.pages.another_browser, visitor, token))


async def _made(make: Callable[..., str], visitor: Visitor) -> str:
    """What lets its owner in elsewhere; a session that has just ended makes nothing."""
    try:
        return await run_in_threadpool(make, visitor.number, session=visitor.token)
    except Refusal:
        raise HTTPException(401) from None


async def live_events(request: Request) -> Response:
    """GET /live: what changes in the standing, as server-sent events."""
    site = site_of(request)
    visitor = await site.awaited_visitor(request)
    if site.open_streams[visitor.number] >= MOST_STREAMS:
        raise HTTPException(429, "The standing is open in too many windows; close some.")
    last = request.headers.get("last-event-id") or request.query_params.get("since")
    if request.method == "HEAD":
        return Response(headers=UNHELD, media_type=EVENTS)
    return LiveStream(site.live.events(last), site.open_streams, visitor.number)
