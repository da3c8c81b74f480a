"""What a form sends: every field may be missing, of another kind, or hostile."""

from __future__ import annotations

from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request

from lib.leaderboard.site.csrf import is_csrf_token
from lib.leaderboard.site.pages import FORM_BYTES
from lib.leaderboard.site.visitors import Visitor

MOST_FIELDS = 6
UNREADABLE = "The form could not be read. Load the page again, and send it from there."
STALE = "This form belongs to another session. Load the page again, and send the form from there."


async def read_form(request: Request, *, files: int = 0) -> FormData:
    """The fields of a form; one that is damaged, or has more of them than ours, ends in a page of status 400.

    files: how many may be among them
    """
    kind = request.headers.get("content-type", "").lower()
    if kind.startswith("multipart/") and "charset" in kind:
        raise HTTPException(400, UNREADABLE)  # no browser says one, and some take hours to read
    try:
        return await request.form(max_files=files, max_fields=MOST_FIELDS, max_part_size=FORM_BYTES)
    except HTTPException as error:
        raise HTTPException(400, UNREADABLE) if error.status_code == 400 else error from None


def check_sent_by(form: FormData, visitor: Visitor) -> None:
    """Ends in a page of status 403 where the form was not made for this session."""
    if not is_csrf_token(text_in(form, "csrf"), visitor.token):
        raise HTTPException(403, STALE)


def text_in(form: FormData, name: str) -> str:
    """The text of a field; "" where it is missing, or a file."""
    value = form.get(name)
    return value if isinstance(value, str) else ""


def file_in(form: FormData, name: str) -> UploadFile | None:
    """The file of a field; None where none was chosen."""
    value = form.get(name)
    return value if isinstance(value, UploadFile) and (value.filename or value.size) else None


def whole_in(form: FormData, name: str) -> int | None:
    """The whole number of a field; None where it is something else.

    >>> whole_in(FormData([("entry", "12")]), "entry"), whole_in(FormData([("entry", "-1")]), "entry")
    (12, None)
    """
    text = text_in(form, name)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None
