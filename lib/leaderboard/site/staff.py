"""What staff sees and decides; nobody else is told that there is such a page."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from lib.leaderboard.board import Decision, NotNow, Refusal
from lib.leaderboard.site.forms import check_sent_by, read_form, text_in, whole_in
from lib.leaderboard.site.pages import Told
from lib.leaderboard.site.site import Site, site_of
from lib.leaderboard.site.uploads import answer_to
from lib.leaderboard.site.visitors import Visitor, visitor_by_cookie

LONGEST_NOTE = 300  # characters
CHOICES = {"yes": True, "no": False}


def staff_page(request: Request) -> Response:
    """GET /staff: all students, the entry that counts, its re-run, and what is to decide."""
    site = site_of(request)
    visitor = _staff(site, request)
    told = Told("decisions", "Saved.", good=True) if "saved" in request.query_params else None
    return HTMLResponse(site.pages.staff(visitor, told))


async def decide(request: Request) -> Response:
    """POST /staff/decision: whether an entry counts, and why."""
    site = site_of(request)
    visitor = await run_in_threadpool(_staff, site, request)
    form = await read_form(request)
    visitor = await run_in_threadpool(_staff, site, request)  # a new link may have ended it meanwhile
    check_sent_by(form, visitor)
    entry, counts = whole_in(form, "entry"), CHOICES.get(text_in(form, "counts"))
    note = " ".join(text_in(form, "note").split())[:LONGEST_NOTE]

    def change() -> None:
        if entry is None or counts is None:
            raise Refusal("Nothing was saved. Load the page again, and say of an entry whether it counts.")
        try:
            site.board.entries.one(entry)
        except ValueError:
            raise Refusal("There is no such entry any more. Load the page again.") from None
        site.board.verdicts.note_decision(Decision(entry, site.board.clock(), counts, note))

    try:
        await run_in_threadpool(change)
    except (ValueError, NotNow) as error:
        status, sentence, headers = answer_to(error)
        page = await run_in_threadpool(site.pages.staff, visitor, Told("decisions", sentence))
        return HTMLResponse(page, status, headers)
    return RedirectResponse(f"/staff?saved={entry}#entry-{entry}", 303)


def _staff(site: Site, request: Request) -> Visitor:
    visitor = visitor_by_cookie(request, site.board, site.settings)
    if visitor is None or visitor.participant.role != "staff":
        raise HTTPException(404)
    return visitor
